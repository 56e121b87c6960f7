"""The LangChain retriever and tools give what the assistant gives, to a chain and to a model that calls tools."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from langchain_core.messages import ToolMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda, RunnablePassthrough

from assistant.surfaces.langchain import PolicyRetriever, ask_tool, policy_tools
from assistant.surfaces.schema import answer_object
from assistant.surfaces.written import write_answer

PLAN = "huangchuan-2021-1"
QUESTION = "一个班最多能坐多少人？"
TODAY = date(2026, 11, 21)


def call(tool, **arguments) -> ToolMessage:
    """What a model gets that calls a tool."""
    return tool.invoke({"type": "tool_call", "id": "c-1", "name": tool.name, "args": arguments})


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
        "issuer": "潢川县全民技能振兴工程领导小组办公室",
        "region": "潢川县",
        "label": "二、（四）（1）",
        "score": 1.0,
        "citation": "《2021年潢川县<b>职业技能</b>提升行动工作方案》潢技领办〔2021〕1号（潢川县）二、（四）（1）",
    }


def test_retriever_works_in_an_event_loop(assistant):
    found = asyncio.run(PolicyRetriever(assistant=assistant).ainvoke("班级"))
    assert len(found) == 1


def test_retriever_does_not_print_the_assistant(assistant):
    assert "Scripted" not in repr(PolicyRetriever(assistant=assistant))


def test_a_chain_hands_on_clauses_with_their_citations(real_assistant):
    def join(documents) -> str:
        return "\n".join(f"{d.metadata['citation']}：{d.page_content}" for d in documents)

    retriever = PolicyRetriever(assistant=real_assistant, region="潢川县", top_k=2)
    prompt = ChatPromptTemplate.from_template("只按下面的条款回答。\n{clauses}\n问题：{question}")
    # In place of a model: the first citation that it was shown.
    model = RunnableLambda(lambda value: value.to_string().splitlines()[1].partition("：")[0])
    chain = (
        {"clauses": retriever | join, "question": RunnablePassthrough()} | prompt | model | StrOutputParser()
    )
    assert chain.invoke("每班最多多少人？").endswith("潢技领办〔2021〕1号（潢川县）二、（四）21.（1）")


def test_tools_describe_themselves_to_an_agent(assistant):
    tools = {tool.name: tool for tool in policy_tools(assistant)}
    assert list(tools) == ["ask_policy", "check_policy", "compute_policy"]
    shared = {"region", "as_of", "facts"}
    assert set(tools["ask_policy"].args) == {"question", *shared}
    assert set(tools["check_policy"].args) == {"subject", *shared}
    assert set(tools["compute_policy"].args) == {"rule", *shared}
    assert "条款号" in tools["ask_policy"].description
    assert all(argument["description"] for tool in tools.values() for argument in tool.args.values())


def test_a_model_gets_text_and_a_program_the_object_of_the_api(assistant, answer_builder):
    expected = answer_object(answer_builder())
    tool = ask_tool(assistant, today=lambda: TODAY)
    told = call(tool, question=QUESTION, region="潢川县", facts={"class_size": 85})
    assert (told.status, told.artifact, told.content) == ("success", expected, write_answer(expected))
    asked = assistant.questions[0]
    assert (asked.as_of, asked.region, asked.facts) == (TODAY, "潢川县", {"class_size": "85"})
    call(tool, question=QUESTION, as_of="2021-05-01")
    assert assistant.questions[1].as_of == date(2021, 5, 1)


def test_the_calculator_as_tools(real_assistant):
    _, check, compute = policy_tools(real_assistant, today=lambda: date(2021, 6, 1))
    facts = {"班级人数": 85, "教师数": 4}
    checked = call(check, facts=facts, region="潢川县").artifact
    assert checked["decision"]["outcome"] == "fail"
    assert checked["citations"]
    rule = {"rule": "annual-training-target", "region": "河南", "facts": {"院校类别": "高职"}}
    computed = call(compute, **rule).artifact
    assert computed["decision"]["rule"].endswith("/annual-training-target")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"question": ""}, "问题是空的（请输入要问的内容）", id="blank"),
        pytest.param({"question": "x", "region": "火星"}, "不认识的地区：火星", id="region"),
        pytest.param({"question": "x", "as_of": "昨天"}, "参数有误：as_of：应为 2026-11-21", id="day"),
        pytest.param({}, "参数有误：question：缺少这个字段", id="no question"),
        pytest.param({"question": "x", "k": 1}, "参数有误：k：不认识的字段", id="unknown argument"),
    ],
)
def test_a_model_is_told_what_is_wrong_with_its_call(assistant, arguments, message):
    told = call(ask_tool(assistant), **arguments)
    assert told.status == "error"
    assert told.content.startswith(message)


def test_a_rule_that_there_is_not(real_assistant):
    told = call(policy_tools(real_assistant)[2], rule="年度任务")
    assert (told.status, told.content.partition("（")[0]) == ("error", "没有这条规则：年度任务")
