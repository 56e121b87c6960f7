"""What an index is made of, and the digest that tells whether it has to be made again.

In: chunks, corpus, rules and word lists. Out: `BuildInputs`, their digest, and where Chroma's collection is built.
The digest covers the versions of the libraries that cut and count words too, because another one may do it otherwise.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.config import RetrievalSettings
from assistant.errors import CorpusError
from assistant.models import Chunk
from assistant.retrieval import generation, lexical
from assistant.retrieval.generation import ChromaMode

if TYPE_CHECKING:
    from assistant.retrieval.embed import Embedder


@dataclass(frozen=True, slots=True)
class BuildInputs:
    """What an index is made of.

    Attributes:
        chunks: in index order; at least one, no chunk id twice.
        corpus_json, rules_json: stored as they are and handed back on opening.
        dictionary: the corpus' own words, None for none.
    """

    chunks: tuple[Chunk, ...]
    corpus_json: bytes
    rules_json: bytes
    corpus_version: str
    dictionary: Path | None
    stopwords: Path


def choose_mode(settings: RetrievalSettings, n_chunks: int) -> ChromaMode:
    """Where the collection of an index is built, if one is."""
    if settings.vectors == "exact":
        return "none"
    if settings.chroma_url:
        return "server"
    is_unused = generation.STANDBY_CHUNKS < n_chunks <= generation.SCANNED_CHUNKS
    return "none" if settings.vectors == "auto" and is_unused else "embedded"


def digest_source(inputs: BuildInputs, embedder: Embedder, mode: ChromaMode) -> str:
    """SHA-256 over all that decides what a generation holds.

    Raises:
        CorpusError: a word list cannot be read.
    """
    try:
        lists = [p.read_bytes() for p in (inputs.stopwords, inputs.dictionary) if p is not None]
    except OSError as exc:
        raise CorpusError(f"读不了词表：{exc.filename}", path=str(exc.filename)) from exc
    about = {
        "format": generation.FORMAT,
        "corpus_version": inputs.corpus_version,
        "embedder": [embedder.name, embedder.dim],
        "chroma": mode,
        "bm25": [lexical.K1, lexical.B, version("bm25s")],
        "jieba": version("jieba"),
        "lists": [hashlib.sha256(data).hexdigest() for data in lists],
        "corpus": hashlib.sha256(inputs.corpus_json).hexdigest(),
        "rules": hashlib.sha256(inputs.rules_json).hexdigest(),
        "chunks": hashlib.sha256(generation.encode_chunks(inputs.chunks)).hexdigest(),
    }
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
