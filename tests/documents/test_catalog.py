from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document as new_docx

from assistant.documents.catalog import Corpus, dump_corpus, is_statute, load_corpus, parse_corpus
from assistant.documents.region_file import RegionFile
from assistant.documents.regions import RegionTree
from assistant.errors import CorpusError
from assistant.models import Document

REGIONS = RegionTree(
    RegionFile(
        names={
            "000000": "全国",
            "410000": "河南省",
            "411500": "信阳市",
            "411526": "潢川县",
        }
    )
)
TEXT = "关于培训的意见\n一、提高质量。\n"


def add(folder: Path, name: str, text: str = TEXT, meta: str | None = None) -> Path:
    target = folder / "documents" / name
    target.mkdir(parents=True)
    (target / "source.txt").write_text(text, encoding="utf-8")
    if meta is not None:
        (target / "document.yaml").write_text(meta, encoding="utf-8")
    return target


def load(folder: Path) -> Corpus:
    return load_corpus(folder, REGIONS)


@pytest.mark.parametrize(
    ("title", "only_for", "expected"),
    [
        pytest.param("中华人民共和国民法典", (), True, id="code"),
        pytest.param("中华人民共和国职业教育法", (), True, id="law"),
        pytest.param("中华人民共和国职业教育法实施办法", (), False, id="rules under a law"),
        pytest.param("最高人民法院关于适用《中华人民共和国民法典》的解释", (), False, id="interpretation"),
        pytest.param("河南省职业培训条例", (), False, id="of a province"),
        pytest.param("关于培训的意见", (), False, id="notice"),
        pytest.param("中华人民共和国民法典", ("工作日",), False, id="for some questions only"),
    ],
)
def test_a_statute_is_told_by_its_title(title: str, only_for: tuple[str, ...], expected: bool) -> None:
    document = Document("d", title, "", "", "000000", "文", (), only_for=only_for)
    assert is_statute(document) is expected


def test_documents_in_order_of_their_ids_with_a_version(tmp_path: Path) -> None:
    add(tmp_path, "b-2021")
    add(tmp_path, "a-2021", meta="title: 甲\nregion: '411526'\nyear: 2021\n")
    corpus = load(tmp_path)
    assert [d.id for d in corpus.documents] == ["a-2021", "b-2021"]
    assert corpus.problems == ()
    first = corpus.document_by_id["a-2021"]
    assert (first.title, first.region, first.year) == ("甲", "411526", 2021)
    assert corpus.clause_by_id["a-2021#1"].label == "一、"
    assert load(tmp_path).version == corpus.version
    again = parse_corpus(dump_corpus(corpus), corpus.version)
    assert again.documents == corpus.documents
    add(tmp_path, "c-2021")
    assert load(tmp_path).version != corpus.version


# name, text, document.yaml, words of the message
FAULTS = {
    "bad yaml": (TEXT, "title: [甲", "不是有效的 YAML"),
    "unknown key": (TEXT, "titel: 甲", "titel：没有这个键"),
    "key of a part": (TEXT, "parts: [{nummer: 甲}]", "parts.0.nummer：没有这个键"),
    "no mapping": (TEXT, "- 甲", "（整个文件）：应为"),
    "date": (TEXT, "issued: 去年", "issued：应为日期"),
    "region without quotes": (TEXT, "region: 411526", "region：应为加引号的文字"),
    "region that is no code": (TEXT, "region: 潢川县", "region：格式不对"),
    "unknown region code": (TEXT, "region: '999999'", "没有代码为 999999 的地区"),
    "bad id": (TEXT, "id: 'a#b'", "含有空白或 # / ? ~"),
    "blank text": (" \n", None, "没有文字"),
    "nothing but page numbers": ("1\n2\n", None, "没有读出任何条款"),
}


@pytest.mark.parametrize(("text", "meta", "words"), FAULTS.values(), ids=FAULTS)
def test_a_bad_document_is_named_and_the_others_stay(
    tmp_path: Path, text: str, meta: str | None, words: str
) -> None:
    add(tmp_path, "good")
    bad = add(tmp_path, "bad", text, meta)
    corpus = load(tmp_path)
    assert [d.id for d in corpus.documents] == ["good"]
    (problem,) = corpus.problems
    assert words in problem.message
    assert problem.path.startswith(str(bad))
    assert problem.hint


def test_two_folders_with_one_id(tmp_path: Path) -> None:
    add(tmp_path, "a", meta="id: same")
    add(tmp_path, "b", meta="id: same")
    corpus = load(tmp_path)
    assert [d.id for d in corpus.documents] == ["same"]
    (problem,) = corpus.problems
    assert problem.message.startswith("文件编号 same 重复，")
    assert problem.path.endswith("b")
    assert "改名" in problem.hint


def test_unreadable_source_folder_without_source_and_unreadable_yaml(tmp_path: Path) -> None:
    add(tmp_path, "good")
    (tmp_path / "documents" / "empty").mkdir()
    broken = tmp_path / "documents" / "broken"
    broken.mkdir()
    (broken / "source.docx").write_bytes(b"PK no archive")
    (add(tmp_path, "odd") / "document.yaml").mkdir()
    corpus = load(tmp_path)
    assert [d.id for d in corpus.documents] == ["good"]
    named = {Path(p.path).relative_to(tmp_path / "documents").parts[0] for p in corpus.problems}
    assert named == {"broken", "empty", "odd"}
    assert all(p.hint for p in corpus.problems)


def test_loose_files_and_other_suffixes(tmp_path: Path) -> None:
    add(tmp_path, "good")
    documents = tmp_path / "documents"
    docx = new_docx()
    for line in TEXT.splitlines():
        docx.add_paragraph(line)
    docx.save(str(documents / "foo.docx"))
    (documents / "readme.rst").write_text("无关", encoding="utf-8")
    (documents / ".hidden.txt").write_text("无关", encoding="utf-8")
    (documents / "~$foo.docx").write_bytes(b"")
    (documents / "upper").mkdir()
    (documents / "upper" / "Source.MD").write_text("# 关于培训的意见\n\n一、提高质量。\n", encoding="utf-8")
    corpus = load(tmp_path)
    assert corpus.problems == ()
    assert [d.id for d in corpus.documents] == ["foo", "good", "upper"]
    paths = [[c.path for c in d.clauses] for d in corpus.documents]
    assert paths == [["title", "1"]] * 3


def test_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="没有语料文件夹") as missing:
        load(tmp_path)
    assert "TIAOWEN_CORPUS_DIR" in missing.value.hint
    (tmp_path / "documents").mkdir()
    with pytest.raises(CorpusError, match="文件夹是空的"):
        load(tmp_path)
    add(tmp_path, "bad", meta="titel: 甲")
    with pytest.raises(CorpusError, match="titel"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("关于培训的意见\n请落实。\n潢川县人民政府\n2021年4月7日\n", "411526"),
        ("河南省2021年培训方案\n一、好。\n", "410000"),
        ("信阳市潢川县人社局文件\n潢人社〔2021〕1号\n关于河南省培训的通知\n一、好。\n", "411526"),
        ("关于培训的意见\n一、好。\n", "000000"),
    ],
)
def test_region_is_inferred(tmp_path: Path, text: str, region: str) -> None:
    add(tmp_path, "a", text)
    assert load(tmp_path).documents[0].region == region


def test_progress_is_told(tmp_path: Path) -> None:
    add(tmp_path, "a")
    add(tmp_path, "b")
    told: list[tuple[str, int, int]] = []
    load_corpus(tmp_path, REGIONS, lambda *step: told.append(step))
    assert told == [("a", 0, 2), ("b", 1, 2)]
