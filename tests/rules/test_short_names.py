"""Names of rows in the forms that people use."""

from assistant.rules.short_names import short_forms

NAMES = (
    "农村劳动力技能培训",
    "农民培训",
    "交通运输行业从业人员技能提升培训",
    "“绣娘”工程就业创业技能培训",
    "创业培训",
)


def test_short_forms_drop_the_padding():
    short = short_forms(NAMES)
    assert short["农村劳动力培训"] == "农村劳动力技能培训"
    assert short["交通运输行业培训"] == "交通运输行业从业人员技能提升培训"
    assert short["绣娘培训"] == "“绣娘”工程就业创业技能培训"


def test_a_row_is_pointed_at_by_the_beginning_of_its_name():
    assert short_forms(NAMES)["交通运输行业那项"] == "交通运输行业从业人员技能提升培训"


def test_a_name_is_no_short_form_of_another():
    assert "创业培训" not in short_forms(NAMES)


def test_a_form_of_two_names_is_left_out():
    assert "焊工培训" not in short_forms(["焊工技能培训", "焊工提升培训"])
