"""Opens an index generation: a folder written once, named after its content and never edited.

    indexes/CURRENT                   names of good generations, newest first, one a line
    indexes/<generation>/
        manifest.json                 what it was built from, SHA-256 of each file
        corpus.json rules.json chunks.json vectors.npy lexical/ segment/
        chroma/ chroma.json           where Chroma is embedded; sealed apart, see `chroma.py`

A generation's name is the digest of its manifest: the same inputs give the same name.
So damage anywhere is seen on opening. A damaged generation gives way to the one before it, and
Chroma to the exact scan; both are told in `OpenedIndex.warnings` instead of stopping the service.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.config import RetrievalSettings
from assistant.errors import ConfigError, IndexMissing, IndexStale, TiaowenError
from assistant.models import Chunk
from assistant.retrieval import chroma
from assistant.retrieval.dense import ExactVectors, FallbackVectors, VectorLeg, Vectors
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


@dataclass(frozen=True, slots=True)
class OpenedIndex(StoredIndex):
    """An index ready to answer.

    Attributes:
        leg: who answers vector queries.
        found: what the operator should know of the files, in Chinese: a fallback, and how to end it.
    """

    leg: VectorLeg
    found: tuple[str, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the operator should know now, in Chinese: what was found, and a leg that is away for the time being."""
        fault = self.leg.fault
        return (*self.found, _tell_fallback(fault)) if fault else self.found

    def close(self) -> None:
        """Let go of Chroma."""
        self.leg.close()


def open_generation(
    index_dir: Path, embedder_name: str, settings: RetrievalSettings, name: str | None = None
) -> OpenedIndex:
    """Open the newest generation that is whole, or one by its name.

    Raises:
        IndexMissing: nothing has been built in this folder, or the one that is named has gone.
        IndexStale: no generation is usable, or the newest was made by another embedder.
        ConfigError: the Chroma URL is malformed.
    """
    if name is None:
        stored, warnings = open_stored(index_dir, embedder_name)
    else:
        stored, warnings = _load_named(index_dir, name, embedder_name), []
    exact = ExactVectors(stored.vectors, [chunk.document for chunk in stored.chunks])
    leg: VectorLeg = exact
    if _wants_chroma(settings, stored.manifest.n_chunks):
        try:
            leg = _open_chroma(index_dir / stored.generation, stored.manifest, settings, exact)
        except ConfigError:
            raise
        except TiaowenError as exc:
            warnings.append(_tell_fallback(exc.message))
    elif stored.manifest.chroma == "embedded" and settings.vectors == "auto":
        # The collection stands by for when the index has grown; that it is damaged has to be told now.
        try:
            _check_collection(index_dir / stored.generation)
        except TiaowenError as exc:
            warnings.append(f"{exc.message}。眼下用精确检索，结果不受影响；{REBUILD}")
    fields = {name: getattr(stored, name) for name in StoredIndex.__slots__}
    return OpenedIndex(**fields, leg=leg, found=tuple(warnings))


def open_stored(index_dir: Path, embedder_name: str) -> tuple[StoredIndex, list[str]]:
    """Load the files of the newest whole generation, without Chroma.

    Returns:
        The files, and a warning for each newer generation that was passed over.

    Raises:
        IndexMissing, IndexStale: as `open_generation`.
    """
    names = list_generations(index_dir)
    if not names:
        raise IndexMissing(f"还没有索引：{index_dir}", hint="运行 tiaowen index 建立索引")
    faults: list[str] = []
    for name in names:
        try:
            stored = load_stored(index_dir / name)
        except IndexStale as exc:
            faults.append(exc.message)
            continue
        _check_embedder(stored, embedder_name)
        if faults:
            faults = [f"{fault}。已改用旧索引 {name}；{REBUILD}" for fault in faults]
        elif not is_current_valid(index_dir):
            faults = [f"{CURRENT} 文件缺失或损坏，已改用索引 {name}；{REBUILD}"]
        return stored, faults
    raise IndexStale(f"没有可用的索引：{'；'.join(faults)}", hint=REBUILD)


def _load_named(index_dir: Path, name: str, embedder_name: str) -> StoredIndex:
    if not is_generation_name(name) or not (index_dir / name).is_dir():
        raise IndexMissing(
            f"索引 {name} 已经不在了", hint="要让旧索引保留得更久，调大 TIAOWEN_RETRIEVAL__KEPT_GENERATIONS"
        )
    stored = load_stored(index_dir / name)
    _check_embedder(stored, embedder_name)
    return stored


def _check_embedder(stored: StoredIndex, embedder_name: str) -> None:
    if stored.manifest.embedder != embedder_name:
        raise IndexStale(
            f"索引由向量模型 {stored.manifest.embedder} 建立，现在的模型是 {embedder_name}", hint=REBUILD
        )


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


def _wants_chroma(settings: RetrievalSettings, n_chunks: int) -> bool:
    """Whether Chroma answers: the scan of a small index is exact and several times as fast."""
    if settings.vectors == "auto":
        return settings.chroma_url is not None or n_chunks > SCANNED_CHUNKS
    return settings.vectors == "chroma"


def _tell_fallback(fault: str) -> str:
    return f"Chroma 未启用：{fault}。改用精确检索，结果不变；Chroma 恢复后会自动用回，还不行就{REBUILD}"


def _open_chroma(
    folder: Path, manifest: Manifest, settings: RetrievalSettings, exact: ExactVectors
) -> VectorLeg:
    """Open and probe the collection; one on a server that is away is opened when it has come back.

    Raises:
        TiaowenError: it cannot be used; the message says why.
    """
    wanted = "server" if settings.chroma_url else "embedded"
    if manifest.chroma != wanted:
        raise IndexStale("这个索引建立时用的是别的 Chroma 设置")
    if wanted == "embedded":
        _check_collection(folder)

    def open_leg() -> VectorLeg:
        client = chroma.open_client(folder / CHROMA, settings.chroma_url)
        try:
            leg = chroma.ChromaVectors(client, chroma.collection_name(folder.name), exact)
            leg.probe()
        except TiaowenError:
            client.close()
            raise
        return leg

    if wanted == "embedded":
        # Damaged files do not mend, and opening them may end the process.
        return FallbackVectors(open_leg, exact, open_leg(), retry_seconds=math.inf)
    try:
        return FallbackVectors(open_leg, exact, open_leg())
    except ConfigError:
        raise
    except TiaowenError as exc:
        return FallbackVectors(open_leg, exact, fault=exc.message)


def _check_collection(folder: Path) -> None:
    """Check the embedded collection's files without opening Chroma.

    Raises:
        IndexStale: a file is missing or was changed.
    """
    try:
        seal = (folder / chroma.SEAL).read_bytes()
    except OSError as exc:
        raise IndexStale(f"缺少 {chroma.SEAL}") from exc
    chroma.check_seal(folder / CHROMA, seal)


def _list_folders(index_dir: Path) -> Iterator[Path]:
    if index_dir.is_dir():
        yield from (p for p in index_dir.iterdir() if p.is_dir() and is_generation_name(p.name))
