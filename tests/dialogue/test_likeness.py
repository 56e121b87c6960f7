"""Which of several wordings a question is like, and which of the rules it means."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.dialogue.likeness import Likeness


class _Hashing:
    """Embeds a text as the counts of its characters."""

    name, dimensions = "characters", 256

    def embed_documents(self, texts):
        return np.array([self.embed_query(text) for text in texts], dtype=np.float32)

    def embed_query(self, text):
        vector = np.zeros(self.dimensions, dtype=np.float32)
        for char in text:
            vector[ord(char) % self.dimensions] += 1
        return vector / max(float(np.linalg.norm(vector)), 1e-9)


SAMPLES = {
    "a/teachers": ("还差教师数", "老师还差几个", "教师还缺多少", "还要配几名老师"),
    "a/workstations": ("还差工位数", "工位还差几个", "机器还缺多少台", "还要添几个工位"),
    "b/teachers": ("教师总数", "老师一共几个"),
}


@pytest.fixture
def likeness():
    return Likeness(SAMPLES, _Hashing(), {key: key[0] for key in SAMPLES})


def test_the_most_alike_wording_counts(likeness):
    found = likeness.compare("老师还差几个")
    assert found["a/teachers"] == pytest.approx(1.0)
    assert found["a/teachers"] > found["a/workstations"] > 0


@pytest.mark.parametrize(
    ("question", "meant"), [("工位缺多少", "a/workstations"), ("还要几名教师", "a/teachers")]
)
def test_what_only_one_rule_says_tells_it_apart(likeness, question, meant):
    apart = likeness.tell_apart(question)
    own = {key: value for key, value in apart.items() if key.startswith("a/")}
    assert max(own, key=own.__getitem__) == meant
    assert own[meant] > 2 * sorted(own.values())[0]


def test_another_group_changes_nothing(likeness):
    alone = Likeness({k: v for k, v in SAMPLES.items() if k.startswith("a/")}, _Hashing())
    apart = likeness.tell_apart("工位还差几个")
    assert {k: v for k, v in apart.items() if k.startswith("a/")} == alone.tell_apart("工位还差几个")
    assert apart["a/workstations"] == pytest.approx(1.0, abs=0.25)


def test_without_wordings_nothing_is_alike():
    assert Likeness({}, _Hashing()).compare("老师") == Likeness({}, _Hashing()).tell_apart("老师") == {}
