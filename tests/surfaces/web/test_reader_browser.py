"""The reader in Chromium: arriving from a citation, contents, permalinks, phone and desktop, accessibility, print."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

PLAN = "huangchuan-2021-1"
PAGES = [
    "/documents",
    "/documents?region=火星",
    f"/documents/{PLAN}",
    "/documents/henan-moe-2021-2",
    "/documents/hebei-2021-20",
    "/documents/search?q=每班人数",
    "/documents/search",
    "/rules",
    f"/rules/{PLAN}/class-qualifies",
    f"/rules/{PLAN}/max_class_size",
    "/conflicts",
]
WIDTHS = {"phone": (390, 844), "desktop": (1280, 900)}


@pytest.fixture(scope="module")
def address(real_app, serve):
    with serve(real_app) as opened:
        yield opened


@pytest.fixture(params=list(WIDTHS))
def sized_page(request, page):
    width, height = WIDTHS[request.param]
    page.set_viewport_size({"width": width, "height": height})
    return page


def is_in_view(page, selector: str) -> bool:
    """Whether all of an element stands in the window."""
    box = page.query_selector(selector).bounding_box()
    size = page.viewport_size
    return (
        box["x"] >= 0
        and box["y"] >= 0
        and box["x"] + box["width"] <= size["width"]
        and box["y"] + box["height"] <= size["height"]
    )


def find_cites(real_assistant):
    """A quote near the end of a long clause, one in a short clause, one in a cell."""
    book = real_assistant.calculator.book
    for key in (f"{PLAN}/max_apprentices_per_teacher", f"{PLAN}/hr_days", f"{PLAN}/review_days_form"):
        yield book.parameters[key].values[0].cites[0]


def test_a_citation_lands_on_its_words(sized_page, address, real_assistant):
    for cite in find_cites(real_assistant):
        document, _, path = cite.clause_id.partition("#")
        sized_page.goto(f"{address}/documents/{document}?mark={cite.start}-{cite.end}#c-{path}")
        assert sized_page.query_selector("mark").is_visible()
        assert is_in_view(sized_page, "mark")
        quote = real_assistant.source(document)[cite.start : cite.end]
        marked = "".join(item.inner_text() for item in sized_page.query_selector_all("mark"))
        assert "".join(marked.split()) == "".join(quote.split())
        holder = sized_page.query_selector(".cited")
        assert holder.query_selector("mark") is not None
    assert sized_page.complaints == []


def test_the_citation_of_an_answer_lands_on_its_words(sized_page, address):
    sized_page.goto(f"{address}/ask?q=一个班最多能坐多少人？&region=潢川县")
    quote = sized_page.inner_text(".citations blockquote >> nth=0")
    sized_page.click(".citations a >> nth=0")
    sized_page.wait_for_selector("mark")
    assert is_in_view(sized_page, "mark")
    assert sized_page.inner_text("mark") == quote
    assert sized_page.inner_text(".cited .label").startswith("二、（四）21.（1）")
    assert sized_page.complaints == []


def test_a_permalink_lands_on_its_clause(sized_page, address):
    sized_page.goto(f"{address}/documents/{PLAN}#c-2.4.21.2")
    assert is_in_view(sized_page, "#c-2\\.4\\.21\\.2 .source")
    shade = "element => getComputedStyle(element).borderLeftColor"
    target = sized_page.eval_on_selector("#c-2\\.4\\.21\\.2", shade)
    assert target != sized_page.eval_on_selector("#c-2\\.4\\.21\\.1", shade)


def test_contents_lead_to_their_place(sized_page, address):
    sized_page.goto(f"{address}/documents/{PLAN}")
    if sized_page.is_visible(".contents summary"):
        sized_page.click(".contents summary")
    sized_page.click('.contents a[href="#c-a3"]:visible')
    sized_page.wait_for_function("location.hash === '#c-a3'")
    assert is_in_view(sized_page, "#c-a3")


def test_the_sign_of_a_clause_copies_its_address(address, context, page):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{address}/documents/{PLAN}?mark=0-3")
    page.hover("#c-3\\.1")
    page.click("#c-3\\.1 .permalink")
    page.wait_for_function("document.getElementById('copied').textContent === '链接已复制'")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{address}/documents/{PLAN}#c-3.1"
    assert page.complaints == []


def test_folded_rules_open_by_keyboard(address, page):
    page.goto(f"{address}/documents/{PLAN}#c-2.4.21.1")
    rules = page.locator("#c-2\\.4\\.21\\.1 .bound details").last
    assert not rules.get_by_text("补贴性培训班是否符合要求").is_visible()
    rules.locator("summary").focus()
    page.keyboard.press("Enter")
    rules.get_by_text("补贴性培训班是否符合要求").click()
    page.wait_for_selector("text=须全部符合")
    assert "/rules/" in page.url


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_accessible_and_silent(sized_page, address, axe, path):
    sized_page.goto(address + path)
    assert axe(sized_page) == []
    assert sized_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    refused = [line for line in sized_page.complaints if "422" not in line]
    assert refused == []


def test_every_page_is_accessible_in_the_dark(address, axe, browser):
    context = browser.new_context(color_scheme="dark", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    for path in (f"/documents/{PLAN}?mark=4000-4600#c-2.4.21.1", "/conflicts", f"/rules/{PLAN}/review"):
        page.goto(address + path)
        assert axe(page) == []
    context.close()


def test_reading_works_without_javascript(address, browser, real_assistant):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    cite = next(find_cites(real_assistant))
    path = cite.clause_id.partition("#")[2]
    page.goto(f"{address}/documents/{PLAN}?mark={cite.start}-{cite.end}#c-{path}")
    assert is_in_view(page, "mark")
    page.goto(f"{address}/documents/{PLAN}")
    assert not page.is_visible("[data-print]")
    page.fill("#search-q", "公示")
    page.press("#search-q", "Enter")
    page.wait_for_selector(".hit")
    context.close()


def test_paper_is_light(address, browser):
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{address}/documents/{PLAN}")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(31, 34, 38)"
    context.close()


def test_a_printed_document_is_its_text(address, page):
    page.goto(f"{address}/documents/{PLAN}")
    page.emulate_media(media="print")
    for hidden in (".top nav", ".contents.folded", ".contents.beside", ".bound", ".search", ".permalink"):
        assert not page.is_visible(f"{hidden} >> nth=0"), hidden
    printed = page.inner_text("main")
    assert "潢技领办〔2021〕1号" in printed
    assert "二、（四）21.（1）" in printed
    assert "每班人数不得超过80人" in printed
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
