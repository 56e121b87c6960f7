"""Vector legs: the exact scan against brute force, Chroma against the exact scan."""

import threading
import time

import numpy as np
import pytest

from assistant.errors import ConfigError, IndexStale, ModelError, StoreError
from assistant.retrieval import chroma
from assistant.retrieval.dense import ExactVectors, FallbackVectors, check_vectors

DIM = 32


def random_vectors(n, seed=0, dim=DIM):
    vectors = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def documents_of(n):
    return [f"d{i % 5}" for i in range(n)]


def brute_force(vectors, documents_of_chunks, query, top_k, documents):
    query = query.astype(np.float64) / np.linalg.norm(query.astype(np.float64))
    scored = [
        (i, float(np.float32(np.dot(row.astype(np.float64), query))))
        for i, row in enumerate(vectors)
        if row.any() and (documents is None or documents_of_chunks[i] in documents)
    ]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[:top_k]


FILTERS = [
    pytest.param(None, id="all"),
    pytest.param(frozenset(["d1"]), id="one document"),
    pytest.param(frozenset(["d0", "d3", "unknown"]), id="two and an unknown"),
    pytest.param(frozenset(["unknown"]), id="unknown only"),
    pytest.param(frozenset(), id="empty set"),
]


@pytest.mark.parametrize("documents", FILTERS)
@pytest.mark.parametrize("top_k", [1, 7, 200, 1000])
def test_exact_scan_is_brute_force(documents, top_k):
    vectors = random_vectors(300)
    exact = ExactVectors(vectors, documents_of(300))
    for query in random_vectors(5, seed=1):
        found = exact.search(3 * query, top_k, documents)
        expected = brute_force(vectors, documents_of(300), query, top_k, documents)
        assert [p for p, _ in found] == [p for p, _ in expected]
        assert [s for _, s in found] == pytest.approx([s for _, s in expected], abs=1e-6)


def test_ties_break_by_position_and_zero_rows_are_never_found():
    vectors = np.zeros((6, 3), dtype=np.float32)
    vectors[[1, 2, 4, 5], [0, 0, 0, 1]] = 1
    exact = ExactVectors(vectors, ["d"] * 6)
    query = np.array([1, 0, 0], dtype=np.float32)
    assert exact.search(query, 2) == [(1, 1.0), (2, 1.0)]
    assert exact.search(query, 9) == [(1, 1.0), (2, 1.0), (4, 1.0), (5, 0.0)]
    assert exact.search(0 * query, 9) == []


@pytest.mark.parametrize("shape", [(3,), (DIM, 1), (0,)])
def test_wrong_dimension_is_named(shape):
    exact = ExactVectors(random_vectors(4), documents_of(4))
    with pytest.raises(IndexStale, match="维"):
        exact.search(np.ones(shape, dtype=np.float32), 1)


def test_rows_and_documents_must_match():
    with pytest.raises(ValueError, match="4 vectors for 3"):
        ExactVectors(random_vectors(4), documents_of(3))


@pytest.mark.parametrize(
    ("vectors", "fault"),
    [
        pytest.param(random_vectors(2), None, id="unit"),
        pytest.param(np.zeros((2, DIM), dtype=np.float32), None, id="zeros"),
        pytest.param(random_vectors(3), "应为", id="too many"),
        pytest.param(random_vectors(2, dim=8), "应为", id="wrong dimension"),
        pytest.param(2 * random_vectors(2), "归一化", id="not normalised"),
        pytest.param(np.nan * random_vectors(2), "归一化", id="not a number"),
    ],
)
def test_check_vectors(vectors, fault):
    if fault is None:
        assert check_vectors(vectors, 2, DIM) is vectors
        return
    with pytest.raises(ModelError, match=fault):
        check_vectors(vectors, 2, DIM)


class BrokenLeg:
    """Fails on a script and keeps a history."""

    def __init__(self, answers):
        self.answers = list(answers)
        self.n_calls = 0
        self.is_closed = False

    def search(self, vector, top_k, documents=None):
        self.n_calls += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self):
        self.is_closed = True


def test_fallback_switches_says_so_and_comes_back(caplog):
    exact = ExactVectors(random_vectors(9), documents_of(9))
    broken = BrokenLeg([[(0, 0.5)], StoreError("连不上 Chroma 服务器")])
    reopened = [StoreError("还是连不上"), BrokenLeg([[(1, 0.5)]])]
    tried = threading.Event()

    def reopen():
        leg = reopened.pop(0)
        if isinstance(leg, Exception):
            tried.set()
            raise leg
        return leg

    leg = FallbackVectors(reopen, exact, broken, retry_seconds=0.0)
    query = random_vectors(1, seed=4)[0]
    assert (leg.search(query, 3), leg.fault) == ([(0, 0.5)], "")
    assert leg.search(query, 3) == exact.search(query, 3)
    assert (leg.fault, broken.is_closed) == ("连不上 Chroma 服务器", True)
    assert leg.search(query, 3) == exact.search(query, 3)  # which begins the first attempt
    assert tried.wait(5)
    deadline = time.monotonic() + 5
    while leg.fault and time.monotonic() < deadline:
        if reopened:
            assert leg.search(query, 3) == exact.search(query, 3)
        time.sleep(0.001)
    assert (leg.search(query, 3), leg.fault, broken.n_calls) == ([(1, 0.5)], "", 2)
    assert [r.message for r in caplog.records] == [
        "连不上 Chroma 服务器；改用 vectors.npy 精确检索，结果不变",
        "Chroma 恢复，重新由它检索",
    ]
    leg.close()


def test_fallback_leaves_a_failed_leg_alone_for_a_while():
    exact = ExactVectors(random_vectors(9), documents_of(9))
    leg = FallbackVectors(lambda: pytest.fail("opened too early"), exact, fault="连不上", retry_seconds=60)
    query = random_vectors(1, seed=4)[0]
    assert all(leg.search(query, 3) == exact.search(query, 3) for _ in range(5))
    assert leg.fault == "连不上"


def make_collection(folder, vectors, documents):
    client = chroma.open_client(folder, None)
    chroma.write_collection(client, "tiaowen-test", vectors, documents)
    client.close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A closed Chroma folder and its exact scan; with doublets, a long tie and rows of zeros."""
    vectors = random_vectors(800)
    vectors[100:140] = vectors[99]
    vectors[[5, 300]] = 0
    folder = tmp_path_factory.mktemp("chroma") / "chroma"
    make_collection(folder, vectors, documents_of(800))
    return folder, ExactVectors(vectors, documents_of(800))


@pytest.fixture
def opened(filled):
    folder, exact = filled
    client = chroma.open_client(folder, None)
    leg = chroma.ChromaVectors(client, "tiaowen-test", exact)
    yield leg, exact
    leg.close()


@pytest.mark.parametrize("documents", FILTERS)
@pytest.mark.parametrize("top_k", [1, 10, 100, 900])
def test_chroma_equals_the_exact_scan(opened, documents, top_k):
    leg, exact = opened
    queries = [*random_vectors(10, seed=2), exact.vectors[99], exact.vectors[0]]
    for query in queries:
        assert leg.search(query, top_k, documents) == exact.search(query, top_k, documents)


def test_chroma_checks_the_query(opened):
    leg, _ = opened
    assert leg.search(np.zeros(DIM, dtype=np.float32), 3) == []
    with pytest.raises(IndexStale, match="维"):
        leg.search(np.ones(3, dtype=np.float32), 3)


def test_probe_sees_other_vectors(filled, opened):
    leg, _ = opened
    leg.probe()
    others = random_vectors(800, seed=9)
    others[[5, 300]] = 0
    client = chroma.open_client(filled[0], None)
    other = chroma.ChromaVectors(client, "tiaowen-test", ExactVectors(others, documents_of(800)))
    with pytest.raises(IndexStale, match="不一致"):
        other.probe()
    other.close()


def test_missing_and_short_collections_are_refused(filled):
    client = chroma.open_client(filled[0], None)
    with pytest.raises(IndexStale, match="Chroma"):
        chroma.ChromaVectors(client, "tiaowen-other", filled[1])
    more = ExactVectors(random_vectors(700), documents_of(700))
    with pytest.raises(IndexStale, match="798 个向量，应有 700"):
        chroma.ChromaVectors(client, "tiaowen-test", more)
    client.close()


@pytest.mark.parametrize("n_chunks", [1, 2, 3, 50])
def test_seal_outlives_use_and_sees_damage(tmp_path, n_chunks):
    folder = tmp_path / "chroma"
    exact = ExactVectors(random_vectors(n_chunks), documents_of(n_chunks))
    make_collection(folder, exact.vectors, exact.documents_of_chunks)
    seal = chroma.seal_folder(folder)
    for _ in range(2):
        client = chroma.open_client(folder, None)
        leg = chroma.ChromaVectors(client, "tiaowen-test", exact)
        leg.probe()
        leg.close()
        chroma.check_seal(folder, seal)
    for path in sorted(p for p in folder.rglob("*") if p.stat().st_size and p.is_file()):
        if n_chunks == 1 and path.name != chroma.DATABASE:
            continue
        content = path.read_bytes()
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]
        damages = [None, b"", content[:middle]]
        if path.name != chroma.DATABASE:
            damages.append(flipped)
        for damage in damages:
            path.unlink(missing_ok=True)
            if damage is not None:
                path.write_bytes(damage)
            with pytest.raises(IndexStale, match="Chroma"):
                chroma.check_seal(folder, seal)
        path.write_bytes(content)
    chroma.check_seal(folder, seal)


def test_seal_sees_changed_rows(tmp_path):
    import sqlite3

    make_collection(tmp_path / "chroma", random_vectors(20), documents_of(20))
    seal = chroma.seal_folder(tmp_path / "chroma")
    store = sqlite3.connect(tmp_path / "chroma" / chroma.DATABASE)
    store.execute("UPDATE embedding_metadata SET string_value = 'd9' WHERE id = 3")
    store.commit()
    store.close()
    with pytest.raises(IndexStale, match="损坏"):
        chroma.check_seal(tmp_path / "chroma", seal)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        pytest.param("127.0.0.1:8001", ConfigError, id="no scheme"),
        pytest.param("ftp://127.0.0.1", ConfigError, id="other scheme"),
        pytest.param("http://127.0.0.1:9", StoreError, id="nobody listens"),
    ],
)
def test_bad_server_addresses(url, error):
    with pytest.raises(error, match="Chroma"):
        chroma.open_client(None, url)


@pytest.mark.chroma_server
def test_server_equals_the_exact_scan_and_its_death_is_survived(chroma_server):
    url, process = chroma_server
    vectors = random_vectors(400)
    exact = ExactVectors(vectors, documents_of(400))
    client = chroma.open_client(None, url)
    for _ in range(2):
        chroma.write_collection(client, "tiaowen-test", vectors, documents_of(400))
    chroma.write_collection(client, "tiaowen-old", vectors, documents_of(400))
    for _ in range(2):
        chroma.delete_collection(client, "tiaowen-old")
    assert [c.name for c in client.list_collections()] == ["tiaowen-test"]
    leg = chroma.ChromaVectors(client, "tiaowen-test", exact)
    leg.probe()
    for query in random_vectors(10, seed=2):
        for documents in (None, frozenset(["d1", "d4"])):
            assert leg.search(query, 20, documents) == exact.search(query, 20, documents)
    process.kill()
    process.wait()
    with pytest.raises(StoreError, match="连不上"):
        leg.search(vectors[0], 5)
    assert FallbackVectors(lambda: leg, exact, leg).search(vectors[0], 5) == exact.search(vectors[0], 5)
