from __future__ import annotations

import pytest

from assistant.documents.numbering import Label, read_label
from assistant.documents.tree import nest_labels


def labels(text: str) -> list[Label]:
    found = [read_label(f"{word}　字") for word in text.split()]
    return [label for label in found if label]


NESTS = {
    "five levels": (
        "一、 （一） 1. （1） ① ② （2） 2. （二） 二、",
        ["0", "01", "012", "0123", "01234", "01235", "0126", "017", "08", "9"],
    ),
    "numbers run on across headings": (
        "一、 （一） （二） 二、 （三） 三、 （四）",
        ["0", "01", "02", "3", "34", "5", "56"],
    ),
    "items below an article": (
        "第一章 第一条 （一） （二） 第二条 第二章 第三条",
        ["0", "01", "012", "013", "04", "5", "56"],
    ),
    "circled above numbers": ("① 1. 2. ② 1.", ["0", "01", "02", "3", "34"]),
    "a level is left out": ("一、 1. 2. 二、 1.", ["0", "01", "02", "3", "34"]),
    "a number is missing": ("1. 2. 4.", ["0", "1", "2"]),
    "brackets first, then 一、": ("（一） 1. （二） 一、", ["0", "01", "2", "3"]),
    "starts again": ("1. 2. 1. 2.", ["0", "1", "2", "3"]),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("text", "chains"), NESTS.values(), ids=NESTS)
def test_nesting(text: str, chains: list[str]) -> None:
    expected = [tuple(int(c) for c in chain) for chain in chains]
    assert nest_labels(labels(text)) == expected


def test_an_announced_list_of_the_same_family_nests_once() -> None:
    found = labels("1. 1. 2. 2. 3.")
    chains = nest_labels(found, [False, True, False, False, False])
    assert chains == [(0,), (0, 1), (0, 2), (3,), (4,)]
    deep = nest_labels(labels("1. 1. 1. 1."), [False, True, True, True])
    assert max(len(chain) for chain in deep) == 2
