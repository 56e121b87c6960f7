"""`.env.example` names every setting, with its default, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

import assistant.config
from assistant.config import Settings, setting_names
from assistant.surfaces.startup import UNSET, setting_rows

EXAMPLE = Path(assistant.config.__file__).parents[1] / ".env.example"
PATHS = {"TIAOWEN_CORPUS_DIR", "TIAOWEN_INDEX_DIR", "TIAOWEN_STORE__URL"}


@pytest.fixture(scope="module")
def example() -> dict[str, str]:
    lines = re.findall(r"^# (TIAOWEN_\w+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) == len(dict(lines))
    return dict(lines)


def leaf_names() -> set[str]:
    sections = {
        f"TIAOWEN_{name}".upper()
        for name in Settings.model_fields
        if isinstance(getattr(Settings.model_construct(), name, None), BaseModel)
    }
    return set(setting_names()) - sections


def test_names_are_exactly_the_settings(example):
    assert set(example) == leaf_names()


def test_rows_of_config_are_the_same_names():
    assert {row.name for row in setting_rows(Settings(_env_file=None))} == leaf_names()


def test_values_are_the_defaults(example, monkeypatch):
    for name in leaf_names():
        monkeypatch.delenv(name, raising=False)
    for row in setting_rows(Settings(_env_file=None)):
        if row.name not in PATHS:
            assert example[row.name] == ("" if row.value == UNSET else row.value), row.name


def test_every_setting_has_a_chinese_comment(example):
    text = EXAMPLE.read_text(encoding="utf-8")
    for name in example:
        comment = text[: text.index(f"# {name}=")].rstrip("\n").rsplit("\n", 1)[-1]
        assert re.match(r"# .*[一-鿿]", comment), name
