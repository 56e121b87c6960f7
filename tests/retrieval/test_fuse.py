"""The normalised sum of two score lists."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assistant.retrieval.fuse import COMPANY, HALF_COMPANY, add_company, fuse_scores

SCORE = st.floats(-1, 80, width=32)
LISTS = st.integers(1, 12).flatmap(
    lambda n: st.tuples(st.lists(SCORE, min_size=n, max_size=n), st.lists(SCORE, min_size=n, max_size=n))
)
WEIGHT = st.floats(0, 1)


def floats(*values):
    return np.array(values, dtype=np.float32)


@pytest.mark.parametrize(
    ("lexical", "dense", "weight", "expected"),
    [
        pytest.param([10, 5, 0], [0, 0.5, 1], 0.5, [0.5, 0.5, 0.5], id="both stand out alike"),
        pytest.param([10, 5, 0], [0.2, 0.1, 0.4], 1.0, [1, 0.5, 0], id="words alone"),
        pytest.param([10, 5, 0], [0.2, 0.1, 0.4], 0.0, [0.5, 0.25, 1], id="vectors alone"),
        pytest.param([10, 0], [0.9, 1], 0.5, [0.9705, 0.2955], id="the words stand out"),
        pytest.param([9, 10], [1, 0], 0.5, [0.9705, 0.2955], id="the vectors stand out"),
        pytest.param([0, 0], [1, 1], 0.6, [0.4, 0.4], id="no word in common, no vector stands out"),
        pytest.param([0, 0], [0.5, 1], 0.6, [0.3, 0.6], id="no word in common"),
        pytest.param([4, 2], [0, 0], 0.6, [0.8, 0.4], id="a vector of zeros"),
        pytest.param([4, 2], [-0.5, -1], 0.6, [0.8, 0.4], id="negative cosines count as none"),
        pytest.param([0, 0], [-1, 0], 0.6, [0, 0], id="nothing at all"),
        pytest.param([3], [0.1], 0.6, [1], id="the only one is the best of both"),
        pytest.param([], [], 0.6, [], id="empty"),
    ],
)
def test_fused_scores(lexical, dense, weight, expected):
    fused = fuse_scores(floats(*lexical), floats(*dense), weight)
    assert fused.dtype == np.float32
    assert fused == pytest.approx(expected, abs=1e-4)


def test_a_leg_that_does_not_know_gives_way():
    """Six places, of which one leg tells them apart and the other does not."""
    sure, unsure = floats(10, 1, 1, 1, 1, 1), floats(0.95, 1, 0.99, 0.98, 0.97, 0.96)
    for lexical, dense in ((sure, unsure), (unsure, sure)):
        fused = fuse_scores(lexical, dense, 0.5)
        assert int(np.argmax(fused)) == 0
        assert fused[0] > 0.5 * lexical[0] / lexical.max() + 0.5 * dense[0] / dense.max()


@given(lists=LISTS, weight=WEIGHT)
def test_scores_lie_between_none_and_one(lists, weight):
    fused = fuse_scores(floats(*lists[0]), floats(*lists[1]), weight)
    assert np.isfinite(fused).all()
    assert ((fused >= 0) & (fused <= 1 + 1e-6)).all()


@given(lists=LISTS, weight=WEIGHT)
def test_better_in_both_is_never_worse_fused(lists, weight):
    lexical, dense = map(np.array, lists)
    fused = fuse_scores(floats(*lexical), floats(*dense), weight)
    better = (lexical[:, None] >= lexical) & (dense[:, None] >= dense)
    assert (fused[:, None] >= fused)[better].all()


@given(lists=LISTS, weight=WEIGHT, scale=st.sampled_from([0.5, 2.0, 1024.0]))
def test_the_unit_of_a_leg_does_not_matter(lists, weight, scale):
    lexical, dense = floats(*lists[0]), floats(*lists[1])
    assume(lexical.max() > 1e-30)
    assert fuse_scores(lexical, dense, weight) == pytest.approx(
        fuse_scores(lexical * np.float32(scale), dense, weight), abs=1e-6
    )


def test_a_law_with_more_to_say_comes_first():
    """One chance hit of a law by itself against one nearly as good of a law that the question hits nine times."""
    fused = floats(1, *[0.95] * 9)
    raised = add_company(fused, np.array([5, *[2] * 9]))
    assert raised.dtype == np.float32
    assert (raised[1:] > raised[0]).all()
    assert raised[0] == pytest.approx((1 + COMPANY / (1 + HALF_COMPANY)) / (1 + COMPANY))


def test_few_documents_keep_their_order():
    """Where each document has many candidates, what they lead by is not outweighed."""
    fused = floats(*np.linspace(1, 0.02, 50))
    owners = np.arange(50) % 3
    assert np.argsort(-add_company(fused, owners)).tolist() == list(range(50))


@given(
    scores=st.lists(st.tuples(st.floats(0, 1, width=32), st.integers(0, 4)), max_size=30),
)
def test_company_keeps_the_scale_and_the_order_within_a_document(scores):
    fused = floats(*(score for score, _ in scores))
    owners = np.array([owner for _, owner in scores], dtype=np.int64)
    raised = add_company(fused, owners)
    assert ((raised >= 0) & (raised <= 1 + 1e-6)).all()
    for owner in set(owners.tolist()):
        own = fused[owners == owner]
        gained = raised[owners == owner] * (1 + COMPANY) - own
        assert gained == pytest.approx(gained[0], abs=1e-5)
