"""WeCom and WeChat over HTTP: answered at once, in parts, late, again, or not at all."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from assistant.config import Settings, WechatSettings, WecomSettings
from assistant.errors import ConfigError, StoreError
from assistant.store.channels import Incoming
from assistant.surfaces.channels.hub import ChannelHub, HubParts
from assistant.surfaces.channels.pace import Pace
from assistant.surfaces.channels.protocol import Inbound
from assistant.surfaces.watching.questions import Watch
from tests.standins.weixin_api import AES_KEY, encrypt
from tests.surfaces.conftest import build_answer, build_citation


def test_a_question_is_answered_in_the_reply(platform, service_api, keeping):
    text = platform.ask("一个班最多能坐多少人？")
    assert "每班人数不得超过80人。[1]" in text
    assert "[1] 二、（四）（1）　《2021 年潢川县" not in text  # titles stand on one line without blanks
    assert "[1] 二、（四）（1）　《2021年潢川县" in text
    assert "“每班人数不得超过80人”" in text
    assert "回复“条款 1”看第 1 条全文" in text
    assert service_api.shown == []
    assert keeping.questions[0].session_id.startswith(platform.path.rpartition("/")[2] + ".")
    assert "mycreate" not in keeping.questions[0].session_id


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("帮助", "逐项检查 —— "),
        ("/help", "逐项检查 —— "),
        ("新对话", "新对话开始了"),
        ("地区", "现在的地区：全部地区"),
        ("地区 潢川县", "以后按潢川县的规定回答"),
        ("地区　潢川县", "以后按潢川县的规定回答"),
        ("地区 火星", "没有认出这个地区"),
        ("收录文件", "潢技领办〔2021〕1号"),
        ("条款 1", "没有这个序号的条款"),
        ("条款 ²", "没有这个序号的条款"),
        ("有用", "还没有可以评价的回答"),
        ("继续", "没有更多内容了"),
        ("再发", "没有要再发的消息"),
        ("  ", "请写下问题"),
        ("字" * 2001, "超过上限"),
    ],
)
def test_commands_in_words(connect, keeping, line, words):
    assert words in connect(keeping).ask(line)


def test_a_word_inside_a_question_is_no_command(connect, keeping):
    platform = connect(keeping)
    platform.ask("地区补贴怎么算")
    platform.ask("帮助 谁")
    assert [question.text for question in keeping.questions] == ["地区补贴怎么算", "帮助 谁"]


def test_clauses_and_votes_by_word(platform, keeping):
    platform.ask("一个班最多能坐多少人？")
    assert "𠮷班不限" in platform.ask("条款 1")
    assert "谢谢" in platform.ask("有用")
    assert keeping.store.feedback.count() == {"up": 1}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"MsgType": "image", "PicUrl": "http://example.org/a"}, "我只看得懂文字"),
        ({"MsgType": "voice", "MediaId": "1"}, "我只看得懂文字"),
        ({"MsgType": "voice", "Recognition": "一个班最多能坐多少人？"}, "按语音识别出的文字回答"),
        ({"MsgType": "event", "Event": "subscribe"}, "这里是条问"),
        ({"MsgType": "event", "Event": "CLICK", "EventKey": "帮助"}, "逐项检查 —— "),
        ({"MsgType": "event", "Event": "VIEW", "EventKey": "http://example.org"}, ""),
        ({"MsgType": "event", "Event": "enter_agent"}, ""),
        ({"MsgType": "event", "Event": "unsubscribe"}, ""),
        ({"MsgType": "new kind"}, ""),
    ],
)
def test_what_is_no_text(platform, fields, words):
    text = platform.read(platform.send(platform.letter(**fields)))
    assert words in text
    assert bool(text) == bool(words)


LONG = build_answer(
    "".join(f"第{n}条规定，{'培训' * 60}。[{n}]" for n in range(1, 21)),
    citations=tuple(build_citation(n) for n in range(1, 21)),
)


def check_long(texts):
    assert len(texts) > 3
    for text in texts:
        assert len(text.encode()) <= 2048
        for n in range(1, 21):
            assert (f"第{n}条规定" in text) == (f"[{n}] 二、" in text)
    assert "".join(texts).count("条规定，") == 20


def test_what_does_not_fit_is_written_afterwards_in_order(platform, service_api, keeping):
    keeping.script["长"] = LONG
    first = platform.ask("长")
    deadline = time.monotonic() + 10
    while not any("仅供参考" in t for _, t in service_api.shown) and time.monotonic() < deadline:
        time.sleep(0.01)
    check_long([first, *(text for _, text in service_api.shown)])
    assert {user for user, _ in service_api.shown} == {"mycreate"}
    assert service_api.n_tokens == 1


def test_without_the_right_to_write_it_is_read_on(connect, service_api, keeping):
    keeping.script["长"] = LONG
    platform = connect(keeping, "wechat", can_write=False)
    texts = [platform.ask("长")]
    while "回复“继续”查看" in texts[-1]:
        texts.append(platform.ask("继续"))
    check_long(texts)
    assert "没有更多内容了" in platform.ask("继续")
    assert service_api.calls == []


@pytest.fixture
def slow(keeping):
    """The question 慢 takes until it is let go."""
    go, answer = threading.Event(), keeping.ask

    def ask(question):
        if question.text == "慢":
            go.wait(10)
        return answer(question)

    keeping.ask = ask
    keeping.script["慢"] = build_answer("慢工出细活。[1]")
    yield go
    go.set()


def test_what_comes_late_is_written_afterwards_and_once(connect, service_api, keeping, slow):
    platform = connect(keeping, reply_seconds=0.3)
    letter = platform.letter("慢")
    assert platform.read(platform.send(letter)) == ""
    assert platform.read(platform.send(letter)) == ""  # the platform asks again
    slow.set()
    assert "慢工出细活" in service_api.wait_for(1)[0]
    assert platform.read(platform.send(letter)) == ""
    assert len(service_api.shown) == 1
    assert [question.text for question in keeping.questions] == ["慢"]


def test_what_comes_late_without_the_right_to_write(connect, keeping, slow):
    platform = connect(keeping, "wechat", can_write=False, reply_seconds=0.3)
    assert "还在查找" in platform.ask("慢")
    slow.set()
    texts = []
    while "慢工出细活" not in "".join(texts) and len(texts) < 20:
        texts.append(platform.ask("继续"))
    assert "慢工出细活" in texts[-1]


def test_a_reply_that_was_not_heard_is_given_again(platform, service_api, keeping):
    letter = platform.letter("一个班最多能坐多少人？")
    texts = {platform.read(platform.send(letter)) for _ in range(3)}
    assert len(texts) == 1
    assert "80人" in texts.pop()
    assert len(keeping.questions) == 1
    assert service_api.shown == []


def test_the_same_callback_twice_at_the_same_time(connect, keeping, slow):
    platform = connect(keeping, reply_seconds=5)
    letter, texts = platform.letter("慢"), []
    threads = [
        threading.Thread(target=lambda: texts.append(platform.read(platform.send(letter)))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    slow.set()
    for thread in threads:
        thread.join()
    assert len(texts) == 2
    assert len(set(texts)) == 1
    assert len(keeping.questions) == 1


def test_an_event_that_comes_again(platform):
    event = platform.letter(MsgType="event", Event="subscribe")
    del event["MsgId"]
    texts = [platform.read(platform.send(event)) for _ in range(2)]
    assert texts[0] == texts[1] != ""


FORGERIES = {
    "signature": {"signature": "0" * 40},
    "no signature": {"signature": ""},
    "long ago": {"timestamp": int(time.time()) - 400},
    "to come": {"timestamp": int(time.time()) + 4000},
    "no time": {"timestamp": "now"},
    "no xml": {"body": b"<xml>"},
}
SEALED = {
    "another account": {"receiver": "wx0000000000000000"},
    "another key": {"key": "A" * 43},
    "padding": {"pad": b"\0"},
    "noise": {"encrypted": "AAAA"},
    "sealed nothing": {"encrypted": encrypt(b"")},
    "sealed bomb": {"encrypted": encrypt(b'<!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>')},
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_what_the_platform_did_not_send(platform, keeping, forgery):
    refused(platform, keeping, platform.send(platform.letter("问"), **forgery))


@pytest.mark.parametrize("forgery", SEALED.values(), ids=SEALED)
@pytest.mark.parametrize("kind", ["wecom", "wechat"])
def test_what_is_sealed_wrong(connect, keeping, kind, forgery):
    platform = connect(keeping, kind)
    refused(platform, keeping, platform.send(platform.letter("问"), **forgery))


def test_an_account_with_a_key_takes_nothing_that_is_open(connect, keeping):
    platform = connect(keeping, "wechat")
    platform.is_sealed = False
    refused(platform, keeping, platform.send(platform.letter("问")))


def refused(platform, keeping, reply):
    assert reply.status_code == 403
    assert reply.json()["detail"] == "这个请求不能证明来自对应的平台"
    assert keeping.questions == []


def test_wrong_methods_and_bodies(platform):
    assert platform.send(platform.letter("问"), body=b"x" * 70_000).status_code == 413
    assert platform.send(platform.letter("问"), body=b"").status_code == 403


@pytest.mark.parametrize("fault", [42001, 40014, 40001])
def test_a_token_that_has_ended_is_fetched_anew(connect, service_api, keeping, fault):
    keeping.script["长"] = LONG
    service_api.faults = [fault]
    connect(keeping).ask("长")
    assert "第4条规定" in "".join(service_api.wait_for(2))
    assert service_api.n_tokens == 2


def test_a_busy_platform_is_asked_again(connect, service_api, keeping):
    keeping.script["长"] = LONG
    service_api.faults = [-1]
    first = connect(keeping).ask("长")
    texts = service_api.wait_for(4)
    assert len(set(texts)) == len(texts) >= 4
    assert first not in texts


def test_a_person_who_cannot_be_written_to_stops_nobody_else(connect, service_api, keeping, caplog):
    keeping.script["长"] = LONG
    platform = connect(keeping, "wechat")
    service_api.faults = [45015] * 20
    platform.ask("长")
    deadline = time.monotonic() + 10
    while "45015" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    service_api.faults = []
    platform.ask("长", "another")
    service_api.wait_for(2)
    assert "another" in {user for user, _ in service_api.shown}


def test_a_cut_is_repeated_where_the_platform_drops_duplicates(connect, service_api, keeping):
    keeping.script["长"] = LONG
    service_api.faults = ["cut"]
    connect(keeping).ask("长")
    assert "第4条规定" in service_api.wait_for(1)[0]


def test_a_cut_is_told_where_it_does_not(connect, service_api, keeping):
    keeping.script["长"] = LONG
    service_api.faults = ["cut"]
    platform = connect(keeping, "wechat")
    platform.ask("长")
    deadline = time.monotonic() + 10
    while not any("可能没有送到" in t for _, t in service_api.shown) and time.monotonic() < deadline:
        time.sleep(0.01)
    before = [text for _, text in service_api.shown]
    assert not any("第4条规定" in text for text in before)
    assert platform.ask("再发") == ""
    assert "第4条规定" in service_api.wait_for(len(before) + 1)[-1]


def test_a_wrong_secret_of_the_app_is_logged_and_nothing_leaks(
    connect, service_api, keeping, caplog, monkeypatch
):
    keeping.script["长"] = LONG
    monkeypatch.setattr("tests.standins.weixin_api.SECRET", "another")
    text = connect(keeping).ask("长")
    assert "第1条规定" in text
    deadline = time.monotonic() + 10
    while "no access token" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "40001" in caplog.text
    assert "the-secret-of-the-app" not in caplog.text


def test_too_fast(connect, keeping):
    platform = connect(keeping, rate="2/minute")
    texts = [platform.ask(f"第{n}问") for n in range(4)]
    assert "发得太快了" in texts[2]
    assert texts[3] == ""
    assert len(keeping.questions) == 2


def test_a_store_that_fails_lets_the_platform_ask_again(connect, keeping, monkeypatch):
    platform = connect(keeping)

    def fail(*_args):
        raise StoreError("数据库一直被占用")

    with monkeypatch.context() as patch:
        patch.setattr(keeping.store.channels, "receive", fail)
        letter = platform.letter("一个班最多能坐多少人？")
        assert platform.send(letter).status_code == 503
    assert "80人" in platform.read(platform.send(letter))


def test_what_a_former_process_left_is_taken_up(connect, service_api, keeping):
    long_ago = datetime.now(UTC) - timedelta(minutes=2)
    left = Inbound("mycreate", "77", "text", "一个班最多能坐多少人？")
    young = Inbound("mycreate", "78", "text", "问二")
    channels = keeping.store.channels
    channels.receive("wecom", [Incoming(left.key, left.chat, left.write())], long_ago)
    platform = connect(keeping)
    assert "80人" in service_api.wait_for(1)[0]
    # Another process may be about to answer a younger one; the platform asks again, and whoever hears it answers.
    channels.receive("wecom", [Incoming(young.key, young.chat, young.write())], datetime.now(UTC))
    again = platform.letter("问二", MsgId="78")
    assert "没有找到依据" in platform.read(platform.send(again))
    assert [question.text for question in keeping.questions] == ["一个班最多能坐多少人？", "问二"]


def test_an_account_that_is_set_up_by_half(keeping, tmp_path):
    for section, name in (
        ({"wecom": WecomSettings(token="t")}, "TIAOWEN_WECOM__AES_KEY"),
        ({"wecom": WecomSettings(token="t", aes_key=AES_KEY)}, "TIAOWEN_WECOM__CORP_ID"),
        ({"wechat": WechatSettings(token="t", aes_key=AES_KEY)}, "TIAOWEN_WECHAT__APP_ID"),
    ):
        settings = Settings(_env_file=None, index_dir=tmp_path, **section)
        with pytest.raises(ConfigError, match=name):
            ChannelHub(HubParts(lambda: keeping, settings, Pace()))


@pytest.mark.parametrize("key", ["short", "密" * 43, AES_KEY + "="])
def test_a_key_that_is_none(key):
    with pytest.raises(ValidationError):
        WecomSettings(token="t", aes_key=key)


def test_questions_are_counted_as_those_of_their_messenger(connect, real_assistant):
    watch = Watch()
    for kind in ("wecom", "wechat"):
        assert connect(real_assistant, kind, watch=watch.over).ask("潢川县每班人数不得超过多少人？")
    counted = {
        (sample.labels["surface"], sample.labels["status"]): sample.value
        for family in watch.meter.registry.collect()
        for sample in family.samples
        if sample.name == "tiaowen_questions_total"
    }
    assert counted == {("wecom", "answered"): 1, ("wechat", "answered"): 1}
