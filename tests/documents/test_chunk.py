"""Chunks: a clause with its heading path, and the pieces of a long one."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.documents.chunk import PIECE_LENGTH, chunk_document
from assistant.models import Cell, Clause, Document, Part

SHORT = "每班人数不得超过\n80 人。"
LONG = "".join(f"第{i}句" + "说" * 40 + "。" for i in range(1, 9))


def make_document(text, kind="clause", **fields):
    clause = Clause("d#1.1", "d", "1.1", "一、（一）", kind, 0, len(text), text.replace("\n", ""), **fields)
    return Document("d", "工作方案", "某发〔2021〕1号", "某局", "000000", text, (clause,))


def test_a_short_clause_is_one_chunk_with_its_heading_path():
    document = make_document(SHORT, heading="班级", headings=("管理", "质量"))
    (chunk,) = chunk_document(document)
    assert (chunk.chunk_id, chunk.clause_id, chunk.document) == ("d#1.1", "d#1.1", "d")
    assert (chunk.start, chunk.end) == (0, len(SHORT))
    assert chunk.text == "管理 质量 班级 每班人数不得超过80 人。"


def test_a_long_clause_is_a_chunk_and_its_pieces():
    whole, *pieces = chunk_document(make_document(LONG, headings=("管理",)))
    assert whole.text == f"管理 {LONG}"
    assert [piece.chunk_id for piece in pieces] == [f"d#1.1~{n}" for n in range(2, len(pieces) + 2)]
    assert "".join(LONG[p.start : p.end] for p in pieces) == LONG
    assert all(p.end - p.start <= PIECE_LENGTH for p in pieces)
    assert all(p.text.startswith("管理 第") for p in pieces)


@pytest.mark.parametrize(
    ("length", "n_chunks"),
    [(2 * PIECE_LENGTH, 1), (2 * PIECE_LENGTH + 1, 4)],
    ids=["as long as may be", "one more"],
)
def test_from_which_length_on_there_are_pieces(length, n_chunks):
    text = ("说" * 99 + "。") * 3
    assert len(chunk_document(make_document(text[:length]))) == n_chunks


def test_a_row_is_read_with_its_headers_and_never_cut():
    cells = (Cell("任务", "农民培训", 0, 4), Cell("", "备注", 5, 7))
    document = make_document(
        "农民培训\t备注" + "长" * 300, "row", cells=cells, heading="", headings=("分解表",)
    )
    (chunk,) = chunk_document(document)
    assert chunk.text == "分解表 一、（一） 任务：农民培训；备注"


def test_a_line_about_the_document_is_read_with_the_document():
    document = replace(
        make_document("2021年4月7日", "meta"),
        parts=(Part("", "工作方案", "某发〔2021〕1号", "某局", None, 0, 9),),
    )
    (chunk,) = chunk_document(document)
    assert chunk.text == "某发〔2021〕1号 某局 工作方案 一、（一）：2021年4月7日"


@pytest.mark.parametrize("heading", ["班级", ""])
def test_a_digest_is_that_of_the_text_the_legs_see(heading):
    (chunk,) = chunk_document(make_document(SHORT, heading=heading))
    assert chunk.digest == hashlib.sha256(chunk.text.encode()).hexdigest()


def test_the_heading_path_is_part_of_the_digest():
    digests = {chunk_document(make_document(SHORT, heading=h))[0].digest for h in ("班级", "班额", "班级")}
    assert len(digests) == 2


SENTENCES = st.lists(
    st.text(alphabet=st.sampled_from("甲乙丙（）“”，"), max_size=90).map(lambda text: text + "。"),
    min_size=1,
    max_size=12,
)


@given(sentences=SENTENCES)
def test_pieces_cover_the_clause_in_order(sentences):
    text = "".join(sentences)
    whole, *pieces = chunk_document(make_document(text))
    assert (whole.start, whole.end) == (0, len(text))
    if pieces:
        assert "".join(text[p.start : p.end] for p in pieces) == text
    edges = [edge for piece in pieces for edge in (piece.start, piece.end)]
    assert edges == sorted(edges)


def test_every_clause_of_the_shipped_corpus_is_chunked(real_assistant):
    for document in real_assistant.corpus.documents:
        chunks = chunk_document(document)
        clauses = {clause.clause_id: clause for clause in document.clauses}
        assert [c.clause_id for c in chunks if "~" not in c.chunk_id] == list(clauses)
        assert len({chunk.chunk_id for chunk in chunks}) == len(chunks)
        for chunk in chunks:
            clause = clauses[chunk.clause_id]
            assert clause.start <= chunk.start < chunk.end <= clause.end
            assert chunk.text == chunk.text.strip() != ""
