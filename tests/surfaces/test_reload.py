"""A running server serves a new index generation without a restart, and the former one while that fails."""

import shutil
from datetime import date

import pytest

from assistant.app import build_indexes
from assistant.config import RetrievalSettings, Settings, data_dir
from assistant.models import Question
from assistant.surfaces import startup
from assistant.surfaces.startup import AssistantHolder

QUESTION = Question("跨县培训的交通补助每人每天多少元？", as_of=date(2026, 11, 21), region="潢川县")
NEW_TEXT = "潢川县交通补助办法\n\n第一条　跨县培训的交通补助为每人每天30元。\n"


@pytest.fixture
def settings(tmp_path):
    shutil.copytree(data_dir("corpus"), tmp_path / "corpus")
    retrieval = RetrievalSettings(vectors="exact")
    return Settings(corpus_dir=tmp_path / "corpus", index_dir=tmp_path / "indexes", retrieval=retrieval)


def _add_document(settings):
    folder = settings.corpus_dir / "documents" / "traffic-allowance"
    folder.mkdir()
    (folder / "source.txt").write_text(NEW_TEXT, encoding="utf-8")


def test_new_generation_is_served(settings, monkeypatch):
    monkeypatch.setattr(startup, "RELOAD_SECONDS", 0.0)
    build_indexes(settings)
    holder = AssistantHolder(settings)
    assert holder().ask(QUESTION).status == "refused"
    _add_document(settings)
    build_indexes(settings)
    answer = holder().ask(QUESTION)
    assert answer.status == "answered"
    assert [c.clause_id for c in answer.citations] == ["traffic-allowance#1"]


def test_former_generation_serves_while_the_new_cannot_be_opened(settings, monkeypatch, caplog):
    monkeypatch.setattr(startup, "RELOAD_SECONDS", 0.0)
    build_indexes(settings)
    holder = AssistantHolder(settings)
    first = holder()
    for manifest in settings.index_dir.glob("*/manifest.json"):
        manifest.write_text("{}", encoding="utf-8")
    (settings.index_dir / "CURRENT").write_text("0123456789abcdef\n", encoding="ascii")
    assert holder() is first
    assert "the former serves on" in caplog.text


def test_unchanged_index_is_not_opened_again(settings, monkeypatch):
    monkeypatch.setattr(startup, "RELOAD_SECONDS", 0.0)
    build_indexes(settings)
    holder = AssistantHolder(settings)
    assert holder() is holder()
