"""What was typed into the field of a fact → the notation in which facts are stated, and back.

A field takes what people write: 不到80, 八十五, 40多课时, and 65 where the unit is per cent. Nothing is guessed: what is
no single quantity stays as it is, and the fact itself says that it cannot read it.
"""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

from assistant.dialogue.quantities import lex_quantities
from assistant.documents.normalize import normalize_text, squeeze
from assistant.rules.facts import Fact, Fault
from assistant.rules.statements import Stated
from assistant.surfaces.web.texts import load_texts

YES, NO = "true", "false"
"""What the buttons of a three-state field send; the third sends nothing."""
NUMBERS = ("integer", "decimal", "share")
_BARE = re.compile(r"[<>=≤≥]{0,2}[\d,.]*\d(?:(?:\.\.|[~～—–至到-])[\d,.]*\d)?")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def write_value(fact: Fact, text: str, as_of: date) -> str | Fault:
    """The value of a fact as it is stated to the calculator.

    Args:
        as_of: the day that words are read on.
    """
    if fact.type not in NUMBERS:
        return text
    plain = squeeze(text)
    if fact.type == "share" and _BARE.fullmatch(plain):
        return _write_share(fact, plain)
    if not isinstance(fact.state(text), Fault):
        return text
    lexed = lex_quantities(squeeze(normalize_text(text).text), as_of)
    quantity = lexed.quantities.get(lexed.text[:1])
    if quantity is None or len(lexed.quantities) != 1:
        return text
    return quantity.write() + lexed.text[1:]


def _write_share(fact: Fact, plain: str) -> str | Fault:
    """65 is 65 %; 0.65 may be either, so it is told."""
    if any(0 < Fraction(n.replace(",", "")) <= 1 for n in _NUMBER.findall(plain)):
        message = load_texts()["staff"]["faults"]["which_share"]
        return Fault(fact.id, f"{fact.label}：{message}")
    return _NUMBER.sub(lambda match: f"{match[0]}%", plain)


def choose_control(fact: Fact, text: str) -> str:
    """What a control of the page must hold to show a value; text that no control can show comes back as it is."""
    read = fact.state(text) if text else None
    if not isinstance(read, Stated):
        return text
    if fact.type == "boolean":
        return YES if read.value else NO
    if fact.type == "choice" and len(read.value) == 1:
        return str(next(iter(read.value)))
    return text
