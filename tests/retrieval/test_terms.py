"""Term bags: numbering, and the same bytes from one process and from several."""

from __future__ import annotations

import random

import numpy as np
import pytest

from assistant.config import data_dir
from assistant.retrieval import terms
from assistant.retrieval.segment import Segmenter
from assistant.retrieval.terms import collect_terms, cut_terms

DICTIONARY, STOPWORDS = data_dir("corpus") / "dictionary.txt", data_dir("corpus") / "stopwords.txt"


def unpack(bags):
    cut = zip(bags.offsets, bags.offsets[1:], strict=False)
    return [[bags.words[i] for i in bags.ids[start:end]] for start, end in cut]


@pytest.mark.parametrize("seed", range(3))
def test_bags_hold_the_lists(seed):
    rng = random.Random(seed)
    lists = [[chr(0x4E00 + rng.randrange(300)) for _ in range(rng.randint(0, 9))] for _ in range(1500)]
    bags = collect_terms(lists)
    assert unpack(bags) == lists
    assert list(bags.words) == sorted({term for one in lists for term in one})
    assert bags.ids.dtype == np.int32


def test_no_text_gives_empty_bags():
    bags = collect_terms([])
    assert (bags.words, len(bags.ids), bags.offsets.tolist()) == ((), 0, [0])
    assert unpack(collect_terms([[], []])) == [[], []]


def test_worker_processes_give_the_same_bytes(monkeypatch):
    texts = [f"第{n}条 每班人数不得超过{n}人，1+X证书试点{n % 7}" for n in range(1300)] + ["", "的"]
    segmenter, seen = Segmenter(DICTIONARY, STOPWORDS), []
    alone = cut_terms(texts, segmenter, DICTIONARY, STOPWORDS, seen.append)
    assert seen == [512, 1024, 1302]
    monkeypatch.setattr(terms, "PARALLEL_FROM", 1)
    monkeypatch.setattr(terms.os, "cpu_count", lambda: 2)
    together = cut_terms(texts, segmenter, DICTIONARY, STOPWORDS, seen.append)
    assert together.words == alone.words
    assert together.ids.tobytes() == alone.ids.tobytes()
    assert together.offsets.tobytes() == alone.offsets.tobytes()
    assert unpack(alone)[80] == segmenter.terms(texts[80])


def test_where_workers_fail_this_process_cuts(monkeypatch, tmp_path, caplog):
    segmenter = Segmenter(DICTIONARY, STOPWORDS)
    monkeypatch.setattr(terms, "PARALLEL_FROM", 1)
    monkeypatch.setattr(terms.os, "cpu_count", lambda: 2)
    bags = cut_terms(["补贴标准"], segmenter, DICTIONARY, tmp_path / "gone.txt", lambda _: None)
    assert unpack(bags) == [segmenter.terms("补贴标准")]
    assert "改为单进程" in caplog.text
