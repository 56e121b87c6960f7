"""Values of the pipeline → the JSON objects every surface shows; the API and `--json` share them.

Keys stand in the order of the contract and are never sorted, so the same answer is the same bytes
whoever asked for it. The mapping is written out by hand, because a field added to a dataclass must
not change what other programs receive without anyone deciding it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from assistant.models import (
    Answer,
    Cell,
    Citation,
    Clause,
    Decision,
    DecisionCheck,
    DecisionValue,
    Document,
    Part,
    Passage,
)

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.dialogue.search import SearchReading
    from assistant.documents.catalog import Corpus
    from assistant.documents.regions import RegionTree

JsonObject = dict[str, Any]

# What every surface says below an answer.
FOOTER = "仅供参考，以经办机构审核为准。"
# What stands on an answer that a language model worded, and only there.
GENERATED = "AI 辅助生成"

_BLANKS = re.compile(r"\s+")


def dump_json(value: object) -> str:
    """The one JSON form of this project: Chinese as written, keys in the order given, one line."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def flow(text: str) -> str:
    """A source text on one line, for display: blanks beside Chinese go, others become one."""
    line = _BLANKS.sub(" ", text.strip())
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", line)


def answer_object(answer: Answer) -> JsonObject:
    """An Answer as the contract of `POST /v1/ask` words it."""
    return {
        "id": answer.id,
        "session_id": answer.session_id,
        "status": answer.status,
        "text": answer.text,
        "as_of": answer.as_of.isoformat(),
        "citations": [citation_object(citation) for citation in answer.citations],
        "decision": None if answer.decision is None else decision_object(answer.decision),
        "notices": list(answer.notices),
        "corpus_version": answer.corpus_version,
        "generated": answer.generated,
    }


def citation_object(citation: Citation) -> JsonObject:
    """A Citation: who says it, where, and the exact quote with its span."""
    return {
        "n": citation.n,
        "document": citation.document,
        "number": citation.number,
        "title": citation.title,
        "issuer": citation.issuer,
        "region": citation.region,
        "clause": citation.clause,
        "clause_id": citation.clause_id,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "clause_start": citation.clause_start,
        "clause_end": citation.clause_end,
    }


def decision_object(decision: Decision) -> JsonObject:
    """A Decision: outcome, figures, every executed check, what to ask and what would pass."""
    several = {"values": [_value_object(value) for value in decision.values]} if decision.values else {}
    return {
        "rule": decision.rule,
        "label": decision.label,
        "outcome": decision.outcome,
        "value": None if decision.value is None else _value_object(decision.value),
        **several,
        "checks": [_check_object(check) for check in decision.checks],
        "ask": [
            {
                "fact": ask.fact,
                "label": ask.label,
                "question": ask.question,
                "unit": ask.unit,
                "type": ask.type,
                "choices": list(ask.choices),
                "cites": list(ask.cites),
            }
            for ask in decision.ask
        ],
        "repairs": [
            {
                "set": dict(repair.changes),
                "certified": repair.certified,
                "cites": list(repair.cites),
                "note": repair.note,
            }
            for repair in decision.repairs
        ],
        "stable_until": iso_day(decision.stable_until),
    }


def _value_object(value: DecisionValue) -> JsonObject:
    """A figure; a bound that is an equality and ends that are open are left out."""
    bound = {"bound": value.bound} if value.bound != "==" else {}
    ends = {name: end for name, end in (("low", value.low), ("high", value.high)) if end is not None}
    return {"amount": value.amount, "unit": value.unit, **bound, **ends}


def _check_object(check: DecisionCheck) -> JsonObject:
    return {
        "id": check.id,
        "label": check.label,
        "outcome": check.outcome,
        "shown": check.shown,
        "margin": check.margin,
        "facts": dict(check.facts),
        "parameters": [
            {
                "id": used.id,
                "value": used.value,
                "unit": used.unit,
                "cite": used.cite,
                "from": iso_day(used.since),
            }
            for used in check.parameters
        ],
        "cites": list(check.cites),
        "when": check.when,
        "force": check.force,
        "reminder": check.reminder,
    }


def clause_row(clause: Clause) -> JsonObject:
    """A clause as it stands in the list of its document."""
    return {
        "clause_id": clause.clause_id,
        "path": clause.path,
        "label": clause.label,
        "kind": clause.kind,
        "heading": clause.heading,
        "headings": list(clause.headings),
        "parent": clause.parent,
        "part": clause.part,
        "start": clause.start,
        "end": clause.end,
        "text": clause.text,
        "cells": [_cell_object(cell) for cell in clause.cells],
    }


def _cell_object(cell: Cell) -> JsonObject:
    return {"header": cell.header, "text": cell.text, "start": cell.start, "end": cell.end}


def clause_object(clause: Clause, document: Document, regions: RegionTree) -> JsonObject:
    """A clause by itself: with the instrument it belongs to and its exact `source` text."""
    return {
        **_instrument(clause, document, regions),
        **clause_row(clause),
        "source": document.source[clause.start : clause.end],
    }


def _instrument(clause: Clause, document: Document, regions: RegionTree) -> JsonObject:
    """Number, title and issuer are those of the clause's part, where the part has its own."""
    part = next((part for part in document.parts if part.id == clause.part), None)
    return {
        "document": document.id,
        "number": (part and part.number) or document.number,
        "title": (part and part.title) or document.title,
        "issuer": (part and part.issuer) or document.issuer,
        "region": region_name(regions, document.region),
    }


def document_row(document: Document, regions: RegionTree) -> JsonObject:
    """A document in a list: what it is, where and when it holds."""
    return {
        "id": document.id,
        "title": document.title,
        "number": document.number,
        "issuer": document.issuer,
        "region": region_name(regions, document.region),
        "region_code": document.region,
        "year": document.year,
        "issued": iso_day(document.issued),
        "effective": iso_day(document.effective),
        "expires": iso_day(document.expires),
        "aliases": list(document.aliases),
        "only_for": list(document.only_for),
        "n_clauses": len(document.clauses),
        "n_characters": len(document.source),
    }


def document_object(document: Document, regions: RegionTree) -> JsonObject:
    """A whole document: metadata, parts, clauses in reading order and the source text."""
    return {
        **document_row(document, regions),
        "parts": [_part_object(part) for part in document.parts],
        "clauses": [clause_row(clause) for clause in document.clauses],
        "furniture": [{"start": span.start, "end": span.end} for span in document.furniture],
        "source": document.source,
    }


def _part_object(part: Part) -> JsonObject:
    return {
        "id": part.id,
        "title": part.title,
        "number": part.number,
        "issuer": part.issuer,
        "issued": iso_day(part.issued),
        "start": part.start,
        "end": part.end,
    }


def documents_object(corpus: Corpus, regions: RegionTree) -> JsonObject:
    """The list of documents, in the order of the corpus."""
    rows = [document_row(document, regions) for document in corpus.documents]
    return {"corpus_version": corpus.version, "documents": rows}


def regions_object(corpus: Corpus, regions: RegionTree) -> JsonObject:
    """The regions that have documents of their own, by code, each with those documents."""
    codes = sorted({document.region for document in corpus.documents})
    return {
        "corpus_version": corpus.version,
        "regions": [
            {
                "code": code,
                "name": region_name(regions, code),
                "documents": [d.id for d in corpus.documents if d.region == code],
            }
            for code in codes
        ],
    }


def search_object(assistant: Assistant, query: str, passages: Sequence[Passage]) -> JsonObject:
    """Ranked clauses with their scores."""
    return {
        "query": query,
        "corpus_version": assistant.corpus_version,
        "passages": [_passage_object(assistant, passage) for passage in passages],
    }


def reading_object(reading: SearchReading) -> JsonObject:
    """How a search was read; what each score is made of stands in the `legs` of its passages."""
    return {
        "words": [{"word": word, "rarity": rarity} for word, rarity in reading.words],
        "official": list(reading.official),
        "documents": list(reading.documents),
        "rules": [{"id": key, "label": label} for key, label in reading.rules],
    }


def _passage_object(assistant: Assistant, passage: Passage) -> JsonObject:
    document = assistant.corpus.document_by_id[passage.clause.document]
    return {
        "rank": passage.rank,
        "score": round(passage.score, 6),
        "legs": {leg: round(score, 6) for leg, score in sorted(passage.legs.items())},
        **_instrument(passage.clause, document, assistant.regions),
        **clause_row(passage.clause),
    }


def region_name(regions: RegionTree, code: str) -> str:
    """The name of a region; its code where the tree has none."""
    region = regions.get(code)
    return code if region is None else region.name


def iso_day(day: date | None) -> str | None:
    """A day as it is written, None where there is none."""
    return None if day is None else day.isoformat()
