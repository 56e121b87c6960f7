"""Signing in to the staff desk and out of it: keys, the one-time link, cookies; and the desk's first page."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from assistant.errors import StoreError
from assistant.surfaces import access as access_module
from assistant.surfaces.access import Access
from assistant.surfaces.api import create_app
from assistant.surfaces.staff.sign_in import COOKIE, LONGEST_SECONDS, read_next, sign_cookie
from assistant.surfaces.web.texts import load_texts

PAGE = {"accept": "text/html"}
STRANGER = {"origin": "https://evil.example"}


@pytest.fixture(autouse=True)
def _look_at_once(monkeypatch):
    monkeypatch.setattr(access_module, "LOOK_SECONDS", 0.0)


@pytest.fixture
def app(keeping, access):
    return create_app(lambda: keeping, access=access)


@pytest.fixture
def visitor(app):
    """Somebody with a browser who is not signed in; redirects are looked at, not followed."""
    with TestClient(app, headers=PAGE, follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def key(store):
    return store.registry.create_key("培训科", "terminal")


def sign_in(visitor, key, **form):
    return visitor.post("/staff/sign-in", data={"key": key, **form})


# -- pages for staff -----------------------------------------------------------------------------------


def test_a_visitor_is_sent_to_sign_in_and_back(visitor, key):
    reply = visitor.get("/staff/review?kind=down&since=2026-11-01")
    assert reply.status_code == 303
    assert urlsplit(reply.headers["location"]).path == "/staff/sign-in"
    form = visitor.get(reply.headers["location"])
    assert form.status_code == 200
    assert 'value="/staff/review?kind=down&amp;since=2026-11-01"' in form.text
    signed = sign_in(visitor, key, next="/staff/review?kind=down&since=2026-11-01")
    assert (signed.status_code, signed.headers["location"]) == (
        303,
        "/staff/review?kind=down&since=2026-11-01",
    )
    assert visitor.get(signed.headers["location"]).status_code == 200


def test_a_program_is_told(visitor):
    reply = visitor.get("/staff", headers={"accept": "application/json"})
    assert reply.status_code == 401
    assert (reply.json()["type"], reply.json()["title"]) == ("urn:tiaowen:sign-in-required", "需要登录")


def test_a_program_shows_its_key(visitor, key, store):
    headers = {"accept": "application/json", "authorization": f"Bearer {key}"}
    assert visitor.get("/staff/review.csv", headers=headers).status_code == 200
    assert store.registry.deeds()[0].action == "export"
    store.registry.revoke_key("培训科", "terminal")
    assert visitor.get("/staff/review.csv", headers=headers).status_code == 401
    wrong = headers | {"authorization": "Bearer sk_wrong"}
    assert visitor.get("/staff/review.csv", headers=wrong).status_code == 401


def test_the_desk_leads_everywhere(staff_client):
    page = staff_client.get("/staff").text
    assert 'action="/staff/sign-out"' in page
    for card in load_texts()["desk"]["cards"].values():
        assert f'href="{card["address"]}"' in page
        assert card["title"] in page
    assert {c["address"].rpartition("/")[2] for c in load_texts()["desk"]["cards"].values()} == {
        "check", "batch", "progress", "timeline", "forms", "review", "corpus", "widget",
    }  # fmt: skip


# -- keys ----------------------------------------------------------------------------------------------


def test_the_cookie_is_kept_close(visitor, key):
    cookie = sign_in(visitor, key).headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=lax", "Path=/staff", f"Max-Age={LONGEST_SECONDS}"):
        assert part in cookie
    assert "Secure" not in cookie
    assert key not in cookie


def test_over_https_the_cookie_is_secure(app, key):
    with TestClient(app, base_url="https://testserver", headers=PAGE, follow_redirects=False) as visitor:
        assert "Secure" in sign_in(visitor, key).headers["set-cookie"]


@pytest.mark.parametrize(
    "wrong", ["", "sk_wrong", "'; DROP TABLE staff_keys; --", "密钥", "\u0000", "<b>x</b>"]
)
def test_a_wrong_key_signs_nobody_in(visitor, key, wrong):
    reply = sign_in(visitor, wrong)
    assert reply.status_code == 401
    assert "密钥不对" in reply.text
    assert "set-cookie" not in reply.headers
    assert "<b>x" not in reply.text
    assert visitor.get("/staff").status_code == 303


def test_blanks_around_a_key_do_not_matter(visitor, key):
    assert sign_in(visitor, f" {key}\n").status_code == 303


def test_a_revoked_key_ends_its_sessions(visitor, key, store):
    sign_in(visitor, key)
    assert visitor.get("/staff").status_code == 200
    store.registry.revoke_key("培训科", "terminal")
    assert visitor.get("/staff").status_code == 303
    assert sign_in(visitor, key).status_code == 401


def test_who_is_signed_in_need_not_sign_in(visitor, key):
    sign_in(visitor, key)
    reply = visitor.get("/staff/sign-in?next=/staff/review")
    assert (reply.status_code, reply.headers["location"]) == (303, "/staff/review")
    assert "培训科" in visitor.get("/staff").text


def test_signing_out(visitor, key, store):
    sign_in(visitor, key)
    reply = visitor.post("/staff/sign-out")
    assert (reply.status_code, reply.headers["location"]) == (303, "/staff/sign-in")
    assert visitor.get("/staff").status_code == 303
    assert [d.action for d in store.registry.deeds()] == ["sign-out", "sign-in", "key-create"]


@pytest.mark.parametrize(
    "forge",
    [
        lambda secret: "",
        lambda secret: "培训科".encode().hex(),
        lambda secret: sign_cookie("another secret", "培训科"),
        lambda secret: sign_cookie(secret, "培训科")[:-1],
        lambda secret: "x" + sign_cookie(secret, "培训科"),
    ],
    ids=["empty", "a name", "another secret", "cut", "longer"],
)
def test_a_forged_cookie(app, access, key, forge):
    cookies = {COOKIE: forge(access.secret)}
    with TestClient(app, headers=PAGE, cookies=cookies, follow_redirects=False) as visitor:
        assert visitor.get("/staff").status_code == 303


def test_a_cookie_lasts_half_a_day(app, access, key, monkeypatch):
    cookies = {COOKIE: sign_cookie(access.secret, "培训科")}
    with TestClient(app, headers=PAGE, cookies=cookies, follow_redirects=False) as visitor:
        assert visitor.get("/staff").status_code == 200
        monkeypatch.setattr("assistant.surfaces.staff.sign_in.LONGEST_SECONDS", -1)
        assert visitor.get("/staff").status_code == 303


def test_no_other_site_acts_in_the_name_of_staff(visitor, key, store):
    assert visitor.post("/staff/sign-in", data={"key": key}, headers=STRANGER).status_code == 403
    sign_in(visitor, key)
    for address in ("/staff/sign-out", "/staff/widget", "/staff/widget/revoke"):
        reply = visitor.post(address, data={"name": "x"}, headers=STRANGER)
        assert reply.status_code == 403
        assert "别的网站" in reply.text
    assert visitor.get("/staff").status_code == 200
    assert store.registry.list_tokens() == []


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/staff/check", "/staff/check"),
        ("/staff?x=1", "/staff?x=1"),
        ("/staff/review?kind=down&since=2026-11-01", "/staff/review?kind=down&since=2026-11-01"),
        ("", "/staff"),
        ("https://evil.example/", "/staff"),
        ("//evil.example/staff", "/staff"),
        ("/\\evil.example", "/staff"),
        ("/staff\\..\\x", "/staff"),
        ("/staff/../../evil", "/staff"),
        ("/staffevil", "/staff"),
        ("javascript:alert(1)", "/staff"),
        ("/staff/\r\nset-cookie: x=1", "/staff"),
        ("/staff/sign-in?next=/staff/sign-in", "/staff"),
        ("/staff/sign-out", "/staff/sign-out"),
    ],
)
def test_the_way_back_stays_on_the_desk(wanted, goes_to):
    assert read_next(wanted) == goes_to


def test_the_page_says_how_to_get_a_key(visitor, store):
    assert "tiaowen keys create" in visitor.get("/staff/sign-in").text
    store.registry.create_key("a", "terminal")
    page = visitor.get("/staff/sign-in").text
    assert "还没有工作台密钥" not in page


def test_while_the_store_is_away_the_page_says_so(keeping):
    def fail():
        raise StoreError("数据库一直被占用", hint="稍后再试")

    app = create_app(lambda: keeping, access=Access(fail, secret="s"))
    with TestClient(app, headers=PAGE) as visitor:
        for reply in (visitor.get("/staff/sign-in"), visitor.post("/staff/sign-in", data={"key": "sk_x"})):
            assert reply.status_code == 503
            assert "数据库一直被占用" in reply.text


# -- the one-time link ---------------------------------------------------------------------------------


def test_a_link_signs_in_once(visitor, access, store):
    secret = access.offer_link()
    reply = visitor.get(f"/staff/open/{secret}")
    assert (reply.status_code, reply.headers["location"]) == (303, "/staff")
    assert reply.headers["cache-control"] == "no-store"
    assert "一次性链接" in visitor.get("/staff").text
    assert store.registry.deeds()[0].who == "link"
    visitor.cookies.clear()
    again = visitor.get(f"/staff/open/{secret}")
    assert again.status_code == 404
    assert "tiaowen keys create" in again.text
    assert visitor.get("/staff").status_code == 303


@pytest.mark.parametrize("guess", ["x", "%00", "密", "a" * 5000])
def test_a_guess_opens_nothing_and_spends_nothing(visitor, access, guess):
    secret = access.offer_link()
    assert visitor.get(f"/staff/open/{guess}").status_code == 404
    assert visitor.head(f"/staff/open/{secret}").status_code == 405  # what looks at links does not spend it
    assert visitor.get(f"/staff/open/{secret}").status_code == 303


def test_without_a_link_nothing_opens(visitor):
    assert visitor.get("/staff/open/None").status_code == 404


def test_of_many_at_once_one_gets_in(access):
    secret = access.offer_link()
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: access.use_link(secret), range(64))) == 1


def test_the_link_works_while_nothing_can_be_noted(keeping, caplog):
    def fail():
        raise StoreError("数据库一直被占用")

    access = Access(fail, secret="s")
    with TestClient(
        create_app(lambda: keeping, access=access), headers=PAGE, follow_redirects=False
    ) as visitor:
        assert visitor.get(f"/staff/open/{access.offer_link()}").status_code == 303
    assert "not in the audit" in caplog.text


# -- in a browser --------------------------------------------------------------------------------------


@pytest.mark.browser
def test_signing_in_by_keyboard_alone(app, key, serve, browser, axe):
    with serve(app) as address:
        page = browser.new_page(java_script_enabled=True)
        problems = []
        page.on("console", lambda message: problems.append(message.text))
        page.goto(f"{address}/staff/review")
        assert axe(page) == []
        page.keyboard.press("Tab")  # past the link to the text
        page.get_by_label("工作台密钥").focus()
        page.keyboard.type(key)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/staff/review")
        assert axe(page) == []
        page.goto(f"{address}/staff")
        assert axe(page) == []
        page.get_by_role("button", name="退出登录").click()
        page.wait_for_url(f"{address}/staff/sign-in")
        assert problems == []
        page.close()
