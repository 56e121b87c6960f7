"""The envelope: the official vector, there and back, and everything that is forged."""

from __future__ import annotations

import base64

import pytest

from assistant.surfaces.channels.crypto import CallbackRefused, Envelope, check_signature, check_time, sign
from assistant.surfaces.channels.letters import Letter, read_fields, read_letter, write_reply
from tests.standins import weixin_api
from tests.standins.weixin_api import AES_KEY, CORP_ID, TOKEN

# The example of the platform's own documentation.
VECTOR = {
    "msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
    "timestamp": "1409659589",
    "nonce": "263014780",
    "echostr": "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
}
ECHO = "1616140317555161061"


def test_the_official_vector():
    check_signature(VECTOR["msg_signature"], TOKEN, VECTOR["timestamp"], VECTOR["nonce"], VECTOR["echostr"])
    assert Envelope(AES_KEY, CORP_ID).open(VECTOR["echostr"]) == ECHO


def test_the_official_vector_over_http(connect, keeping):
    platform = connect(keeping, epoch=lambda: 1409659589.0)
    reply = platform.get("/channels/wecom", params=VECTOR)
    assert (reply.status_code, reply.text) == (200, ECHO)
    assert reply.headers["content-type"].startswith("text/plain")


def test_the_official_vector_years_later(connect, keeping):
    reply = connect(keeping).get("/channels/wecom", params=VECTOR)
    assert reply.status_code == 403
    assert ECHO not in reply.text


def test_the_echo_of_an_official_account(connect, keeping):
    platform = connect(keeping, "wechat-plain", epoch=lambda: 1409659589.0)
    query = {"timestamp": "1409659589", "nonce": "n", "echostr": "<b>1</b>"}
    query["signature"] = sign(TOKEN, query["timestamp"], "n")
    reply = platform.get("/channels/wechat", params=query)
    assert (reply.status_code, reply.text) == (200, "<b>1</b>")
    assert reply.headers["content-type"].startswith("text/plain")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert platform.get("/channels/wechat", params=query | {"signature": "0"}).status_code == 403
    assert platform.get("/channels/wechat").status_code == 403


@pytest.mark.parametrize("text", ["", "a", "条问" * 500, "x" * 28, "x" * 12, "😀\n<xml>&]]>"])
def test_there_and_back(text):
    envelope = Envelope(AES_KEY, CORP_ID)
    sealed = envelope.seal(text)
    assert envelope.open(sealed) == text
    assert weixin_api.decrypt(sealed) == (text, CORP_ID)
    assert envelope.open(weixin_api.encrypt(text.encode())) == text
    assert envelope.seal(text) != sealed


@pytest.mark.parametrize(
    "sealed",
    [
        pytest.param("", id="nothing"),
        pytest.param("not base64!", id="no base64"),
        pytest.param(base64.b64encode(b"x" * 33).decode(), id="no whole block"),
        pytest.param(base64.b64encode(bytes(64)).decode(), id="noise"),
        pytest.param(weixin_api.encrypt(b"x", receiver="wx0000000000000000"), id="for another account"),
        pytest.param(weixin_api.encrypt(b"x", receiver=""), id="for nobody"),
        pytest.param(weixin_api.encrypt(b"x", pad=b"\0"), id="padding of zeros"),
        pytest.param(weixin_api.encrypt(b"x", pad=b"\xff"), id="padding too long"),
        pytest.param(weixin_api.encrypt(b"x", pad=b"\1\2"), id="padding not the same"),
        pytest.param(weixin_api.encrypt(b"\xff\xfe"), id="no UTF-8"),
        pytest.param(weixin_api.encrypt(b"x", key="A" * 43), id="another key"),
    ],
)
def test_a_forged_envelope_is_refused_in_the_same_words(sealed):
    with pytest.raises(CallbackRefused) as refused:
        Envelope(AES_KEY, CORP_ID).open(sealed)
    assert str(refused.value) == str(CallbackRefused())


@pytest.mark.parametrize("given", ["", "0" * 40, sign(TOKEN, "1", "2").upper(), "签"])
def test_a_wrong_signature(given):
    with pytest.raises(CallbackRefused):
        check_signature(given, TOKEN, "1", "2")


@pytest.mark.parametrize("timestamp", ["1000", "1602", "", "-1", "１３００", "9" * 13, "1300.5"])
def test_a_time_that_is_not_now(timestamp):
    with pytest.raises(CallbackRefused):
        check_time(timestamp, 1301.0)


@pytest.mark.parametrize("timestamp", ["1001", "1301", "1601"])
def test_a_time_that_is_near_enough(timestamp):
    check_time(timestamp, 1301.0)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><FromUserName>&b;</FromUserName></xml>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><xml><Content>&a;</Content></xml>'


@pytest.mark.parametrize("xml", ["", "no xml", "<xml>", BOMB, OUTSIDE, b"\xff\xfe", "<xml>\0</xml>"])
def test_xml_that_no_platform_sends(xml):
    with pytest.raises(CallbackRefused):
        read_fields(xml)


@pytest.mark.parametrize(
    "fields", [{}, {"FromUserName": "a"}, {"ToUserName": "b"}, {"FromUserName": "a" * 129, "ToUserName": "b"}]
)
def test_a_letter_of_nobody(fields):
    with pytest.raises(CallbackRefused):
        read_letter(fields)


@pytest.mark.parametrize("text", ["]]>", "<b>&amp;", "a]]>b]]>c", "\0\1字\n"])
def test_a_reply_holds_any_text(text):
    told = weixin_api.fields_of(write_reply(Letter("a", "b", None), text, 1))
    assert told["Content"] == text.replace("\0", "").replace("\1", "")
    assert (told["ToUserName"], told["FromUserName"]) == ("a", "b")
