"""Links from a check to the application forms that it can fill in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from assistant.rules.law import Rule
from assistant.surfaces.staff.case_form import CaseForm
from assistant.surfaces.staff.form_files import find_shelf

if TYPE_CHECKING:
    from assistant.app import Assistant


@dataclass(frozen=True, slots=True)
class FormLink:
    """A form, and the address at which it is filled in from a case."""

    label: str
    address: str


def link_forms(assistant: Assistant, case: CaseForm, rule: Rule) -> tuple[FormLink, ...]:
    """The forms that go with a rule; a faulty one is told on the page of the forms, not here."""
    shelf = find_shelf(assistant)
    return tuple(
        FormLink(
            form.label, case.address(f"/staff/forms/{quote(form.document)}/{quote(form.id)}", rule=rule.key)
        )
        for form in shelf.forms
        if form.rule == rule.key
    )
