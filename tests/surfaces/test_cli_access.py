"""`tiaowen keys` and `tiaowen widget`: made, listed, revoked, embedded; and the link that `serve` shows."""

from __future__ import annotations

import json
import logging
import re

import pytest

from assistant.errors import StoreError
from assistant.store.registry import digest_of
from assistant.surfaces.access import Access
from assistant.surfaces.cli import main
from assistant.surfaces.cli_serve import offer_link
from assistant.surfaces.watching.logs import Masks, TextFormatter
from assistant.surfaces.web.assets import load_assets

SITE = "https://www.example.gov.cn"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys, store):
    """Run a command on `store`; gives exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIAOWEN_STORE__URL", f"sqlite:///{tmp_path / 'tiaowen.db'}")

    def run_one(*args):
        code = main(list(args))
        told = capsys.readouterr()
        return code, told.out, told.err

    return run_one


def test_a_key_from_its_making_to_its_end(run, store):
    code, out, err = run("keys", "create", "培训科")
    key = out.strip()
    assert (code, key[:3]) == (0, "sk_")
    assert "只显示这一次" in err
    assert [k.digest for k in store.registry.list_keys()] == [digest_of(key)]
    assert run("keys", "list")[1].split("\t")[:2] == ["培训科", "使用中"]
    assert run("keys", "revoke", "培训科")[1] == "密钥“培训科”已停用\n"
    assert "已停用" in run("keys", "list")[1]
    (row,) = json.loads(run("keys", "list", "--json")[1])
    assert list(row) == ["name", "created_at", "revoked_at"]
    assert [d.who for d in store.registry.deeds()] == ["terminal", "terminal"]


def test_a_token_from_its_making_to_its_end(run, store):
    other = "http://10.0.0.1:8080"
    code, out, _ = run(
        "widget", "create", "官网", "--origin", SITE, "--origin", other, "--server", "https://wen.example"
    )
    script = load_assets()["widget.js"]
    assert code == 0
    tag, element = out.splitlines()
    assert tag == (
        f'<script type="module" src="https://wen.example{script.address}" integrity="{script.integrity}"'
        " crossorigin></script>"
    )
    token = re.fullmatch(
        r'<tiaowen-ask endpoint="https://wen.example" token="(pk_.+)"></tiaowen-ask>', element
    )[1]
    (kept,) = store.registry.list_tokens()
    assert (kept.digest, kept.origins) == (digest_of(token), (SITE, other))
    assert SITE in run("widget", "list")[1]
    assert json.loads(run("widget", "list", "--json")[1])[0]["origins"] == [SITE, other]
    assert "已停用" in run("widget", "revoke", "官网")[1]
    assert run("widget", "embed", "官网")[0] == 6


def test_the_lines_to_embed_never_hold_the_token_again(run):
    run("widget", "create", "官网", "--origin", SITE)
    code, out, err = run("widget", "embed", "官网")
    assert (code, "pk_" in out) == (0, False)
    assert 'endpoint="http://127.0.0.1:8000"' in out
    assert SITE in err
    assert run("widget", "embed")[1] == out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("widget", "create", "a", "--origin", "*"), "网站地址有误：*"),
        (("widget", "create", "a", "--origin", f"{SITE}/page"), "网站地址有误"),
        (("widget", "create", "a", "--origin", SITE, "--server", "wen.example"), "网址有误：wen.example"),
        (("widget", "create", " ", "--origin", SITE), "名称不能用"),
        (("widget", "revoke", "nobody"), "没有名称为“nobody”"),
        (("widget", "embed", "nobody"), "没有名称为“nobody”"),
        (("keys", "create", "link"), "名称不能用：link"),
        (("keys", "revoke", "'; DROP TABLE staff_keys; --"), "没有名称为"),
    ],
)
def test_what_cannot_be_is_told(run, store, args, words):
    code, out, err = run(*args)
    assert (code, out) == (6, "")
    assert words in err
    assert "解决办法" in err
    assert store.registry.list_tokens() == store.registry.list_keys() == []


def test_a_token_needs_an_origin(run):
    code, _, err = run("widget", "create", "a")
    assert code == 2
    assert "--origin" in err


def test_a_name_is_given_once(run):
    run("keys", "create", "a")
    code, _, err = run("keys", "create", "a")
    assert code == 6
    assert "已经用过" in err


def test_lists_that_are_empty(run):
    assert "tiaowen keys create" in run("keys", "list")[2]
    assert "tiaowen widget create" in run("widget", "list")[2]
    assert json.loads(run("keys", "list", "--json")[1]) == []


# -- the server ----------------------------------------------------------------------------------------


def test_without_a_key_the_server_shows_a_link(access, store, capsys):
    offer_link(access, "http://127.0.0.1:8000/")
    out = capsys.readouterr().out
    secret = re.search(r"http://127\.0\.0\.1:8000/staff/open/(\S+)", out)[1]
    assert "只能用一次" in out
    assert "tiaowen keys create" in out
    assert access.use_link(secret)
    assert not access.use_link(secret)
    store.registry.create_key("a", "terminal")
    offer_link(access, "http://127.0.0.1:8000/")
    assert capsys.readouterr().out == ""


def test_a_store_that_is_away_does_not_keep_the_server_from_starting(capsys):
    def fail():
        raise StoreError("数据库一直被占用", hint="稍后再试")

    offer_link(Access(fail), "http://127.0.0.1:8000/")
    told = capsys.readouterr()
    assert "数据库一直被占用" in told.err
    assert told.out == ""


def test_personal_numbers_do_not_reach_the_log():
    try:
        raise ValueError("11010519491231002X")
    except ValueError as exc:
        record = logging.LogRecord(
            "x", logging.ERROR, "", 0, "电话 %s", ("13800138000",), (type(exc), exc, None)
        )
    line = TextFormatter(Masks()).format(record)
    assert "电话 138********" in line
    assert "ValueError: 110105************" in line
