"""Pages of other sites: which may ask, for how long, and what they are told; everybody else goes on as before."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from assistant.config import ServerSettings
from assistant.errors import RequestInvalid, StoreError
from assistant.surfaces import access as access_module
from assistant.surfaces.access import Access
from assistant.surfaces.api import create_app
from assistant.surfaces.origins import is_same_host, read_origin, read_origins
from assistant.surfaces.refusals import TokenInvalid

SITE, OTHER, STRANGER = "https://www.example.gov.cn", "https://b.example", "https://evil.example"
QUESTION = {"question": "一个班最多能坐多少人？"}
API = [
    ("POST", "/v1/ask"),
    ("POST", "/v1/ask/stream"),
    ("POST", "/v1/feedback"),
    ("POST", "/v1/check"),
    ("GET", "/v1/search?q=班级"),
    ("GET", "/v1/clauses/huangchuan-2021-1/2.4.1"),
    ("GET", "/v1/documents"),
    ("GET", "/v1/documents/huangchuan-2021-1"),
    ("GET", "/v1/regions"),
    ("GET", "/v1/nowhere"),
]


class Clock:
    """Seconds since the epoch, moved by hand."""

    now = 1_800_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def access(store, clock, monkeypatch):
    monkeypatch.setattr(access_module, "LOOK_SECONDS", 0.0)
    return Access(lambda: store.registry, clock=clock)


@pytest.fixture
def site(access, keeping):
    """The API as anybody reaches it."""
    with TestClient(create_app(lambda: keeping, access=access)) as opened:
        yield opened


@pytest.fixture
def token(store):
    return store.registry.create_token("官网", [SITE], "test")


def from_page(origin, session=None):
    return {"origin": origin} | ({"authorization": f"Bearer {session}"} if session else {})


def open_session(site, token, origin=SITE):
    return site.post("/v1/widget/session", json={"token": token}, headers=from_page(origin))


def session_of(site, token, origin=SITE):
    return open_session(site, token, origin).json()["session_token"]


def assert_refused(reply, status, kind, *, readable):
    assert reply.status_code == status
    body = reply.json()
    assert body["type"] == f"urn:tiaowen:{kind}"
    assert any("一" <= c <= "鿿" for c in body["detail"])
    assert body["hint"]
    assert ("access-control-allow-origin" in reply.headers) == readable
    assert reply.headers["x-content-type-options"] == "nosniff"
    return body


# -- the exchange --------------------------------------------------------------------------------------


def test_a_publish_token_is_exchanged_for_a_session(site, token):
    reply = open_session(site, token)
    assert reply.status_code == 200
    assert list(reply.json()) == ["session_token", "expires_in"]
    assert reply.json()["expires_in"] == 900
    assert reply.headers["access-control-allow-origin"] == SITE
    assert reply.headers["cache-control"] == "no-store"
    asked = site.post("/v1/ask", json=QUESTION, headers=from_page(SITE, reply.json()["session_token"]))
    assert asked.json()["status"] == "answered"
    assert asked.headers["access-control-allow-origin"] == SITE
    assert asked.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in asked.headers


@pytest.mark.parametrize("wrong", ["pk_nobody", "'; DROP TABLE publish_tokens; --", "令牌", "\u0000"])
def test_a_token_that_is_not_known(site, token, wrong):
    assert_refused(open_session(site, wrong), 401, "token-invalid", readable=True)
    assert_refused(open_session(site, wrong, STRANGER), 401, "token-invalid", readable=False)


@pytest.mark.parametrize(
    "body", [{}, {"token": ""}, {"token": 1}, {"token": "x" * 201}, {"token": "x", "more": 1}]
)
def test_a_body_that_is_none(site, token, body):
    reply = site.post("/v1/widget/session", json=body, headers=from_page(SITE))
    assert_refused(reply, 422, "request-invalid", readable=True)


def test_a_token_of_another_site(site, token, store):
    store.registry.create_token("b", [OTHER], "test")
    assert_refused(open_session(site, token, OTHER), 403, "origin-forbidden", readable=True)
    assert_refused(open_session(site, token, STRANGER), 403, "origin-forbidden", readable=False)
    without_origin = site.post("/v1/widget/session", json={"token": token})
    assert_refused(without_origin, 403, "origin-forbidden", readable=False)


def test_a_revoked_token_opens_nothing_and_ends_its_sessions(site, token, store):
    store.registry.create_token("b", [SITE], "test")
    session = session_of(site, token)
    store.registry.revoke_token("官网", "test")
    assert_refused(open_session(site, token), 401, "token-invalid", readable=True)
    reply = site.post("/v1/ask", json=QUESTION, headers=from_page(SITE, session))
    assert_refused(reply, 401, "token-invalid", readable=True)


def test_a_new_token_works_at_once_and_a_revoked_one_only_for_seconds(site, store, monkeypatch, access):
    monkeypatch.setattr(access_module, "LOOK_SECONDS", 3600.0)
    assert not access.is_listed(SITE)
    token = store.registry.create_token("官网", [SITE], "test")
    assert open_session(site, token).status_code == 200
    store.registry.revoke_token("官网", "test")
    assert open_session(site, token).status_code == 200
    monkeypatch.setattr(access_module, "LOOK_SECONDS", 0.0)
    assert open_session(site, token).status_code == 401


# -- asking from another site --------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "address"), API)
def test_another_site_needs_a_session(site, token, method, address):
    reply = site.request(method, address, json=QUESTION, headers=from_page(SITE))
    assert_refused(reply, 401, "token-missing", readable=True)
    assert reply.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "address"), API)
@pytest.mark.parametrize(
    "origin", [STRANGER, "null", "http://www.example.gov.cn", f"{SITE}:8443", f"{SITE}.evil.example"]
)
def test_a_stranger_is_refused_and_may_not_read_it(site, token, method, address, origin):
    session = session_of(site, token)
    reply = site.request(method, address, json=QUESTION, headers=from_page(origin, session))
    assert_refused(reply, 403, "origin-forbidden", readable=False)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: s[:-2],
        lambda s: "x" + s,
        lambda s: s.partition(".")[0],
        lambda s: "eyJ0b2tlbiI6MX0." + s.partition(".")[2],
        lambda s: "é",
        lambda s: "null",
    ],
    ids=["cut", "longer", "unsigned", "other claims", "not ASCII", "null"],
)
def test_a_session_that_is_forged(site, token, spoil):
    forged = spoil(session_of(site, token))
    headers = {"origin": SITE, "authorization": f"Bearer {forged}".encode()}
    assert_refused(site.get("/v1/regions", headers=headers), 401, "token-invalid", readable=True)


def test_a_session_signed_with_another_secret(site, token, store, clock):
    other = Access(lambda: store.registry, secret="of another server", clock=clock)
    forged = other.open_session(token, SITE)
    reply = site.get("/v1/regions", headers=from_page(SITE, forged))
    assert_refused(reply, 401, "token-invalid", readable=True)


def test_a_session_of_another_site(site, token, store):
    store.registry.create_token("b", [OTHER], "test")
    reply = site.get("/v1/regions", headers=from_page(OTHER, session_of(site, token)))
    assert_refused(reply, 403, "origin-forbidden", readable=True)


def test_a_session_ends_after_a_quarter_of_an_hour(site, token, clock):
    headers = from_page(SITE, session_of(site, token))
    clock.now += 899
    assert site.get("/v1/regions", headers=headers).status_code == 200
    clock.now += 1
    assert_refused(site.get("/v1/regions", headers=headers), 401, "token-expired", readable=True)


@pytest.mark.parametrize("scheme", ["Basic", "bearer"])
def test_the_scheme_of_a_session(site, token, scheme):
    headers = {"origin": SITE, "authorization": f"{scheme} {session_of(site, token)}"}
    assert site.get("/v1/regions", headers=headers).status_code == (200 if scheme == "bearer" else 401)


def test_bugs_and_refusals_of_any_kind_can_be_read(site, token, keeping):
    keeping.script["x"] = ZeroDivisionError("secret")
    headers = from_page(SITE, session_of(site, token))
    for body, status in (({"question": "x"}, 500), ({"question": "x" * 70_000}, 413), ({}, 422)):
        reply = site.post("/v1/ask", json=body, headers=headers)
        assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (status, SITE)
        assert reply.headers["access-control-expose-headers"] == "retry-after, x-request-id"
        assert reply.headers.get_list("vary") == ["Origin"]


def test_a_stream_is_for_its_site(site, token):
    headers = from_page(SITE, session_of(site, token))
    reply = site.post("/v1/ask/stream", json=QUESTION, headers=headers)
    assert "event: done" in reply.text
    assert reply.headers["access-control-allow-origin"] == SITE


# -- preflight -----------------------------------------------------------------------------------------


def preflight(site, address, origin):
    headers = {"origin": origin, "access-control-request-method": "POST"}
    return site.options(address, headers=headers | {"access-control-request-headers": "authorization"})


@pytest.mark.parametrize("address", ["/v1/ask", "/v1/widget/session", "/v1/clauses/x"])
def test_a_preflight_of_a_listed_site(site, token, address):
    reply = preflight(site, address, SITE)
    assert (reply.status_code, reply.content) == (204, b"")
    allowed = {name[21:]: v for name, v in reply.headers.items() if name.startswith("access-control-allow-")}
    assert allowed == {"origin": SITE, "methods": "GET, POST", "headers": "content-type, authorization"}
    assert reply.headers["vary"] == "Origin"


@pytest.mark.parametrize("address", ["/v1/ask", "/v1/widget/session"])
def test_a_preflight_of_a_stranger(site, token, address):
    assert_refused(preflight(site, address, STRANGER), 403, "origin-forbidden", readable=False)


def test_a_preflight_elsewhere_allows_nothing(site, token):
    for address in ("/healthz", "/staff/sign-in", "/readyz"):
        assert not [n for n in preflight(site, address, SITE).headers if n.startswith("access-control")]


# -- everybody else ------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"origin": "http://testserver"}, {"origin": "https://testserver"}])
def test_own_pages_and_programs_need_nothing(site, headers):
    reply = site.post("/v1/ask", json=QUESTION, headers=headers)
    assert reply.json()["status"] == "answered"
    assert "access-control-allow-origin" not in reply.headers
    assert reply.headers["vary"] == "Origin"


def test_the_public_address_is_own(store, keeping):
    server = ServerSettings(public_url="https://wen.example.gov.cn/ask/")
    access = Access(lambda: store.registry, server=server)
    with TestClient(create_app(lambda: keeping, server=server, access=access)) as site:
        own = {"origin": "https://wen.example.gov.cn"}
        assert site.post("/v1/ask", json=QUESTION, headers=own).status_code == 200
        assert site.post("/v1/ask", json=QUESTION, headers=from_page(STRANGER)).status_code == 403


def test_without_any_token_every_other_site_is_refused(site):
    reply = site.post("/v1/ask", json=QUESTION, headers=from_page(SITE))
    assert_refused(reply, 403, "origin-forbidden", readable=False)


def test_while_the_store_is_away_what_was_known_goes_on(site, token, access, monkeypatch, caplog):
    headers = from_page(SITE, session_of(site, token))

    def fail():
        raise StoreError("连不上数据库", hint="检查数据库")

    monkeypatch.setattr(access, "_find_registry", fail)
    assert site.get("/v1/regions", headers=headers).status_code == 200
    assert "last known" in caplog.text


def test_a_store_that_was_never_there_is_told(keeping):
    def fail():
        raise StoreError("连不上数据库", hint="检查数据库")

    with TestClient(create_app(lambda: keeping, access=Access(fail))) as site:
        assert_refused(site.get("/v1/regions", headers=from_page(SITE)), 503, "store-error", readable=False)
        assert site.get("/v1/regions").status_code == 200


def test_frames_of_a_token(access, store, token):
    store.registry.create_token("b", [SITE, OTHER], "test")
    assert access.frame_ancestors(token) == SITE
    with pytest.raises(TokenInvalid):
        access.frame_ancestors("pk_nobody")


def test_a_page_may_bring_its_own_policy(keeping, access):
    from starlette.responses import Response

    app = create_app(lambda: keeping, access=access)
    policy = "default-src 'none'; frame-ancestors https://www.example.gov.cn"
    app.add_route("/framed", lambda request: Response("", headers={"Content-Security-Policy": policy}))
    with TestClient(app) as site:
        assert site.get("/framed").headers.get_list("content-security-policy") == [policy]
        assert "frame-ancestors 'none'" in site.get("/healthz").headers["content-security-policy"]


# -- origins -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://www.example.org", "https://www.example.org"),
        ("HTTPS://WWW.Example.Org/", "https://www.example.org"),
        ("https://www.example.org:443", "https://www.example.org"),
        ("http://10.0.0.1:8080", "http://10.0.0.1:8080"),
        ("http://[::1]:80", "http://[::1]"),
        ("https://人社.example", "https://xn--gmq794h.example"),
        ("null", None),
        ("*", None),
        ("https://*.example.org", None),
        ("www.example.org", None),
        ("ftp://www.example.org", None),
        ("https://", None),
        ("https://a b", None),
        ("https://a.example/path", None),
        ("https://a.example?x=1", None),
        ("https://user@a.example", None),
        ("https://a.example:99999", None),
        ("https://a.example; script-src *", None),
        ("https://a.example\r\nx: y", None),
        ("javascript:alert(1)", None),
        ("https://[::1", None),
    ],
)
def test_origins_are_read(text, origin):
    assert read_origin(text) == origin


def test_origins_of_a_token_are_each_once():
    assert read_origins([" https://a.example/ ", "", "https://A.example", "http://b.example"]) == [
        "https://a.example",
        "http://b.example",
    ]
    for wrong in ([], ["  "], ["https://a.example", "*"], [f"https://{i}.example" for i in range(21)]):
        with pytest.raises(RequestInvalid, match="网站地址"):
            read_origins(wrong)


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://a.example", "a.example", True),
        ("https://a.example", "A.example:443", True),
        ("http://a.example:8000", "a.example:8000", True),
        ("http://a.example", "a.example:8000", False),
        ("http://a.example", "", False),
        ("http://b.example", "a.example", False),
    ],
)
def test_a_host_is_that_of_an_origin(origin, host, same):
    assert is_same_host(origin, host) is same
