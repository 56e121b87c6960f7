"""A new document is read in every format, its metadata guessed with their lines, previewed, and taken in whole or not at all."""

from __future__ import annotations

import io
from datetime import date

import docx
import pytest

from assistant.app import open_assistant
from assistant.config import PACKAGE
from assistant.documents.versions import list_changes
from assistant.errors import ConfigError, CorpusError, ParseError, RequestInvalid, StoreError
from assistant.models import Question
from assistant.store.store import find_store
from assistant.upkeep import changes
from assistant.upkeep.changes import apply_change
from assistant.upkeep.drafts import open_shelf, read_draft
from assistant.upkeep.packaged import copy_corpus
from assistant.upkeep.plans import FieldsOpen, plan_add
from tests.documents.test_read_pdf import SCAN, make_pdf, text
from tests.upkeep.conftest import NEW_TEXT, PLAN, TEXT, describe_tree

NEW = "shangcheng-2025-7"
QUESTION = Question("每班人数最多多少人？", date(2025, 6, 1), "商城县")
PARAGRAPHS = [line for line in NEW_TEXT.split("\n") if line]


def make_docx() -> bytes:
    document = docx.Document()
    for line in PARAGRAPHS:
        document.add_paragraph(line)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def make_html() -> bytes:
    body = "".join(f"<p>{line}</p>" for line in PARAGRAPHS)
    return f"<!doctype html><html><head><meta charset=utf-8></head><body>{body}</body></html>".encode()


def make_pdf_file() -> bytes:
    lines, top = [], 80.0
    for paragraph in PARAGRAPHS:
        for at in range(0, len(paragraph), 30):
            lines.append(text(90, top, paragraph[at : at + 30]))
            top += 18
        top += 14
    return make_pdf("".join(lines))


FORMATS = {
    "plan.txt": NEW_TEXT.encode(),
    "plan-gbk.txt": NEW_TEXT.encode("gb18030"),
    "plan.docx": make_docx(),
    "plan.html": make_html(),
    "plan.pdf": make_pdf_file(),
}
CLAUSES = ["1", "2", "2.1", "2.2", "3"]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_clauses_and_metadata(own, shelf, signer, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(FORMATS[name])
    draft = read_draft(shelf, path, {})
    assert [c.path for c in draft.document.clauses if c.kind in ("clause", "heading")] == CLAUSES
    known = {guess.field: guess.value for guess in draft.guesses}
    assert known == {
        "title": "商城县2025年职业技能培训实施方案",
        "number": "商政办〔2025〕7号",
        "issuer": "商城县人民政府办公室",
        "region": "411524",
        "issued": "2025-02-10",
        "effective": "",
        "expires": "",
        "year": "2025",
    }
    assert (draft.document.id, draft.open, draft.nearest, draft.row.n_uncovered) == (NEW, (), None, 0)
    applied = apply_change(own, plan_add(own, draft), signer)
    kept = own.corpus_dir / "documents" / NEW
    assert (kept / f"source{path.suffix}").read_bytes() == FORMATS[name]
    answer = open_assistant(own).ask(QUESTION)
    assert (answer.status, answer.citations[0].clause_id) == ("answered", f"{NEW}#2.1")
    assert applied.report.problems == ()


def test_each_guess_says_where_it_was_read(shelf, write):
    draft = read_draft(shelf, write(NEW_TEXT), {})
    where = {guess.field: (guess.basis, guess.line, guess.excerpt) for guess in draft.guesses}
    assert where["number"] == ("text", 3, "商政办〔2025〕7号")
    assert where["title"][:2] == ("text", 5)
    assert where["issued"] == ("text", 19, "2025年2月10日")
    assert where["issuer"] == ("text", 1, "商城县人民政府办公室文件")
    assert where["region"] == ("inferred", 0, "商城县人民政府办公室")
    assert where["effective"][0] == "missing"


def test_what_was_stated_wins_and_the_days_of_the_text_are_read(shelf, write):
    body = NEW_TEXT.replace(
        "不得截留、挪用。",
        "不得截留、挪用。\n\n四、附则。本方案自2025年3月1日起施行，有效期至2026年12月31日。",
    )
    given = {"region": "潢川", "issued": "2025年2月11日", "number": "无", "id": "shangcheng"}
    draft = read_draft(shelf, write(body), given)
    known = {guess.field: (guess.value, guess.basis) for guess in draft.guesses}
    assert known["region"] == ("411526", "given")
    assert known["issued"] == ("2025-02-11", "given")
    assert known["number"] == ("", "given")
    assert known["effective"] == ("2025-03-01", "text")
    assert known["expires"] == ("2026-12-31", "text")
    assert draft.document.id == "shangcheng"


@pytest.mark.parametrize(
    ("words", "expires"),
    [
        ("自2024年10月1日起施行，有效期3年", "2027-09-30"),
        ("自2024年10月1日起施行，有效期为两年", "2026-09-30"),
        ("自印发之日起施行，有效期5年", "2030-02-09"),
        ("自2024年5月20日起施行，至2026年12月31日止", "2026-12-31"),
        ("自2025年3月1日起施行。教学点备案有效期为一年", ""),
    ],
)
def test_how_long_a_text_holds_is_read_as_its_last_day(shelf, write, words, expires):
    body = NEW_TEXT.replace("不得截留、挪用。", f"不得截留、挪用。\n\n四、附则。本方案{words}。")
    draft = read_draft(shelf, write(body), {})
    known = {guess.field: (guess.value, guess.basis) for guess in draft.guesses}
    assert known["expires"] == (expires, "text" if expires else "missing")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"region": "火星县"}, "不认识的地区 火星县"),
        ({"issued": "明天"}, "不是日期：明天"),
        ({"year": "去年"}, "不是年份"),
        ({"id": "../x"}, "文件编号不能用"),
        ({"id": ".hidden"}, "文件编号不能用"),
        ({"id": "a#b"}, "文件编号不能用"),
        ({"title": "x" * 301}, "太长"),
    ],
)
def test_what_cannot_be_used_is_named(shelf, write, given, words):
    with pytest.raises(RequestInvalid, match=words):
        read_draft(shelf, write(NEW_TEXT), given)


def test_what_nothing_tells_has_to_be_stated(own, shelf, write):
    path = write("一、目标。全年培训3000人次以上。\n\n二、要求。每班人数不得超过50人。\n")
    draft = read_draft(shelf, path, {})
    assert {guess.field for guess in draft.open} >= {"issuer", "region", "issued"}
    with pytest.raises(FieldsOpen, match="还缺：标题、发文机关、地区、成文日期"):
        plan_add(own, draft)
    given = {"title": "培训通知", "issuer": "商城县人社局", "region": "商城县", "issued": "无"}
    assert read_draft(shelf, path, given).open == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (TEXT.replace("职业技能培训管理办法", "职业培训细则"), "文号相同"),
        (TEXT.replace("光政办〔2024〕3号", "光政办〔2025〕9号"), "标题相同"),
        (
            TEXT.replace("光政办〔2024〕3号", "光政办〔2025〕9号").replace("技能培训管理办法", "教育细则"),
            "条款文字相同",
        ),
    ],
    ids=["number", "title", "words"],
)
def test_a_document_that_is_there_already_is_offered_for_an_update(shelf, write, text, why):
    nearest = read_draft(shelf, write(text), {}).nearest
    assert nearest is not None
    assert (nearest.document, why in nearest.why) == (PLAN, True)


BAD_FILES = {
    "empty": ("a.txt", b"", "没有文字"),
    "blank": ("a.txt", b" \n\t\n", "没有文字"),
    "binary": ("a.txt", b"\x00\x01\x02\xff\xfe", "不是可识别编码"),
    "broken docx": ("a.docx", b"PK\x03\x04 not a zip", "a.docx"),
    "a picture named docx": ("a.docx", b"\x89PNG\r\n\x1a\n" + b"\x00" * 64, "a.docx"),
    "old word": ("a.doc", b"\xd0\xcf\x11\xe0", "不支持的文件格式"),
    "scan": ("a.pdf", make_pdf(SCAN), "扫描"),
}


@pytest.mark.parametrize(("name", "content", "words"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_told_and_leaves_nothing(own, shelf, tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    before = describe_tree(own.corpus_dir)
    with pytest.raises(ParseError) as caught:
        read_draft(shelf, path, {})
    assert words in f"{caught.value.message}{caught.value.hint}"
    assert caught.value.hint
    assert describe_tree(own.corpus_dir) == before


def test_a_change_is_recorded_and_audited(own, shelf, signer, write):
    draft = read_draft(shelf, write(NEW_TEXT), {})
    apply_change(own, plan_add(own, draft), signer)
    (change,) = list_changes(own.corpus_dir)
    assert (change.document, change.version, change.action, change.who, change.why, change.at) == (
        NEW, 1, "add", "培训科", "测试", signer.at,
    )  # fmt: skip
    assert list_changes(own.corpus_dir, NEW) == (change,)
    deed = find_store(own.store.url).registry.deeds()[0]
    assert (deed.who, deed.action, NEW in deed.detail) == ("培训科", "corpus-add", True)


def test_an_id_is_not_given_twice(own, shelf, write):
    draft = read_draft(shelf, write(NEW_TEXT), {"id": PLAN})
    with pytest.raises(RequestInvalid, match="已经有了"):
        plan_add(own, draft)


def test_an_index_that_cannot_be_built_takes_the_change_back(own, shelf, signer, write, monkeypatch):
    before = describe_tree(own.corpus_dir)

    def fail(settings, progress=None):
        raise StoreError("写不了索引目录：磁盘已满")

    monkeypatch.setattr(changes, "build_indexes", fail)
    with pytest.raises(StoreError, match="磁盘已满"):
        apply_change(own, plan_add(own, read_draft(shelf, write(NEW_TEXT), {})), signer)
    after = {n: d for n, d in describe_tree(own.corpus_dir).items() if not n.startswith("history/.")}
    assert after == before
    assert list_changes(own.corpus_dir) == ()


def test_the_corpus_of_the_program_is_not_changed(own, shelf, signer, write):
    packed = own.model_copy(update={"corpus_dir": PACKAGE / "_data" / "corpus"})
    with pytest.raises(ConfigError, match="自带的文件库不能修改") as caught:
        apply_change(packed, plan_add(own, read_draft(shelf, write(NEW_TEXT), {})), signer)
    assert "tiaowen corpus init" in caught.value.hint


def test_a_corpus_of_ones_own_is_a_copy(tmp_path, settings):
    assert copy_corpus(tmp_path / "mine") == 6
    copied = open_shelf(settings.model_copy(update={"corpus_dir": tmp_path / "mine"}))
    assert len(copied.corpus.documents) == 6
    with pytest.raises(CorpusError, match="不是空的"):
        copy_corpus(tmp_path / "mine")
