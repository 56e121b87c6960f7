"""How often one caller may ask: counted by address and conversation, told in Chinese when it is enough."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from contextlib import suppress

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from assistant.config import LimitSettings, ServerSettings
from assistant.errors import ConfigError
from assistant.surfaces import throttle as throttle_module
from assistant.surfaces.access import Access
from assistant.surfaces.api import create_app
from assistant.surfaces.refusals import TooManyRequests
from assistant.surfaces.throttle import Throttle, caller_of

NONE = {"ask": "", "session": "", "search": "", "sign_in": "", "widget": ""}
QUESTION = {"question": "一个班最多能坐多少人？"}
SITE = "https://www.example.gov.cn"


@pytest.fixture
def serve_with(keeping, store):
    """A client of a server with some limits."""
    opened = []

    def serve(server=None, client=("203.0.113.9", 5000), **rates):
        limits = Throttle(LimitSettings(**{**NONE, **rates}))
        server = server or ServerSettings()
        access = Access(lambda: store.registry, throttle=limits, server=server)
        site = TestClient(create_app(lambda: keeping, server=server, access=access), client=client)
        opened.append(site)
        return site

    yield serve
    for site in opened:
        site.close()


def n_answered(ask, n_times):
    return sum(ask().status_code != 429 for _ in range(n_times))


@pytest.mark.parametrize("address", ["/v1/ask", "/v1/ask/stream"])
def test_too_many_questions(serve_with, address):
    site = serve_with(ask="3/hour")
    assert n_answered(lambda: site.post(address, json=QUESTION), 5) == 3
    refused = site.post(address, json=QUESTION)
    body = refused.json()
    assert (refused.status_code, body["type"]) == (429, "urn:tiaowen:too-many-requests")
    assert body["title"] == "请求太频繁"
    seconds = int(refused.headers["retry-after"])
    assert 3590 <= seconds <= 3600
    assert f"{seconds} 秒" in body["hint"]
    assert site.get("/v1/search?q=班").status_code == 200  # counted apart


def test_the_two_ways_to_ask_count_together(serve_with):
    site = serve_with(ask="3/hour")
    assert n_answered(lambda: site.post("/v1/ask", json=QUESTION), 2) == 2
    assert n_answered(lambda: site.post("/v1/ask/stream", json=QUESTION), 2) == 1


def test_a_refused_question_is_not_read(serve_with, keeping):
    site = serve_with(ask="1/hour")
    for body in (b"{", b"{", b'{"question": "x"}'):
        site.post("/v1/ask", content=body, headers={"content-type": "application/json"})
    assert keeping.questions == []


@pytest.mark.parametrize("address", ["/v1/ask", "/v1/ask/stream"])
def test_too_many_questions_of_one_conversation(serve_with, address):
    site = serve_with(session="2/hour")

    def ask(session):
        return site.post(address, json=QUESTION | {"session_id": session})

    assert n_answered(lambda: ask("s-1"), 4) == 2
    assert n_answered(lambda: ask("s-2"), 1) == 1
    assert n_answered(lambda: site.post(address, json=QUESTION), 4) == 4  # each begins a new one
    refused = ask("s-1")
    assert refused.headers["retry-after"]
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("rate", "method", "address"),
    [
        ("search", "GET", "/v1/search?q=班"),
        ("search", "POST", "/v1/feedback"),
        ("widget", "POST", "/v1/widget/session"),
        ("sign_in", "POST", "/staff/sign-in"),
        ("sign_in", "GET", "/staff/open/guess"),
    ],
)
def test_other_addresses_have_limits_of_their_own(serve_with, rate, method, address):
    site = serve_with(**{rate: "2/hour"})
    assert n_answered(lambda: site.request(method, address), 4) == 2


def test_a_person_is_told_on_a_page(serve_with):
    site = serve_with(sign_in="1/hour")
    for _ in range(2):
        reply = site.post("/staff/sign-in", data={"key": "sk_x"}, headers={"accept": "text/html"})
    assert reply.status_code == 429
    assert "请求太频繁" in reply.text
    assert reply.headers["content-type"].startswith("text/html")


def test_another_site_can_read_that_it_asked_too_often(serve_with, store):
    site = serve_with(widget="2/hour")
    token = store.registry.create_token("官网", [SITE], "test")
    replies = [
        site.post("/v1/widget/session", json={"token": token}, headers={"origin": SITE}) for _ in range(3)
    ]
    assert [r.status_code for r in replies] == [200, 200, 429]
    assert replies[2].headers["access-control-allow-origin"] == SITE
    assert replies[2].headers["access-control-expose-headers"] == "retry-after, x-request-id"


def test_without_limits_nothing_is_counted(client):
    assert n_answered(lambda: client.get("/v1/search?q=班"), 200) == 200


# -- whose address -------------------------------------------------------------------------------------


PROXIED = ServerSettings(proxies="203.0.113.9, 10.0.0.0/8, fd00::/8")


@pytest.mark.parametrize(
    ("server", "forwarded", "n_expected"),
    [
        pytest.param(ServerSettings(), ["1.1.1.{}"], 2, id="nobody's word is taken"),
        pytest.param(ServerSettings(proxies="10.0.0.0/8"), ["1.1.1.{}"], 2, id="from no proxy"),
        pytest.param(PROXIED, ["1.1.1.{}"], 4, id="a proxy's word"),
        pytest.param(PROXIED, ["1.1.1.{}, 198.51.100.7"], 2, id="invented before the proxy's word"),
        pytest.param(PROXIED, ["1.1.1.{}, 198.51.100.7, 10.1.2.3"], 2, id="invented, two proxies"),
        pytest.param(PROXIED, ["1.1.1.{}", "198.51.100.7"], 2, id="in two headers"),
        pytest.param(PROXIED, ["1.1.1.{}, nonsense"], 2, id="unreadable"),
        pytest.param(PROXIED, ["10.0.0.{}"], 4, id="a client among the proxies"),
        pytest.param(PROXIED, [], 2, id="no header"),
    ],
)
def test_only_known_proxies_say_who_asks(serve_with, server, forwarded, n_expected):
    site = serve_with(server, ask="2/hour")

    def ask(i):
        headers = [("x-forwarded-for", line.format(i)) for line in forwarded]
        return site.post("/v1/ask", json=QUESTION, headers=headers)

    assert sum(ask(i).status_code == 200 for i in range(1, 5)) == n_expected


@pytest.mark.parametrize(
    ("server", "scheme", "secure"),
    [(PROXIED, "https", True), (PROXIED, "http", False), (PROXIED, "junk", False), (None, "https", False)],
)
def test_only_known_proxies_say_that_it_is_https(serve_with, store, server, scheme, secure):
    site = serve_with(server)
    key = store.registry.create_key("a", "test")
    reply = site.post(
        "/staff/sign-in", data={"key": key}, headers={"x-forwarded-proto": scheme}, follow_redirects=False
    )
    assert ("Secure" in reply.headers["set-cookie"]) == secure


@pytest.mark.parametrize(
    ("address", "caller"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_a_caller_is_an_address_or_the_network_of_one_customer(address, caller):
    assert caller_of(address) == caller


# -- counting ------------------------------------------------------------------------------------------


def n_allowed(throttle, caller, n_times=5):
    n = 0
    for _ in range(n_times):
        with suppress(TooManyRequests):
            throttle.check("ask", caller)
            n += 1
    return n


def test_there_is_room_again_after_the_period():
    throttle = Throttle(LimitSettings(ask="2/second"))
    assert n_allowed(throttle, "a") == 2
    deadline = time.monotonic() + 5
    while n_allowed(throttle, "a", 1) == 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_counters_do_not_grow_for_ever(monkeypatch, caplog):
    monkeypatch.setattr(throttle_module, "MOST_CALLERS", 50)
    throttle = Throttle(LimitSettings(ask="2/hour"))
    for i in range(500):
        throttle.check("ask", f"caller {i}")
        assert len(throttle._memory.storage) <= 50
    assert "counting begins anew" in caplog.text


def test_what_has_ended_is_forgotten():
    throttle = Throttle(LimitSettings(ask="1000/second"))
    for i in range(100):
        throttle.check("ask", f"caller {i}")
    deadline = time.monotonic() + 10
    while len(throttle._memory.storage) > 5:
        assert time.monotonic() < deadline
        time.sleep(0.1)
        throttle.check("ask", "another")


@pytest.mark.parametrize(
    "rate", ["30", "many/minute", "0/minute", "-1/minute", "30/fortnight", "30/minute;rm", "1/0 hours"]
)
def test_a_rate_that_is_none(rate):
    with pytest.raises(ValidationError):
        LimitSettings(ask=rate)


@pytest.mark.parametrize("rate", ["1/second", "30/minute", "100/hours", "5/10 minutes", "2/day"])
def test_rates_that_are_taken(rate):
    n = int(rate.partition("/")[0])
    assert n_allowed(Throttle(LimitSettings(ask=rate)), "a", n) == n


@pytest.mark.parametrize("proxies", ["nonsense", "10.0.0.0/33", "10.0.0.1/8"])
def test_proxies_that_are_none(proxies):
    with pytest.raises(ValidationError):
        ServerSettings(proxies=proxies)


@pytest.mark.parametrize(
    "url", ["ftp://x", "wen.example", "https://u:p@x", "https://x?y", "javascript:x", "https://"]
)
def test_a_public_address_that_is_none(url):
    with pytest.raises(ValidationError):
        ServerSettings(public_url=url)


# -- Redis ---------------------------------------------------------------------------------------------


class Redis:
    """A server of our own, which a test may stop and start."""

    def __init__(self, folder):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port = taken.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self.start()

    def start(self):
        command = ["redis-server", "--port", str(self.port), "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.02)

    def stop(self):
        self._process.terminate()
        self._process.wait()


@pytest.fixture
def redis(tmp_path):
    pytest.importorskip("redis", reason="needs redis")
    if shutil.which("redis-server") is None:
        pytest.skip("needs redis-server")
    server = Redis(tmp_path)
    yield server
    server.stop()


def test_processes_count_together_in_redis(redis):
    settings = LimitSettings(ask="3/hour", storage=redis.url)
    one, two = Throttle(settings), Throttle(settings)
    assert n_allowed(one, "a", 2) == 2
    assert n_allowed(two, "a") == 1
    assert n_allowed(two, "b") == 3


def test_while_redis_is_away_each_counts_alone(redis, serve_with, caplog, monkeypatch):
    monkeypatch.setattr(throttle_module, "RETRY_SECONDS", 0.0)
    site = serve_with(ask="3/hour", storage=redis.url)
    redis.stop()
    replies = [site.post("/v1/ask", json=QUESTION).status_code for _ in range(5)]
    assert replies == [200, 200, 200, 429, 429]
    assert "in this process only" in caplog.text
    redis.start()
    assert n_answered(lambda: site.post("/v1/ask", json=QUESTION), 5) == 3


@pytest.mark.parametrize("storage", ["nonsense", "carrier-pigeon://coop", ""])
def test_a_storage_that_is_none(storage):
    with pytest.raises(ConfigError) as caught:
        Throttle(LimitSettings(storage=storage))
    assert "TIAOWEN_LIMITS__STORAGE" in caught.value.hint
