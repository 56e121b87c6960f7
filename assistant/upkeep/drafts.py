"""A file that somebody wants to take in → what it would become: metadata, clauses, coverage, what is like it already.

In: a file and what was stated of it. Out: a `Draft`; nothing is written before `write_draft` fills the folder that is
to be switched in.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.documents.catalog import META, Corpus, load_corpus, place_document
from assistant.documents.check import DocumentRow, check_document
from assistant.documents.compare import body_of
from assistant.documents.metadata import DocumentMeta
from assistant.documents.metadata_edit import dump_meta
from assistant.documents.normalize import collapse_display, squeeze
from assistant.documents.parse import parse_document
from assistant.documents.read import read_source
from assistant.documents.regions import RegionTree, load_regions
from assistant.documents.switch import hold_still
from assistant.errors import CorpusError, ParseError
from assistant.models import Document
from assistant.rules.coverage import find_uncovered
from assistant.upkeep.guesses import Guess, guess_fields, meta_values, read_given, suggest_id

if TYPE_CHECKING:
    from assistant.config import Settings

_LEAST_SHARED = 0.5
"""Share of clauses with the same words from which on another document is offered for an update."""
_SHORTEST_BODY = 12
"""Characters of a clause from which on its words tell anything."""


@dataclass(frozen=True, slots=True)
class TableFound:
    """A table of the text: where, how many rows, its column headers."""

    place: str
    n_rows: int
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nearest:
    """A document of the corpus that the file looks like, and why."""

    document: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What a file would become.

    Attributes:
        document: parsed with the metadata as they stand; its id is the one proposed or stated.
        n_figures: normative figures of the text, which rules could carry.
        kinds: how many clauses there are of each kind.
        open: labels of fields that somebody has to state before it is taken in.
        warnings: what to look at, in Chinese.
    """

    path: Path
    document: Document
    guesses: tuple[Guess, ...]
    row: DocumentRow
    tables: tuple[TableFound, ...]
    nearest: Nearest | None
    n_figures: int
    kinds: dict[str, int]
    open: tuple[Guess, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The corpus as it lies in its folder now, and the regions; an empty corpus has no documents."""

    corpus: Corpus
    regions: RegionTree


def open_shelf(settings: Settings) -> Shelf:
    """Read the corpus folder.

    Raises:
        CorpusError: the folder or its list of regions cannot be read.
    """
    regions = load_regions(settings.corpus_dir / "regions.yaml")
    with hold_still(settings.corpus_dir):
        if not (settings.corpus_dir / "documents").is_dir():
            raise CorpusError(
                f"没有文件库：{settings.corpus_dir}",
                path=str(settings.corpus_dir),
                hint="检查 TIAOWEN_CORPUS_DIR；tiaowen corpus init 文件夹 可以新建一个",
            )
        try:
            return Shelf(load_corpus(settings.corpus_dir, regions), regions)
        except CorpusError:
            return Shelf(Corpus((), ""), regions)


def read_draft(shelf: Shelf, path: Path, given: Mapping[str, str]) -> Draft:
    """Read a file as a new document.

    Args:
        path: the file; its suffix chooses the reader.
        given: what was stated, by field (`id` and those of `guesses.LABELS`).

    Raises:
        ParseError: the file cannot be read, or no clause was found in it.
        RequestInvalid: what was stated cannot be used.
    """
    stated = read_given(given, shelf.regions)
    text = read_source(path)
    bare = _parse("x", text, _meta_of(stated), path)
    guesses = guess_fields(bare, stated, shelf.regions)
    taken = frozenset(shelf.corpus.document_by_id)
    id_ = stated.get("id") or suggest_id(guesses, shelf.regions, taken)
    document = parse_document(id_, text, DocumentMeta.model_validate(meta_values(guesses)))
    document = place_document(document, path, shelf.regions)
    return _describe(shelf, path, document, guesses)


def write_draft(draft: Draft, folder: Path) -> None:
    """Fill the folder of a new document: the file as it was supplied, and its metadata."""
    shutil.copyfile(draft.path, folder / f"source{draft.path.suffix.lower()}")
    (folder / META).write_text(dump_meta(meta_values(draft.guesses)), encoding="utf-8")


def describe_tables(document: Document) -> tuple[TableFound, ...]:
    """The tables of a document, in order."""
    rows: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for clause in document.clauses:
        if clause.kind == "row":
            place = clause.label.rpartition(" ")[0] or (clause.headings[0] if clause.headings else "")
            headers = tuple(collapse_display(cell.header) for cell in clause.cells if cell.header)
            rows.setdefault(place, []).append((clause.label, headers))
    return tuple(
        TableFound(place, len(found), max((headers for _, headers in found), key=len))
        for place, found in rows.items()
    )


def count_figures(document: Document) -> int:
    """How many normative figures the text states."""
    clauses = [(c.path, c.start, c.end) for c in document.clauses]
    return len(find_uncovered(clauses, document.source, ()))


def find_nearest(document: Document, others: Iterable[Document]) -> Nearest | None:
    """The document that this one looks like: the same number, the same title, or most of its words."""
    bodies = {b for c in document.clauses if len(b := body_of(document, c)) >= _SHORTEST_BODY}
    for other in others:
        if document.number and squeeze(document.number) == squeeze(other.number):
            return Nearest(other.id, other.title, f"文号相同：{other.number}")
        if squeeze(document.title) == squeeze(other.title):
            return Nearest(other.id, other.title, "标题相同")
        shared = len(bodies & {body_of(other, c) for c in other.clauses}) / len(bodies) if bodies else 0.0
        if shared >= _LEAST_SHARED:
            return Nearest(other.id, other.title, f"{shared:.0%} 的条款文字相同")
    return None


def _describe(shelf: Shelf, path: Path, document: Document, guesses: tuple[Guess, ...]) -> Draft:
    row = check_document(document)
    nearest = find_nearest(document, shelf.corpus.documents)
    open_ = tuple(guess for guess in guesses if guess.is_open)
    return Draft(
        path=path,
        document=document,
        guesses=guesses,
        row=row,
        tables=describe_tables(document),
        nearest=nearest,
        n_figures=count_figures(document),
        kinds=dict(Counter(clause.kind for clause in document.clauses)),
        open=open_,
        warnings=tuple(list_warnings(document, row, guesses)),
    )


def list_warnings(document: Document, row: DocumentRow, guesses: Iterable[Guess] = ()) -> list[str]:
    """What to look at before a document is taken in."""
    found = []
    if row.n_uncovered:
        found.append(f"有 {row.n_uncovered} 个字没有归入任何条款")
    if row.overlapping:
        found.append(f"有 {len(row.overlapping)} 处条款重叠")
    if not any(c.kind in ("clause", "row") for c in document.clauses):
        found.append("没有读出编号的条款，只有段落；检查原文的编号是否在图片里或写成了自动编号以外的形式")
    if any(guess.field == "number" and not guess.value and guess.basis == "missing" for guess in guesses):
        found.append("没有读到文号；引用时只能写标题")
    if "\ufffd" in document.source:
        found.append("原文里有认不出的字（显示为 \ufffd），请核对文件的编码")
    return found


def _meta_of(stated: Mapping[str, str]) -> DocumentMeta:
    """The stated metadata, without those that are stated to be none."""
    fields = {k: v for k, v in stated.items() if k != "id" and v != "无"}
    return DocumentMeta.model_validate(fields)


def _parse(id_: str, text: str, meta: DocumentMeta, path: Path) -> Document:
    document = parse_document(id_, text, meta)
    if not document.clauses:
        raise ParseError(
            f"{path.name} 里没有读出任何条款", path=str(path), hint="检查文件内容是否为空白或只有图片"
        )
    return replace(document, region=meta.region)
