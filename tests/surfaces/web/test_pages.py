"""The public pages in Chromium: accessible, inside the screen, without a word on the console."""

from __future__ import annotations

from urllib.parse import quote

import pytest

pytestmark = pytest.mark.browser

QUESTION = quote("我们班85个学员，4个老师，总课时60，理论24，能开吗？")
PAGES = {
    "home": "/",
    "answer": f"/ask?q={QUESTION}&region={quote('潢川县')}",
    "refusal": f"/ask?q={quote('火星上能开班吗')}",
    "asked": f"/?q={QUESTION}&region={quote('潢川县')}",
}


@pytest.fixture(params=[(1280, "light"), (1280, "dark"), (390, "light")], ids=lambda p: f"{p[0]}-{p[1]}")
def screen(browser, request):
    """A browser window of a width and a colour scheme."""
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    yield context
    context.close()


def test_pages_are_accessible_and_fit(screen, real_app, serve, axe):
    with serve(real_app) as address:
        for name, path in PAGES.items():
            page = screen.new_page()
            complaints: list[str] = []
            page.on("console", lambda message, said=complaints: said.append(message.text))
            page.on("pageerror", lambda error, said=complaints: said.append(str(error)))
            page.goto(address + path)
            page.wait_for_selector(".answered .meta" if name == "asked" else "main h1")
            assert axe(page) == [], name
            wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            assert page.evaluate(wide) is False, name
            assert complaints == [], name
            page.close()


def test_a_problem_is_a_page(screen, real_app, serve, axe):
    with serve(real_app) as address:
        page = screen.new_page()
        page.goto(f"{address}/nowhere")
        assert page.inner_text("h1") == "没有找到"
        assert axe(page) == []


def test_without_javascript_a_question_is_still_answered(browser, real_app, serve):
    context = browser.new_context(java_script_enabled=False)
    with serve(real_app) as address:
        page = context.new_page()
        page.goto(address)
        page.fill("#plain-q", "一个班最多能坐多少人？")
        page.select_option("#plain-region", "潢川县")
        page.click("noscript button, form .primary")
        assert "每班人数不得超过80人" in page.inner_text("article")
        page.click(".citations a")
        assert page.locator("mark").count() > 0
    context.close()
