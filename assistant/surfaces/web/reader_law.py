"""The pages of the rules: all of them, one of them, and where documents disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from assistant.errors import RequestInvalid
from assistant.rules.law import Conflict, Parameter
from assistant.rules.missing import list_asked
from assistant.surfaces import inbound, schema
from assistant.surfaces.replies import find_assistant
from assistant.surfaces.schema_rules import KINDS, AnyRule, all_rules, collect_cites, fact_row
from assistant.surfaces.web.pages import render_page
from assistant.surfaces.web.places import conflict_anchor
from assistant.surfaces.web.reader_rule import QuotedClause, RuleTeller, quote_cites, tell_days
from assistant.surfaces.web.reader_rules import group_lines, list_users, make_line
from assistant.surfaces.web.reader_words import Wording

if TYPE_CHECKING:
    from assistant.app import Assistant

router = APIRouter(include_in_schema=False)

Short = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a conflict: its document, its figure in words where it has one, its quotes."""

    document: schema.JsonObject
    figure: str
    quotes: list[QuotedClause]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A conflict as its page shows it; `relation` is empty where none is declared."""

    anchor: str
    label: str
    statement: str
    relation: str
    sides: list[Side]

    @property
    def is_between_documents(self) -> bool:
        """Whether its sides stand in different documents."""
        return len({side.document["id"] for side in self.sides}) > 1


@router.get("/rules")
def rules_page(request: Request, document: Short = "", kind: Short = "", region: Short = "") -> Response:
    """The rules by document and kind."""
    assistant = find_assistant(request)
    book = assistant.calculator.book
    problem, status, lineage = "", 200, None
    try:
        lineage = assistant.lineage(region.strip() or None)
        if document:
            inbound.find_document(assistant.corpus, document)
    except RequestInvalid as exc:
        problem, status = f"{exc.message}。{exc.hint}", exc.http_status
    wanted = [
        rule
        for rule in all_rules(book).values()
        if document in ("", rule.document)
        and kind in ("", KINDS[type(rule)])
        and (lineage is None or book.documents[rule.document].region in lineage)
    ]
    grouped = group_lines(wanted, Wording(book, request.app.state.today()))
    values = {
        "groups": [(_row(assistant, id_), kinds) for id_, kinds in grouped.items()],
        "n_shown": len(wanted),
        "problem": problem,
        "document_id": document,
        "kind": kind,
        "kinds": list(KINDS.values()),
        "region": region.strip(),
        "regions": [
            row["name"] for row in schema.regions_object(assistant.corpus, assistant.regions)["regions"]
        ],
        "documents": assistant.corpus.documents,
    }
    return render_page(request, "reader/rules.html", values, status=status)


@router.get("/rules/{rule_id:path}")
def rule_page(rule_id: str, request: Request) -> Response:
    """One rule in plain words."""
    assistant = find_assistant(request)
    book = assistant.calculator.book
    rule = all_rules(book)[inbound.find_rule(book, rule_id)]
    if isinstance(rule, Conflict):
        return RedirectResponse(f"/conflicts#{conflict_anchor(rule.key)}", status_code=307)
    today: date = request.app.state.today()
    return render_page(request, "reader/rule.html", _rule_values(assistant, rule, today))


@router.get("/conflicts")
def conflicts_page(request: Request) -> Response:
    """Where documents disagree with each other or with themselves."""
    assistant = find_assistant(request)
    wording = Wording(assistant.calculator.book, request.app.state.today())
    conflicts = assistant.calculator.book.conflicts.values()
    told = [_tell_conflict(assistant, conflict, wording) for conflict in conflicts]
    values = {
        "between": [item for item in told if item.is_between_documents],
        "within": [item for item in told if not item.is_between_documents],
    }
    return render_page(request, "reader/conflicts.html", values)


def _row(assistant: Assistant, document_id: str) -> schema.JsonObject:
    return schema.document_row(assistant.corpus.document_by_id[document_id], assistant.regions)


def _rule_values(assistant: Assistant, rule: AnyRule, today: date) -> dict[str, Any]:
    book = assistant.calculator.book
    wording = Wording(book, today)
    is_figure = isinstance(rule, Parameter)
    figures = (
        [rule]
        if isinstance(rule, Parameter)
        else [book.parameters[key] for key in book.needs(rule.key).parameters]
    )
    asked = () if is_figure else list_asked(rule.key, book)
    users = list_users(book, rule) if isinstance(rule, Parameter) else ()
    return {
        "line": make_line(rule, wording),
        "document": _row(assistant, rule.document),
        "statements": RuleTeller(book, wording).tell(rule),
        "figures": [(make_line(figure, wording), tell_days(figure, wording)) for figure in figures],
        "facts": [fact_row(book.facts[fact]) for fact in asked],
        "quotes": quote_cites(book, collect_cites(book, rule)),
        "users": [make_line(user, wording) for user in users],
        "questions": getattr(rule, "questions", ()),
        "documents": {d.id: d for d in assistant.corpus.documents},
    }


def _tell_conflict(assistant: Assistant, conflict: Conflict, wording: Wording) -> Disagreement:
    book = assistant.calculator.book
    sides = []
    for side, cites in zip(conflict.sides, assistant.calculator.sides(conflict), strict=True):
        quotes = quote_cites(book, cites)
        document_id = quotes[0].document if quotes else conflict.document
        figure = wording.say_figure(book.parameters[side.parameter]) if side.parameter else ""
        sides.append(Side(_row(assistant, document_id), figure, quotes))
    relation = "" if conflict.relation == "none" else conflict.relation
    return Disagreement(conflict_anchor(conflict.key), conflict.label, conflict.statement, relation, sides)
