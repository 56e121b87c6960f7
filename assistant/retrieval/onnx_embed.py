"""Turns texts into vectors with an ONNX model: onnxruntime and a tokenizer, neither torch nor transformers.

In go a folder in the layout of sentence-transformers and texts; out come `(n, dim) float32` rows, L2-normalised.
The model sees one text at a time. A batch would need padding, and a dynamically quantised model scales its integers by
all that it is given at once: either would let a vector depend on its neighbours, and the same text has to give the
same bytes as query and as clause.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from assistant.errors import ModelError
from assistant.retrieval.embed import TOKENIZER_FILE, Matrix, Vector, digest_files
from assistant.retrieval.layout import REPAIR, read_file, read_layout

MODEL_FILES = ("onnx/model.onnx", "model.onnx")
"""Where the model may lie in its folder, the first that is there."""
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_INTEGERS: dict[str, np.dtype[Any]] = {
    "tensor(int64)": np.dtype(np.int64),
    "tensor(int32)": np.dtype(np.int32),
}
_EXPORT_ALL = "把它一并导出到 ONNX 里，或去掉 ONNX 文件，改由 sentence-transformers 运行"

Tensor = NDArray[Any]


def find_model(folder: Path) -> Path | None:
    """The ONNX model in a folder; None where there is none."""
    return next((folder / name for name in MODEL_FILES if (folder / name).is_file()), None)


class OnnxEmbedder:
    """A sentence-transformers model exported to ONNX, run on the CPU.

    A text of which the tokenizer leaves nothing gets the zero vector.

    Args:
        folder: `onnx/model.onnx` or `model.onnx`, whose first output is `(n, n_tokens, dim)` token vectors or
            `(n, dim)` text vectors; `tokenizer.json`; and, where they are there, the JSON files of
            sentence-transformers for pooling, prompts and longest text.

    Raises:
        ModelError: a file is missing or unreadable, or the model cannot be used so; the hint names the remedy.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        model = find_model(folder)
        if model is None:
            raise ModelError(f"向量模型 {folder} 缺少文件 {' 或 '.join(MODEL_FILES)}", hint=REPAIR)
        self._layout = read_layout(folder)
        raw = read_file(folder, TOKENIZER_FILE)
        self._tokenizer = _parse_tokenizer(folder, raw, self._layout.max_tokens)
        self._session, self._faults = _open_session(folder, model)
        self._inputs = self._check_inputs()
        self.dim = len(self._pool(self._check_output(self._run("向量"))))
        settings = json.dumps(asdict(self._layout), ensure_ascii=False, sort_keys=True).encode()
        digest = digest_files([*_digest_model(model), raw, settings])
        self.name = f"{folder.resolve().name}-{digest[:16]}"

    def embed_documents(self, texts: Sequence[str]) -> Matrix:
        """Vectors of the texts in order, `(n_texts, dim) float32`, L2-normalised or zero."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            vector[:] = self._embed(self._layout.document + text)
        return vectors

    def embed_query(self, text: str) -> Vector:
        """Vector of one question, `(dim,) float32`, L2-normalised or zero."""
        return self._embed(self._layout.query + text)

    def _embed(self, text: str) -> Vector:
        output = self._run(text)
        if output is None:
            return np.zeros(self.dim, dtype=np.float32)
        vector = self._pool(output)
        if not np.isfinite(vector).all():
            raise ModelError(f"向量模型 {self._folder} 算出的向量不是有限的数", hint=REPAIR)
        norm = np.linalg.norm(vector)
        unit: Vector = vector / norm if norm else vector
        return unit

    def _run(self, text: str) -> Tensor | None:
        """First output for one text, `(1, n_tokens, dim)` or `(1, dim)`; None for a text without tokens."""
        encoding = self._tokenizer.encode(text.lower() if self._layout.is_lower else text)
        if not encoding.ids:
            return None
        rows: tuple[list[int], ...] = (encoding.ids, encoding.attention_mask, encoding.type_ids)
        values = dict(zip(_INPUTS, rows, strict=True))
        feed = {name: np.array([values[name]], dtype=dtype) for name, dtype in self._inputs.items()}
        try:
            output: Tensor = np.asarray(self._session.run(None, feed)[0])
        except self._faults as exc:
            raise ModelError(f"向量模型 {self._folder} 计算失败：{exc}", hint=REPAIR) from exc
        return output

    def _pool(self, output: Tensor) -> Vector:
        """The vector, not normalised: pooled from the tokens' vectors unless the model did so itself."""
        values: Vector = output[0].astype(np.float32)
        if values.ndim == 1:
            return values
        pooled: Vector = values[0] if self._layout.pooling == "cls" else values.mean(axis=0)
        return pooled

    def _check_inputs(self) -> dict[str, np.dtype[Any]]:
        """Dtype by name of the inputs that the model declares."""
        found: dict[str, np.dtype[Any]] = {}
        for node in self._session.get_inputs():
            if node.name not in _INPUTS or node.type not in _INTEGERS:
                raise ModelError(
                    f"向量模型 {self._folder} 要求的输入 {node.name} {node.type} 无法提供", hint=REPAIR
                )
            found[node.name] = _INTEGERS[node.type]
        return found

    def _check_output(self, output: Tensor | None) -> Tensor:
        """The output for a probe, if a vector can be made of it as the folder says."""
        if output is None:
            raise ModelError(f"向量模型 {self._folder} 的 {TOKENIZER_FILE} 切不出词", hint=REPAIR)
        is_vector = output.ndim in (2, 3) and len(output) == 1 and output.size > 0
        if not is_vector or not np.issubdtype(output.dtype, np.floating):
            found = f"{output.dtype}{output.shape}"
            raise ModelError(f"向量模型 {self._folder} 的第一个输出不是向量：{found}", hint=REPAIR)
        pooling, others = self._layout.pooling, self._layout.others
        if output.ndim == 3 and pooling not in ("mean", "cls"):
            raise ModelError(
                f"向量模型 {self._folder} 的汇聚方式 {pooling} 不支持，只支持 mean 和 cls", hint=_EXPORT_ALL
            )
        if output.ndim == 3 and others:
            raise ModelError(
                f"向量模型 {self._folder} 在汇聚之后还有 {'、'.join(others)}，ONNX 模型里没有",
                hint=_EXPORT_ALL,
            )
        return output


def _parse_tokenizer(folder: Path, raw: bytes, max_tokens: int) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_buffer(raw)
    except ValueError as exc:
        raise ModelError(f"向量模型 {folder} 的 {TOKENIZER_FILE} 无法读取", hint=REPAIR) from exc
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=max_tokens)
    return tokenizer


def _open_session(folder: Path, model: Path) -> tuple[Any, tuple[type[Exception], ...]]:
    """The session, and every error that onnxruntime may raise: they have no common parent but `Exception`."""
    try:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as state
    except ImportError as exc:
        raise ModelError("没有安装 onnxruntime", hint="安装它，或改回 static 模型") from exc
    own = (e for e in vars(state).values() if isinstance(e, type) and issubclass(e, Exception))
    faults: tuple[type[Exception], ...] = (*own, RuntimeError, ValueError)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # warnings about an export are no use to who asks a question
    try:
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except faults as exc:
        raise ModelError(f"向量模型 {folder} 的 {model.name} 无法载入：{exc}", hint=REPAIR) from exc
    return session, faults


def _digest_model(model: Path) -> list[bytes]:
    """SHA-256 of the model and of the files that hold its weights where it is large, such as `model.onnx_data`."""
    digests = []
    for path in sorted(model.parent.glob(f"{model.name}*")):
        with path.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").digest())
    return digests
