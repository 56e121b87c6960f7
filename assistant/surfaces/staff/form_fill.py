"""What was typed into an application form → what stands in its blanks.

In: a form, the fields of a request. Out: a `FilledForm`: the text of each blank as the template names it, and what is
wrong. A blank that nothing was typed for stays blank, for a pen. Nothing is kept: names, numbers and accounts go into
the file and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from assistant.errors import RequestInvalid
from assistant.rules.interval import Interval
from assistant.rules.statements import Stated
from assistant.surfaces.inbound import parse_day
from assistant.surfaces.staff.case_form import CaseFacts, CaseForm, build_question, clean_text, read_facts
from assistant.surfaces.staff.fact_fields import Field, list_facts
from assistant.surfaces.staff.form_files import ApplicationForm, FormFieldData
from assistant.surfaces.web.texts import load_texts

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.rules.facts import Fact

PREFIX = "t."
"""Before the name of a blank that is free text or a day, in the name of its field."""


@dataclass(frozen=True, slots=True)
class BlankField:
    """A blank on the page: the field of a fact, free text, a day, or what a check came to.

    Attributes:
        field: of a fact; None for others.
        text: what stands in it.
    """

    id: str
    data: FormFieldData
    text: str
    fault: str = ""
    field: Field | None = None

    @property
    def name(self) -> str:
        """The name of its control, where it is no fact."""
        return f"{PREFIX}{self.id}"


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form with what was typed.

    Attributes:
        blanks: by name: `text` as it is written, `value` and `unit` apart.
        strays: faults of facts that the form has no blank for.
    """

    groups: tuple[tuple[str, tuple[BlankField, ...]], ...]
    blanks: dict[str, dict[str, str]]
    strays: tuple[str, ...]

    @property
    def faults(self) -> list[str]:
        """All that is wrong."""
        fields = [blank.fault for _, blanks in self.groups for blank in blanks if blank.fault]
        return [*fields, *self.strays]


def fill_form(
    assistant: Assistant, form: ApplicationForm, case: CaseForm, items: Iterable[tuple[str, str]]
) -> FilledForm:
    """Fill in a form from a case and what was typed besides.

    Args:
        items: the fields of the request; those of the case among them are left alone.
    """
    book = assistant.calculator.book
    rule = book.verdicts.get(form.rule)
    wanted = {*form.facts, *(list_facts(book, rule, case) if rule else ())}
    facts = read_facts(assistant, case, wanted)
    typed = {name.removeprefix(PREFIX): clean_text(text) for name, text in items if name.startswith(PREFIX)}
    outcome = _find_outcome(assistant, form, case, facts)
    fields: dict[str, list[BlankField]] = {}
    blanks: dict[str, dict[str, str]] = {}
    for name, data in form.fields.items():
        text, fault, field = typed.get(name, ""), "", None
        if data.kind == "fact":
            fact = book.facts[data.fact]
            text, fault = case.given.get(fact.id, ""), facts.faults.get(fact.id, "")
            field = Field(fact, text, fault)
            blanks[name] = _write_fact(fact, facts.stated.get(fact.id))
        elif data.kind == "check":
            text = outcome
            blanks[name] = _write(outcome)
        else:
            fault, blanks[name] = _write_typed(data, text)
        fields.setdefault(data.group, []).append(BlankField(name, data, text, fault, field))
    strays = tuple(fault for fact, fault in facts.faults.items() if fact not in form.facts)
    return FilledForm(tuple((g, tuple(f)) for g, f in fields.items()), blanks, strays)


def _find_outcome(assistant: Assistant, form: ApplicationForm, case: CaseForm, facts: CaseFacts) -> str:
    """What the check of the form comes to, in a word; empty where it cannot be made."""
    is_asked = any(data.kind == "check" for data in form.fields.values())
    if not is_asked or facts.faults or case.faults:
        return ""
    answer = assistant.decide(form.rule, build_question(case, facts))
    words: Mapping[str, str] = load_texts()["staff"]["check"]["outcome"]
    return words[answer.decision.outcome] if answer.decision else ""


def _write(value: str, unit: str = "") -> dict[str, str]:
    return {"text": f"{value}{unit}", "value": value, "unit": unit if value else ""}


def _write_typed(data: FormFieldData, text: str) -> tuple[str, dict[str, str]]:
    """What is wrong with a text or a day, and how it is written."""
    words = load_texts()["staff"]["forms"]
    if data.max is not None:
        is_long = len(text) > data.max
        fault = words["too_long"].format(label=data.label, most=data.max) if is_long else ""
        return fault, _write(text)
    try:
        return "", _write(_write_day(parse_day(text)) if text else "")
    except RequestInvalid as exc:
        return f"{data.label}：{exc.message}，{exc.hint}", _write("")


def _write_fact(fact: Fact, said: Stated | None) -> dict[str, str]:
    """A fact as it was stated, with its unit."""
    if said is None:
        return _write("")
    if fact.type == "date" and not isinstance(said.value, Interval):
        return _write(_write_day(date.fromordinal(said.value)))
    is_number = fact.type in ("integer", "decimal")
    return _write(said.shown, said.unit if is_number and said.shown[-1:].isdigit() else "")


def _write_day(day: date) -> str:
    """A day as documents write it."""
    text: str = load_texts()["staff"]["forms"]["day"]
    return text.format(year=day.year, month=day.month, day=day.day)
