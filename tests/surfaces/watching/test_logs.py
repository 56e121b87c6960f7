"""Log lines: text or JSON, one a record, without personal numbers, secrets or questions; request ids everywhere."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys

import pytest
from fastapi.testclient import TestClient

from assistant.config import LimitSettings, Settings, TelegramSettings
from assistant.surfaces.api import create_app
from assistant.surfaces.watching.logs import JsonFormatter, Masks, TextFormatter, list_secrets
from assistant.surfaces.watching.request_id import answering

IDENTITY, MOBILE, SECRET = "11010519491231002X", "13800138000", "123456:abcdefghijk"


@pytest.fixture(params=["text", "json"])
def log(request):
    """Everything that is logged, in either form."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    masks = Masks([SECRET])
    handler.setFormatter(TextFormatter(masks) if request.param == "text" else JsonFormatter(masks))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream.getvalue
    root.removeHandler(handler)
    root.setLevel(level)


def test_numbers_and_secrets_are_masked_in_message_arguments_and_exception(log):
    try:
        raise ValueError(f"{IDENTITY} of {SECRET}")
    except ValueError:
        logging.getLogger("x").exception("called by %s", MOBILE)
    logging.getLogger("httpx").warning("GET https://api.telegram.org/bot%s/getMe", SECRET)
    logging.getLogger("y").warning("postgresql://tiaowen:hunter2@db/tiaowen is away")
    told = log()
    for hidden in (IDENTITY, MOBILE, SECRET, "hunter2"):
        assert hidden not in told
    assert "138********" in told
    assert "ValueError" in told


def test_a_message_cannot_forge_a_line(log):
    with answering("req-1"):
        logging.getLogger("x").warning("said %s", "a\n2026-01-01 ERROR forged\r\u2028b")
    assert len(log().splitlines()) == 1
    assert "req-1" in log()


def test_json_lines_are_objects_with_the_fields_of_the_record():
    record = logging.LogRecord("assistant.access", logging.INFO, "p", 1, "GET %s", ("/x",), None)
    record.fields = {"status": 200, "who": MOBILE}
    with answering("abc"):
        line = json.loads(JsonFormatter(Masks()).format(record))
    assert line.items() >= {"level": "INFO", "message": "GET /x", "request_id": "abc", "status": 200}.items()
    assert line["who"] == "138********"
    assert line["time"].endswith("+00:00")


def test_a_traceback_is_one_json_line():
    try:
        raise RuntimeError(f"a\nb {MOBILE}")
    except RuntimeError:
        record = logging.LogRecord("x", logging.ERROR, "p", 1, "m", (), sys.exc_info())
    text = JsonFormatter(Masks()).format(record)
    assert "\n" not in text
    assert "RuntimeError" in json.loads(text)["exception"]
    assert MOBILE not in text


def test_every_secret_of_the_settings_is_known():
    settings = Settings(
        _env_file=None,
        telegram=TelegramSettings(token=SECRET),
        limits=LimitSettings(storage="redis://:pw@h/0"),
    )
    assert set(list_secrets(settings)) == {SECRET, "redis://:pw@h/0"}


def test_a_short_secret_does_not_blot_out_words():
    assert Masks(["a", ""]).apply("banana") == "banana"


@pytest.fixture
def client(keeping, access):
    with TestClient(create_app(lambda: keeping, access=access), raise_server_exceptions=False) as opened:
        yield opened


@pytest.mark.parametrize(
    ("named", "is_kept"),
    [
        ("0af7651916cd43dd", True),
        ("a.b-c_D", True),
        ("", False),
        ("x" * 65, False),
        ("a b", False),
        ('a"}', False),
        ("-a", False),
    ],
)
def test_a_request_id_is_taken_if_it_is_sane(client, named, is_kept):
    reply = client.get("/healthz", headers={"x-request-id": named})
    given = reply.headers["x-request-id"]
    assert (given == named) is is_kept
    assert given


def test_problems_and_log_name_the_request(client, keeping, log):
    keeping.script["坏"] = RuntimeError(f"bug with {MOBILE}")
    for path, body in (("/v1/ask", {"question": "坏"}), ("/v1/ask", {}), ("/v1/nowhere", {})):
        reply = client.post(path, json=body, headers={"x-request-id": "trace-7"})
        assert reply.json()["request_id"] == reply.headers["x-request-id"] == "trace-7"
    assert log().count("trace-7") == 4  # one line each, and the bug
    assert MOBILE not in log()


def test_the_stream_names_the_request_in_its_error(client, keeping, read_events):
    keeping.script["坏"] = RuntimeError("bug")
    reply = client.post("/v1/ask/stream", json={"question": "坏"}, headers={"x-request-id": "trace-8"})
    name, problem = read_events(reply.text)[-1]
    assert (name, problem["request_id"]) == ("error", "trace-8")


def test_each_request_leaves_one_line_without_what_was_asked(client, log):
    client.post("/v1/ask", json={"question": f"我是{IDENTITY}，能报名吗"})
    client.get("/v1/search", params={"q": "悄悄问的话"})
    client.get("/staff/open/a-secret-of-a-link")
    lines = [line for line in log().splitlines() if "assistant.access" in line]
    assert len(lines) == 3
    told = "\n".join(lines)
    for hidden in (IDENTITY, "能报名吗", "悄悄", "%E6", "a-secret-of-a-link", "127.0.0.1", "testclient"):
        assert hidden not in told
    assert "/staff/open/{secret}" in told


def test_a_bug_is_told_by_its_route_not_by_the_address(client, log, access, monkeypatch):
    def fail(secret):
        raise ZeroDivisionError

    monkeypatch.setattr(access, "use_link", fail)
    assert client.get("/staff/open/a-secret-of-a-link").status_code == 500
    told = "\n".join(
        line for line in log().splitlines() if "HTTP Request" not in line
    )  # the client's own line
    assert "unexpected error at GET /staff/open/{secret}" in told
    assert "a-secret-of-a-link" not in told


def test_what_ends_a_thread_of_a_server_is_logged_masked():
    script = f"""
import threading, warnings
from assistant.config import Settings
from assistant.surfaces.watching.logs import catch_strays, start_logs
start_logs(Settings(_env_file=None, log_format="json"))
catch_strays()
def fail():
    raise ValueError("{MOBILE}")
thread = threading.Thread(target=fail, name="keeper")
thread.start()
thread.join()
warnings.warn("about {IDENTITY}")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["level"] for line in lines] == ["CRITICAL", "WARNING"]
    assert "keeper" in lines[0]["message"]
    assert "ValueError: 138********" in lines[0]["exception"]
    assert IDENTITY not in done.stderr
