"""Facts read out of what people say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.dialogue.understand import prepare_text

TABLE = yaml.safe_load((Path(__file__).parent / "stated_facts.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("line", TABLE, ids=[line["say"] for line in TABLE])
def test_what_is_said_is_stated(read_facts, line: dict[str, Any]):
    stated = read_facts(prepare_text(line["say"]))
    expected = read_facts.values(line["facts"])
    assert {fact: stated.get(fact) for fact in expected} == expected
    assert not set(line.get("not", ())) & set(stated)
