"""Which rules a page of the desk offers: those that bind the place, by the document they come from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from assistant.rules.decide import Lineage
from assistant.rules.law import Rule
from assistant.surfaces.schema import region_name, regions_object

if TYPE_CHECKING:
    from assistant.app import Assistant

R = TypeVar("R", bound=Rule)


@dataclass(frozen=True, slots=True)
class Source:
    """The document that a rule comes from."""

    id: str
    title: str
    number: str
    region: str


@dataclass(frozen=True, slots=True)
class Choice(Generic[R]):
    """The rules of one document; `name` says which."""

    name: str
    rules: tuple[R, ...]


def find_source(assistant: Assistant, rule: Rule) -> Source:
    """The document of a rule."""
    document = assistant.calculator.book.documents[rule.document]
    region = region_name(assistant.regions, document.region)
    return Source(document.id, document.title, document.number, region)


def list_binding(assistant: Assistant, rules: Iterable[R], lineage: Lineage) -> list[R]:
    """The rules that bind a place; all where none is named."""
    documents = assistant.calculator.book.documents
    return [rule for rule in rules if lineage is None or documents[rule.document].region in lineage]


def list_choices(assistant: Assistant, rules: Iterable[R]) -> list[Choice[R]]:
    """Rules by document, in the order given."""
    by_document: dict[str, list[R]] = {}
    for rule in rules:
        by_document.setdefault(rule.document, []).append(rule)
    choices = []
    for found in by_document.values():
        source = find_source(assistant, found[0])
        choices.append(Choice(f"{source.region} {source.number or source.title}", tuple(found)))
    return choices


def list_regions(assistant: Assistant) -> list[str]:
    """The names of the places that have documents of their own."""
    rows = regions_object(assistant.corpus, assistant.regions)["regions"]
    return [row["name"] for row in rows]
