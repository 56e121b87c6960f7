"""Figures computed from a clause's rate and a quantity of the question: which come out, and where nothing may."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from assistant.app import build_indexes, open_assistant
from assistant.config import Settings
from assistant.dialogue.rates import Figured, find_by_rate
from assistant.models import Cell, Clause, Document, Question

CORPUS = Path(__file__).parents[2] / "corpus"
TODAY = date(2025, 6, 15)
DAYS = "脱贫劳动力、残疾人参加5天以上培训的，每人每天给予生活补助35元，每年累计不超过30天。"
TUTOR = "企业导师每课时补贴60元，由承训单位列支，每人每期不超过3000元。"
ONLINE = "线上课时不得超过总课时的20%。"
WIDER = "线上课时不得超过总课时的20%。直播带货方向可以放宽至40%，护工方向不得开设线上课时。"
ABSENT = "理论课缺勤累计超过总课时15%、实操课缺勤累计超过10%的，取消考核资格。"
GRANT = "每个基地按照设备投入的30%给予补助，最高200万元；企业提供厂房的，按照不高于市场价的60%给予租金补贴。"
ADVANCE = "承担任务超过500人次的机构，预拨比例不超过预计补贴金额的35%，且单次不超过40万元。"
SWAP = "开班后可以更换学员，更换人数不得超过全班的10%。"
TEACHER = "实操教师按每20名学员配1名，不足20名的按1名配备。"
SEATS = "焊工、电工每3名学员至少有1个工位，其他工种每5名学员至少有1个工位。"
LEAST = "实操课时不得低于总课时的60%。"
SOURCE = """商城县补贴性职业技能培训管理办法

商人社发〔2024〕9号

各乡镇人民政府：

现将有关事项通知如下。

一、组织培训

（一）线上课时。线上课时不得超过总课时的20%。

二、补贴申领

（二）生活补助。脱贫劳动力、低保家庭成员参加5天以上培训的，每人每天给予生活补助35元，每年累计不超过30天。

商城县人力资源和社会保障局

2024年9月12日
"""


def figure(text: str, question: str, heading: str = "") -> list[Figured]:
    clause = Clause("d#1", "d", "1", "", "article", 0, len(text), text, heading=heading)
    return find_by_rate(question, [clause], {"d": _document(text, clause)}, TODAY)


def _document(source: str, clause: Clause) -> Document:
    return Document(
        id="d", title="办法", number="", issuer="", region="411524", source=source, clauses=(clause,)
    )


def say(figured: list[Figured]) -> list[str]:
    amounts = [f.finding.amounts[0] for f in figured]
    return [f"{a.bound}{a.value}{a.unit}" for a in amounts]


@pytest.mark.parametrize(
    ("text", "question", "wanted"),
    [
        (DAYS, "我是脱贫户，上了12天培训，生活补助能领多少钱？", ["==420元"]),
        # More days than are counted.
        (DAYS, "我是残疾人，培训了42天，生活补助一共能领多少钱？", ["==1050元"]),
        (DAYS, "我们班10个脱贫学员，都参加了12天培训，生活补助总共要发多少钱？", ["==4200元"]),
        (TUTOR, "企业导师这期上了40课时，一共能拿多少导师补贴？", ["==2400元"]),
        (TUTOR, "企业导师这期上了六十课时，一共能拿多少导师补贴？", ["==3000元"]),
        (ONLINE, "一个100课时的养老护理员班，最多可以上多少线上课时", ["<=20课时"]),
        # A share of hours stays exact.
        (ONLINE, "总共112课时的班，线上最多能上多少课时？", ["<=112/5课时"]),
        (ABSENT, "一个理论课共80课时的班，理论课最多能缺多少课时？", ["<=12课时"]),
        (GRANT, "我们申报实训基地，设备投了400万，能补多少万", ["==1200000元"]),
        (GRANT, "我们申报实训基地，设备投入1000万元，能补多少万", ["==2000000元"]),
        (ADVANCE, "预计能拿100万补贴的机构，承担任务800人次，最多能预拨多少万元？", ["<=350000元"]),
        (SWAP, "一个45人的班，最多可以换几个学员", ["<=4人"]),
        (TEACHER, "一个班收了41个学员，实操老师最少要多少名？", [">=3名"]),
        (TEACHER, "一个班收了15个学员，实操老师最少要多少名？", [">=1名"]),
        (SEATS, "家政班收了41个学员，工位最少要多少？", [">=9个"]),
        (SEATS, "焊工班收了40个学员，工位最少要多少？", [">=14个"]),
        # Two things are asked for, each with a figure of its own.
        (
            f"{TEACHER}{SEATS}同一名教师同一时段不得在两个班授课。",
            "家政班收了41个学员，实操老师和工位最少各要多少？",
            [">=3名", ">=9个"],
        ),
        (LEAST, "总共96课时的班，实操最少要上多少课时？", [">=288/5课时"]),
    ],
)
def test_figures(text: str, question: str, wanted: list[str]) -> None:
    assert say(figure(text, question)) == wanted


@pytest.mark.parametrize(
    ("text", "question"),
    [
        # Asks the rate itself.
        (DAYS, "我上了12天培训，生活补助每人每天补多少钱？"),
        (DAYS, "脱贫户培训12天，生活补助的标准是多少？"),
        (ONLINE, "100课时的班，线上课时的比例最多多少？"),
        # A condition that is not met.
        (DAYS, "我是脱贫户，上了3天培训，生活补助能领多少钱？"),
        (ADVANCE, "预计能拿100万补贴的机构，承担任务300人次，最多能预拨多少万元？"),
        # Another aid, another group of people, or nothing said of it.
        (DAYS, "我不是脱贫户，上了12天培训，生活补助能领多少钱？"),
        (DAYS, "上了12天培训，生活补助能领多少钱？"),
        (DAYS, "我是脱贫户，上了12天培训，交通补助能领多少钱？"),
        (DAYS, "我是脱贫户，上了12天培训，培训补贴能领多少钱？"),
        (DAYS, "我是退役军人，上了12天培训，生活补助能领多少钱？"),
        # Days of another thing, two stretches of days, no sure number of days.
        (DAYS, "我是脱贫户，培训请假12天，生活补助能领多少钱？"),
        (DAYS, "我是脱贫户，开班12天前报的名，生活补助能领多少钱？"),
        (DAYS, "我是脱贫户，先上了12天，又上了6天培训，生活补助能领多少钱？"),
        (DAYS, "我是脱贫户，上了十来天培训，生活补助能领多少钱？"),
        (DAYS, "我是脱贫户，上了不到20天培训，生活补助能领多少钱？"),
        # Of one person, or of all?
        (DAYS, "10个脱贫学员上了12天培训，生活补助补多少钱？"),
        # What is left, or is to be added.
        (DAYS, "我是脱贫户，上了12天培训，生活补助还能领多少钱？"),
        (DAYS, "我是脱贫户，上了12天培训，生活补助和住宿补助加起来多少钱？"),
        # The stated hours are a part, not the whole.
        (ONLINE, "线上上了50课时，线上课时最多能上多少课时？"),
        (ABSENT, "理论课缺了80课时，理论课最多能缺多少课时？"),
        (ABSENT, "一个共80课时的班，最多能缺多少课时？"),
        (ABSENT, "一个实操课共80课时的班，实操课最多能缺多少课时？"),
        (ONLINE, "100课时的班，实操最多可以上多少课时？"),
        # The other end.
        (ONLINE, "100课时的班，线上课时最少要上多少课时？"),
        # Cases for which the same clause has something else.
        (WIDER, "一个100课时的护工班，最多可以上多少线上课时？"),
        (WIDER, "一个100课时的直播带货班，最多可以上多少线上课时？"),
        # Another base.
        (GRANT, "我们申报实训基地，厂房建了400万，能补多少万"),
        (GRANT, "企业提供的厂房市场价100万，设备投入没算，基地能补多少比例"),
        (SWAP, "一个班40人取证，最多可以换几个学员"),
        (SWAP, "一个40人的班，最多可以退几个学员"),
        # What is stated is of each of several, or what came of the base.
        (ONLINE, "一个班每天上6课时，线上最多上多少课时？"),
        (SEATS, "焊工和家政各20个学员，工位最少要多少？"),
        (SWAP, "两个班共80人，最多可以换几个学员"),
        (GRANT, "实训基地设备投入补了100万，设备投了多少万？"),
        (DAYS, "我是残疾人，12天的培训只上了一半，生活补助能领多少钱？"),
        (DAYS, "我是脱贫户，上了12天培训，生活补助发了300元，少发了多少钱？"),
        (TUTOR, "我们3个企业导师每人上40课时，一共能拿多少导师补贴？"),
        (TUTOR, "企业导师上了40课时，扣税后能拿多少导师补贴？"),
        # Other teachers, other things.
        (TEACHER, "一个班收了41个学员，理论老师最少要多少名？"),
        (TEACHER, "一个班收了41个学员，工位最少要多少个？"),
        (SEATS, "焊工和家政一共41个学员，一共合格了多少人？"),
        # A rate for a period that nothing is said of, a range, an increase.
        ("企业每人每年补贴5500元。", "我们企业有30人，一共能补贴多少钱？"),
        ("每人每天给予生活补助30元至50元。", "上了12天培训，生活补助能领多少钱？"),
        ("每人每天给予生活补助30元，超过10天的部分每天15元。", "上了12天培训，生活补助能领多少钱？"),
        ("初级工每人1200元，中级工每人1700元。", "我们班30人，总共补贴多少钱？"),
        ("每20名学员配1名实操教师，每增加10名增配1名。", "一个班41个学员，实操老师最少要多少名？"),
    ],
)
def test_near_misses(text: str, question: str) -> None:
    assert figure(text, question) == []


def _row(question: str) -> list[Figured]:
    cells, at, source = [], 0, ""
    for header, text in (("序号", "17"), ("工种", "夜校培训"), ("课时", "30—60"), ("标准（元/课时）", "12")):
        cells.append(Cell(header, text, at, at + len(text)))
        source += f"{text}\t"
        at = len(source)
    clause = Clause("d#r", "d", "r", "", "row", 0, len(source), source, cells=tuple(cells))
    return find_by_rate(question, [clause], {"d": _document(source, clause)}, TODAY)


def test_row() -> None:
    assert say(_row("夜校班上满48课时，一个学员能补多少钱？")) == ["==576元"]


@pytest.mark.parametrize(
    "question",
    [
        "夜校班上满72课时，一个学员能补多少钱？",
        "电工班上满48课时，一个学员能补多少钱？",
        "夜校班48课时，20个学员能补多少钱？",
        "夜校班48课时，每课时补多少钱？",
    ],
)
def test_row_near_misses(question: str) -> None:
    assert _row(question) == []


def test_told_beside_the_clause(tmp_path: Path) -> None:
    shutil.copytree(CORPUS, tmp_path / "corpus")
    folder = tmp_path / "corpus" / "documents" / "shangcheng-2024-9"
    folder.mkdir()
    (folder / "source.txt").write_text(SOURCE, encoding="utf-8")
    (folder / "document.yaml").write_text('region: "411524"\neffective: 2024-10-01\n', encoding="utf-8")
    settings = Settings(
        _env_file=None,
        corpus_dir=tmp_path / "corpus",
        index_dir=tmp_path / "indexes",
        store={"url": f"sqlite:///{tmp_path / 'store.db'}"},
    )
    build_indexes(settings)
    assistant = open_assistant(settings)
    told = assistant.ask(Question("我是脱贫户，上了12天培训，生活补助能领多少钱？", TODAY, "商城县"))
    assert told.status == "answered"
    assert "12 × 35 = 420 元" in told.text
    assert "每人每天给予生活补助35元" in told.text
    assert told.decision
    assert told.decision.value
    assert (told.decision.value.amount, told.decision.value.unit) == ("420", "元")
    # Who asks what the rate is has it looked up.
    plain = assistant.ask(Question("生活补助每人每天补多少钱？", TODAY, "商城县"))
    assert plain.decision is None
    assert "35元" in plain.text
    # Without a place it is not known whose rate is meant.
    anywhere = assistant.ask(Question("我是脱贫户，上了12天培训，生活补助能领多少钱？", TODAY))
    assert "420" not in anywhere.text
