"""The composer's templates and their strict placeholders."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import assistant.dialogue
from assistant.config import data_dir
from assistant.dialogue.messages import Messages, load_messages
from assistant.errors import ConfigError

TEMPLATES = load_messages(data_dir("prompts")).templates
CODE = "\n".join(p.read_text(encoding="utf-8") for p in Path(assistant.dialogue.__path__[0]).glob("*.py"))


def test_values_fill_their_places():
    messages = Messages({"lead": "{place}（{number}）："})
    assert messages.say("lead", place="潢川县", number="1号") == "潢川县（1号）："
    assert messages.say("lead", place="{number}", number="") == "{number}（）："


@pytest.mark.parametrize(
    ("name", "values"),
    [
        pytest.param("lead", {"place": "潢川县"}, id="one missing"),
        pytest.param("lead", {"place": "潢川县", "number": "1", "title": "方案"}, id="one too many"),
        pytest.param("lead", {}, id="none"),
        pytest.param("other", {}, id="no such template"),
    ],
)
def test_anything_else_is_an_error(name, values):
    with pytest.raises(ConfigError) as caught:
        Messages({"lead": "{place}（{number}）："}).say(name, **values)
    assert name in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="missing"),
        pytest.param("- a\n- b\n", id="a list"),
        pytest.param("lead: 3\n", id="not text"),
        pytest.param("lead: [\n", id="no YAML"),
    ],
)
def test_a_damaged_file_is_named(tmp_path, content):
    if content is not None:
        (tmp_path / "answer.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_messages(tmp_path)
    assert "answer.yaml" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_every_template_is_used(name):
    assert f'"{name}"' in CODE


def test_every_used_template_exists():
    used = set(re.findall(r'\.say\(\s*"(\w+)"', CODE))
    used |= set(re.findall(r'"(refused_\w+|notice_\w+|lead\w*)"', CODE))
    assert used <= set(TEMPLATES)
    assert len(used) > 10
