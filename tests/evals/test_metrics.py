"""Every metric as a table: (case, answer) → state."""

from __future__ import annotations

from typing import Any

import pytest

from evals.metrics import score_case

CLASS = "每班人数不得超过 80 人"
TASK = "年培训 六千 人次"


@pytest.mark.parametrize(
    ("case", "status", "outcome", "state"),
    [
        ({"expect": "answer"}, "answered", None, "correct"),
        ({"expect": "answer"}, "answered", "fail", "correct"),
        ({"expect": "answer"}, "refused", None, "abstained"),
        ({"expect": "answer"}, "needs_info", None, "incorrect"),
        ({"expect": "refuse"}, "refused", None, "correct"),
        ({"expect": "refuse"}, "answered", None, "incorrect"),
        ({"expect": "ask_back"}, "needs_info", None, "correct"),
        ({"expect": "ask_back"}, "answered", None, "incorrect"),
        ({"expect": "ask_back", "expect_also": ["answer"]}, "answered", None, "correct"),
        ({"expect": "ask_back", "expect_also": ["refuse"]}, "refused", None, "correct"),
        ({"expect": "ask_back", "expect_also": ["verdict"]}, "answered", "unknown", "correct"),
        ({"expect": "ask_back", "expect_also": ["verdict"]}, "answered", "pass", "incorrect"),
        ({"expect": "verdict", "verdict": "qualifies"}, "answered", "pass", "correct"),
        ({"expect": "verdict", "verdict": "qualifies"}, "answered", "fail", "incorrect"),
        ({"expect": "verdict", "verdict": "qualifies"}, "needs_info", "pass", "incorrect"),
        ({"expect": "verdict", "verdict": "qualifies"}, "answered", None, "incorrect"),
        ({"expect": "verdict", "verdict": "does_not_qualify"}, "answered", "fail", "correct"),
        ({"expect": "verdict", "verdict": "needs_info"}, "needs_info", "unknown", "correct"),
        ({"expect": "verdict", "verdict": "needs_info"}, "needs_info", None, "incorrect"),
        ({"expect": "verdict", "verdict": "needs_info"}, "answered", "unknown", "incorrect"),
        ({"expect": "verdict", "verdict": "needs_info"}, "refused", None, "abstained"),
    ],
)
def test_status(build: Any, case: dict[str, Any], status: str, outcome: str | None, state: str) -> None:
    decision = build.decision("r", "核对", outcome) if outcome else None
    answer = build.answer("文字", status=status, decision=decision)
    score = score_case(build.evidence(answer, **case))["status"]
    assert score.state == state
    assert score.explanation.startswith("应为 ")


GOLD = {"doc": "plan", "quote": "每班人数不得超过80人"}
OTHER = {"doc": "notice", "quote": "送培训下乡"}


@pytest.mark.parametrize(
    ("gold", "cited", "state", "share"),
    [
        ([], [CLASS], "unscored", None),
        ([GOLD], [CLASS], "correct", 1.0),
        ([GOLD], ["工位比 1:20 以内"], "correct", 1.0),  # another sentence of the same clause
        ([GOLD], [TASK], "incorrect", 0.0),
        ([GOLD], [], "incorrect", 0.0),
        ([GOLD, OTHER], [CLASS], "incorrect", 0.5),
        ([GOLD | {"alt": 1}, OTHER | {"alt": 1}], [CLASS], "correct", 1.0),
        ([GOLD | {"alt": 1}, OTHER | {"alt": 2}], [CLASS], "incorrect", 0.5),
        ([GOLD | {"doc": "notice"}], [CLASS], "incorrect", 0.0),
    ],
    ids=[
        "no gold",
        "cited",
        "same clause",
        "other clause",
        "nothing cited",
        "half",
        "alternatives",
        "two groups",
        "same words, other document",
    ],
)
def test_gold_cited(build: Any, gold: list[Any], cited: list[str], state: str, share: float) -> None:
    citations = [build.citation(quote, n=n) for n, quote in enumerate(cited, start=1)]
    answer = build.answer("文字", *citations)
    score = score_case(build.evidence(answer, gold=gold))["gold_cited"]
    assert (score.state, score.share) == (state, share)


@pytest.mark.parametrize(("length", "state"), [(900, "correct"), (901, "incorrect")])
def test_citing_more_than_a_clause_does_not_count(build: Any, length: int, state: str) -> None:
    citation = build.citation(CLASS, clause_start=0, clause_end=length)
    score = score_case(build.evidence(build.answer("文字[1]", citation), gold=[GOLD]))["gold_cited"]
    assert score.state == state
    assert ("超过 900 字" in score.explanation) == (state == "incorrect")


def test_gold_in_a_table_row_matches_across_tabs(build: Any) -> None:
    answer = build.answer("300", build.citation("教育局", document="notice"))
    gold = [{"doc": "notice", "quote": "教育局 300"}]
    assert score_case(build.evidence(answer, gold=gold))["gold_cited"].state == "correct"


# Citations as (quote, path of the clause); GOLD stands in CLASS, OTHER in the notice.
@pytest.mark.parametrize(
    ("cited", "state", "share"),
    [
        ([(CLASS, "2.1")], "correct", 1.0),
        ([(CLASS, "2.1"), (TASK, "3")], "incorrect", 0.5),
        ([(TASK, "3")], "incorrect", 0.0),
        ([(CLASS, "2.1"), ("工位比 1:20 以内", "2.1"), (TASK, "3")], "incorrect", 0.5),  # clauses, not quotes
        ([(CLASS, "2.1"), (TASK, "2")], "correct", 1.0),
        ([(CLASS, "2.1"), (TASK, "2.1.p2")], "correct", 1.0),
        ([(CLASS, "2.1"), (TASK, "2.10")], "incorrect", 0.5),
        ([(CLASS, "2.1"), (TASK, "2.2")], "incorrect", 0.5),
        ([(CLASS, "a1.r4"), (TASK, "a1.r0")], "correct", 1.0),
        ([(CLASS, "a1.r4"), (TASK, "a1.r3")], "incorrect", 0.5),
        ([(CLASS, "a1.r4"), (TASK, "a2.r0")], "incorrect", 0.5),
        ([(TASK, "2"), (TASK, "2.2")], "incorrect", 0.0),
        ([], "unscored", None),
    ],
    ids=[
        "gold",
        "half",
        "other clause",
        "two quotes of a clause",
        "above",
        "below",
        "only begins alike",
        "beside",
        "header row",
        "another row",
        "header row of another table",
        "gold not cited",
        "nothing cited",
    ],
)
def test_citation_precision(build: Any, cited: list[tuple[str, str]], state: str, share: float) -> None:
    citations = [build.citation(q, n=n, clause_id=f"plan#{path}") for n, (q, path) in enumerate(cited, 1)]
    evidence = build.evidence(build.answer("文字", *citations), gold=[GOLD, OTHER])
    score = score_case(evidence)["citation_precision"]
    assert (score.state, score.share) == (state, share)
    assert ("plan#" in score.explanation) == (state == "incorrect")


def test_citation_precision_counts_every_alternative(build: Any) -> None:
    citations = [build.citation(CLASS), build.citation("送培训", n=2, document="notice")]
    gold = [GOLD | {"alt": 1}, OTHER | {"alt": 1}]
    evidence = build.evidence(build.answer("文字", *citations), gold=gold)
    assert score_case(evidence)["citation_precision"].share == 1.0


@pytest.mark.parametrize(
    ("gold", "status", "state"),
    [([], "answered", "unscored"), ([GOLD], "refused", "unscored"), ([GOLD], "needs_info", "correct")],
)
def test_citation_precision_is_judged_where_there_is_gold_and_an_answer(
    build: Any, gold: list[Any], status: str, state: str
) -> None:
    evidence = build.evidence(build.answer("文字", build.citation(CLASS), status=status), gold=gold)
    assert score_case(evidence)["citation_precision"].state == state


@pytest.mark.parametrize(
    ("wanted", "text", "state", "share"),
    [
        ([], "任何文字", "unscored", None),
        (["80人"], "每班 \uff18\uff10 人", "correct", 1.0),
        (["80人"], "每班80[1]人", "correct", 1.0),
        (["1"], "有引文[1]", "incorrect", 0.0),  # a mark is not wording
        ([["两个", "2个"]], "共2个", "correct", 1.0),
        ([["两个", "2个"], "甲"], "共2个", "incorrect", 0.5),
        (["1：20"], "1:20", "correct", 1.0),
    ],
    ids=str,
)
def test_must_contain(build: Any, wanted: list[Any], text: str, state: str, share: float) -> None:
    evidence = build.evidence(build.answer(text), answer_must_contain=wanted)
    score = score_case(evidence)["must_contain"]
    assert (score.state, score.share) == (state, share)


@pytest.mark.parametrize(
    ("forbidden", "text", "state"),
    [
        ([], "12000", "unscored"),
        (["12000"], "生均１２０００元", "incorrect"),
        (["12000"], "没有规定", "correct"),
    ],
    ids=str,
)
def test_must_not_contain(build: Any, forbidden: list[str], text: str, state: str) -> None:
    evidence = build.evidence(build.answer(text), answer_must_not_contain=forbidden)
    assert score_case(evidence)["must_not_contain"].state == state


@pytest.mark.parametrize(
    ("value", "unit", "decided", "text", "state"),
    [
        (None, None, {"amount": "8", "unit": "人"}, "", "unscored"),
        (900, "人次", {"amount": "900", "unit": "人次"}, "见计算", "correct"),
        (900, "人次", {"amount": "900.0", "unit": "人次"}, "见计算", "correct"),
        (50, "万元", {"amount": "500000", "unit": "元"}, "见计算", "correct"),
        (50, "万元", {"amount": "50", "unit": "万元"}, "见计算", "correct"),
        (50, "万元", {"amount": "50", "unit": "元"}, "见计算", "incorrect"),
        (900, "人次", {"amount": "90", "unit": "人次"}, "见计算", "incorrect"),
        (0, "人次", {"amount": "8000", "unit": "人次"}, "相差 0 人次", "correct"),
        (50, "万元", None, "至少 50 万元", "correct"),
        (50, "万元", None, "50人", "incorrect"),
        (4, "名（个）", None, "至少四名", "correct"),
        (8000, "人次", None, "8,000人次", "correct"),
        (8000, "人次", None, "没有数", "incorrect"),
    ],
)
def test_value(build: Any, value: int | None, unit: str | None, decided: Any, text: str, state: str) -> None:
    decision = build.decision("r", "计算", "pass", value=decided) if decided else None
    evidence = build.evidence(build.answer(text, decision=decision), value=value, unit=unit)
    score = score_case(evidence)["value"]
    assert score.state == state
    assert score.explanation


@pytest.mark.parametrize(
    ("change", "text", "state", "reason"),
    [
        ({}, "至多80人。[1]", "correct", "1 处"),
        ({"start": 0}, "[1]", "incorrect", "不符"),
        ({"end": 99999}, "[1]", "incorrect", "不在原文之内"),
        ({"clause_end": 10}, "[1]", "incorrect", "不在所称条款"),
        ({"clause_start": 8}, "[1]", "incorrect", "不在所称条款"),
        ({"clause_end": 99999}, "[1]", "incorrect", "超出原文"),
        ({"document": "none", "start": 0}, "[1]", "incorrect", "不存在"),
        ({}, "[1][2]", "incorrect", "[2] 没有对应的引文"),
        ({}, "至多80人。", "incorrect", "没有用到"),
    ],
)
def test_quotes_exact(build: Any, change: dict[str, Any], text: str, state: str, reason: str) -> None:
    answer = build.answer(text, build.citation(CLASS, **change))
    score = score_case(build.evidence(answer))["quotes_exact"]
    assert score.state == state
    assert reason in score.explanation


@pytest.mark.parametrize(
    ("status", "state"),
    [("answered", "incorrect"), ("refused", "unscored"), ("needs_info", "unscored")],
)
def test_answer_without_citations(build: Any, status: str, state: str) -> None:
    evidence = build.evidence(build.answer("文字", status=status))
    assert score_case(evidence)["quotes_exact"].state == state


def test_citation_number_used_twice(build: Any) -> None:
    answer = build.answer("[1]", build.citation(CLASS), build.citation(TASK))
    assert "重复" in score_case(build.evidence(answer))["quotes_exact"].explanation


@pytest.mark.parametrize(
    ("text", "fields", "state"),
    [
        ("没有数字", {}, "unscored"),
        ("至多80人[1]", {}, "correct"),
        ("至多８０人[1]", {}, "correct"),
        ("至多81人[1]", {}, "incorrect"),
        ("年培训六千人次", {}, "correct"),  # as it stands in the quote
        ("年培训6000人次", {}, "correct"),
        ("年培训七千人次", {}, "incorrect"),
        ("八十人", {}, "correct"),
        ("按试发（2021）7号", {}, "correct"),
        ("2022年", {}, "incorrect"),
        ("您说的85人", {"question": "85人行吗？"}, "correct"),
        ("您说的33人", {"history": ["33人呢？"]}, "correct"),
        ("2年内有效", {"notices": ("为2年方案",)}, "correct"),
        ("截至2026年11月21日", {}, "unscored"),
        ("截至2026-11-21，至多80人", {}, "correct"),
        ("共11人", {}, "incorrect"),  # part of the day is no ground
    ],
    ids=str,
)
def test_numbers_grounded(build: Any, text: str, fields: dict[str, Any], state: str) -> None:
    case = {name: value for name, value in fields.items() if name != "notices"}
    citations = [build.citation(CLASS), build.citation(TASK, n=2)]
    answer = build.answer(text, *citations, notices=fields.get("notices", ()))
    assert score_case(build.evidence(answer, **case))["numbers_grounded"].state == state


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("共16400人次", "correct"),
        ("共1.64万人次", "correct"),
        ("实操占65%", "correct"),  # traced as a share
        ("85 > 80", "correct"),
        ("第77号规则", "incorrect"),  # stands in ids and labels only
    ],
    ids=str,
)
def test_numbers_grounded_in_the_decision(build: Any, text: str, state: str) -> None:
    checks = ({"id": "check-77", "label": "第77项", "shown": "85 > 80", "margin": "0.65"},)
    value = {"amount": "16400", "unit": "人次"}
    decision = build.decision("rule-77", "规则77", "fail", value=value, checks=checks)
    evidence = build.evidence(build.answer(text, decision=decision))
    assert score_case(evidence)["numbers_grounded"].state == state


@pytest.mark.parametrize(
    ("found", "recalls", "mrr"),
    [
        ([CLASS], [1.0, 1.0], 1.0),
        ([TASK, CLASS], [0.0, 1.0], 0.5),
        ([TASK], [0.0, 0.0], 0.0),
        ([], [0.0, 0.0], 0.0),
    ],
    ids=["first", "second", "not found", "nothing"],
)
def test_retrieval(build: Any, found: list[str], recalls: list[float], mrr: float) -> None:
    passages = tuple(build.passage(quote, rank=n) for n, quote in enumerate(found, start=1))
    scores = score_case(build.evidence(build.answer("文字"), passages, gold=[GOLD]))
    assert [scores["recall@1"].share, scores["recall@3"].share] == recalls
    assert scores["recall@3"].state == ("correct" if recalls[1] else "incorrect")
    assert scores["mrr"].share == mrr


def test_recall_counts_groups(build: Any) -> None:
    passages = (build.passage(CLASS, rank=1), build.passage("送培训", rank=2, document="notice"))
    scores = score_case(build.evidence(build.answer("文字"), passages, gold=[GOLD, OTHER]))
    assert [scores[f"recall@{k}"].share for k in (1, 3, 5, 10)] == [0.5, 1.0, 1.0, 1.0]
    assert scores["mrr"].share == 1.0


def test_refusal_where_an_answer_was_wanted_abstains(build: Any) -> None:
    answer = build.answer("没有规定。", status="refused")
    scores = score_case(
        build.evidence(answer, gold=[GOLD], answer_must_contain=["80人"], value=80, unit="人")
    )
    names = ("status", "gold_cited", "must_contain", "value")
    assert {scores[name].state for name in names} == {"abstained"}
    assert all(score.explanation for score in scores.values())
