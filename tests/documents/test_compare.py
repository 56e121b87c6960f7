"""Two versions of a document, clause by clause and word by word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.documents.compare import compare_documents, diff_words
from assistant.documents.parse import parse_document

OLD = (
    "某县培训办法\n\n第一条　为规范职业培训，制定本办法。\n\n第二条　每班人数不得超过80人。\n\n"
    "第三条　总课时不少于40课时。\n\n第四条　本办法由县人社局解释。\n"
)


def parse(text):
    return parse_document("x", text)


def told(old, new):
    comparison = compare_documents(parse(old), parse(new))
    return [
        (c.fate, c.old.path if c.old else "", c.new.path if c.new else "") for c in comparison.changes
    ], comparison.n_unchanged


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (OLD, ([], 5)),
        (OLD.replace("80", "60"), ([("changed", "2", "2")], 4)),
        # A clause put in before the others: they only get other numbers.
        (
            OLD.replace("第四条", "第五条")
            .replace("第三条", "第四条")
            .replace("第二条", "第二条　机构依法登记。\n\n第三条"),
            ([("added", "", "2"), ("moved", "2", "3"), ("moved", "3", "4"), ("moved", "4", "5")], 2),
        ),
        (
            OLD.replace("第二条　每班人数不得超过80人。\n\n", "")
            .replace("第三条", "第二条")
            .replace("第四条", "第三条"),
            ([("removed", "2", ""), ("moved", "3", "2"), ("moved", "4", "3")], 2),
        ),
        # Moved and changed at once.
        (
            OLD.replace("第四条", "第五条")
            .replace("第三条　总课时不少于40课时", "第四条　总课时不少于50课时")
            .replace("第二条", "第二条　机构依法登记。\n\n第三条"),
            ([("added", "", "2"), ("moved", "2", "3"), ("changed", "3", "4"), ("moved", "4", "5")], 2),
        ),
        # What stands there now is another matter.
        (
            OLD.replace("每班人数不得超过80人", "资金实行专账管理，任何单位不得挪用"),
            ([("removed", "2", ""), ("added", "", "2")], 4),
        ),
        # Spaces and line breaks of a scan are no change.
        (OLD.replace("不得超过80人", "不得超过 80 人"), ([], 5)),
    ],
    ids=["same", "figure", "inserted", "removed", "moved and changed", "replaced", "scanned"],
)
def test_clauses_are_followed(new, expected):
    assert told(OLD, new) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("不得超过80人", "不得超过60人", "不得超过[-80][+60]人"),
        ("不少于1.5倍", "不少于2倍", "不少于[-1.5][+2]倍"),
        ("占65%以上", "占60%以上", "占[-65%][+60%]以上"),
        ("培训机构应当报备", "培训机构应报备", "培训机构应[-当]报备"),
        ("", "新增", "[+新增]"),
        ("一样", "一样", "一样"),
    ],
)
def test_words_are_marked(old, new, expected):
    marks = {"same": "{}", "removed": "[-{}]", "added": "[+{}]"}
    assert "".join(marks[p.kind].format(p.text) for p in diff_words(old, new)) == expected


@given(st.text("培训班80人60课时，。", max_size=40), st.text("培训班80人60课时，。", max_size=40))
def test_the_pieces_make_up_both_texts(old, new):
    pieces = diff_words(old, new)
    assert "".join(p.text for p in pieces if p.kind != "added") == old
    # A short stretch that both have between two changes is told as removed and added.
    assert "".join(p.text for p in pieces if p.kind != "removed") == new
