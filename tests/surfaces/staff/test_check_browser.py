"""The single check, the timeline and the forms in Chromium: live while somebody types, by keyboard, on paper."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import unicodedata

import pytest
from docx import Document

pytestmark = pytest.mark.browser

CHECK = "/staff/check?region=潢川县&as_of=2021-06-01"
REST = "&f.workstations=5&f.minutes_per_hour=45&f.class_hours=60&f.practical_hours=40&f.certificate=职业技能等级证书"
TIMELINE = "/staff/timeline?region=潢川县&as_of=2021-06-01"
FORM = "/staff/forms/huangchuan-2021-1/training-application"


def wait_for_word(page, word: str) -> None:
    page.locator(".stamp", has_text=re.compile(f"^{word}$")).wait_for()


def test_the_verdict_changes_while_somebody_types(open_staff):
    page = open_staff(CHECK + REST)
    wait_for_word(page, "需补材料")
    page.fill("#fact-class_size", "80")
    page.fill("#fact-teachers", "4")
    wait_for_word(page, "符合")
    assert page.inner_text("#announcer") == "现在的结论：符合"
    page.press("#fact-class_size", "End")
    page.keyboard.type("0")
    wait_for_word(page, "不符合")
    assert page.inner_text("#announcer") == "现在的结论：不符合"
    # Whoever types keeps the place of the cursor, and the address holds the case.
    assert page.evaluate("document.activeElement.id") == "fact-class_size"
    assert "f.class_size=800" in page.url
    page.reload()
    wait_for_word(page, "不符合")
    assert page.input_value("#fact-class_size") == "800"


def test_what_cannot_be_read_is_told_while_somebody_types(open_staff):
    page = open_staff(CHECK)
    page.fill("#fact-class_size", "很多")
    page.locator("#fault-class_size", has_text="不是数字").wait_for()
    assert page.get_attribute("#fact-class_size", "aria-invalid") == "true"
    page.fill("#fact-class_size", "八十")
    page.locator("#fault-class_size:empty").wait_for(state="attached")
    assert page.get_attribute("#fact-class_size", "aria-invalid") is None


def test_a_repair_fills_the_form_and_passes(open_staff):
    page = open_staff(f"{CHECK}{REST}&f.class_size=85&f.teachers=5")
    wait_for_word(page, "不符合")
    page.click("text=填入表单")
    wait_for_word(page, "符合")
    assert page.input_value("#fact-class_size") == "80"
    assert page.input_value("#fact-teachers") == "5"


def test_three_states_by_keyboard(open_staff):
    page = open_staff(f"{CHECK}{REST}&f.class_size=80&f.teachers=4")
    page.click("summary")
    page.focus("#field-theory_recorded_in_full input:checked")
    page.keyboard.press("ArrowUp")
    wait_for_word(page, "不符合")
    assert page.input_value("#field-theory_recorded_in_full input:checked") == "false"
    page.keyboard.press("ArrowDown")
    wait_for_word(page, "符合")


def test_another_verdict_brings_its_own_fields(open_staff):
    page = open_staff(f"{CHECK}&f.class_size=80")
    page.select_option("#rule", label="能否继续开班（满意度）")
    page.fill("#fact-satisfaction", "84")
    wait_for_word(page, "不符合")
    assert page.query_selector("#fact-class_size") is None
    page.fill("#fact-satisfaction", "85")
    wait_for_word(page, "符合")


def test_another_place_offers_its_own_verdicts(open_staff):
    page = open_staff("/staff/check?as_of=2021-06-01")
    page.fill("#region", "河南省")
    page.locator("#rule option[selected]").wait_for(state="attached")
    page.locator(".verdict", has_text="无依据").wait_for()


def test_a_late_reply_does_not_replace_a_newer_one(open_staff):
    page = open_staff(f"{CHECK}{REST}&f.teachers=5")
    held = []

    def hold(route) -> None:
        held.append(route)

    page.route("**/staff/check?*f.class_size=81*", hold)
    with page.expect_request("**/staff/check?*f.class_size=81*"):
        page.fill("#fact-class_size", "81")
    with page.expect_event("requestfailed"):  # given up as soon as there is something newer to ask
        page.fill("#fact-class_size", "80")
    wait_for_word(page, "符合")
    assert len(held) == 1
    assert "f.class_size=80" in page.url


def test_a_lost_server_is_told_and_what_was_typed_stays(open_staff):
    page = open_staff(CHECK)
    page.evaluate(
        "XMLHttpRequest.prototype.send = function () { setTimeout(() => this.dispatchEvent(new ProgressEvent('error'))); }"
    )
    page.fill("#fact-class_size", "85")
    page.locator("#live-failed:visible").wait_for()
    assert page.input_value("#fact-class_size") == "85"


def test_hostile_text_stays_text(open_staff):
    page = open_staff(CHECK)
    page.fill("#fact-class_size", "<img src=x onerror=alert(1)>")
    page.locator("#fault-class_size:not(:empty)").wait_for()
    assert page.query_selector("#result img") is None


def test_the_timeline_follows_the_days(open_staff):
    page = open_staff(TIMELINE)
    page.fill("#fact-acceptance_date", "2021-06-01")
    page.locator("table.stages", has_text="2021-06-16").wait_for()
    assert page.locator("svg .sure").count() == 3
    assert page.inner_text("#announcer") == "推算出 3 个日期"
    with page.expect_download() as download:
        page.click("text=导出日历")
    assert download.value.suggested_filename == "申领时间表.ics"


def test_a_form_is_filled_in_from_a_check_and_downloaded(open_staff):
    page = open_staff(f"{CHECK}{REST}&f.class_size=60&f.teachers=4")
    page.click("text=填写年度补贴性职业技能提升培训申请表")
    assert page.input_value("#fact-class_size") == "60"
    page.fill("#blank-applicant", "某某职业培训学校")
    with page.expect_download() as download:
        page.click("button:has-text('下载 Word')")
    path = download.value.path()
    table = Document(io.BytesIO(path.read_bytes())).tables[0]
    text = "".join(cell.text for row in table.rows for cell in row.cells)
    assert "某某职业培训学校" in text
    assert "60人" in text


def test_the_record_takes_one_page_with_a_place_to_sign(open_staff):
    import pdfplumber

    fonts = shutil.which("fc-list") and subprocess.run(
        ["fc-list", ":lang=zh"], capture_output=True, check=False
    )
    if fonts and not fonts.stdout.strip():
        pytest.skip("needs a font with Chinese characters, such as Debian's fonts-wqy-zenhei")
    page = open_staff(f"{CHECK}{REST}&f.class_size=85&f.teachers=4")
    data = page.pdf(format="A4")
    with pdfplumber.open(io.BytesIO(data)) as opened:
        assert len(opened.pages) == 1
        # A font may print 人 as the radical ⼈.
        text = unicodedata.normalize("NFKC", opened.pages[0].extract_text()).replace(" ", "")
    for words in ("检查记录", "不符合", "班级人数", "每班人数不得超过80人", "检查人(签字)"):
        assert words in text
    assert "检查什么" not in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(
    "path",
    [
        f"{CHECK}{REST}&f.class_size=85&f.teachers=4&f.theory_recorded_in_full=false",
        f"{CHECK}&f.class_size=很多",
        f"{TIMELINE}&f.acceptance_date=2021-06-01",
        f"{FORM}?f.class_size=60",
        "/staff/forms",
    ],
    ids=["check", "faults", "timeline", "form", "forms"],
)
def test_pages_are_accessible_and_fit(open_staff, axe, path, width, scheme):
    page = open_staff(path, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_javascript_the_form_is_sent(open_staff):
    page = open_staff(CHECK + REST, java_script_enabled=False)
    page.fill("#fact-class_size", "85")
    page.fill("#fact-teachers", "4")
    page.click("#facts button.primary")
    assert page.inner_text(".stamp") == "不符合"
    assert page.input_value("#fact-class_size") == "85"
    page.click("text=填入表单")
    assert page.input_value("#fact-class_size") == "80"
