"""The attack corpus itself: large enough, in both languages, without repetition, and counted in SECURITY.md as it is."""

from __future__ import annotations

import re
from collections import Counter

from tests.attacks.conftest import ROOT
from tests.attacks.items import API_RISKS, LLM_RISKS, count_by_risk, read_items, write_table

SECURITY = ROOT / ".github" / "SECURITY.md"
ELSEWHERE = {"LLM04"}
"""Not a matter of requests: dependencies are pinned by range, reviewed by hand and told in SECURITY.md."""


def test_there_are_enough_of_every_kind():
    items = read_items()
    assert len(items) >= 240
    assert sum(bool(re.search("[一-鿿]", item.text)) for item in items) >= 120
    assert sum(bool(re.search(r"[A-Za-z]{3,} [A-Za-z]{2,} ", item.text)) for item in items) >= 40


def test_no_attack_stands_twice():
    counts = Counter((item.group.kind, item.group.field, item.text) for item in read_items())
    assert [key for key, n in counts.items() if n > 1] == []
    assert len({item.id for item in read_items()}) == len(read_items())


def test_every_risk_is_tried_and_known():
    counts = count_by_risk()
    assert {risk for risk, n in counts.items() if n == 0} == ELSEWHERE
    named = {risk for item in read_items() for risk in item.group.owasp}
    assert named <= {*LLM_RISKS, *API_RISKS}


def test_the_security_page_counts_what_there_is():
    """To renew it: `python -c 'from tests.attacks.items import write_table; print(write_table())'`."""
    assert write_table() in SECURITY.read_text(encoding="utf-8")
