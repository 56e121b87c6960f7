"""Sample questions beside a document: read, attached to their clauses, indexed, never quoted."""

import pytest

from assistant.config import data_dir
from assistant.documents.catalog import load_corpus
from assistant.documents.chunk import chunk_document
from assistant.documents.parse import parse_document
from assistant.documents.questions import attach_questions, load_questions
from assistant.documents.regions import load_regions
from assistant.errors import CorpusError

SOURCE = "培训管理办法\n\n第一条　企业投资兴办培训的，予以奖励。\n\n第二条　本办法由县人社局解释。\n"


@pytest.fixture(scope="module")
def regions():
    return load_regions(data_dir("corpus") / "regions.yaml")


@pytest.fixture
def corpus_dir(tmp_path):
    folder = tmp_path / "documents" / "rules-2024"
    folder.mkdir(parents=True)
    (folder / "source.txt").write_text(SOURCE, encoding="utf-8")
    return tmp_path


def _write(corpus_dir, text):
    path = corpus_dir / "documents" / "rules-2024" / "questions.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_questions_belong_to_their_clause_and_are_indexed(corpus_dir, regions):
    _write(corpus_dir, '"1": [老板掏钱办班有没有好处, 厂里自己出钱办班奖不奖]\n')
    (document,) = load_corpus(corpus_dir, regions).documents
    assert {c.path: len(c.questions) for c in document.clauses if c.questions} == {"1": 2}
    chunks = {c.chunk_id: c for c in chunk_document(document)}
    asked = chunks["rules-2024#1~q2"]
    clause = next(c for c in document.clauses if c.path == "1")
    assert (asked.clause_id, asked.text) == (clause.clause_id, "厂里自己出钱办班奖不奖")
    assert (asked.start, asked.end) == (clause.start, clause.end)


def test_missing_file_means_no_questions(tmp_path):
    assert load_questions(tmp_path / "questions.yaml") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"1": 老板掏钱办班', "1"),
        ("- 老板掏钱办班", "顶层"),
        ('"1": [啊]', "1.0"),
        ('"1": [老板', "不是有效的 YAML"),
    ],
    ids=["no list", "no mapping", "too short", "no yaml"],
)
def test_malformed_file_is_named_with_its_fault(corpus_dir, text, said):
    path = _write(corpus_dir, text)
    with pytest.raises(CorpusError, match=said) as caught:
        load_questions(path)
    assert caught.value.path == str(path)
    assert caught.value.hint


def test_unknown_clause_is_named():
    document = parse_document("rules-2024", SOURCE)
    with pytest.raises(CorpusError, match=r"9\.9"):
        attach_questions(document, {"9.9": ("老板掏钱办班",)}, data_dir("corpus") / "questions.yaml")


def test_document_stays_where_only_its_questions_are_wrong(corpus_dir, regions):
    _write(corpus_dir, '"9.9": [老板掏钱办班有没有好处]\n')
    corpus = load_corpus(corpus_dir, regions)
    assert [d.id for d in corpus.documents] == ["rules-2024"]
    (problem,) = corpus.problems
    assert "9.9" in problem.message
