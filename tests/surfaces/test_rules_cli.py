"""`check`, `compute`, `check-batch` and `rules` over the shipped rules: results, questions, reports, exit codes."""

from __future__ import annotations

import io
import json
import shutil
import sys
from dataclasses import dataclass
from datetime import date

import openpyxl
import pytest

import assistant.app as wiring
from assistant.config import data_dir
from assistant.models import Answer, Question
from assistant.surfaces.cli import main
from assistant.surfaces.cli_check import ask_missing
from assistant.surfaces.inbound import parse_facts
from assistant.surfaces.schema import answer_object, dump_json

PLAN = "huangchuan-2021-1"
CLASS = f"{PLAN}/class-qualifies"
FACTS = ("-f", "班级人数=85", "-f", "teachers=4", "-f", "class_hours=60", "-f", "practical_hours=36")
DAY = ("--as-of", "2021-06-01", "-r", "潢川县")


@dataclass
class Outcome:
    code: int
    out: str
    err: str


@pytest.fixture
def tiaowen(real_assistant, monkeypatch, capsys, tmp_path):
    """Runs a command line with the shipped rules behind it."""
    monkeypatch.setattr(wiring, "open_assistant", lambda settings: real_assistant)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")

    def run(*args: str) -> Outcome:
        code = main(list(args))
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return Outcome(code, captured.out, captured.err)

    return run


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


def test_a_class_that_fails_is_a_result_not_an_error(tiaowen):
    outcome = tiaowen("check", *FACTS, *DAY)
    assert outcome.code == 0
    for words in ("85 > 80", "✗", "?", "[1]", "班级人数改为80人", "潢技领办〔2021〕1号"):
        assert words in outcome.out


def test_json_is_the_object_of_the_api(tiaowen, real_assistant):
    outcome = tiaowen("check", *FACTS, *DAY, "--json")
    body = json.loads(outcome.out)
    assert body["decision"]["rule"] == CLASS
    one = tiaowen("check", *FACTS, *DAY, "--rule", "class-size", "--json")
    assert [check["id"] for check in json.loads(one.out)["decision"]["checks"]] == ["class-size"]
    computed = tiaowen("compute", f"{PLAN}/class-size", *FACTS, *DAY, "--json")
    assert computed.out == one.out
    facts = {"班级人数": "85", "teachers": "4", "class_hours": "60", "practical_hours": "36"}
    asked = Question("", date(2021, 6, 1), "潢川县", facts=facts)
    assert computed.out == dump_json(answer_object(real_assistant.decide(f"{PLAN}/class-size", asked))) + "\n"


def test_facts_of_a_file_and_of_options(tiaowen, tmp_path):
    (tmp_path / "class.yaml").write_text(
        "班级人数: 85\nteachers: 4\nexam_is_offline: true\n", encoding="utf-8"
    )
    outcome = tiaowen("check", "--facts", "class.yaml", "-f", "班级人数=80", *DAY, "--json")
    checks = {check["id"]: check for check in json.loads(outcome.out)["decision"]["checks"]}
    assert checks["class-size"]["shown"] == "80 ≤ 80"
    assert "线下考核：是" in [check["shown"] for check in checks.values()]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        pytest.param(["班级人数=85"], {"班级人数": "85"}, id="label"),
        pytest.param(["class_size<80"], {"class_size": "<80"}, id="bound for the sign"),
        pytest.param(["class_size<=80"], {"class_size": "<=80"}, id="inclusive bound"),
        pytest.param(["class_size=<=80"], {"class_size": "<=80"}, id="bound behind the sign"),
        pytest.param(["班级人数＝８５"], {"班级人数": "85"}, id="full width"),
        pytest.param(["a=1", "a=1"], {"a": "1"}, id="said twice alike"),
        pytest.param(["证书类型=甲=乙"], {"证书类型": "甲=乙"}, id="sign in the value"),
    ],
)
def test_facts_as_they_are_typed(pairs, expected):
    assert parse_facts(pairs) == expected


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        pytest.param(["check", "-f", "班级人数"], 6, "看不懂的事实：班级人数", id="no value"),
        pytest.param(["check", "-f", "a=1", "-f", "a=2"], 6, "a 说了两个不同的值", id="two values"),
        pytest.param(["check", "-f", "班级人数=-3"], 6, "不可能是 -3", id="negative people"),
        pytest.param(["check", "-f", "moon=1"], 6, "不认识的事实：moon", id="unknown fact"),
        pytest.param(["check", "--facts", "no.yaml"], 6, "读不了文件 no.yaml", id="no such file"),
        pytest.param(["check", "-s", "moon"], 6, "不认识的检查对象：moon", id="unknown subject"),
        pytest.param(["compute", "class-siz"], 6, "没有这条规则：class-siz", id="unknown rule"),
        pytest.param(["compute"], 2, "缺少参数：规则", id="no rule"),
        pytest.param(["check", "班级人数=85"], 2, "多出的内容：班级人数=85", id="fact without its option"),
        pytest.param(["rules", "show", "moon"], 6, "没有这条规则：moon", id="show unknown rule"),
        pytest.param(["rules", "list", "-d", "moon"], 6, "没有这个文件：moon", id="list unknown document"),
        pytest.param(["rules", "pin", "-d", "moon"], 6, "没有这个文件", id="pin unknown document"),
        pytest.param(["check-batch"], 6, "缺少输入文件", id="no files"),
        pytest.param(["check-batch", "no.xlsx", "o.xlsx"], 6, "读不了文件 no.xlsx", id="no input"),
        pytest.param(["ask", "能开班吗", "-f", "班级人数=x"], 6, "不是数字", id="ask with a bad fact"),
    ],
)
def test_bad_input_is_explained(tiaowen, args, code, words):
    outcome = tiaowen(*args)
    assert (outcome.code, outcome.out) == (code, "")
    assert words in outcome.err
    assert "解决办法：" in outcome.err


def test_a_fact_file_that_is_no_mapping(tiaowen, tmp_path):
    (tmp_path / "list.yaml").write_text("- 1\n", encoding="utf-8")
    (tmp_path / "twice.yaml").write_text("a: 1\na: 2\n", encoding="utf-8")
    assert "不是“事实: 值”" in tiaowen("check", "--facts", "list.yaml").err
    assert "写了两次" in tiaowen("check", "--facts", "twice.yaml").err


# -- asking --------------------------------------------------------------------------------------------


def test_missing_facts_are_asked_for_one_by_one(tiaowen, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal("八十\n80\n5\n\nq\n"))
    outcome = tiaowen("check", *DAY)
    assert outcome.code == 0
    assert "这个班有多少名学员？" in outcome.err
    assert "“八十”不是数字" in outcome.err
    assert "[1 项符合，还有" in outcome.err
    assert outcome.err.count("回车") == 5
    assert "80 ÷ 5 = 16 ≤ 20" in outcome.out


def test_asking_ends_once_it_is_decided(tiaowen, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal("85\n4\n"))
    outcome = tiaowen("check", *DAY)
    assert outcome.err.count("回车") == 1
    assert "85 > 80" in outcome.out


def test_nobody_is_asked_without_a_terminal_or_where_it_is_switched_off(tiaowen, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("85\n"))
    assert "回车" not in tiaowen("check", *DAY).err
    monkeypatch.setattr(sys, "stdin", Terminal("85\n"))
    assert "回车" not in tiaowen("check", "--no-ask", *DAY).err
    assert "回车" not in tiaowen("check", "--json", *DAY).err


def test_what_was_skipped_is_not_asked_again(real_assistant, monkeypatch, capsys):
    asked = Question("", date(2021, 6, 1), "潢川县")
    first = real_assistant.check(asked)
    n_asks = len(first.decision.ask)
    monkeypatch.setattr(sys, "stdin", Terminal("不知道\n" * (n_asks + 5)))
    assert ask_missing(real_assistant, first, asked) == first
    assert capsys.readouterr().err.count("回车") == n_asks
    monkeypatch.setattr(sys, "stdin", Terminal("q\n"))
    assert isinstance(ask_missing(real_assistant, first, asked), Answer)


# -- workbooks -----------------------------------------------------------------------------------------


def test_check_batch_writes_a_workbook(tiaowen, tmp_path):
    (tmp_path / "in.csv").write_text("班级人数,教师数,桌子\n85,4,\n八十,4,\n", encoding="utf-8")
    outcome = tiaowen("check-batch", "in.csv", "out.xlsx", *DAY)
    assert outcome.code == 0
    assert "共 2 行：不符合 1，有误 1。已写入 out.xlsx" in outcome.out
    assert "缺少列：" in outcome.err
    headers = [cell.value for cell in openpyxl.load_workbook(tmp_path / "out.xlsx")["结果"][1]]
    assert headers[:3] == ["班级人数", "教师数", "桌子"]


def test_template_is_written(tiaowen, tmp_path):
    assert tiaowen("check-batch", "--template", "t.xlsx").code == 0
    assert openpyxl.load_workbook(tmp_path / "t.xlsx").sheetnames == ["填写", "说明", "选项"]


def test_no_filled_table_is_written_over(tiaowen, tmp_path):
    (tmp_path / "in.csv").write_text("班级人数\n85\n", encoding="utf-8")
    for args in (["in.csv", "./in.csv"], ["--template", "in.csv"]):
        outcome = tiaowen("check-batch", *args)
        assert outcome.code == 6
        assert "以免盖掉" in outcome.err
    assert (tmp_path / "in.csv").read_text(encoding="utf-8") == "班级人数\n85\n"


# -- rules ---------------------------------------------------------------------------------------------


def test_rules_are_listed_and_shown(tiaowen):
    listed = json.loads(tiaowen("rules", "list", "-k", "verdict", "-s", "class", "--json").out)
    assert CLASS in [rule["id"] for rule in listed["rules"]]
    assert CLASS in tiaowen("rules", "list", "-k", "verdict").out
    shown = tiaowen("rules", "show", CLASS).out
    for words in ("class_size <= max_class_size", "每班人数不得超过80人", "不超过80人", "class_size"):
        assert words in shown
    # Of every kind in every document one, for each is shown by the same code.
    of_kind = {
        (row["kind"], row["id"].partition("/")[0]): row["id"]
        for row in json.loads(tiaowen("rules", "list", "--json").out)["rules"]
    }
    for rule in of_kind.values():
        assert tiaowen("rules", "show", rule).code == 0
    assert "class_size" in tiaowen("rules", "facts", "-s", "class").out
    facts = json.loads(tiaowen("rules", "facts", "--json").out)["facts"]
    assert next(fact for fact in facts if fact["id"] == "class_size")["unit"] == "人"


@pytest.mark.parametrize(
    "command",
    [["rules", "list"], ["rules", "facts"], ["corpus", "check"], ["check", "-f", "班级人数=85", "--no-ask"]],
    ids=" ".join,
)
def test_nothing_is_cut_off_in_a_narrow_terminal(tiaowen, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "80")
    outcome = tiaowen(*command)
    assert outcome.code == 0
    assert "…" not in outcome.out


def test_shipped_rules_are_clean(tiaowen):
    for command in (["rules", "coverage"], ["rules", "stale"], ["corpus", "check"]):
        outcome = tiaowen(*command)
        assert outcome.code == 0, outcome.out
    assert "每条规则都有依据" in outcome.out
    assert "没有变动" in outcome.out
    assert "未处理 0" in outcome.out
    assert "全部算对" in outcome.out
    assert json.loads(tiaowen("corpus", "check", "--json").out)["is_clean"] is True


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the corpus that a test may spoil."""
    folder = tmp_path / "corpus"
    shutil.copytree(data_dir("corpus"), folder)
    monkeypatch.setenv("TIAOWEN_CORPUS_DIR", str(folder))
    return folder / "documents" / PLAN


def edit(path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_an_edited_clause_makes_its_rules_stale(tiaowen, copied):
    edit(copied / "source.txt", "每班人数不得", "每班学员不得")
    outcome = tiaowen("rules", "stale")
    assert outcome.code == 3
    assert f"{PLAN}/parameters.max_class_size" in outcome.out
    assert "原文已不在" in outcome.out
    row = next(
        r for r in json.loads(tiaowen("rules", "stale", "--json").out)["documents"] if r["document"] == PLAN
    )
    assert "stale" in [pin["drift"] for pin in row["drifted"]]
    checked = tiaowen("corpus", "check")
    assert checked.code == 3
    assert "需要核对" in checked.out
    refused = tiaowen("rules", "pin")
    assert refused.code == 3
    assert "条款里没有这句话" in refused.err


def test_a_moved_clause_is_confirmed_by_pinning(tiaowen, copied):
    edit(copied / "source.txt", "每班人数不得", "原则上每班人数不得")
    assert tiaowen("rules", "stale").code == 3
    before = (copied / "rules.yaml").read_text(encoding="utf-8")
    outcome = tiaowen("rules", "pin", "-d", PLAN)
    assert outcome.code == 0
    assert f"{PLAN}：" in outcome.out
    assert "写入 0 处" not in outcome.out
    assert (copied / "rules.yaml").read_text(encoding="utf-8") != before
    assert tiaowen("rules", "stale").code == 0
    assert "写入 0 处" in tiaowen("rules", "pin", "-d", PLAN).out


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param(
            "value: 80, from: 2021-04-07", "value: 81, from: 2021-04-07", "81", id="mistyped number"
        ),
        pytest.param("parameters:\n", "parameter:\n", "没有这个键", id="unknown key"),
        pytest.param("parameters:\n", "parameters: [\n", "不是有效的 YAML", id="no YAML"),
    ],
)
def test_rules_that_do_not_load_are_a_problem_not_a_crash(tiaowen, copied, old, new, words):
    edit(copied / "rules.yaml", old, new)
    outcome = tiaowen("corpus", "check")
    assert outcome.code == 3
    assert "规则没有启用：" in outcome.out
    assert words in outcome.out
    report = json.loads(tiaowen("corpus", "check", "--json").out)
    assert (report["rules"], report["is_clean"]) == (None, False)
    assert tiaowen("rules", "list").code == 3


def test_a_wrong_example_and_an_uncovered_figure_are_listed(tiaowen, copied):
    rules = (copied / "rules.yaml").read_text(encoding="utf-8")
    example = "\n  - {name: 错的示例, rule: class-size, facts: {class_size: 81}, expect: pass}\n"
    (copied / "rules.yaml").write_text(rules.rstrip("\n") + example, encoding="utf-8")
    outcome = tiaowen("corpus", "check")
    assert outcome.code == 3
    assert "示例“错的示例”应为 pass，得到 fail fails: class-size" in outcome.out
    edit(copied / "source.txt", "每班人数不得", "每名教师最多带徒弟37人，每班人数不得")
    uncovered = tiaowen("rules", "coverage")
    assert uncovered.code == 3
    assert "37" in uncovered.out
    assert "没有编入" in uncovered.out
