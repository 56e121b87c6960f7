"""Messages that point at what was told last: by steps, by numbers, by whose it is, by the like of another text."""

from __future__ import annotations

import pytest

from assistant.dialogue.memory import Memory

ROW = Memory(question="附件2第9项是什么", clauses=("henan-moe-2021-2#a2.r9",))
CLAUSE = Memory(question="冀办字21号第十条讲什么", clauses=("hebei-2021-20#3.10",))


@pytest.mark.parametrize(
    ("memory", "said", "paths"),
    [
        (CLAUSE, "下一条呢", ("3.11",)),
        (CLAUSE, "再往下数三条呢?", ("3.13",)),
        (CLAUSE, "往前翻一条", ("3.9",)),
        (CLAUSE, "隔一条呢", ("3.12",)),
        (CLAUSE, "倒回去两条", ("2.8",)),
        (CLAUSE, "紧接着那条讲啥", ("3.11",)),
        (ROW, "接下来两项都是啥", ("a2.r10", "a2.r11")),
        (ROW, "再往下呢", ("a2.r10",)),
        # Nothing is stepped over: years, conditions, things.
        (CLAUSE, "往后两年要训多少人次", ()),
        (CLAUSE, "还有什么条件要求吗", ()),
        (ROW, "下面哪些项目归教育厅牵头", ()),
    ],
)
def test_steps_from_what_was_told(read_turn, memory, said, paths):
    assert tuple(c.path for c in read_turn(said, memory).named) == paths


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("第12项讲的是什么?", "附件2第12项讲的是什么"),
        ("那17项的呢", "附件2第17项"),
        ("第3行谁负责", "附件2第3行谁负责"),
    ],
)
def test_a_number_beside_a_row_is_of_its_table(read_turn, said, part):
    assert part in read_turn(said, ROW).text


@pytest.mark.parametrize("said", ["第(七)条讲什么?", "3项加起来多少", "附件1第2项是啥", "第99项呢"])
def test_a_number_that_is_of_no_row_stays_as_it_is(read_turn, said):
    assert "豫政〔2021〕2号附件2" not in read_turn(said, ROW).text


def test_whose_it_is_that_was_told(talk):
    talk("每3年修订1次教材是哪儿说的", "whose", "河南")
    assert "财政厅" in talk("这活儿归谁管", "whose", "河南").text
    talk("双师型教师占专业课教师的比例要达到多少", "whose-2", "河北")
    assert "责任单位" in talk("那这项工作哪个部门牵头", "whose-2", "河北").text


@pytest.mark.parametrize("said", ["这事谁能享受补贴", "这个班谁来上课", "那谁负责就业技能培训的录像"])
def test_who_else_is_asked_for_is_not_the_office(read_turn, said):
    assert not read_turn(said, CLAUSE).named


def test_the_like_clause_of_another_text(talk):
    talk("105号文失业人员再就业培训那段讲什么", "like", "河南")
    answer = talk("国家行动计划里对应的那段怎么写的", "like", "河南")
    assert answer.citations[0].clause_id == "moe-2019-5#2.3"


def test_what_no_other_text_has_is_not_told_of_it(talk):
    assert talk("豫政2号文职教高考怎么搞", "unlike", "河南").status == "answered"
    assert talk("河北有这条吗", "unlike", "河南").status == "refused"


def test_all_that_a_clause_says(read_turn):
    turn = read_turn("这一条讲的是啥", CLAUSE)
    assert (turn.named[0].path, turn.in_full) == ("3.10", True)
    assert not read_turn("这条讲师资吗", CLAUSE).in_full


def test_a_heading_before_a_number_says_in_which_part(talk):
    answer = talk("国家行动计划“二、行动措施”的第（三）条讲什么？", "part", "河南")
    assert {c.clause_id.partition("#")[2][:3] for c in answer.citations} == {"2.3"}
