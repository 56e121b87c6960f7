"""The pipeline that a user of LangChain writes: split, embed into Chroma, BM25 beside it, both joined by ranks.

With the same embedder as ours, so that what is compared is the pipeline. The defaults are those of its tutorials.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.retrieval.embed import Embedder

CHUNK, OVERLAP = 500, 100
_BATCH = 5000


class LangChainHybrid:
    """RecursiveCharacterTextSplitter, Chroma and BM25Retriever (rank_bm25) in an EnsembleRetriever.

    Args:
        texts: what is split.
        metadatas: of each text; every chunk of it carries them, and `start_index`.
    """

    name = "LangChain"

    def __init__(
        self, texts: Sequence[str], metadatas: Sequence[dict[str, str]], embedder: Embedder, top_k: int
    ) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import jieba
            from langchain_chroma import Chroma
            from langchain_classic.retrievers import EnsembleRetriever
            from langchain_community.retrievers import BM25Retriever
            from langchain_text_splitters import RecursiveCharacterTextSplitter
        jieba.setLogLevel("WARNING")
        started = time.perf_counter()
        splitter = RecursiveCharacterTextSplitter(
            chunk_size=CHUNK,
            chunk_overlap=OVERLAP,
            add_start_index=True,
            separators=["\n\n", "\n", "。", "；", "，", ""],
        )
        chunks = splitter.create_documents(list(texts), [dict(m) for m in metadatas])
        self._folder = tempfile.TemporaryDirectory(prefix="langchain-bench-")
        store = Chroma(
            "bench",
            _as_langchain(embedder),
            persist_directory=self._folder.name,
            collection_metadata={"hnsw:space": "cosine"},
        )
        for start in range(0, len(chunks), _BATCH):
            store.add_documents(chunks[start : start + _BATCH])
        lexical = BM25Retriever.from_documents(chunks, preprocess_func=jieba.lcut)
        lexical.k = top_k
        dense = store.as_retriever(search_kwargs={"k": top_k})
        self._store = store
        self._retriever = EnsembleRetriever(retrievers=[lexical, dense], weights=[0.5, 0.5])
        self.n_chunks = len(chunks)
        self.build_seconds = time.perf_counter() - started

    def search(self, query: str) -> list[dict[str, Any]]:
        """Metadata of the chunks found, best first."""
        return [{**chunk.metadata, "text": chunk.page_content} for chunk in self._retriever.invoke(query)]

    def disk_bytes(self) -> int:
        """Bytes of the stored vectors; its BM25 lies in memory alone."""
        return sum(p.stat().st_size for p in Path(self._folder.name).rglob("*") if p.is_file())

    def close(self) -> None:
        """Remove what was stored."""
        self._store.delete_collection()
        self._folder.cleanup()


def _as_langchain(embedder: Embedder) -> Any:
    from langchain_core.embeddings import Embeddings

    class Wrapped(Embeddings):
        """Our embedder behind LangChain's interface."""

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            """See `Embedder.embed_documents`."""
            vectors: list[list[float]] = embedder.embed_documents(texts).tolist()
            return vectors

        def embed_query(self, text: str) -> list[float]:
            """See `Embedder.embed_query`."""
            vector: list[float] = embedder.embed_query(text).tolist()
            return vector

    return Wrapped()
