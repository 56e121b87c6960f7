"""For agents built with LangChain: clauses as a retriever, answers and the calculator as tools.

They only pass on what the assistant gives, so an agent sees the same clauses, quotes and refusals as every other surface:
as text for the model, and whole as the artifact. What is wrong with a call is told to the model, which may correct it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.tools import StructuredTool, ToolException
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import TiaowenError
from assistant.models import Answer, Question
from assistant.surfaces.contract import Day, Facts
from assistant.surfaces.inbound import build_question, find_rule, search_clauses
from assistant.surfaces.problems import tell_error, tell_faults
from assistant.surfaces.schema import JsonObject, answer_object, search_object
from assistant.surfaces.written import write_answer, write_place

if TYPE_CHECKING:
    from assistant.app import Assistant

_KEPT = ("clause_id", "document", "number", "title", "issuer", "region", "label", "score")


class PolicyRetriever(BaseRetriever):
    """Clauses for a query, best first, as LangChain documents.

    Attributes:
        assistant: an opened `assistant.app.Assistant`.
        region: name or six-digit code; None: everywhere.
        document: search in this document only; None: in all.
        top_k: at most this many clauses.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    assistant: Annotated[Any, Field(repr=False, exclude=True)]
    region: str | None = None
    document: str | None = None
    top_k: int = Field(10, ge=1, le=100)

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - LangChain passes it
    ) -> list[Document]:
        passages = search_clauses(
            self.assistant, query, region=self.region, document=self.document, top_k=self.top_k
        )
        found = search_object(self.assistant, query, passages)
        return [
            Document(
                id=passage["clause_id"],
                page_content=passage["text"],
                metadata={name: passage[name] for name in _KEPT} | {"citation": write_place(passage)},
            )
            for passage in found["passages"]
        ]


class _Arguments(BaseModel):
    """What every tool takes."""

    model_config = ConfigDict(extra="forbid")

    region: str | None = Field(
        None, max_length=100, description="地区名称或六位区划代码，如 潢川县；不知道就不填"
    )
    as_of: Day | None = Field(None, description="按哪一天的规定，年-月-日；不填则为今天")
    facts: Facts | None = Field(
        None, description='已知情况：事实名称或标识 → 值，如 {"班级人数": "85"}；不知道的不要填'
    )


class AskArguments(_Arguments):
    """What an agent asks with."""

    question: str = Field(description="一句话的问题，例如：一个班最多能坐多少人？")


class CheckArguments(_Arguments):
    """What an agent checks."""

    subject: str = Field("class", max_length=64, description="检查对象：class（培训班）、person（人员）等")


class ComputeArguments(_Arguments):
    """What an agent computes."""

    rule: str = Field(max_length=200, description="规则标识，如 annual-training-target")


Told = tuple[str, JsonObject]
Today = Callable[[], date]


def policy_tools(assistant: Assistant, today: Today = date.today) -> list[StructuredTool]:
    """All tools.

    Args:
        assistant: who answers.
        today: the day the law is read at where the agent names none.
    """
    return [ask_tool(assistant, today), check_tool(assistant, today), compute_tool(assistant, today)]


def ask_tool(assistant: Assistant, today: Today = date.today) -> StructuredTool:
    """Questions; the artifact is the object of `POST /v1/ask`. Arguments as `policy_tools`."""

    def ask_policy(question: str, **given: Any) -> Told:
        return _tell(lambda: assistant.ask(_read(question, given, today)))

    return _new_tool(
        ask_policy,
        AskArguments,
        "回答职业培训政策问题，每个结论都带条款号和原文；文件里没有依据时拒答。",
    )


def check_tool(assistant: Assistant, today: Today = date.today) -> StructuredTool:
    """Checks of a class, a person …; the artifact is the object of `POST /v1/check`. Arguments as `policy_tools`."""

    def check_policy(subject: str = "class", **given: Any) -> Told:
        return _tell(lambda: assistant.check(_read("", given, today), subject))

    return _new_tool(
        check_policy,
        CheckArguments,
        "按当地规则检查一个培训班（或机构、人员等），逐项给出是否符合、算式、依据和改法；缺的情况会列出来，不会猜。",
    )


def compute_tool(assistant: Assistant, today: Today = date.today) -> StructuredTool:
    """One rule; the artifact is the object of `POST /v1/rules/{rule_id}`. Arguments as `policy_tools`."""

    def compute_policy(rule: str, **given: Any) -> Told:
        def decide() -> Answer:
            return assistant.decide(find_rule(assistant.calculator.book, rule), _read("", given, today))

        return _tell(decide)

    return _new_tool(
        compute_policy,
        ComputeArguments,
        "按一条规则计算或判断，如年度培训任务、公示期，给出算式和依据；缺的情况会列出来，不会猜。",
    )


def _read(text: str, given: dict[str, Any], today: Today) -> Question:
    day = given.get("as_of") or today()
    return build_question(text, as_of=day, region=given.get("region"), facts=given.get("facts"))


def _tell(answer: Callable[[], Answer]) -> Told:
    try:
        told = answer_object(answer())
    except TiaowenError as exc:
        raise ToolException(tell_error(exc)) from exc
    return write_answer(told), told


def _tell_faults(exc: Any) -> str:
    """What is wrong with the arguments; LangChain hands the error over as it is."""
    return tell_faults(exc.errors()) if isinstance(exc, ValidationError) else "参数有误"


def _new_tool(function: Callable[..., Told], arguments: type[_Arguments], about: str) -> StructuredTool:
    return StructuredTool.from_function(
        function,
        name=function.__name__,
        description=about,
        args_schema=arguments,
        response_format="content_and_artifact",
        handle_tool_error=True,
        handle_validation_error=_tell_faults,
    )
