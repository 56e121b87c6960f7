"""Which documents may answer, in the shipped corpus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assistant.config import data_dir
from assistant.dialogue.scope import Scope, ScopeChooser
from assistant.documents.catalog import is_in_force

HC, HN, JYT, HB, MOE, CC = (
    "huangchuan-2021-1",
    "henan-moe-2021-2",
    "henan-jiaoyuting-2021-105",
    "hebei-2021-20",
    "moe-2019-5",
    "civil-code-counting",
)
HENAN = {HN, JYT, MOE}
HUANGCHUAN = {HC, *HENAN}
HEBEI = {HB, MOE}
ALL = {HC, HN, JYT, HB, MOE}
REGIONS = (data_dir("corpus") / "regions.yaml").read_text(encoding="utf-8")
CODES = sorted(yaml.load(REGIONS, Loader=yaml.CSafeLoader)["names"])


@pytest.fixture(scope="session")
def choose(real_assistant, understand, as_of) -> Callable[..., Scope]:
    chooser = ScopeChooser(real_assistant.corpus, real_assistant.regions)

    def read(text: str, region: str | None = None, day: date = as_of) -> Scope:
        return chooser.choose(understand(text, region), day)

    return read


@pytest.mark.parametrize(
    ("region", "documents"),
    [
        ("潢川县", HUANGCHUAN),
        ("411526", HUANGCHUAN),
        ("信阳市", HENAN),
        ("郑州", HENAN),
        ("固始县", HENAN),
        ("河南", HENAN),
        ("河北省", HEBEI),
        ("石家庄市", HEBEI),
        ("定州市", HEBEI),
        ("广东省", {MOE}),
        ("全国", {MOE}),
        (None, ALL),
    ],
)
def test_the_askers_place_and_those_above(choose, region, documents):
    assert choose("一个班多少人", region).documents == documents


@pytest.mark.parametrize(
    ("text", "region", "documents"),
    [
        ("潢川一个班多少人", None, HUANGCHUAN),
        ("河北一个班多少人", None, HEBEI),
        ("信阳一个班多少人", None, HENAN),
        ("河北一个班多少人", "潢川县", HEBEI),
        ("潢川一个班多少人", "河北省", HUANGCHUAN),
        ("潢川一个班多少人，我们能用吗", "河北省", HUANGCHUAN | HEBEI),
        ("河北和潢川一样吗", None, HUANGCHUAN | HEBEI),
        ("全国一个班多少人", "潢川县", HUANGCHUAN),
        ("潢川方案里一个班多少人", "河北省", {HC}),
        ("105号文", "河北省", {JYT}),
        ("民法典里以上包括本数吗", "潢川县", {CC}),
        ("潢川方案和105号文", None, {HC, JYT}),
    ],
)
def test_places_and_documents_named(choose, text, region, documents):
    assert choose(text, region).documents == documents


@pytest.mark.parametrize(
    ("text", "foreign", "parent_only"),
    [
        ("广东省一个班多少人", "广东省", None),
        ("深圳一个班多少人", "深圳市", None),
        ("郑州市的任务是多少", None, "郑州市"),
        ("固始县的任务是多少", None, "固始县"),
        ("石家庄的任务是多少", None, "石家庄市"),
        ("潢川的任务是多少", None, None),
        ("河南的任务是多少", None, None),
        ("全国的任务是多少", None, None),
        ("潢川方案和广东比", None, None),
        ("任务是多少", None, None),
    ],
)
def test_places_without_documents(choose, text, foreign, parent_only):
    scope = choose(text)
    assert (scope.foreign.name if scope.foreign else None) == foreign
    assert (scope.parent_only.name if scope.parent_only else None) == parent_only


def test_the_code_of_counting_answers_questions_on_counting_only(choose):
    assert CC not in choose("一个班多少人", "潢川县").documents
    assert CC in choose("期间的最后一天是节假日怎么办", "潢川县").documents
    assert CC in choose("“以内”含不含本数", "河北省").documents


@pytest.mark.parametrize(
    ("day", "documents"),
    [
        (date(2021, 1, 6), {MOE}),
        (date(2021, 1, 7), {MOE, HN}),
        (date(2021, 4, 6), {MOE, HN}),
        (date(2021, 4, 7), {MOE, HN, HC}),
        (date(2021, 4, 28), HUANGCHUAN),
        (date(2030, 1, 1), HUANGCHUAN),
    ],
)
def test_a_document_answers_from_its_day_on(choose, day, documents):
    assert choose("一个班多少人", "潢川县", day).documents == documents


def test_a_named_document_does_not_answer_before_its_day(choose):
    assert choose("105号文怎么说", "河南", date(2021, 4, 27)).documents == set()


@pytest.mark.parametrize(
    ("effective", "expires", "day", "expected"),
    [
        (None, None, date(2021, 4, 6), False),
        (None, None, date(2021, 4, 7), True),
        (date(2022, 1, 1), None, date(2021, 12, 31), False),
        (date(2022, 1, 1), None, date(2022, 1, 1), True),
        (None, date(2022, 12, 31), date(2022, 12, 31), True),
        (None, date(2022, 12, 31), date(2023, 1, 1), False),
    ],
)
def test_in_force(sample, effective, expires, day, expected):
    document = replace(sample.document, effective=effective, expires=expires)
    assert is_in_force(document, day) is expected


def test_a_document_without_dates_is_in_force(sample):
    assert is_in_force(replace(sample.document, issued=None), date(1900, 1, 1))


def test_covered_places_from_the_country_down(real_assistant):
    covered = ScopeChooser(real_assistant.corpus, real_assistant.regions).covered
    assert [place.name for place in covered] == ["全国", "河北省", "河南省", "潢川县"]


@given(data=st.data())
def test_nobody_gets_another_provinces_rule_unasked(choose, real_assistant, data):
    code = data.draw(st.sampled_from(CODES))
    lineage = real_assistant.regions.ancestors(code)
    for document_id in choose("一个班最多多少人", code).documents:
        assert real_assistant.corpus.document_by_id[document_id].region in lineage
