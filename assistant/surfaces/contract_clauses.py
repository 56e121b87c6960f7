"""Clauses and searches as pydantic models: what the objects of `schema` look like to a program that asks for a form.

They describe, as the answers of `contract` do; a test compares their fields with the objects.
"""

from __future__ import annotations

from pydantic import BaseModel, Field


class CellBody(BaseModel):
    """One cell of a row."""

    header: str = Field(description="列名")
    text: str
    start: int
    end: int


class PlacedClause(BaseModel):
    """A clause with the document it stands in."""

    document: str
    number: str = Field(description="文号")
    title: str
    issuer: str
    region: str
    clause_id: str
    path: str
    label: str = Field(description="条款号，如 二、（四）21.（1）")
    kind: str
    heading: str
    headings: list[str] = Field(description="上级标题，由外到内")
    parent: str | None
    part: str
    start: int = Field(description="在 source 中的起点，按字符（码点）计，含")
    end: int = Field(description="终点，不含")
    text: str
    cells: list[CellBody]


class ClauseBody(PlacedClause):
    """A clause with its exact words."""

    source: str = Field(description="原文，一字不差")


class PassageBody(PlacedClause):
    """A clause that a search found."""

    rank: int
    score: float
    legs: dict[str, float] = Field(description="分数的组成")


class SearchBody(BaseModel):
    """What a search found, best first."""

    query: str
    corpus_version: str
    passages: list[PassageBody]


class RuleFactBody(BaseModel):
    """A fact that a rule asks for."""

    id: str
    label: str
    type: str
    unit: str
    choices: list[str]
    ask: str


class RuleBody(BaseModel):
    """A rule in a list; `unit`, `bound` and `force` where it has them."""

    id: str
    kind: str
    document: str
    number: str
    region: str
    subject: str
    label: str
    unit: str = ""
    bound: str = ""
    force: str = ""
    facts: list[RuleFactBody]
    questions: list[str]


class RulesBody(BaseModel):
    """The rules that were asked for."""

    corpus_version: str
    rules: list[RuleBody]
