"""Documents end, come back and are taken out; older days are answered as they were."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.app import open_assistant
from assistant.documents.versions import list_changes
from assistant.errors import RequestInvalid
from assistant.models import Question
from assistant.upkeep.changes import apply_change
from assistant.upkeep.drafts import open_shelf, read_draft
from assistant.upkeep.plans import plan_add, plan_remove, plan_restore, plan_retire, plan_revert
from tests.upkeep.conftest import NEW_TEXT, PLAN, describe_tree

NEW = "shangcheng-2025-7"


@pytest.fixture
def both(own, write, signer):
    """The corpus with a second document."""
    apply_change(own, plan_add(own, read_draft(open_shelf(own), write(NEW_TEXT), {})), signer)
    return own


def ask(settings, day, place="光山县"):
    return open_assistant(settings).ask(Question("每班人数最多多少人？", day, place))


def size(settings, day):
    question = Question("", day, "光山县", facts={"class_size": "81"})
    return open_assistant(settings).decide(f"{PLAN}/class-size", question).decision.outcome


def test_a_retired_document_answers_older_days_only(both, signer):
    apply_change(both, plan_retire(both, PLAN, date(2026, 1, 1), NEW), signer)
    meta = (both.corpus_dir / "documents" / PLAN / "document.yaml").read_text(encoding="utf-8")
    assert meta.endswith("effective: 2024-04-01\nexpires: 2025-12-31\nreplaced_by: shangcheng-2025-7\n")
    assert ask(both, date(2025, 12, 31)).citations[0].document == PLAN
    assert ask(both, date(2026, 1, 1)).status == "refused"
    assert (size(both, date(2025, 12, 31)), size(both, date(2026, 1, 1))) == ("fail", "no_basis")


def test_a_restored_document_answers_again(both, signer):
    before = describe_tree(both.corpus_dir / "documents" / PLAN)
    apply_change(both, plan_retire(both, PLAN, date(2026, 1, 1)), signer)
    apply_change(both, plan_restore(both, PLAN), signer)
    assert describe_tree(both.corpus_dir / "documents" / PLAN) == before
    assert ask(both, date(2026, 1, 1)).citations[0].document == PLAN
    with pytest.raises(RequestInvalid, match="没有停用"):
        plan_restore(both, PLAN)


@pytest.mark.parametrize(
    ("document", "by", "words"),
    [
        (PLAN, PLAN, "不能由它自己代替"),
        (PLAN, "no-such", "没有编号为 no-such 的文件"),
        ("no-such", "", "没有编号为 no-such 的文件"),
        ("../x", "", "文件编号不能用"),
    ],
)
def test_what_cannot_be_retired_is_told(own, document, by, words):
    with pytest.raises(RequestInvalid, match=words):
        plan_retire(own, document, date(2026, 1, 1), by)


def test_a_document_taken_in_by_mistake_goes_and_comes_back(both, signer):
    before = describe_tree(both.corpus_dir / "documents" / NEW)
    apply_change(both, plan_remove(both, open_shelf(both), NEW), signer)
    assert not (both.corpus_dir / "documents" / NEW).exists()
    assert ask(both, date(2025, 6, 1), "商城县").status == "refused"
    apply_change(both, plan_revert(both, NEW, 1), signer)
    assert describe_tree(both.corpus_dir / "documents" / NEW) == before
    assert [c.action for c in list_changes(both.corpus_dir, NEW)] == ["add", "remove", "revert"]
    assert ask(both, date(2025, 6, 1), "商城县").citations[0].document == NEW


def test_a_document_that_others_rest_on_is_not_taken_out(both):
    rules = both.corpus_dir / "documents" / NEW / "rules.yaml"
    rules.write_text(
        f"checks:\n  size: {{subject: class, label: 人数, require: class_size <= {PLAN}/max_class_size}}\n",
        encoding="utf-8",
    )
    with pytest.raises(RequestInvalid, match=f"{NEW} 的规则引用了 {PLAN}") as caught:
        plan_remove(both, open_shelf(both), PLAN)
    assert "corpus retire" in caught.value.hint


def test_the_last_document_stays(own):
    with pytest.raises(RequestInvalid, match="最后一个文件"):
        plan_remove(own, open_shelf(own), PLAN)


def test_a_file_that_lay_by_itself_gets_a_folder(own, write, signer):
    loose = own.corpus_dir / "documents" / "notice.txt"
    loose.write_text(NEW_TEXT, encoding="utf-8")
    apply_change(own, plan_retire(own, "notice", date(2026, 1, 1)), signer)
    assert not loose.exists()
    folder = own.corpus_dir / "documents" / "notice"
    assert sorted(p.name for p in folder.iterdir()) == ["document.yaml", "source.txt"]
    assert (own.corpus_dir / "history" / "notice" / "0001" / "source.txt").read_text(
        encoding="utf-8"
    ) == NEW_TEXT
