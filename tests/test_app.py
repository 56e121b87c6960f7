"""The assistant as every surface uses it: what it takes, what it refuses, what it warns of."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from assistant import app
from assistant.app import indexes, opening
from assistant.app.conversing import MOST_TRIES
from assistant.config import Settings, StoreSettings
from assistant.dialogue.memory import read_memory
from assistant.documents.chunk import chunk_document
from assistant.errors import CorpusError, IndexMissing, IndexStale, RequestInvalid
from assistant.models import Question

AS_OF = date(2026, 11, 21)
HUANGCHUAN = "huangchuan-2021-1"
UNUSABLE = [
    pytest.param("", "空", id="empty"),
    pytest.param("  \n\t　", "空", id="blanks"),
    pytest.param("\x00\x07\x1b\u200b\ufeff", "空", id="control characters"),
    pytest.param("\ud800", "空", id="half a character"),
    pytest.param("？！。……", "没有文字", id="punctuation"),
    pytest.param("😀🎉👍", "没有文字", id="emoji"),
    pytest.param("（ ）——《》", "没有文字", id="brackets"),
    pytest.param("问" * 2001, "2001", id="one too long"),
    pytest.param("一个班多少人" * 17_000, "102000", id="100 kB"),
]


class OtherEmbedder:
    """Another model's vectors: a constant one."""

    name = "other-model"
    dim = 4

    def embed_documents(self, texts):
        return np.stack([self.embed_query(text) for text in texts])

    def embed_query(self, text):
        return np.full(self.dim, 0.5, dtype=np.float32)


@pytest.fixture
def copied_index(build_report, settings: Settings, tmp_path: Path) -> Path:
    """The shipped corpus' index, to be damaged."""
    return Path(shutil.copytree(settings.index_dir, tmp_path / "indexes"))


@pytest.mark.parametrize(("text", "part"), UNUSABLE)
def test_a_text_without_a_question_is_refused(real_assistant, text, part):
    for put in (lambda: real_assistant.ask(Question(text, AS_OF)), lambda: real_assistant.search(text)):
        with pytest.raises(RequestInvalid) as caught:
            put()
        assert part in caught.value.message
        assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("问" * 2000, id="as long as may be"),
        pytest.param("班", id="one character"),
        pytest.param("80", id="a number"),
        pytest.param("①", id="a circled number"),
        pytest.param("class?", id="English"),
        pytest.param("一个班\ud800最多多少人", id="half a character"),
        pytest.param("一個班😀", id="traditional"),
    ],
)
def test_any_text_with_words_gets_an_answer(real_assistant, text):
    answer = real_assistant.ask(Question(text, AS_OF, "潢川县"))
    assert answer.status in ("answered", "refused")
    assert answer.text


@pytest.mark.parametrize("region", ["", "火星", "潢川县潢川县", "000001", "中国东南", "县"])
def test_an_unknown_region_is_named(real_assistant, region):
    for put in (
        lambda: real_assistant.ask(Question("一个班多少人", AS_OF, region)),
        lambda: real_assistant.search("班级", region=region),
    ):
        with pytest.raises(RequestInvalid) as caught:
            put()
        assert region in caught.value.message
        assert "代码" in caught.value.hint


@pytest.mark.parametrize("region", ["潢川县", "潢川", "411526", "河南省信阳市潢川县", " 潢川县 "])
def test_a_region_may_be_named_in_any_form(real_assistant, region):
    answer = real_assistant.ask(Question("一个班最多多少人", AS_OF, region))
    assert answer.citations[0].document == HUANGCHUAN


def test_an_unknown_document_is_named(real_assistant):
    with pytest.raises(RequestInvalid) as caught:
        real_assistant.search("班级", document="no-such-document")
    assert "no-such-document" in caught.value.message
    assert "tiaowen corpus list" in caught.value.hint


@pytest.mark.parametrize(
    ("kwargs", "documents"),
    [
        ({}, {HUANGCHUAN, "hebei-2021-20", "henan-moe-2021-2"}),
        ({"document": "hebei-2021-20"}, {"hebei-2021-20"}),
        ({"region": "河北"}, {"hebei-2021-20", "moe-2019-5"}),
        ({"region": "广东"}, {"moe-2019-5"}),
    ],
)
def test_search_in_documents_of_a_place(real_assistant, kwargs, documents):
    found = {p.clause.document for p in real_assistant.search("职业技能培训教师", top_k=60, **kwargs)}
    assert found <= documents if kwargs else documents <= found
    assert found


@pytest.mark.parametrize("top_k", [1, 3, 10])
def test_search_gives_as_many_as_asked_ranked_from_one(real_assistant, top_k):
    passages = real_assistant.search("培训", top_k=top_k)
    assert [p.rank for p in passages] == list(range(1, top_k + 1))
    assert [p.score for p in passages] == sorted((p.score for p in passages), reverse=True)


def test_source_is_what_spans_count_in(real_assistant):
    clause = real_assistant.corpus.clause_by_id[f"{HUANGCHUAN}#2.4.21.1"]
    assert "80 人" in real_assistant.source(HUANGCHUAN)[clause.start : clause.end]


def test_the_build_tells_what_it_did(build_report, real_assistant):
    assert build_report.n_documents == len(real_assistant.corpus.documents)
    chunks = [chunk for d in real_assistant.corpus.documents for chunk in chunk_document(d)]
    assert build_report.n_chunks == len(chunks) > len(real_assistant.corpus.clause_by_id)
    # A text that stands twice needs one vector.
    assert build_report.n_embedded == len({chunk.digest for chunk in chunks})
    assert (build_report.is_unchanged, build_report.problems) == (False, ())
    assert real_assistant.warnings == ()


def test_a_second_build_embeds_nothing(copied_index, settings, build_report, real_assistant):
    again = app.build_indexes(settings.model_copy(update={"index_dir": copied_index}))
    assert (again.is_unchanged, again.n_embedded) == (True, 0)
    assert again.generation == build_report.generation


def test_without_an_index_the_command_is_told(settings, tmp_path):
    with pytest.raises(IndexMissing) as caught:
        app.open_assistant(settings.model_copy(update={"index_dir": tmp_path / "none"}))
    assert "tiaowen index" in caught.value.hint


def test_another_model_makes_the_index_stale(copied_index, settings, monkeypatch):
    for module in (opening, indexes):
        monkeypatch.setattr(module, "load_embedder", lambda name: OtherEmbedder())
    changed = settings.model_copy(update={"index_dir": copied_index})
    with pytest.raises(IndexStale) as caught:
        app.open_assistant(changed)
    assert "other-model" in caught.value.message
    assert "tiaowen index" in caught.value.hint
    app.build_indexes(changed)
    assert app.open_assistant(changed).search("班级")


def test_a_damaged_vector_store_is_told_and_changes_no_answer(copied_index, settings, real_assistant):
    for file in copied_index.rglob("chroma.sqlite3"):
        file.write_bytes(b"damaged")
    damaged = app.open_assistant(settings.model_copy(update={"index_dir": copied_index}))
    question = Question("一个班最多能坐多少人", AS_OF, "潢川县")
    assert any("tiaowen index" in warning for warning in damaged.warnings)
    assert damaged.ask(question) == real_assistant.ask(question)


def test_a_corpus_with_one_bad_document_serves_the_good_ones(settings, tmp_path):
    corpus = Path(shutil.copytree(settings.corpus_dir, tmp_path / "corpus"))
    broken = corpus / "documents" / "broken"
    broken.mkdir()
    (broken / "source.docx").write_bytes(b"no archive")
    changed = settings.model_copy(update={"corpus_dir": corpus, "index_dir": tmp_path / "indexes"})
    report = app.build_indexes(changed)
    assert [Path(problem.path).name for problem in report.problems] == ["source.docx"]
    assert report.problems[0].message
    assert app.open_assistant(changed).ask(Question("105号文哪天印发", AS_OF)).status == "answered"
    assert app.check_corpus(changed)


def test_without_a_corpus_the_folder_is_named(settings, tmp_path):
    shutil.copytree(settings.corpus_dir, tmp_path / "corpus", ignore=shutil.ignore_patterns("documents"))
    with pytest.raises(CorpusError) as caught:
        app.build_indexes(settings.model_copy(update={"corpus_dir": tmp_path / "corpus"}))
    assert "documents" in caught.value.message
    assert caught.value.hint


# -- the calculator ------------------------------------------------------------------------------------


@pytest.fixture
def copied_corpus(settings: Settings, tmp_path: Path) -> Path:
    """The shipped corpus, to be edited."""
    return Path(shutil.copytree(settings.corpus_dir, tmp_path / "corpus"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def size_outcome(assistant, size: str) -> str:
    question = Question("", date(2021, 6, 1), "潢川县", facts={"class_size": size})
    return assistant.decide(f"{HUANGCHUAN}/class-size", question).decision.outcome


def test_faulty_rules_never_replace_those_that_serve(settings, build_report, copied_corpus, tmp_path):
    own = settings.model_copy(update={"corpus_dir": copied_corpus, "index_dir": tmp_path / "indexes"})
    assert app.build_indexes(own).problems == ()
    edit(copied_corpus / "documents" / HUANGCHUAN / "rules.yaml", "{value: 80,", "{value: 81,")
    report = app.build_indexes(own)
    (problem,) = report.problems
    assert "max_class_size" in problem.message
    assert "2.4.21.1" in problem.message
    assert "继续使用原来的规则" in problem.message
    assert size_outcome(app.open_assistant(own), "81") == "fail"


def test_faulty_rules_without_any_before_leave_questions_answered(settings, copied_corpus, tmp_path):
    own = settings.model_copy(update={"corpus_dir": copied_corpus, "index_dir": tmp_path / "indexes"})
    (copied_corpus / "facts.yaml").write_text("facts: [", encoding="utf-8")
    report = app.build_indexes(own)
    assert "规则没有启用" in report.problems[0].message
    assistant = app.open_assistant(own)
    assert assistant.ask(Question("一个班最多多少人", AS_OF, "潢川县")).status == "answered"
    stated = Question("能开班吗", AS_OF, "潢川县", facts={"class_size": "85"})
    for ask in (assistant.check, assistant.ask, lambda q: assistant.decide(f"{HUANGCHUAN}/class-size", q)):
        with pytest.raises(RequestInvalid, match="没有启用的规则") as caught:
            ask(stated)
        assert "tiaowen corpus check" in caught.value.hint


def test_an_edited_clause_takes_only_its_own_rules_away(settings, copied_corpus, tmp_path):
    own = settings.model_copy(update={"corpus_dir": copied_corpus, "index_dir": tmp_path / "indexes"})
    edit(
        copied_corpus / "documents" / HUANGCHUAN / "source.txt",
        "每班人数不得超过 80 人",
        "每班人数不得超过 60 人",
    )
    assert app.build_indexes(own).problems == ()
    assistant = app.open_assistant(own)
    assert size_outcome(assistant, "70") == "no_basis"
    question = Question("", date(2021, 6, 1), "潢川县", facts={"class_size": "70", "teachers": "2"})
    decision = assistant.decide(f"{HUANGCHUAN}/class-qualifies", question).decision
    outcomes = {check.id: check.outcome for check in decision.checks}
    assert (outcomes["class-size"], outcomes["teacher-ratio"]) == ("no_basis", "fail")
    assert decision.outcome == "fail"


def test_rules_come_back_as_they_went_into_the_index(real_assistant, settings):
    fresh, _ = app.load_book(settings)
    assert set(real_assistant.calculator.book.rules) == set(fresh.rules)


@pytest.mark.parametrize("rule", ["no/such-rule", "", "huangchuan-2021-1", "../class-size"])
def test_a_rule_there_is_not_is_refused(real_assistant, rule):
    with pytest.raises(RequestInvalid) as caught:
        real_assistant.decide(rule, Question("", AS_OF))
    assert caught.value.hint


def test_turns_of_one_conversation_on_two_processes_rest_on_each_other(settings, build_report, tmp_path):
    own = settings.model_copy(update={"store": StoreSettings(url=f"sqlite:///{tmp_path / 'shared.db'}")})
    other = app.Assistant(own)
    said = [Question(text, date(2021, 6, 1), "潢川县", "shared") for text in ("我们班78个学员", "教师5名")]
    interrupted = []

    def now():
        """Between an answer and its turn being kept, the other process answers and keeps one; its locks are its own."""
        if not interrupted:
            interrupted.append(other.ask(said[0]))
        return datetime(2021, 6, 1, tzinfo=UTC)

    answer = app.Assistant(own, now).ask(said[1])
    kept = other.store.conversations.turns("shared")
    assert [turn.answer_id for turn in kept] == [interrupted[0].id, answer.id]
    facts = read_memory(kept[-1].memory).facts
    assert {"class_size", "teachers"} <= set(facts)
    assert not answer.notices or all("没有保存" not in notice for notice in answer.notices)


def test_a_conversation_that_others_never_leave_alone_is_answered_unkept(settings, build_report, tmp_path):
    own = settings.model_copy(update={"store": StoreSettings(url=f"sqlite:///{tmp_path / 'shared.db'}")})
    question = Question("一个班最多多少人", date(2021, 6, 1), "潢川县", "busy")
    other = app.Assistant(own)

    def now():
        other.ask(question)
        return datetime(2021, 6, 1, tzinfo=UTC)

    answer = app.Assistant(own, now).ask(question)
    assert answer.status == "answered"
    assert any("没有保存" in notice or "没能" in notice for notice in answer.notices), answer.notices
    assert other.store.conversations.count("busy") == MOST_TRIES
