"""The command line: same object as the API, Chinese help and errors, exit codes, no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import assistant.app as wiring
from assistant.app import BuildReport
from assistant.documents.catalog import CorpusProblem
from assistant.documents.check import check_documents
from assistant.errors import (
    ConfigError,
    CorpusError,
    IndexMissing,
    IndexStale,
    ModelError,
    RequestInvalid,
    StoreError,
)
from assistant.surfaces.cli import main
from assistant.surfaces.schema import answer_object, dump_json

QUESTION = "一个班最多能坐多少人？"
PLAN = "huangchuan-2021-1"


@dataclass
class Outcome:
    code: int
    out: str
    err: str


@pytest.fixture
def tiaowen(assistant, monkeypatch, capsys, tmp_path):
    """Runs a command line with the scripted assistant behind it."""
    monkeypatch.setattr(wiring, "open_assistant", lambda settings: assistant)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def run(*args: str) -> Outcome:
        code = main(list(args))
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return Outcome(code, captured.out, captured.err)

    return run


def test_ask_prints_answer_citation_and_footer(tiaowen):
    outcome = tiaowen("ask", QUESTION, "--region", "潢川县")
    assert outcome.code == 0
    for words in ("不得超过80人。[1]", "二、（四）（1）", "潢技领办〔2021〕1号", "每班人数不得超过80人”"):
        assert words in outcome.out
    assert "提示：本文件为2021年度方案" in outcome.out
    assert "仅供参考，以经办机构审核为准。" in outcome.out
    assert "注意：索引的一部分损坏" in outcome.err


def test_ask_json_is_the_object_of_the_api(tiaowen, answer_builder):
    outcome = tiaowen("ask", QUESTION, "--json")
    assert outcome.out == dump_json(answer_object(answer_builder())) + "\n"


def test_ask_goes_on_with_a_session_only_where_it_is_named(tiaowen, assistant):
    named = json.loads(tiaowen("ask", QUESTION, "--session", "ban-85", "--json").out)
    alone = json.loads(tiaowen("ask", QUESTION, "--json").out)
    assert (named.pop("session_id"), alone.pop("session_id")) == ("ban-85", "")
    assert named == alone
    assert [question.session_id for question in assistant.questions] == ["ban-85", None]


def test_questions_back_are_shown_without_citations(tiaowen, assistant, answer_builder):
    asking = answer_builder("还差1项：\n1. 教师有几名？", status="needs_info", citations=(), notices=())
    assistant.script["我们班能开吗"] = asking
    outcome = tiaowen("ask", "我们班能开吗")
    assert outcome.code == 0
    for words in ("还需要补充", "1. 教师有几名？"):
        assert words in outcome.out
    assert "依据" not in outcome.out.replace("没有找到依据", "")


def test_refusal_is_an_answer_not_an_error(tiaowen):
    outcome = tiaowen("ask", "火星上能开班吗")
    assert outcome.code == 0
    assert "没有找到依据" in outcome.out


def test_ask_passes_region_and_day(tiaowen, assistant):
    tiaowen("ask", QUESTION, "-r", "潢川县", "--as-of", "2021-05-01")
    asked = assistant.questions[0]
    assert (asked.region, asked.as_of.isoformat()) == ("潢川县", "2021-05-01")


def test_search_lists_clauses(tiaowen, assistant):
    outcome = tiaowen("search", "班级", "-d", PLAN, "-k", "3")
    assert assistant.searches == [("班级", None, PLAN, 3)]
    assert f"{PLAN}#2.4.1" in outcome.out
    found = json.loads(tiaowen("search", "班级", "--json").out)
    assert found["passages"][0]["clause_id"] == f"{PLAN}#2.4.1"
    assert "没有检索到条款" in tiaowen("search", "没有这种词").out


def test_search_explains_itself(tiaowen):
    out = tiaowen("search", "班级", "-d", PLAN, "--explain").out
    for shown in ("班级 2.5", "培训班", f"每班人数（{PLAN}/class-size）", "词语 2.250　向量 0.500"):
        assert shown in out
    found = json.loads(tiaowen("search", "班级", "--explain", "--json").out)
    assert found["reading"]["rules"] == [{"id": f"{PLAN}/class-size", "label": "每班人数"}]
    assert "reading" not in json.loads(tiaowen("search", "班级", "--json").out)


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        pytest.param(["ask", ""], 6, "问题是空的", id="blank question"),
        pytest.param(["ask", "x" * 100_000], 6, "超过上限", id="100 kB question"),
        pytest.param(["ask", "x\udcff"], 6, "不成字的编码", id="broken bytes"),
        pytest.param(["ask", "x", "-r", "火星"], 6, "不认识的地区：火星", id="unknown region"),
        pytest.param(["ask", "x", "--as-of", "2021-2-30"], 6, "2026-11-21 这样的", id="no such day"),
        pytest.param(["ask", "x", "--session", "a b"], 6, "会话名有误：a b", id="session with a blank"),
        pytest.param(["ask", "x", "--session", ""], 6, "会话名有误：（空）", id="blank session"),
        pytest.param(["ask", "x", "-s", "班" * 65], 6, "1 到 64 个字母", id="session in Chinese"),
        pytest.param(["ask"], 2, "缺少参数：问题", id="no question"),
        pytest.param(["ask", "x", "--colour"], 2, "没有这个选项：--colour", id="unknown option"),
        pytest.param(["search", "x", "-k", "0"], 2, "参数 --top-k 的值不对", id="count of 0"),
        pytest.param(["search", "x", "-k", "many"], 2, "参数 --top-k 的值不对", id="count a word"),
        pytest.param(["dance"], 2, "没有这个命令：dance", id="unknown command"),
        pytest.param(["ask", "a", "b"], 2, "tiaowen ask --help", id="two questions"),
        pytest.param(["corpus", "show", "moon-1"], 6, "没有这个文件：moon-1", id="unknown document"),
    ],
)
def test_bad_input_is_explained(tiaowen, args, code, words):
    outcome = tiaowen(*args)
    assert (outcome.code, outcome.out) == (code, "")
    assert words in outcome.err
    assert "解决办法：" in outcome.err


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (ConfigError("设置有误", hint="改"), 2),
        (CorpusError("文件有误", hint="改"), 3),
        (IndexMissing("还没有建立索引", hint="运行 tiaowen index"), 4),
        (IndexStale("索引已过期", hint="运行 tiaowen index"), 4),
        (ModelError("模型没有响应", hint="等"), 5),
        (RequestInvalid("问题太长", hint="改"), 6),
        (StoreError("存储锁住了", hint="等"), 7),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError("secret"), 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_exit_codes(tiaowen, assistant, raised, code):
    assistant.script["x"] = raised
    outcome = tiaowen("ask", "x")
    assert (outcome.code, outcome.out) == (code, "")
    if code == 1:
        assert "内部错误（ZeroDivisionError）" in outcome.err
        assert "TIAOWEN_LOG_LEVEL=DEBUG" in outcome.err
        assert "secret" not in outcome.err
    elif code != 130:
        assert f"错误：{raised.message}\n解决办法：{raised.hint}\n" in outcome.err


def test_unknown_setting_is_refused(tiaowen, monkeypatch):
    monkeypatch.setenv("TIAOWEN_SERVR__PORT", "1")
    outcome = tiaowen("ask", QUESTION)
    assert outcome.code == 2
    assert "TIAOWEN_SERVR__PORT" in outcome.err


def test_corpus_list_and_show(tiaowen):
    listed = json.loads(tiaowen("corpus", "list", "--json").out)
    assert PLAN in [document["id"] for document in listed["documents"]]
    assert "潢川县" in tiaowen("corpus", "list").out
    shown = tiaowen("corpus", "show", PLAN)
    assert shown.code == 0
    assert "└── " in shown.out
    assert json.loads(tiaowen("corpus", "show", PLAN, "--json").out)["clauses"]


def test_corpus_check_ends_with_3_where_text_is_left_out(tiaowen, assistant, monkeypatch):
    report = check_documents(assistant.corpus)
    monkeypatch.setattr(wiring, "check_corpus", lambda settings: report)
    outcome = tiaowen("corpus", "check")
    assert outcome.code == 3
    assert "未归入任何条款：潢技领办〔2021〕1号" in outcome.out
    assert "未收录 documents/broken：文件损坏" in outcome.out
    assert json.loads(tiaowen("corpus", "check", "--json").out)["is_clean"] is False


def test_index_reports_progress_and_left_out_documents(tiaowen, monkeypatch):
    stages = []

    def build(settings, progress):
        progress("读取文件", 1, 2)
        progress("读取文件", 2, 2)
        stages.append("built")
        problem = CorpusProblem("documents/x", "重复", "改名")
        return BuildReport("g-1", 2, 9, 4, False, 1.25, (problem,))

    monkeypatch.setattr(wiring, "build_indexes", build)
    outcome = tiaowen("index")
    assert (outcome.code, stages) == (0, ["built"])
    assert "索引已建立：2 个文件，9 个条款片段，其中重新计算 4 个" in outcome.out
    assert "注意：未收录 documents/x：重复（改名）" in outcome.err


def test_config_lists_every_setting_and_hides_secrets(tiaowen, monkeypatch):
    monkeypatch.setenv("TIAOWEN_TELEGRAM__TOKEN", "123:hush-hush")
    monkeypatch.setenv("TIAOWEN_SERVER__PORT", "8100")
    shown = json.loads(tiaowen("config", "--json").out)
    assert shown["TIAOWEN_SERVER__PORT"] == "8100"
    assert shown["TIAOWEN_TELEGRAM__TOKEN"] == "******"
    outcome = tiaowen("config")
    assert "hush" not in outcome.out
    assert "TIAOWEN_MAX_QUESTION = 2000" in outcome.out


@pytest.mark.parametrize("args", [[], ["corpus"], ["--help"], ["ask", "--help"], ["serve", "-h"]])
def test_help_is_chinese(tiaowen, args):
    outcome = tiaowen(*args)
    assert "用法：" in outcome.out
    for english in ("Usage", "Options", "Commands", "Show this message", "Arguments"):
        assert english not in outcome.out


def test_version(tiaowen):
    assert tiaowen("--version").out.startswith("tiaowen ")


def test_bot_without_token_says_where_to_get_one(tiaowen):
    outcome = tiaowen("bot", "telegram")
    assert outcome.code == 2
    assert "TIAOWEN_TELEGRAM__TOKEN" in outcome.err


def test_eval_outside_a_checkout_is_explained(tiaowen, monkeypatch):
    monkeypatch.setitem(sys.modules, "evals", None)
    monkeypatch.setitem(sys.modules, "evals.runner", None)
    outcome = tiaowen("eval")
    assert outcome.code == 2
    assert "评测只在源码目录中可用" in outcome.err


def test_a_reader_that_leaves_is_no_error(tmp_path):
    root = Path(wiring.__file__).parents[2]
    command = [sys.executable, "-m", "assistant", "config"]
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, cwd=root, timeout=30, check=False)
    os.close(writing)
    assert ended.stderr == b""
