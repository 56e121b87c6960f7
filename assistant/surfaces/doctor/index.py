"""The index: whole, of this corpus, of this embedder; Chroma answers as the vectors do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.config import Settings
from assistant.errors import CorpusError, IndexMissing, IndexStale, ModelError, TiaowenError
from assistant.surfaces.doctor.finding import (
    Checkup,
    Finding,
    Texts,
    broken,
    failed,
    fine,
    size_of,
    unused,
    warned,
)

if TYPE_CHECKING:
    from assistant.retrieval.generation import StoredIndex

_REBUILD = "运行 tiaowen index"
_LITTLE_ROOM = 2**30


def check_index(checkup: Checkup) -> Iterator[Finding]:
    """Every file of every kept generation, by its SHA-256; what it was built from."""
    from assistant.retrieval.generation import list_generations, load_stored, read_current

    folder = checkup.settings.index_dir
    names = list_generations(folder)
    if not names:
        yield failed("索引", f"还没有索引：{folder}", f"{_REBUILD} 建立", IndexMissing.exit_code)
        return
    current = read_current(folder)
    if not current:
        yield warned("索引", "CURRENT 文件缺失或损坏，正在用最新的一代", f"{_REBUILD} 修复")
    serving: StoredIndex | None = None
    for name in names:
        try:
            stored = load_stored(folder / name)
        except IndexStale as exc:
            if serving is None:
                yield failed("索引", exc.message, f"{_REBUILD} 重建；重建之前由更早的一代服务", exc.exit_code)
            else:
                yield warned("备用索引", exc.message, f"{_REBUILD}；服务不受影响")
            continue
        if serving is None:
            serving = stored
            yield fine("索引", _describe(folder, stored))
        else:
            yield fine("备用索引", f"{name}，{len(stored.manifest.files)} 个文件全部完好")
    if serving is not None:
        yield from _check_fit(checkup.settings, checkup.texts, serving)
        yield from _check_chroma(checkup.settings, serving)


def check_room(checkup: Checkup) -> Iterator[Finding]:
    """Room for the next index, which is built beside the one that serves."""
    folder = checkup.settings.index_dir
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    needed = 2 * _size(folder)
    told = f"索引目录所在磁盘剩余 {size_of(free)}"
    if free < max(needed, _LITTLE_ROOM):
        yield warned("索引磁盘", told, "清理磁盘：新索引建在旧索引旁边，需要两倍的空间")
    else:
        yield fine("索引磁盘", told)


def _describe(folder: Path, stored: StoredIndex) -> str:
    from assistant.retrieval.generation import find_build_time

    built = datetime.fromtimestamp(find_build_time(folder / stored.generation), UTC).astimezone()
    return (
        f"{stored.generation}，{stored.manifest.n_chunks} 个片段，{len(stored.manifest.files)} 个文件的 SHA-256 全部相符，"
        f"{size_of(_size(folder / stored.generation))}，建于 {built:%Y-%m-%d %H:%M}"
    )


def _check_fit(settings: Settings, texts: Texts, stored: StoredIndex) -> Iterator[Finding]:
    """Whether it was built by this embedder from what is in the corpus folder now."""
    from assistant.retrieval.embed import load_embedder
    from assistant.rules.load import dump_source

    try:
        embedder = load_embedder(settings.retrieval.embedder)
    except ModelError as exc:
        yield broken("向量模型", exc)
    else:
        if embedder.name != stored.manifest.embedder:
            told = f"索引由 {stored.manifest.embedder} 建立，设置的是 {embedder.name}"
            yield failed("向量模型", told, f"{_REBUILD} 重建", IndexStale.exit_code)
        else:
            yield fine("向量模型", f"{embedder.name}，{embedder.dim} 维，与索引一致")
    try:
        corpus = texts.corpus
        is_same = corpus.version == stored.manifest.corpus_version
        is_same = is_same and dump_source(texts.source) == stored.rules_json
    except CorpusError:
        return  # told among the documents
    if is_same:
        yield fine("索引与文件库", f"一致（{corpus.version}）")
    else:
        yield warned(
            "索引与文件库", "文件或规则改过，回答用的还是旧的", f"{_REBUILD}；运行中的服务会自动换上"
        )


def _check_chroma(settings: Settings, stored: StoredIndex) -> Iterator[Finding]:
    from assistant.retrieval.opened import open_generation

    if stored.manifest.chroma == "none":
        yield unused("Chroma", "这个索引没有建 Chroma 集合，由精确检索回答")
        return
    wanted = settings.retrieval.model_copy(update={"vectors": "chroma"})
    try:
        opened = open_generation(settings.index_dir, stored.manifest.embedder, wanted, stored.generation)
    except TiaowenError as exc:
        yield broken("Chroma", exc)
        return
    opened.close()
    if opened.warnings:
        yield warned("Chroma", "；".join(opened.warnings), f"{_REBUILD}；回答不受影响")
    else:
        where = "服务器" if stored.manifest.chroma == "server" else "本进程"
        yield fine("Chroma", f"{where}里的集合抽查与向量一致")


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
