"""The single check without a browser: what a form says, what comes back, what the address holds."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup

from assistant.rules.facts import Fault
from assistant.rules.missing import list_asked
from assistant.surfaces.staff.entries import choose_control, write_value

CLASS = "huangchuan-2021-1/class-qualifies"
GOOD = {
    "class_size": "80",
    "teachers": "4",
    "workstations": "4",
    "minutes_per_hour": "40",
    "class_hours": "60",
    "practical_hours": "39",
    "certificate": "职业技能等级证书",
}
HOSTILE = "<script>alert(1)</script>{{7*191}}"


def open_check(client, path="/staff/check", *, region="潢川县", rule=CLASS, as_of="2021-06-01", **facts):
    query = {"region": region, "rule": rule, "as_of": as_of, **{f"f.{f}": text for f, text in facts.items()}}
    return client.get(path, params=query)


def read_page(reply) -> BeautifulSoup:
    return BeautifulSoup(reply.text, "html.parser")


def find_word(page: BeautifulSoup) -> str:
    stamp = page.select_one(".stamp")
    return stamp.get_text() if stamp else ""


def find_fault(page: BeautifulSoup, field: str) -> str:
    return page.select_one(f"#fault-{field}").get_text()


# ---- the verdict -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "word", "failing"),
    [
        ({}, "符合", []),
        ({"class_size": "80"}, "符合", []),
        ({"class_size": "81", "teachers": "5", "workstations": "5"}, "不符合", ["每班人数"]),
        ({"class_size": "80", "teachers": "3"}, "不符合", ["师生比"]),  # 1:26.67
        ({"class_size": "61", "teachers": "3"}, "不符合", ["师生比"]),  # 1:20.33
        ({"class_size": "60", "teachers": "3"}, "符合", []),  # exactly 1:20
        ({"workstations": "3"}, "不符合", ["工位与学员比"]),
        ({"minutes_per_hour": "39.9"}, "不符合", ["每课时时长"]),
        ({"practical_hours": "39"}, "符合", []),  # exactly 65 %
        ({"practical_hours": "38.9"}, "不符合", ["实操课时占比"]),
        ({"class_size": "不到80"}, "符合", []),
        ({"class_size": "八十"}, "符合", []),
        ({"class_size": "<80"}, "符合", []),
        ({"class_size": "75..85"}, "需补材料", []),
        ({"class_size": ""}, "需补材料", []),
        ({"certificate": "培训合格证书", "has_own_hours_rule": "false"}, "符合", []),
        (
            {"certificate": "培训合格证书", "class_hours": "39", "practical_hours": "39"},
            "需补材料",
            [],
        ),
        (
            {"theory_recorded_in_full": "false"},
            "不符合",
            ["理论教学全程录像"],
        ),  # a process rule that is broken
    ],
    ids=lambda value: str(value)[:40],
)
def test_verdict_of_a_class(staff_client, changes, word, failing):
    reply = open_check(staff_client, **{**GOOD, **changes})
    page = read_page(reply)
    assert reply.status_code == 200
    assert find_word(page) == word
    assert [row.th.get_text(strip=True) for row in page.select("table.checks tbody.fail")] == failing


def test_every_check_shows_formula_figure_margin_and_words_of_its_clause(staff_client):
    page = read_page(open_check(staff_client, **{**GOOD, "class_size": "85"}))
    row = page.select_one("table.checks tbody.fail")
    cells = [cell.get_text(" ", strip=True) for cell in row.tr.find_all(["td", "th"])]
    assert cells == ["不符合", "每班人数", "85 > 80", "不超过 80人", "差 5"]
    assert "每班人数不得超过80人" in row.select_one(".basis").get_text()


def test_links_of_the_clauses_open_in_the_reader(staff_client):
    page = read_page(open_check(staff_client, **{**GOOD, "class_size": "85"}))
    address = urlsplit(page.select_one("table.checks tbody.fail .basis a")["href"])
    opened = read_page(staff_client.get(f"{address.path}?{address.query}"))
    assert opened.find(id=address.fragment)
    assert "每班人数不得超过" in opened.select_one("mark").get_text()


def test_unknown_facts_are_asked_for_at_their_fields(staff_client):
    page = read_page(open_check(staff_client, class_size="60", teachers="3"))
    asked = [link["href"] for link in page.select(".asks a")]
    assert "#field-workstations" in asked
    assert "#field-class_size" not in asked
    assert "open" in page.select_one("#field-workstations")["class"]
    assert "open" not in page.select_one("#field-class_size")["class"]


def test_what_fails_is_told_though_the_rest_is_unknown(staff_client):
    page = read_page(open_check(staff_client, class_size="85"))
    assert find_word(page) == "不符合"
    assert "每班人数" in page.select_one(".verdict-summary").get_text()


def test_a_repair_leads_to_the_page_on_which_it_passes(staff_client):
    page = read_page(
        open_check(staff_client, **{**GOOD, "class_size": "85", "teachers": "5", "workstations": "5"})
    )
    repair = page.select_one(".repairs a")
    query = parse_qs(urlsplit(repair["href"]).query)
    assert query["f.class_size"] == ["80"]
    assert query["f.teachers"] == ["5"]
    assert find_word(read_page(staff_client.get(repair["href"]))) == "符合"


def test_a_repair_of_yes_and_no_is_a_button_that_is_pressed(staff_client):
    rule = "huangchuan-2021-1/private-school-subsidy"
    facts = {"had_liability_problem": "true", "passed_annual_inspection": "true"}
    page = read_page(open_check(staff_client, rule=rule, **facts))
    assert find_word(page) == "不符合"
    assert page.select_one("#field-had_liability_problem input[checked]")["value"] == "true"


def test_disagreement_of_texts_is_told_with_both_clauses(staff_client):
    page = read_page(open_check(staff_client, **GOOD))
    card = page.find("h3", string="文件之间的分歧").parent
    assert "40分钟" in card.get_text()
    assert {"二、（四）21.（1）", "四、3."} <= {link.get_text() for link in card.select("a")}


def test_the_year_of_the_plan_is_told(staff_client):
    page = read_page(open_check(staff_client, as_of="2026-11-21", **GOOD))
    assert any("2021年度文件" in notice.get_text() for notice in page.select(".notice"))


def test_how_long_a_verdict_holds_is_told(staff_client):
    page = read_page(open_check(staff_client, **GOOD))
    assert "2021-12-31" in page.select_one(".verdict").get_text()


def test_a_day_before_the_plan_has_no_basis(staff_client):
    page = read_page(open_check(staff_client, as_of="2020-01-01", **GOOD))
    assert find_word(page) == "无依据"
    assert "2020-01-01" in page.select_one(".verdict").get_text()


def test_a_place_that_the_verdict_does_not_bind_is_explained(staff_client):
    page = read_page(open_check(staff_client, region="河北省", **GOOD))
    assert find_word(page) == "无依据"
    assert "潢川县" in page.select_one(".verdict").get_text()


# ---- the form ----------------------------------------------------------------------------------------


def test_every_verdict_has_a_form_with_all_its_facts(staff_client, real_assistant):
    book = real_assistant.calculator.book
    assert len(book.verdicts) > 10
    for key in book.verdicts:
        reply = open_check(staff_client, region="", rule=key)
        fields = [f["id"].removeprefix("field-") for f in read_page(reply).select("#facts [data-field]")]
        assert reply.status_code == 200
        assert sorted(fields) == sorted(list_asked(key, book)), key


def test_without_a_choice_the_verdict_about_a_class_is_shown(staff_client):
    page = read_page(staff_client.get("/staff/check"))
    assert page.select_one("#rule option[selected]")["value"] == CLASS


def test_only_verdicts_that_bind_the_place_are_offered(staff_client):
    page = read_page(open_check(staff_client, region="河南省", rule=""))
    offered = {option["value"].partition("/")[0] for option in page.select("#rule option")}
    assert offered == {"henan-jiaoyuting-2021-105", "henan-moe-2021-2"}


def test_fields_are_grouped_under_the_heading_of_their_clause(staff_client):
    page = read_page(open_check(staff_client))
    group = page.select_one("#field-class_size").find_parent("section")
    assert group.h2.get_text(" ", strip=True) == "严格师资管理 二、（四）21.（1）"
    assert group.select_one("#field-teachers")
    assert page.select_one("#field-theory_recorded_in_full").find_parent("details")


def test_each_type_has_its_control(staff_client):
    page = read_page(open_check(staff_client, certificate="合格证", theory_recorded_in_full="是"))
    assert [i["value"] for i in page.select("#field-has_own_hours_rule input")] == ["true", "false", ""]
    assert page.select_one("#field-has_own_hours_rule input[checked]")["value"] == ""
    assert page.select_one("#field-theory_recorded_in_full input[checked]")["value"] == "true"
    assert page.select_one("#field-certificate option[selected]").get_text() == "培训合格证书"
    assert page.select_one("#field-exam_date input")["type"] == "date"
    assert "这个班有多少名学员" in page.select_one("#field-class_size .hint").get_text()
    assert page.select_one("#field-class_size .unit").get_text() == "人"


def test_a_day_that_is_a_range_keeps_its_text(staff_client):
    page = read_page(open_check(staff_client, exam_date=">=2021-08-01"))
    field = page.select_one("#field-exam_date input")
    assert field["value"] == ">=2021-08-01"
    assert field.get("type") != "date"


def test_a_share_that_is_stated_for_its_parts_gets_a_field(staff_client):
    facts = {f: t for f, t in GOOD.items() if f not in ("class_hours", "practical_hours")}
    page = read_page(open_check(staff_client, **facts, practical_share="64%"))
    assert page.select_one("#field-practical_share input")["value"] == "64%"
    assert [r.th.get_text(strip=True) for r in page.select("tbody.fail")] == ["实操课时占比"]


def test_facts_of_other_verdicts_are_left_out(staff_client):
    page = read_page(open_check(staff_client, **GOOD, satisfaction="0%"))
    assert find_word(page) == "符合"


@pytest.mark.parametrize(
    ("facts", "field", "words"),
    [
        ({"class_size": "很多"}, "class_size", "不是数字"),
        ({"class_size": "-3"}, "class_size", "不可能是"),
        ({"class_size": "80.5"}, "class_size", "应为整数"),
        ({"class_size": "80课时"}, "class_size", "单位不对"),
        ({"class_size": "80左右"}, "class_size", "80左右"),
        ({"certificate": "驾照"}, "certificate", "没有选项"),
        ({"class_hours": "40", "practical_hours": "50"}, "practical_hours", "实操课时"),
        ({"exam_date": "2021-02-30"}, "exam_date", "没有 2021-02-30 这一天"),
        ({"theory_recorded_in_full": "也许"}, "theory_recorded_in_full", "看不出是或否"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_read_is_told_at_its_field(staff_client, facts, field, words):
    page = read_page(open_check(staff_client, **{**GOOD, **facts}))
    assert find_word(page) == ""
    told = " ".join(fault.get_text() for fault in page.select("#facts .fault"))
    assert words in told
    assert "faulty" in page.select_one(f"#field-{field}")["class"] or "对不上" in told


def test_a_place_that_nobody_knows_is_told_at_its_field(staff_client):
    page = read_page(open_check(staff_client, region="火星", **GOOD))
    assert "不认识的地区：火星" in find_fault(page, "region")
    assert find_word(page) == ""


def test_a_day_that_is_none_is_told_at_its_field(staff_client):
    page = read_page(open_check(staff_client, as_of="明天", **GOOD))
    assert "日期有误" in find_fault(page, "as_of")


@pytest.mark.parametrize("rule", ["nothing", "huangchuan-2021-1/class-size", HOSTILE])
def test_a_verdict_that_there_is_not_is_told(staff_client, rule):
    reply = open_check(staff_client, rule=rule, **GOOD)
    page = read_page(reply)
    assert reply.status_code == 404
    assert f"没有这项判断：{rule}" in find_fault(page, "rule")
    assert find_word(page) == ""
    assert page.select("#rule option")


def test_a_fact_that_there_is_not_is_told(staff_client):
    page = read_page(open_check(staff_client, **GOOD, nonsense="1"))
    assert "不认识的事实：nonsense" in page.select_one("#result").get_text()


def test_a_field_that_says_two_things_is_refused(staff_client):
    reply = staff_client.get("/staff/check?f.class_size=80&f.class_size=85")
    assert reply.status_code == 422
    assert "两个不同的值" in reply.text


def test_what_is_too_long_is_refused(staff_client):
    reply = open_check(staff_client, class_size="8" * 201)
    assert reply.status_code == 422
    assert "太长" in reply.text


@pytest.mark.parametrize("field", ["class_size", "certificate", "exam_date"])
def test_hostile_text_is_text(staff_client, field):
    page = read_page(open_check(staff_client, **{field: HOSTILE}))
    assert "script>alert(1)" in page.select_one("#result").get_text()
    assert not [s for s in page.find_all("script") if "alert" in s.get_text()]
    assert "1337" not in page.get_text()


def test_control_characters_and_half_characters_do_no_harm(staff_client):
    reply = staff_client.get("/staff/check?f.class_size=80%00%1b&f.teachers=%ed%a0%804&region=%00")
    assert reply.status_code == 200


def test_nobody_else_sees_it(page_client):
    for path in ("/staff/check", "/staff/check.docx"):
        reply = page_client.get(path, follow_redirects=False)
        assert reply.status_code in (303, 401)


# ---- what is typed -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "text", "written"),
    [
        ("class_size", "85", "85"),
        ("class_size", "85人", "85人"),
        ("class_size", "不到80", "<80"),
        ("class_size", "不超过80人", "<=80人"),
        ("class_size", "超过八十人", ">80人"),
        ("class_size", "40..49", "40..49"),
        ("class_size", "四五十人", "40..50人"),
        ("class_size", "一百二十", "120"),
        ("class_size", "80左右", "80左右"),  # no quantity: the fact says so
        ("class_hours", "40多课时", "41..49课时"),
        ("satisfaction", "85", "85%"),
        ("satisfaction", "85%", "85%"),
        ("satisfaction", "80~85", "80%~85%"),
        ("satisfaction", "八成五", "85%"),
        ("satisfaction", "0", "0%"),
        ("certificate", "合格证", "合格证"),
        ("exam_date", "2021/8/1", "2021/8/1"),
    ],
)
def test_what_people_write_becomes_a_value(real_assistant, fact, text, written):
    known = real_assistant.calculator.book.facts[fact]
    assert write_value(known, text, date(2021, 6, 1)) == written


@pytest.mark.parametrize("text", ["0.85", "1", "0.8..0.9"])
def test_a_share_that_may_be_either_is_told(real_assistant, text):
    fact = real_assistant.calculator.book.facts["satisfaction"]
    fault = write_value(fact, text, date(2021, 6, 1))
    assert isinstance(fault, Fault)
    assert "看不出是百分之几" in fault.message


@pytest.mark.parametrize(
    ("fact", "text", "control"),
    [
        ("theory_recorded_in_full", "有", "true"),
        ("theory_recorded_in_full", "否", "false"),
        ("theory_recorded_in_full", "也许", "也许"),
        ("certificate", "特种作业证", "特种作业操作证书"),
        ("class_size", "85", "85"),
        ("class_size", "", ""),
    ],
)
def test_controls_hold_what_was_typed(real_assistant, fact, text, control):
    assert choose_control(real_assistant.calculator.book.facts[fact], text) == control
