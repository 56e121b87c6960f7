"""The six supplied documents against expectations written by hand from their source texts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from assistant.documents.check import check_document
from assistant.documents.metadata import load_meta
from assistant.documents.normalize import squeeze
from assistant.documents.parse import parse_document
from assistant.models import Clause, Document

ROOT = Path(__file__).parents[2]
DOCUMENTS = ROOT / "corpus" / "documents"
CN = "零一二三四五六七八九"


@cache
def read(document_id: str) -> Document:
    folder = DOCUMENTS / document_id
    source = (folder / "source.txt").read_text(encoding="utf-8")
    return parse_document(document_id, source, load_meta(folder / "document.yaml"))


def cn(n: int) -> str:
    """1 → 一, 28 → 二十八."""
    tens, units = divmod(n, 10)
    head = ("" if tens == 1 else CN[tens]) + "十" if tens else ""
    return head + (CN[units] if units or not tens else "")


def find(document_id: str, path: str) -> Clause:
    document = read(document_id)
    return next(c for c in document.clauses if c.clause_id == f"{document_id}#{path}")


# -- path and label of every clause, in reading order ------------------------------------------------


def huangchuan() -> Iterator[tuple[str, str]]:
    for slug, name in [
        ("number", "文号"),
        ("title", "标题"),
        ("addressees", "主送机关"),
        ("p1", "第1段"),
        ("date", "成文日期"),
    ]:
        yield f"notice.{slug}", f"印发通知 {name}"
    yield from [("title", "标题"), ("1", "一、"), ("1.1", "一、（一）"), ("1.2", "一、（二）")]
    yield "2", "二、"
    # 1–21 run on through （一）–（四）
    for item, first, last in [(1, 1, 13), (2, 14, 16), (3, 17, 19), (4, 20, 21)]:
        yield f"2.{item}", f"二、（{CN[item]}）"
        for n in range(first, last + 1):
            yield f"2.{item}.{n}", f"二、（{CN[item]}）{n}."
    for n in (1, 2, 3):
        yield f"2.4.21.{n}", f"二、（四）21.（{n}）"
    yield "3", "三、"
    for n in (1, 2, 3, 4):
        yield f"3.{n}", f"三、（{CN[n]}）"
    yield "annexes", "附件目录"
    yield from [("a1", "附件1"), ("a1.r0", "附件1 表头")]
    yield from ((f"a1.r{n}", f"附件1 第{n}行") for n in range(1, 15))
    yield from [("a1.r15", "附件1 总计"), ("a1.p1", "附件1 备注"), ("a2", "附件2")]
    yield from ((f"a2.r{n}", f"附件2 第{n}行") for n in range(1, 28))
    yield from [("a2.r28", "附件2 备注"), ("a3", "附件3"), ("a3.r0", "附件3 表头")]
    yield from [("a3.r1", "附件3 第1行"), ("a3.r2", "附件3 第2行"), ("a3.r3", "附件3 备注")]


def henan_moe() -> Iterator[tuple[str, str]]:
    yield from [("number", "文号"), ("title", "标题"), ("addressees", "主送机关"), ("p1", "第1段")]
    # （一）–（二十八） run on through 一–八
    for section, first, last in [
        (1, 1, 2),
        (2, 3, 5),
        (3, 6, 9),
        (4, 10, 12),
        (5, 13, 16),
        (6, 17, 20),
        (7, 21, 23),
        (8, 24, 28),
    ]:
        yield str(section), f"{CN[section]}、"
        for n in range(first, last + 1):
            yield f"{section}.{n}", f"{CN[section]}、（{cn(n)}）"
    yield "annexes", "附件目录"
    for annex, n_rows in [(1, 6), (2, 35)]:
        yield from [(f"a{annex}", f"附件{annex}"), (f"a{annex}.r0", f"附件{annex} 表头")]
        yield from ((f"a{annex}.r{n}", f"附件{annex} 第{n}行") for n in range(1, n_rows + 1))
    yield from [("organizer", "主办"), ("supervisor", "督办"), ("copies", "抄送")]
    yield "date", "印发日期"


def hebei() -> Iterator[tuple[str, str]]:
    notice = [("number", "文号"), ("title", "标题"), ("addressees", "主送机关")]
    notice += [(f"p{n}", f"第{n}段") for n in (1, 2, 3, 4)]
    notice += [("contact", "联系方式"), ("copies", "抄送"), ("disclosure", "公开方式")]
    yield from ((f"notice.{p}", f"转发通知 {x}") for p, x in [*notice, ("date", "印发日期")])
    cover = [("number", "文号"), ("title", "标题"), ("addressees", "主送机关"), ("p1", "第1段")]
    yield from ((f"cover.{p}", f"印发通知 {x}") for p, x in [*cover, ("date", "成文日期")])
    yield from [("title", "标题"), ("p1", "第1段")]
    for section, first, last in [(1, 1, 3), (2, 4, 8), (3, 9, 13), (4, 14, 17), (5, 18, 20)]:
        yield str(section), f"{CN[section]}、"
        for n in range(first, last + 1):
            yield f"{section}.{n}", f"{CN[section]}、（{cn(n)}）"
            if n == 2:
                yield from ((f"1.2.p{k}", f"一、（二）第{k}段") for k in (1, 2, 3, 4))
    yield "date", "印发日期"


def henan_jiaoyuting() -> Iterator[tuple[str, str]]:
    yield from [("number", "文号"), ("title", "标题"), ("addressees", "主送机关"), ("p1", "第1段")]
    for section, n_items in [(1, 3), (2, 3), (3, 5), (4, 3)]:
        yield str(section), f"{CN[section]}、"
        for n in range(1, n_items + 1):
            yield f"{section}.{n}", f"{CN[section]}、{n}."
            for ordinal in range(1, {"3.2": 4, "3.5": 3}.get(f"{section}.{n}", 0) + 1):
                yield f"{section}.{n}.{ordinal}", f"{CN[section]}、{n}.{CN[ordinal]}是"
        if section == 2:
            yield "2.3.p2", "二、3.第2段"
    yield from [("contact", "联系方式"), ("contact.2", "联系方式"), ("date", "成文日期")]


def moe() -> Iterator[tuple[str, str]]:
    yield from [("notice.addressees", "印发通知 主送机关"), ("notice.p1", "印发通知 第1段")]
    yield from [("title", "标题"), ("p1", "第1段"), ("1", "一、")]
    yield from ((f"1.{n}", f"一、（{CN[n]}）") for n in (1, 2, 3))
    yield from ((f"1.3.{n}", f"一、（三）{n}.") for n in (1, 2, 3))
    yield "2", "二、"
    yield from ((f"2.{n}", f"二、（{cn(n)}）") for n in range(1, 11))
    yield "3", "三、"
    yield from ((f"3.{n}", f"三、（{CN[n]}）") for n in (1, 2, 3))


def civil_code() -> Iterator[tuple[str, str]]:
    yield from [("title", "标题"), ("enactment", "题注"), ("200", "第二百条")]
    yield from [("201", "第二百零一条"), ("201.p2", "第二百零一条第2款"), ("202", "第二百零二条")]
    yield from [("203", "第二百零三条"), ("203.p2", "第二百零三条第2款"), ("204", "第二百零四条")]
    yield "1259", "第一千二百五十九条"


OUTLINES = {
    "huangchuan-2021-1": (huangchuan, 96),
    "henan-moe-2021-2": (henan_moe, 90),
    "hebei-2021-20": (hebei, 48),
    "henan-jiaoyuting-2021-105": (henan_jiaoyuting, 33),
    "moe-2019-5": (moe, 26),
    "civil-code-counting": (civil_code, 10),
}


@pytest.mark.parametrize("document_id", OUTLINES)
def test_every_clause_has_its_path_and_label(document_id: str) -> None:
    outline, n_clauses = OUTLINES[document_id]
    found = [(c.path, c.label) for c in read(document_id).clauses]
    assert found == list(outline())
    assert len(found) == n_clauses


@pytest.mark.parametrize("document_id", OUTLINES)
def test_sources_are_covered_once(document_id: str) -> None:
    row = check_document(read(document_id))
    assert row.is_clean, (row.uncovered, row.overlapping, row.duplicates)
    assert row.n_uncovered == 0


# -- first and last words of spans --------------------------------------------------------------------

SPANS = [
    ("huangchuan-2021-1", "notice.title", "潢川县全民技能振兴工程领导小组办公室 关于印发", "》的通知"),
    ("huangchuan-2021-1", "2.1.1", "1. 实施先进制造业", "县\n\n工信局、人社局)"),
    ("huangchuan-2021-1", "2.1.2", "2. 实施就业重点群体", "退役军人事务局、扶贫办、残联、妇联)"),
    ("huangchuan-2021-1", "2.1.5", "5. 实施建设行业", "县住房和城乡建设局、总工会、团县委）"),
    ("huangchuan-2021-1", "2.2.14", "14. 支持企业参与培训。", "县工信局、教体局、人社局、文广旅局、财政局）"),
    ("huangchuan-2021-1", "2.4.20", "20. 严格培训全过程管理。", "尤其是高技能人才培训占比。"),
    ("huangchuan-2021-1", "2.4.21", "21. 强化质量管控。", "自身难以实现转移就业的人员。"),
    ("huangchuan-2021-1", "2.4.21.1", "(1) 严格师资管理。", "专职教师总数的 20 倍。"),
    ("huangchuan-2021-1", "2.4.21.2", "(2) 规范“互联网", "不接受线下考核申请。"),
    ("huangchuan-2021-1", "2.4.21.3", "（3）强化培训后鉴定", "县人社局负责组织出题、考核。"),
    ("huangchuan-2021-1", "3.3", "(三) 严格资金监督管理。", "保护培训工作中干事担当的积极性。"),
    ("huangchuan-2021-1", "annexes", "附件 1： 2021 年潢川县", "线上培训职业（工种）"),
    ("henan-moe-2021-2", "title", "教育部 河南省人民政府 关于深化", "推进技能社会建设的 意见"),
    ("henan-moe-2021-2", "p1", "职业教育与经济社会发展", "制定本意见，请认真贯彻落实。"),
    ("henan-moe-2021-2", "5.13", "(十三) 深化教师队伍", "高水平工科院校举办职业技术师范教育。"),
    ("henan-moe-2021-2", "5.16", "（十六）改革评价考核机制。", "学位授予标准和评价机制。"),
    ("henan-moe-2021-2", "8.28", "(二十八) 提高技术技能人才待遇。", "获奖选手奖励政策。"),
    ("henan-moe-2021-2", "annexes", "- 附件：1. 教育部支持政策清单", "2. 河南省工作任务清单"),
    ("henan-moe-2021-2", "copies", "抄送：省委各部门", "省法院，省检察院。"),
    ("henan-moe-2021-2", "date", "2021年1月7日印发", "2021年1月7日印发"),
    ("hebei-2021-20", "notice.p2", "各地教育行政部门要及时", "不断提升培训质量。"),
    ("hebei-2021-20", "notice.contact", "联系人：温冰冰", "0311-66005112"),
    ("hebei-2021-20", "cover.date", "2021年5月25日", "2021年5月25日"),
    ("hebei-2021-20", "1.1", "(一) 指导思想。", "人才和技能支\n\n撑。"),
    ("hebei-2021-20", "1.2", "（二）基本原则", "（二）基本原则"),
    ("hebei-2021-20", "1.2.p3", "——坚持改革创新。", "政府加强监管服务的体制机制。"),
    ("hebei-2021-20", "3.9", "（九）牢固树立标准意识，培树特色技能人才品牌。坚\n\n持标准引领", "省教育厅）"),
    ("hebei-2021-20", "4.16", "(十六) 健全培训补贴标准", "省人力资源社会保障厅、省财政厅)"),
    ("hebei-2021-20", "date", "2021年5月25日印发", "2021年5月25日印发"),
    ("henan-jiaoyuting-2021-105", "p1", "为进一步落实教育部等十四部门", "有关工作通知如下："),
    ("henan-jiaoyuting-2021-105", "2.3.p2", "职业院校要积极对接《2021", "补贴性职业技能培训。"),
    ("henan-jiaoyuting-2021-105", "3.2", "2.加强职业培训项目建设。", "项目建设。"),
    ("henan-jiaoyuting-2021-105", "3.2.1", "一是加强培训师资队伍建设。", "绩效考核的重要内容。"),
    ("henan-jiaoyuting-2021-105", "3.2.4", "四是加强实训基地建设。", "积极承担各类培训项目。"),
    ("henan-jiaoyuting-2021-105", "3.5.2", "二是对面向社会", "核心评价指标之一。"),
    ("henan-jiaoyuting-2021-105", "contact.2", "省职业教育教学研究室", "联系电话：\n0371-65900927"),
    ("moe-2019-5", "notice.addressees", "各省、自治区、直辖市教育厅", "指导委员会，有关单位："),
    ("moe-2019-5", "1.3", "（三）行动目标。", "具体目标："),
    ("moe-2019-5", "1.3.3", "3．建设一大批", "占专业课教师总数60%。"),
    ("moe-2019-5", "3.3", "（三）注重宣传引导。", "总结推广工作。"),
    ("civil-code-counting", "201", "第二百零一条　按照年", "自下一日开始计算。"),
    ("civil-code-counting", "203.p2", "期间的最后一日的截止时间", "为截止时间。"),
    ("civil-code-counting", "1259", "第一千二百五十九条　民法", "不包括本数。"),
]


@pytest.mark.parametrize(
    ("document_id", "path", "first", "last"), SPANS, ids=[f"{d}#{p}" for d, p, _, _ in SPANS]
)
def test_span_begins_and_ends(document_id: str, path: str, first: str, last: str) -> None:
    clause = find(document_id, path)
    text = read(document_id).source[clause.start : clause.end]
    assert text.startswith(first)
    assert text.endswith(last)


def test_headings_and_parents_lead_from_the_top() -> None:
    clause = find("huangchuan-2021-1", "2.4.21.1")
    assert clause.heading == "严格师资管理"
    assert clause.parent == "huangchuan-2021-1#2.4.21"
    assert clause.headings == (
        "重点工作及责任分工",
        "狠抓全过程监管，全面推进职业培训提质增效",
        "强化质量管控",
    )
    assert find("henan-jiaoyuting-2021-105", "3.2.1").headings[-1] == "加强职业培训项目建设"


# -- furniture, parts, metadata -----------------------------------------------------------------------

FURNITURE = {
    "huangchuan-2021-1": ["潢川县全民技能振兴工程领导小组办公室"] * 2,
    "henan-moe-2021-2": ["000130", "教育部 河南省人民政府 文件", "河南省人民政府办公厅"],
    "hebei-2021-20": [
        "河北省教育厅文件",
        "河北省教育厅办公室",
        "中共河北省委办公厅",
        "中共河北省委办公厅",
        "河北省人民政府办公厅",
        "中共河北省委办公厅",
    ],
    "henan-jiaoyuting-2021-105": ["河南省教育厅办公室文件"],
    "moe-2019-5": [],
    "civil-code-counting": [],
}


@pytest.mark.parametrize("document_id", FURNITURE)
def test_furniture(document_id: str) -> None:
    document = read(document_id)
    found = [document.source[s.start : s.end] for s in document.furniture]
    assert [text for text in found if "\t" not in text] == FURNITURE[document_id]
    # 附件2 of henan-moe repeats its header behind each of six page breaks.
    n_repeated = 6 if document_id == "henan-moe-2021-2" else 0
    assert len([text for text in found if text.startswith("序号\t")]) == n_repeated


@pytest.mark.parametrize(
    ("document_id", "part", "number", "issuer", "issued"),
    [
        ("hebei-2021-20", "notice", "冀教职成〔2021〕20号", "河北省教育厅", "2021-06-30"),
        (
            "hebei-2021-20",
            "",
            "冀办字〔2021〕21号",
            "中共河北省委办公厅、河北省人民政府办公厅",
            "2021-05-25",
        ),
        (
            "huangchuan-2021-1",
            "notice",
            "潢技领办〔2021〕1号",
            "潢川县全民技能振兴工程领导小组办公室",
            "2021-04-07",
        ),
        ("moe-2019-5", "notice", "教职成厅〔2019〕5号", "教育部等十四部门", "None"),
    ],
)
def test_parts(document_id: str, part: str, number: str, issuer: str, issued: str) -> None:
    found = next(p for p in read(document_id).parts if p.id == part)
    assert (found.number, found.issuer, str(found.issued)) == (number, issuer, issued)


# -- annexes row by row -------------------------------------------------------------------------------

TASKS = [
    (
        "农村劳动力技能培训",
        "扶贫办、人社局、教体局、农业农村局、商务局、住房和城乡建设局、妇联、民政局、退役军人事务局",
        4800,
    ),
    ("创业培训", "人力资源和社会保障局", 850),
    ("企业新型学徒制培训", "人力资源和社会保障局", 75),
    ("企业职工补贴性技能提升培训", "工信局、人社局", 300),
    ("养老、托幼等康养从业人员技能培训", "民政局、教体局", 300),
    ("建筑业从业人员技能提升培训", "住房和城乡建设局、团县委", 275),
    ("交通运输行业从业人员技能提升培训", "交通运输局", 50),
    ("农民培训", "农业农村局", 300),
    ("电子商务从业人员技能提升培训", "商务局", 200),
    ("退役军人技能培训", "退役军人事务局", 200),
    ("残疾人技能提升培训", "残联", 200),
    ("服刑人员技能培训", "司法局", 50),
    ("“巧媳妇”工程就业创业技能培训", "妇联", 200),
    ("高危行业安全技能提升培训", "应急管理局", 200),
]


def test_huangchuan_annex_1_has_units_and_figures_under_their_headers() -> None:
    for n, (task, office, figure) in enumerate(TASKS, start=1):
        row = find("huangchuan-2021-1", f"a1.r{n}")
        assert [(c.header, c.text) for c in row.cells] == [
            ("序号", str(n)),
            ("工作任务", task),
            ("牵头单位", office),
            ("职业技能培训（人次）", str(figure)),
        ]
        assert row.headings == ("2021年潢川县全民技能振兴工程暨职业技能提升培训任务分解表",)
        assert row.kind == "row"
    assert sum(figure for _, _, figure in TASKS) == 8000
    total = find("huangchuan-2021-1", "a1.r15")
    # The figure's cell is merged over three columns, so that no single header stands over it.
    assert [(c.header, c.text) for c in total.cells] == [("", "总计"), ("", "8000人次")]
    remark = find("huangchuan-2021-1", "a1.p1")
    assert remark.text == "备注：此计划数即为各单位牵头开展补贴性职业技能培训任务数。"


def test_huangchuan_annex_2_is_a_form_with_merged_group_cells() -> None:
    title = "年度补贴性职业技能提升培训申请表"
    for numbers, groups in [
        ((1, 2, 3, 9, 13, 14, 20, 21, 26, 28), ()),
        ((4, 5, 6, 7, 8), ("开班申请",)),
        ((10, 12), ("过程监管",)),
        ((11,), ("过程监管", "培训期间检查情况")),
        ((15,), ("结业考核",)),
        ((16, 17, 18, 19), ("结业考核", "其中")),
        ((22, 23, 24, 25), ("补贴资金申领",)),
        ((27,), ("资金拨付",)),
    ]:
        for n in numbers:
            row = find("huangchuan-2021-1", f"a2.r{n}")
            assert row.headings == (title, *groups), n
            assert all(c.header == "" for c in row.cells)
    first_cells = {
        1: "培训机构(或企业、个人)名称",
        2: "开户银行名称",
        4: "拟培训人数",
        8: "人力资源社会保障部门审核意见",
        12: "检查情况是否在职业培训信息化管理系统填报",
        18: "参加专项能力考核认定人数",
        23: "行业主管部门审核情况（自受理之日起15个工作日内）",
        24: "人力资源社会保障部门对补贴信息公示情况（不少于3个工作日）",
        27: "资金来源（就业补助资金、失业保险基金、职业技能提升行动资金等）",
        28: "备注",
    }
    for n, text in first_cells.items():
        assert find("huangchuan-2021-1", f"a2.r{n}").cells[0].text == text


def test_huangchuan_annex_3() -> None:
    rows = [find("huangchuan-2021-1", f"a3.r{n}") for n in (1, 2)]
    heads = ["序号", "职业（工种）名称", "线下实训时长"]
    assert all([c.header for c in row.cells] == heads for row in rows)
    assert [row.cells[2].text for row in rows] == ["全线上培训", "不少于8个学时"]
    assert [row.cells[1].text.count("、") + 1 for row in rows] == [32, 16]


def test_henan_moe_annex_1() -> None:
    begins = [
        "支持河南深化高考改革",
        "支持河南扩大本科层次",
        "支持河南建设一批国家级",
        "支持河南1—2所院校",
        "支持河南行业龙头企业",
        "支持共建国家职业能力",
    ]
    for n, begin in enumerate(begins, start=1):
        cells = find("henan-moe-2021-2", f"a1.r{n}").cells
        assert [c.header for c in cells] == ["序号", "政策内容"]
        assert cells[0].text == str(n)
        assert cells[1].text.startswith(begin)
        assert cells[1].text.endswith("。")


RESPONSIBLE = [
    ("加强职业院校思政课程", "省教育厅、人力资源社会保障厅等省直有关部门"),
    ("建设5个左右在全国", "有关院校"),
    ("建立全面实施劳动教育", "有关省直管县(市)政府"),
    ("建立春季“职教高考”制度", "省教育厅、人力资源社会保障厅"),
    ("保持高中阶段教育招生", "各省直管县(市)政府"),
    ("在巩固中等职业学校布局", "各省直管县(市)政府"),
    ("实施河南省高水平中等职业学校", "有关省直管县(市)政府"),
    ("实施河南省高水平高等职业学校", "济源示范区管委会"),
    ("推进专科层次职业教育质量型扩招", "农业农村厅、退役军人厅"),
    ("鼓励有条件的普通本科高等学校", "有关院校"),
    ("重点培育5个左右省级产教融合", "各省直管县(市)政府"),
    ("继续办好产教融合发展战略", "省教育厅，驻马店市政府，黄淮学院"),
    ("修订《河南省职业教育校企合作", "各省直管县（市）政府"),
    ("制定河南省推进高等学校产业学院", "有关省直管县（市）政府"),
    ("完善“双师型”教师标准", "省教育厅、人力资源社会保障厅、财政厅"),
    ("落实中等职业学校、高等职业学校教师职称", "省人力资源社会保障厅、教育厅、财政厅"),
    ("制定完善师资双向流动", "各省直管县(市)政府"),
    ("聚焦河南先进装备制造", "省教育厅、财政厅"),
    ("调整、组建省级行业", "工业和信息化厅等省直有关部门"),
    ("开发覆盖主要专业", "省教育厅、人力资源社会保障厅、财政厅"),
    ("大力实施“职业院校全面开展", "各省直管县（市）政府"),
    ("开展1+X证书制度试点", "发展改革委、财政厅、市场监管局"),
    ("探索职业教育国家学分银行", "退役军人厅，有关院校"),
    ("加强中国职业技术教育学会", "省教育厅、财政厅、人力资源社会保障厅"),
    ("支持职业院校与企业共建", "省教育厅、科技厅、发展改革委、财政厅"),
    ("支持有条件的职业院校开展", "省教育厅、财政厅、省政府外办"),
    ("每个县（市）至少要建好", "发展改革委、财政厅、农业农村厅"),
    ("将深化职业教育改革", "各省直管县（市）政府"),
    ("各地制定“一地一策”", "各省直管县（市）政府"),
    ("进一步深化“放管服”改革", "各省直管县（市）政府"),
    ("优化教育支出结构", "各省直管县（市）政府"),
    ("完善成本分担机制", "各省直管县（市）政府"),
    ("健全以职业能力为导向", "省人力资源社会保障厅、教育厅、省委组织部"),
    ("探索为国家和河南", "省、市、县级工会、团委、妇联"),
    ("按照国家有关规定", "省人力资源社会保障厅、财政厅、教育厅"),
]


def test_henan_moe_annex_2_has_responsible_units() -> None:
    assert len(RESPONSIBLE) == 35
    for n, (begin, units) in enumerate(RESPONSIBLE, start=1):
        row = find("henan-moe-2021-2", f"a2.r{n}")
        assert [c.header for c in row.cells] == ["序号", "工作任务", "责任单位(按职责分工负责)"]
        assert row.cells[0].text == str(n)
        assert row.cells[1].text.startswith(begin), n
        assert row.cells[2].text.endswith(units), n
        assert row.headings == ("河南省工作任务清单",)


@pytest.mark.parametrize("document_id", OUTLINES)
def test_cells_lie_in_their_rows(document_id: str) -> None:
    document = read(document_id)
    for clause in document.clauses:
        ends = [clause.start, *(c.end for c in clause.cells)]
        for cell, before in zip(clause.cells, ends, strict=False):
            assert before <= cell.start < cell.end <= clause.end
            assert squeeze(document.source[cell.start : cell.end]) == squeeze(cell.text)


# -- gold quotes --------------------------------------------------------------------------------------


def gold_quotes() -> list[tuple[str, str, str]]:
    found = []
    for path in sorted((ROOT / "evals" / "cases").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            found += [(case["id"], g["doc"], g["quote"]) for g in case.get("gold", ())]
    return found


def test_every_gold_quote_lies_in_a_short_clause() -> None:
    """More than one may hold it: annexes say again who is to do what the body says."""
    quotes = gold_quotes()
    assert len(quotes) > 80
    wrong = []
    for case_id, document_id, quote in quotes:
        document = read(document_id)
        wanted = "".join(quote.split())
        holders = [c for c in document.clauses if wanted in "".join(document.source[c.start : c.end].split())]
        if not holders or any(c.end - c.start >= 900 for c in holders):
            wrong.append((case_id, quote, [c.clause_id for c in holders]))
    assert wrong == []
