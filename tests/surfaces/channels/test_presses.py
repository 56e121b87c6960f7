"""Buttons fit into 64 bytes and are read back; what is none of ours is nothing."""

from __future__ import annotations

import pytest

from assistant.surfaces.channels import presses
from assistant.surfaces.channels.state import ChatState, GuideState, read_state
from assistant.surfaces.inbound import new_session

LONG_ID = "某县职业技能提升行动实施方案-2021#" + "2.4.21.1" * 30
WRITTEN = {
    "clause": presses.write_clause(LONG_ID),
    "vote": presses.write_vote("down", "f" * 16, new_session()),
    "place": presses.write_place("411526"),
    "everywhere": presses.write_place("all"),
    "begin": presses.write_begin(),
    "step": presses.write_step("某个很长的事实标识" * 9, "127"),
    "skip": presses.write_step("class_size", "skip"),
    "quick": presses.write_quick("f" * 16, 12),
    "again": presses.write_again(10**17),
}


@pytest.mark.parametrize("data", WRITTEN.values(), ids=WRITTEN)
def test_a_button_fits_and_is_read_back(data):
    assert len(data.encode()) <= presses.LONGEST
    assert presses.read_press(data) is not None


@pytest.mark.parametrize(
    "data", ["", "x", "c:", "c:" + "g" * 16, "v:sideways:a:b", "r:１２３４５６", "q:a:-1", "k2", "o:"]
)
def test_what_is_no_button(data):
    assert presses.read_press(data) is None


def test_a_state_is_read_back_and_an_older_one_is_a_new_one():
    state = ChatState(
        token="t", region="潢川县", guide=GuideState(facts={"a": "1"}, asked="b", skipped=("c",))
    )
    assert read_state(state.write()) == state
    assert read_state("") == read_state('{"former": 1}') == read_state("[") == ChatState()
