"""Which rules serve where a file is wrong: one document's fault takes no other document's rules away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.app import read_corpus, read_corpus_rules
from assistant.documents.metadata import load_meta
from assistant.documents.parse import parse_document
from assistant.rules.build import build_book
from assistant.rules.choose import NOTHING, choose_rules

COUNTY, PROVINCE = "huangchuan-2021-1", "henan-moe-2021-2"


@pytest.fixture(scope="module")
def corpus(settings):
    return read_corpus(settings)


@pytest.fixture(scope="module")
def source(settings, corpus):
    return read_corpus_rules(settings, corpus)


def edit(source, **changes):
    """The rules with those of some documents changed; None takes them out."""
    documents = {i.replace("_", "-"): d for i, d in changes.items()}
    kept = {i: documents.get(i, d) for i, d in source.documents.items()}
    return replace(source, documents={i: d for i, d in kept.items() if d is not None})


def owners(chosen, documents):
    return {rule.document for rule in build_book(chosen.source, documents, lint=False).rules.values()}


def break_rules(data):
    return {
        **data,
        "checks": {"broken": {"subject": "class", "label": "坏的", "require": "no_such_fact > 1"}},
    }


def test_rules_that_load_are_all_chosen(source, corpus):
    chosen = choose_rules(source, NOTHING, corpus.documents)
    assert (chosen.source, chosen.faults) == (source, ())


def test_a_broken_file_gives_way_to_its_former_version(source, corpus):
    broken = edit(source, huangchuan_2021_1=break_rules(source.documents[COUNTY]))
    chosen = choose_rules(broken, source, corpus.documents)
    assert chosen.source.documents == source.documents
    (fault,) = chosen.faults
    assert COUNTY in fault.path
    assert "继续使用原来的规则" in fault.message


def test_a_broken_file_without_a_former_version_is_left_out(source, corpus):
    broken = edit(source, huangchuan_2021_1=break_rules(source.documents[COUNTY]))
    chosen = choose_rules(broken, NOTHING, corpus.documents)
    assert COUNTY not in chosen.source.documents
    assert "没有启用" in chosen.faults[0].message
    assert PROVINCE in owners(chosen, corpus.documents)


def test_a_text_without_its_annex_takes_only_its_own_rules_away(settings, source, corpus):
    """The tables no longer read, with the former rules as little as with the new ones."""
    whole = corpus.document_by_id[COUNTY]
    meta = load_meta(settings.corpus_dir / "documents" / COUNTY / "document.yaml")
    cut = parse_document(COUNTY, whole.source[: whole.source.index("附件1")], meta)
    documents = [cut if d.id == COUNTY else d for d in corpus.documents]
    chosen = choose_rules(source, source, documents)
    assert COUNTY not in owners(chosen, documents)
    assert {PROVINCE, "hebei-2021-20"} <= owners(chosen, documents)
    (fault,) = chosen.faults
    assert "没有启用" in fault.message


def test_rules_of_a_document_that_was_taken_out_are_left_out(source, corpus):
    documents = [d for d in corpus.documents if d.id != "hebei-2021-20"]
    former = source
    current = edit(source, hebei_2021_20=None)
    chosen = choose_rules(current, former, documents)
    assert "hebei-2021-20" not in chosen.source.documents


def test_what_is_shared_is_all_new_or_all_old(source, corpus):
    broken = replace(source, facts={"facts": {"x": {"label": ""}}})
    chosen = choose_rules(broken, source, corpus.documents)
    assert chosen.source.facts == source.facts
    assert "继续使用原来的规则" in chosen.faults[0].message
    assert choose_rules(broken, NOTHING, corpus.documents).source == NOTHING
