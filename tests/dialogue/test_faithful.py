"""What the gate of worded sentences lets through: scripted lies, faithful rewordings and changed sentences of the product's own answers.

The answers, their citations and decisions are made by the product on the shipped corpus. `TIAOWEN_TEST_FULL=1` takes every case of the
evaluation sets for the changed sentences, which takes minutes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.app import Assistant
from assistant.dialogue.faithful import Fault, Ground, build_ground, find_fault, split_sentences
from assistant.errors import RequestInvalid
from assistant.models import Answer, Question
from tests.dialogue.mutations import Mutation, distort, mutate

AS_OF = date(2026, 11, 21)
HERE = Path(__file__).parent
CASES = HERE.parents[1] / "evals" / "cases"
IS_FULL = bool(os.environ.get("TIAOWEN_TEST_FULL"))
Grounded = Callable[[str, str], Ground]


@dataclass(frozen=True)
class Case:
    """What a model might say of one answer; `is_held` where it was written after the gate was built."""

    asked: str
    region: str
    text: str
    kind: str
    is_held: bool

    @property
    def name(self) -> str:
        return f"{self.kind}: {self.text[:40]}"


def read_cases(name: str) -> list[Case]:
    """The cases of a file."""
    cases = []
    for entry in yaml.safe_load((HERE / name).read_text(encoding="utf-8")):
        for say in entry["say"]:
            told = {"text": say, "kind": "faithful"} if isinstance(say, str) else say
            cases.append(
                Case(entry["asked"], entry["region"], told["text"], told["kind"], entry.get("held", False))
            )
    return cases


LIES, FAITHFUL = read_cases("lies.yaml"), read_cases("faithful.yaml")


@pytest.fixture(scope="module")
def grounded(real_assistant: Assistant) -> Grounded:
    """The ground of the product's answer to a question, made once."""
    known: dict[tuple[str, str], Ground] = {}

    def find(asked: str, region: str) -> Ground:
        if (asked, region) not in known:
            answer = real_assistant.ask(Question(asked, AS_OF, region))
            known[asked, region] = _ground(real_assistant, answer, asked)
        return known[asked, region]

    return find


def _ground(assistant: Assistant, answer: Answer, said: str) -> Ground:
    return build_ground(
        answer, assistant.corpus.document_by_id, assistant.regions, said, assistant.retriever.thesaurus
    )


def _find_faults(text: str, ground: Ground) -> list[Fault]:
    return [fault for sentence in split_sentences(text) if (fault := find_fault(sentence, ground))]


# -- scripted ------------------------------------------------------------------------------------------


def test_there_are_enough_scripts():
    assert len(LIES) >= 120
    assert len(FAITHFUL) >= 120
    for cases in (LIES, FAITHFUL):
        assert sum(case.is_held for case in cases) >= len(cases) // 2 - 5


@pytest.mark.parametrize("case", LIES, ids=lambda case: case.name)
def test_a_lie_is_caught(case, grounded):
    assert _find_faults(case.text, grounded(case.asked, case.region))


def test_a_faithful_rewording_passes(grounded):
    failed = {
        case.text: faults[0]
        for case in FAITHFUL
        if (faults := _find_faults(case.text, grounded(case.asked, case.region)))
    }
    assert len(failed) <= 0.05 * len(FAITHFUL), "\n".join(
        f"{fault}: {text}" for text, fault in failed.items()
    )


# -- the product's own sentences, and each with one change ----------------------------------------------


@dataclass(frozen=True)
class Told:
    """A sentence of an extractive answer without its marks, and the marks."""

    text: str
    marks: str
    ground: Ground

    def find_fault(self) -> Fault | None:
        return find_fault(self.text + self.marks, self.ground)


@pytest.fixture(scope="module")
def told(real_assistant: Assistant) -> list[Told]:
    """Sentences of the answers to the evaluation's questions and of decisions about its facts."""
    found: dict[str, Told] = {}
    for answer, said in _ask_all(real_assistant):
        ground = _ground(real_assistant, answer, said)
        for line in ground.trace:
            marks = "".join(f"[{n}]" for n in line.cites)
            for sentence in split_sentences(line.text):
                if len(sentence + marks) <= 400:
                    found.setdefault(sentence + marks, Told(sentence, marks, ground))
    return list(found.values())


def _ask_all(assistant: Assistant) -> Iterator[tuple[Answer, str]]:
    for case in _read_lines("dev.jsonl", every=1 if IS_FULL else 2):
        answer = assistant.ask(Question(case["question"], AS_OF, case["region"]))
        if answer.status != "refused":
            yield answer, case["question"]
    for case in _read_lines("facts.jsonl", every=1 if IS_FULL else 40):
        if "/" not in case["rule"]:
            continue
        words = {True: "是", False: "否"}
        facts = {k: words[v] if isinstance(v, bool) else str(v) for k, v in case["facts"].items()}
        day = date.fromisoformat(case["as_of"])
        question = Question("", day, case.get("region"), facts=facts)
        # Some cases are of facts that cannot be used.
        with suppress(RequestInvalid):
            yield assistant.decide(case["rule"], question), " ".join(facts.values())


def _read_lines(name: str, every: int) -> list[dict]:
    lines = (CASES / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[::every]]


def test_extractive_sentences_pass(told):
    failed = {t.text: fault for t in told if (fault := t.find_fault())}
    assert len(told) > 200
    assert len(failed) <= 0.01 * len(told), "\n".join(f"{fault}: {text}" for text, fault in failed.items())


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        (mutate, {"number", "unit", "comparator", "negation", "force"}),
        (distort, {"appended", "prefixed", "replaced", "year", "exchanged"}),
    ],
    ids=["mutate", "distort"],
)
def test_a_changed_sentence_is_caught(change, kinds, told):
    changed: list[Mutation] = []
    missed: list[Mutation] = []
    for t in told:
        if t.find_fault() or (change is distort and t.ground.outcome):
            continue
        for mutation in change(t.text):
            changed.append(mutation)
            if find_fault(mutation.text + t.marks, t.ground) is None:
                missed.append(mutation)
    assert {m.kind for m in changed} == kinds
    assert len(missed) <= 0.02 * len(changed), "\n".join(f"{m.change}: {m.text}" for m in missed)


# -- pieces ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("甲。[1]乙。[2]", ["甲。[1]", "乙。[2]"]),
        ("甲[1]。乙[2]。", ["甲[1]。", "乙[2]。"]),
        ("甲；[1][2]\n乙", ["甲；[1][2]", "乙"]),
        ("原文是“甲。乙。”[1]丙。", ["原文是“甲。乙。”[1]丙。"]),
        ("甲（乙；丙）。[1]", ["甲（乙；丙）。[1]"]),
        ("甲（乙\n丙。[1]", ["甲（乙", "丙。[1]"]),
        ("\n \n", []),
    ],
    ids=["behind", "before", "line", "quoted", "bracket", "unclosed", "blank"],
)
def test_marks_stay_with_the_sentence_before_them(text, sentences):
    assert split_sentences(text) == sentences


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("每班人数不得超过80人。", "uncited"),
        ("每班人数不得超过80人。[9]", "unknown_citation"),
        ("每班人数不得超过81人。[1]", "number"),
        ("每班人数不得超过80课时。[1]", "unit"),
        ("每班人数不得少于80人。[1]", "comparator"),
        ("每课时不低于40分钟，每班人数不超过20人。[1]", "unit"),
        ("信阳市规定每班人数不得超过80人。[1]", "region"),
        ("2019年每班人数不得超过80人。[1]", "year"),
        ("《办学条例》规定每班人数不得超过80人。[1]", "document"),
        ("“每班人数至多80人”。[1]", "quote"),
        ("每班人数不得超过80人，符合要求。[1]", "verdict"),
        ("每班人数不得超过80人，并缴纳保证金。[1]", "off_clause"),
        ("每班人数不得超过80人，见 http://x.cn 。[1]", "instruction"),
        ("每班人数不得超过\u200b80人。[1]", "script"),
        ("每班" * 250 + "。[1]", "length"),
        ("……[1]", "off_clause"),
    ],
    ids=lambda value: value if value.isascii() else value[:16],
)
def test_a_fault_says_what_is_wrong(text, kind, grounded):
    fault = find_fault(text, grounded("潢川一个班最多多少人？", "潢川县"))
    assert fault is not None
    assert fault.kind == kind
    assert fault.words


@pytest.mark.parametrize(
    "text",
    ["根据上述文件，具体要求如下：", "以上是相关规定。", "您问的情况如下："],
    ids=["lead", "close", "told"],
)
def test_a_sentence_that_only_connects_needs_no_citation(text, grounded):
    assert find_fault(text, grounded("潢川一个班最多多少人？", "潢川县")) is None


_BITS = (
    *'0159.,:%百千万亿零〇一二两三十年月日号人次课时元第之分成半不无未得可应须的，。；：（）()“”"‘’《》〈〔〕[]①²½-—～…+×÷≤>=',
    *(
        "每班人数",
        "不得超过",
        "80",
        "1:20",
        "0:0",
        "百分之",
        "附件1",
        "2021年",
        "〔2021〕1号",
        "[1]",
        "[2]",
        "\n",
        "\u200b",
        "é",
    ),
)


@given(st.lists(st.sampled_from(_BITS), max_size=40).map("".join))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_breaks_the_gate(grounded, text):
    ground = grounded("潢川一个班最多多少人？", "潢川县")
    for sentence in split_sentences(text):
        fault = find_fault(sentence, ground)
        assert fault is None or fault.kind
