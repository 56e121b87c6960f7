"""What a surface was given → values of the pipeline: Question, day, document, clause, passages.

The checks here are those that every surface needs and the pipeline cannot make, because they
concern what came over the wire or the terminal; whether a question can be answered is the
pipeline's business.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from assistant.errors import RequestInvalid
from assistant.models import Clause, Document, Passage, Question

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.documents.catalog import Corpus


class NotFound(RequestInvalid):
    """A document or clause of this id does not exist."""

    http_status = 404


def build_question(
    text: str,
    *,
    as_of: date,
    region: str | None = None,
    session_id: str | None = None,
    facts: dict[str, str] | None = None,
) -> Question:
    """What a surface was given → a Question; a blank region means that none was named.

    Raises:
        RequestInvalid: the text cannot be written as UTF-8 (a terminal sent broken bytes).
    """
    try:
        text.encode("utf-8")
        (region or "").encode("utf-8")
    except UnicodeEncodeError as exc:
        raise RequestInvalid(
            "问题里有不成字的编码", hint="请用 UTF-8 编码重新输入，或重新复制一遍文字"
        ) from exc
    region = (region or "").strip() or None
    return Question(text=text, as_of=as_of, region=region, session_id=session_id, facts=facts or {})


def parse_day(text: str) -> date:
    """`2026-11-21` → that day; other forms of ISO 8601 are refused: there is one way to write it.

    Raises:
        RequestInvalid: not a calendar day in that form.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError as exc:
        raise RequestInvalid(f"日期有误：{text}", hint="写成 2026-11-21 这样的年-月-日") from exc
    if day.isoformat() != text:
        raise RequestInvalid(f"日期有误：{text}", hint="写成 2026-11-21 这样的年-月-日")
    return day


def find_document(corpus: Corpus, document_id: str) -> Document:
    """The document of this id.

    Raises:
        NotFound: there is none; the message lists those there are.
    """
    try:
        return corpus.document_by_id[document_id]
    except KeyError:
        known = "、".join(document.id for document in corpus.documents)
        raise NotFound(f"没有这个文件：{document_id}", hint=f"现有文件：{known}") from None


def find_clause(corpus: Corpus, clause_id: str) -> Clause:
    """The clause of this id; `document/path` is read as `document#path`.

    Raises:
        NotFound: there is none.
    """
    wanted = clause_id if "#" in clause_id else clause_id.replace("/", "#", 1)
    try:
        return corpus.clause_by_id[wanted]
    except KeyError:
        document_id = wanted.partition("#")[0]
        find_document(corpus, document_id)
        raise NotFound(
            f"没有这个条款：{wanted}", hint=f"用 tiaowen corpus show {document_id} 查看全部条款"
        ) from None


def search_clauses(
    assistant: Assistant, query: str, *, region: str | None, document: str | None, top_k: int
) -> list[Passage]:
    """Search with what a surface was given; a blank region or document means that none was named.

    Raises:
        RequestInvalid: the query is blank or too long, or the region or the document is unknown.
    """
    wanted = build_question(query, as_of=date.max, region=region)
    return assistant.search(query, region=wanted.region, document=document or None, top_k=top_k)
