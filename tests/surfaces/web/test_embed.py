"""The widget on a page of another site, in Chromium, under a policy that forbids everything else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from assistant.config import LimitSettings
from assistant.surfaces import access as access_module
from assistant.surfaces.access import Access
from assistant.surfaces.api import create_app
from assistant.surfaces.throttle import Throttle
from assistant.surfaces.web.demo import create_host

pytestmark = pytest.mark.browser
QUESTION = "一个班最多能坐多少人？"


class Clock:
    """Seconds since the epoch, moved by hand."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Sites(NamedTuple):
    """The server that answers and the site that shows the widget; `clock` moves the server's time."""

    server: str
    host: str
    token: str
    clock: Clock
    access: Access


@pytest.fixture
def sites(keeping, store, serve, monkeypatch) -> Iterator[Sites]:
    monkeypatch.setattr(access_module, "LOOK_SECONDS", 0.0)
    clock = Clock()
    access = Access(lambda: store.registry, clock=clock)
    with serve(create_app(lambda: keeping, access=access)) as server:
        with serve(Starlette()) as probe:
            origin = probe  # a port that is free again in a moment
        token = store.registry.create_token("别的网站", [origin], "test")
        with serve(create_host(server, token), port=int(origin.rpartition(":")[2])) as host:
            assert host == origin
            yield Sites(server, host, token, clock, access)


def open_widget(page, host: str) -> None:
    page.goto(host)
    page.click(".launcher")
    page.wait_for_selector(".composer")


def ask(page, text: str = QUESTION) -> None:
    page.fill("#question", text)
    page.press("#question", "Enter")


def test_asks_across_origins_under_the_strictest_policy(page, sites, axe):
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    open_widget(page, sites.host)
    assert page.locator("#question").evaluate("box => box.getRootNode().activeElement === box")
    ask(page)
    page.wait_for_selector(".answer.answered .meta")
    page.click(".text .mark")
    page.wait_for_selector(".whole-text")
    assert page.get_attribute(".panel a", "href").startswith(f"{sites.server}/documents/")
    page.click(".vote >> text=有用")
    page.wait_for_selector("text=谢谢，已记下。")
    assert page.get_attribute(".vote >> nth=0", "aria-pressed") == "true"
    assert axe(page) == []
    assert page.complaints == []
    assert {url.split("/")[2] for url in requests} == {sites.server[7:], sites.host[7:]}
    assert sum(url.endswith("/v1/widget/session") for url in requests) <= 2
    assert not any(sites.token in url for url in requests)


def test_nothing_of_the_widget_is_kept_where_others_read_it(page, context, sites):
    open_widget(page, sites.host)
    ask(page)
    page.wait_for_selector(".answer.answered .meta")
    assert context.cookies() == []
    assert page.locator("body").evaluate("() => localStorage.length") == 0


def test_escape_closes_and_gives_the_focus_back(page, sites):
    open_widget(page, sites.host)
    page.keyboard.press("Escape")
    assert not page.is_visible(".frame")
    assert page.locator(".launcher").evaluate("made => made.getRootNode().activeElement === made")
    assert page.get_attribute(".launcher", "aria-expanded") == "false"
    page.keyboard.press("Enter")
    assert page.is_visible(".frame")
    page.click("text=关闭")
    assert not page.is_visible(".frame")


def test_on_a_phone_it_fills_the_screen(page, sites, axe):
    page.set_viewport_size({"width": 390, "height": 844})
    open_widget(page, sites.host)
    ask(page)
    page.wait_for_selector(".answer.answered .meta")
    box = page.locator(".frame").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    assert page.locator(".frame").evaluate("frame => frame.scrollWidth <= frame.clientWidth")
    assert axe(page) == []


def test_why_an_answer_was_of_no_use(page, sites, store):
    open_widget(page, sites.host)
    ask(page)
    page.click(".vote >> text=没用")
    page.wait_for_selector(".reasons")
    page.click(".reasons .chip >> text=数字不对")
    page.fill(".reasons textarea", "应该是60，电话 13812345678")
    page.click(".reasons .secondary")
    page.wait_for_selector(".reasons", state="detached")
    assert page.get_attribute(".vote >> nth=1", "aria-pressed") == "true"


def test_a_session_that_has_ended_is_exchanged_again(page, sites):
    open_widget(page, sites.host)
    ask(page)
    page.wait_for_selector(".answer.answered .meta")
    sites.clock.now += 3600
    ask(page, "火星上能开班吗")
    page.wait_for_selector(".answer.refused .meta")


def test_a_revoked_token_is_told(page, sites, store):
    open_widget(page, sites.host)
    store.registry.revoke_token("别的网站", "test")
    ask(page)
    page.wait_for_selector(".answer.failed")
    assert "请告诉网站管理员" in page.inner_text(".answer")  # no page may read why


def test_a_site_that_is_not_listed_is_told(page, sites, serve):
    with serve(create_host(sites.server, sites.token)) as stranger:
        open_widget(page, stranger)
        ask(page)
        page.wait_for_selector(".answer.failed")
        assert page.query_selector(".text p") is None


def test_too_many_questions_are_told_with_the_wait(page, sites):
    sites.access.throttle = Throttle(LimitSettings(ask="1/minute"))
    open_widget(page, sites.host)
    ask(page)
    page.wait_for_selector(".answer.answered .meta")
    ask(page)
    page.wait_for_selector(".answer.failed")
    assert re.search(r"请等 \d+ 秒再问。", page.inner_text(".answer.failed"))


def test_a_changed_script_is_not_run(page, sites, serve):
    body = (
        f'<script type="module" src="{sites.server}/widget.js" integrity="sha384-AAAA" crossorigin></script>'
        f"<tiaowen-ask></tiaowen-ask>"
    )
    app = Starlette(routes=[Route("/", lambda _request: HTMLResponse(body))])
    with serve(app) as other:
        page.goto(other)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("customElements.get('tiaowen-ask') === undefined")


# ---- in a frame --------------------------------------------------------------------------------------


def framing(sites: Sites, token: str) -> Starlette:
    body = f'<!doctype html><title>某网站</title><iframe title="问答" src="{sites.server}/embed?token={token}"></iframe>'
    return Starlette(routes=[Route("/", lambda _request: HTMLResponse(body))])


def test_a_listed_site_may_frame_the_page(page, sites, serve, store):
    with serve(Starlette()) as probe:
        pass
    token = store.registry.create_token("框", [probe], "test")
    with serve(framing(sites, token), port=int(probe.rpartition(":")[2])) as host:
        page.goto(host)
        frame = page.frame_locator("iframe")
        frame.locator("#question").fill(QUESTION)
        frame.locator("#question").press("Enter")
        frame.locator(".answer.answered .meta").wait_for()


def test_no_other_site_may_frame_it(page, sites, serve):
    with serve(framing(sites, sites.token)) as host:
        page.goto(host)
        page.wait_for_load_state("networkidle")
        assert page.frame_locator("iframe").locator("tiaowen-ask").count() == 0


def test_an_unknown_token_frames_nothing(page_client):
    assert page_client.get("/embed", params={"token": "pk_none"}).status_code == 401
