"""The page in Chromium against a real server: ask, open the citation, read the clause, keyboard only."""

from __future__ import annotations

import base64
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from assistant.errors import IndexMissing, ModelError
from assistant.surfaces.api import create_app

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
WAIT_S = 10

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs Debian's chromium and chromium-driver"),
]


class Page:
    """The page as a person uses it."""

    def __init__(self, driver, address: str, folder: Path) -> None:
        self.driver = driver
        self.address = address
        self.folder = folder

    def open(self, query: str = "") -> Page:
        self.driver.get(f"{self.address}/{query}")
        self.wait_for("#documents .document-title")
        return self

    def find(self, selector: str):
        return self.driver.find_element("css selector", selector)

    def find_all(self, selector: str):
        return self.driver.find_elements("css selector", selector)

    def wait_for(self, selector: str, n_found: int = 1):
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            found = self.find_all(selector)
            if len(found) >= n_found:
                return found[0]
            time.sleep(0.02)
        raise AssertionError(f"{selector} did not appear:\n{self.find('body').text}")

    def ask(self, text: str, ending: str = "\n") -> None:
        box = self.find("#question")
        box.clear()
        box.send_keys(text + ending)

    def press(self, key: str) -> None:
        self.driver.switch_to.active_element.send_keys(key)

    def screenshot(self, name: str) -> None:
        """The whole page, not only what fits the window."""
        shot = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True}
        )
        path = self.folder / f"{name}.png"
        path.write_bytes(base64.b64decode(shot["data"]))
        assert path.stat().st_size > 10_000

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]


@pytest.fixture
def server(assistant) -> Iterator[tuple[str, list]]:
    """Address of a real server, and a list: what is put in it is raised instead of opening."""
    failures: list[Exception] = []

    def source():
        if failures:
            raise failures[0]
        return assistant

    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(source), log_level="critical", lifespan="off")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", failures
    running.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def driver(tmp_path_factory) -> Iterator[Any]:
    """One browser for all tests of this file."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in FLAGS:
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    opened = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    yield opened
    opened.quit()


@pytest.fixture
def page(driver, server, tmp_path) -> Page:
    driver.get("about:blank")
    driver.get_log("browser")
    look(driver, 1000, "light")
    return Page(driver, server[0], tmp_path)


def look(driver, width: int, scheme: str) -> None:
    """Window width in CSS pixels, and the reader's colour scheme."""
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    feature = {"name": "prefers-color-scheme", "value": scheme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


@pytest.mark.parametrize(
    ("width", "scheme"), [(1000, "light"), (1000, "dark"), (390, "light"), (390, "dark")]
)
def test_ask_and_open_the_citation(page, width, scheme):
    look(page.driver, width, scheme)
    page.open()
    page.ask("一个班最多能坐多少人？")
    page.wait_for(".answer.answered .mark").click()
    panel = page.wait_for(".panel:has(.whole-text)")
    assert "二、（四）（1）" in panel.text
    assert "潢技领办〔2021〕1号 · 潢川县" in panel.text
    assert "2021年潢川县<b>职业技能</b>提升行动工作方案" in panel.text
    assert page.find(".quote").text == "每班人数不得超过80人"
    assert page.find(".whole-text mark").text == "每班人数不得超过80人"
    # The marked stretch is cut in code points: a character outside the BMP stands after it.
    assert page.find(".whole-text").text.endswith("80人，𠮷班不限。")
    for heading in ("工作任务", "强化培训管理"):
        assert heading in page.find(".path").text
    assert "本文件为2021年度方案" in page.find(".notice").text
    overflow = "return document.documentElement.scrollWidth > window.innerWidth"
    assert not page.driver.execute_script(overflow)
    page.screenshot(f"answer-{width}-{scheme}")
    assert page.complaints() == []


def test_row_of_an_annex_is_shown_by_columns(page):
    page.open()
    page.ask("农村劳动力培训多少人次？")
    page.wait_for(".answer.answered")
    page.find_all(".text .mark")[1].click()
    page.wait_for(".cells")
    assert [term.text for term in page.find_all(".cells dt")] == ["工作任务", "牵头单位", "人次"]
    assert [mark.text for mark in page.find_all(".cells mark")] == ["扶贫办、人社局"]
    page.screenshot("row")


def test_refusal_looks_distinct(page):
    page.open()
    page.ask("火星上能开班吗")
    card = page.wait_for(".answer.refused")
    assert "没有找到依据" in card.text
    assert "最接近的条款" in card.text
    page.screenshot("refusal")


def test_page_states_what_is_covered(page):
    page.open()
    shown = page.find("#documents").text
    assert "《关于印发工作方案的通知》\n潢技领办〔2021〕1号 · 潢川县 · 2021年" in shown
    assert "仅供参考，以经办机构审核为准。" in page.find("footer").text
    assert [option.text for option in page.find_all("#region option")] == [
        "全部地区", "全国", "潢川县",
    ]  # fmt: skip


def test_keyboard_only(page):
    page.open("?q=一个班最多能坐多少人？&region=潢川县")
    page.wait_for(".answer.answered")
    page.driver.execute_script("document.querySelector('.mark').focus()")
    page.press("\ue007")  # Enter
    page.wait_for(".panel")
    assert page.find(".mark").get_attribute("aria-expanded") == "true"
    page.press("\ue00c")  # Escape
    assert page.find_all(".panel") == []
    assert page.find(".mark").get_attribute("aria-expanded") == "false"
    page.press(" ")
    page.wait_for(".panel")
    page.press("\ue004")  # Tab, to 收起
    while "close" not in page.driver.switch_to.active_element.get_attribute("class"):
        page.press("\ue004")
    page.press("\ue007")
    assert page.find_all(".panel") == []
    assert page.driver.switch_to.active_element.get_attribute("class") == "mark"
    assert "有据可查" in page.find("#announcer").get_attribute("textContent")


def test_address_asks_at_once_and_follows_the_question(page, assistant):
    page.open("?q=一个班最多能坐多少人？&region=信阳市")
    page.wait_for(".answer.answered")
    assert [(q.text, q.region) for q in assistant.questions] == [("一个班最多能坐多少人？", "信阳市")]
    page.ask("火星上能开班吗")
    page.wait_for(".answer.refused")
    assert "q=%E7%81%AB%E6%98%9F" in page.driver.current_url


def test_questions_go_on_until_a_new_conversation(page, assistant):
    page.open()
    assert not page.find("#anew").is_displayed()
    page.ask("一个班最多能坐多少人？")
    page.wait_for(".answer.answered")
    page.ask("那河北呢")
    page.wait_for(".answer.refused")
    assert [mark.text for mark in page.find_all(".asked-region")] == ["接上文", "全部地区"]
    page.screenshot("conversation")
    page.find("#anew").click()
    assert page.driver.switch_to.active_element.get_attribute("id") == "question"
    assert not page.find("#anew").is_displayed()
    assert page.find("#announcer").get_attribute("textContent") == "新对话开始了。"
    page.ask("农村劳动力培训多少人次？")
    page.wait_for(".answer", 3)
    page.wait_for(".answer:not([aria-busy]) .badge", 3)
    kinds = [item.get_attribute("class") for item in page.find_all("#answers > *")]
    assert kinds == ["card answer answered", "earlier", "card answer refused", "card answer answered"]
    page.screenshot("new-conversation")
    sessions = [question.session_id for question in assistant.questions]
    assert sessions[0] == sessions[1] != sessions[2]
    assert page.complaints() == []


def test_a_place_that_is_no_longer_chosen_is_not_remembered(page, assistant):
    page.open("?q=一个班最多能坐多少人？&region=潢川县")
    page.wait_for(".answer.answered")
    choose = "arguments[0].value = ''"
    page.driver.execute_script(choose, page.find("#region"))
    page.ask("火星上能开班吗")
    page.wait_for(".answer.refused")
    first, second = assistant.questions
    assert (first.region, second.region) == ("潢川县", None)
    assert first.session_id != second.session_id
    assert page.find(".answer.refused .asked-region").text == "全部地区"


def test_another_page_has_its_own_conversation(page, assistant):
    for _ in range(2):
        page.open("?q=一个班最多能坐多少人？")
        page.wait_for(".answer.answered")
    first, second = (question.session_id for question in assistant.questions)
    assert first != second


def test_questions_back_are_shown_without_citations(page, assistant, answer_builder):
    asking = answer_builder("还差1项：\n1. 教师有几名？", status="needs_info", citations=(), notices=())
    assistant.script["我们班能开吗"] = asking
    page.open()
    page.ask("我们班能开吗")
    card = page.wait_for(".answer.needs_info:not([aria-busy])")
    assert "还需要补充" in card.text
    assert "1. 教师有几名？" in card.text
    assert page.find_all(".cited") == []
    assert page.complaints() == []


def test_shift_enter_is_a_new_line_and_input_methods_are_left_alone(page, assistant):
    page.open()
    page.ask("第一行", "\ue008\n\ue008第二行")
    compose = (
        "arguments[0].dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    page.driver.execute_script(compose, page.find("#question"))
    assert page.find_all(".answer") == []
    page.find("#submit").click()
    page.wait_for(".answer.refused")
    assert [question.text for question in assistant.questions] == ["第一行\n第二行"]


def test_sample_questions_ask(page, assistant):
    page.open()
    page.find(".chip").click()
    page.wait_for(".answer.answered")
    assert (assistant.questions[0].text, assistant.questions[0].region) == (
        "一个班最多能坐多少人？", "潢川县",
    )  # fmt: skip


def test_nothing_is_read_as_html(page):
    page.open("?q=<img src=x onerror=alert(1)>")
    card = page.wait_for(".answer.answered")
    assert "<script>alert(1)</script>" in card.text
    assert "[9]" in card.text  # a mark without a citation stays text
    assert page.find_all(".answer img, .answer script") == []
    assert page.complaints() == []


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (IndexMissing("还没有建立索引", hint="运行 tiaowen index"), "运行 tiaowen index"),
        (ModelError("模型没有响应", hint="稍后再试"), "模型没有响应"),
        (ZeroDivisionError(), "服务器出错了"),
    ],
    ids=["no index", "model", "bug"],
)
def test_failures_are_explained_and_can_be_tried_again(page, server, failure, words):
    page.open()
    server[1].append(failure)
    page.ask("一个班最多能坐多少人？")
    card = page.wait_for(".answer.failed")
    assert words in card.text
    server[1].clear()
    page.find(".answer.failed .secondary").click()
    page.wait_for(".answer.answered")
    assert page.find_all(".answer.failed") == []


def test_too_many_requests_is_explained(page):
    page.open()
    page.driver.execute_script("window.fetch = async () => new Response('', {status: 429})")
    page.ask("一个班最多能坐多少人？")
    assert "提问太频繁" in page.wait_for(".answer.failed").text


def test_offline_is_explained(page):
    page.open()
    page.driver.set_network_conditions(offline=True, latency=0, throughput=1000)
    page.ask("一个班最多能坐多少人？")
    text = page.wait_for(".answer.failed").text
    page.driver.delete_network_conditions()
    assert "网络已断开" in text or "连不上服务器" in text


def test_slow_answer_says_that_it_is_still_looking(page, assistant):
    page.open()
    answer = assistant.ask

    def ask_slowly(question):
        time.sleep(4.5)
        return answer(question)

    assistant.ask = ask_slowly
    page.ask("一个班最多能坐多少人？")
    deadline = time.monotonic() + WAIT_S
    while "还在查找" not in page.find(".answer").text:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    page.wait_for(".answer.answered")
