"""A new text for a document: what changes clause by clause, which rules are held back, what is taken over."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.app import open_assistant
from assistant.documents.questions import load_questions
from assistant.documents.versions import list_changes, version_folder
from assistant.errors import RequestInvalid
from assistant.models import Question
from assistant.rules.load import load_yaml
from assistant.upkeep.changes import apply_change
from assistant.upkeep.drafts import open_shelf
from assistant.upkeep.plans import (
    compare_version,
    list_held,
    plan_confirm,
    plan_revert,
    plan_update,
)
from assistant.upkeep.revisions import read_revision
from tests.upkeep.conftest import PLAN, RULES, TEXT, describe_tree

SIXTY = TEXT.replace("不得超过80人", "不得超过60人")
INSERTED = (
    TEXT.replace("第三条　培训班每班人数", "第三条　培训机构应当依法登记。\n\n第四条　培训班每班人数")
    .replace("第四条　总课时", "第五条　总课时")
    .replace("第五条　培训机构应当在", "第六条　培训机构应当在")
    .replace("第六条　本办法自", "第七条　本办法自")
)
REWORDED = TEXT.replace("培训班每班人数不得超过80人。", "除疫情期间外，培训班每班人数不得超过80人。")
REMOVED = TEXT.replace("第三条　培训班每班人数不得超过80人。每名教师最多指导20名学员。\n\n", "")
ELSEWHERE = TEXT.replace("总课时不少于40课时，其中", "课时由培训机构自行安排，其中").replace(
    "备案。", "备案。跨县培训的，总课时不少于40课时。"
)


def revise(own, write, text, accepted=(), given=None):
    return read_revision(own, open_shelf(own), PLAN, write(text), given or {}, accepted)


def outcome(own, rule, **facts):
    question = Question("", date(2024, 6, 1), "光山县", facts={k: str(v) for k, v in facts.items()})
    return open_assistant(own).decide(f"{PLAN}/{rule}", question).decision.outcome


def fates(revision):
    return {(d.key, d.clause): (d.fate, d.clause_now) for d in revision.drifts}


@pytest.mark.parametrize(
    ("text", "counts", "size", "hours"),
    [
        (SIXTY, {"changed": 1}, ("changed", "3"), ("kept", "4")),
        (INSERTED, {"added": 1, "moved": 4}, ("renumbered", "4"), ("renumbered", "5")),
        (REWORDED, {"changed": 1}, ("reworded", "3"), ("kept", "4")),
        (REMOVED, {"removed": 1}, ("gone", ""), ("kept", "4")),
        (ELSEWHERE, {"changed": 2}, ("kept", "3"), ("elsewhere", "5")),
    ],
    ids=["figure", "inserted", "reworded", "removed", "elsewhere"],
)
def test_clauses_and_quotes_are_followed(own, write, text, counts, size, hours):
    revision = revise(own, write, text)
    assert {k: v for k, v in revision.comparison.counts.items() if v} == counts
    assert fates(revision) == {("parameters.max_class_size", "3"): size, ("parameters.min_hours", "4"): hours}


def test_a_changed_figure_is_held_back_until_it_is_taken_over(own, write, signer):
    revision = revise(own, write, SIXTY)
    (proposal,) = revision.proposals
    assert (proposal.parameter, proposal.old, proposal.new, proposal.value) == (
        "max_class_size", "80人", "60人", "60",
    )  # fmt: skip
    pieces = revision.comparison.changes[0].pieces
    assert [(p.kind, p.text) for p in pieces if p.kind != "same"] == [("removed", "80"), ("added", "60")]
    assert {(c.example, c.before, c.after) for c in revision.outcomes} == {
        ("70人", "pass", "no_basis"),
        ("81人", "fail", "no_basis"),
    }
    apply_change(own, plan_update(revision), signer)
    assert outcome(own, "class-size", class_size=70) == "no_basis"
    assert outcome(own, "hours", class_hours=39) == "fail"
    (held,) = list_held(own, open_shelf(own), PLAN)
    assert (held.quote, held.is_standing) == ("每班人数不得超过80人", False)
    with pytest.raises(RequestInvalid, match="没有可以直接恢复的规则"):
        plan_confirm(own, open_shelf(own), PLAN)


def test_a_figure_that_is_taken_over_is_the_new_one(own, write, signer):
    revision = revise(own, write, SIXTY, ["max_class_size"])
    assert revision.held == ()
    assert {(c.example, c.before, c.after) for c in revision.outcomes} == {("70人", "pass", "fail")}
    apply_change(own, plan_update(revision), signer)
    assert outcome(own, "class-size", class_size=60) == "pass"
    assert outcome(own, "class-size", class_size=61) == "fail"
    rules = (own.corpus_dir / "documents" / PLAN / "rules.yaml").read_text(encoding="utf-8")
    assert "# 不含教师" in rules
    assert rules.startswith("# 光山县的规则\n")
    assert "80" not in rules.partition("checks:")[0]


def test_a_clause_that_moved_keeps_its_rules_and_questions(own, write, signer):
    revision = revise(own, write, INSERTED)
    assert (revision.held, revision.outcomes, revision.lost_questions) == ((), (), ())
    applied = apply_change(own, plan_update(revision), signer)
    assert applied.report.problems == ()
    assert outcome(own, "class-size", class_size=81) == "fail"
    folder = own.corpus_dir / "documents" / PLAN
    assert list(load_questions(folder / "questions.yaml")) == ["4", "6"]
    data = load_yaml((folder / "rules.yaml").read_text(encoding="utf-8"), folder)
    assert data["parameters"]["min_hours"]["values"][0]["cite"]["clause"] == "5"
    answer = open_assistant(own).ask(Question("一个班最多能坐多少人", date(2024, 6, 1), "光山县"))
    assert answer.citations[0].clause_id == f"{PLAN}#4"


def test_a_reworded_sentence_is_read_again_before_its_rule_serves(own, write, signer):
    apply_change(own, plan_update(revise(own, write, REWORDED)), signer)
    assert outcome(own, "class-size", class_size=81) == "no_basis"
    (held,) = list_held(own, open_shelf(own), PLAN)
    assert held.is_standing
    apply_change(own, plan_confirm(own, open_shelf(own), PLAN), signer)
    assert outcome(own, "class-size", class_size=81) == "fail"
    assert list_held(own, open_shelf(own), PLAN) == ()


@pytest.mark.parametrize(
    ("text", "rule", "facts"),
    [(REMOVED, "class-size", {"class_size": 81}), (ELSEWHERE, "hours", {"class_hours": 39})],
    ids=["removed", "elsewhere"],
)
def test_a_rule_without_its_clause_gives_no_conclusion(own, write, signer, text, rule, facts):
    applied = apply_change(own, plan_update(revise(own, write, text)), signer)
    assert applied.report.problems == ()
    assert outcome(own, rule, **facts) == "no_basis"


def test_questions_of_a_clause_that_is_gone_go_with_it(own, write, signer):
    revision = revise(own, write, REMOVED)
    assert revision.lost_questions == ("一个班最多能坐多少人",)
    apply_change(own, plan_update(revision), signer)
    questions = own.corpus_dir / "documents" / PLAN / "questions.yaml"
    assert list(load_questions(questions)) == ["5"]


def test_another_figure_of_the_sentence_holds_nothing_back(own, write):
    text = TEXT.replace("其中实操课时不少于24课时", "其中实操课时不少于26课时")
    assert revise(own, write, text).held == ()


def test_metadata_follow_the_text_and_stay_where_they_were_declared(own, write, signer):
    text = SIXTY.replace("2024年3月1日", "2025年5月9日")
    revision = revise(own, write, text)
    assert [(c.label, c.old, c.new) for c in revision.meta_changes] == [
        ("成文日期", "2024-03-01", "2025-05-09")
    ]
    apply_change(own, plan_update(revision), signer)
    meta = (own.corpus_dir / "documents" / PLAN / "document.yaml").read_text(encoding="utf-8")
    assert meta == "# 光山县\ntitle: 光山县职业技能培训管理办法\nissued: 2025-05-09\neffective: 2024-04-01\n"


def test_the_same_text_is_no_update(own, write):
    with pytest.raises(RequestInvalid, match="一样"):
        plan_update(revise(own, write, TEXT))


def test_a_document_that_changed_since_the_preview_is_not_overwritten(own, write, signer):
    plan = plan_update(revise(own, write, SIXTY))
    (own.corpus_dir / "documents" / PLAN / "rules.yaml").write_text(RULES, encoding="utf-8")
    with pytest.raises(RequestInvalid, match="预览之后又变了"):
        apply_change(own, plan, signer)


def test_every_version_is_kept_and_comes_back(own, write, signer):
    folder = own.corpus_dir / "documents" / PLAN
    first = describe_tree(folder)
    apply_change(own, plan_update(revise(own, write, SIXTY)), signer)
    assert describe_tree(version_folder(own.corpus_dir, PLAN, 1)) == first
    old, new, comparison = compare_version(own, open_shelf(own), PLAN, 1)
    assert ("80" in old.source, "80" in new.source, comparison.counts["changed"]) == (True, False, 1)
    apply_change(own, plan_revert(own, PLAN, 1), signer)
    assert describe_tree(folder) == first
    assert [(c.version, c.former, c.action) for c in list_changes(own.corpus_dir, PLAN)] == [
        (2, 1, "update"),
        (3, 2, "revert"),
    ]
    assert outcome(own, "class-size", class_size=81) == "fail"
    for version, words in ((3, "就是现在的版本"), (9, "没有第 9 版")):
        with pytest.raises(RequestInvalid, match=words):
            plan_revert(own, PLAN, version)


def test_a_text_in_another_format_takes_the_place_of_the_former_file(own, tmp_path, signer):
    page = "".join(f"<p>{line}</p>" for line in SIXTY.split("\n") if line)
    path = tmp_path / "new.html"
    path.write_text(f"<html><body>{page}</body></html>", encoding="utf-8")
    revision = read_revision(own, open_shelf(own), PLAN, path, {})
    assert {k: v for k, v in revision.comparison.counts.items() if v} == {"changed": 1}
    apply_change(own, plan_update(revision), signer)
    sources = [p.name for p in (own.corpus_dir / "documents" / PLAN).glob("source.*")]
    assert sources == ["source.html"]
