"""Opens an index generation to answer from it.

In: the folder of the indexes, the embedder's name, the settings. Out: `OpenedIndex`, the files with the leg that
answers vector queries. A damaged generation gives way to the one before it, and Chroma to the exact scan; both are
told in `OpenedIndex.warnings` instead of stopping the service.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from assistant.config import RetrievalSettings
from assistant.errors import ConfigError, IndexMissing, IndexStale, TiaowenError
from assistant.retrieval import chroma, generation
from assistant.retrieval.dense import ExactVectors, FallbackVectors, VectorLeg
from assistant.retrieval.generation import (
    CHROMA,
    CURRENT,
    REBUILD,
    Manifest,
    StoredIndex,
    is_current_valid,
    is_generation_name,
    list_generations,
    load_stored,
)


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


def _wants_chroma(settings: RetrievalSettings, n_chunks: int) -> bool:
    """Whether Chroma answers: the scan of a small index is exact and several times as fast."""
    if settings.vectors == "auto":
        return settings.chroma_url is not None or n_chunks > generation.SCANNED_CHUNKS
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
