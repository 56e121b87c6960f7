"""From files to training data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.errors import ConfigError
from assistant.models import Clause, Document
from assistant.retrieval.recipe import N_OWN, TrainingFiles, gather_data

LAW = "第一条 甲方应当按期支付价款给乙方。乙方应当交货并负责安装。\n第二条 完。\n"


def _write(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def document() -> Document:
    source = "每班人数不得超过80人。\n"
    clause = Clause(
        "d#1", "d", "1", "1.", "clause", 0, 12, source.strip(), "规模", ("班级",), questions=("一班几个人",)
    )
    return Document("d", "方案", "", "", "000000", source, (clause,))


def test_sources_by_origin_headings_sentences_and_own_questions(tmp_path, document):
    (tmp_path / "laws.txt").write_text(LAW, encoding="utf-8")
    rows = [
        {"src": "faq", "q": "何时付款？", "p": "甲方应当付款。"},
        {"src": "faq", "q": "谁来安装？", "p": "乙方安装。"},
        {"src": "faq_kw", "q": "安装", "p": "乙方安装。"},
    ]
    articles = _write(
        tmp_path / "a.jsonl", [{"id": "1", "title": "某法 总则 第一条", "text": "甲方应当付款。"}]
    )
    held_out = _write(tmp_path / "held.jsonl", [{"id": "1", "text": "谁来安装？"}])
    files = TrainingFiles((tmp_path / "laws.txt",), (_write(tmp_path / "p.jsonl", rows),), articles, held_out)
    data = gather_data(files, [document])
    by_name = {source.name: source.pairs for source in data.sources}
    assert by_name == {
        "p.jsonl": [("何时付款？", "甲方应当付款。"), ("何时付款？", "某法 总则 甲方应当付款。")],
        "questions": [("一班几个人", "班级 规模 每班人数不得超过80人。")],
        "headings": [("某法 总则", "甲方应当付款。")],
        "sentences": [("甲方应当按期支付价款给乙方。", "乙方应当交货并负责安装。")],
    }
    assert data.texts.count("每班人数不得超过80人。") == N_OWN
    assert "谁来安装？" not in data.texts
    assert data.names == (
        "laws.txt",
        "corpus ×3",
        "p.jsonl: 2 pairs",
        "questions: 1 pairs",
        "headings: 1 pairs",
        "sentences: 1 pairs",
    )


def test_unusable_lines_are_told_by_file(tmp_path, document):
    path = tmp_path / "p.jsonl"
    path.write_text('{"q": "谁？", "p": "甲。"}\n{broken\n', encoding="utf-8")
    assert gather_data(TrainingFiles(pairs=(path,)), [document]).skipped == {path: (2,)}


def test_nothing_to_read_is_an_error():
    with pytest.raises(ConfigError, match="没有训练文本"):
        gather_data(TrainingFiles())
