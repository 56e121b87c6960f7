"""Which of a model's proposals may be asked in the place of a question."""

from datetime import date

import pytest

from assistant.dialogue.extract import FactExtractor
from assistant.dialogue.references import ReferenceFinder
from assistant.dialogue.rephrase import RephraseGate
from assistant.dialogue.route import list_names
from assistant.models import Question

ASKED = Question("伺候老人的学完有啥本本？", date(2026, 11, 21))


@pytest.fixture(scope="module")
def gate(real_assistant):
    book = real_assistant.calculator.book
    extractor = FactExtractor(book.facts, list_names(book))
    return RephraseGate(
        ReferenceFinder(real_assistant.corpus, real_assistant.regions), real_assistant.regions, extractor
    )


@pytest.mark.parametrize(
    ("proposed", "is_taken"),
    [
        pytest.param("老人护理学完发什么证书？", True, id="the same in other words"),
        pytest.param("换了说法的问题", False, id="the example of the prompt"),
        pytest.param("每班人数上限是什么？", False, id="another question"),
        pytest.param("河北伺候老人的学完有什么证书？", False, id="a place"),
        pytest.param("学完伺候老人的80课时有什么证书？", False, id="a figure"),
        pytest.param("伺候老人的学完2021年有什么证书？", False, id="a year"),
        pytest.param("伺候老人的学完没有什么证书？", False, id="a negation"),
        pytest.param("伺候老人的学完\n有什么证书？", False, id="two lines"),
        pytest.param("伺候老人的学完有啥本本？", False, id="as it was"),
        pytest.param("老人护理学完" * 40, False, id="an essay"),
    ],
)
def test_a_proposal_says_no_more_than_the_asker(gate, proposed, is_taken):
    assert bool(gate.accept(proposed, ASKED)) is is_taken
