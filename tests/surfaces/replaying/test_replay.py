"""An old answer is made again byte for byte on its own index, and what the present one says otherwise is told."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import date

import pytest

from assistant.app import Assistant, build_indexes
from assistant.config import RetrievalSettings, Settings, StoreSettings, data_dir
from assistant.errors import IndexMissing
from assistant.models import Question
from assistant.store.store import find_store
from assistant.surfaces.inbound import NotFound
from assistant.surfaces.replaying.replay import replay_answer
from assistant.surfaces.replaying.told import replay_object, tell_again, tell_past

DAY = date(2021, 12, 31)
IDENTITY = "11010519491231002X"


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """A copy of the corpus, its index, and a store."""
    folder = tmp_path_factory.mktemp("replay")
    shutil.copytree(data_dir("corpus"), folder / "corpus")
    made = Settings(
        _env_file=None,
        corpus_dir=folder / "corpus",
        index_dir=folder / "indexes",
        store=StoreSettings(url=f"sqlite:///{folder / 'tiaowen.db'}"),
        retrieval=RetrievalSettings(vectors="exact"),
    )
    build_indexes(made)
    return made


def ask(assistant, text, session="s", **given):
    fields = {"as_of": DAY, "region": "潢川县", "session_id": session, **given}
    return assistant.ask(Question(text, **fields))


_OPENED = {}


def open_once(settings, generation=None):
    """Opened once for all tests, anew where another index serves."""
    names = generation or (settings.index_dir / "CURRENT").read_text()
    key = (settings.model_dump_json(), names)
    if key not in _OPENED:
        _OPENED[key] = Assistant(settings, generation=generation)
    return _OPENED[key]


def replay(settings, answer_id, as_of=None):
    return replay_answer(open_once(settings), answer_id, lambda name: open_once(settings, name), as_of)


CONVERSATION = [
    {"text": "一个班最多能坐多少人？"},
    {"text": "那师生比呢？"},
    {"text": "我们班85个学员，4个老师，能开吗？"},
    {"text": "换成75人", "facts": {"class_hours": "60"}},
    {"text": "火星上的补贴是多少元？", "region": None},
    {"text": f"我的身份证是{IDENTITY}，每班人数不得超过多少人？"},
    {"text": "那高职呢？", "earlier": ("一个班最多能坐多少人？", "实操课时呢？")},
]


@pytest.fixture(scope="module")
def given(settings):
    """The answers of the conversation, in their order."""
    assistant = open_once(settings)
    return [ask(assistant, **turn) for turn in CONVERSATION]


@pytest.mark.parametrize("n", range(len(CONVERSATION)), ids=[turn["text"][:8] for turn in CONVERSATION])
def test_the_same_index_gives_the_same_bytes(settings, given, n):
    found = replay(settings, given[n].id)
    (again,) = found.again
    assert again.is_exact
    assert (again.basis, again.changes, again.fault) == ("same", (), "")
    assert found.body["text"]
    assert found.asked.text == CONVERSATION[n]["text"]


def test_it_does_not_hang_on_the_turns_before(settings, given):
    """What a turn was answered from is kept beside it, so that it outlives its conversation's beginning."""
    found = find_store(settings.store.url)
    (past,) = found.past.find(given[3].id)
    assert json.loads(past.asked)["before"]["rule"]
    assert replay(settings, given[3].id).again[0].is_exact


def test_numbers_of_persons_are_not_shown(settings, given):
    found = replay(settings, given[5].id)
    shown = json.dumps(replay_object(found), ensure_ascii=False) + "\n".join(tell_past(found))
    assert IDENTITY not in shown
    assert "110105************" in shown


def test_an_answer_that_is_not_known(settings):
    for answer_id in ("0123456789abcdef", "", "../x", "a" * 100, "条"):
        with pytest.raises(NotFound, match="没有编号"):
            replay(settings, answer_id)


def test_another_day_is_another_answer(settings, given):
    found = replay(settings, given[0].id, date(2026, 11, 26))
    same, present = found.again
    assert same.is_exact
    assert present.basis == "present"
    assert {c.kind for c in present.changes} >= {"notice"}
    assert "按 2026-11-26 的规定重答" in "".join(present.remarks)


def test_an_answer_of_a_former_version_is_made_again_as_well_as_can_be(settings, given, monkeypatch):
    find = type(find_store(settings.store.url).past).find

    def forgetful(self, answer_id):
        return [replace(past, asked="") for past in find(self, answer_id)]

    monkeypatch.setattr(type(find_store(settings.store.url).past), "find", forgetful)
    found = replay(settings, given[1].id)
    (again,) = found.again
    assert again.basis == "present"
    assert "旧版程序" in again.remarks[0]
    assert again.body["status"] == found.body["status"]


def test_a_frame_that_changed_is_told(settings, given):
    changed = settings.model_copy(update={"retrieval": RetrievalSettings(vectors="exact", candidates=50)})
    again = replay(changed, given[0].id).again[0]
    assert "检索设置" in again.remarks[0]


@pytest.fixture(scope="module")
def amended(settings, given):
    """The law was changed: 80 is 60 now. Its old index is still there."""
    source = settings.corpus_dir / "documents" / "huangchuan-2021-1" / "source.txt"
    text = source.read_text(encoding="utf-8")
    assert "不得超过80人" in "".join(text.split())
    source.write_text(re.sub(r"不得超过(\s*)80(\s*)人", r"不得超过\g<1>60\g<2>人", text), encoding="utf-8")
    build_indexes(settings)
    return settings


def test_what_changed_since_is_told_in_words(amended, given):
    same, present = replay(amended, given[0].id).again
    assert same.is_exact
    assert same.generation != present.generation
    assert not present.is_exact
    told = "\n".join(tell_again(present))
    assert "数字不再出现：80" in told
    assert "数字新出现：60" in told
    assert "不再引用 潢技领办〔2021〕1号" in told
    assert "有 " in told.splitlines()[0]


def test_an_index_that_has_gone_is_told(amended, given):
    (past,) = find_store(amended.store.url).past.find(given[0].id)
    name = json.loads(past.asked)["generation"]
    shutil.rmtree(amended.index_dir / name)
    _OPENED.pop((amended.model_dump_json(), name))
    same, present = replay(amended, given[0].id).again
    assert same.body is None
    assert "已经不在了" in same.fault
    assert "KEPT_GENERATIONS" in same.fault
    assert present.body is not None


@pytest.mark.parametrize("name", ["0123456789abcdef", "../../etc", "CURRENT"])
def test_an_index_is_opened_by_a_name_of_one_only(amended, name):
    with pytest.raises(IndexMissing):
        Assistant(amended, generation=name)
