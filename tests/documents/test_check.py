from __future__ import annotations

from dataclasses import replace

from assistant.documents.catalog import Corpus, CorpusProblem
from assistant.documents.check import check_document, check_documents
from assistant.documents.parse import parse_document
from assistant.models import Document

SOURCE = "关于培训的意见\n一、要求\n（一）提高质量。\n（二）**扩大**规模。\n"


def document() -> Document:
    return parse_document("new", SOURCE)


def test_a_clean_document() -> None:
    row = check_document(document())
    assert row.is_clean
    assert (row.n_clauses, row.n_uncovered) == (4, 0)
    assert row.n_characters == sum(not c.isspace() for c in SOURCE)
    assert row.missing == ("文号", "发文机关", "成文日期")


def test_an_undeclared_stretch_is_reported_with_its_place() -> None:
    whole = document()
    row = check_document(replace(whole, clauses=whole.clauses[:2] + whole.clauses[3:]))
    start = SOURCE.index("（一）")
    assert row.uncovered == ((start, start + 8, "（一）提高质量。"),)
    assert row.n_uncovered == 8
    assert not row.is_clean


def test_overlaps_and_duplicate_ids_are_reported() -> None:
    whole = document()
    longer = replace(whole.clauses[2], end=whole.clauses[2].end + 4)
    row = check_document(replace(whole, clauses=(*whole.clauses[:2], longer, whole.clauses[3])))
    assert row.overlapping == (("new#1.1", "new#1.2"),)
    twin = replace(whole.clauses[3], clause_id="new#1.1")
    assert check_document(replace(whole, clauses=(*whole.clauses[:3], twin))).duplicates == ("new#1.1",)


def test_invisible_characters_need_no_clause() -> None:
    assert check_document(parse_document("new", f"\ufeff\n{SOURCE}\u200b\n")).is_clean


def test_a_problem_makes_the_corpus_unclean() -> None:
    corpus = Corpus((document(),), "v")
    assert check_documents(corpus).is_clean
    bad = replace(corpus, problems=(CorpusProblem("x", "打不开"),))
    assert not check_documents(bad).is_clean
