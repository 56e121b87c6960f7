"""`tiaowen model check`: what works and what to repair, in Chinese, with the exit code of the trouble."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.surfaces.cli import main
from tests.standins.chat_model import KEY, MODEL, ChatModel, Reply, serving_model

PROBE = "条问检查接口"


@pytest.fixture
def server(monkeypatch) -> Iterator[ChatModel]:
    with serving_model() as served:
        served.script = lambda _: Reply(data={"question": PROBE})
        for name, value in (
            ("NAME", MODEL),
            ("BASE_URL", served.address),
            ("API_KEY", KEY),
            ("RETRIES", "0"),
        ):
            monkeypatch.setenv(f"TIAOWEN_MODEL__{name}", value)
        yield served


def test_what_works_is_told(server, capsys):
    assert main(["model", "check"]) == 0
    shown = capsys.readouterr().out
    for words in (MODEL, "文字：可用，首字", "数据：可用，方式是 json_schema", "token"):
        assert words in shown
    assert KEY not in shown


def test_a_server_without_schemas_is_used_otherwise(server, capsys):
    server.modes = {"text"}
    assert main(["model", "check"]) == 0
    assert "方式是 text" in capsys.readouterr().out


def test_a_model_that_gives_no_data_may_still_word(server, capsys):
    server.script = lambda _: Reply("你好")
    assert main(["model", "check"]) == 0
    told = capsys.readouterr()
    assert "改写措辞不受影响" in told.out
    assert "数据：不可用" in told.err


def test_it_is_an_error_where_data_is_needed(server, monkeypatch, capsys):
    monkeypatch.setenv("TIAOWEN_MODEL__EXTRACT", "true")
    server.script = lambda _: Reply("你好")
    assert main(["model", "check"]) == 5
    assert "TIAOWEN_MODEL__STRUCTURED" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        pytest.param("API_KEY", "sk-wrong", "TIAOWEN_MODEL__API_KEY", id="key"),
        pytest.param("NAME", "other-model", "TIAOWEN_MODEL__NAME", id="name"),
        pytest.param("BASE_URL", "http://127.0.0.1:9/v1", "TIAOWEN_MODEL__BASE_URL", id="address"),
        pytest.param("PROVIDER", "groq", "pip install", id="provider"),
    ],
)
def test_what_to_repair_is_told(server, monkeypatch, capsys, name, value, words):
    monkeypatch.setenv(f"TIAOWEN_MODEL__{name}", value)
    assert main(["model", "check"]) == 5
    told = capsys.readouterr().err
    assert words in told
    assert value not in told or name != "API_KEY"


def test_without_a_model_it_says_how_to_get_one(capsys):
    assert main(["model", "check"]) == 2
    assert "TIAOWEN_MODEL__NAME" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIMEOUT", "0"),
        ("CONCURRENT", "0"),
        ("STRUCTURED", "xml"),
        ("BASE_URL", "ftp://x"),
        ("WORD", "maybe"),
    ],
)
def test_a_setting_out_of_range_is_refused(monkeypatch, capsys, name, value):
    monkeypatch.setenv(f"TIAOWEN_MODEL__{name}", value)
    assert main(["config"]) == 2
    assert f"TIAOWEN_MODEL__{name}" in capsys.readouterr().err


def test_config_shows_the_settings_and_hides_the_key(server, capsys):
    assert main(["config"]) == 0
    shown = capsys.readouterr().out
    assert f"TIAOWEN_MODEL__NAME = {MODEL}" in shown
    assert "TIAOWEN_MODEL__API_KEY = ******" in shown
    assert KEY not in shown
