"""The widget on the home page, in Chromium against a real server: ask, stream, open a citation, stop, fail, go on."""

from __future__ import annotations

import json

import pytest

from assistant.errors import IndexMissing, ModelError
from assistant.models import Decision, DecisionAsk, DecisionCheck
from assistant.surfaces import schema

pytestmark = pytest.mark.browser

QUESTION = "一个班最多能坐多少人？"
UNKNOWN = "火星上能开班吗"
HOSTILE = "<img src=x onerror=alert(1)>"


def ask(page, text: str, key: str = "Enter") -> None:
    page.fill("#question", text)
    page.press("#question", key)


def open_home(page, address: str, query: str = "") -> None:
    page.goto(f"{address}/{query}")
    page.wait_for_selector(".composer")


def answer_object(answer_builder, **fields):
    return schema.answer_object(answer_builder(**{"session_id": "s-1", **fields}))


# ---- asking and reading ------------------------------------------------------------------------------


def test_ask_open_the_citation_and_see_the_clause(page, server, axe):
    open_home(page, server[0])
    page.select_option("select", "潢川县")
    ask(page, QUESTION)
    page.wait_for_selector(".answer.answered .meta")
    assert page.inner_text(".answer .badge") == "有据可查"
    assert page.inner_text(".asked-region") == "潢川县"
    page.click(".text .mark")
    page.wait_for_selector(".panel .whole-text")
    panel = page.inner_text(".panel")
    for words in (
        "二、（四）（1）",
        "潢技领办〔2021〕1号",
        "每班人数不得超过80人",
        "工作任务 › 强化培训管理",
    ):
        assert words in panel
    assert page.inner_text(".panel mark") == page.inner_text(".panel blockquote")
    link = page.get_attribute(".panel a", "href")
    assert "/documents/huangchuan-2021-1?mark=" in link
    assert link.endswith("#c-2.4.1")
    assert axe(page) == []
    page.click(".panel .close")
    assert page.query_selector(".panel") is None
    assert page.complaints == []


def test_a_citation_leads_to_its_words_in_the_document(page, context, real_app, serve):
    with serve(real_app) as address:
        open_home(page, address)
        page.select_option("select", "潢川县")
        ask(page, QUESTION)
        page.wait_for_selector(".answer.answered .meta")
        page.click(".text .mark")
        quote = page.inner_text(".panel blockquote")
        with context.expect_page() as opened:
            page.click("text=在原文中查看")
        document = opened.value
        document.wait_for_selector("mark")
        assert "".join(mark.inner_text() for mark in document.query_selector_all("mark")) == quote
        box = document.locator("mark").first.bounding_box()
        assert 0 <= box["y"] <= 900


def test_a_quoted_cell_is_marked_under_its_header(page, server):
    open_home(page, server[0])
    ask(page, "农村劳动力培训多少人次？")
    page.wait_for_selector(".answer.answered .meta")
    page.click(".text .mark >> nth=1")
    page.wait_for_selector(".cells")
    assert page.inner_text(".cells mark") == "扶贫办、人社局"
    assert [item.inner_text() for item in page.query_selector_all(".cells dt")] == [
        "工作任务",
        "牵头单位",
        "人次",
    ]


def test_refusal_shows_the_nearest_clauses(page, server):
    open_home(page, server[0])
    ask(page, UNKNOWN)
    page.wait_for_selector(".answer.refused .cited")
    assert page.inner_text(".answer .badge") == "没有找到依据"
    assert page.inner_text(".cited .label") == "最接近的条款"


def test_lines_are_shown_as_they_come(page, held, answer_builder, citation_builder):
    address, stream = held
    open_home(page, address)
    ask(page, QUESTION)
    assert page.inner_text(".waiting") == "正在查找…"
    stream.put_raw(": a heartbeat\n\n")
    stream.put("status", {"message": "正在查找条款…", "session_id": "s-1"})
    stream.put("citation", schema.citation_object(citation_builder()))
    stream.put("text", {"text": "第一行。[1]\n", "cites": [1]})
    page.wait_for_selector(".text p .mark")
    assert page.get_attribute(".answer", "aria-busy") == "true"
    assert page.inner_text(".composer .primary") == "停止"
    whole = "event: text\ndata: " + json.dumps({"text": "第二行。", "cites": []}, ensure_ascii=False) + "\n\n"
    stream.put_raw(whole[:20])
    stream.put_raw(whole[20:])  # an event cut anywhere is read whole
    page.wait_for_selector(".text p >> nth=1")
    stream.put("done", answer_object(answer_builder, text="第一行。[1]\n第二行。"))
    page.wait_for_selector(".answer.answered .meta")
    assert page.inner_text(".text").replace("\n\n", "\n") == "第一行。1\n第二行。"
    assert page.inner_text(".composer .primary") == "提问"


def test_stop_keeps_what_came_and_says_that_it_is_not_whole(page, held):
    address, stream = held
    open_home(page, address)
    ask(page, QUESTION)
    stream.put("text", {"text": "第一行。\n", "cites": []})
    page.wait_for_selector(".text p")
    page.click(".composer .primary")
    page.wait_for_selector(".answer.stopped")
    text = page.inner_text(".answer")
    assert "第一行。" in text
    assert "以上内容不完整" in text
    assert page.query_selector(".feedback") is None
    assert page.inner_text(".composer .primary") == "提问"
    assert page.complaints == []


@pytest.mark.parametrize("way", ["cut", "end"])
def test_a_lost_connection_is_told_and_can_be_tried_again(page, held, answer_builder, way):
    address, stream = held
    open_home(page, address)
    ask(page, QUESTION)
    stream.put("text", {"text": "第一行。\n", "cites": []})
    page.wait_for_selector(".text p")
    getattr(stream, way)()
    page.wait_for_selector(".answer.failed")
    assert any(words in page.inner_text(".answer") for words in ("连接中断", "连不上服务器"))
    page.click(".answer .secondary")
    stream.put("done", answer_object(answer_builder))
    page.wait_for_selector(".answer.answered")
    assert page.query_selector(".answer.failed") is None
    assert stream.n_asked == 2


def test_an_error_inside_the_stream_is_explained(page, held):
    address, stream = held
    open_home(page, address)
    ask(page, QUESTION)
    stream.put("error", {"type": "urn:tiaowen:store-error", "detail": "存储不可用", "hint": "稍后再试"})
    page.wait_for_selector(".answer.failed")
    assert "存储不可用" in page.inner_text(".answer")


# ---- the conversation --------------------------------------------------------------------------------


def test_questions_go_on_until_a_new_conversation(page, server, assistant):
    open_home(page, server[0])
    assert not page.is_visible("text=新对话")
    ask(page, QUESTION)
    page.wait_for_selector(".answer.answered .meta")
    ask(page, "那河北呢")
    page.wait_for_selector(".answer.refused .meta")
    page.click("text=新对话")
    assert not page.is_visible("text=新对话")
    ask(page, "农村劳动力培训多少人次？")
    page.wait_for_selector(".earlier + .turn .meta")
    first, second, third = (question.session_id for question in assistant.questions)
    assert first == second != third
    assert page.complaints == []


def test_a_place_that_is_no_longer_chosen_is_not_remembered(page, server, assistant):
    open_home(page, server[0], "?q=一个班最多能坐多少人？&region=潢川县")
    page.wait_for_selector(".answer.answered .meta")
    page.select_option("select", "")
    ask(page, UNKNOWN)
    page.wait_for_selector(".answer.refused .meta")
    first, second = assistant.questions
    assert (first.region, second.region) == ("潢川县", None)
    assert first.session_id != second.session_id


def test_a_reload_shows_the_conversation_and_another_page_has_its_own(page, context, server, assistant):
    open_home(page, server[0])
    ask(page, QUESTION)
    page.wait_for_selector(".answer.answered .meta")
    page.reload()
    page.wait_for_selector(".answer.answered .meta")
    assert len(assistant.questions) == 1
    ask(page, UNKNOWN)
    page.wait_for_selector(".answer.refused .meta")
    other = context.new_page()
    open_home(other, server[0])
    assert other.query_selector(".turn") is None
    ask(other, QUESTION)
    other.wait_for_selector(".answer .meta")
    first, second, third = (question.session_id for question in assistant.questions)
    assert first == second != third


@pytest.mark.parametrize(
    "kept", ['{"turns": [{}]}', '{"turns": [{"question": {}, "answer": 5}]}', "null", "{half"]
)
def test_what_another_version_kept_does_not_stop_the_page(page, server, kept):
    open_home(page, server[0])
    page.evaluate("kept => sessionStorage.setItem(`tiaowen:${location.origin}`, kept)", kept)
    page.reload()
    page.wait_for_selector(".composer")
    ask(page, QUESTION)
    page.wait_for_selector(".answer.answered .meta")
    assert page.complaints == []


def test_address_asks_at_once_and_follows_the_question(page, server, assistant):
    open_home(page, server[0], "?q=一个班最多能坐多少人？&region=信阳市")
    page.wait_for_selector(".answer.answered .meta")
    assert [(q.text, q.region) for q in assistant.questions] == [(QUESTION, "信阳市")]
    ask(page, UNKNOWN)
    page.wait_for_selector(".answer.refused")
    assert "q=%E7%81%AB%E6%98%9F" in page.url


def test_samples_ask_in_place(page, real_app, serve):
    with serve(real_app) as address:
        open_home(page, address)
        page.click(f"text={QUESTION} >> nth=0")
        page.wait_for_selector(".answer.answered .meta")
        assert "每班人数不得超过80人" in page.inner_text(".text")
        assert page.input_value("select") == "潢川县"
        assert page.complaints == []


# ---- asking back -------------------------------------------------------------------------------------


def asking(answer_builder, *asks: DecisionAsk):
    checks = tuple(
        DecisionCheck(f"c{n}", f"条件{n}", outcome, "85 > 80", "", None, {}, (), (1,))
        for n, outcome in enumerate(("fail", "unknown"))
    )
    decision = Decision("d/r", "能否开班", "unknown", None, (), checks, asks, (), None)
    return answer_builder(status="needs_info", decision=decision, text="还不能下结论。[1]")


NUMBER = DecisionAsk("teachers", "教师数", "配了几名教师？", "人", "integer", (), ())
SHARE = DecisionAsk("share", "占比", "占百分之几？", "", "share", (), ())
TRUTH = DecisionAsk("in_system", "进系统", "进系统了吗？", "", "boolean", (), ())
CHOICE = DecisionAsk("certificate", "证书类型", "拿什么证书？", "", "choice", tuple("甲乙丙丁戊己"), ())
DAY = DecisionAsk("opening", "开班日期", "哪天开班？", "", "date", (), ())


def test_missing_facts_are_filled_in(page, server, assistant, answer_builder, axe):
    assistant.script["能开吗"] = asking(answer_builder, NUMBER, SHARE, TRUTH, CHOICE, DAY)
    open_home(page, server[0])
    ask(page, "能开吗")
    page.wait_for_selector(".answer.needs_info .asks")
    assert axe(page) == []
    page.click(".asks .primary")
    assert "请至少填一项" in page.inner_text(".field-error")
    page.get_by_label("配了几名教师？").fill("4")
    page.get_by_label("占百分之几？").fill("65")
    page.get_by_role("button", name="是", exact=True).click()
    page.get_by_label("拿什么证书？").select_option("丙")
    page.get_by_label("哪天开班？").fill("2021-05-10")
    page.click(".asks .primary")
    page.wait_for_selector(".turn >> nth=1")
    page.wait_for_selector(".turn:nth-child(2) .meta")
    sent = assistant.questions[1]
    assert sent.facts == {
        "teachers": "4", "share": "65%", "in_system": "true", "certificate": "丙", "opening": "2021-05-10",
    }  # fmt: skip
    assert sent.text == "教师数：4人；占比：65%；进系统：是；证书类型：丙；开班日期：2021-05-10"
    assert sent.session_id == assistant.questions[0].session_id
    assert page.is_disabled(".turn:nth-child(1) .asks .primary")


def test_a_lone_yes_or_no_is_sent_by_pressing_it(page, server, assistant, answer_builder):
    assistant.script["能开吗"] = asking(answer_builder, TRUTH)
    open_home(page, server[0])
    ask(page, "能开吗")
    page.click(".asks .chip >> text=否")
    page.wait_for_selector(".turn:nth-child(2) .meta")
    assert assistant.questions[1].facts == {"in_system": "false"}


def test_a_decision_is_a_table_of_checks(page, server, assistant, answer_builder):
    assistant.script["能开吗"] = asking(answer_builder, NUMBER)
    open_home(page, server[0])
    ask(page, "能开吗")
    page.click(".checks summary")
    assert page.inner_text(".checks summary") == "逐项核对（不符合 1，待定 1）"
    assert [cell.inner_text() for cell in page.query_selector_all(".checks td.outcome")] == ["不符合", "待定"]
    page.click(".checks .mark >> nth=0")
    page.wait_for_selector(".checks .panel .whole-text")


def test_real_facts_lead_to_a_verdict(page, real_app, serve):
    with serve(real_app) as address:
        open_home(page, address)
        page.select_option("select", "潢川县")
        ask(page, "我们班30个学员，能开吗？")
        page.wait_for_selector(".needs_info .asks")
        for label, value in (
            ("配了几名教师？", "2"), ("有几个实训工位？", "30"), ("每课时上多少分钟？", "45"),
            ("其中实操课多少课时？", "40"), ("总共多少课时？", "60"),
        ):  # fmt: skip
            page.get_by_label(label).fill(value)
        page.get_by_role("button", name="职业技能等级证书", exact=True).click()
        page.click(".asks .primary")
        page.wait_for_selector(".turn:nth-child(2) .answer.answered .meta")
        assert "符合" in page.inner_text(".turn:nth-child(2) .text p >> nth=0")
        assert page.complaints == []


# ---- input and keyboard ------------------------------------------------------------------------------


def test_shift_enter_is_a_new_line_and_input_methods_are_left_alone(page, server, assistant):
    open_home(page, server[0])
    page.fill("#question", "第一行")
    page.press("#question", "Shift+Enter")
    page.type("#question", "第二行")
    page.locator("#question").evaluate(
        "box => box.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    assert page.query_selector(".turn") is None
    page.click(".composer .primary")
    page.wait_for_selector(".answer.refused .meta")
    assert [question.text for question in assistant.questions] == ["第一行\n第二行"]
    ask(page, "   ")
    assert len(page.query_selector_all(".turn")) == 1
    assert page.inner_text("[role=status] >> nth=-1") == "请先写下问题。"


def test_keyboard_only(page, server):
    open_home(page, server[0])
    page.focus("#question")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector(".answer.answered .meta")
    page.focus(".text .mark")
    page.keyboard.press("Enter")
    page.wait_for_selector(".panel")
    assert page.get_attribute(".text .mark", "aria-expanded") == "true"
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.query_selector(".panel") is None
    assert page.locator(".text .mark").evaluate("mark => mark.getRootNode().activeElement === mark")
    page.keyboard.press("Space")
    page.wait_for_selector(".panel")
    page.click("text=大字")
    size = "frame => getComputedStyle(frame).fontSize"
    assert page.locator(".frame").evaluate(size) == "20px"


# ---- what may go wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [HOSTILE, "<script>alert(1)</script>", "[点我](javascript:alert(1))"])
def test_nothing_is_read_as_html(page, server, assistant, answer_builder, text):
    assistant.script[text] = answer_builder(f"{text} 没有这种规定。[1][9]", notices=(text,))
    page.on("dialog", lambda dialog: pytest.fail("a script ran"))
    open_home(page, server[0])
    ask(page, text)
    page.wait_for_selector(".answer.answered .meta")
    shown = page.inner_text(".turn")
    assert shown.count(text) == 3
    assert "[9]" in shown  # a mark without a citation stays text
    assert page.query_selector(".turn img, .turn script, .turn a") is None
    assert page.complaints == []


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
    open_home(page, server[0])
    server[1].append(failure)
    ask(page, QUESTION)
    page.wait_for_selector(".answer.failed")
    assert words in page.inner_text(".answer")
    server[1].clear()
    page.click(".answer .secondary")
    page.wait_for_selector(".answer.answered")
    assert page.query_selector(".answer.failed") is None


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ({"status": 429, "headers": {"Retry-After": "7"}, "body": ""}, ("提问太频繁了。", "请等 7 秒再问。")),
        ({"status": 413, "body": "<html>too large</html>"}, ("问题太长了，请缩短后再问。",)),
        (
            {"status": 200, "body": "event: done\ndata: {half", "content_type": "text/event-stream"},
            ("连接中断",),
        ),
        ({"status": 200, "body": "event: done\ndata: {half\n\n"}, ("服务器的回答不完整。",)),
        ({"status": 504, "body": "gateway"}, ("服务器出错了（504）。",)),
    ],
    ids=["too many", "too large", "half an event", "no JSON", "gateway"],
)
def test_what_proxies_answer_is_explained(page, server, reply, words):
    open_home(page, server[0])
    page.route("**/v1/ask/stream", lambda route: route.fulfill(**reply))
    ask(page, QUESTION)
    page.wait_for_selector(".answer.failed")
    assert all(word in page.inner_text(".answer") for word in words)


def test_offline_is_explained(page, context, server):
    open_home(page, server[0])
    context.set_offline(True)
    ask(page, QUESTION)
    page.wait_for_selector(".answer.failed")
    assert "网络已断开" in page.inner_text(".answer")
    context.set_offline(False)
    page.click(".answer .secondary")
    page.wait_for_selector(".answer.answered")


def test_slow_answer_says_that_it_is_still_looking(page, held, answer_builder):
    page.clock.install()
    open_home(page, held[0])
    ask(page, QUESTION)
    page.wait_for_selector(".waiting")
    page.clock.fast_forward(4500)
    page.wait_for_selector("text=还在查找，请稍候…")
    page.clock.fast_forward(61_000)
    page.wait_for_selector(".answer.failed")
    assert "等了一分钟还没有回答" in page.inner_text(".answer")


def test_a_page_that_forbids_storage_still_asks(page, server):
    page.add_init_script("Object.defineProperty(window, 'sessionStorage', {get() { throw new Error('no') }})")
    open_home(page, server[0])
    ask(page, QUESTION)
    page.wait_for_selector(".answer.answered .meta")
