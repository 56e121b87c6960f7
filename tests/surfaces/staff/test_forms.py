"""Application forms: the shipped one filled in, forms of other documents as data, and what is wrong with them."""

from __future__ import annotations

import io
import logging
import shutil
from copy import copy
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from docx import Document
from fastapi.testclient import TestClient

from assistant.surfaces.api import create_app
from assistant.surfaces.staff import sign_in
from assistant.surfaces.staff.form_files import find_shelf

PLAN = "huangchuan-2021-1"
FORM = f"/staff/forms/{PLAN}/training-application"
TYPED = {
    "f.class_size": "60",
    "f.class_hours": "80",
    "f.exam_date": "2021-12-20",
    "t.applicant": "某某职业培训学校",
    "t.contact": "张三 13800001234",
    "t.account": "6228480000000000000",
    "t.starts": "2021-11-30",
    "t.ends": "2021-12-15",
    "t.level_exam": "60",
    "t.subsidy": "8.7",
}
SECRET = "a secret of these tests"
YAML = """
label: 试用申请表
clause: a2
rule: class-qualifies
template: trial.docx
fields:
  people: {label: 人数, fact: class_size}
  name: {label: 名称, max: 5}
  day: {label: 日期, date: true}
  said: {label: 结论, check: outcome}
"""


def read_page(reply) -> BeautifulSoup:
    return BeautifulSoup(reply.text, "html.parser")


def read_rows(data: bytes) -> list[str]:
    """The rows of the table, merged cells once."""
    table = Document(io.BytesIO(data)).tables[0]
    return ["|".join(dict.fromkeys(cell.text for cell in row.cells)) for row in table.rows]


@pytest.fixture
def shelf(real_assistant, tmp_path):
    """The assistant over a folder of forms of its own, and the folder."""
    folder = tmp_path / "documents" / PLAN / "forms"
    folder.mkdir(parents=True)
    document = Document()
    document.add_table(1, 1).cell(
        0, 0
    ).text = "{{ people.text }};{{ name.text }};{{ day.text }};{{ said.text }}"
    document.save(folder / "trial.docx")
    (folder / "trial.yaml").write_text(YAML, encoding="utf-8")
    assistant = copy(real_assistant)
    assistant.settings = real_assistant.settings.model_copy(update={"corpus_dir": tmp_path})
    return assistant, folder


@pytest.fixture
def shelf_client(shelf):
    app = create_app(lambda: shelf[0], secret=SECRET)
    cookies = {sign_in.COOKIE: sign_in.sign_cookie(SECRET, "test")}
    with TestClient(app, headers={"accept": "text/html"}, cookies=cookies) as client:
        yield client


# ---- the shipped form --------------------------------------------------------------------------------


def test_the_form_is_listed_with_its_clause(staff_client):
    page = read_page(staff_client.get("/staff/forms"))
    row = page.select_one(".form-row")
    assert row.h2.get_text() == "年度补贴性职业技能提升培训申请表"
    assert row.select_one(".hint a")["href"] == f"/documents/{PLAN}#c-a2"


def test_forms_of_other_places_are_left_out(staff_client):
    assert read_page(staff_client.get("/staff/forms?region=潢川县")).select(".form-row")
    page = read_page(staff_client.get("/staff/forms?region=河北省"))
    assert not page.select(".form-row")
    assert "没有可以填写的申请表" in page.get_text()
    assert "不认识的地区" in staff_client.get("/staff/forms?region=火星").text


def test_a_check_leads_to_its_form_with_the_facts(staff_client):
    query = {"region": "潢川县", "f.class_size": "60", "f.teachers": "3", "f.class_hours": "80"}
    page = read_page(staff_client.get("/staff/check", params=query))
    link = page.find("a", string="填写年度补贴性职业技能提升培训申请表")
    form = read_page(staff_client.get(link["href"]))
    assert form.select_one("#field-class_size input")["value"] == "60"
    assert form.select_one('input[type=hidden][name="f.teachers"]')["value"] == "3"
    back = parse_qs(urlsplit(form.find("a", string="回到检查")["href"]).query)
    assert back["f.teachers"] == ["3"]


def test_other_verdicts_have_no_link_to_the_form(staff_client):
    page = read_page(staff_client.get("/staff/check", params={"rule": f"{PLAN}/class-may-continue"}))
    assert not page.find("a", string="填写年度补贴性职业技能提升培训申请表")


def test_what_is_typed_stands_in_the_file(staff_client):
    reply = staff_client.post(FORM, data=TYPED)
    assert reply.status_code == 200
    assert unquote(reply.headers["content-disposition"]).endswith("年度补贴性职业技能提升培训申请表.docx")
    assert reply.headers["cache-control"] == "no-store"
    rows = read_rows(reply.content)
    assert (
        rows[0] == "培训机构（或企业、个人）名称|某某职业培训学校　（加盖印章）|联系人及电话|张三 13800001234"
    )
    assert "6228480000000000000" in rows[1]
    assert "拟培训人数|60人|培训时长|2021年11月30日 至 2021年12月15日，共 80 课时" in rows[3]
    assert "2021年12月20日" in rows[13]
    assert "参加职业技能等级评定人数|60|取证人数" in rows[15]
    assert "8.7 万元" in rows[20]


def test_the_form_has_every_row_of_the_annex(staff_client, real_assistant):
    rows = read_rows(staff_client.post(FORM, data={}).content)
    annex = [c for c in real_assistant.corpus.clause_by_id.values() if c.clause_id.startswith(f"{PLAN}#a2.r")]
    assert len(rows) == len(annex) == 28
    text = "".join(rows)
    for words in (
        "开班申请",
        "过程监管",
        "结业考核",
        "补贴资金申领",
        "资金拨付",
        "备注",
        "培训计划及人员名册是否在职业培训信息化管理系统填报",
        "行业主管部门审核情况（自受理之日起15个工作日内）",
        "人力资源社会保障部门对补贴信息公示情况（不少于3个工作日）",
        "我郑重承诺对提供的各项材料和信息真实性负责",
        "个人申请的，将培训机构栏目改为个人",
    ):
        assert words in text
    assert "{{" not in text


def test_blanks_stay_blank(staff_client):
    rows = read_rows(staff_client.post(FORM, data={}).content)
    assert rows[1] == "开户银行名称||银行帐号"
    assert "　　年　月　日 至 　　年　月　日，共 　　 课时" in rows[3]
    assert not [row for row in rows if "None" in row]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"f.class_size": "很多"}, "“很多”不是数字"),
        ({"t.starts": "2021-13-01"}, "日期有误：2021-13-01"),
        ({"t.applicant": "校" * 61}, "最多 60 个字"),
        ({"region": "火星"}, "不认识的地区：火星"),
        ({"f.class_hours": "40", "f.practical_hours": "50"}, "实操课时"),
        ({"f.nonsense": "1"}, "不认识的事实：nonsense"),
    ],
)
def test_what_cannot_be_read_gives_the_page_again(staff_client, typed, words):
    reply = staff_client.post(FORM, data={**TYPED, **typed})
    page = read_page(reply)
    assert reply.status_code == 422
    assert words in page.get_text()
    assert page.select_one("#blank-contact")["value"] == "张三 13800001234"
    assert reply.headers["cache-control"] == "no-store"


def test_hostile_text_is_text_in_the_file_and_on_the_page(staff_client):
    hostile = "</w:t><w:p/>{{7*191}}{% endfor %}\x0b<script>"
    rows = read_rows(staff_client.post(FORM, data={**TYPED, "t.applicant": hostile}).content)
    assert "</w:t><w:p/>{{7*191}}{% endfor %}<script>" in rows[0]
    again = staff_client.post(FORM, data={"t.applicant": hostile, "t.starts": "x"})
    assert "<script>" not in again.text.partition("<main")[2]
    assert "1337" not in again.text


def test_personal_text_is_never_taken_from_an_address_nor_logged(staff_client, caplog):
    with caplog.at_level(logging.DEBUG):
        page = read_page(staff_client.get(FORM, params={"t.contact": "张三 13800001234"}))
        staff_client.post(FORM, data=TYPED)
    assert page.select_one("#blank-contact")["value"] == ""
    ours = [record for record in caplog.records if record.name.startswith("assistant")]
    assert not [record for record in ours if "13800001234" in record.getMessage()]


@pytest.mark.parametrize(
    "path", [f"{FORM}x", "/staff/forms/nothing/training-application", f"/staff/forms/{PLAN}/..%2f.."]
)
def test_a_form_that_there_is_not(staff_client, path):
    assert staff_client.get(path).status_code == 404


def test_another_site_cannot_fill_it_in(staff_client):
    reply = staff_client.post(FORM, data=TYPED, headers={"origin": "https://example.com"})
    assert reply.status_code == 403


def test_libreoffice_prints_the_form_on_one_page(staff_client, convert_to_pdf):
    import pdfplumber

    with pdfplumber.open(convert_to_pdf(staff_client.post(FORM, data=TYPED).content)) as opened:
        assert len(opened.pages) == 1
        text = opened.pages[0].extract_text().replace(" ", "")
    assert "年度补贴性职业技能提升培训申请表" in text
    assert "13800001234" in text


# ---- forms are data ----------------------------------------------------------------------------------


def test_a_new_form_needs_no_python(shelf_client):
    action = read_page(shelf_client.get("/staff/forms")).select_one(".form-row a.primary")["href"]
    assert urlsplit(action).path == f"/staff/forms/{PLAN}/trial"
    typed = {"f.class_size": "85", "t.name": "某某学校", "t.day": "2021-05-01"}
    rows = read_rows(shelf_client.post(f"/staff/forms/{PLAN}/trial", data=typed).content)
    assert rows == ["85人;某某学校;2021年5月1日;不符合"]


def test_what_the_check_comes_to_stands_on_the_page(shelf_client):
    page = read_page(shelf_client.get(f"/staff/forms/{PLAN}/trial?f.class_size=60"))
    assert page.select_one("output").get_text() == "需补材料"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("label: 试用申请表", "label: [1", "trial.yaml 不是有效的 YAML：第"),
        ("label: 试用申请表\n", "", "label：缺少这个键"),
        ("clause: a2", "clause: a9", "clause：文件里没有这个条款：a9"),
        ("rule: class-qualifies", "rule: nothing", "rule：这个文件里没有这项判断：nothing"),
        ("rule: class-qualifies\n", "", "rule：有 check 的空要写明由哪项判断填写"),
        ("template: trial.docx", "template: other.docx", "template：forms 文件夹里没有 other.docx"),
        ("template: trial.docx", "template: ../trial.docx", "template：名字的写法不对"),
        ("fact: class_size", "fact: nothing", "fields.people.fact：没有这个事实：nothing"),
        ("max: 5", "max: 5, date: true", "fields.name：fact、max、date、check 恰好写一个"),
        ("max: 5", "colour: red", "fields.name.colour：没有这个键"),
        ("max: 5", "max: 0", "fields.name.max"),
        ("check: outcome", "check: margin", "fields.said.check：不在可选的写法里"),
        ("name: {", "Name: {", "fields.Name"),
    ],
)
def test_what_is_wrong_is_told_by_file_and_key(shelf, shelf_client, old, new, words):
    _, folder = shelf
    shutil.copy(folder / "trial.yaml", folder / "good.yaml")
    assert old in YAML
    (folder / "trial.yaml").write_text(YAML.replace(old, new, 1), encoding="utf-8")
    page = read_page(shelf_client.get("/staff/forms"))
    (problem,) = (notice.get_text() for notice in page.select(".notice.error"))
    assert words in problem
    assert "trial.yaml" in problem
    assert len(page.select(".form-row")) == 1
    assert shelf_client.get(f"/staff/forms/{PLAN}/trial").status_code == 500
    assert shelf_client.get(f"/staff/forms/{PLAN}/good").status_code == 200
    assert shelf_client.get("/staff/check").status_code == 200


def test_a_file_that_is_no_text_is_told(shelf, shelf_client):
    (shelf[1] / "bad.yaml").write_bytes(b"\xff\xfe\x00label")
    assert "bad.yaml" in read_page(shelf_client.get("/staff/forms")).select_one(".notice.error").get_text()


def test_a_broken_template_is_told(shelf, shelf_client):
    (shelf[1] / "trial.docx").write_bytes(b"no Word file")
    reply = shelf_client.post(f"/staff/forms/{PLAN}/trial", data={})
    assert reply.status_code == 500
    assert "Word 模板有误" in reply.text
    assert "trial.docx" in reply.text


def test_a_corpus_without_forms_has_an_empty_shelf(shelf):
    assistant, folder = shelf
    shutil.rmtree(folder)
    assert find_shelf(assistant).forms == ()
    assert find_shelf(assistant).problems == ()


def test_shipped_forms_are_all_good(real_assistant):
    shelf = find_shelf(real_assistant)
    assert shelf.problems == ()
    assert shelf.forms


def test_corpus_check_finds_a_faulty_form(settings, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from assistant.surfaces.cli import app

    shutil.copytree(settings.corpus_dir, tmp_path / "corpus")
    form = tmp_path / "corpus" / "documents" / PLAN / "forms" / "training-application.yaml"
    form.write_text(form.read_text(encoding="utf-8").replace("clause: a2", "clause: a9"), encoding="utf-8")
    monkeypatch.setenv("TIAOWEN_CORPUS_DIR", str(tmp_path / "corpus"))
    done = CliRunner().invoke(app, ["corpus", "check"])
    assert done.exit_code == 3
    assert "文件里没有这个条款：a9" in done.output.replace("\n", "")
