"""Last days counted from clauses that nobody has written a rule for: which period is meant, and the day it comes to."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from assistant.app import build_indexes, open_assistant
from assistant.config import Settings
from assistant.dialogue.acts import kinds_of
from assistant.dialogue.asked_day import read_asked_day
from assistant.dialogue.due_counting import keeps_last_day
from assistant.dialogue.periods import find_periods
from assistant.models import Answer, Question

CORPUS = Path(__file__).parents[2] / "corpus"
TODAY = date(2025, 6, 15)
SOURCE = """商城县补贴性职业技能培训管理办法

商人社发〔2024〕9号

各乡镇人民政府：

现将有关事项通知如下。

一、组织培训

（一）开班申报。培训机构应当在开班前5个工作日通过省平台提交教学计划和学员名册。

（二）变更学员。开班后3日内可以调换学员，调换人数不得超过10%。

（三）结业评价。培训结束之日起15日内，培训机构应当协助学员申请评价。首次评价未通过的，可以在30日内免费补考一次。

二、补贴申领

（四）申领期限。培训机构应当在证书核发之日起60日内申领补贴，劳动者个人申领的期限为证书核发之日起12个月，逾期不再受理。

（五）审核拨付。县人力资源社会保障局受理后10个工作日内完成审核，并公示不少于5个工作日；公示无异议的，15个工作日内将资金拨付到位。自收到异议之日起7个工作日内核实并答复。

（六）违规处理。骗取补贴的，3年内不得承担补贴性培训任务。

三、附则

（七）数据报送。各乡镇于每月5日前报送上月培训进展，遇节假日顺延；每季度结束后10日内报送就业数据。

（八）本办法自2024年10月1日起施行，有效期3年。教学点备案有效期为一年。

《商城县培训补贴办法》（商人社发〔2019〕3号）同时废止。

商城县人力资源和社会保障局

2024年9月12日
"""


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Answer]:
    folder = tmp_path_factory.mktemp("shangcheng")
    shutil.copytree(CORPUS, folder / "corpus")
    document = folder / "corpus" / "documents" / "shangcheng-2024-9"
    document.mkdir()
    (document / "source.txt").write_text(SOURCE, encoding="utf-8")
    (document / "document.yaml").write_text('region: "411524"\neffective: 2024-10-01\n', encoding="utf-8")
    settings = Settings(
        _env_file=None,
        corpus_dir=folder / "corpus",
        index_dir=folder / "indexes",
        store={"url": f"sqlite:///{folder / 'store.db'}"},
    )
    build_indexes(settings)
    assistant = open_assistant(settings)

    def ask(*texts: str, as_of: date = TODAY) -> Answer:
        session = texts[0] if len(texts) > 1 else None
        return [assistant.ask(Question(text, as_of, "商城县", session)) for text in texts][-1]

    return ask


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("我们定在2025年6月27日（周五）开班，开班申报最晚哪天要提交？", "最迟2025年6月20日"),
        ("证书是2025年4月25日核发的，培训机构申领补贴最迟到哪一天？", "最迟2025年6月24日"),
        ("我自己考的证，2024年12月10日发的，个人申领补贴哪天截止？", "最迟2025年12月10日"),
        ("县人社局2025年6月16日受理了我们的补贴申请，最晚哪天该审完？", "最迟2025年6月30日"),
        ("6月16日受理的补贴申请几号之前要审核完", "最迟2025年6月30日"),
        ("班是2025年6月5日结束的，培训机构协助申请评价最晚到哪天？", "最迟2025年6月20日"),
        ("公示6月20日结束没人提异议，钱最晚哪天拨下来", "最迟2025年7月11日"),
        ("公示从7月1日开始，最早哪天满", "最早2025年7月8日"),
        ("6月27日开班，最晚哪天申报", "最迟2025年6月20日"),
        ("6月10日收到异议，最晚哪天答复", "最迟2025年6月19日"),
        ("2025年9月份的培训进展，哪天之前报上去？", "最迟2025年10月9日"),
        ("二季度的就业数据最晚哪天报", "最迟2025年7月10日"),
        ("第（四）条，证书4月25日核发，培训机构最晚哪天申领", "最迟2025年6月24日"),
    ],
)
def test_the_day_is_counted_from_what_the_clause_says(talk, question, day):
    answer = talk(question)
    assert answer.status == "answered"
    assert day in answer.text
    assert answer.decision is not None
    assert answer.citations[0].document == "shangcheng-2024-9"


def test_the_count_is_told_with_its_clause_and_how_days_are_counted(talk):
    answer = talk("证书是2025年4月25日核发的，培训机构申领补贴最迟到哪一天？")
    assert "2025年4月25日 起 60日 → 2025年6月24日" in answer.text
    assert {c.document for c in answer.citations} == {"shangcheng-2024-9", "civil-code-counting"}
    assert answer.decision.value.amount == "2025-06-24"


@pytest.mark.parametrize(
    "question",
    [
        "证书4月25日发的，申领补贴最晚哪天",  # of a school and of a person
        "6月16日受理的，最晚哪天到账",  # 拨付 is counted from the end of 公示
        "培训6月5日结束，补贴申领最晚哪天",  # 申领 is counted from the certificate
        "6月20日开始公示，没异议的话最晚哪天拨款",
        "6月10日考核没过，最晚哪天补考",  # whether from the test or from its result is not said
        "6月3日被查出骗补，哪天能重新办班",
        "证书4月25日发的，最早哪天能申领补贴",
        "培训6月5日结束，最晚哪天考试",  # 评价 is applied for by then
        "6月27日开班，县里几号之前要答复我们的开班申报",
        "6月27日开班，县里哪天之前得答复我们提交的开班材料",
        "我自己的证书2024年9月20日拿到的，个人申领补贴最晚哪天",  # before the text came into force
    ],
)
def test_what_is_not_clear_is_not_counted(talk, question):
    answer = talk(question)
    assert answer.decision is None
    assert "最迟" not in answer.text


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (
            "培训机构的证书4月25日发的，7月1日去申领补贴晚了没有",
            "晚了：2025年7月1日已经超过最后一日2025年6月24日",
        ),
        (
            "培训机构的证书4月25日发的，现在申领补贴还来得及吗",
            "不晚：2025年6月15日没有超过最后一日2025年6月24日",
        ),
        ("6月27日开班，6月23日才提交开班申报，晚了没", "晚了：2025年6月23日已经超过最后一日2025年6月20日"),
        ("公示6月24日开始，6月30日撤了够不够", "还不够：2025年6月30日早于2025年7月1日"),
        ("我自己的证书2024年12月10日拿到的，3月1日去申领晚不晚", "不晚：2025年3月1日"),
    ],
)
def test_whether_a_day_is_past_the_last(talk, question, words):
    assert words in talk(question).text


def test_another_day_takes_the_place_of_the_first(talk):
    first = "6月3日受理的，最晚哪天审完"
    assert "最迟2025年6月19日" in talk(first, "那如果是6月5日受理呢").text
    assert "最迟2025年6月23日" in talk(first, "6月9号呢").text
    late = "培训机构的证书4月25日发的，7月1日去申领补贴晚了没有"
    assert "不晚：2025年7月1日没有超过最后一日2025年7月9日" in talk(late, "那5月10日发的呢").text


def test_a_year_without_published_holidays_gives_a_range(talk):
    answer = talk("12月25日受理的补贴申请，最晚哪天审完", as_of=date(2026, 12, 1))
    assert "最迟2027年1月" in answer.text
    assert "～" in answer.text
    assert "2027年放假安排尚未公布，日期只能给出范围。" in answer.notices


@pytest.mark.parametrize("question", ["商人社发〔2024〕9号管到哪一年为止？", "这个办法什么时候失效？"])
def test_a_text_that_holds_for_years_says_until_when(talk, question):
    answer = talk(question)
    assert "有效期最后一日：2027年9月30日" in answer.text


def test_what_a_text_repeals_is_not_until_when_it_holds(talk):
    answer = talk("商人社发〔2024〕9号废止了哪个旧文件？")
    assert answer.decision is None
    assert "2019〕3号" in answer.text


@pytest.mark.parametrize(
    ("sentence", "read"),
    [
        ("自受理之日起10个工作日内完成审核", [("within", 10, "working_days", "受理", "完成审核")]),
        ("承训机构于开班5个工作日前提交申请", [("before", 5, "working_days", "开班", "提交申请")]),
        ("开班前 5 个工作日，报送开班申请", [("before", 5, "working_days", "开班", "报送开班申请")]),
        ("开班满30日且经检查合格的，预拨补贴", [("full", 30, "days", "开班", "预拨补贴")]),
        ("每月5日前报送上月进展", [("monthly", 5, "days", "", "报送上月进展")]),
        ("每季度末月25日前报送进展", [("quarterly", 25, "days", "", "报送进展")]),
        ("通过后公示5个工作日", [("lasting", 5, "working_days", "公示", "公示")]),
        ("3年内不得承担培训任务", []),
        ("近6个月内累计接单满60天的劳动者", []),
        ("期满前2个月内可申请续期", []),
        ("各市于2024年11月30日前出台细则", []),
        ("年满16周岁的人员", []),
    ],
)
def test_periods_of_a_sentence(sentence, read):
    found = [(p.way, p.count, p.unit, p.event, p.act) for p in find_periods(sentence)]
    assert [f for f in found if kinds_of(f[3]) or f[0] in ("monthly", "quarterly", "lasting")] == read


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("证书是4月25日核发的,最迟哪天申领", ["certify"]),
        ("6月16日那天,县里受理了,最晚哪天审完", ["accept"]),
        ("最晚哪天要在6月27日开班前报", ["start"]),
        ("6月10日提交申请,6月16日受理,最晚哪天审完", ["send", "accept"]),
    ],
)
def test_a_day_is_of_what_is_said_beside_it(question, kinds):
    asked = read_asked_day(question, TODAY)
    assert asked is not None
    assert [day.kind for day in asked.days] == kinds


@pytest.mark.parametrize("question", ["公示几天", "6月3日受理的怎么查", "最晚哪天审完", "晚了会怎么样"])
def test_what_states_no_day_or_asks_for_none(question):
    assert read_asked_day(question, TODAY) is None


OTHER = """商城县技能培训补充办法

商人社发〔2025〕2号

各乡镇人民政府：

现将有关事项通知如下。

一、补贴申领

（一）异地申领。商城户籍劳动者在外省务工的，可在推荐的机构参加培训，凭证书申领补贴，申领期限为发证之日起6个月内。

（二）申领期限。机构应当在证书核发后60日内向开班地人力资源社会保障局提出申请。

（三）分次申领。机构应当在考核结束后45日内申领第二次补贴。

（四）清算。培训补贴自结业之日起12个月内申领；技能提升补贴自结业之日起18个月内申领。

（五）培训券。劳动者可以领取培训券，每人2张，自领取之日起90日内有效，逾期作废。

（六）变更。教师有变动的，提前2个工作日书面报告。

（七）期间的最后一日为法定节假日或者休息日的，顺延至其后的第一个工作日。

商城县人力资源和社会保障局

2025年1月10日
"""


@pytest.fixture(scope="module")
def ask_other(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Answer]:
    folder = tmp_path_factory.mktemp("other")
    shutil.copytree(CORPUS, folder / "corpus")
    document = folder / "corpus" / "documents" / "shangcheng-2025-2"
    document.mkdir()
    (document / "source.txt").write_text(OTHER, encoding="utf-8")
    (document / "document.yaml").write_text('region: "411524"\n', encoding="utf-8")
    settings = Settings(
        _env_file=None,
        corpus_dir=folder / "corpus",
        index_dir=folder / "indexes",
        store={"url": f"sqlite:///{folder / 'store.db'}"},
    )
    build_indexes(settings)
    assistant = open_assistant(settings)
    return lambda text: assistant.ask(Question(text, TODAY, "商城县"))


@pytest.mark.parametrize(
    ("question", "day"),
    [
        # not the 6 months of those who work in another province
        ("我们机构的证书是2025年6月2日核发的，补贴申请最晚哪天交？", "最迟2025年8月1日"),
        ("学员6月2日取的证，我们机构最迟哪天要把补贴申请交上去？", "最迟2025年8月1日"),
        ("考核是6月12日结束的，第二次补贴最迟几号前得申领？", "最迟2025年7月28日"),
        ("2025年3月18日结业的，培训补贴申领截止到什么时候", "最迟2026年3月18日"),
        ("6月5号领的培训券，到哪天就作废了？", "最迟2025年9月3日"),
        ("老师6月27日起要换人，书面报告最晚哪天交？", "最迟2025年6月25日"),
    ],
)
def test_the_period_is_that_of_the_asker_and_of_what_is_named(ask_other, question, day):
    assert day in ask_other(question).text


def test_the_texts_own_clause_on_counting_is_cited(ask_other):
    answer = ask_other("我们机构的证书是2025年6月2日核发的，补贴申请最晚哪天交？")
    assert "shangcheng-2025-2#1.7" in {c.clause_id for c in answer.citations}


@pytest.mark.parametrize(
    "question",
    [
        "考核是6月12日结束的，第一次补贴最迟几号前得申领？",  # only the second has a period
        "2025年3月18日结业的，最迟哪天申领",  # of which payment
        "6月5号领的教材，到哪天就作废了？",  # only a voucher lapses
        "老师6月27日起要换人，花名册最晚哪天交？",  # a report is handed in
    ],
)
def test_a_period_of_something_else_is_not_counted(ask_other, question):
    answer = ask_other(question)
    assert answer.decision is None
    assert "最迟2025" not in answer.text


@pytest.mark.parametrize(
    ("text", "keeps"),
    [
        ("期间届满之日为法定休假日的，期限不顺延。", True),
        ("最后一日是节假日的，不予顺延。", True),
        ("最后一日是节假日的，顺延至次日。", False),
        ("培训时间因天气顺延的，应当报告。", False),
    ],
)
def test_a_text_may_leave_its_last_days_where_they_are(text, keeps):
    document = SimpleNamespace(clauses=[SimpleNamespace(text=text)])
    assert keeps_last_day(document) is keeps
