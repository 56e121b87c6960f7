"""When there is no answer, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from assistant.dialogue.evidence import Evidence, Sentence
from assistant.dialogue.refuse import Refusal, refuse_early, refuse_evidence
from assistant.dialogue.scope import Scope
from assistant.models import Span

HELD = Scope(frozenset(["plan"]))


@pytest.mark.parametrize(
    ("changes", "scope", "template"),
    [
        pytest.param({}, HELD, None, id="nothing against it"),
        pytest.param({"asks_private": True}, HELD, "refused_private", id="a person's data"),
        pytest.param({}, Scope(frozenset()), "refused_not_in_force", id="no document"),
        pytest.param({"measure": "count"}, HELD, None, id="a figure"),
    ],
)
def test_before_searching(asked, as_of, changes, scope, template):
    refusal = refuse_early(replace(asked, **changes), scope, [], as_of)
    assert (refusal.template if refusal else None) == template


def test_a_place_without_documents_is_named_with_those_covered(asked, regions, as_of):
    place, covered = regions.resolve("广东省"), [regions.resolve("河南省"), regions.resolve("潢川县")]
    refusal = refuse_early(asked, replace(HELD, foreign=place), covered, as_of)
    assert refusal.template == "refused_region"
    assert refusal.values == {"place": "广东省", "covered": "河南省、潢川县"}
    assert refusal.nearest_from > 1


@pytest.mark.parametrize(
    ("changes", "template"),
    [
        ({"asks_own_target": True, "measure": "count"}, "refused_own_target"),
        ({"asks_own_target": True}, None),
        ({"measure": "count"}, None),
    ],
)
def test_a_places_own_targets_are_in_no_superiors_document(asked, regions, as_of, changes, template):
    place = regions.resolve("固始县")
    scope = replace(HELD, parent_only=place)
    refusal = refuse_early(replace(asked, places=(place,), **changes), scope, [], as_of)
    assert (refusal.template if refusal else None) == template
    # An asker from there who asks a superior's rule is not refused.
    assert refuse_early(replace(asked, home=place, **changes), scope, [], as_of) is None


@pytest.fixture
def refuse(asked, sample) -> Callable[..., str | None]:
    def run(evidence: list[Evidence], **changes) -> str | None:
        refusal: Refusal | None = refuse_evidence(replace(asked, **changes), evidence, sample.documents)
        return refusal.template if refusal else None

    return run


@pytest.fixture
def evidence_with(sample, new_evidence) -> Callable[..., Evidence]:
    """Evidence of two sentences, each given by (score, words, has figure, bounds the other end)."""

    def build(*given) -> Evidence:
        start = sample.class_size.start
        sentences = [
            Sentence(Span(start + i, start + i + 1), score, frozenset(words), has_figure, contradicts)
            for i, (score, words, has_figure, contradicts) in enumerate(given)
        ]
        return new_evidence(sample.class_size, sentences=sentences)

    return build


def test_nothing_found(refuse):
    assert refuse([]) == "refused_nothing"


@pytest.mark.parametrize(("sure", "refused"), [(0.0, True), (1.0, False)])
def test_thin_evidence_is_no_answer(refuse, sample, new_evidence, sure, refused):
    template = refuse([new_evidence(sample.class_size, sure=sure)])
    assert (template in ("refused_nothing", "refused_evidence")) is refused
    assert (template is None) is not refused


def test_an_operation_is_described_nowhere(refuse, sample, new_evidence):
    assert refuse([new_evidence(sample.class_size)], is_how_to=True) == "refused_how_to"


def test_a_register_needs_a_row_that_lists(refuse, sample, new_evidence):
    row = replace(sample.row, text="甲、乙、丙、丁、戊、己、庚、辛")
    assert refuse([new_evidence(sample.class_size)], asks_register=True) == "refused_register"
    assert refuse([new_evidence(row)], asks_register=True) is None


@pytest.mark.parametrize(
    ("years", "template"),
    [
        ((), None),
        ((2021,), None),
        ((2023,), "refused_year"),
        ((2021, 2023), "refused_year"),
    ],
)
def test_another_years_figure(refuse, sample, new_evidence, years, template):
    assert refuse([new_evidence(sample.class_size)], years=years) == template


def test_a_year_that_the_document_names(asked, sample, new_evidence):
    plan = replace(sample.document, source=sample.document.source + "到 2025 年培训 10 万人次。")
    documents, evidence = {plan.id: plan}, [new_evidence(sample.class_size)]
    assert refuse_evidence(replace(asked, years=(2025,)), evidence, documents) is None
    assert refuse_evidence(replace(asked, years=(2026,)), evidence, documents).template == "refused_year"


@pytest.mark.parametrize(
    ("given", "changes", "template"),
    [
        pytest.param([(0.9, "甲", True, False)], {"measure": "count"}, None, id="there"),
        pytest.param([(0.9, "甲", False, False)], {"measure": "count"}, "refused_figure", id="none"),
        pytest.param([(0.9, "甲", False, False)], {"measure": "money"}, "refused_money", id="no sum"),
        pytest.param([(0.9, "甲", False, False)], {}, None, id="none asked for"),
        pytest.param(
            [(0.9, "甲乙", False, False), (0.3, "", True, False)],
            {"measure": "count"},
            "refused_figure",
            id="of something else",
        ),
        pytest.param(
            [(0.9, "甲", True, True)],
            {"measure": "count", "bound": "most"},
            "refused_most",
            id="lower end only",
        ),
        pytest.param(
            [(0.9, "甲", True, True)],
            {"measure": "time", "bound": "least"},
            "refused_least",
            id="upper end only",
        ),
        pytest.param([(0.9, "甲", True, True)], {"measure": "count"}, None, id="either end"),
    ],
)
def test_a_figure_must_be_that_of_what_is_asked(refuse, evidence_with, given, changes, template):
    assert refuse([evidence_with(*given)], **changes) == template


def test_the_day_is_told_where_nothing_is_in_force(asked):
    refusal = refuse_early(asked, Scope(frozenset()), [], date(2020, 1, 1))
    assert refusal.values == {"as_of": "2020-01-01"}


@pytest.mark.parametrize(
    ("text", "template"),
    [
        *((text, "greeting") for text in ("你好", "您好!", "hello", "你是谁?", "你能做什么")),
        ("谢谢", "thanks"),
    ],
)
def test_small_talk_is_met_with_what_can_be_asked(asked, as_of, text, template):
    refusal = refuse_early(replace(asked, text=text), HELD, [], as_of)
    assert refusal.template == template


@pytest.mark.parametrize("text", ["你好,一个班最多多少人?", "你是什么文件", "谢谢参训人员的规定"])
def test_a_greeting_before_a_question_is_no_small_talk(asked, as_of, text):
    assert refuse_early(replace(asked, text=text), HELD, [], as_of) is None


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("民办高职一个学生一年政府给拨多少", "refused"),
        ("公办高职一个学生一年政府给拨多少", "answered"),
        ("想自己开个民办培训学校，注册资金最低要多少？", "refused"),
    ],
)
def test_a_figure_of_the_other_kind_is_none(ask, text, status):
    assert ask(text, "河南").status == status


def test_a_clause_that_is_near_by_its_wording_is_shown_though_it_is_not_told(ask):
    answer = ask("厂里几个小伙不服气，想跟别家比比谁活儿干得漂亮，上头支持不", "潢川县")
    assert answer.status == "refused"
    assert "技能竞赛" in "".join(c.quote for c in answer.citations)
    assert not ask("最近猪肉多少钱一斤，听说又要涨价了是不是", "潢川县").citations


@pytest.mark.parametrize(
    ("text", "is_private"),
    [
        ("公示名单的时候我的身份证号会不会也挂出去", False),
        ("把公示名单上的身份证号发我一份", True),
        ("老王的身份证号是多少", True),
        ("庞曼老师的手机号给我一个", True),
    ],
)
def test_what_becomes_of_private_data_may_be_asked(ask, text, is_private):
    assert ("涉及个人信息" in ask(text, "潢川县").text) is is_private
