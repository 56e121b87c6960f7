"""What a sentence-transformers folder says about the use of its model.

In go the JSON files beside the model, each of which may be missing; out comes one `Layout`. What a file holds besides is
passed over, since each version of that library writes more; what is read here is checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError

from assistant.errors import ModelError

POOLING_FILE = "1_Pooling/config.json"
PROMPTS_FILE = "config_sentence_transformers.json"
TRANSFORMER_FILE = "sentence_bert_config.json"
TOKENIZER_CONFIG_FILE = "tokenizer_config.json"
CONFIG_FILE = "config.json"
MODULES_FILE = "modules.json"

DEFAULT_TOKENS = 512
# Some tokenizers write 10³⁰ for "no limit".
_MOST_TOKENS = 1_000_000
# What sentence-transformers wrote before version 5: one flag a mode.
_LEGACY_POOLING = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
REPAIR = "重新导出这个模型（sentence-transformers 目录，加上 onnx/model.onnx），或把 TIAOWEN_RETRIEVAL__EMBEDDER 改回 static"


class _File(BaseModel):
    """A JSON file of the model; it holds more than is read here."""

    model_config = ConfigDict(frozen=True, extra="allow")


class _Pooling(_File):
    pooling_mode: str | tuple[str, ...] = ()
    include_prompt: bool = True


class _Prompts(_File):
    prompts: dict[str, str | None] = Field(default_factory=dict)


class _Transformer(_File):
    max_seq_length: int | None = Field(None, ge=1)
    do_lower_case: bool = False


class _TokenizerConfig(_File):
    model_max_length: int | None = Field(None, ge=1)


class _ModelConfig(_File):
    max_position_embeddings: int | None = None


class _Module(_File):
    type: str


class _Modules(RootModel[tuple[_Module, ...]]):
    root: tuple[_Module, ...] = ()


AnyFile = TypeVar("AnyFile", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Layout:
    """What the files beside the model say about its use.

    Attributes:
        pooling: how one vector is made of the tokens' vectors: `mean`, `cls`, or one that is not supported.
        max_tokens: longest text, tokens; the rest is cut off.
        query: what is put before a question.
        document: what is put before a clause.
        is_lower: whether the text is lowered first.
        others: layers after the pooling that change the vector, by type.
    """

    pooling: str
    max_tokens: int
    query: str
    document: str
    is_lower: bool
    others: tuple[str, ...]


def read_layout(folder: Path) -> Layout:
    """Read the files beside the model; each may be missing.

    Raises:
        ModelError: one is there but cannot be read.
    """
    prompts = {k: v or "" for k, v in _parse(folder, PROMPTS_FILE, _Prompts).prompts.items()}
    transformer = _parse(folder, TRANSFORMER_FILE, _Transformer)
    limits = (
        _parse(folder, TOKENIZER_CONFIG_FILE, _TokenizerConfig).model_max_length,
        _parse(folder, CONFIG_FILE, _ModelConfig).max_position_embeddings,
    )
    known = [limit for limit in limits if limit is not None and 0 < limit < _MOST_TOKENS]
    types = [m.type.rpartition(".")[2] for m in _parse(folder, MODULES_FILE, _Modules).root]
    return Layout(
        pooling=_read_pooling(_parse(folder, POOLING_FILE, _Pooling)),
        max_tokens=transformer.max_seq_length or min(known, default=DEFAULT_TOKENS),
        query=prompts.get("query", ""),
        document=prompts.get("document", ""),
        is_lower=transformer.do_lower_case,
        others=tuple(t for t in types if t not in ("Transformer", "Pooling", "Normalize")),
    )


def _read_pooling(config: _Pooling) -> str:
    """The mode; several are joined by `+`, which is none that is supported."""
    named = config.pooling_mode
    modes = (named,) if isinstance(named, str) else named
    flags = config.model_extra or {}
    modes = modes or tuple(mode for flag, mode in _LEGACY_POOLING.items() if flags.get(flag))
    mode = "+".join(modes) or "mean"
    return mode if config.include_prompt else f"{mode}（不含提示词）"


def _parse(folder: Path, name: str, schema: type[AnyFile]) -> AnyFile:
    """A JSON file, or its defaults where it is missing."""
    if not (folder / name).is_file():
        return schema()
    try:
        return schema.model_validate_json(read_file(folder, name))
    except ValidationError as exc:
        faults = "；".join(f"{'.'.join(map(str, e['loc']))} {e['msg']}" for e in exc.errors())
        raise ModelError(f"向量模型 {folder} 的 {name} 有误：{faults}", hint=REPAIR) from exc


def read_file(folder: Path, name: str) -> bytes:
    """Bytes of a file of the model.

    Raises:
        ModelError: it is missing or cannot be read.
    """
    try:
        return (folder / name).read_bytes()
    except OSError as exc:
        raise ModelError(f"向量模型 {folder} 缺少文件 {name}", hint=REPAIR) from exc
