"""`tiaowen corpus add|update|retire|…`: previews, what is asked, what has to be stated, what is left unchanged."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from assistant.documents.versions import list_changes
from assistant.surfaces import cli_upkeep_ask as asking
from assistant.surfaces.cli import main
from tests.documents.test_read_pdf import SCAN, make_pdf
from tests.upkeep.conftest import NEW_TEXT, PLAN, TEXT, _one_segmenter, _small, describe_tree, own

__all__ = ["_one_segmenter", "_small", "own"]  # fixtures

NEW = "shangcheng-2025-7"
SIXTY = TEXT.replace("不得超过80人", "不得超过60人")
REWORDED = TEXT.replace("培训班每班人数不得超过80人。", "除疫情期间外，培训班每班人数不得超过80人。")


@dataclass
class Outcome:
    code: int
    out: str
    err: str


@pytest.fixture
def tiaowen(own, monkeypatch, capsys, tmp_path):
    """Runs a command on the small corpus."""
    monkeypatch.chdir(tmp_path)
    settings = {
        "COLUMNS": "160",
        "TIAOWEN_CORPUS_DIR": str(own.corpus_dir),
        "TIAOWEN_INDEX_DIR": str(own.index_dir),
        "TIAOWEN_STORE__URL": own.store.url,
        "TIAOWEN_RETRIEVAL__VECTORS": "exact",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    def run(*args: str) -> Outcome:
        code = main(["corpus", *args])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return Outcome(code, captured.out, captured.err)

    return run


@pytest.fixture
def answers(monkeypatch):
    """Somebody at the terminal who gives these answers, in order."""
    given: list[object] = []

    class Terminal:
        @staticmethod
        def isatty() -> bool:
            return True

    monkeypatch.setattr(asking.sys, "stdin", Terminal())
    monkeypatch.setattr(asking.typer, "confirm", lambda *_, **__: given.pop(0))
    monkeypatch.setattr(asking.typer, "prompt", lambda *_, default="", **__: given.pop(0) or default)
    return given


def write(folder, text, name="plan.txt"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_a_preview_alone_changes_nothing(tiaowen, own, tmp_path):
    before = describe_tree(own.corpus_dir)
    outcome = tiaowen("add", write(tmp_path, NEW_TEXT))
    assert outcome.code == 6
    for words in ("商政办〔2025〕7号", "第 3 行", "（一）", "条款 8", "个数字可以编成规则"):
        assert words in outcome.out
    assert "--yes" in outcome.err
    assert describe_tree(own.corpus_dir) == before


def test_a_document_is_added_listed_and_told_of(tiaowen, own, tmp_path):
    outcome = tiaowen("add", write(tmp_path, NEW_TEXT), "--yes", "--why", "新方案")
    assert outcome.code == 0, outcome.err
    assert f"{NEW} 第 1 版：加入" in outcome.out
    assert "索引已建立：2 个文件" in outcome.out
    assert NEW in tiaowen("list").out
    history = json.loads(tiaowen("history", "--json").out)
    assert [(c["document"], c["action"], c["why"]) for c in history] == [(NEW, "add", "新方案")]
    assert "加入" in tiaowen("history", NEW).out


def test_what_is_missing_is_named_with_its_option(tiaowen, tmp_path):
    outcome = tiaowen(
        "add", write(tmp_path, "一、每班人数不得超过45人。\n\n二、总课时不少于50课时。\n"), "--yes"
    )
    assert outcome.code == 6
    assert "还缺：标题、发文机关、地区、成文日期" in outcome.err
    for option in ("--title", "--issuer", "--region", "--date"):
        assert option in outcome.err


def test_what_is_missing_is_asked_for(tiaowen, own, tmp_path, answers):
    answers += ["固始县培训通知", "固始县人社局", "固始县", "2025-01-02", "gushi-1", True]
    outcome = tiaowen("add", write(tmp_path, "一、每班人数不得超过45人。\n\n二、总课时不少于50课时。\n"))
    assert outcome.code == 0, outcome.err
    assert answers == []
    assert (own.corpus_dir / "documents" / "gushi-1" / "source.txt").is_file()


def test_a_no_changes_nothing(tiaowen, own, tmp_path, answers):
    answers += ["", False]
    outcome = tiaowen("add", write(tmp_path, NEW_TEXT))
    assert (outcome.code, "没有改动" in outcome.err) == (0, True)
    assert list_changes(own.corpus_dir) == ()


def test_a_known_document_is_offered_for_an_update(tiaowen, tmp_path):
    outcome = tiaowen("add", write(tmp_path, SIXTY), "--yes")
    assert outcome.code == 6
    assert f"tiaowen corpus update {PLAN}" in outcome.err


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("a.txt", b"", "没有文字"), ("a.pdf", make_pdf(SCAN), "扫描"), ("a.doc", b"x", "另存为 .docx")],
)
def test_a_bad_file_is_told(tiaowen, own, tmp_path, name, content, words):
    before = describe_tree(own.corpus_dir)
    outcome = tiaowen("add", write(tmp_path, content, name), "--yes")
    assert (outcome.code, words in outcome.err) == (3, True)
    assert describe_tree(own.corpus_dir) == before


def test_an_update_shows_the_rules_and_takes_figures_over(tiaowen, tmp_path):
    path = write(tmp_path, SIXTY)
    shown = tiaowen("update", PLAN, path)
    for words in ("〔80〕60人", "数字变了：每班人数上限 80人 → 60人", "规则旁的例子有 2 个结果会变"):
        assert words in shown.out
    assert tiaowen("update", PLAN, path, "--yes", "--accept", "nothing").code == 6
    done = tiaowen("update", PLAN, path, "--yes", "--accept", "all")
    assert "采用新数字 每班人数上限 80人→60人" in done.out
    assert "停用待核对：" not in done.err
    assert "〔80〕60人" in tiaowen("diff", PLAN).out


def test_held_rules_are_confirmed(tiaowen, tmp_path):
    held = tiaowen("update", PLAN, write(tmp_path, REWORDED), "--yes")
    assert f"tiaowen corpus confirm {PLAN}" in held.err
    shown = tiaowen("confirm", PLAN)
    assert (shown.code, "引文还在" in shown.out) == (6, True)
    assert "恢复 1 处引文" in tiaowen("confirm", PLAN, "--yes").out


def test_the_rest_of_a_documents_life(tiaowen, own, tmp_path):
    assert tiaowen("add", write(tmp_path, NEW_TEXT), "--yes").code == 0
    steps = [
        (("retire", PLAN, "--on", "2026-01-01", "--replaced-by", NEW), "自 2026-01-01 起停用，由 shangcheng"),
        (("restore", PLAN), "恢复使用"),
        (("revert", PLAN, "--version", "2"), "恢复为第 2 版"),
        (("remove", NEW), "移出文件库"),
    ]
    for args, words in steps:
        outcome = tiaowen(*args, "--yes")
        assert (outcome.code, words in outcome.out) == (0, True), outcome.err
    assert [c.action for c in list_changes(own.corpus_dir)] == [
        "add",
        "retire",
        "restore",
        "revert",
        "remove",
    ]


def test_a_corpus_of_ones_own(tiaowen, tmp_path):
    outcome = tiaowen("init", str(tmp_path / "mine"))
    assert (outcome.code, "TIAOWEN_CORPUS_DIR=" in outcome.err) == (0, True)
    assert (tmp_path / "mine" / "documents" / "huangchuan-2021-1" / "source.txt").is_file()


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("update", "no-such", "x.txt", "--yes"), 6),
        (("retire", PLAN, "--on", "tomorrow", "--yes"), 6),
        (("diff", "no-such"), 6),
        (("history", "../x"), 6),
        (("add", "missing.txt", "--yes"), 3),
    ],
)
def test_what_cannot_be_done_ends_with_its_code(tiaowen, args, code):
    outcome = tiaowen(*args)
    assert outcome.code == code
    assert "解决办法" in outcome.err
