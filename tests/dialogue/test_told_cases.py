"""Cases told in a roundabout way: sums, years, several schools, a question for permission, all told over turns."""

from __future__ import annotations

import itertools

import pytest

from assistant.dialogue.about import judges_case, stands
from assistant.dialogue.amend import read_own_change
from assistant.dialogue.intent import read_intent
from assistant.dialogue.split import split_questions
from assistant.dialogue.wording import split_figures

HC, HN, HB, MOE = "huangchuan-2021-1/", "henan-jiaoyuting-2021-105/", "hebei-2021-20/", "henan-moe-2021-2/"


@pytest.mark.parametrize(
    ("text", "region", "rule", "outcome"),
    [
        # A question for permission gets the verdict, though a figure that is not settled is spoken of.
        (
            "学员66人，老师四名，工位四个，每课时45分钟，总课时80，考职业技能等级证书，实操排多少还没商量好，能批吗",
            "潢川县",
            HC + "class-qualifies",
            "unknown",
        ),
        ("满意度这一项，调查下来正好85%，还能接着开班不", "潢川县", HC + "satisfaction", "pass"),
        ("满意度出来了，不多不少正好84%，单看这个要不要停班", "潢川县", HC + "satisfaction", "fail"),
        ("老师下午2点到5点不休息连着上5节课，单看每课时够不够", "潢川县", HC + "minutes-per-hour", "fail"),
        (
            "转岗的人，原先干的和要学的属于同一个职业分类，这样报转岗班可以吗",
            "潢川县",
            HC + "person-eligible",
            "fail",
        ),
        (
            "上一个项目考核完二十天，接着就想参加下一期补贴班，行不行",
            "潢川县",
            HC + "may-join-next-training",
            "fail",
        ),
        (
            "数控专业的在校学生想上咱自己学校办的茶艺补贴班（他们不读茶艺），单看在校生这一项，卡不卡",
            "潢川县",
            HC + "student-own-major",
            "pass",
        ),
    ],
)
def test_a_case_is_judged(ask, text, region, rule, outcome):
    answer = ask(text, region)
    assert answer.decision is not None
    assert (answer.decision.rule, answer.decision.outcome) == (rule, outcome)


@pytest.mark.parametrize(
    ("text", "region", "rule", "shown"),
    [
        (
            "全日制在校生2400，补贴性培训平均每年800人次，核教师编的时候按多少学生算",
            "保定市",
            HB + "staffing-base",
            "2640",
        ),
        (
            "师生比按1比18配，全日制2700人，补贴性培训年均600人次，该配多少老师",
            "石家庄市",
            HB + "staff-by-base",
            "160",
        ),
        (
            "就业技能和创业培训两项，按每年最低数三年一共多少万人次",
            "河北",
            HB + "employment-and-startup-over-years",
            "510000",
        ),
        (
            "3所高职、2所中职都在搞1+X试点，都没进高水平工程，合起来一年各类培训至少多少人次",
            "河南",
            HN + "group-target-with-pilots",
            "21900",
        ),
        (
            "四所中职，里头俩搞现代学徒制试点，都不是高水平，捆一块儿全年培训量最少多少人次",
            "河南",
            HN + "secondary-schools-total",
            "4400",
        ),
        ("三所职业学校都按最低数干，补贴性培训合计多少人", "潢川县", HC + "schools-subsidised-target", "600"),
        ("满意度问卷一共收上来160份，最少几份满意才不停班", "潢川县", HC + "min-satisfied", "136"),
        ("教材2019年修订的，按周期下一次在哪年", "河南", MOE + "next-textbook-revision", "2022"),
        ("中职标准化建设从2023年算，最晚到哪一年达标", "河南", MOE + "standardisation-latest-year", "2028"),
        ("小学一学期18周，劳动课统共上了11节，还欠几节", "河南", MOE + "labour-term-gap", "7"),
    ],
)
def test_a_figure_is_computed(ask, text, region, rule, shown):
    answer = ask(text, region)
    assert answer.decision is not None
    assert answer.decision.rule == rule
    assert shown in answer.text


def test_each_trade_is_computed_and_the_sum_told(ask):
    text = "新型学徒制，焊工有4名专职老师，钳工有2名专职，两个工种合一块儿最多能带多少学徒"
    answer = ask(text, "潢川县")
    assert answer.decision is not None
    assert answer.decision.value is not None
    assert answer.decision.value.amount == "120"


def test_both_ends_of_a_range_of_years_are_told(ask):
    text = ask("中职标准化建设2022年动手，公办中职达标最早和最晚是哪年", "河南").text
    assert "2025年" in text
    assert "2027年" in text


def test_a_text_of_another_year_is_still_refused(ask):
    assert ask("2019年职业学校要完成多少培训任务", "河南").status == "refused"


def test_a_row_is_a_share_of_its_table(find_table):
    found = find_table("做汇报用：分解表里农村劳动力那一行，占全表总数的百分之多少", "潢川县")
    assert (found.operation, found.value) == ("share", 60)


def test_a_basis_is_no_rank(find_table):
    assert find_table("要完成1000人次，一个班按最多人数招，起码得开几个班", "潢川县") is None
    assert find_table("分解表里任务最多的是哪项", "潢川县").operation == "max"


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("能开班吗?", "class"),
        ("可以开班吗", "class"),
        ("那这样能批下来吗", "class"),
        ("开得成吗", "class"),
        ("班能办不", "class"),
        ("合规吗", "all"),
        ("这样行不行", "all"),
        ("理论课能开吗", ""),
        ("老师够不够", ""),
        ("能开几个班", ""),
        ("能开班多少人", ""),
    ],
)
def test_only_the_outcome_of_what_was_told_is_asked(text, judged):
    assert judges_case(text) == judged


@pytest.mark.parametrize("text", ["看" * 3000, "行" + "不了" * 2000 + "x", "能开班" + "不了" * 2000 + "x"])
def test_a_long_message_is_read_at_once(text):
    # Words that can be cut in two ways would be tried in all of them.
    assert judges_case(text) == ""


@pytest.mark.parametrize("asked", ["能开班吗？", "可以开班吗", "合规吗", "能批下来吗"])
@pytest.mark.parametrize(
    "said",
    [*itertools.permutations(("教师5名", "我们班78个学员", "60课时"))],
    ids=lambda said: "-".join(s[:2] for s in said),
)
def test_a_class_told_in_any_order_gets_its_verdict(talk, said, asked):
    session = f"{asked}-{'-'.join(said)}"
    for message in said:
        talk(message, session, None)
    decision = talk(asked, session, None).decision
    assert decision is not None
    assert decision.rule == HC + "class-qualifies"


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        # A check of all that was told is what 行不行 is about; behind the verdict it is the verdict.
        (("教师5名", "我们班78个学员"), "teacher-ratio"),
        (("我们班78个学员", "教师5名"), "class-qualifies"),
    ],
)
def test_what_was_decided_is_asked_again(talk, said, rule):
    for message in said:
        talk(message, rule, None)
    decision = talk("行不行", rule, None).decision
    assert decision is not None
    assert decision.rule == HC + rule


@pytest.mark.parametrize(
    ("text", "is_meant"),
    [
        ("材料就这些,现在条件够了没有", True),
        ("情况就这些了,这样行不行", True),
        ("现在能开班了吗", True),
        ("现在老师够了没有", False),
        ("现在能报名吗", False),
        ("够不够", False),
        ("材料要交哪些", False),
    ],
)
def test_whether_the_case_told_stands_is_asked(text, is_meant):
    assert stands(text) is is_meant


def test_a_case_told_over_turns_is_judged_again(talk):
    talk("想办个家政班，45个人，3个老师", "t-stands")
    talk("总共70课时，实操46课时，一节课40分钟", "t-stands")
    answer = talk("材料就这些，现在条件够了没有？", "t-stands")
    assert answer.decision is not None
    assert (answer.decision.rule, answer.decision.outcome) == (HC + "class-qualifies", "unknown")
    assert "工位" in answer.text


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("从2021年算,最晚到哪一年", "figure"),
        ("文件是哪年发的", ""),
        ("最晚哪天得办完", "day"),
        ("实操排多少还没商量好,能批吗", "whether"),
        ("实操排多少才能批", "figure"),
    ],
)
def test_a_year_counted_on_is_a_figure(understand, text, intent):
    assert read_intent(understand(text)) == intent


def test_a_denial_with_a_question_word_asks_nothing():
    text = "三所中职,另一所啥试点也没有。一共要训多少人次?"
    assert split_questions(text) == [text]
    assert len(split_questions("试点要做什么培训?一共要训多少人次?")) == 2


def test_both_ends_are_two_figures():
    assert split_figures("达标最早和最晚是哪年") == ["达标最早是哪年", "达标最晚是哪年"]
    assert split_figures("达标最晚是哪年") == []


def test_what_comes_on_top_is_added_beside_words_of_other_facts(read_facts):
    given = {"enrolment": "11000", "school_kind": "高等职业院校"}

    def read(words: str) -> dict[str, str]:
        return (
            {"enrolment": "500"}
            if "学籍" in words
            else {"school_kind": "高等职业院校"}
            if "高职" in words
            else {}
        )

    text = "高职学校,学籍里原有1.1万人,要是再登记500名"
    assert read_own_change(text, ["500名"], given, read) == {"enrolment": "11500"}
