from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.documents.metadata import load_meta
from assistant.documents.parse import parse_document
from assistant.models import Document, Span
from assistant.rules.coverage import find_normative_figures, find_uncovered
from assistant.rules.pins import fold

DOCUMENTS = Path(__file__).parents[2] / "corpus" / "documents"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # what binds
        pytest.param("每班人数不得超过 80 人", ["80 人"], id="limit"),
        pytest.param("师生比保持在 1:20 以内", ["1:20"], id="ratio"),
        pytest.param("人口规模 30 万以上的县", ["30 万"], id="no unit, but a bound"),
        pytest.param("应于4月30日前出台", ["4月30日"], id="deadline"),
        pytest.param("自2021年1月1日起施行", ["2021年1月1日"], id="first day in force"),
        pytest.param("到 2022 年，基本建成", ["2022 年"], id="year of a target"),
        pytest.param(
            "向 2019 年以来未发生、2020年度年检合格的", ["2019 年", "2020年"], id="year of a condition"
        ),
        pytest.param("统一于4月、8月、12月进行", ["4月", "8月", "12月"], id="months"),
        pytest.param("给予为期一个月的整改期", ["一个月"], id="duration in words"),
        pytest.param("至少建设一所学院", ["一所"], id="few, but a bound"),
        pytest.param("不少于一门课程", ["一门"], id="few, bound before"),
        pytest.param(
            "按照“优质学校年培训人次达到在校生规模的 2 倍以上”的要求", ["2 倍"], id="long quotation"
        ),
        pytest.param("8\t农民培训\t农业农村局\t300\n", ["300"], id="last cell of a row"),
        # what does not
        pytest.param("2021 年全民技能振兴工程项目", [], id="year of a name"),
        pytest.param("《方案（2019—2021年）》《甲《乙3项》的2个》", [], id="titles"),
        pytest.param("潢技领办〔2021〕1号、〔2020〕 7 号", [], id="numbers of documents"),
        pytest.param("“1+X”证书、“3+2”分段、“1+N”、5G", [], id="names with digits"),
        pytest.param("树牢“四个意识”、“两个讲台”、“十三五”", [], id="slogans"),
        pytest.param("十九届二中全会、九届十一次、十二次全会", [], id="sittings"),
        pytest.param("第一千二百五十九条、第三方、第2批", [], id="ordinals"),
        pytest.param("一是加强。二是深化。建设一批、充分发挥两个已建的", [], id="words"),
        pytest.param("期间的最后一日、五年一贯制", [], id="words with units"),
        pytest.param("联系电话：0371-66005112", [], id="telephone"),
        pytest.param("2021年4月7日", [], id="day of signature"),
        pytest.param("21. 强化质量管控（见附件 3）", [], id="labels"),
        pytest.param("附件2\n\n年度申请表", [], id="label before another paragraph"),
        pytest.param("", [], id="empty"),
    ],
)
def test_find_normative_figures(text: str, expected: list[str]):
    assert [text[start:end] for start, end in find_normative_figures(text)] == expected


# Every figure of the documents that a rule must carry or waive, clause by clause.
FIGURES: dict[str, dict[str, str]] = {
    "civil-code-counting": {},
    "hebei-2021-20": {
        "1.3": "2025年 75万人次 10万人次 15万人 10万人",
        "2.4": "25所 120所 30万",
        "2.5": "2022年 60% 30% 15%",
        "3.9": "2022年",
        "3.10": "15万人次",
        "3.11": "2万人",
        "3.12": "2万人次",
        "3.13": "3万人次",
        "4.15": "60%",
        "4.16": "10%",
    },
    "henan-jiaoyuting-2021-105": {
        "1.1": "100万人次 12万人次 6000人次 1000人次 1000人次 200人次 500人次 200人次 2倍 2倍",
        "4.3": "45分钟",
    },
    "henan-moe-2021-2": {
        "2.3": "500名 200门 20个",
        "2.4": "5个",
        "2.5": "1课时 16个学时 100个",
        "3.6": "50%",
        "3.7": "3 5年 70所 100个 1所",
        "3.8": "30所 50个",
        "4.10": "5个",
        "4.11": "30%",
        "5.13": "20% 1 2所",
        "5.14": "200种 3年 1次 30个 1000门",
        "6.17": "2倍 1所 1个",
        "7.23": "1所 10所 30个 60个",
        "8.27": "30% 12000元",
        "a1.r4": "1 2所",
        "a2.r1": "500名 200门 20个",
        "a2.r2": "5个",
        "a2.r3": "1课时 16个学时 100个",
        "a2.r4": "50%",
        "a2.r6": "3 5年 1所",
        "a2.r7": "70所 100个",
        "a2.r8": "30所 50个",
        "a2.r10": "1 2所",
        "a2.r11": "5个",
        "a2.r13": "30%",
        "a2.r17": "20%",
        "a2.r18": "200种 3年 1次 30个 1000门",
        "a2.r21": "2倍 1所 1个",
        "a2.r27": "1所 10所 30个 60个",
        "a2.r31": "30% 12000元",
    },
    "huangchuan-2021-1": {
        "1.2": "10000人次 8000人次",
        "2.1": "13项",
        "2.1.1": "2000人次 300人次",
        "2.1.2": "4800人次 200人次 200人次 200人次",
        "2.1.4": "600人次 300人次",
        "2.1.5": "275人次",
        "2.1.6": "200人次",
        "2.1.7": "300人次",
        "2.1.8": "850人次",
        "2.1.9": "200人",
        "2.1.10": "100人次",
        "2.1.11": "50人次",
        "2.1.12": "60周岁 50人次",
        "2.2.14": "75人次 60%",
        "2.2.15": "200人 50人",
        "2.2.16": "2019年 2020年 2000人次",
        "2.4.20": "15分钟 40个学时",
        "2.4.21.1": "1:20 80人 40分钟 65% 20倍",
        "2.4.21.2": "8个学时 4月 8月 12月 一个月 5分钟",
        "2.4.21.3": "85% 一个月",
        "3.1": "4月30日",
        "3.2": "10个工作日 3个工作日 15个工作日",
        "a1.r1": "4800",
        "a1.r2": "850",
        "a1.r3": "75",
        "a1.r4": "300",
        "a1.r5": "300",
        "a1.r6": "275",
        "a1.r7": "50",
        "a1.r8": "300",
        "a1.r9": "200",
        "a1.r10": "200",
        "a1.r11": "200",
        "a1.r12": "50",
        "a1.r13": "200",
        "a1.r14": "200",
        "a1.r15": "8000人次",
        "a2.r14": "3天",
        "a2.r23": "15个工作日",
        "a2.r24": "3个工作日",
        "a3.r2": "8个学时",
    },
    "moe-2019-5": {
        "1.3": "2022年",
        "1.3.1": "5000万人次",
        "1.3.3": "60%",
    },
}


@cache
def read(document_id: str) -> Document:
    folder = DOCUMENTS / document_id
    source = (folder / "source.txt").read_text(encoding="utf-8")
    return parse_document(document_id, source, load_meta(folder / "document.yaml"))


def clauses(document: Document) -> list[tuple[str, int, int]]:
    bodies = (c for c in document.clauses if c.kind not in ("title", "meta"))
    return [(c.path, c.start, c.end) for c in bodies]


@pytest.mark.parametrize("document_id", FIGURES)
def test_figures_of_the_documents(document_id: str):
    document = read(document_id)
    found: dict[str, list[str]] = {}
    for path, span, _ in find_uncovered(clauses(document), document.source, []):
        found.setdefault(path, []).append(fold(document.source[span.start : span.end]))
    assert {path: " ".join(figures) for path, figures in found.items()} == FIGURES[document_id]


SOURCE = "总则80人。每班80人，每课时不低于40分钟。"
CLAUSES = [("1", 6, len(SOURCE))]


@pytest.mark.parametrize(
    ("covered", "expected"),
    [
        pytest.param([], ["80人", "40分钟"], id="nothing covered"),
        pytest.param([Span(6, 11)], ["40分钟"], id="one quoted"),
        pytest.param([Span(0, 6)], ["80人", "40分钟"], id="quoted in another clause"),
        pytest.param([Span(6, 8), Span(9, 11)], ["80人", "40分钟"], id="words around it only"),
        pytest.param([Span(6, 10), Span(12, 20)], [], id="all quoted"),
    ],
)
def test_find_uncovered(covered: list[Span], expected: list[str]):
    found = find_uncovered(CLAUSES, SOURCE, covered)
    assert [SOURCE[span.start : span.end] for _, span, _ in found] == expected
    assert all(path == "1" and SOURCE[span.start : span.end] in shown for path, span, shown in found)


@given(st.text(st.sampled_from([*"12一两个人年月日:%《》“”〔〕号第至少前\t\n ，"]), max_size=30))
def test_figures_lie_in_order_and_are_covered_by_themselves(text: str):
    spans = find_normative_figures(text)
    assert spans == sorted(set(spans))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert find_uncovered([("1", 0, len(text))], text, spans) == []
