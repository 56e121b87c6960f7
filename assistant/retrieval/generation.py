"""The files of an index generation: a folder written once, named after its content and never edited.

    indexes/CURRENT                   names of good generations, newest first, one a line
    indexes/<generation>/
        manifest.json                 what it was built from, SHA-256 of each file
        corpus.json rules.json chunks.json vectors.npy lexical/ segment/
        chroma/ chroma.json           where Chroma is embedded; sealed apart, see `chroma.py`

In: the folder of the indexes, or one generation's. Out: `StoredIndex`, what the files hold, each of them checked.
A generation's name is the digest of its manifest: the same inputs give the same name. So damage anywhere is seen
on reading. Who answers from it is decided in `opened.py`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import IndexStale
from assistant.models import Chunk
from assistant.retrieval.dense import Vectors
from assistant.retrieval.lexical import LexicalIndex
from assistant.retrieval.segment import Segmenter

FORMAT = 2
CURRENT = "CURRENT"
MANIFEST = "manifest.json"
CORPUS = "corpus.json"
RULES = "rules.json"
CHUNKS = "chunks.json"
VECTORS = "vectors.npy"
LEXICAL = "lexical"
SEGMENT = "segment"
CHROMA = "chroma"
SCANNED_CHUNKS = 200_000
"""Chunks up to which an exact scan answers under the setting `auto`: it takes 0.1 ms a thousand, and no graph is built."""
STANDBY_CHUNKS = 10_000
"""Chunks up to which a collection is built under `auto` all the same, for who sets `chroma` later: it costs a second or two."""

MAPPED_BYTES = 2**26
"""Size of `vectors.npy` from which it is mapped, so that several processes hold it once; 65,000 chunks of the default model."""

REBUILD = "运行 tiaowen index 重建索引"

ChromaMode = Literal["none", "embedded", "server"]


class Manifest(BaseModel):
    """What a generation holds and what it was made from.

    Attributes:
        source_digest: SHA-256 over everything the build read; the same digest needs no new build.
        embedder: name of the model, which holds its digest.
        files: SHA-256 by path in the folder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[2]
    corpus_version: str
    source_digest: str
    embedder: str
    dim: int
    n_chunks: int
    chroma: ChromaMode
    files: dict[str, str]

    def encode(self) -> bytes:
        """Bytes of `manifest.json`."""
        text = json.dumps(self.model_dump(), ensure_ascii=False, sort_keys=True, indent=1)
        return f"{text}\n".encode()


@dataclass(frozen=True, slots=True)
class StoredIndex:
    """What a generation's files hold.

    Attributes:
        chunks: in index order, which is the order of the rows of `vectors`.
        vectors: `(n_chunks, dim) float32`, memory-mapped where they are many; rows L2-normalised or all zeros.
        segmenter: cuts a question as the chunks were cut.
    """

    generation: str
    manifest: Manifest
    corpus_json: bytes
    rules_json: bytes
    chunks: tuple[Chunk, ...]
    vectors: Vectors
    lexical: LexicalIndex
    segmenter: Segmenter


def list_generations(index_dir: Path) -> list[str]:
    """Names to try, best first: those in CURRENT, then the others, newest first."""
    named = read_current(index_dir)
    folders = [p for p in _list_folders(index_dir) if p.name not in named]
    folders.sort(key=lambda p: (-p.stat().st_mtime_ns, p.name))
    return named + [p.name for p in folders]


def read_current(index_dir: Path) -> list[str]:
    """Names in CURRENT; empty where it is missing or damaged."""
    try:
        lines = (index_dir / CURRENT).read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        return []
    return lines if all(is_generation_name(line) for line in lines) else []


def is_current_valid(index_dir: Path) -> bool:
    """Whether CURRENT can be read."""
    return bool(read_current(index_dir))


def is_generation_name(name: str) -> bool:
    """Whether a folder name is that of a generation."""
    return re.fullmatch("[0-9a-f]{16}", name) is not None


def name_generation(manifest: bytes) -> str:
    """The name that a manifest gives its folder."""
    return hashlib.sha256(manifest).hexdigest()[:16]


def load_stored(folder: Path) -> StoredIndex:
    """Check every file of a generation against its manifest and load it.

    Raises:
        IndexStale: a file is missing or damaged, or the format is another version's.
    """
    manifest = read_manifest(folder)
    check_files(folder, manifest, folder.name)
    try:
        chunks = json.loads((folder / CHUNKS).read_bytes())
        stored = StoredIndex(
            generation=folder.name,
            manifest=manifest,
            corpus_json=(folder / CORPUS).read_bytes(),
            rules_json=(folder / RULES).read_bytes(),
            chunks=tuple(Chunk(**chunk) for chunk in chunks),
            vectors=_load_vectors(folder / VECTORS),
            lexical=LexicalIndex.load(folder / LEXICAL),
            segmenter=Segmenter.load(folder / SEGMENT),
        )
    except (OSError, ValueError, TypeError) as exc:
        raise IndexStale(f"索引 {folder.name} 读不出来：{exc}", hint=REBUILD) from exc
    shape = (manifest.n_chunks, manifest.dim)
    if stored.vectors.shape != shape or len(chunks) != stored.lexical.n_chunks:
        raise IndexStale(f"索引 {folder.name} 各部分大小不一致", hint=REBUILD)
    return stored


def _load_vectors(path: Path) -> Vectors:
    """The rows, in memory where they are few: a mapped file that is cut short under a process ends the process."""
    is_small = path.stat().st_size <= MAPPED_BYTES
    loaded: Vectors = np.load(path, mmap_mode=None if is_small else "r", allow_pickle=False)
    return loaded


def check_files(folder: Path, manifest: Manifest, generation: str) -> None:
    """Compare every file with its digest, several at once: reading and hashing wait for no interpreter lock.

    Args:
        generation: the name to tell, where the folder does not have it yet.

    Raises:
        IndexStale: one is missing or damaged.
    """

    def is_whole(name: str) -> bool:
        try:
            return digest_file(folder / name) == manifest.files[name]
        except OSError as exc:
            raise IndexStale(f"索引 {generation} 缺少 {name}", hint=REBUILD) from exc

    with ThreadPoolExecutor() as pool:
        for name, whole in zip(manifest.files, pool.map(is_whole, manifest.files), strict=True):
            if not whole:
                raise IndexStale(f"索引 {generation} 的 {name} 已损坏", hint=REBUILD)


def read_manifest(folder: Path) -> Manifest:
    """Read a manifest that still has the digest its folder is named after.

    Raises:
        IndexStale: it is missing, damaged or of another format.
    """
    try:
        data = (folder / MANIFEST).read_bytes()
    except OSError as exc:
        raise IndexStale(f"索引 {folder.name} 缺少 {MANIFEST}", hint=REBUILD) from exc
    if name_generation(data) != folder.name:
        raise IndexStale(f"索引 {folder.name} 的 {MANIFEST} 已损坏", hint=REBUILD)
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as exc:
        raise IndexStale(f"索引 {folder.name} 由另一版本的程序建立", hint=REBUILD) from exc


def find_build_time(folder: Path) -> float:
    """When a generation was written, seconds since the epoch; 0 where it has gone."""
    try:
        return (folder / MANIFEST).stat().st_mtime
    except OSError:
        return 0.0


def read_rules(index_dir: Path) -> bytes | None:
    """The rules of the generation that serves; None where there is none that is whole."""
    for name in read_current(index_dir)[:1]:
        path = index_dir / name / RULES
        try:
            if read_manifest(index_dir / name).files.get(RULES) == digest_file(path):
                return path.read_bytes()
        except (IndexStale, OSError):
            return None
    return None


def digest_file(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def encode_chunks(chunks: tuple[Chunk, ...]) -> bytes:
    """Bytes of `chunks.json`."""
    return json.dumps([asdict(chunk) for chunk in chunks], ensure_ascii=False, indent=0).encode()


def _list_folders(index_dir: Path) -> Iterator[Path]:
    if index_dir.is_dir():
        yield from (p for p in index_dir.iterdir() if p.is_dir() and is_generation_name(p.name))
