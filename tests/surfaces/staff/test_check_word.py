"""The record of a check as a Word file: what stands in it, and templates of the operator's own."""

from __future__ import annotations

import io
import zipfile
from copy import copy
from urllib.parse import unquote

import pytest
from docx import Document
from fastapi.testclient import TestClient

from assistant.config import StaffSettings
from assistant.surfaces.api import create_app
from assistant.surfaces.staff import sign_in
from assistant.surfaces.staff.word import TEMPLATES, TemplateFaulty, find_template, render_word

CHECK = "/staff/check.docx"
FACTS = {"region": "潢川县", "as_of": "2021-06-01", "f.class_size": "85", "f.teachers": "4"}
SECRET = "a secret of these tests"


def read_text(data: bytes) -> str:
    """All text of a Word file, its tables and its footer included."""
    document = Document(io.BytesIO(data))
    parts = [document.element.body, *(section.footer._element for section in document.sections)]
    return "".join(node.text or "" for part in parts for node in part.iter() if node.tag.endswith("}t"))


@pytest.fixture
def own_templates(real_assistant, tmp_path):
    """A signed-in client of a server whose operator has Word templates in a folder, and the folder."""
    assistant = copy(real_assistant)
    settings = real_assistant.settings
    assistant.settings = settings.model_copy(update={"staff": StaffSettings(templates=tmp_path)})
    app = create_app(lambda: assistant, secret=SECRET)
    cookies = {sign_in.COOKIE: sign_in.sign_cookie(SECRET, "test")}
    with TestClient(app, headers={"accept": "text/html"}, cookies=cookies) as client:
        yield client, tmp_path


def test_the_record_says_what_the_page_says(staff_client, real_assistant):
    reply = staff_client.get(CHECK, params=FACTS)
    assert reply.status_code == 200
    assert unquote(reply.headers["content-disposition"]).endswith("检查记录-2021-06-01.docx")
    text = read_text(reply.content)
    for words in (
        "补贴性培训班是否符合要求",
        "潢技领办〔2021〕1号",
        "2021-06-01",
        "不符合：2 项不合要求：每班人数、师生比",
        "班级人数 85人；教师数 4人",
        "85 ÷ 4 = 21.25 > 20",
        "二、（四）21.（1）“每班人数不得超过80人”",
        "班级人数改为80人，或分成2个班",
        "理论教学须全程录像",
        "范围不同",
        "2021-12-31",
        "检查人（签字）",
        "仅供参考，以经办机构审核为准。",
        real_assistant.corpus_version,
    ):
        assert words in text
    assert "{{" not in text
    assert "{%" not in text


def test_open_questions_stand_in_the_record(staff_client):
    text = read_text(staff_client.get(CHECK, params={"region": "潢川县", "f.class_size": "60"}).content)
    assert "需补材料" in text
    assert "配了几名教师？" in text


def test_a_record_without_a_basis_says_why(staff_client):
    text = read_text(staff_client.get(CHECK, params={**FACTS, "as_of": "2020-01-01"}).content)
    assert "无依据" in text
    assert "没有填写" not in text


@pytest.mark.parametrize("changes", [{"f.class_size": "很多"}, {"region": "火星"}, {"rule": "nothing"}])
def test_what_cannot_be_read_makes_no_record(staff_client, changes):
    reply = staff_client.get(CHECK, params={**FACTS, **changes})
    assert reply.status_code == 422
    assert "先在检查页面改正" in reply.text


def test_hostile_text_is_inert(staff_client):
    # A name of a table comes into the record as it was typed.
    rule = "huangchuan-2021-1/class-qualifies"
    place = {"region": "潢川县", "rule": rule, "f.certificate": "</w:t><w:p/>{{7*191}}"}
    assert staff_client.get(CHECK, params=place).status_code == 422
    hostile = "</w:t></w:r></w:p>{{7*191}}{% for x in y %}\x00\x0b\ufffe<w:p>&amp;"
    context = {"told": [{"label": hostile, "shown": hostile}]}
    names = ("label", "region", "day", "word", "summary", "corpus_version", "footer")
    lists = [
        "explanation",
        "failing",
        "consequences",
        "repairs",
        "asks",
        "checks",
        "reminders",
        "disagreements",
        "notices",
    ]
    context |= dict.fromkeys(names, hostile) | {name: [] for name in lists}
    context |= {"source": {"title": hostile, "number": hostile, "region": hostile}}
    text = read_text(render_word(TEMPLATES / "check.docx", context))
    assert "</w:t></w:r></w:p>{{7*191}}{% for x in y %}<w:p>&amp;" in text
    assert "1337" not in text


def test_a_template_of_the_operator_is_used_instead(own_templates):
    client, folder = own_templates
    own = Document()
    own.add_paragraph("本局检查单 {{ label }}：{{ word }}")
    own.save(folder / "check.docx")
    assert read_text(client.get(CHECK, params=FACTS).content) == "本局检查单 补贴性培训班是否符合要求：不符合"


def test_a_folder_without_the_template_leaves_ours(own_templates, real_assistant):
    client, folder = own_templates
    assert "检查记录" in read_text(client.get(CHECK, params=FACTS).content)
    settings = real_assistant.settings.model_copy(update={"staff": StaffSettings(templates=folder)})
    assert find_template(settings, "check.docx").parent == TEMPLATES


def write_docx(path, text: str) -> None:
    document = Document()
    document.add_paragraph(text)
    document.save(path)


def write_half(path) -> None:
    write_docx(path, "x")
    path.write_bytes(path.read_bytes()[:500])


def write_other_zip(path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")


@pytest.mark.parametrize(
    "write",
    [
        lambda path: path.write_bytes(b"no Word file"),
        write_half,
        write_other_zip,
        lambda path: write_docx(path, "{{ nothing_of_this_name }}"),
        lambda path: write_docx(path, "{% for x in checks %}"),
        lambda path: write_docx(path, "{{ 1 / 0 }}"),
        lambda path: write_docx(path, "{{ label.__class__.__mro__ }}"),
        lambda path: write_docx(path, "{{ label + 1 }}"),
    ],
    ids=[
        "text",
        "cut off",
        "other zip",
        "unknown name",
        "open loop",
        "no quotient",
        "out of the sandbox",
        "sum",
    ],
)
def test_a_broken_template_is_told_by_its_file(own_templates, write):
    client, folder = own_templates
    write(folder / "check.docx")
    reply = client.get(CHECK, params=FACTS)
    assert reply.status_code == 500
    assert "Word 模板有误" in reply.text
    assert str(folder / "check.docx") in reply.text
    assert "Traceback" not in reply.text


def test_a_template_that_is_not_there_is_told(tmp_path):
    with pytest.raises(TemplateFaulty, match=r"gone\.docx"):
        render_word(tmp_path / "gone.docx", {})


def test_libreoffice_prints_the_record(staff_client, convert_to_pdf):
    import pdfplumber

    with pdfplumber.open(convert_to_pdf(staff_client.get(CHECK, params=FACTS).content)) as opened:
        text = "".join(page.extract_text() for page in opened.pages).replace(" ", "")
        assert len(opened.pages) <= 2
    assert "检查记录" in text
    assert "每班人数不得超过80人" in text
