"""The timeline without a browser: its days, its drawing, its events for a calendar."""

from __future__ import annotations

import re
from datetime import date

import pytest
from bs4 import BeautifulSoup

from assistant.rules.missing import list_asked
from assistant.surfaces.staff.calendar_file import LONGEST_LINE, escape_text, fold_line, write_calendar
from assistant.surfaces.staff.stages import Days, ReadingView, StageView
from assistant.surfaces.staff.timeline_chart import WIDTH, draw_chart
from assistant.surfaces.staff.verdict_view import ClauseRef

PLACE = {"region": "潢川县", "as_of": "2021-06-01"}


def open_timeline(client, path="/staff/timeline", **facts):
    places = {name: facts.pop(name) for name in ("region", "as_of", "rule") if name in facts}
    return client.get(path, params={**PLACE, **places, **{f"f.{f}": text for f, text in facts.items()}})


def read_page(reply) -> BeautifulSoup:
    return BeautifulSoup(reply.text, "html.parser")


def read_rows(page: BeautifulSoup) -> dict[str, list[list[str]]]:
    """The cells behind each stage, without the clauses."""
    found = {}
    for body in page.select("table.stages tbody"):
        label = body.th.find(string=True).strip()
        rows = [[c.get_text(" ", strip=True) for c in tr.find_all("td")[:-1]] for tr in body.find_all("tr")]
        found[label] = rows
    return found


def read_calendar(data: bytes) -> list[dict[str, str]]:
    """The events, unfolded."""
    text = data.decode().replace("\r\n ", "")
    events = re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT\r\n", text, re.DOTALL)
    return [dict(line.split(":", 1) for line in event.split("\r\n") if line) for event in events]


# ---- days --------------------------------------------------------------------------------------------


def test_both_readings_of_the_review_have_their_day(staff_client):
    page = read_page(open_timeline(staff_client, acceptance_date="2021-06-01"))
    assert read_rows(page)["主管部门受理和审核"] == [
        ["2021-06-01", "10工作日", "最迟 2021-06-16"],
        ["15工作日", "最迟 2021-06-23"],
    ]
    quotes = " ".join(q.get_text(" ", strip=True) for q in page.select("table.stages .quote"))
    assert "主管部门应在10个工作日内完成受理及审核工作" in quotes
    assert "自受理之日起15个工作日内" in quotes
    assert "没有说明以哪一处为准" in page.get_text()


def test_a_start_that_is_not_stated_follows_the_stage_before(staff_client):
    page = read_page(open_timeline(staff_client, acceptance_date="2021-06-01"))
    assert read_rows(page)["公示最早结束"] == [
        ["没有填，按接在上一步之后推算", "3工作日", "最早 2021-06-04 ～ 2021-06-28"]
    ]
    assert "#field-publicity_start" in [link["href"] for link in page.select(".asks a")]


def test_all_days_stated_leave_nothing_open(staff_client):
    days = {
        "acceptance_date": "2021-06-01",
        "publicity_start": "2021-06-17",
        "hr_received_date": "2021-06-22",
        "finance_received_date": "2021-07-05",
    }
    page = read_page(open_timeline(staff_client, **days))
    rows = read_rows(page)
    assert rows["公示最早结束"] == [["2021-06-17", "3工作日", "最早 2021-06-22"]]
    assert rows["财政部门办理"] == [["2021-07-05", "15工作日", "最迟 2021-07-26"]]
    assert not page.select(".asks")


def test_beyond_the_calendar_a_day_is_a_range_with_the_reason(staff_client):
    page = read_page(open_timeline(staff_client, acceptance_date="2026-12-21", as_of="2026-11-21"))
    cell = read_rows(page)["主管部门受理和审核"][0][2]
    assert cell.startswith("最迟 2027-01-02 ～ 2027-01-14")
    assert "2027年放假安排尚未公布" in cell


def test_the_farthest_day_does_not_break_the_page(staff_client):
    reply = open_timeline(staff_client, acceptance_date="2200-12-31", as_of="2026-11-21")
    assert reply.status_code == 200


def test_without_a_day_everything_is_asked_for(staff_client, real_assistant):
    page = read_page(open_timeline(staff_client))
    book = real_assistant.calculator.book
    key = page.select_one("#rule option[selected]")["value"]
    asked = [link["href"].removeprefix("#field-") for link in page.select(".asks a")]
    assert sorted(asked) == sorted(list_asked(key, book))
    assert page.select_one("svg") is None
    assert not page.select('a[href*=".ics"]')


def test_the_drawing_names_its_days(staff_client):
    page = read_page(open_timeline(staff_client, acceptance_date="2021-06-01"))
    svg = page.select_one("svg[role=img]")
    assert svg["aria-labelledby"] == svg.title["id"]
    assert "主管部门受理和审核（10工作日） 2021-06-16" in svg.title.get_text()
    assert len(svg.select("rect.sure")) == 3


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"acceptance_date": "2021-02-30"}, "没有 2021-02-30 这一天"),
        ({"acceptance_date": "明天"}, "不是日期"),
        ({"region": "火星"}, "不认识的地区：火星"),
        ({"as_of": "今天"}, "日期有误"),
        ({"nonsense": "1"}, "不认识的事实：nonsense"),
    ],
)
def test_what_cannot_be_read_is_told(staff_client, facts, words):
    page = read_page(open_timeline(staff_client, **facts))
    assert words in page.select_one("#result").get_text()
    assert not page.select("table.stages")


def test_a_timeline_that_there_is_not_is_told(staff_client):
    reply = open_timeline(staff_client, rule="nothing")
    assert reply.status_code == 404
    assert "没有这个时间表：nothing" in reply.text


def test_a_place_without_a_timeline_is_told(staff_client):
    reply = open_timeline(staff_client, region="河北省")
    assert reply.status_code == 200
    assert "没有约束这个地区的时间表" in reply.text


def test_a_timeline_of_another_place_says_whose_it_is(staff_client):
    rule = "huangchuan-2021-1/application-timeline"
    page = read_page(open_timeline(staff_client, region="河北省", rule=rule, acceptance_date="2021-06-01"))
    assert "潢川县" in page.select_one("#result").get_text()
    assert not page.select("table.stages")


# ---- drawing -----------------------------------------------------------------------------------------


def make_stage(
    start: Days | None, *days: Days | None, back: bool = False, clauses: tuple[ClauseRef, ...] = ()
) -> StageView:
    readings = tuple(ReadingView(f"{n}天", "最迟", day, clauses) for n, day in enumerate(days))
    return StageView("stage", "一步", "pass", start, False, back, readings, "", ())


def make_day(text: str) -> Days:
    return Days(date.fromisoformat(text), date.fromisoformat(text))


def test_bars_stay_inside_the_drawing():
    stages = [
        make_stage(make_day("2021-06-01"), make_day("2021-06-16"), make_day("2021-06-23")),
        make_stage(Days(date(2021, 6, 1), date(2021, 6, 23)), Days(date(2021, 6, 4), date(2021, 12, 28))),
        make_stage(make_day("2021-06-20"), make_day("2021-06-17"), back=True),
    ]
    chart = draw_chart(stages)
    assert chart is not None
    assert all(0 <= bar.x <= bar.sure <= bar.end <= WIDTH for bar in chart.bars)
    assert all(bar.y + 32 <= chart.height for bar in chart.bars)
    assert 1 < len(chart.ticks) <= 10


def test_a_single_day_can_be_drawn():
    chart = draw_chart([make_stage(make_day("2021-06-01"), make_day("2021-06-01"))])
    assert chart is not None
    assert len(chart.bars) == 1


def test_nothing_known_is_not_drawn():
    assert draw_chart([make_stage(None, None), make_stage(make_day("2021-06-01"), None)]) is None


# ---- calendar ----------------------------------------------------------------------------------------


def test_every_known_day_is_an_event(staff_client):
    reply = open_timeline(staff_client, "/staff/timeline.ics", acceptance_date="2021-06-01")
    assert reply.headers["content-type"].startswith("text/calendar")
    assert "attachment" in reply.headers["content-disposition"]
    first, second, third = read_calendar(reply.content)
    assert first["SUMMARY"] == "主管部门受理和审核：最迟（10工作日）"
    assert first["DTSTART;VALUE=DATE"] == "20210616"
    assert first["DTEND;VALUE=DATE"] == "20210617"
    assert second["DTSTART;VALUE=DATE"] == "20210623"
    assert (third["DTSTART;VALUE=DATE"], third["DTEND;VALUE=DATE"]) == ("20210604", "20210629")
    assert "在这几天之内" in third["SUMMARY"]
    assert "主管部门应在10个工作日内完成受理及审核工作" in first["DESCRIPTION"]
    assert len({event["UID"] for event in (first, second, third)}) == 3


def test_the_same_case_is_the_same_file(staff_client):
    first, second = (
        open_timeline(staff_client, "/staff/timeline.ics", acceptance_date="2021-06-01") for _ in range(2)
    )
    assert first.content == second.content


def test_lines_are_folded_as_calendars_want_them(staff_client):
    data = open_timeline(staff_client, "/staff/timeline.ics", acceptance_date="2021-06-01").content
    assert data.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert data.endswith(b"END:VCALENDAR\r\n")
    lines = data.split(b"\r\n")
    assert all(len(line) <= LONGEST_LINE for line in lines)
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    for line in lines:
        line.decode()  # no character is cut


@pytest.mark.parametrize("text", ["", "a" * 75, "a" * 76, "工作日" * 40, "𠮷" * 50, "a" * 74 + "日"])
def test_a_folded_line_reads_the_same(text):
    folded = fold_line(text)
    assert folded.replace("\r\n ", "") == text
    assert all(len(piece.encode()) <= LONGEST_LINE for piece in folded.split("\r\n"))


def test_text_cannot_become_a_line_of_its_own():
    hostile = ClauseRef(1, "号;,", "", "\\条", "一\r\nEND:VEVENT\nATTACH:http://example.com\r二", "")
    stage = make_stage(make_day("2021-06-01"), make_day("2021-06-16"), clauses=(hostile,))
    data = write_calendar("d/t", "表", [stage], date(2021, 6, 1))
    assert data.count(b"\r\nEND:VEVENT") == 1
    assert b"\r\nATTACH" not in data
    assert "号\\;\\, \\\\条" in data.decode().replace("\r\n ", "")


def test_escaping():
    assert escape_text("a;b,c\\d\ne") == "a\\;b\\,c\\\\d\\ne"


@pytest.mark.parametrize("facts", [{}, {"acceptance_date": "明天"}, {"region": "河北省"}])
def test_without_a_day_there_is_no_calendar(staff_client, facts):
    reply = open_timeline(staff_client, "/staff/timeline.ics", **facts)
    assert reply.status_code == 422
    assert "还没有推算出日期" in reply.text
