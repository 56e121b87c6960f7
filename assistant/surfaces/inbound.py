"""What a surface was given → values of the pipeline: Question, day, document, clause, passages.

The checks here are those that every surface needs and the pipeline cannot make, because they
concern what came over the wire or the terminal; whether a question can be answered is the
pipeline's business.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import CorpusError, RequestInvalid
from assistant.models import Clause, Document, Passage, Question

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.dialogue.search import SearchReading
    from assistant.documents.catalog import Corpus
    from assistant.rules.book import Book


class NotFound(RequestInvalid):
    """A document, clause or rule of this id does not exist."""

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


SESSION_PATTERN = r"[A-Za-z0-9._:-]{1,64}"


def new_session() -> str:
    """A session that nobody can guess: 128 random bits, 22 characters."""
    return secrets.token_urlsafe(16)


def parse_session(name: str) -> str:
    """The name of a session, as it is.

    Raises:
        RequestInvalid: it is empty, too long, or has other characters than a session may have.
    """
    if not re.fullmatch(SESSION_PATTERN, name):
        raise RequestInvalid(
            f"会话名有误：{name or '（空）'}", hint="用 1 到 64 个字母、数字或 . _ : -，例如 ban-85"
        )
    return name


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


_FACT = re.compile(r"(?P<name>[^=<>≤≥]+)(?:=(?P<value>.*)|(?P<bounded>[<>≤≥].+))", re.DOTALL)


def parse_facts(pairs: Iterable[str], path: Path | None = None) -> dict[str, str]:
    """`班级人数=85`, `class_size<80` → facts by id or label; a file is read first, options go over it.

    Args:
        path: YAML, `事实: 值` on each line.

    Raises:
        RequestInvalid: an option has no value, one fact has two, or the file is no such mapping.
    """
    facts = _read_fact_file(path) if path else {}
    stated: dict[str, str] = {}
    for pair in pairs:
        match = _FACT.fullmatch(unicodedata.normalize("NFKC", pair))
        if match is None:
            raise RequestInvalid(f"看不懂的事实：{pair}", hint="写成 班级人数=85 或 class_size=85")
        name, value = match["name"].strip(), (match["bounded"] or match["value"]).strip()
        if stated.get(name, value) != value:
            raise RequestInvalid(f"{name} 说了两个不同的值", hint="只留一个")
        stated[name] = value
    return facts | stated


def _read_fact_file(path: Path) -> dict[str, str]:
    from assistant.rules.load import load_yaml

    hint = "每行写 事实: 值，如 班级人数: 85；用 UTF-8 编码保存"
    try:
        data = load_yaml(path.read_text(encoding="utf-8-sig"), path)
    except (OSError, UnicodeDecodeError) as exc:
        raise RequestInvalid(f"读不了文件 {path}", hint=hint) from exc
    except CorpusError as exc:
        raise RequestInvalid(exc.message, hint=hint) from exc
    if not isinstance(data, dict):
        raise RequestInvalid(f"{path} 里不是“事实: 值”", hint=hint)
    return {str(name): _show_given(value) for name, value in data.items()}


def _show_given(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "、".join(map(str, value))
    return "" if value is None else str(value)


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


def find_rule(book: Book, rule_id: str) -> str:
    """The key of a rule, parameter or conflict; its id without the document will do where only one has it.

    Raises:
        NotFound: there is none, or several documents have one.
    """
    known = [*book.rules, *book.parameters, *book.conflicts]
    if rule_id in known:
        return rule_id
    same = [key for key in known if key.rpartition("/")[2] == rule_id]
    if len(same) == 1:
        return same[0]
    near = same or get_close_matches(rule_id, known, n=3)
    hint = f"相近的有：{'、'.join(near)}；" if near else ""
    raise NotFound(
        f"没有这条规则：{rule_id}", hint=f"{hint}用 tiaowen rules list 或 GET /v1/rules 查看全部规则"
    )


def search_clauses(
    assistant: Assistant, query: str, *, region: str | None, document: str | None, top_k: int
) -> list[Passage]:
    """Search with what a surface was given; a blank region or document means that none was named.

    Raises:
        RequestInvalid: the query is blank or too long, or the region or the document is unknown.
    """
    wanted = build_question(query, as_of=date.max, region=region)
    return assistant.search(query, region=wanted.region, document=document or None, top_k=top_k)


def read_search(
    assistant: Assistant, query: str, *, region: str | None, document: str | None
) -> SearchReading:
    """How `search_clauses` reads the same.

    Raises:
        RequestInvalid: as `search_clauses`.
    """
    wanted = build_question(query, as_of=date.max, region=region)
    return assistant.read_search(query, region=wanted.region, document=document or None)
