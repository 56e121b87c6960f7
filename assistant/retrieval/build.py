"""Chunks → a new index generation, switched in atomically.

Everything is written into `.building-<process>`, synced to disk, renamed to the generation's name,
and only then named in CURRENT, itself replaced in one step. A build that is killed at any point
leaves the former generation serving; its leftovers go with the next build. Vectors of chunks whose
text has not changed are taken from the former generation. One build at a time: an operating-system
lock, which dies with its process.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.config import RetrievalSettings
from assistant.errors import (
    CorpusError,
    IndexMissing,
    IndexStale,
    TiaowenError,
)
from assistant.retrieval import chroma, generation
from assistant.retrieval.atomic import (
    BUILDING,
    lock_builds,
    map_disk_faults,
    remove_leftovers,
    sync_folder,
    sync_tree,
    write_current,
)
from assistant.retrieval.build_inputs import BuildInputs, choose_mode, digest_source
from assistant.retrieval.dense import Vectors, check_vectors
from assistant.retrieval.generation import Manifest, StoredIndex
from assistant.retrieval.lexical import LexicalIndex
from assistant.retrieval.opened import open_generation
from assistant.retrieval.segment import Segmenter
from assistant.retrieval.terms import TermBags, cut_terms

if TYPE_CHECKING:
    from assistant.retrieval.embed import Embedder

logger = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done and how much there is."""

STAGES = ("segment", "embed", "lexical", "chroma", "seal", "rename", "switch", "clean", "done")

_BATCH = 1024


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        n_embedded: chunks that needed a new vector; texts that stand twice count once.
        is_unchanged: the index was already made from exactly this; nothing was written.
        seconds: wall time.
    """

    generation: str
    n_chunks: int
    n_embedded: int
    is_unchanged: bool
    seconds: float


def build_index(
    inputs: BuildInputs,
    index_dir: Path,
    embedder: Embedder,
    settings: RetrievalSettings,
    progress: Progress | None = None,
) -> BuildReport:
    """Bring the index up to date.

    Raises:
        CorpusError: there is nothing to index, or a word list cannot be read.
        ModelError: the embedder fails or returns unusable vectors.
        StoreError: another build runs, the folder cannot be written, or the Chroma server is away.
        ConfigError: the Chroma URL is malformed.
    """
    started = time.monotonic()
    if not inputs.chunks:
        raise CorpusError("没有可以索引的条款", hint="检查 corpus/documents 下的文件")
    with map_disk_faults(index_dir), lock_builds(index_dir):
        remove_leftovers(index_dir)
        build = _Build(inputs, index_dir, embedder, settings, progress or _ignore)
        n_embedded, name = 0, build.find_unchanged()
        is_unchanged = name is not None
        if name is None:
            n_embedded, name = build.run()
    seconds = time.monotonic() - started
    return BuildReport(name, len(inputs.chunks), n_embedded, is_unchanged, seconds)


class _Build:
    """One build, under the lock."""

    def __init__(
        self,
        inputs: BuildInputs,
        index_dir: Path,
        embedder: Embedder,
        settings: RetrievalSettings,
        progress: Progress,
    ) -> None:
        self._inputs = inputs
        self._index_dir = index_dir
        self._embedder = embedder
        self._settings = settings
        self._progress = progress
        self._mode = choose_mode(settings, len(inputs.chunks))
        self._source_digest = digest_source(inputs, embedder, self._mode)

    def find_unchanged(self) -> str | None:
        """Name of the current generation, if made from this source and opened without warning."""
        try:
            current = generation.read_manifest(self._index_dir / generation.read_current(self._index_dir)[0])
            if current.source_digest != self._source_digest:
                return None
            opened = open_generation(self._index_dir, self._embedder.name, self._settings)
        except (IndexMissing, IndexStale, IndexError):
            return None
        opened.close()
        return None if opened.warnings else opened.generation

    def run(self) -> tuple[int, str]:
        """Make a generation and switch to it; returns the number of embedded texts and its name."""
        former = self._open_former()
        building = self._index_dir / f"{BUILDING}{os.getpid()}"
        building.mkdir()
        try:
            n_embedded, vectors = self._write_files(building, former)
            name = self._write_manifest(building, vectors)
            self._progress("seal", 0, 1)
            sync_tree(building)
            self._progress("rename", 0, 1)
            self._rename(building, name)
        finally:
            shutil.rmtree(building, ignore_errors=True)
        self._progress("switch", 0, 1)
        before = [former.generation] if former else []
        before += generation.read_current(self._index_dir)
        kept = list(dict.fromkeys([name, *before]))[: self._settings.kept_generations]
        write_current(self._index_dir, kept)
        self._progress("clean", 0, 1)
        self._remove_old(kept)
        self._progress("done", 1, 1)
        return n_embedded, name

    def _open_former(self) -> StoredIndex | None:
        """The newest whole generation, whatever embedder made it."""
        for name in generation.list_generations(self._index_dir):
            try:
                return generation.load_stored(self._index_dir / name)
            except IndexStale as exc:
                logger.warning("%s", exc.message)
        return None

    def _write_files(self, folder: Path, former: StoredIndex | None) -> tuple[int, Vectors]:
        chunks = self._inputs.chunks
        self._progress("segment", 0, len(chunks))
        (folder / generation.CORPUS).write_bytes(self._inputs.corpus_json)
        (folder / generation.RULES).write_bytes(self._inputs.rules_json)
        (folder / generation.CHUNKS).write_bytes(generation.encode_chunks(chunks))
        segmenter = Segmenter(self._inputs.dictionary, self._inputs.stopwords)
        (folder / generation.SEGMENT).mkdir()
        segmenter.save(folder / generation.SEGMENT)
        n_embedded, vectors = self._embed(former)
        np.save(folder / generation.VECTORS, vectors)
        bags = self._cut(segmenter)
        self._progress("lexical", 0, len(chunks))
        LexicalIndex.build(bags).save(folder / generation.LEXICAL)
        return n_embedded, vectors

    def _cut(self, segmenter: Segmenter) -> TermBags:
        texts = [chunk.text for chunk in self._inputs.chunks]
        return cut_terms(
            texts,
            segmenter,
            self._inputs.dictionary,
            self._inputs.stopwords,
            lambda n_done: self._progress("segment", n_done, len(texts)),
        )

    def _embed(self, former: StoredIndex | None) -> tuple[int, Vectors]:
        """Vectors in chunk order, and how many texts were embedded."""
        known: dict[str, Vectors] = {}
        if former and former.manifest.embedder == self._embedder.name:
            pairs = zip(former.chunks, former.vectors, strict=True)
            known = {chunk.digest: vector for chunk, vector in pairs}
        text_by_digest = {c.digest: c.text for c in self._inputs.chunks if c.digest not in known}
        digests = list(text_by_digest)
        for start in range(0, len(digests), _BATCH):
            self._progress("embed", start, len(digests))
            batch = digests[start : start + _BATCH]
            made = self._embedder.embed_documents([text_by_digest[digest] for digest in batch])
            known |= zip(batch, check_vectors(made, len(batch), self._embedder.dim), strict=True)
        vectors = np.stack([known[chunk.digest] for chunk in self._inputs.chunks])
        return len(digests), np.ascontiguousarray(vectors, dtype=np.float32)

    def _write_manifest(self, folder: Path, vectors: Vectors) -> str:
        """Describe the files, which names the generation; then fill its Chroma collection."""
        paths = sorted(p for p in folder.rglob("*") if p.is_file())
        manifest = Manifest(
            format=generation.FORMAT,
            corpus_version=self._inputs.corpus_version,
            source_digest=self._source_digest,
            embedder=self._embedder.name,
            dim=self._embedder.dim,
            n_chunks=len(self._inputs.chunks),
            chroma=self._mode,
            files={p.relative_to(folder).as_posix(): generation.digest_file(p) for p in paths},
        ).encode()
        (folder / generation.MANIFEST).write_bytes(manifest)
        name = generation.name_generation(manifest)
        if self._mode != "none":
            self._progress("chroma", 0, len(vectors))
            self._fill_chroma(folder, name, vectors)
        return name

    def _fill_chroma(self, folder: Path, name: str, vectors: Vectors) -> None:
        documents = [chunk.document for chunk in self._inputs.chunks]
        client = chroma.open_client(
            folder / generation.CHROMA, self._settings.chroma_url, chroma.WRITING_SECONDS
        )
        try:
            chroma.write_collection(client, chroma.collection_name(name), vectors, documents)
        finally:
            client.close()
        if self._mode == "embedded":
            seal = chroma.seal_folder(folder / generation.CHROMA)
            (folder / chroma.SEAL).write_bytes(seal)

    def _rename(self, building: Path, name: str) -> None:
        """Give the folder its name; one of that name that did not open cleanly makes way."""
        target = self._index_dir / name
        if target.exists():
            target.rename(self._index_dir / f"{BUILDING}{os.getpid()}-former")
        building.rename(target)
        sync_folder(self._index_dir)

    def _remove_old(self, kept: Sequence[str]) -> None:
        """Remove all generations but the kept ones, on the Chroma server too."""
        remove_leftovers(self._index_dir)
        old = [name for name in generation.list_generations(self._index_dir) if name not in kept]
        for name in old:
            shutil.rmtree(self._index_dir / name, ignore_errors=True)
        if old and self._mode == "server":
            try:
                client = chroma.open_client(None, self._settings.chroma_url)
                for name in old:
                    chroma.delete_collection(client, chroma.collection_name(name))
                client.close()
            except TiaowenError as exc:
                logger.warning("旧的 Chroma 集合没有删除：%s", exc.message)


def _ignore(_stage: str, _done: int, _total: int) -> None:
    """No progress wanted."""
