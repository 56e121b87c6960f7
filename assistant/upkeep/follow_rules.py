"""The rules that quote a document, under its new text: what is held back, what may be taken over, what comes out otherwise."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.app import read_corpus_rules
from assistant.documents.compare import Comparison
from assistant.errors import RuleError
from assistant.models import Document
from assistant.rules.build import build_book
from assistant.rules.choose import NOTHING, ChosenRules, choose_rules
from assistant.rules.drift import RuleDrift, TableChange, find_rule_drift, find_table_changes
from assistant.rules.load import RULES, RuleSource, load_yaml, validate_rules
from assistant.rules.outcomes import OutcomeChange, compare_outcomes
from assistant.rules.rewrite import Proposal, propose_figures, rewrite_rules
from assistant.upkeep.drafts import Shelf

if TYPE_CHECKING:
    from assistant.config import Settings


@dataclass(frozen=True, slots=True)
class Texts:
    """A document before and after, and its rule file as it is."""

    old: Document
    new: Document
    comparison: Comparison
    rules_text: str


@dataclass(frozen=True, slots=True)
class Followed:
    """What becomes of the rules; `rules_text` is the rule file of the new version."""

    drifts: tuple[RuleDrift, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    accepted: tuple[Proposal, ...] = ()
    tables: tuple[TableChange, ...] = ()
    outcomes: tuple[OutcomeChange, ...] = ()
    faults: tuple[str, ...] = ()
    rules_text: str = ""


def follow_rules(settings: Settings, shelf: Shelf, texts: Texts, accepted: Collection[str]) -> Followed:
    """What becomes of the rules that quote the document."""
    old, new = texts.old, texts.new
    try:
        source = read_corpus_rules(settings, shelf.corpus)
        files = {i: validate_rules(d, f"documents/{i}/{RULES}") for i, d in source.documents.items()}
    except RuleError as exc:
        if texts.rules_text:
            load_yaml(texts.rules_text, Path(RULES))
        return Followed(faults=(exc.message,), rules_text=texts.rules_text)
    drifts = tuple(
        drift for i, file in files.items() for drift in find_rule_drift(i, file, old, new, texts.comparison)
    )
    own = tuple(drift for drift in drifts if drift.owner == old.id)
    if old.id not in files:
        return Followed(drifts=drifts, rules_text=texts.rules_text)
    proposals = propose_figures(files[old.id], own)
    taken = tuple(p for p in proposals if p.parameter in accepted)
    rules_text = rewrite_rules(texts.rules_text, new, own, taken)
    before, after = _choose_both(shelf, source, texts, rules_text)
    return Followed(
        drifts=drifts,
        proposals=proposals,
        accepted=taken,
        tables=find_table_changes(files[old.id], old, new),
        outcomes=_compare(shelf, before, after, new),
        faults=tuple(fault.message for fault in after.faults if fault not in before.faults),
        rules_text=rules_text,
    )


def _choose_both(
    shelf: Shelf, source: RuleSource, texts: Texts, rules_text: str
) -> tuple[ChosenRules, ChosenRules]:
    data = {**source.documents, texts.new.id: load_yaml(rules_text, Path(RULES))}
    documents = _replaced(shelf, texts.new)
    return (
        choose_rules(source, NOTHING, shelf.corpus.documents),
        choose_rules(replace(source, documents=data), NOTHING, documents),
    )


def _compare(
    shelf: Shelf, before: ChosenRules, after: ChosenRules, new: Document
) -> tuple[OutcomeChange, ...]:
    return compare_outcomes(
        build_book(before.source, shelf.corpus.documents, lint=False),
        build_book(after.source, _replaced(shelf, new), lint=False),
    )


def _replaced(shelf: Shelf, new: Document) -> list[Document]:
    return [new if document.id == new.id else document for document in shelf.corpus.documents]
