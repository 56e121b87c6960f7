"""The LangChain retriever and tool give what the assistant gives."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.errors import RequestInvalid
from assistant.surfaces.langchain import PolicyRetriever, ask_tool
from assistant.surfaces.schema import answer_object

PLAN = "huangchuan-2021-1"
QUESTION = "一个班最多能坐多少人？"


def test_retriever_gives_clauses(assistant):
    retriever = PolicyRetriever(assistant=assistant, region="潢川县", document=PLAN, top_k=3)
    (found,) = retriever.invoke("班级")
    assert assistant.searches == [("班级", "潢川县", PLAN, 3)]
    assert found.page_content.startswith("（1）严格班级管理")
    assert found.metadata == {
        "clause_id": f"{PLAN}#2.4.1",
        "document": PLAN,
        "number": "潢技领办〔2021〕1号",
        "title": "2021 年潢川县 <b>职业技能</b>提升行动工作方案",
        "region": "潢川县",
        "label": "二、（四）（1）",
        "score": 1.0,
    }


async def _invoke(retriever):
    return await retriever.ainvoke("班级")


def test_retriever_works_in_an_event_loop(assistant):
    import asyncio

    assert len(asyncio.run(_invoke(PolicyRetriever(assistant=assistant)))) == 1


def test_retriever_does_not_print_the_assistant(assistant):
    assert "Scripted" not in repr(PolicyRetriever(assistant=assistant))


def test_tool_gives_the_object_of_the_api(assistant, answer_builder):
    tool = ask_tool(assistant, today=lambda: date(2026, 11, 21))
    given = tool.invoke({"question": QUESTION, "region": "潢川县"})
    assert given == answer_object(answer_builder())
    assert assistant.questions[0].as_of == date(2026, 11, 21)
    tool.invoke({"question": QUESTION, "as_of": "2021-05-01"})
    assert assistant.questions[1].as_of == date(2021, 5, 1)


def test_tool_describes_itself_to_an_agent(assistant):
    tool = ask_tool(assistant)
    assert tool.name == "ask_policy"
    assert set(tool.args) == {"question", "region", "as_of"}
    assert "条款号" in tool.description


@pytest.mark.parametrize("arguments", [{"question": ""}, {"question": "x", "as_of": "昨天"}])
def test_tool_raises_our_errors(assistant, arguments):
    with pytest.raises(RequestInvalid):
        ask_tool(assistant).invoke(arguments)
