"""The widget's tokens on the staff desk: made and shown once, listed, revoked."""

from __future__ import annotations

import html
import re

import pytest
from fastapi.testclient import TestClient

from assistant.config import ServerSettings
from assistant.surfaces.access import Access
from assistant.surfaces.api import create_app
from assistant.surfaces.staff.sign_in import COOKIE, sign_cookie
from assistant.surfaces.web.assets import load_assets

SITE = "https://www.example.gov.cn"


@pytest.fixture
def app(keeping, access):
    return create_app(lambda: keeping, access=access)


@pytest.fixture
def desk(app, access):
    cookies = {COOKIE: sign_cookie(access.secret, "培训科")}
    with TestClient(app, headers={"accept": "text/html"}, cookies=cookies) as opened:
        yield opened


def embedded(page):
    """Everything in a box to copy from, as a browser would copy it."""
    return [
        html.unescape(code)
        for code in re.findall(r"<textarea[^>]* readonly[^>]*>(.*?)</textarea>", page, re.S)
    ]


def create(desk, name="官网", origins=SITE):
    return desk.post("/staff/widget", data={"name": name, "origins": origins})


def test_a_token_is_shown_once_in_the_lines_to_embed(desk, store):
    reply = create(desk, origins=f"{SITE}/\r\n  http://b.example:8080\r\n")
    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "no-store"
    script = load_assets()["widget.js"]
    made = embedded(reply.text)[0]
    tag, element = made.split("\n")
    assert tag == (
        f'<script type="module" src="http://testserver{script.address}" integrity="{script.integrity}"'
        " crossorigin></script>"
    )
    token = re.search(r'token="(pk_[\w-]+)"', element)[1]
    assert element == f'<tiaowen-ask endpoint="http://testserver" token="{token}"></tiaowen-ask>'
    (kept,) = store.registry.list_tokens()
    assert kept.origins == (SITE, "http://b.example:8080")
    again = desk.get("/staff/widget").text
    assert token not in again
    assert "创建时显示的令牌" in embedded(again)[0]
    assert store.registry.deeds()[0].who == "培训科"
    session = desk.post("/v1/widget/session", json={"token": token}, headers={"origin": SITE})
    assert session.status_code == 200


def test_a_token_is_revoked(desk, store):
    create(desk)
    assert "停用 官网" in desk.get("/staff/widget").text
    reply = desk.post("/staff/widget/revoke", data={"name": "官网"})
    assert "令牌“官网”已停用" in reply.text
    assert "停用 官网" not in reply.text
    assert store.registry.list_tokens()[0].revoked_at is not None
    assert desk.post("/staff/widget/revoke", data={"name": "官网"}).status_code == 422


@pytest.mark.parametrize(
    ("name", "origins", "words"),
    [
        ("", SITE, "名称不能用"),
        ("x" * 65, SITE, "名称不能用"),
        ("a", "", "网站地址要有 1 到 20 个"),
        ("a", "*", "网站地址有误：*"),
        ("a", "https://*.gov.cn", "网站地址有误"),
        ("a", "www.example.gov.cn", "网站地址有误"),
        ("a", "javascript:alert(1)", "网站地址有误"),
        ("a", '"><script>alert(1)</script>', "网站地址有误"),
        ("a", "https://a.example; frame-ancestors *", "网站地址有误"),
    ],
)
def test_what_cannot_be_a_token_is_told_beside_the_form(desk, store, name, origins, words):
    reply = create(desk, name, origins)
    assert reply.status_code == 422
    assert words in reply.text
    assert "<script>alert" not in reply.text
    assert html.escape(origins).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in reply.text
    assert store.registry.list_tokens() == []


def test_a_name_that_is_taken(desk):
    create(desk)
    assert "已经用过" in create(desk).text


def test_a_hostile_name_is_inert(desk):
    page = create(desk, "<img src=x onerror=alert(1)>").text
    assert "<img" not in page


def test_the_public_address_stands_in_the_lines(keeping, store):
    server = ServerSettings(public_url="https://wen.example.gov.cn")
    access = Access(lambda: store.registry, server=server)
    cookies = {COOKIE: sign_cookie(access.secret, "x")}
    with TestClient(create_app(lambda: keeping, server=server, access=access), cookies=cookies) as desk:
        (code,) = embedded(desk.get("/staff/widget").text)
    assert 'endpoint="https://wen.example.gov.cn"' in code


@pytest.mark.browser
def test_the_page_reads_well_in_a_browser(app, access, store, serve, browser, axe):
    store.registry.create_token("旧站", ["https://old.example.gov.cn"], "x")
    store.registry.revoke_token("旧站", "x")
    with serve(app) as address:
        page = browser.new_page(viewport={"width": 390, "height": 800})
        problems = []
        page.on("console", lambda message: problems.append(message.text))
        cookie = {"name": COOKIE, "value": sign_cookie(access.secret, "x"), "url": f"{address}/staff"}
        page.context.add_cookies([cookie])
        page.goto(f"{address}/staff/widget")
        page.get_by_label("名称").fill("官网")
        page.get_by_label("网站", exact=True).fill(SITE)
        page.get_by_role("button", name="创建").click()
        page.get_by_text("令牌“官网”已创建").wait_for()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("button", name="停用 官网").click()
        page.get_by_text("令牌“官网”已停用").wait_for()
        assert problems == []
        page.close()
