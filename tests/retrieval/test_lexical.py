"""BM25 against a naive loop, and bm25s' traps."""

import math
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import CorpusError, IndexStale
from assistant.retrieval.lexical import K1, B, LexicalIndex
from assistant.retrieval.terms import collect_terms

TINY = [["补贴", "标准"], ["补贴", "补贴", "培训"], ["课时"], []]


def naive_bm25(term_lists, query):
    """Lucene's BM25, term by term."""
    n = len(term_lists)
    mean = sum(map(len, term_lists)) / n
    scores = []
    for terms in term_lists:
        score = 0.0
        for term in query:
            df = sum(term in other for other in term_lists)
            tf = terms.count(term)
            if tf:
                idf = math.log(1 + (n - df + 0.5) / (df + 0.5))
                score += idf * tf / (tf + K1 * (1 - B + B * len(terms) / mean))
        scores.append(score)
    return scores


def random_lists(seed, n_chunks=60, n_terms=40):
    rng = random.Random(seed)
    vocabulary = [chr(0x4E00 + i) for i in range(n_terms)]
    return [[rng.choice(vocabulary) for _ in range(rng.randint(0, 30))] for _ in range(n_chunks)]


@pytest.mark.parametrize("seed", range(5))
def test_scores_equal_a_naive_loop(seed):
    lists = random_lists(seed)
    index = LexicalIndex.build(collect_terms(lists))
    rng = random.Random(100 + seed)
    for _ in range(20):
        query = [chr(0x4E00 + rng.randrange(45)) for _ in range(rng.randint(1, 8))]
        assert index.scores(query) == pytest.approx(naive_bm25(lists, query), abs=1e-4)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param([], id="empty"),
        pytest.param(["未见"], id="unknown"),
        pytest.param([""], id="empty term"),
        pytest.param(["未见", "也未见"], id="two unknown"),
    ],
)
def test_nothing_known_scores_zero(query):
    scores = LexicalIndex.build(collect_terms(TINY)).scores(query)
    assert scores.dtype == np.float32
    assert scores.tolist() == [0, 0, 0, 0]


def test_unknown_terms_add_nothing_and_repeats_count():
    index = LexicalIndex.build(collect_terms(TINY))
    once = index.scores(["补贴"])
    assert index.scores(["未见", "补贴"]).tolist() == once.tolist()
    assert index.scores(("补贴", "补贴")) == pytest.approx(2 * once)


def test_idf():
    index = LexicalIndex.build(collect_terms(TINY))
    assert index.idf("补贴") == pytest.approx(math.log(1 + 2.5 / 2.5))
    assert index.idf("课时") == pytest.approx(math.log(1 + 3.5 / 1.5))
    assert index.idf("未见") == pytest.approx(math.log(1 + 4.5 / 0.5))
    assert index.idf("未见") > index.idf("课时") > index.idf("补贴") > 0


def test_saved_index_scores_alike(tmp_path, capfd):
    lists = random_lists(7)
    built = LexicalIndex.build(collect_terms(lists))
    built.save(tmp_path)
    loaded = LexicalIndex.load(tmp_path)
    query = lists[3][:5]
    assert loaded.scores(query).tolist() == built.scores(query).tolist()
    assert (loaded.n_chunks, loaded.idf(query[0])) == (60, built.idf(query[0]))
    assert capfd.readouterr() == ("", "")


def test_files_do_not_depend_on_the_hash_seed(tmp_path):
    code = (
        "import sys; from pathlib import Path\n"
        "from assistant.retrieval.lexical import LexicalIndex\n"
        "from assistant.retrieval.terms import collect_terms\n"
        "lists = [['丙', '甲'], ['乙', '甲', '丁'], list('戊己庚辛')]\n"
        "index = LexicalIndex.build(collect_terms(lists))\n"
        "index.save(Path(sys.argv[1]))"
    )
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / seed)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path.cwd())},
            check=True,
        )
    first, second = ({p.name: p.read_bytes() for p in (tmp_path / seed).iterdir()} for seed in ("1", "2"))
    assert first == second


@pytest.mark.parametrize("lists", [[], [[]], [[], []]], ids=["no chunk", "one bare", "two bare"])
def test_no_terms_is_an_error(lists):
    with pytest.raises(CorpusError, match="没有可以索引"):
        LexicalIndex.build(collect_terms(lists))


def test_damaged_files_are_refused(tmp_path):
    LexicalIndex.build(collect_terms(TINY)).save(tmp_path)
    for path in sorted(tmp_path.iterdir()):
        content = path.read_bytes()
        for damage in (None, b""):
            path.unlink()
            if damage is not None:
                path.write_bytes(damage)
            with pytest.raises(IndexStale, match="词语索引损坏"):
                LexicalIndex.load(tmp_path)
            path.write_bytes(content)
