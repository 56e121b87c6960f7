"""The corpus: every document of a folder, read, parsed and given its metadata.

In: `corpus/documents/`. Out: a `Corpus`. One bad document never hides the good ones: it is listed in
`problems` with its path, what is wrong and the remedy.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from pydantic import TypeAdapter

from assistant.documents.metadata import DocumentMeta, load_meta
from assistant.documents.parse import parse_document
from assistant.documents.questions import attach_questions, load_questions
from assistant.documents.read import SUFFIXES, read_source
from assistant.documents.regions import RegionTree
from assistant.errors import CorpusError
from assistant.models import Clause, Document

_DOCUMENTS = TypeAdapter(tuple[Document, ...])
COUNTRY = "000000"
META = "document.yaml"
QUESTIONS = "questions.yaml"
_STATUTE = re.compile(r"中华人民共和国[\u4e00-\u9fff]{0,40}(?<!办)法(?:典)?")


@dataclass(frozen=True, slots=True)
class CorpusProblem:
    """A document that could not be taken in."""

    path: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Corpus:
    """Documents ordered by id.

    Attributes:
        version: first 12 hexadecimal digits of the SHA-256 over all documents as parsed.
    """

    documents: tuple[Document, ...]
    version: str
    problems: tuple[CorpusProblem, ...] = ()

    @cached_property
    def document_by_id(self) -> dict[str, Document]:
        """Documents by their ids."""
        return {d.id: d for d in self.documents}

    @cached_property
    def clause_by_id(self) -> dict[str, Clause]:
        """Clauses of all documents by their ids."""
        return {c.clause_id: c for d in self.documents for c in d.clauses}


def load_corpus(
    folder: Path, regions: RegionTree, progress: Callable[[str, int, int], None] | None = None
) -> Corpus:
    """Read every document under `folder`/documents.

    Args:
        folder: the corpus folder.
        progress: called with (document name, n done, n in all) before each document.

    Raises:
        CorpusError: the folder does not exist or holds no document that can be read.
    """
    root = folder / "documents"
    if not root.is_dir():
        raise CorpusError(
            f"没有语料文件夹：{root}",
            path=str(root),
            hint="检查 TIAOWEN_CORPUS_DIR，里面应有 documents/",
        )
    entries = list(_entries(root))
    documents: dict[str, Document] = {}
    owners: dict[str, str] = {}
    problems: list[CorpusProblem] = []
    for i, (path, source) in enumerate(entries):
        if progress:
            progress(path.name, i, len(entries))
        try:
            document = _load(path, source, regions)
            if document.id in documents:
                raise CorpusError(
                    f"文件编号 {document.id} 重复，{owners[document.id]} 已经用了它",
                    path=str(path),
                    hint="给其中一个文件夹改名，或改 document.yaml 里的 id",
                )
            documents[document.id] = document
            owners[document.id] = path.name
            # A document without its sample questions is still the law: it stays where only they are wrong.
            asked = path / QUESTIONS
            documents[document.id] = attach_questions(document, load_questions(asked), asked)
        except CorpusError as exc:
            problems.append(CorpusProblem(exc.path or str(path), exc.message, exc.hint))
    if not documents:
        details = "；".join(f"{p.path}：{p.message}" for p in problems) or "文件夹是空的"
        raise CorpusError(
            f"语料里没有可用的文件：{details}",
            path=str(root),
            hint="放入 <编号>/source.txt（或 md、docx、pdf、html）",
        )
    ordered = tuple(documents[key] for key in sorted(documents))
    return Corpus(ordered, _version(ordered), tuple(problems))


def is_in_force(document: Document, as_of: date) -> bool:
    """True unless the document says that it was not yet, or is no longer, in force."""
    begins = document.effective or document.issued
    return (begins is None or begins <= as_of) and (document.expires is None or as_of <= document.expires)


def has_begun(document: Document, as_of: date) -> bool:
    """True unless the document says that it was not yet in force; one that is over had begun."""
    return is_in_force(replace(document, expires=None), as_of)


def is_issued(document: Document, as_of: date) -> bool:
    """True unless the document did not exist yet."""
    return document.issued is None or document.issued <= as_of


def is_statute(document: Document) -> bool:
    """Whether a document is a law of the National People's Congress or its committee, by its title.

    Source: Legislation Law, articles 98 and 99: a law ranks above the rules made under it. A document that is searched for
    some questions only stands beside the others, not above them.
    """
    return bool(_STATUTE.fullmatch(document.title)) and not document.only_for


def dump_corpus(corpus: Corpus) -> bytes:
    """The documents as JSON; the same corpus gives the same bytes."""
    return _DOCUMENTS.dump_json(corpus.documents)


def parse_corpus(data: bytes, version: str) -> Corpus:
    """What `dump_corpus` wrote."""
    return Corpus(_DOCUMENTS.validate_json(data), version)


def _entries(root: Path) -> Iterator[tuple[Path, Path | None]]:
    """(folder or file, source file or None) for each document, by name."""
    for path in sorted(root.iterdir()):
        if path.name.startswith((".", "~")):
            continue
        if path.is_dir():
            yield path, find_source(path)
        elif path.suffix.lower() in SUFFIXES:
            yield path, path


def find_source(folder: Path) -> Path | None:
    """The file `source.…` of a folder; of several the one whose suffix comes first in `SUFFIXES`."""
    found = [
        file
        for file in sorted(folder.iterdir())
        if file.stem.lower() == "source" and file.suffix.lower() in SUFFIXES and file.is_file()
    ]
    return min(found, key=lambda file: SUFFIXES.index(file.suffix.lower()), default=None)


def load_folder(folder: Path, regions: RegionTree, document_id: str = "") -> Document:
    """Read one document from its folder, wherever it lies.

    Args:
        document_id: its id where that is not the name of the folder.

    Raises:
        CorpusError: it cannot be read.
    """
    source = find_source(folder) if folder.is_dir() else folder
    return _load(folder, source, regions, document_id)


def _load(path: Path, source: Path | None, regions: RegionTree, named: str = "") -> Document:
    if source is None:
        raise CorpusError(
            f"{path.name} 里没有 source 文件",
            path=str(path),
            hint=f"放入 source{'、source'.join(SUFFIXES)} 之一",
        )
    meta = load_meta(path / META) if path.is_dir() else DocumentMeta()
    document_id = named or meta.id or (path.name if path.is_dir() else path.stem)
    if any(c.isspace() or c in "#/?~" for c in document_id):
        raise CorpusError(
            f"文件编号 {document_id!r} 含有空白或 # / ? ~",
            path=str(path),
            hint="改名，例如 henan-2024-3",
        )
    document = parse_document(document_id, read_source(source), meta)
    if not document.clauses:
        raise CorpusError(
            f"{source.name} 里没有读出任何条款",
            path=str(source),
            hint="检查文件内容是否为空白或只有图片",
        )
    return place_document(document, path, regions)


def place_document(document: Document, path: Path, regions: RegionTree) -> Document:
    """The document with the region it binds: the declared one, else the one its text names.

    Raises:
        CorpusError: there is no region of the declared code; `path` is named.
    """
    if document.region:
        if regions.get(document.region) is None:
            raise CorpusError(
                f"{path.name}：没有代码为 {document.region} 的地区",
                path=str(path),
                hint="查 corpus/regions.yaml",
            )
        return document
    return replace(document, region=_infer_region(document, regions))


def _infer_region(document: Document, regions: RegionTree) -> str:
    """The innermost place that issuer, title or letterhead names; else the country."""
    signatures = " ".join(document.source[s.start : s.end] for s in document.furniture)
    for text in (document.issuer, document.title, signatures):
        mentions = regions.find(text)
        if mentions:
            return max((m.region for m in mentions), key=lambda r: r.level).code
    return COUNTRY


def _version(documents: tuple[Document, ...]) -> str:
    return hashlib.sha256(_DOCUMENTS.dump_json(documents)).hexdigest()[:12]
