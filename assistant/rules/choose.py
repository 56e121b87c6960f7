"""Which rules serve: those of the folder, and where one document's file is wrong, that document's former ones.

In: the rule files as they are now and as the index that serves has them. Out: rules that load, and what is wrong. One
document's fault takes no other document's rules away; what is shared (facts, calendar) is all new or all old.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from assistant.errors import RuleError
from assistant.models import Document
from assistant.rules.build import build_book
from assistant.rules.load import RuleSource

_OWNER = re.compile(r"documents/([^/]+)/")
_KEY_OWNER = re.compile(r"([^/\s]+)/")
NOTHING = RuleSource({}, {}, {})


@dataclass(frozen=True, slots=True)
class RuleFault:
    """What is wrong with a file, and what serves instead."""

    path: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class ChosenRules:
    """Rules that load with the documents; `faults` is empty where they are those of the folder."""

    source: RuleSource
    faults: tuple[RuleFault, ...] = ()


def choose_rules(source: RuleSource, former: RuleSource, documents: Iterable[Document]) -> ChosenRules:
    """Choose the rules that serve.

    Args:
        source: as the files are now; `former` as they were when they last served.
        documents: all documents of the corpus; rules of others are left out.
    """
    held = tuple(documents)
    ids = {document.id for document in held}
    former = replace(former, documents={i: d for i, d in former.documents.items() if i in ids})
    current, faults, tried = source, list[RuleFault](), set[str]()
    while True:
        try:
            build_book(current, held, lint=current is not former)
            return ChosenRules(current, tuple(faults))
        except RuleError as exc:
            owner = _find_owner(exc, current)
            if owner is None:
                return fall_back(former, held, exc)
            has_former = owner not in tried and former.documents.get(owner) not in (
                None,
                current.documents[owner],
            )
            if owner not in tried:
                kept = (
                    "这个文件继续使用原来的规则"
                    if has_former
                    else "这个文件的规则没有启用，其他文件的规则照常使用"
                )
                faults.append(RuleFault(exc.path, f"{exc.message}。{kept}", exc.hint))
            elif not has_former:
                faults[-1] = replace(
                    faults[-1],
                    message=faults[-1].message.replace(
                        "这个文件继续使用原来的规则", "这个文件的规则没有启用"
                    ),
                )
            tried.add(owner)
            rest = {i: d for i, d in current.documents.items() if i != owner}
            if has_former:
                rest[owner] = former.documents[owner]
            current = replace(current, documents=dict(sorted(rest.items())))


def _find_owner(fault: RuleError, source: RuleSource) -> str | None:
    """The document whose file is at fault; None where the fault is not one document's."""
    match = _OWNER.search(fault.path) or (_KEY_OWNER.match(fault.message) if not fault.path else None)
    return match[1] if match and match[1] in source.documents else None


def fall_back(former: RuleSource, documents: Iterable[Document], fault: RuleError) -> ChosenRules:
    """All rules as they served before, else none."""
    try:
        if former.documents:
            build_book(former, documents, lint=False)
            return ChosenRules(
                former, (RuleFault(fault.path, f"{fault.message}。继续使用原来的规则", fault.hint),)
            )
    except RuleError:
        pass
    return ChosenRules(NOTHING, (RuleFault(fault.path, f"{fault.message}。规则没有启用", fault.hint),))
