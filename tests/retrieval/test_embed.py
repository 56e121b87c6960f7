"""The embedder: shapes, norms, determinism, damaged folders, and what the shipped table knows."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import ModelError
from assistant.retrieval import embed
from assistant.retrieval.embed import (
    SHIPPED,
    SentenceTransformerEmbedder,
    StaticEmbedder,
    digest_files,
    load_embedder,
)

TEXTS = ["培训机构应当配备师资。", "财政补贴按人数拨付。", "", "职业技能培训每课时45分钟。"]


@pytest.fixture(scope="module")
def static() -> StaticEmbedder:
    return StaticEmbedder(SHIPPED)


def test_documents_are_unit_rows_in_the_given_order(static: StaticEmbedder) -> None:
    vectors = static.embed_documents(TEXTS)
    assert vectors.shape == (4, static.dim)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1, 1, 0, 1], atol=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert static.embed_query(text).tobytes() == vector.tobytes()


def test_no_documents_give_no_rows(static: StaticEmbedder) -> None:
    assert static.embed_documents([]).shape == (0, static.dim)


def test_a_fresh_process_gives_the_same_bytes(static: StaticEmbedder) -> None:
    again = StaticEmbedder(SHIPPED)
    assert again.name == static.name
    assert again.embed_documents(TEXTS).tobytes() == static.embed_documents(TEXTS[:]).tobytes()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param("４５分钟", "45分钟", id="nfkc"),
        pytest.param("PPT课件", "ppt课件", id="case"),
        pytest.param("职业\n技能 培训　补贴", "职业技能培训补贴", id="white-space"),
        pytest.param("师资，教材。", "师资、教材", id="punctuation"),
    ],
)
def test_spelling_that_does_not_matter(static: StaticEmbedder, left: str, right: str) -> None:
    np.testing.assert_array_equal(static.embed_query(left), static.embed_query(right))


@pytest.mark.parametrize("text", ["", "   \n", "，。！", "😀"], ids=["empty", "space", "marks", "emoji"])
def test_a_text_without_a_known_token_is_the_zero_vector(static: StaticEmbedder, text: str) -> None:
    assert not static.embed_query(text).any()


@pytest.mark.parametrize(
    ("word", "near", "far"),
    [
        pytest.param("教师", "师资", "财政", id="teacher"),
        pytest.param("补贴", "补助", "教师", id="subsidy"),
        pytest.param("农民", "农村", "考试", id="farmer"),
        pytest.param("罚款", "处罚", "课程", id="fine"),
        pytest.param("工资", "劳动报酬", "教材", id="wage"),
        pytest.param("培训机构需要多少老师", "师资配备标准", "资金拨付程序", id="question"),
    ],
)
def test_meaning(static: StaticEmbedder, word: str, near: str, far: str) -> None:
    query = static.embed_query(word)
    assert query @ static.embed_query(near) > query @ static.embed_query(far)


def test_static_is_the_shipped_model_and_small() -> None:
    assert load_embedder("static").name == StaticEmbedder(SHIPPED).name
    assert sum(p.stat().st_size for p in SHIPPED.iterdir()) < 8_000_000


def test_a_folder_with_our_layout_is_static(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "model"))
    assert isinstance(load_embedder(str(folder)), StaticEmbedder)


def test_the_static_model_imports_no_deep_learning_library() -> None:
    code = (
        "import sys; from assistant.retrieval.embed import load_embedder;"
        "load_embedder('static').embed_query('师资');"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'jieba', 'scipy'};"
        "sys.exit(','.join(heavy & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def _drop(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _append(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).write_bytes((folder / name).read_bytes() + b"x")

    return damage


def _set(**values: object) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        config = json.loads((folder / embed.CONFIG_FILE).read_text(encoding="utf-8"))
        (folder / embed.CONFIG_FILE).write_text(json.dumps(config | values), encoding="utf-8")

    return damage


def _replace(name: str, content: bytes) -> Callable[[Path], None]:
    """Write other content and the digest that fits it, so that only the later checks can object."""

    def damage(folder: Path) -> None:
        (folder / name).write_bytes(content)
        names = (embed.TOKENIZER_FILE, embed.TABLE_FILE, embed.SCALES_FILE)
        _set(digest=digest_files((folder / n).read_bytes() for n in names))(folder)

    return damage


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param(_drop(embed.TABLE_FILE), "缺少文件 table.npy", id="no-table"),
        pytest.param(_drop(embed.CONFIG_FILE), "缺少文件 config.json", id="no-config"),
        pytest.param(_append(embed.TABLE_FILE), "摘要不符", id="table-changed"),
        pytest.param(_append(embed.TOKENIZER_FILE), "摘要不符", id="tokenizer-changed"),
        pytest.param(_append(embed.CONFIG_FILE), "有误", id="config-not-json"),
        pytest.param(_set(digest="abc"), "有误：digest", id="digest-malformed"),
        pytest.param(_set(format=2), "有误：format", id="later-format"),
        pytest.param(_set(dim=128), "形状不符", id="other-dim"),
        pytest.param(_set(n_tokens=7), "形状不符", id="other-vocabulary"),
        pytest.param(_replace(embed.TABLE_FILE, b"junk"), "table.npy 无法读取", id="table-junk"),
        pytest.param(_replace(embed.TOKENIZER_FILE, b"{}"), "tokenizer.json 无法读取", id="tokenizer-junk"),
    ],
)
def test_a_damaged_folder_is_refused_with_a_remedy(
    tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "model"))
    damage(folder)
    with pytest.raises(ModelError, match=message) as caught:
        StaticEmbedder(folder)
    assert "tiaowen" in caught.value.hint


def test_a_model_that_cannot_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="无法载入向量模型") as caught:
        load_embedder(str(tmp_path / "no-such-model"))
    assert "static" in caught.value.hint


def test_a_sentence_transformers_model_with_prompts(monkeypatch: pytest.MonkeyPatch) -> None:
    model = _FakeModel()
    monkeypatch.setattr(embed, "_load_sentence_transformer", lambda name: model)
    embedder = SentenceTransformerEmbedder("hub/fake")
    assert embedder.dim == 3
    assert embedder.name.startswith("fake-")
    assert embedder.embed_query("问").shape == (3,)
    assert embedder.embed_documents(["条", "款"]).shape == (2, 3)
    assert embedder.embed_documents([]).shape == (0, 3)
    assert model.history == [("document", 1), ("query", 1), ("document", 2)]


class _FakeModel:
    """Answers with a fixed unit vector and remembers what it was asked."""

    def __init__(self) -> None:
        self.history: list[tuple[str, int]] = []

    def _encode(self, kind: str, texts: list[str]) -> np.ndarray:
        self.history.append((kind, len(texts)))
        return np.tile(np.array([1.0, 0.0, 0.0]), (len(texts), 1))

    def encode_query(self, texts: list[str], **_: object) -> np.ndarray:
        return self._encode("query", texts)

    def encode_document(self, texts: list[str], **_: object) -> np.ndarray:
        return self._encode("document", texts)
