"""Taking an answer apart and putting it together again; what counts as told; what a reply of no use changes in no case."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assistant.app import open_assistant
from assistant.config import ModelSettings, data_dir
from assistant.dialogue.faithful import build_ground
from assistant.dialogue.messages import load_messages
from assistant.dialogue.points import Point, is_covered, read_outline
from assistant.models import DecisionCheck, Question
from tests.standins.chat_model import KEY, MODEL, Reply, Request, serving_model

MESSAGES = load_messages(data_dir("prompts"))
DEV = Path(__file__).parents[2] / "evals" / "cases" / "dev.jsonl"
AS_OF = date(2026, 11, 21)
STEP = 1 if os.environ.get("TIAOWEN_TEST_FULL") else 4
"""Every so many of the development questions."""


def read_questions() -> list[Question]:
    rows = [json.loads(line) for line in DEV.read_text(encoding="utf-8").splitlines()]
    return [Question(row["question"], AS_OF, region=row["region"]) for row in rows[::STEP]]


@pytest.fixture(scope="module")
def asked(real_assistant):
    return [(question, real_assistant.ask(question)) for question in read_questions()]


def test_an_answer_put_together_again_is_the_answer(real_assistant, asked):
    n_outlined = 0
    for question, answer in asked:
        is_joined = MESSAGES.say("question") in answer.text
        if answer.status != "answered" or not answer.citations or is_joined:
            continue
        documents = real_assistant.corpus.document_by_id
        ground = build_ground(answer, documents, real_assistant.regions, question.text)
        texts = {n: f"{c.label}{c.headings}{c.text}{c.quote}" for n, c in ground.citations.items()}
        outline = read_outline(answer, texts, MESSAGES)
        assert outline.write() == answer.text
        n_outlined += 1
    assert n_outlined >= 20


def test_a_model_of_no_use_changes_no_status_and_no_citation(settings, build_report, asked):
    with serving_model() as server:
        model = ModelSettings(name=MODEL, base_url=server.address, api_key=KEY, timeout=20, rewrite=True)
        useless = open_assistant(settings.model_copy(update={"model": model}))

        def say(request: Request) -> Reply:
            kinds = (Reply(""), Reply("☃\x00乱码" * 30), Reply(f"{request.system}\n{request.user}"))
            return kinds[len(server.history) % 3]

        server.script = say
        changed = []
        for question, before in asked:
            useless.model._breaker.note_success()
            answer = useless.ask(question)
            told = replace(answer, text="", id="", notices=(), generated=False, made_with="")
            if told != replace(before, text="", id="", notices=()):
                changed.append(question.text)
        assert changed == []
        assert len(server.history) >= len(asked) / 2
        assert server.faults == []


QUOTE = Point("二、（四）1.：每班人数不得超过80人。[1]", (1,), ("d", "n"), is_open=True)
LIST = Point("牵头单位：扶贫办、人社局、教体局、妇联。[2]", (2,), ("d", "n"), is_open=True)
PARTS = Point("应当配备教师；应当设置工位；应当按时签到；应当全程录像。[3]", (3,), ("d", "n"), is_open=True)
CHECK = DecisionCheck("c", "师生比", "fail", "85 ÷ 4 = 21.25 > 20", "", None, {}, (), (4,))
STEP_LINE = Point("不符合——师生比：85 ÷ 4 = 21.25 > 20。[4]", (4,), ("d", "n"), CHECK, is_open=True)


@pytest.mark.parametrize(
    ("point", "sentences", "covered"),
    [
        pytest.param(QUOTE, ["每个班最多80人。[1]"], True, id="a quote"),
        pytest.param(QUOTE, ["每个班最多80人。[2]"], False, id="another citation"),
        pytest.param(QUOTE, [], False, id="nothing said"),
        pytest.param(LIST, ["由扶贫办、人社局、教体局、妇联牵头。[2]"], True, id="a whole list"),
        pytest.param(LIST, ["由扶贫办、人社局牵头。[2]"], False, id="half a list"),
        pytest.param(LIST, ["由扶贫办、人社局、教体局等牵头。[2]"], False, id="without the last"),
        pytest.param(
            PARTS, ["应当配备教师。[3]", "应当设置工位、按时签到和全程录像。[3]"], True, id="all parts"
        ),
        pytest.param(PARTS, ["应当配备教师。[3]", "应当设置工位。[3]"], False, id="half the parts"),
        pytest.param(STEP_LINE, ["师生比是85÷4=21.25，高于20。[4]"], True, id="a check"),
        pytest.param(STEP_LINE, ["师生比高于20。[4]"], False, id="a check without its figures"),
        pytest.param(STEP_LINE, ["85÷4=21.25，高于20。[4]"], False, id="a check without its name"),
    ],
)
def test_a_point_is_told_only_as_a_whole(point, sentences, covered):
    assert is_covered(point, sentences, is_shared=False) is covered


def test_of_two_points_with_one_citation_the_figures_say_which_is_meant():
    hours = replace(QUOTE, text="每课时不低于40分钟。[1]")
    said = ["每个班最多80人。[1]"]
    assert is_covered(replace(QUOTE, text="每班人数不得超过80人。[1]"), said, is_shared=True)
    assert not is_covered(hours, said, is_shared=True)
