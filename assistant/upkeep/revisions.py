"""A new text for a document there is → what it changes: clauses, rules, figures, outcomes, questions, metadata.

In: the corpus as it is and a file. Out: a `Revision`, and the files of the new version. Rules whose quote does not stand
as it did are held back in the new `rules.yaml`; a figure the new text gives another value is taken over only where it
was accepted.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.documents.catalog import META, QUESTIONS, load_folder, place_document
from assistant.documents.check import DocumentRow, check_document
from assistant.documents.compare import Comparison, compare_documents
from assistant.documents.metadata import DocumentMeta, load_meta
from assistant.documents.metadata_edit import write_keys
from assistant.documents.parse import parse_document
from assistant.documents.questions import load_questions
from assistant.documents.read import SUFFIXES, read_source
from assistant.documents.switch import hold_still
from assistant.errors import ParseError
from assistant.models import Document
from assistant.rules.drift import RuleDrift, TableChange
from assistant.rules.load import RULES
from assistant.rules.outcomes import OutcomeChange
from assistant.rules.rewrite import Proposal
from assistant.upkeep.changes import copy_entry, digest_entry, require_entry
from assistant.upkeep.drafts import Shelf, list_warnings
from assistant.upkeep.follow_rules import Texts, follow_rules
from assistant.upkeep.guesses import LABELS, guess_fields, meta_values, read_given
from assistant.upkeep.question_paths import move_questions

if TYPE_CHECKING:
    from assistant.config import Settings

_FROM_TEXT = ("title", "number", "issuer", "issued", "year")


@dataclass(frozen=True, slots=True)
class MetaChange:
    """A field of the metadata that gets another value."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Revision:
    """What a new text changes.

    Attributes:
        expects: digest of the version it was compared with.
        drifts: of every quote taken from this document, whoever's rules hold it.
        proposals: figures that may be taken over; those in `accepted` are.
        lost_questions: sample questions whose clause is gone.
        faults: what keeps rules from being read at all with the new text.
        files: contents of the files that are written anew, by name.
    """

    document: Document
    new: Document
    expects: str
    comparison: Comparison
    row: DocumentRow
    meta_changes: tuple[MetaChange, ...]
    drifts: tuple[RuleDrift, ...]
    proposals: tuple[Proposal, ...]
    accepted: tuple[Proposal, ...]
    tables: tuple[TableChange, ...]
    outcomes: tuple[OutcomeChange, ...]
    lost_questions: tuple[str, ...]
    faults: tuple[str, ...]
    warnings: tuple[str, ...]
    entry: Path
    source: Path
    files: dict[str, str]

    @property
    def held(self) -> tuple[RuleDrift, ...]:
        """The quotes whose rules are out of use until somebody has read the clause again."""
        taken = {(f"parameters.{p.parameter}", _bare(q)) for p in self.accepted for q in p.quotes}
        return tuple(d for d in self.drifts if d.is_held and (d.key, _bare(d.words_now)) not in taken)

    @property
    def is_same(self) -> bool:
        """Whether nothing is changed at all."""
        return self.comparison.is_same and not self.meta_changes and self.document.source == self.new.source


def read_revision(
    settings: Settings,
    shelf: Shelf,
    document_id: str,
    path: Path,
    given: Mapping[str, str],
    accepted: Collection[str] = (),
) -> Revision:
    """Compare a file with the document as it is.

    Args:
        given: metadata that are stated anew, by field.
        accepted: ids of the parameters whose new figure is taken over.

    Raises:
        RequestInvalid: there is no such document, or what was stated cannot be used.
        ParseError: the file cannot be read.
        RuleError: the document's rule file cannot be read.
    """
    entry = require_entry(settings.corpus_dir, document_id)
    kept = _read_kept(entry, settings, shelf, document_id)
    old = kept.document
    text = read_source(path)
    stated = {k: v for k, v in read_given(given, shelf.regions).items() if k != "id"}
    changes = _revise_meta(old, kept.meta, text, stated, shelf)
    new_meta = kept.meta.model_copy(update=changes)
    new = _parse_new(path, document_id, text, new_meta, shelf)
    comparison = compare_documents(old, new)
    found = follow_rules(settings, shelf, Texts(old, new, comparison, kept.texts[RULES]), accepted)
    moved = move_questions(kept.texts[QUESTIONS], load_questions(entry / QUESTIONS), comparison.new_by_old)
    files = {RULES: found.rules_text, QUESTIONS: moved.text}
    files = {name: text for name, text in files.items() if kept.texts[name]}
    if changes:
        files[META] = write_keys(kept.texts[META], changes)
    row = check_document(new)
    return Revision(
        document=old,
        new=new,
        expects=kept.digest,
        comparison=comparison,
        row=row,
        meta_changes=_tell_meta(kept.meta, old, new_meta, changes),
        drifts=found.drifts,
        proposals=found.proposals,
        accepted=found.accepted,
        tables=found.tables,
        outcomes=found.outcomes,
        lost_questions=moved.lost,
        faults=found.faults,
        warnings=(*list_warnings(new, row), *_tell_parts(old, new)),
        entry=entry,
        source=path,
        files=files,
    )


@dataclass(frozen=True, slots=True)
class _Kept:
    """A document as it is in its folder; `texts` by file name, empty where there is no such file."""

    digest: str
    document: Document
    meta: DocumentMeta
    texts: dict[str, str]


def _read_kept(entry: Path, settings: Settings, shelf: Shelf, document_id: str) -> _Kept:
    with hold_still(settings.corpus_dir):
        paths = {name: entry / name for name in (META, RULES, QUESTIONS)}
        return _Kept(
            digest=digest_entry(entry),
            document=load_folder(entry, shelf.regions, document_id),
            meta=load_meta(entry / META),
            texts={n: p.read_text(encoding="utf-8") if p.is_file() else "" for n, p in paths.items()},
        )


def _parse_new(path: Path, document_id: str, text: str, meta: DocumentMeta, shelf: Shelf) -> Document:
    new = parse_document(document_id, text, meta)
    if not new.clauses:
        raise ParseError(f"{path.name} 里没有读出任何条款", path=str(path), hint="检查文件内容")
    return place_document(new, path, shelf.regions)


def write_revision(revision: Revision, folder: Path) -> None:
    """Fill the folder of the new version: all files of the old one, with the new text and what follows from it."""
    copy_entry(revision.entry, folder)
    for former in [
        p for p in folder.iterdir() if p.stem.lower() == "source" and p.suffix.lower() in SUFFIXES
    ]:
        former.unlink()
    shutil.copyfile(revision.source, folder / f"source{revision.source.suffix.lower()}")
    for name, text in revision.files.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            file.write(text)


# -- metadata ------------------------------------------------------------------------------------------


def _revise_meta(
    old: Document, meta: DocumentMeta, text: str, stated: Mapping[str, str], shelf: Shelf
) -> dict[str, Any]:
    """The keys that change: what is stated, and what was read from the old text and reads otherwise in the new one."""
    bare = DocumentMeta(parts=meta.parts, furniture=meta.furniture)
    before, after = parse_document(old.id, old.source, bare), parse_document(old.id, text, bare)
    known = meta_values(guess_fields(after, stated, shelf.regions))
    changes: dict[str, Any] = {field: known.get(field) for field in LABELS if field in stated}
    for field in _FROM_TEXT:
        declared, was, now = getattr(meta, field), getattr(before, field), getattr(after, field)
        if field not in stated and declared and declared == was and now and now != was:
            changes[field] = now
    return {field: value for field, value in changes.items() if value != (getattr(meta, field) or None)}


def _tell_meta(
    meta: DocumentMeta, old: Document, new: DocumentMeta, changes: Mapping[str, Any]
) -> tuple[MetaChange, ...]:
    return tuple(
        MetaChange(LABELS[f], _show(getattr(meta, f) or getattr(old, f)), _show(getattr(new, f)))
        for f in changes
    )


def _show(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "无")


def _tell_parts(old: Document, new: Document) -> list[str]:
    if len(old.parts) == len(new.parts):
        return []
    return [f"原来有 {len(old.parts)} 个部分，新文本读出 {len(new.parts)} 个；检查 document.yaml 里的 parts"]


def _bare(text: str) -> str:
    return "".join(text.split())
