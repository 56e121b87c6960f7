"""For agents built with LangChain: clauses as a retriever, answers as a tool.

Both only pass on what the assistant gives, so an agent sees the same clauses, quotes and refusals
as every other surface.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.tools import StructuredTool
from pydantic import BaseModel, ConfigDict, Field

from assistant.surfaces.inbound import build_question, parse_day, search_clauses
from assistant.surfaces.schema import answer_object, search_object

if TYPE_CHECKING:
    from assistant.app import Assistant


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
        kept = ("clause_id", "document", "number", "title", "region", "label", "score")
        return [
            Document(
                id=passage["clause_id"],
                page_content=passage["text"],
                metadata={key: passage[key] for key in kept},
            )
            for passage in found["passages"]
        ]


class AskArguments(BaseModel):
    """What an agent passes to the tool."""

    question: str = Field(description="一句话的问题，例如：一个班最多能坐多少人？")
    region: str | None = Field(None, description="地区名称或六位区划代码；不知道就不填")
    as_of: str | None = Field(None, description="按哪一天的规定回答，年-月-日；不填为今天")


def ask_tool(assistant: Assistant, today: Callable[[], date] = date.today) -> StructuredTool:
    """The assistant as a tool; its result is the object of `POST /v1/ask`.

    Args:
        assistant: who answers.
        today: the day questions are read at where the agent names none.
    """

    def ask_policy(question: str, region: str | None = None, as_of: str | None = None) -> dict[str, Any]:
        day = parse_day(as_of) if as_of else today()
        return answer_object(assistant.ask(build_question(question, as_of=day, region=region)))

    return StructuredTool.from_function(
        ask_policy,
        name="ask_policy",
        description="回答职业培训政策问题，每个结论都带条款号和原文；文件里没有依据时拒答。",
        args_schema=AskArguments,
    )
