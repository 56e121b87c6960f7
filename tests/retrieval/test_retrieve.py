"""Ranked passages: filters before ranking, ties by clause id, one result whichever store answers."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import app
from assistant.config import RetrievalSettings
from assistant.retrieval.embed import load_embedder
from assistant.retrieval.fuse import COMPANY
from assistant.retrieval.opened import open_generation
from assistant.retrieval.retrieve import STATUTE_WEIGHT, Query, Retriever
from assistant.retrieval.thesaurus import load_thesaurus

HC, HN, JYT, HB, MOE = (
    "huangchuan-2021-1",
    "henan-moe-2021-2",
    "henan-jiaoyuting-2021-105",
    "hebei-2021-20",
    "moe-2019-5",
)
QUERIES = [
    "一个班最多能坐多少人",
    "每课时不低于多少分钟",
    "职业培训补贴标准",
    "电子商务师",
    "兼职教师的编制",
    "种地的想学技术",
    "鲁班工坊",
    "1+X证书",
    "2021年4月28日",
    "class size",
    "的",
    "阿斯顿发",
]
TWIN = "试行办法\n\n第一条　每班人数不得超过八十人。\n\n第二条　每班人数不得超过八十人。\n\n第三条　考核在线下进行。\n"


@pytest.fixture(scope="module")
def new_retriever(real_assistant, settings):
    """Opens the shipped corpus' index with given settings."""

    def open_one(**changes):
        chosen = RetrievalSettings(**changes)
        embedder = load_embedder("static")
        index = open_generation(settings.index_dir, embedder.name, chosen)
        assert index.warnings == ()
        thesaurus = load_thesaurus(settings.corpus_dir / "thesaurus.yaml")
        return Retriever(real_assistant.corpus.clause_by_id, index, embedder, thesaurus, chosen)

    return open_one


@pytest.fixture(scope="module")
def chroma(new_retriever):
    return new_retriever(vectors="chroma")


@pytest.fixture(scope="module")
def exact(new_retriever):
    return new_retriever(vectors="exact")


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(
    "documents",
    [None, frozenset([HC]), frozenset([HN, JYT, MOE]), frozenset([HB, "no-such-document"])],
    ids=["all", "one", "several", "one unknown"],
)
def test_both_stores_give_the_same_passages_and_scores(chroma, exact, query, documents):
    expanded = chroma.expand(query)
    assert expanded == exact.expand(query)
    assert chroma.retrieve(expanded, documents, 20) == exact.retrieve(expanded, documents, 20)


@pytest.mark.parametrize("vectors", ["chroma", "exact"])
def test_a_filter_acts_before_ranking(new_retriever, vectors):
    narrow = new_retriever(vectors=vectors, candidates=20)
    query = Query("潢川县全民技能振兴工程领导小组办公室补贴性培训人次")
    assert MOE not in {p.clause.document for p in narrow.retrieve(query, None, 10)}
    passages = narrow.retrieve(query, frozenset([MOE]), 8)
    assert len(passages) == 8
    assert {p.clause.document for p in passages} == {MOE}


@pytest.mark.parametrize("documents", [frozenset(), frozenset(["no-such-document"])])
@pytest.mark.parametrize("vectors", ["chroma", "exact"])
def test_where_nothing_may_answer_nothing_is_found(new_retriever, vectors, documents):
    assert new_retriever(vectors=vectors).retrieve(Query("培训"), documents, 5) == []


def test_a_filter_changes_neither_legs_scores_of_what_is_left(chroma):
    query = Query("每班人数不得超过80人")
    everywhere = {p.clause.clause_id: p.legs for p in chroma.retrieve(query, None, 100)}
    for passage in chroma.retrieve(query, frozenset([HC]), 10):
        assert everywhere[passage.clause.clause_id] == passage.legs


@pytest.mark.parametrize(
    ("query", "clause_id"),
    [
        ("每班人数不得超过80人", f"{HC}#2.4.21.1"),
        ("扩大职业院校办学自主权，探索由学校自主聘用内设机构干部", f"{HN}#8.26"),
        ("按不超过60%的比例提取资金，用于核增绩效工资总量", f"{HB}#4.15"),
        ("没有按规定上报数据的视作零申报", f"{JYT}#4.3"),
    ],
)
def test_the_documents_own_words_find_their_clause(chroma, query, clause_id):
    assert chroma.retrieve(Query(query), None, 1)[0].clause.clause_id == clause_id


def test_a_clause_in_pieces_is_one_passage(chroma):
    passages = chroma.retrieve(Query("职业院校教师培训"), None, 100)
    ids = [p.clause.clause_id for p in passages]
    assert len(ids) == len(set(ids))
    assert [p.rank for p in passages] == list(range(1, len(ids) + 1))


@pytest.mark.parametrize("top_k", [0, 1, 7])
def test_top_k(chroma, top_k):
    assert len(chroma.retrieve(Query("培训"), None, top_k)) == top_k


def test_fewer_passages_are_the_first_of_more(chroma):
    query = Query("培训补贴")
    assert chroma.retrieve(query, None, 3) == chroma.retrieve(query, None, 30)[:3]


def test_lay_words_are_expanded_to_official_ones(chroma):
    query = chroma.expand("种地的想学技术")
    assert query.text == "种地的想学技术"
    assert "高素质农民" in query.official
    assert "高素质农民" not in chroma.expand("种地的高素质农民").official
    assert chroma.expand("阿斯顿发").official == ()


@given(text=st.text(max_size=40), top_k=st.integers(1, 30))
def test_any_text_is_ranked_soundly(exact, text, top_k):
    passages = exact.retrieve(exact.expand(text), frozenset([HC, MOE]), top_k)
    keys = [(-p.score, p.clause.clause_id) for p in passages]
    assert keys == sorted(keys)
    assert len(passages) <= top_k
    assert {p.clause.document for p in passages} <= {HC, MOE}
    assert all(0 <= p.score <= 1 for p in passages)


@pytest.fixture(scope="module")
def twins(settings, tmp_path_factory):
    """Two documents of the same words under different ids, each saying one thing twice."""
    corpus = tmp_path_factory.mktemp("twins") / "corpus"
    shutil.copytree(settings.corpus_dir, corpus, ignore=shutil.ignore_patterns("documents"))
    for name in ("b-twin", "a-twin"):
        folder = Path(corpus / "documents" / name)
        folder.mkdir(parents=True)
        (folder / "source.txt").write_text(TWIN, encoding="utf-8")
    changed = settings.model_copy(update={"corpus_dir": corpus, "index_dir": corpus.parent / "indexes"})
    app.build_indexes(changed)
    return app.open_assistant(changed)


def test_ties_break_by_clause_id(twins):
    passages = [p for p in twins.search("每班人数不得超过八十人") if p.clause.path in ("1", "2")]
    by_score = {}
    for passage in passages:
        by_score.setdefault(passage.score, []).append(passage.clause.clause_id)
    assert any(len(ids) > 1 for ids in by_score.values())
    assert all(ids == sorted(ids) for ids in by_score.values())
    assert {p.clause.document for p in passages} == {"a-twin", "b-twin"}


def test_a_statute_stands_before_a_rule_that_says_as_much(twins):
    query = Query("每班人数不得超过八十人")
    parts = (
        twins.corpus.clause_by_id,
        twins.retriever.index,
        twins.retriever.embedder,
        twins.retriever.thesaurus,
    )
    plain = Retriever(*parts, RetrievalSettings()).retrieve(query, None, 5)
    assert plain[0].clause.document == "a-twin"
    ranked = Retriever(*parts, RetrievalSettings(), statutes=frozenset(["b-twin"])).retrieve(query, None, 5)
    assert [p.clause.document for p in ranked[:2]] == ["b-twin", "b-twin"]
    assert ranked[0].score == plain[0].score, "the statute keeps its score, the others fall behind"
    behind = (1 - 1 / STATUTE_WEIGHT) / (1 + COMPANY)
    assert ranked[2].score == pytest.approx(plain[0].score - behind, abs=1e-5)
