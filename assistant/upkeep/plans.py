"""What somebody decided → a `Plan`: take in, update, retire, restore, go back to a version, remove, confirm quotes.

In: the corpus folder as it is. Out: plans; nothing is written before `changes.apply_change`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.documents.catalog import META, load_folder
from assistant.documents.compare import Comparison, compare_documents
from assistant.documents.metadata import load_meta
from assistant.documents.metadata_edit import write_keys
from assistant.documents.switch import hold_still
from assistant.documents.versions import current_version, list_changes, version_folder
from assistant.errors import RequestInvalid, RuleError
from assistant.models import Document
from assistant.rules.drift import list_cites
from assistant.rules.load import RULES, load_yaml, validate_rules
from assistant.rules.pins import HELD, find_quote, make_pin, write_pins
from assistant.upkeep.changes import Plan, copy_entry, digest_entry, find_entry, require_entry
from assistant.upkeep.drafts import Draft, Shelf, write_draft
from assistant.upkeep.revisions import Revision, write_revision

if TYPE_CHECKING:
    from assistant.config import Settings


class FieldsOpen(RequestInvalid):
    """Something has to be stated before a document is taken in."""


@dataclass(frozen=True, slots=True)
class HeldQuote:
    """A quote that is held back: its clause as it reads now, and whether the quote still stands in it."""

    key: str
    clause: str
    clause_text: str
    quote: str
    is_standing: bool


def plan_add(settings: Settings, draft: Draft) -> Plan:
    """Take a new document in.

    Raises:
        RequestInvalid: its id is taken.
        FieldsOpen: something has to be stated first.
    """
    document = draft.document
    if find_entry(settings.corpus_dir, document.id) is not None:
        raise RequestInvalid(
            f"文件编号 {document.id} 已经有了",
            hint=f"换一个编号；要更新它用 tiaowen corpus update {document.id}",
        )
    if draft.open:
        raise FieldsOpen(
            f"还缺：{'、'.join(guess.label for guess in draft.open)}", hint="补上后再加入；确实没有的写“无”"
        )
    told = f"加入《{document.title}》{document.number}，{len(document.clauses)} 个条款"
    return Plan(document.id, "add", partial(write_draft, draft), "", told)


def plan_update(revision: Revision) -> Plan:
    """Replace the text of a document.

    Raises:
        RequestInvalid: nothing would change.
    """
    if revision.is_same:
        raise RequestInvalid("新文本与现有的一样，没有要更新的", hint="检查选的是不是新文件")
    counts = revision.comparison.counts
    told = (
        f"改 {counts['changed']} 条，增 {counts['added']} 条，删 {counts['removed']} 条，"
        f"改编号 {counts['moved']} 条；{len(revision.held)} 处引文停用待核对"
    )
    if revision.accepted:
        told += "；采用新数字 " + "、".join(f"{p.label} {p.old}→{p.new}" for p in revision.accepted)
    return Plan(revision.document.id, "update", partial(write_revision, revision), revision.expects, told)


def plan_retire(settings: Settings, document_id: str, on: date, replaced_by: str = "") -> Plan:
    """End a document's force.

    Args:
        on: first day on which it no longer holds.
        replaced_by: id of the document that takes its place; empty for none.

    Raises:
        RequestInvalid: there is no such document, or the one that replaces it does not exist or is itself.
    """
    entry = require_entry(settings.corpus_dir, document_id)
    if replaced_by == document_id:
        raise RequestInvalid("一个文件不能由它自己代替", hint="写新文件的编号")
    if replaced_by:
        require_entry(settings.corpus_dir, replaced_by)
    changes = {"expires": on - timedelta(1), "replaced_by": replaced_by or None}
    told = f"自 {on.isoformat()} 起停用" + (f"，由 {replaced_by} 代替" if replaced_by else "")
    return Plan(document_id, "retire", partial(_fill_meta, entry, changes), digest_entry(entry), told)


def plan_restore(settings: Settings, document_id: str) -> Plan:
    """Take the end of a document's force away again.

    Raises:
        RequestInvalid: there is no such document, or it has no end.
    """
    entry = require_entry(settings.corpus_dir, document_id)
    meta = load_meta(entry / META)
    if meta.expires is None and not meta.replaced_by:
        raise RequestInvalid(f"文件 {document_id} 没有停用", hint="用 tiaowen corpus history 查看它的变更")
    changes = {"expires": None, "replaced_by": None}
    return Plan(
        document_id,
        "restore",
        partial(_fill_meta, entry, changes),
        digest_entry(entry),
        "恢复使用，去掉停用日期",
    )


def plan_revert(settings: Settings, document_id: str, version: int) -> Plan:
    """Bring a former version back, with its metadata and rules; it becomes the newest one.

    Raises:
        RequestInvalid: there is no such version.
    """
    folder = require_version(settings, document_id, version)
    entry = find_entry(settings.corpus_dir, document_id)
    told = f"恢复为第 {version} 版"
    return Plan(document_id, "revert", partial(copy_entry, folder), digest_entry(entry), told)


def plan_remove(settings: Settings, shelf: Shelf, document_id: str) -> Plan:
    """Take a document out that should never have been taken in; its versions are kept and can be brought back.

    Raises:
        RequestInvalid: there is no such document, rules of another one rest on it, or it is the last one.
    """
    entry = require_entry(settings.corpus_dir, document_id)
    if len(shelf.corpus.documents) <= 1:
        raise RequestInvalid("这是最后一个文件，不能移除", hint="先加入别的文件")
    users = [
        d.id for d in shelf.corpus.documents if d.id != document_id and _mentions(settings, d.id, document_id)
    ]
    if users or _is_shared(settings, document_id):
        by = "、".join(users) or "facts.yaml"
        raise RequestInvalid(
            f"{by} 的规则引用了 {document_id}，不能移除",
            hint=f"改用 tiaowen corpus retire {document_id} 停用它",
        )
    return Plan(document_id, "remove", None, digest_entry(entry), "移出文件库")


def list_held(settings: Settings, shelf: Shelf, document_id: str) -> tuple[HeldQuote, ...]:
    """The quotes of a document's rules that are held back."""
    entry = require_entry(settings.corpus_dir, document_id)
    document = shelf.corpus.document_by_id.get(document_id)
    if document is None or not (entry / RULES).is_file():
        return ()
    text = (entry / RULES).read_text(encoding="utf-8")
    file = validate_rules(load_yaml(text, entry / RULES), f"documents/{document_id}/{RULES}")
    clauses = {c.path: c for c in document.clauses}
    found: list[HeldQuote] = []
    for key, label, cite in list_cites(file):
        if cite.pin == HELD:
            clause = clauses.get(cite.clause)
            stands = clause is not None and bool(
                find_quote(document.source, clause.start, clause.end, cite.quote)
            )
            found.append(
                HeldQuote(
                    f"{key}（{label}）",
                    clause.label if clause else cite.clause,
                    clause.text if clause else "",
                    cite.quote,
                    stands,
                )
            )
    return tuple(dict.fromkeys(found))


def plan_confirm(settings: Settings, shelf: Shelf, document_id: str) -> Plan:
    """Put the rules back to use whose quote stands in its clause, once somebody has read it again.

    Raises:
        RequestInvalid: there is no such document, or nothing of it waits.
        RuleError: its rule file cannot be read.
    """
    entry = require_entry(settings.corpus_dir, document_id)
    held = list_held(settings, shelf, document_id)
    ready = [quote for quote in held if quote.is_standing]
    if not ready:
        raise RequestInvalid(
            f"{document_id} 没有可以直接恢复的规则" if held else f"{document_id} 没有待核对的规则",
            hint=f"原文已经不同的，改 documents/{entry.name}/{RULES} 里的引文和数字，再运行 tiaowen rules pin",
        )
    document = shelf.corpus.document_by_id[document_id]
    told = f"核对后恢复 {len(ready)} 处引文"
    return Plan(document_id, "confirm", partial(_fill_pins, entry, document), digest_entry(entry), told)


def require_version(settings: Settings, document_id: str, version: int) -> Path:
    """The folder of a former version.

    Raises:
        RequestInvalid: there is none.
    """
    folder = version_folder(settings.corpus_dir, document_id, version)
    if not folder.is_dir():
        kept = [c.version for c in list_changes(settings.corpus_dir, document_id)]
        is_current = version == current_version(settings.corpus_dir, document_id)
        raise RequestInvalid(
            f"第 {version} 版就是现在的版本" if is_current and kept else f"{document_id} 没有第 {version} 版",
            hint=f"用 tiaowen corpus history {document_id} 查看全部版本",
        )
    return folder


def compare_version(
    settings: Settings, shelf: Shelf, document_id: str, version: int
) -> tuple[Document, Document, Comparison]:
    """A former version and the document as it is now, compared.

    Raises:
        RequestInvalid: one of them does not exist.
        CorpusError: one of them cannot be read.
    """
    folder = require_version(settings, document_id, version)
    entry = require_entry(settings.corpus_dir, document_id)
    with hold_still(settings.corpus_dir):
        old = load_folder(folder, shelf.regions, document_id)
        new = load_folder(entry, shelf.regions, document_id)
    return old, new, compare_documents(old, new)


# -- filling -------------------------------------------------------------------------------------------


def _fill_meta(entry: Path, changes: dict[str, Any], folder: Path) -> None:
    copy_entry(entry, folder)
    path = folder / META
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    path.write_text(write_keys(text, changes), encoding="utf-8")


def _fill_pins(entry: Path, document: Document, folder: Path) -> None:
    copy_entry(entry, folder)
    path = folder / RULES
    clauses = {c.path: c for c in document.clauses}

    def pin(cite: dict[str, str]) -> str:
        kept = cite.get("pin", HELD)
        clause = clauses.get(cite["clause"])
        if kept != HELD or clause is None or cite.get("document", document.id) != document.id:
            return kept
        if find_quote(document.source, clause.start, clause.end, cite["quote"]) is None:
            return kept
        return make_pin(cite["quote"], document.source[clause.start : clause.end])

    with path.open(encoding="utf-8", newline="") as file:
        text = file.read()
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(write_pins(text, pin))


def _mentions(settings: Settings, owner: str, document_id: str) -> bool:
    """Whether a rule file names another document, in an expression or as the document of a quote."""
    entry = find_entry(settings.corpus_dir, owner)
    path = entry / RULES if entry is not None else None
    if path is None or not path.is_file():
        return False
    return _speaks_of(path, document_id)


def _is_shared(settings: Settings, document_id: str) -> bool:
    path = settings.corpus_dir / "facts.yaml"
    return path.is_file() and _speaks_of(path, document_id)


def _speaks_of(path: Path, document_id: str) -> bool:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise RuleError(f"读不到 {path.name}", path=str(path), hint="确认它可读且为 UTF-8 编码") from exc
    return f"{document_id}/" in text or f"document: {document_id}" in text
