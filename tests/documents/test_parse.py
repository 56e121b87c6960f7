"""Documents the parser has never seen, in the styles common in China."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.documents.check import check_document
from assistant.documents.metadata import parse_date, year_of_title
from assistant.documents.normalize import is_blank
from assistant.documents.parse import parse_document
from assistant.models import Document


def parse(source: str) -> Document:
    document = parse_document("new", source)
    row = check_document(document)
    assert row.is_clean, (row.uncovered, row.overlapping, row.duplicates)
    return document


def outline(source: str) -> list[str]:
    """`path label` of each clause; rows and furniture apart."""
    return [f"{c.path} {c.label}" for c in parse(source).clauses if c.kind != "row"]


def furniture(document: Document) -> list[str]:
    return [document.source[s.start : s.end] for s in document.furniture]


LAW = """潢川县职业技能培训管理办法

（2021年3月1日县人民政府第5次常务会议通过）

目　录
第一章　总则
第二章　补贴 …… 3

第一章　总则

第一条　为规范职业技能培训，制定本办法。
第二条　本办法所称培训，按照本办法
第三条规定执行，并符合下列条件：
（一）年满十六周岁；
（二）具有劳动能力，且符合第一款
第（一）项规定的。
前款所称劳动能力，由县人社局认定。

第二章　补贴
第一节　标准
第三条　补贴标准为每人 800 元。
第二节　程序
第四条　按照本办法
第三条　规定的标准领取补贴，提交下列材料：
（一）申请表；
（二）下列证明之一：
1．毕业证；
2．职业资格证。
第十条　本办法自2021年5月1日起施行。
"""


def test_law_with_chapters_articles_and_cross_references() -> None:
    assert outline(LAW) == [
        "title 标题",
        "enactment 题注",
        "1 第一章",
        "1.1 第一条",
        "1.2 第二条",
        "1.2.1 第二条（一）",
        "1.2.2 第二条（二）",
        "1.2.p2 第二条第2款",
        "2 第二章",
        "2.1 第二章第一节",
        "2.1.3 第三条",
        "2.2 第二章第二节",
        "2.2.4 第四条",
        "2.2.4.1 第四条（一）",
        "2.2.4.2 第四条（二）",
        "2.2.4.2.1 第四条（二）1.",
        "2.2.4.2.2 第四条（二）2.",
        "2.2.10 第十条",
    ]
    document = parse(LAW)
    by_path = {c.path: c for c in document.clauses}
    assert by_path["1.2"].text.endswith("第三条规定执行，并符合下列条件：")
    assert by_path["1.2.2"].text.endswith("第（一）项规定的。")
    assert by_path["2.2.4"].text.startswith("第四条按照本办法第三条规定的标准")
    assert by_path["1.2.p2"].parent == "new#1.2"
    assert by_path["2.1.3"].headings == ("补贴", "标准")
    assert furniture(document) == ["目　录", "第一章　总则", "第二章　补贴 …… 3"]


FIVE_LEVELS = """关于培训的意见
一、总体要求
（一）基本原则
1.坚持导向。
（1）市场导向：
①面向企业；
②面向园区。
(2)就业导向。
2、坚持公平。
二、任务
(二)扩大规模。
1）第一件事。
2）第二件事。
㈢提高质量。
3．2021年继续编号。
"""

DECIMALS = """潢川县应急预案
1 总则
1.1 编制目的
为了规范工作，增加
2.5 万人次的培训。
1.2 适用范围
1.2.1 一般情形
共 1.5 万人。
2 组织体系
2.1 领导机构
由县政府负责，下设
3 个小组。
3 附则
本预案自发布之日起施行。
"""

STYLES = {
    "five levels, running on, all widths": (
        FIVE_LEVELS,
        [
            "title 标题",
            "1 一、",
            "1.1 一、（一）",
            "1.1.1 一、（一）1.",
            "1.1.1.1 一、（一）1.（1）",
            "1.1.1.1.1 一、（一）1.（1）①",
            "1.1.1.1.2 一、（一）1.（1）②",
            "1.1.1.2 一、（一）1.（2）",
            "1.1.2 一、（一）2.",
            "2 二、",
            "2.2 二、（二）",
            "2.2.1 二、（二）1）",
            "2.2.2 二、（二）2）",
            "2.3 二、（三）",
            "2.3.3 二、（三）3.",
        ],
    ),
    "decimals under bare integers": (
        DECIMALS,
        [
            "title 标题",
            "1 1",
            "1.1 1.1",
            "1.1.p1 1.1第1段",
            "1.2 1.2",
            "1.2.1 1.2.1",
            "1.2.1.p1 1.2.1第1段",
            "2 2",
            "2.1 2.1",
            "2.1.p1 2.1第1段",
            "3 3",
            "3.p1 3第1段",
        ],
    ),
    "decimals without headings keep their prefix": (
        "手册\n1.1 甲。\n1.2 乙。\n2.1 丙。\n",
        ["title 标题", "1.1 1.1", "1.2 1.2", "2.1 2.1"],
    ),
    "parts of a plan": (
        "潢川县规划\n第一部分　现状\n一、成绩\n取得成绩。\n第二部分　任务\n一、扩大规模\n继续扩大。\n",
        [
            "title 标题",
            "1 第一部分",
            "1.1 第一部分一、",
            "1.1.p1 第一部分一、第1段",
            "2 第二部分",
            "2.1 第二部分一、",
            "2.1.p1 第二部分一、第1段",
        ],
    ),
    "no numbers": (
        "培训须知\n\n参加培训的人员应当带身份证。\n每天签到两次。\n\n缺课三次以上的，不予补贴。\n",
        ["title 标题", "p1 第1段", "p2 第2段", "p3 第3段"],
    ),
    "an announced list counts from one again; an unannounced one is a new list": (
        "工作要点\n1.公开公示，具体如下：\n1.按月公示。\n2.按季公示。\n2.其他。\n另有规定。\n1.专款专用。\n",
        [
            "title 标题",
            "1 1.",
            "1.1 1.1.",
            "1.2 1.2.",
            "2 2.",
            "2.p2 2.第2段",
            "1-2 1.",
        ],
    ),
    "a trial version": ("培训办法\n（试行）\n第一条　为了培训。", ["title 标题", "1 第一条"]),
    "only a title": ("关于放假的通知", ["title 标题"]),
    "empty": ("", []),
    "blanks": (" \n\t\r\n\u3000\ufeff\n", []),
}


@pytest.mark.parametrize(("source", "expected"), STYLES.values(), ids=STYLES)
def test_numbering_styles(source: str, expected: list[str]) -> None:
    assert outline(source) == expected


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\u2028", "\f"])
def test_line_ends_change_nothing(newline: str) -> None:
    assert outline(FIVE_LEVELS.replace("\n", newline)) == outline(FIVE_LEVELS)


# -- a notice that forwards a plan, nothing declared --------------------------------------------------

FORWARDING = """潢川县人民政府办公室文件

潢政办〔2021〕12号　　　　　　签发人：王某某

潢川县人民政府办公室
关于印发潢川县职业技能培训实施方案的通知

各乡镇人民政府，
县直有关单位：

《潢川县职业技能培训实施方案》已经县政府同意，现印发给你们，请认真贯彻执行。

潢川县人民政府办公室
二〇二一年四月七日

— 1 —

潢川县2022年职业技能培训实施方案

为做好工作，制定本方案。
一、目标
全年培训1万人次。
二、保障
加强领导。

附件：1.补贴管理细则
2.任务分解表

附件1

补贴管理细则

第一条　为了规范补贴，制定本细则。
第二条　本细则由县人社局负责解释。

附件2　任务分解表

序号\t单位\t人数
1\t人社局\t300
2\t教体局\t200
合计\t\t500

联系人：李四　联系电话：0376-1234567

抄送：县委办公室，县人大办公室。

潢川县人民政府办公室　　　　2021年4月8日印发
"""


def test_forwarding_notice_has_parts_and_annexes() -> None:
    assert outline(FORWARDING) == [
        "part1.number 第1部分 文号",
        "part1.title 第1部分 标题",
        "part1.addressees 第1部分 主送机关",
        "part1.p1 第1部分 第1段",
        "part1.date 第1部分 成文日期",
        "title 标题",
        "p1 第1段",
        "1 一、",
        "1.p1 一、第1段",
        "2 二、",
        "2.p1 二、第1段",
        "annexes 附件目录",
        "a1 附件1",
        "a1.1 附件1 第一条",
        "a1.2 附件1 第二条",
        "a2 附件2",
        "a2.r0 附件2 表头",
        "contact 联系方式",
        "copies 抄送",
        "date 印发日期",
    ]
    document = parse(FORWARDING)
    rows = [c for c in document.clauses if c.kind == "row"]
    assert [c.label for c in rows] == ["附件2 第1行", "附件2 第2行", "附件2 合计"]
    assert [(c.header, c.text) for c in rows[2].cells] == [("", "合计"), ("人数", "500")]
    assert rows[0].headings == ("任务分解表",)
    assert furniture(document) == ["潢川县人民政府办公室文件", "潢川县人民政府办公室", "— 1 —"]


def test_a_year_below_the_word_annex_is_no_number() -> None:
    source = FORWARDING.replace("附件2　任务分解表", "附件\n\n2024年度任务分解表")
    rows = [c for c in parse(source).clauses if c.kind == "row"]
    assert rows[0].label == "附件 第1行"
    assert rows[0].headings == ("2024年度任务分解表",)


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("2021年潢川县工作方案", 2021),
        ("技能强省建设行动方案（2024—2027年）", None),
        ("实施方案（2024年至2026年）", None),
    ],
)
def test_a_plan_for_several_years_is_none_for_the_last_of_them(title: str, year: int | None) -> None:
    assert year_of_title(title) == year


def test_forwarding_notice_tells_its_metadata() -> None:
    document = parse(FORWARDING)
    assert document.title == "潢川县2022年职业技能培训实施方案"
    assert document.number == "潢政办〔2021〕12号"
    assert document.issuer == "潢川县人民政府办公室"
    assert document.issued == date(2021, 4, 7)
    assert document.year == 2022
    assert [(p.id, p.number) for p in document.parts] == [
        ("part1", "潢政办〔2021〕12号"),
        ("", "潢政办〔2021〕12号"),
    ]
    assert document.parts[0].title.endswith("关于印发潢川县职业技能培训实施方案的通知")


ISSUERS = {
    "letterhead of several offices": (
        "教育部\n财政部\n文件\n教职成〔2021〕3号\n教育部 财政部关于做好工作的通知\n各厅：\n一、好。\n",
        ("关于做好工作的通知", "教职成〔2021〕3号", "教育部、财政部", None),
    ),
    "signature and date on one line": (
        "关于放假的通知\n各单位：\n现将放假安排通知如下。\n潢川县人民政府办公室　2021年4月7日\n",
        ("关于放假的通知", "", "潢川县人民政府办公室", date(2021, 4, 7)),
    ),
    "page of a government site": (
        "发文机关：国务院\n国务院关于工作的意见\n国发〔2021〕5号\n各省：\n为此，提出意见。\n国务院\n2021年4月1日\n",
        ("关于工作的意见", "国发〔2021〕5号", "国务院", date(2021, 4, 1)),
    ),
    "signature with seal, printing date behind it": (
        "关于评审的公告\n各单位可以申报。\n河南省人社厅（盖章）\n2021年4月1日\n省人社厅办公室2021年4月9日印发\n",
        ("关于评审的公告", "", "河南省人社厅", date(2021, 4, 1)),
    ),
    "several offices sign, one a line": (
        "关于印发细则的通知\n各单位：\n现印发给你们。\n资阳市财政局\n2023年9月1日\n\n培训细则\n一、好。\n"
        "资阳市人力资源和社会保障局\n　　资阳市农业农村局\n资阳市财政局\n2023年9月12日\n",
        ("培训细则", "", "资阳市人力资源和社会保障局、资阳市农业农村局、资阳市财政局", date(2023, 9, 12)),
    ),
    "an office under the title": (
        "易门县2025年培训工作计划\n\n易门县就业工作领导小组办公室\n2025 年 1 月 16 日\n\n为了培训,制定本计划.\n一.好.\n",
        ("易门县2025年培训工作计划", "", "易门县就业工作领导小组办公室", date(2025, 1, 16)),
    ),
    "order": (
        "河南省人民政府令第198号\n河南省培训办法\n第一条　为了培训。\n",
        ("河南省培训办法", "河南省人民政府令第198号", "", None),
    ),
    "nothing to tell": ("一、好。\n", ("一、好。", "", "", None)),
}


@pytest.mark.parametrize(("source", "expected"), ISSUERS.values(), ids=ISSUERS)
def test_inferred_metadata(source: str, expected: tuple[object, ...]) -> None:
    document = parse(source)
    found = (document.title, document.number, document.issuer, document.issued)
    assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021年4月7日", date(2021, 4, 7)),
        ("２０２１年０４月０７日", date(2021, 4, 7)),
        ("二〇二一年四月七日", date(2021, 4, 7)),
        ("二○二一年十二月三十一日", date(2021, 12, 31)),
        ("2021 年 4 月 7 日印发", date(2021, 4, 7)),
        ("2021年13月7日", None),
        ("2021年", None),
    ],
)
def test_dates(text: str, expected: date | None) -> None:
    assert parse_date(text) == expected


# -- tables and tabs ----------------------------------------------------------------------------------

TABLES = """补贴标准
一、标准如下：
职业\t标准\t课时
中式烹调师\t800元\t40
育婴员\t1000元\t60
二、流程
姓名\t张三\t男
姓名\t李四\t女

三、分工
序号\t任务\t单位
1\t农村劳动力
技能培训\t扶贫办、
人社局
2\t创业培训\t人社局
— 3 —

序号\t任 务\t单位
3\t学徒制\t教体局
以上任务年底前完成。
"""


def test_tables_in_the_body() -> None:
    document = parse(TABLES)
    by_path = {c.path: c for c in document.clauses}
    assert [c.header for c in by_path["1.t1.r2"].cells] == ["职业", "标准", "课时"]
    assert by_path["1.t1.r2"].label == "一、 第2行"
    assert [c.header for c in by_path["2.t1.r1"].cells] == ["", "", ""]
    assert [c.text for c in by_path["3.t1.r1"].cells] == [
        "1",
        "农村劳动力技能培训",
        "扶贫办、人社局",
    ]
    assert by_path["3.t1.r3"].cells[1].text == "学徒制"
    assert by_path["3.p1"].text == "以上任务年底前完成。"
    assert furniture(document) == ["— 3 —", "序号\t任 务\t单位"]


def test_a_tab_makes_no_table() -> None:
    source = (
        "通知\n\t第一条\t为了规范。\n\t第二条\t按照规定\t执行。\n\n1.\t带身份证。\n2.\t按时签到。\n\n"
        "本办法\t自2021年起施行。\n\n联系人：李四\t联系电话：0376-1\n\n潢川县人民政府\t2021年4月7日\n"
    )
    document = parse(source)
    assert [c.path for c in document.clauses] == [
        "title",
        "1",
        "2",
        "2.1",
        "2.2",
        "2.p2",
        "contact",
        "date",
    ]
    assert document.clauses[1].start == source.index("第一条")


def test_a_page_number_amid_a_sentence_is_not_shown() -> None:
    source = "通知\n一、推进培训，\n\n— 2 —\n\n提高质量。\n— 3 —\n二、好。\n"
    document = parse(source)
    clause = document.clauses[1]
    assert clause.text == "一、推进培训，提高质量。"
    assert source[clause.start : clause.end].endswith("提高质量。")
    assert furniture(document) == ["— 3 —"]


# -- properties ---------------------------------------------------------------------------------------

PIECES = [
    "一、总体要求",
    "二、重点任务",
    "（一）基本原则。坚持原则。",
    "(二) 目标",
    "1.扩大规模，",
    "2、提高质量。",
    "1）一件事；",
    "（1）严格管理",
    "①面向企业；",
    "第一章　总则",
    "第二条　本办法所称培训",
    "第三条规定的条件，",
    "第一部分　现状",
    "1 总则",
    "1.1 目的",
    "2.5 万人次。",
    "一是加强领导。二是落实责任。",
    "附件1",
    "附件：1.任务表",
    "附件2　申报表",
    "目录",
    "序号\t任务\t人数",
    "1\t培训\t300",
    "\t\t合计\t500",
    "备注：无。",
    "— 3 —",
    "12",
    "2021年4月7日",
    "潢川县人民政府　二〇二一年四月七日",
    "潢川县人民政府",
    "潢川县人民政府文件",
    "潢政〔2021〕1号",
    "抄送：各单位。",
    "联系人：李四",
    "（主动公开）",
    "关于印发方案的通知",
    "各单位：",
    "培训人员应当签到，不得",
    "**缺课。**",
    "（责任单位：人社局）",
    "——坚持创新。",
    "",
    "\t",
    "\ufeff",
    "𠮷野家的😀",
]
ANY_LINE = st.sampled_from(PIECES) | st.text(max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.lists(ANY_LINE, max_size=25), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_each_character_is_covered_once(lines: list[str], newline: str) -> None:
    source = newline.join(lines)
    document = parse_document("any", source)
    row = check_document(document)
    assert row.is_clean, (row.uncovered, row.overlapping, row.duplicates)
    counts = [0] * len(source)
    for start, end in [*((c.start, c.end) for c in document.clauses), *document.furniture]:
        assert 0 <= start < end <= len(source)
        for i in range(start, end):
            counts[i] += 1
    assert max(counts, default=0) <= 1
    assert all(n == 1 or is_blank(c) for c, n in zip(source, counts, strict=True))
    ids = {c.clause_id for c in document.clauses}
    assert len(ids) == len(document.clauses)
    assert all(c.parent is None or c.parent in ids for c in document.clauses)


NUMBERED = [
    "关于培训的意见",
    "一、总体要求",
    "（一）指导思想。深入贯彻精神。",
    "（二）目标任务。全年培训1万人次。",
    "二、重点任务",
    "（三）扩大规模。",
    "1.面向企业。",
    "2.面向农村。",
    "（四）提高质量。",
    "三、保障措施",
    "（五）加强领导。",
    "附件1",
    "序号\t任务\t人数",
    "1\t企业培训\t300",
    "2\t农村培训\t500",
]


@given(st.integers(1, len(NUMBERED) - 1), st.sampled_from(["edit", "paragraph", "remove"]))
def test_ids_stay_when_another_clause_changes(at: int, change: str) -> None:
    lines = list(NUMBERED)
    if change == "edit" and "\t" not in lines[at] and lines[at] != "附件1":
        lines[at] += "另有补充，见后。"
    elif change == "paragraph" and "\t" not in lines[at]:
        lines.insert(at + 1, "本段后来补充。")
    elif change == "remove" and lines[at][0] in "（12" and lines[at + 1 : at + 2] != ["1.面向企业。"]:
        del lines[at]
    else:
        return
    before = {c.text: c.clause_id for c in parse("\n".join(NUMBERED)).clauses}
    after = {c.text: c.clause_id for c in parse("\n".join(lines)).clauses}
    kept = before.keys() & after.keys()
    assert len(kept) >= len(before) - 4
    assert {t: before[t] for t in kept} == {t: after[t] for t in kept}


# -- size ---------------------------------------------------------------------------------------------

SIZES = {
    "one line": "字" * 1_000_000,
    "one line of sentences": "一是培训人员应当签到。" * 90_000,
    "nested brackets": "（）" * 500_000,
    "one row": "甲\t" * 100_000,
    "prose": ("培训人员应当按时签到，" * 8 + "不得缺课。\n") * 10_000,
    "clauses": "".join(f"{i % 900 + 1}. 培训人员应当签到。\n" for i in range(20_000)),
    "one open sentence": "培训人员\n" * 30_000,
    "alternating lists": "1.一。\n①一。\n" * 10_000,
    "dates": "2021年4月7日\n" * 10_000,
}


@pytest.mark.parametrize("source", SIZES.values(), ids=SIZES)
def test_large_texts_are_parsed_whole(source: str) -> None:
    """A parser that is not linear in the text never ends here."""
    assert check_document(parse_document("big", source)).is_clean
