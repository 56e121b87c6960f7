from __future__ import annotations

import pytest

from assistant.documents.assemble import build_blocks
from assistant.documents.blocks import Layout
from assistant.documents.lines import classify_line, split_lines
from assistant.documents.wording import is_closed, is_office, is_title


def kinds(source: str, layout: Layout | None = None) -> list[str]:
    """`kind: text` of each block, its lines parted by a bar."""
    blocks = build_blocks(split_lines(source), layout or Layout())
    return [f"{b.slug or b.kind}: {'|'.join(x.text for x in b.lines)}" for b in blocks]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("潢技领办〔2021〕1号", "number"),
        ("潢政办〔2021〕12号　　　签发人：王某", "number"),
        ("国务院令第714号", "number"),
        ("根据豫政〔2021〕2号，", "text"),
        ("2021年4月7日", "date"),
        ("二〇二一年四月七日", "date"),
        ("（2021年4月7日）", "date"),
        ("潢川县人民政府 2021年4月7日", "date"),
        ("省政府办公厅2021年1月7日印发", "date"),
        ("自2021年4月7日起施行", "text"),
        ("省教育厅职成教处联系人：庞曼", "contact"),
        ("（联系单位：市财政局社会保障科，联系电话：0536-8095678）", "contact"),
        ("投诉电话：0877-5012333", "contact"),
        ("区就业服务中心培训股：0851-27223419（联系人：罗昌敏）", "contact"),
        ("政策咨询：市人力资源社会保障局职业能力建设科 0536-8091637", "contact"),
        ("举报方式：可以拨打0851-27223419", "contact"),
        ("举报方式：拨打0851-27223419，或者来信。", "text"),
        ("（一）报名：0851-27223419", "text"),
        ("建立联系人制度", "text"),
        ("公布投诉电话", "text"),
        ("抄送：县委办公室。", "note"),
        ("（此件公开发布）", "note"),
        ("索 引 号：0001", "note"),
        ("— 3 —", "serial"),
        ("第 3 页 共 9 页", "serial"),
        ("附件 1", "annex"),
        ("附 件：", "annex"),
        ("附表2", "annex"),
        ("附件1所列", "text"),
        ("附件：1.任务表", "annex_list"),
        ("一般的话", "text"),
    ],
)
def test_lines(text: str, kind: str) -> None:
    assert classify_line(text) == kind


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("完成 200 人次。", True),
        ("完成 200 人次。（责任单位：县司法局）", True),
        ("（责任单位：县", False),
        ("培训学员（含残疾人）", False),
        ("（（甲）乙）", True),
        ("具体如下：", True),
        ("**缺课。**", True),
        ("农忙时节不开班.", True),
        ("一.", False),
        ("）" * 3, True),
        ("（）" * 100_000, True),
        ("", False),
    ],
    ids=range(12),
)
def test_closed_sentences(text: str, closed: bool) -> None:
    assert is_closed(text) is closed


@pytest.mark.parametrize(
    ("text", "office", "title"),
    [
        ("潢川县人民政府", True, True),
        ("教育部 河南省人民政府", True, True),
        ("河南省人社厅（盖章）", True, True),
        ("关于培训的意见", False, True),
        ("各乡镇人民政府：", False, False),
        ("培训人员应当签到。", False, False),
    ],
)
def test_offices_and_titles(text: str, office: bool, title: bool) -> None:
    assert (is_office(text), is_title(text)) == (office, title)


def test_broken_lines_are_joined_across_page_breaks() -> None:
    source = "一、要求\n1.推进培训，\n\n— 2 —\n\n提高质量。（责任单位：县\n工信局）\n2.下一条。"
    assert kinds(source) == [
        "clause: 一、要求",
        "clause: 1.推进培训，|提高质量。（责任单位：县|工信局）",
        "furniture: — 2 —",
        "clause: 2.下一条。",
    ]


def test_a_heading_is_not_joined_to_its_text() -> None:
    assert kinds("一、要求\n推进培训。") == ["clause: 一、要求", "paragraph: 推进培训。"]
    # A full stop inside shows that the line is a broken sentence, however short.
    assert kinds("（一）树立意识。坚\n\n持引领。") == ["clause: （一）树立意识。坚|持引领。"]


def test_a_lone_date_or_figure_amid_a_sentence_belongs_to_it() -> None:
    source = "一、要求。\n本办法自\n2021年4月7日\n起施行，共\n300\n人。\n"
    assert kinds(source) == ["clause: 一、要求。", "paragraph: 本办法自|2021年4月7日|起施行，共|300|人。"]


def test_letterhead_title_addressees_signature() -> None:
    source = (
        "潢川县人社局文件\n潢人社〔2021〕3号\n签发人：王某\n关于做好\n培训工作的通知\n各乡镇，\n各单位：\n"
        "请认真落实。\n潢川县人社局\n2021年4月7日\n（主动公开）\n抄送：县委。\n县人大。\n"
    )
    assert kinds(source) == [
        "furniture: 潢川县人社局文件",
        "number: 潢人社〔2021〕3号",
        "signer: 签发人：王某",
        "title: 关于做好|培训工作的通知",
        "addressees: 各乡镇，|各单位：",
        "paragraph: 请认真落实。",
        "furniture: 潢川县人社局",
        "date: 2021年4月7日",
        "disclosure: （主动公开）",
        "copies: 抄送：县委。|县人大。",
    ]


def test_number_below_the_title_leaves_the_title() -> None:
    assert kinds("关于培训的意见\n豫政〔2021〕2号\n为此。") == [
        "title: 关于培训的意见",
        "number: 豫政〔2021〕2号",
        "paragraph: 为此。",
    ]


def test_declared_furniture_and_parts() -> None:
    layout = Layout(part_starts=("", "实施方案"), furniture=frozenset({"内部资料"}))
    source = "通知\n请落实。\n内部 资料\n实施方案\n一、好。"
    blocks = build_blocks(split_lines(source), layout)
    assert [(b.kind, b.part) for b in blocks] == [
        ("title", 0),
        ("paragraph", 0),
        ("furniture", 0),
        ("title", 1),
        ("clause", 1),
    ]


def test_contact_lines_amid_the_body_open_no_part() -> None:
    source = "通知\n一、报名。\n联系人：李四\n地点\n二、培训。\n"
    assert {b.part for b in build_blocks(split_lines(source), Layout())} == {0}


def test_annexes() -> None:
    source = "一、见附件。\n附件：1.甲表\n2.乙表\n附件1 甲表\n（2021年度）\n内容。\n附件2：乙表\n内容。\n"
    assert kinds(source) == [
        "clause: 一、见附件。",
        "annexes: 附件：1.甲表|2.乙表",
        "annex: 附件1 甲表|（2021年度）",
        "paragraph: 内容。",
        "annex: 附件2：乙表",
        "paragraph: 内容。",
    ]
