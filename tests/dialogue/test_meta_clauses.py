"""Questions about the shipped documents themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.dialogue.attribute_kinds import PHONE
from assistant.dialogue.metadata import MetaAnswer, find_meta_clauses
from assistant.dialogue.scope import ScopeChooser


@pytest.fixture(scope="session")
def find(real_assistant, understand, as_of) -> Callable[..., MetaAnswer | None]:
    chooser = ScopeChooser(real_assistant.corpus, real_assistant.regions)

    def read(text: str, region: str | None = None, day=as_of) -> MetaAnswer | None:
        asked = understand(text, region)
        return find_meta_clauses(asked, chooser.choose(asked, day), real_assistant.corpus)

    return read


@pytest.mark.parametrize(
    ("text", "region", "clauses"),
    [
        ("105号文是哪天印发的", None, ["henan-jiaoyuting-2021-105#date"]),
        ("豫政2号文什么时候印发", None, ["henan-moe-2021-2#date"]),
        ("豫政2号文哪个处督办", None, ["henan-moe-2021-2#supervisor"]),
        ("豫政2号文抄送哪里", None, ["henan-moe-2021-2#copies"]),
        ("豫政2号文有几个附件", None, ["henan-moe-2021-2#annexes"]),
        ("主办单位是谁", "河南省", ["henan-moe-2021-2#organizer"]),
        ("潢川方案的文号", None, ["huangchuan-2021-1#notice.number"]),
        ("潢川方案主送机关", "河北省", ["huangchuan-2021-1#notice.addressees"]),
        ("冀教职成20号哪天印发", None, ["hebei-2021-20#notice.date"]),
        ("冀教职成20号的公开方式", None, ["hebei-2021-20#notice.disclosure"]),
        ("冀教职成20号联系谁", None, ["hebei-2021-20#notice.contact"]),
        ("民法典什么时候施行", None, ["civil-code-counting#enactment"]),
        ("国家行动计划的文号", None, ["henan-jiaoyuting-2021-105#p1"]),
        ("105号通知发给了哪些单位", None, ["henan-jiaoyuting-2021-105#addressees"]),
        ("雄安新区的学校归不归冀教职成20号管", "河北省", ["hebei-2021-20#notice.addressees"]),
        ("黄湖农场算不算在潢川这个方案里头", "潢川县", ["huangchuan-2021-1#notice.addressees"]),
        ("辛集的职校也按冀办字21号来吗", "河北省", ["hebei-2021-20#cover.addressees"]),
        ("冀教职成20号公开不公开", "河北省", ["hebei-2021-20#notice.disclosure"]),
        ("豫政2号文挂的附件都叫啥名", None, ["henan-moe-2021-2#annexes"]),
        ("民法典现在还有效吗", None, ["civil-code-counting#enactment"]),
        (
            "105号文联系电话",
            None,
            ["henan-jiaoyuting-2021-105#contact", "henan-jiaoyuting-2021-105#contact.2"],
        ),
        ("105号文里职成教处的电话", None, ["henan-jiaoyuting-2021-105#contact"]),
        (
            "潢川方案和105号文分别是哪天印发的",
            None,
            ["henan-jiaoyuting-2021-105#date", "huangchuan-2021-1#notice.date"],
        ),
    ],
)
def test_the_clauses_that_say_it(find, text, region, clauses):
    answer = find(text, region)
    assert answer.refusal is None
    assert sorted(clause.clause_id for clause in answer.clauses) == sorted(clauses)


@pytest.mark.parametrize(
    ("text", "region", "what"),
    [
        ("潢川方案的联系电话是多少", None, "联系方式"),
        ("县人社局的联系电话是多少", "潢川县", "联系方式"),
        ("潢川方案抄送哪里", None, "抄送单位"),
        ("105号文什么时候施行", None, "施行日期"),
        ("国家行动计划是哪天印发的", None, "成文日期"),
    ],
)
def test_what_a_document_does_not_say(find, text, region, what):
    refusal = find(text, region).refusal
    assert (refusal.template, refusal.values["what"]) == ("refused_meta", what)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("一个班多少人", "潢川县"),
        ("哪天考核", "潢川县"),
        ("哪天印发", None),
        ("谁发的补贴", "潢川县"),
        ("哪天印发", "固始县"),
    ],
)
def test_questions_about_something_else(find, text, region):
    assert find(text, region) is None


def test_a_document_not_yet_issued_is_not_told_of(find, as_of):
    answer = find("潢川方案和105号文分别是哪天印发的", None, as_of.replace(year=2021, month=4, day=10))
    assert [clause.clause_id for clause in answer.clauses] == ["huangchuan-2021-1#notice.date"]


@pytest.mark.parametrize(
    ("text", "is_phone"),
    [
        ("拨打028-26351200举报", True),
        ("手机13812345678", True),
        ("请拨打12333咨询", True),
        ("全年培训12333人次", False),
        ("自2021年5月起", False),
    ],
)
def test_a_telephone_in_a_clause(text, is_phone):
    assert bool(PHONE.search(text)) is is_phone
