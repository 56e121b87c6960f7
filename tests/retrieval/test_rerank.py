"""Ordering anew: what the reranker sees, what becomes of the others, and a real cross-encoder."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from assistant.app import open_assistant
from assistant.config import RetrievalSettings
from assistant.errors import ModelError
from assistant.models import Clause, Passage
from assistant.retrieval.embed import SentenceTransformerEmbedder
from assistant.retrieval.rerank import CrossEncoderReranker, load_reranker, rerank_passages
from assistant.retrieval.retrieve import Query, Retriever

QUERY = Query("每班培训补贴多少人", ("资金",))


class ScriptedReranker:
    """Scores texts as it is told and keeps what it was asked."""

    name = "scripted"

    def __init__(self, scores: dict[str, float] | None = None, other: float = 0.25) -> None:
        self.scores = scores or {}
        self.other = other
        self.history: list[tuple[str, list[str]]] = []

    def score(self, query: str, texts: list[str]) -> np.ndarray:
        self.history.append((query, list(texts)))
        return np.array([self.scores.get(text, self.other) for text in texts], dtype=np.float32)


@pytest.fixture(scope="module")
def cross(tiny_models) -> CrossEncoderReranker:
    return CrossEncoderReranker(str(tiny_models.cross))


@pytest.fixture(scope="module")
def embedder(tiny_models) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(str(tiny_models.torch))


@pytest.fixture(scope="module")
def plain(embedder, open_small, tmp_path_factory) -> Retriever:
    """A small index of a transformer's vectors, without a reranker."""
    return open_small(embedder, RetrievalSettings(vectors="exact"), tmp_path_factory.mktemp("small"))


@pytest.fixture
def with_reranker(plain, embedder):
    """The same with a reranker."""

    def make(reranker, **changes) -> Retriever:
        settings = RetrievalSettings(vectors="exact", **changes)
        by_id = {clause.clause_id: clause for clause in plain._clauses}
        return Retriever(by_id, plain.index, embedder, plain.thesaurus, settings, reranker)

    return make


def ids(passages: list[Passage]) -> list[str]:
    return [p.clause.clause_id for p in passages]


def test_any_sentence_transformers_model_finds_clauses(plain, embedder):
    assert plain.index.manifest.embedder == embedder.name
    vectors = embedder.embed_documents([c.text for c in plain.index.chunks])
    np.testing.assert_allclose(plain.index.vectors, vectors, atol=1e-6)
    passages = plain.retrieve(Query("培训资金专款专用"), None, 8)
    assert ids(passages)[0] == "b#5"
    cosines = vectors @ embedder.embed_query("培训资金专款专用")
    for passage in passages:
        assert passage.legs["dense"] == pytest.approx(cosines[int(passage.clause.path)], abs=1e-5)
    only_a = plain.retrieve(Query("培训资金专款专用"), frozenset("a"), 8)
    assert {p.clause.document for p in only_a} == {"a"}
    assert len(only_a) == 4


@pytest.mark.parametrize("reranked", [1, 3, 8, 200])
def test_the_first_stand_by_the_cross_encoders_score_the_rest_behind(plain, with_reranker, cross, reranked):
    before = plain.retrieve(QUERY, None, 8)
    assert len(before) == 8
    after = with_reranker(cross, reranked=reranked).retrieve(QUERY, None, 8)
    first, rest = before[:reranked], before[reranked:]
    scores = dict(
        zip(ids(first), map(float, cross.score(QUERY.text, [p.clause.text for p in first])), strict=True)
    )
    assert ids(after) == [*sorted(scores, key=lambda c: (-scores[c], c)), *ids(rest)]
    legs = {p.clause.clause_id: p.legs for p in before}
    for passage in after[: len(first)]:
        score = scores[passage.clause.clause_id]
        assert passage.legs == legs[passage.clause.clause_id] | {"rerank": round(score, 6)}
        assert passage.score == round(0.5 + 0.5 * score, 6)
    assert [p.legs for p in after[reranked:]] == [p.legs for p in rest]
    assert [p.score for p in after[reranked:]] == [round(0.5 * p.score, 6) for p in rest]
    assert [p.rank for p in after] == list(range(1, 9))
    assert [p.score for p in after] == sorted((p.score for p in after), reverse=True)


def test_the_cross_encoder_changes_the_order(plain, with_reranker, cross):
    before, after = plain.retrieve(QUERY, None, 8), with_reranker(cross).retrieve(QUERY, None, 8)
    assert ids(before) != ids(after)
    assert set(ids(before)) == set(ids(after))


@pytest.mark.parametrize("reranked", [1, 3, 20])
def test_it_sees_the_question_and_no_more_texts_than_it_may(plain, with_reranker, reranked):
    scripted = ScriptedReranker()
    with_reranker(scripted, reranked=reranked).retrieve(QUERY, None, 2)
    texts = [p.clause.text for p in plain.retrieve(QUERY, None, 8)]
    assert scripted.history == [(QUERY.text, texts[:reranked])]


def test_ties_break_by_clause_id(with_reranker):
    after = with_reranker(ScriptedReranker({"培训资金专款专用": 1.0}), reranked=8).retrieve(QUERY, None, 8)
    assert ids(after) == ["b#5", *sorted(set(ids(after)) - {"b#5"})]
    assert [p.score for p in after] == [1.0, *[0.625] * 7]


def test_fewer_passages_are_the_first_of_more(with_reranker, cross):
    retriever = with_reranker(cross, reranked=3)
    assert retriever.retrieve(QUERY, None, 2) == retriever.retrieve(QUERY, None, 8)[:2]


def test_where_nothing_may_answer_it_is_not_asked(with_reranker):
    scripted = ScriptedReranker()
    assert with_reranker(scripted).retrieve(QUERY, frozenset(["no-such-document"]), 5) == []
    assert scripted.history == []


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_the_reranked_are_never_behind_the_rest(score):
    clauses = [Clause(f"d#{n}", "d", str(n), "", "clause", 0, 1, str(n)) for n in range(4)]
    passages = [Passage(clause, 1.0, rank) for rank, clause in enumerate(clauses, start=1)]
    after = rerank_passages(ScriptedReranker(other=score), "问", passages, ["2", "3"])
    assert ids(after) == ids(passages)
    assert [p.score for p in after] == [0.5 + score / 2] * 2 + [0.5] * 2


@pytest.mark.parametrize("name", [None, ""])
def test_without_a_reranker_nothing_changes(plain, with_reranker, name):
    assert load_reranker(name) is None
    passages = plain.retrieve(QUERY, None, 8)
    assert with_reranker(load_reranker(name), reranked=1).retrieve(QUERY, None, 8) == passages
    assert all(set(p.legs) == {"bm25", "dense"} for p in passages)
    assert passages[0].score > 0.5 > passages[-1].score


def test_without_a_reranker_its_library_is_not_imported():
    code = (
        "import sys; from assistant import app; from assistant.retrieval.rerank import load_reranker;"
        "print(load_reranker(None), *sorted({'torch', 'sentence_transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "None\n"


def test_a_setting_names_the_reranker_of_the_assistant(tiny_models, cross, settings, build_report):
    retrieval = RetrievalSettings(reranker=str(tiny_models.cross), reranked=2)
    assistant = open_assistant(settings.model_copy(update={"retrieval": retrieval}))
    passages = assistant.retriever.retrieve(Query("每班人数"), None, 4)
    assert ["rerank" in p.legs for p in passages] == [True, True, False, False]
    assert passages[0].legs["rerank"] >= passages[1].legs["rerank"]
    assert load_reranker(str(tiny_models.cross)).name == cross.name


TEXTS = ["每班人数不得超过八十人", "", "人", "培训补贴标准为每人一千元。" * 60]


def test_scores_are_probabilities_and_each_text_has_its_own(cross):
    scores = cross.score("每班人数", TEXTS)
    assert (scores.dtype, scores.shape) == (np.float32, (4,))
    assert ((scores > 0) & (scores < 1)).all()
    assert len(set(scores.tolist())) == 4
    assert cross.score("每班人数", TEXTS).tobytes() == scores.tobytes()
    for text, score in zip(TEXTS, scores, strict=True):
        np.testing.assert_allclose(cross.score("每班人数", [text]), [score], atol=1e-5)
    assert cross.score("每班人数", []).shape == (0,)


def test_the_same_text_gets_the_same_score(cross):
    scores = cross.score("每班人数", [*TEXTS * 20, *TEXTS[::-1]]).reshape(21, 4)
    assert (scores[:20] == scores[0]).all()
    assert (scores[20] == scores[0][::-1]).all()


def test_a_model_that_gives_logits_gives_the_same_scores(cross, tiny_models, tmp_path):
    from sentence_transformers import CrossEncoder

    folder = Path(shutil.copytree(tiny_models.cross, tmp_path / "cross"))
    set_config(folder, sentence_transformers={"activation_fn": "torch.nn.modules.linear.Identity"})
    raw = CrossEncoder(str(folder), device="cpu").predict([("每班人数", text) for text in TEXTS])
    scores = CrossEncoderReranker(str(folder)).score("每班人数", TEXTS)
    assert scores.tobytes() == cross.score("每班人数", TEXTS).tobytes()
    assert np.abs(raw - scores).max() > 0.1
    np.testing.assert_allclose(scores, 1 / (1 + np.exp(-raw)), atol=1e-5)


def set_config(folder: Path, **values: object) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | values), encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        pytest.param("missing", "无法载入重排模型", id="missing"),
        pytest.param("junk", "无法载入重排模型", id="junk"),
        pytest.param("embedder", "不是交叉编码器，而是 BertModel", id="embedder"),
        pytest.param("classifier", "给出 3 个分数，只支持一个", id="classifier"),
    ],
)
def test_a_model_that_cannot_order_is_refused_with_a_remedy(tiny_models, tmp_path, kind, message):
    folder = tmp_path / "model"
    if kind == "junk":
        shutil.copytree(tiny_models.cross, folder)
        (folder / "config.json").write_text("{}", encoding="utf-8")
    if kind == "embedder":
        shutil.copytree(tiny_models.torch, folder)
    if kind == "classifier":
        save_classifier(tiny_models.cross, folder)
    with pytest.raises(ModelError, match=message) as caught:
        load_reranker(str(folder))
    assert "TIAOWEN_RETRIEVAL__RERANKER" in caught.value.hint


def save_classifier(source: Path, folder: Path) -> None:
    """The cross-encoder with three scores."""
    from transformers import BertConfig, BertForSequenceClassification

    shutil.copytree(source, folder)
    BertForSequenceClassification(BertConfig.from_pretrained(source, num_labels=3)).save_pretrained(folder)


def test_a_model_that_fails_is_told(tiny_models):
    broken = CrossEncoderReranker(str(tiny_models.cross))
    broken._model.predict = lambda pairs, **_: np.full(len(pairs), np.nan)
    with pytest.raises(ModelError, match="不是每条一个有限的分数"):
        broken.score("问", ["人"])

    def fail(pairs, **_):
        raise RuntimeError("out of memory")

    broken._model.predict = fail
    with pytest.raises(ModelError, match="计算失败：out of memory") as caught:
        broken.score("问", ["人"])
    assert "TIAOWEN_RETRIEVAL__RERANKER" in caught.value.hint
