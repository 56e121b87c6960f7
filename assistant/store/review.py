"""What the staff should look at: questions that got no answer, and answers that askers found bad.

A question back counts as unanswered only while its conversation neither went on to an answer nor asked again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from assistant.store.database import Database
from assistant.store.schema import answers, feedback

Kind = Literal["refused", "needs_info", "down"]
KINDS: tuple[Kind, ...] = ("refused", "needs_info", "down")
BEIJING = timezone(timedelta(hours=8))
"""The one time zone of the country: days of the review begin at its midnight."""

_BATCH = 500


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which to show.

    Attributes:
        kind: None for all.
        since: first day, `until` last day, both inclusive; None is open.
    """

    kind: Kind | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A question to look at, with the answer that was given.

    Attributes:
        kinds: why it is here; a refusal may have been found bad, too.
        question: with personal numbers masked, as are reason and comment.
        body: the answer as `store.answers` keeps it.
        reason: empty where nobody voted.
    """

    kinds: tuple[Kind, ...]
    question: str
    body: dict[str, Any]
    reason: str
    comment: str
    asked_at: datetime


class ReviewStore:
    """What there is to look at in a database; every method raises StoreError where that fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, wanted: ReviewFilter) -> dict[str, int]:
        """How many there are of each kind in those days, of `any` kind, and of questions in `all`."""
        sums: list[Any] = [func.count().label("all"), _sum(or_(*_CONDITIONS.values())).label("any")]
        sums += [_sum(condition).label(kind) for kind, condition in _CONDITIONS.items()]
        counted = _within(select(*sums).select_from(_JOINED), wanted)
        row = self._database.read(lambda connection: connection.execute(counted).one())
        return {name: int(n or 0) for name, n in row._mapping.items()}

    def list(self, wanted: ReviewFilter, *, offset: int, limit: int) -> list[ReviewItem]:
        """Some of them, the newest first."""
        conditions = [c.label(f"is_{kind}") for kind, c in _CONDITIONS.items()]
        of_kind = _CONDITIONS[wanted.kind] if wanted.kind else or_(*_CONDITIONS.values())
        columns = (answers.c.question, answers.c.body, feedback.c.reason, feedback.c.comment)
        found = (
            _within(select(*columns, answers.c.asked_at, *conditions).select_from(_JOINED), wanted)
            .where(of_kind)
            .order_by(answers.c.asked_at.desc(), answers.c.conversation_id, answers.c.number.desc())
            .offset(offset)
            .limit(limit)
        )
        rows = self._database.read(lambda connection: connection.execute(found).all())
        return [_read_item(row._mapping) for row in rows]

    def every(self, wanted: ReviewFilter, most: int) -> Iterator[ReviewItem]:
        """All of them up to `most`, the newest first, read in batches."""
        for offset in range(0, most, _BATCH):
            batch = self.list(wanted, offset=offset, limit=min(_BATCH, most - offset))
            yield from batch
            if len(batch) < _BATCH:
                return


_JOINED = answers.outerjoin(
    feedback,
    and_(feedback.c.conversation_id == answers.c.conversation_id, feedback.c.number == answers.c.number),
)


def _list_conditions() -> dict[Kind, ColumnElement[bool]]:
    later = answers.alias("later")
    is_settled = exists().where(
        later.c.conversation_id == answers.c.conversation_id,
        later.c.number > answers.c.number,
        later.c.status.in_(("answered", "needs_info")),
    )
    return {
        "refused": answers.c.status == "refused",
        "needs_info": and_(answers.c.status == "needs_info", ~is_settled),
        "down": and_(feedback.c.vote.is_not(None), feedback.c.vote == "down"),
    }


_CONDITIONS = _list_conditions()


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _within(query: Any, wanted: ReviewFilter) -> Any:
    if wanted.since:
        query = query.where(answers.c.asked_at >= datetime.combine(wanted.since, time(), BEIJING))
    if wanted.until and wanted.until < date.max:
        end = datetime.combine(wanted.until + timedelta(days=1), time(), BEIJING)
        query = query.where(answers.c.asked_at < end)
    return query


def _read_item(row: Any) -> ReviewItem:
    return ReviewItem(
        kinds=tuple(kind for kind in KINDS if row[f"is_{kind}"]),
        question=row["question"],
        body=json.loads(row["body"]),
        reason=row["reason"] or "",
        comment=row["comment"] or "",
        asked_at=row["asked_at"].astimezone(BEIJING),
    )
