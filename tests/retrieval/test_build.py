"""Index generations: what is written, what survives damage and kill -9, what is reused."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.config import RetrievalSettings, data_dir
from assistant.errors import (
    ConfigError,
    CorpusError,
    IndexMissing,
    IndexStale,
    ModelError,
    StoreError,
)
from assistant.models import Chunk
from assistant.retrieval import build as build_module
from assistant.retrieval import chroma, generation
from assistant.retrieval.build import STAGES, build_index
from assistant.retrieval.build_inputs import BuildInputs, choose_mode
from assistant.retrieval.dense import ExactVectors, FallbackVectors
from assistant.retrieval.generation import list_generations, read_current
from assistant.retrieval.opened import open_generation
from assistant.retrieval.segment import Segmenter, encode_table

EXACT = RetrievalSettings(vectors="exact")
EMBEDDED = RetrievalSettings(vectors="chroma")


class HashEmbedder:
    """Characters hashed into 16 dimensions; keeps what it was asked."""

    def __init__(self, name="hash"):
        self.name = name
        self.dim = 16
        self.asked = []

    def embed_documents(self, texts):
        self.asked += texts
        return np.stack([self.embed_query(text) for text in texts])

    def embed_query(self, text):
        vector = np.zeros(self.dim, dtype=np.float32)
        for character in text:
            vector[hashlib.sha256(character.encode()).digest()[0] % self.dim] += 1
        return vector / max(float(np.linalg.norm(vector)), 1e-9)


def make_chunk(number, text):
    digest = hashlib.sha256(text.encode()).hexdigest()
    clause = f"d{number % 3}#{number}"
    return Chunk(clause, clause, f"d{number % 3}", 0, len(text), text, digest)


TEXTS = [f"第{i}条 培训补贴标准为每人{i * 7}元，每班人数不超过{i}人" for i in range(1, 25)]


def tiny_segmenter(dictionary, stopwords):
    """A real segmenter over a few words; jieba's dictionary takes a second and 6 MB."""
    record = {"stop_words": [str(dictionary), stopwords.read_text("utf-8")], "mixed_words": []}
    with tempfile.TemporaryDirectory() as folder:
        words = {"培训": 5, "补贴": 5, "标准": 5, "每人": 5, "培": 0, "补": 0, "标": 0, "每": 0}
        (Path(folder) / "words.bin").write_bytes(encode_table(words, 20))
        (Path(folder) / "lexicon.json").write_text(json.dumps(record), encoding="utf-8")
        return Segmenter.load(Path(folder))


@pytest.fixture(scope="module", autouse=True)
def _use_tiny_segmenter():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_module, "Segmenter", tiny_segmenter)
        yield


def make_inputs(texts=TEXTS, version="v1"):
    return BuildInputs(
        chunks=tuple(make_chunk(i, text) for i, text in enumerate(texts)),
        corpus_json=json.dumps({"version": version}).encode(),
        rules_json=b'{"facts":{}}',
        corpus_version=version,
        dictionary=None,
        stopwords=data_dir("corpus") / "stopwords.txt",
    )


def file_bytes(folder):
    """All files below a folder but Chroma's, whose bytes depend on the clock and on chance."""
    files = {p.relative_to(folder): p for p in sorted(folder.rglob("*")) if p.is_file()}
    return {
        str(name): path.read_bytes()
        for name, path in files.items()
        if not any(part.startswith("chroma") for part in name.parts)
    }


def copy_index(source, target):
    shutil.copytree(source, target)
    for path in target.rglob("*"):  # same order of age as the original
        original = source / path.relative_to(target)
        os.utime(path, ns=(original.stat().st_atime_ns, original.stat().st_mtime_ns))
    return target


@pytest.fixture(scope="module")
def two_generations(tmp_path_factory):
    """An index with Chroma: first v1, then v2, which adds a clause."""
    index_dir = tmp_path_factory.mktemp("index") / "indexes"
    build_index(make_inputs(), index_dir, HashEmbedder(), EMBEDDED)
    build_index(make_inputs([*TEXTS, "新增条款"], "v2"), index_dir, HashEmbedder(), EMBEDDED)
    return index_dir


@pytest.mark.parametrize("settings", [EXACT, EMBEDDED], ids=["exact", "embedded"])
def test_what_is_built_is_what_opens(tmp_path, settings, monkeypatch):
    if settings is EXACT:
        monkeypatch.setattr(build_module, "Segmenter", Segmenter)
    inputs, embedder = make_inputs(), HashEmbedder()
    report = build_index(inputs, tmp_path, embedder, settings)
    assert (report.n_chunks, report.n_embedded, report.is_unchanged) == (24, 24, False)
    opened = open_generation(tmp_path, "hash", settings)
    assert opened.warnings == ()
    assert opened.generation == report.generation == read_current(tmp_path)[0]
    assert (opened.chunks, opened.corpus_json) == (inputs.chunks, inputs.corpus_json)
    assert opened.rules_json == inputs.rules_json
    assert opened.manifest.corpus_version == "v1"
    vector = embedder.embed_query(TEXTS[4])
    leg_type = ExactVectors if settings is EXACT else FallbackVectors
    assert isinstance(opened.leg, leg_type)
    assert opened.leg.search(vector, 3)[0] == (4, 1.0)
    assert int(opened.lexical.scores(opened.segmenter.terms("每人35元")).argmax()) == 4
    opened.close()


def test_unchanged_build_writes_nothing(two_generations):
    before = file_bytes(two_generations)
    embedder = HashEmbedder()
    inputs = make_inputs([*TEXTS, "新增条款"], "v2")
    report = build_index(inputs, two_generations, embedder, EMBEDDED)
    assert (report.is_unchanged, report.n_embedded, embedder.asked) == (True, 0, [])
    assert report.seconds < 2
    assert file_bytes(two_generations) == before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"corpus_json": b"{}"}, id="corpus"),
        pytest.param({"rules_json": b"{}"}, id="rules"),
        pytest.param({"corpus_version": "v9"}, id="corpus version"),
        pytest.param({"chunks": make_inputs(TEXTS[:-1]).chunks}, id="chunk removed"),
        pytest.param({"chunks": make_inputs().chunks[::-1]}, id="chunk order"),
    ],
)
def test_changed_inputs_make_a_new_generation_without_embedding(tmp_path, change):
    first = build_index(make_inputs(), tmp_path, HashEmbedder(), EXACT)
    embedder = HashEmbedder()
    second = build_index(replace(make_inputs(), **change), tmp_path, embedder, EXACT)
    assert (second.is_unchanged, second.n_embedded, embedder.asked) == (False, 0, [])
    assert read_current(tmp_path) == [second.generation, first.generation]


def test_stop_words_and_dictionary_count_as_inputs(tmp_path):
    stopwords = tmp_path / "stopwords.txt"
    stopwords.write_text("的\n", encoding="utf-8")
    inputs = replace(make_inputs(), stopwords=stopwords)
    index_dir = tmp_path / "indexes"
    build_index(inputs, index_dir, HashEmbedder(), EXACT)
    stopwords.write_text("的\n每人\n", encoding="utf-8")
    assert not build_index(inputs, index_dir, HashEmbedder(), EXACT).is_unchanged


def test_only_new_texts_are_embedded(tmp_path):
    build_index(make_inputs(), tmp_path, HashEmbedder(), EXACT)
    embedder = HashEmbedder()
    texts = ["开头新增", *TEXTS[:3], "改过的第四条", *TEXTS[4:], "开头新增"]
    report = build_index(make_inputs(texts, "v2"), tmp_path, embedder, EXACT)
    assert embedder.asked == ["开头新增", "改过的第四条"]
    assert (report.n_embedded, report.n_chunks) == (2, 26)
    opened = open_generation(tmp_path, "hash", EXACT)
    expected = np.stack([embedder.embed_query(text) for text in texts])
    assert np.array_equal(opened.vectors, expected)


def test_another_embedder_reuses_nothing(tmp_path):
    build_index(make_inputs(), tmp_path, HashEmbedder(), EXACT)
    embedder = HashEmbedder("other")
    assert build_index(make_inputs(), tmp_path, embedder, EXACT).n_embedded == 24
    with pytest.raises(IndexStale, match="索引由向量模型 other 建立，现在的模型是 hash"):
        open_generation(tmp_path, "hash", EXACT)


def test_two_fresh_builds_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        build_index(make_inputs(), tmp_path / name, HashEmbedder(), EMBEDDED)
    first, second = file_bytes(tmp_path / "a"), file_bytes(tmp_path / "b")
    assert first == second
    names = {Path(name).name for name in first}
    assert {"manifest.json", "vectors.npy", "chunks.json", "corpus.json", "words.bin"} < names


def test_incremental_build_gives_the_bytes_of_a_fresh_one(tmp_path, two_generations):
    inputs = make_inputs([*TEXTS, "新增条款"], "v2")
    report = build_index(inputs, tmp_path, HashEmbedder(), EMBEDDED)
    assert file_bytes(tmp_path / report.generation) == file_bytes(two_generations / report.generation)


def test_two_generations_are_kept(tmp_path):
    (tmp_path / "README.md").write_text("kept", encoding="utf-8")
    (tmp_path / ".building-1").mkdir()
    names = [
        build_index(make_inputs(version=f"v{i}"), tmp_path, HashEmbedder(), EXACT).generation
        for i in range(4)
    ]
    assert read_current(tmp_path) == [names[3], names[2]]
    assert {p.name for p in tmp_path.iterdir()} <= {
        *("README.md", "CURRENT", "build.lock", names[3], names[2])
    }


NAMES = [
    *("manifest.json", "corpus.json", "rules.json", "chunks.json", "vectors.npy"),
    *("segment/words.bin", "segment/lexicon.json", "lexical/vocab.index.json"),
    *("lexical/params.index.json", "lexical/data.csc.index.npy"),
    *("lexical/indices.csc.index.npy", "lexical/indptr.csc.index.npy"),
]


def test_more_generations_are_kept_and_opened_by_name_where_that_is_set(tmp_path):
    settings = RetrievalSettings(vectors="exact", kept_generations=3)
    names = [
        build_index(make_inputs(version=f"v{i}"), tmp_path, HashEmbedder(), settings).generation
        for i in range(4)
    ]
    assert {p.name for p in tmp_path.iterdir() if p.is_dir()} == set(names[1:])
    assert read_current(tmp_path) == names[:0:-1]
    opened = open_generation(tmp_path, "hash", settings, names[1])
    assert (opened.generation, opened.manifest.corpus_version) == (names[1], "v1")
    for gone in (names[0], "../" + names[1], "CURRENT"):
        with pytest.raises(IndexMissing):
            open_generation(tmp_path, "hash", settings, gone)
    with pytest.raises(IndexStale, match="向量模型"):
        open_generation(tmp_path, "another", settings, names[1])


def flip(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


DAMAGES = {
    "removed": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "bit flipped": lambda path: path.write_bytes(flip(path.read_bytes())),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-7]),
}


def test_names_are_all_that_a_generation_holds(two_generations):
    newest = two_generations / read_current(two_generations)[0]
    assert sorted(file_bytes(newest)) == sorted(NAMES)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", NAMES)
def test_damage_falls_back_to_the_generation_before(two_generations, tmp_path, name, damage):
    index_dir = copy_index(two_generations, tmp_path / "indexes")
    newest, before = read_current(index_dir)
    DAMAGES[damage](index_dir / newest / name)
    opened = open_generation(index_dir, "hash", EXACT)
    assert (opened.generation, opened.manifest.corpus_version) == (before, "v1")
    assert len(opened.warnings) == 1
    assert newest in opened.warnings[0]
    assert name in opened.warnings[0]
    assert "tiaowen index" in opened.warnings[0]
    DAMAGES[damage](index_dir / before / name)
    with pytest.raises(IndexStale, match="没有可用的索引") as caught:
        open_generation(index_dir, "hash", EXACT)
    assert "tiaowen index" in caught.value.hint


@pytest.mark.parametrize("name", ["vectors.npy", "manifest.json", "segment/words.bin"])
def test_the_next_build_repairs_damage(two_generations, tmp_path, name):
    index_dir = copy_index(two_generations, tmp_path / "indexes")
    newest, before = read_current(index_dir)
    DAMAGES["bit flipped"](index_dir / newest / name)
    inputs = make_inputs([*TEXTS, "新增条款"], "v2")
    report = build_index(inputs, index_dir, HashEmbedder(), EMBEDDED)
    assert (report.is_unchanged, report.generation) == (False, newest)
    opened = open_generation(index_dir, "hash", EMBEDDED)
    assert (opened.generation, opened.warnings) == (newest, ())
    opened.close()
    assert read_current(index_dir) == [newest, before]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_chroma_gives_way_to_the_exact_scan(two_generations, tmp_path, damage):
    index_dir = copy_index(two_generations, tmp_path / "indexes")
    newest = index_dir / read_current(index_dir)[0]
    paths = [newest / "chroma.json", *(p for p in (newest / "chroma").rglob("*") if p.is_file())]
    assert len(paths) >= 6
    for path in paths:
        content = path.read_bytes()
        if not content or (path.name == "chroma.sqlite3" and damage in ("bit flipped", "cut")):
            continue
        DAMAGES[damage](path)
        opened = open_generation(index_dir, "hash", EMBEDDED)
        assert isinstance(opened.leg, ExactVectors), path
        assert len(opened.warnings) == 1
        assert "改用精确检索" in opened.warnings[0]
        path.write_bytes(content)
    opened = open_generation(index_dir, "hash", EMBEDDED)
    assert opened.warnings == ()
    opened.close()


def test_settings_that_do_not_fit_are_told(two_generations, tmp_path):
    build_index(make_inputs(), tmp_path, HashEmbedder(), EXACT)
    opened = open_generation(tmp_path, "hash", EMBEDDED)
    assert "别的 Chroma 设置" in opened.warnings[0]
    by_url = RetrievalSettings(chroma_url="http://127.0.0.1:9")
    assert len(open_generation(two_generations, "hash", by_url).warnings) == 1
    report = build_index(make_inputs(), tmp_path, HashEmbedder(), EMBEDDED)
    assert (report.is_unchanged, report.n_embedded) == (False, 0)
    opened = open_generation(tmp_path, "hash", EMBEDDED)
    assert opened.warnings == ()
    opened.close()


@pytest.mark.parametrize(
    "current",
    [
        pytest.param(None, id="missing"),
        pytest.param(b"", id="empty"),
        pytest.param(b"0123456789abcdef\n", id="points nowhere"),
        pytest.param(b"../../etc\n", id="not a name"),
        pytest.param(b"\xff\xfe", id="not text"),
    ],
)
def test_a_bad_current_falls_back_to_the_newest(two_generations, tmp_path, current):
    index_dir = copy_index(two_generations, tmp_path / "indexes")
    newest = read_current(index_dir)[0]
    (index_dir / "CURRENT").unlink()
    if current is not None:
        (index_dir / "CURRENT").write_bytes(current)
    opened = open_generation(index_dir, "hash", EXACT)
    assert opened.generation == newest
    assert len(opened.warnings) == 1
    report = build_index(make_inputs([*TEXTS, "新增条款"], "v2"), index_dir, HashEmbedder(), EXACT)
    assert read_current(index_dir)[0] == report.generation
    assert open_generation(index_dir, "hash", EXACT).warnings == ()


@pytest.mark.parametrize("name", ["nothing/here", "."])
def test_no_index(tmp_path, name):
    with pytest.raises(IndexMissing, match="还没有索引") as caught:
        open_generation(tmp_path / name, "hash", EXACT)
    assert caught.value.hint == "运行 tiaowen index 建立索引"


class BadEmbedder(HashEmbedder):
    def embed_documents(self, texts):
        return 2 * super().embed_documents(texts)


@pytest.mark.parametrize(
    ("texts", "embedder", "settings", "error"),
    [
        pytest.param([], HashEmbedder(), EXACT, CorpusError, id="no chunks"),
        pytest.param(["，。"], HashEmbedder(), EXACT, CorpusError, id="no words"),
        pytest.param(["新条款"], BadEmbedder(), EXACT, ModelError, id="bad vectors"),
        pytest.param(
            TEXTS[:2],
            HashEmbedder(),
            RetrievalSettings(chroma_url="http://127.0.0.1:9"),
            StoreError,
            id="server away",
        ),
        pytest.param(TEXTS[:2], HashEmbedder(), RetrievalSettings(chroma_url="x"), ConfigError, id="bad URL"),
    ],
)
def test_a_failed_build_leaves_the_former_index(tmp_path, texts, embedder, settings, error):
    before = build_index(make_inputs(), tmp_path, HashEmbedder(), EXACT)
    with pytest.raises(error):
        build_index(make_inputs(texts, "v2"), tmp_path, embedder, settings)
    assert list_generations(tmp_path) == [before.generation]
    assert not list(tmp_path.glob(".building-*"))
    assert open_generation(tmp_path, "hash", EXACT).warnings == ()


def test_an_unwritable_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(StoreError, match="写不了索引目录"):
        build_index(make_inputs(), tmp_path / "file", HashEmbedder(), EXACT)


CHILD = """
import os, signal, sys
sys.path[:0] = [sys.argv[1], sys.argv[2]]
from pathlib import Path
from test_build import EMBEDDED, TEXTS, HashEmbedder, make_inputs, tiny_segmenter
from assistant.retrieval import build

build.Segmenter = tiny_segmenter

def progress(stage, done, total):
    if stage == sys.argv[4]:
        if sys.argv[5] == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        print("waiting", flush=True)
        sys.stdin.read()

inputs = make_inputs([*TEXTS, "改动"], "v2")
build.build_index(inputs, Path(sys.argv[3]), HashEmbedder(), EMBEDDED, progress)
"""


def start_child(index_dir, stage, action):
    here = Path(__file__).parent
    command = [sys.executable, "-c", CHILD, str(here), str(here.parents[1]), str(index_dir), stage]
    return subprocess.Popen([*command, action], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def one_generation(tmp_path_factory):
    index_dir = tmp_path_factory.mktemp("index") / "indexes"
    build_index(make_inputs(), index_dir, HashEmbedder(), EMBEDDED)
    return index_dir


@pytest.mark.parametrize("stage", [s for s in STAGES if s not in ("segment", "lexical", "done")])
def test_a_killed_build_loses_nothing(one_generation, tmp_path, stage):
    index_dir = copy_index(one_generation, tmp_path / "indexes")
    with start_child(index_dir, stage, "kill") as child:
        child.communicate()
    assert child.returncode == -signal.SIGKILL
    opened = open_generation(index_dir, "hash", EMBEDDED)
    assert opened.warnings == ()
    is_switched = stage == "clean"
    assert opened.manifest.corpus_version == ("v2" if is_switched else "v1")
    opened.close()
    report = build_index(make_inputs([*TEXTS, "改动"], "v2"), index_dir, HashEmbedder(), EMBEDDED)
    assert report.is_unchanged == is_switched
    assert not list(index_dir.glob(".building-*"))
    opened = open_generation(index_dir, "hash", EMBEDDED)
    assert (opened.warnings, opened.manifest.corpus_version) == ((), "v2")
    opened.close()


def test_a_second_build_is_refused_while_one_runs(one_generation, tmp_path):
    index_dir = copy_index(one_generation, tmp_path / "indexes")
    with start_child(index_dir, "embed", "wait") as child:
        assert child.stdout.readline() == "waiting\n"
        with pytest.raises(StoreError, match="另一个进程正在建立索引"):
            build_index(make_inputs(), index_dir, HashEmbedder(), EMBEDDED)
        child.kill()
    assert build_index(make_inputs(), index_dir, HashEmbedder(), EMBEDDED).is_unchanged


@pytest.mark.chroma_server
def test_generations_on_a_server(tmp_path, chroma_server):
    url, process = chroma_server
    settings = RetrievalSettings(chroma_url=url)
    names = [
        build_index(make_inputs(version=f"v{i}"), tmp_path, HashEmbedder(), settings).generation
        for i in range(3)
    ]
    client = chroma.open_client(None, url)
    assert {c.name for c in client.list_collections()} == {f"tiaowen-{n}" for n in names[1:]}
    opened = open_generation(tmp_path, "hash", settings)
    assert (opened.warnings, type(opened.leg)) == ((), FallbackVectors)
    vector = HashEmbedder().embed_query(TEXTS[4])
    expected = opened.leg.search(vector, 5)
    assert build_index(make_inputs(version="v2"), tmp_path, HashEmbedder(), settings).is_unchanged
    chroma.delete_collection(client, f"tiaowen-{names[2]}")
    assert "Chroma 未启用" in open_generation(tmp_path, "hash", settings).warnings[0]
    report = build_index(make_inputs(version="v2"), tmp_path, HashEmbedder(), settings)
    assert (report.is_unchanged, report.generation) == (False, names[2])
    again = open_generation(tmp_path, "hash", settings)
    assert again.warnings == ()
    process.kill()
    process.wait()
    assert again.leg.search(vector, 5) == expected
    gone = open_generation(tmp_path, "hash", settings)
    assert "连不上 Chroma 服务器" in gone.warnings[0]
    assert gone.leg.search(vector, 5) == expected
    for index in (again, gone):
        assert "连不上 Chroma 服务器" in "".join(index.warnings)
        index.close()


@pytest.mark.parametrize(
    ("wanted", "n_chunks", "mode"),
    [
        pytest.param({"vectors": "exact"}, 10, "none", id="never"),
        pytest.param({"vectors": "chroma"}, 76_000, "embedded", id="always"),
        pytest.param({}, 4_000, "embedded", id="stands by"),
        pytest.param({}, 76_000, "none", id="scanned"),
        pytest.param({}, 300_000, "embedded", id="too large to scan"),
        pytest.param({"chroma_url": "http://127.0.0.1:1"}, 76_000, "server", id="a server"),
        pytest.param(
            {"chroma_url": "http://127.0.0.1:1", "vectors": "exact"}, 9, "none", id="a server unused"
        ),
    ],
)
def test_a_collection_is_built_where_it_can_be_of_use(wanted, n_chunks, mode):
    assert choose_mode(RetrievalSettings(**wanted), n_chunks) == mode


@pytest.mark.parametrize(
    ("limit", "leg"), [(10_000, ExactVectors), (0, FallbackVectors)], ids=["small", "large"]
)
def test_auto_scans_a_small_index_and_asks_chroma_for_a_large_one(tmp_path, monkeypatch, limit, leg):
    automatic = RetrievalSettings(vectors="auto")
    build_index(make_inputs(), tmp_path, HashEmbedder(), automatic)
    monkeypatch.setattr(generation, "SCANNED_CHUNKS", limit)
    opened = open_generation(tmp_path, "hash", automatic)
    assert isinstance(opened.leg, leg)
    assert opened.warnings == ()
    opened.close()
