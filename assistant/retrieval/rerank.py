"""Orders the first passages anew by a model that reads question and clause together.

In: a question, ranked passages and the texts of the first of them. Out: the same passages, the first ones by the
model's score, all others behind them as they were. A cross-encoder costs a run of the model for each text and question, so
it sees only what both legs already think likely.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelError
from assistant.models import Passage
from assistant.stages import staged

Scores = NDArray[np.float32]

_PROBE = ("每班人数", ["每班不超过八十人", "补贴标准", "考核", "一"])
_HINT = "先联网下载该模型，或把它的本地目录写进 TIAOWEN_RETRIEVAL__RERANKER，或去掉这个设置"


class Reranker(Protocol):
    """What ordering anew needs of a model.

    Attributes:
        name: model and digest.
    """

    @property
    def name(self) -> str: ...  # noqa: D102

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """How well each text answers the query, `(n_texts,) float32` in [0, 1], higher is better."""
        ...


class CrossEncoderReranker:
    """Any cross-encoder of sentence-transformers that gives one score, by name or folder.

    Args:
        name: name on the model hub or a local folder.

    Raises:
        ModelError: the library is missing, or the model cannot be loaded or is no cross-encoder.
    """

    def __init__(self, name: str) -> None:
        self._model, self._sigmoid = _load_cross_encoder(name)
        _check_head(name, self._model)
        fingerprint = hashlib.sha256(self.score(*_PROBE).round(3).tobytes()).hexdigest()[:12]
        self.name = f"{Path(name).name}-{fingerprint}"

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """How well each text answers the query, `(n_texts,) float32` in [0, 1].

        Raises:
            ModelError: the model fails.
        """
        if not texts:
            return np.zeros(0, dtype=np.float32)
        # Each text once: the same words in two documents tie, whatever the padding of their batches does.
        place = {text: i for i, text in enumerate(dict.fromkeys(texts))}
        try:
            # The sigmoid stands in for the model's own activation, which may be that or none.
            raw = self._model.predict(
                [(query, text) for text in place], activation_fn=self._sigmoid, show_progress_bar=False
            )
        except (RuntimeError, ValueError, IndexError, TypeError) as exc:
            raise ModelError(
                f"重排模型计算失败：{exc}", hint="检查内存，或去掉 TIAOWEN_RETRIEVAL__RERANKER"
            ) from exc
        scores = np.asarray(raw, dtype=np.float32)
        if scores.shape != (len(place),) or not np.isfinite(scores).all():
            raise ModelError(f"重排模型给出的不是每条一个有限的分数：{scores.shape}", hint=_HINT)
        return scores[[place[text] for text in texts]]


def load_reranker(name: str | None) -> Reranker | None:
    """The reranker of a setting; None where none is set or, as a line without a value in `.env`, an empty one.

    Raises:
        ModelError: the model cannot be loaded; the hint names the remedy.
    """
    return CrossEncoderReranker(name) if name else None


@staged("rerank")
def rerank_passages(
    reranker: Reranker, query: str, passages: Sequence[Passage], texts: Sequence[str]
) -> list[Passage]:
    """Order the first passages by the reranker's score, ties by clause id; the others stay behind them.

    Args:
        passages: by falling score in [0, 1].
        texts: of the first `len(texts)` passages, in their order; at most as many as there are.

    Returns:
        All passages. Those with a text have the leg `rerank` and a score from 0.5 up, the others one up to 0.5.
    """
    first, others = passages[: len(texts)], passages[len(texts) :]
    scores = reranker.score(query, texts)
    order = sorted(zip(first, map(float, scores), strict=True), key=lambda p: (-p[1], p[0].clause.clause_id))
    moved = [
        replace(p, score=round(0.5 + 0.5 * score, 6), legs={**p.legs, "rerank": round(score, 6)})
        for p, score in order
    ]
    moved += [replace(p, score=round(0.5 * p.score, 6)) for p in others]
    return [replace(p, rank=rank) for rank, p in enumerate(moved, start=1)]


def _load_cross_encoder(name: str) -> tuple[Any, Any]:
    """The model, and the sigmoid of its library."""
    try:
        import torch
        from sentence_transformers import CrossEncoder
    except ImportError as exc:
        raise ModelError(
            "没有安装 sentence-transformers", hint="安装它，或去掉 TIAOWEN_RETRIEVAL__RERANKER"
        ) from exc
    try:
        return CrossEncoder(name, device="cpu"), torch.sigmoid
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as exc:
        raise ModelError(f"无法载入重排模型 {name}：{exc}", hint=_HINT) from exc


def _check_head(name: str, model: Any) -> None:
    """Refuse what gives several scores, and an embedder: the library would give that one a random head."""
    if model.num_labels != 1:
        raise ModelError(f"重排模型 {name} 给出 {model.num_labels} 个分数，只支持一个", hint=_HINT)
    last = list(model.children())[-1]
    is_classifier = getattr(last, "transformer_task", None) == "sequence-classification"
    names = model.config.architectures or []
    if is_classifier and not any(n.endswith("ForSequenceClassification") for n in names):
        raise ModelError(f"重排模型 {name} 不是交叉编码器，而是 {'、'.join(names)}", hint=_HINT)
