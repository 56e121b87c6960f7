"""Words typed by their sound: what is put right, and what is left as it was said."""

from __future__ import annotations

import pytest

from assistant.dialogue.spelling import Speller, list_words


@pytest.fixture(scope="module")
def speller(real_assistant):
    retriever = real_assistant.retriever
    words = list_words(real_assistant.corpus, real_assistant.regions, retriever.thesaurus)
    return Speller(words, retriever.segmenter)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("黄川县的补帖班", "潢川县的补贴班"),
        ("满意渡低与85%，整该期多长", "满意度低与85%，整改期多长"),
        ("合北要培养多少高技能人材", "河北要培养多少高技能人才"),
    ],
)
def test_slips_of_terms_and_names_are_put_right(speller, typed, meant):
    assert speller.correct(typed) == meant


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("带徒津贴最低多少钱", id="across words"),
        pytest.param("培训一个人补多少钱", id="sounds like a lay word"),
        pytest.param("学校开本专业的班", id="word of the language"),
        pytest.param("理论课是不是都要录", id="grammar"),
        pytest.param("高级工班排了几天", id="inside a longer word"),
        pytest.param("培训挣的钱怎么分", id="sounds like a piece"),
    ],
)
def test_what_is_no_slip_stays(speller, said):
    assert speller.correct(said) == said
