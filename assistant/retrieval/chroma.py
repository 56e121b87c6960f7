"""Chroma as the dense leg: a collection per index generation, embedded or on a server.

What Chroma finds is scored again from `vectors.npy`, so damage can cost candidates, never change a
score. Chroma cannot be kept from writing: opening a folder adds one row to its table
`acquire_write`. So its files are sealed by themselves, not in the generation's manifest: SHA-256
of the HNSW files (flushed by a low `sync_threshold`, untouched afterwards) and of the content of
every other table. The seal is checked before Chroma opens anything, because it answers wrongly
from a damaged file, or takes the process down.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from assistant.errors import ConfigError, IndexStale, StoreError
from assistant.retrieval.dense import (
    ExactVectors,
    Vectors,
    find_nonzero,
    rank_positions,
    unit_query,
)

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

SEAL = "chroma.json"
DATABASE = "chroma.sqlite3"

_EXTRA = 16
_TIE = 1e-6
WRITING_SECONDS = 300.0
"""How long a server may take to write one batch into its graph; a question does not wait that long."""

_TIMEOUT_SECONDS = 5.0
_MAX_EF = 4096
_BATCH = 5000
_N_PROBES = 4


class ChromaVectors:
    """Searches one collection; positions are its ids."""

    fault = ""

    def __init__(self, client: ClientAPI, name: str, exact: ExactVectors) -> None:
        """Open the collection of a generation.

        Raises:
            IndexStale: there is no such collection, or its size is not that of the vectors.
            StoreError: the server cannot be reached.
        """
        self._client = client
        self._exact = exact
        with map_faults():
            self._collection = client.get_collection(name, embedding_function=None)
            n_found = self._collection.count()
        n_expected = len(exact.allowed_positions(None))
        if n_found != n_expected:
            raise IndexStale(f"Chroma 里有 {n_found} 个向量，应有 {n_expected} 个")

    def search(
        self, vector: Vectors, top_k: int, documents: frozenset[str] | None = None
    ) -> list[tuple[int, float]]:
        """See `VectorLeg.search`.

        Raises:
            IndexStale: Chroma returned fewer chunks than there are.
            StoreError: the server cannot be reached.
        """
        vectors = self._exact.vectors
        query = unit_query(vector, vectors.shape[1])
        n_allowed = len(self._exact.allowed_positions(documents))
        if query is None or not n_allowed:
            return []
        n_wanted = min(top_k + _EXTRA, n_allowed)
        while True:
            positions = self._find(query.astype(np.float32), n_wanted, documents)
            if len(positions) < n_wanted:
                raise IndexStale(f"Chroma 只返回 {len(positions)} 个结果，应有 {n_wanted} 个")
            ranked = rank_positions(vectors, np.array(positions, dtype=np.int64), query)
            # A tie that reaches the last candidate may go on beyond it, with lower positions.
            if n_wanted == n_allowed or ranked[top_k - 1][1] - ranked[-1][1] > _TIE:
                return ranked[:top_k]
            n_wanted = min(4 * n_wanted, n_allowed)

    def probe(self) -> None:
        """Compare a few searches with the exact scan.

        Raises:
            IndexStale: they differ.
        """
        positions = self._exact.allowed_positions(None)
        chosen = positions[np.linspace(0, len(positions) - 1, _N_PROBES).astype(np.int64)]
        first = frozenset([self._exact.documents_of_chunks[chosen[0]]])
        for position in chosen:
            vector = self._exact.vectors[position]
            for wanted in (None, first):
                if self.search(vector, 10, wanted) != self._exact.search(vector, 10, wanted):
                    raise IndexStale("Chroma 的结果与 vectors.npy 不一致")

    def close(self) -> None:
        """Close the client."""
        self._client.close()

    def _find(self, query: Vectors, n_wanted: int, documents: frozenset[str] | None) -> list[int]:
        where: dict[str, Any] | None = None
        if documents is not None:
            where = {"document": {"$in": sorted(documents)}}
        with map_faults():
            found = self._collection.query(
                query_embeddings=[query], n_results=n_wanted, where=where, include=[]
            )
            return [int(position) for position in found["ids"][0]]


def collection_name(generation: str) -> str:
    """Name of a generation's collection."""
    return f"tiaowen-{generation}"


def open_client(folder: Path | None, url: str | None, timeout: float = _TIMEOUT_SECONDS) -> ClientAPI:
    """Connect to the server where there is a URL, else open the folder in this process.

    Args:
        timeout: how long the server may take over one request, seconds.

    Raises:
        ConfigError: the URL is not an http(s) address.
        StoreError: the server cannot be reached.
        IndexStale: the folder cannot be opened.
    """
    with map_faults():
        import chromadb
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        if url is None:
            return chromadb.PersistentClient(path=str(folder), settings=settings)
        import httpx

        address = urlsplit(url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ConfigError(f"Chroma 地址无效：{url}", hint="例如 http://127.0.0.1:8001")
        is_tls = address.scheme == "https"
        port = address.port or (443 if is_tls else 8000)
        # Chroma's own client waits for ever; a server that does not answer this is not used.
        base = f"{address.scheme}://{address.hostname}:{port}"
        httpx.get(f"{base}/api/v2/heartbeat", timeout=_TIMEOUT_SECONDS).raise_for_status()
        client = chromadb.HttpClient(address.hostname, port, ssl=is_tls, settings=settings)
        session = getattr(getattr(client, "_server", None), "_session", None)
        if isinstance(session, httpx.Client):
            session.timeout = httpx.Timeout(timeout)
        return client


def write_collection(
    client: ClientAPI, name: str, vectors: Vectors, documents_of_chunks: Sequence[str]
) -> None:
    """Make the collection anew; rows of zeros are left out.

    Raises:
        StoreError, IndexStale: Chroma cannot be reached or cannot write.
    """
    from chromadb.errors import NotFoundError

    positions = find_nonzero(vectors)
    hnsw = {
        "space": "cosine",
        "max_neighbors": 32,
        "ef_construction": 200,
        "ef_search": min(max(len(positions), 100), _MAX_EF),
        "sync_threshold": 2,
    }
    with map_faults():
        with suppress(NotFoundError):
            client.delete_collection(name)
        collection = client.create_collection(name, embedding_function=None, configuration={"hnsw": hnsw})
        for start in range(0, len(positions), _BATCH):
            batch = positions[start : start + _BATCH]
            collection.add(
                ids=[str(position) for position in batch],
                embeddings=vectors[batch],
                metadatas=[{"document": documents_of_chunks[position]} for position in batch],
            )


def delete_collection(client: ClientAPI, name: str) -> None:
    """Remove a collection of a generation that is gone; nothing happens where there is none.

    Raises:
        StoreError: the server cannot be reached.
    """
    from chromadb.errors import NotFoundError

    with map_faults(), suppress(NotFoundError):
        client.delete_collection(name)


def seal_folder(folder: Path) -> bytes:
    """Describe a closed Chroma folder so that any later damage shows.

    Returns:
        JSON: SHA-256 by relative path; for the database, of its rows.

    Raises:
        IndexStale: the database is damaged.
    """
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.parent != folder)
    # With a single vector Chroma keeps the graph in the database and rewrites these files.
    is_flushed = any(p.name == "index_metadata.pickle" for p in files)
    sealed = {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in (files if is_flushed else ())
    }
    sealed[DATABASE] = _digest_rows(folder / DATABASE)
    return json.dumps(sealed, sort_keys=True).encode()


def check_seal(folder: Path, seal: bytes) -> None:
    """Compare a Chroma folder with its seal.

    Raises:
        IndexStale: a file is missing or damaged.
    """
    try:
        for name, digest in json.loads(seal).items():
            path = folder / name
            found = _digest_rows(path) if name == DATABASE else hashlib.sha256(path.read_bytes()).hexdigest()
            if found != digest:
                raise IndexStale(f"Chroma 文件损坏：{name}")
    except (OSError, ValueError, AttributeError) as exc:
        raise IndexStale("Chroma 文件缺失") from exc


def _digest_rows(database: Path) -> str:
    """SHA-256 of every row that Chroma does not write on opening."""
    digest = hashlib.sha256()
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as store:
            if store.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise IndexStale("Chroma 数据库损坏")
            tables = store.execute(
                "SELECT name, sql FROM sqlite_master WHERE sql NOT LIKE 'CREATE VIRTUAL%' "
                "AND name != 'acquire_write' ORDER BY name"
            ).fetchall()
            for name, sql in tables:
                digest.update(f"\n{sql}\n".encode())
                if not sql.upper().startswith("CREATE TABLE"):
                    continue
                for row in store.execute(f'SELECT * FROM "{name}"'):
                    for value in row:
                        digest.update(value if isinstance(value, bytes) else repr(value).encode())
                        digest.update(b"\x1f")
    except sqlite3.Error as exc:
        raise IndexStale("Chroma 数据库损坏") from exc
    return digest.hexdigest()


@contextmanager
def map_faults() -> Iterator[None]:
    """Turn what Chroma and its HTTP client raise into our errors."""
    try:
        import httpx
        from chromadb.errors import ChromaError
    except ImportError as exc:
        raise IndexStale(f"Chroma 不可用：{exc}", hint="重新安装 tiaowen") from exc
    try:
        yield
    except httpx.HTTPError as exc:
        raise StoreError(
            f"连不上 Chroma 服务器：{exc}",
            hint="检查 TIAOWEN_RETRIEVAL__CHROMA_URL；去掉它则用内置 Chroma",
        ) from exc
    except (ChromaError, ValueError, OSError, RuntimeError, sqlite3.Error) as exc:
        raise IndexStale(f"Chroma 出错：{exc}", hint="运行 tiaowen index 重建索引") from exc
