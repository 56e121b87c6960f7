"""Turns texts into vectors: a Protocol, the shipped static table, any sentence-transformers model.

Such a model exported to ONNX is run by `onnx_embed.py`, without torch.

In go texts, out come `(n, dim) float32` rows, L2-normalised, so that a dot product is a cosine. The
static table needs neither torch nor transformers: a text is cut by a Unigram tokenizer (few texts by
`pieces.py`, many by the library), its tokens' rows are summed and the sum is normalised. Each text is
computed on its own, so that a vector does not depend on the rest of the batch: the same text gives the
same bytes as query and as clause.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import ModelError
from assistant.retrieval.pieces import UNKNOWN, PieceTable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Vector = NDArray[np.float32]
Matrix = NDArray[np.float32]

TOKENIZER_FILE = "tokenizer.json"
TABLE_FILE = "table.npy"
SCALES_FILE = "scales.npy"
CONFIG_FILE = "config.json"
SHIPPED = Path(__file__).resolve().parent / "static_model"
_MANY_CHARACTERS = 100_000
"""From so many on the library, which cuts texts on every core, is worth what it takes to load."""
_REPAIR = "重新安装 tiaowen，或用训练程序重新生成这个模型目录"


class Embedder(Protocol):
    """What the dense leg needs of a model.

    Attributes:
        name: model and digest; vectors of two names are never comparable.
        dim: length of a vector.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def dim(self) -> int: ...  # noqa: D102

    def embed_documents(self, texts: Sequence[str]) -> Matrix:
        """Vectors of the texts, `(n_texts, dim) float32`, L2-normalised, in the given order."""
        ...

    def embed_query(self, text: str) -> Vector:
        """Vector of one question, `(dim,) float32`, L2-normalised."""
        ...


class StaticConfig(BaseModel):
    """`config.json` of a static model.

    Attributes:
        format: version of the layout.
        digest: SHA-256 over tokenizer, table and scales, see `digest_files`.
        data: names of the training data.
        command: how it was trained.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Annotated[int, Field(ge=1, le=1)] = 1
    dim: Annotated[int, Field(ge=1)]
    n_tokens: Annotated[int, Field(ge=1)]
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    seed: int
    data: tuple[str, ...] = ()
    command: str = ""


def digest_files(parts: Iterable[bytes]) -> str:
    """SHA-256 over the contents of several files, each preceded by its length."""
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.hexdigest()


class StaticEmbedder:
    """A token table: int8 rows with one scale each, summed and normalised.

    A text without a known token (empty, or in a foreign script) gets the zero vector: its cosine
    with everything is 0, which ranks nothing.

    Args:
        folder: `tokenizer.json`, `table.npy` `(n_tokens, dim) int8`, `scales.npy` `(n_tokens,)`
            float16 or float32, and `config.json`. The tokenizer does NFKC, lower case and the
            removal of white space and punctuation.

    Raises:
        ModelError: a file is missing, unreadable, of the wrong shape, or was changed.
    """

    def __init__(self, folder: Path) -> None:
        raw = {name: _read(folder, name) for name in (TOKENIZER_FILE, TABLE_FILE, SCALES_FILE)}
        config = _parse_config(folder)
        if digest_files(raw.values()) != config.digest:
            raise ModelError(
                f"向量模型 {folder} 的文件与 {CONFIG_FILE} 里的摘要不符，可能已损坏", hint=_REPAIR
            )
        self._folder = folder
        self._pieces = PieceTable.read(raw[TOKENIZER_FILE])
        n_tokens = self._pieces.n_tokens if self._pieces else self._tokenizer.get_vocab_size()
        self._table = _map_array(folder, TABLE_FILE)
        scales = _map_array(folder, SCALES_FILE)
        _check_shapes(folder, config, self._table, scales, n_tokens)
        self._scales = scales.astype(np.float32)
        self.dim = config.dim
        self.name = f"static-{config.digest[:16]}"

    def embed_documents(self, texts: Sequence[str]) -> Matrix:
        """Vectors of the texts in order, `(n_texts, dim) float32`, L2-normalised or zero."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for vector, ids in zip(vectors, self._cut_all(texts), strict=True):
            vector[:] = self._pool(ids)
        return vectors

    def embed_query(self, text: str) -> Vector:
        """Vector of one question, `(dim,) float32`, L2-normalised or zero; as that of a text."""
        return self._pool(self._cut(text))

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return _parse_tokenizer(self._folder, _read(self._folder, TOKENIZER_FILE))

    def _cut_all(self, texts: Sequence[str]) -> Iterable[list[int]]:
        """Ids of the known pieces of each text."""
        if self._pieces is not None and sum(map(len, texts)) < _MANY_CHARACTERS:
            return map(self._cut, texts)
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return (self._drop_unknown(encoding.ids) for encoding in encodings)

    def _cut(self, text: str) -> list[int]:
        ids = self._pieces.encode(text) if self._pieces is not None else None
        if ids is None:
            ids = self._drop_unknown(self._tokenizer.encode(text, add_special_tokens=False).ids)
        return ids

    def _drop_unknown(self, ids: list[int]) -> list[int]:
        unknown = self._tokenizer.token_to_id(UNKNOWN)
        return [i for i in ids if i != unknown]

    def _pool(self, ids: list[int]) -> Vector:
        known = np.array(ids, dtype=np.int64)
        total: Vector = self._scales[known] @ self._table[known].astype(np.float32)
        norm = np.linalg.norm(total)
        return total / norm if norm else total


class SentenceTransformerEmbedder:
    """Any sentence-transformers model, by name or folder; imported on first use.

    A model that defines prompts gets `query` before a question and `document` before a clause.

    Args:
        name: name on the model hub or a local folder.

    Raises:
        ModelError: the library is missing or the model cannot be loaded.
    """

    def __init__(self, name: str) -> None:
        self._model = _load_sentence_transformer(name)
        probe = self.embed_documents(["向量"])
        self.dim = int(probe.shape[1])
        fingerprint = hashlib.sha256(probe.round(3).tobytes()).hexdigest()[:12]
        self.name = f"{Path(name).name}-{fingerprint}"

    def embed_documents(self, texts: Sequence[str]) -> Matrix:
        """Vectors of the texts, `(n_texts, dim) float32`, L2-normalised, in the given order."""
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        return self._encode(self._model.encode_document, list(texts))

    def embed_query(self, text: str) -> Vector:
        """Vector of one question, `(dim,) float32`, L2-normalised."""
        vector: Vector = self._encode(self._model.encode_query, [text])[0]
        return vector

    def _encode(self, encode: Any, texts: list[str]) -> Matrix:
        try:
            vectors = encode(texts, normalize_embeddings=True, show_progress_bar=False)
        except (RuntimeError, ValueError, IndexError) as exc:
            raise ModelError(f"向量模型计算失败：{exc}", hint="检查内存，或换回 static 模型") from exc
        return np.asarray(vectors, dtype=np.float32)


def load_embedder(name: str) -> Embedder:
    """The embedder of a setting.

    Args:
        name: `static` for the one shipped; a folder with our static layout; a folder with an ONNX model
            (`onnx/model.onnx` or `model.onnx`), which is taken before the weights for torch that may lie beside
            it; else a sentence-transformers model name or folder.

    Raises:
        ModelError: the model cannot be loaded; the hint names the remedy.
    """
    if name == "static":
        return StaticEmbedder(SHIPPED)
    if (Path(name) / TABLE_FILE).is_file():
        return StaticEmbedder(Path(name))
    # Here, because it builds on this module.
    from assistant.retrieval.onnx_embed import OnnxEmbedder, find_model

    if find_model(Path(name)) is not None:
        return OnnxEmbedder(Path(name))
    return SentenceTransformerEmbedder(name)


def _load_sentence_transformer(name: str) -> Any:
    hint = "先联网下载该模型，或把它的本地目录写进 TIAOWEN_RETRIEVAL__EMBEDDER，或改回 static"
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as exc:
        raise ModelError("没有安装 sentence-transformers", hint="安装它，或改回 static 模型") from exc
    try:
        return SentenceTransformer(name, device="cpu")
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as exc:
        raise ModelError(f"无法载入向量模型 {name}：{exc}", hint=hint) from exc


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as exc:
        raise ModelError(f"向量模型 {folder} 缺少文件 {name}", hint=_REPAIR) from exc


def _parse_config(folder: Path) -> StaticConfig:
    try:
        return StaticConfig.model_validate_json(_read(folder, CONFIG_FILE))
    except ValidationError as exc:
        faults = "；".join(f"{'.'.join(map(str, e['loc']))} {e['msg']}" for e in exc.errors())
        raise ModelError(f"向量模型 {folder} 的 {CONFIG_FILE} 有误：{faults}", hint=_REPAIR) from exc


def _parse_tokenizer(folder: Path, raw: bytes) -> Tokenizer:
    # Here, because few processes need it.
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_buffer(raw)
    except ValueError as exc:
        raise ModelError(f"向量模型 {folder} 的 {TOKENIZER_FILE} 无法读取", hint=_REPAIR) from exc


def _map_array(folder: Path, name: str) -> NDArray[Any]:
    """An array as it lies in its file: what no question touches takes no memory."""
    try:
        array: NDArray[Any] = np.asarray(np.load(folder / name, mmap_mode="r", allow_pickle=False))
    except (ValueError, EOFError, OSError) as exc:
        raise ModelError(f"向量模型 {folder} 的 {name} 无法读取", hint=_REPAIR) from exc
    return array


def _check_shapes(
    folder: Path,
    config: StaticConfig,
    table: NDArray[Any],
    scales: NDArray[Any],
    n_tokens: int,
) -> None:
    found = f"table {table.dtype}{table.shape}、scales {scales.dtype}{scales.shape}、词表 {n_tokens}"
    fits = (
        table.dtype == np.int8
        and scales.dtype in (np.float16, np.float32)
        and table.shape == (config.n_tokens, config.dim)
        and scales.shape == (config.n_tokens,)
        and n_tokens == config.n_tokens
        and bool(np.isfinite(scales).all())
    )
    if not fits:
        raise ModelError(
            f"向量模型 {folder} 的形状不符：应为 {config.n_tokens}×{config.dim}，实为 {found}",
            hint=_REPAIR,
        )
