"""What a question points at by name, in the shipped corpus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.dialogue.references import References, _names_by_place
from assistant.documents.normalize import normalize_text, squeeze
from assistant.documents.parse import parse_document

HC, HN, JYT, HB, MOE, CC = (
    "huangchuan-2021-1",
    "henan-moe-2021-2",
    "henan-jiaoyuting-2021-105",
    "hebei-2021-20",
    "moe-2019-5",
    "civil-code-counting",
)


@pytest.fixture(scope="session")
def find(finder) -> Callable[[str], References]:
    def read(text: str) -> References:
        plain = squeeze(normalize_text(text).text)
        return finder.find_clauses(plain, finder.find_documents(plain))

    return read


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("105号文要求什么", {JYT}),
        ("１０５号文", {JYT}),
        ("教办职成〔2021〕105号", {JYT}),
        ("教办职成(2021)105号", {JYT}),
        ("教办职成（2021）105号", {JYT}),
        ("教办职成[2021]105号", {JYT}),
        ("教办职成【2021】105号", {JYT}),
        ("教办职成 〔2021〕 105 号", {JYT}),
        ("豫政2号文", {HN}),
        ("豫政〔2021〕2号", {HN}),
        ("豫政〔2021〕2號", {HN}),
        ("冀办字〔2021〕21号", {HB}),
        ("冀教职成20号", {HB}),
        ("潢技领办〔2021〕1号", {HC}),
        ("教职成厅〔2019〕5号", {MOE}),
        ("民法典", {CC}),
        ("国家行动计划", {MOE}),
        ("潢川方案和105号文", {HC, JYT}),
        ("《关于深化职业教育改革推进技能社会建设的意见》讲了什么", {HN}),
        ("《2021年潢川县全民技能振兴工程暨职业技能提升行动工作方案》", {HC}),
        ("《职业院校全面开展职业培训促进就业创业行动计划》", {MOE}),
        # near misses
        ("2105号文", set()),
        ("教办职成〔2022〕105号文件", set()),
        ("豫政（2022）2号文", set()),
        ("（105号文）怎么说", {JYT}),
        ("第2号", set()),
        ("县里怎么说", set()),
        ("", set()),
    ],
)
def test_documents_named(find, text, documents):
    assert find(text).documents == documents


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("冀教职成20号是谁发的", {(HB, "notice")}),
        ("冀教职成〔2021〕20号", {(HB, "notice")}),
        ("冀办字〔2021〕21号", {(HB, ""), (HB, "cover")}),
        ("河北文件", set()),
        ("105号文", {(JYT, "")}),
    ],
)
def test_parts_named(find, text, parts):
    assert find(text).parts == parts


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("豫政2号文第（七）条", [f"{HN}#3.7"]),
        ("豫政2号文第(七)条", [f"{HN}#3.7"]),
        ("豫政2号文第七条", [f"{HN}#3.7"]),
        ("豫政2号文第7条", [f"{HN}#3.7"]),
        ("豫政2号文第二十七条", [f"{HN}#8.27"]),
        ("豫政2号文第２７条", [f"{HN}#8.27"]),
        ("豫政2号文第 27 条", [f"{HN}#8.27"]),
        ("豫政2号文27条的规定", [f"{HN}#8.27"]),
        ("冀办字21号第十五条", [f"{HB}#4.15"]),
        ("潢川方案第15条", [f"{HC}#2.2.15"]),
        ("民法典第二百零三条", [f"{CC}#203"]),
        ("第1259条", [f"{CC}#1259"]),
        # one number inside another
        ("潢川方案第21条第（1）项", [f"{HC}#2.4.21.1"]),
        ("潢川方案第21条第1项的规定", [f"{HC}#2.4.21.1"]),
        ("潢川方案第二十一条第（三）项", [f"{HC}#2.4.21.3"]),
        ("民法典第二百零三条第二款", [f"{CC}#203.p2"]),
        ("二、(四)21.(1)说的什么", ["huangchuan-2021-1#2.4.21.1"]),
        ("二、(四)21.讲了什么", ["huangchuan-2021-1#2.4.21"]),
        ("民法典第二百零三条第一款", [f"{CC}#203"]),
        ("豫政2号文第五部分第13条", [f"{HN}#5.13"]),
        ("豫政2号文第七条、第九条", [f"{HN}#3.7", f"{HN}#3.9"]),
        # parts
        ("豫政2号文第五部分", [f"{HN}#5"]),
        ("105号文第三大点", [f"{JYT}#3"]),
        # rows
        ("豫政2号文附件1第3行", [f"{HN}#a1.r3"]),
        ("豫政2号文附件二第8行", [f"{HN}#a2.r8"]),
        ("附件1第8行", [f"{HC}#a1.r8"]),
        ("潢川方案分解表第3行", [f"{HC}#a1.r3"]),
        ("任务清单第6项", [f"{HN}#a2.r6"]),
        ("教育部支持政策清单第2项", [f"{HN}#a1.r2"]),
        ("清单第6项", [f"{HN}#a1.r6", f"{HN}#a2.r6"]),
        ("豫政2号文清单里的第6项", [f"{HN}#a1.r6", f"{HN}#a2.r6"]),
        # no such clause
        ("豫政2号文第九十九条", []),
        ("潢川方案附件9第3行", []),
        ("豫政2号文附件1第99行", []),
        ("第0条", []),
        ("第三方机构", []),
        ("第三类人群", []),
        ("第一次", []),
        ("培训21个", []),
    ],
)
def test_clauses_named(find, text, clauses):
    assert [clause.clause_id for clause in find(text).clauses] == clauses


def test_an_ambiguous_number_gives_every_clause_it_may_mean(find):
    clauses = find("第（七）条").clauses
    assert {clause.document for clause in clauses} == {HC, HN, HB, MOE}
    assert {clause.path.rpartition(".")[2] for clause in clauses} == {"7"}


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        ("附件3里的工种", (f"{HC}#a3.",)),
        ("潢川方案附件1", (f"{HC}#a1.",)),
        ("附件1", (f"{HN}#a1.", f"{HC}#a1.")),
        ("申请表怎么填", (f"{HC}#a2.",)),
        ("任务分解表", (f"{HC}#a1.",)),
        ("105号文附件1", ()),
        ("附件9", ()),
        ("附件", ()),
        ("表", ()),
    ],
)
def test_annexes_named(find, text, scopes):
    assert find(text).scopes == scopes


@given(
    text=st.text(
        alphabet=st.sampled_from("第附件（）()0123456789一二三十百千零〇条款项行表清单号文〔〕豫政"),
        max_size=24,
    )
)
def test_any_text_names_clauses_of_the_named_documents_only(find, real_assistant, text):
    found = find(text)
    assert found.documents <= set(real_assistant.corpus.document_by_id)
    assert not found.documents or {c.document for c in found.clauses} <= found.documents
    assert all(0 <= start < end for start, end in found.spans)


def test_a_title_behind_its_place_names_its_document(real_assistant):
    """技能人才振兴行动计划 may be many a place's; 辽宁那个 says whose."""
    source = "辽宁省技能人才赋能振兴行动计划（2025—2027年）\n\n一、目标\n\n（一）培训5万人。\n"
    document = replace(
        parse_document("liaoning-2025-8", source), region="210000", title=source.partition("\n")[0]
    )
    names = set(_names_by_place(document, real_assistant.regions.get("210000")))
    assert {"辽宁那个技能人才赋能振兴行动计划", "辽宁省技能人才赋能振兴行动计划", "辽宁那个计划"} <= names
    assert "技能人才赋能振兴行动计划" not in names
    assert "辽宁技能人才" not in names
