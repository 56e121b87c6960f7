"""Who is let in: staff keys, publish tokens of other sites, the secret that sessions are signed with; and the audit.

Keys and tokens are 256 random bits, shown once when they are made; what is kept is their SHA-256, which needs no salt
because nobody can guess what it is the hash of. A name is never given twice, so that the audit stays clear.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from assistant.errors import RequestInvalid
from assistant.store import schema
from assistant.store.actors import RESERVED
from assistant.store.database import Database
from assistant.store.schema import LONGEST_NAME, audit, publish_tokens, staff_keys
from assistant.store.wording import is_storable, mask_text

TOKEN_PREFIX = "pk_"
KEY_PREFIX = "sk_"
_SIGNING = "signing"
_LONGEST_DETAIL = 500


@dataclass(frozen=True, slots=True)
class StaffKey:
    """A key of the staff desk, without the key itself."""

    id: int
    name: str
    digest: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class PublishToken:
    """A token that pages of some origins may show, without the token itself."""

    id: int
    name: str
    digest: str
    origins: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done, as the audit keeps it."""

    who: str
    action: str
    detail: str
    at: datetime


Secret = TypeVar("Secret", StaffKey, PublishToken)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def digest_of(secret: str) -> str:
    """What is kept of a key or token."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def find_digest(known: Sequence[Secret], secret: str) -> Secret | None:
    """The one that is not revoked and belongs to the secret, compared in constant time."""
    digest = digest_of(secret)
    found = [one for one in known if one.revoked_at is None and hmac.compare_digest(one.digest, digest)]
    return found[0] if found else None


class Registry:
    """Keys, tokens, secret and audit in a database; safe to share between threads.

    Every method raises StoreError where the database fails.
    """

    def __init__(self, database: Database, now: Callable[[], datetime] = _utc_now) -> None:
        self._database = database
        self._now = now

    def create_key(self, name: str, who: str) -> str:
        """Make a staff key and give it; it cannot be shown again.

        Raises:
            RequestInvalid: the name cannot be one, or is taken.
        """
        key = KEY_PREFIX + secrets.token_urlsafe(32)
        self._create(staff_keys, name, key, {})
        self.note(who, "key-create", name)
        return key

    def list_keys(self) -> list[StaffKey]:
        """Every key ever made, in their order."""
        return [
            StaffKey(row.id, row.name, row.digest, row.created_at, row.revoked_at)
            for row in self._list(staff_keys)
        ]

    def revoke_key(self, name: str, who: str) -> None:
        """End a key and what was signed in with it.

        Raises:
            RequestInvalid: no key of that name is in use.
        """
        self._revoke(staff_keys, name, "tiaowen keys list")
        self.note(who, "key-revoke", name)

    def create_token(self, name: str, origins: Sequence[str], who: str) -> str:
        """Make a publish token and give it; it cannot be shown again.

        Args:
            origins: that pages which show it may come from, such as `https://www.example.org`; already checked.

        Raises:
            RequestInvalid: the name cannot be one, or is taken.
        """
        token = TOKEN_PREFIX + secrets.token_urlsafe(32)
        self._create(publish_tokens, name, token, {"origins": "\n".join(origins)})
        self.note(who, "token-create", f"{name}: {' '.join(origins)}")
        return token

    def list_tokens(self) -> list[PublishToken]:
        """Every token ever made, in their order."""
        return [
            PublishToken(
                row.id, row.name, row.digest, tuple(row.origins.split()), row.created_at, row.revoked_at
            )
            for row in self._list(publish_tokens)
        ]

    def revoke_token(self, name: str, who: str) -> None:
        """End a token and the sessions that were opened with it.

        Raises:
            RequestInvalid: no token of that name is in use.
        """
        self._revoke(publish_tokens, name, "tiaowen widget list")
        self.note(who, "token-revoke", name)

    def signing_secret(self) -> str:
        """What sessions are signed with: made by whichever process needs it first, then the same for all."""
        table = schema.secrets
        kept = select(table.c.value).where(table.c.name == _SIGNING)
        found: str | None = self._database.read(lambda connection: connection.execute(kept).scalar())
        if found is not None:
            return found

        def make(connection: Connection) -> str:
            add = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            new = {"name": _SIGNING, "value": secrets.token_urlsafe(32), "created_at": self._now()}
            connection.execute(add(table).values(**new).on_conflict_do_nothing())
            value: str = connection.execute(kept).scalar_one()
            return value

        return self._database.write(make)

    def note(self, who: str, action: str, detail: str = "") -> None:
        """Write down what somebody did; personal numbers are masked."""
        deed = {
            "who": mask_text(who),
            "action": action,
            "detail": mask_text(detail[:_LONGEST_DETAIL]),
            "at": self._now(),
        }
        self._database.write(lambda connection: connection.execute(insert(audit).values(**deed)))

    def deeds(self, limit: int = 100, action: str = "") -> list[Deed]:
        """What was done last, newest first; of one kind of action where it is named."""
        newest = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if action:
            newest = newest.where(audit.c.action == action)
        rows = self._database.read(lambda connection: connection.execute(newest).all())
        return [Deed(row.who, row.action, row.detail, row.at) for row in rows]

    def _create(self, table: Table, name: str, secret: str, more: dict[str, str]) -> None:
        _check_name(name)
        row = {"name": name, "digest": digest_of(secret), "created_at": self._now(), **more}
        taken = select(table.c.id).where(table.c.name == name)

        def add(connection: Connection) -> bool:
            if connection.execute(taken).scalar() is not None:
                return False
            try:
                with connection.begin_nested():
                    connection.execute(insert(table).values(**row))
            except IntegrityError:
                return False
            return True

        if not self._database.write(add):
            raise RequestInvalid(f"名称“{name}”已经用过", hint="换一个名称；停用了的名称也不再使用")

    def _list(self, table: Table) -> Sequence[Row[Any]]:
        every = select(table).order_by(table.c.id)
        return self._database.read(lambda connection: connection.execute(every).all())

    def _revoke(self, table: Table, name: str, where_to_look: str) -> None:
        live = (table.c.name == clean_name(name)) & table.c.revoked_at.is_(None)
        ended = update(table).where(live).values(revoked_at=self._now())
        if not self._database.write(lambda connection: connection.execute(ended).rowcount):
            raise RequestInvalid(f"没有名称为“{name}”、仍在使用的一项", hint=f"用 {where_to_look} 查看")


def clean_name(name: str) -> str:
    """The name as it is looked up; what cannot be stored matches nothing."""
    return name if is_storable(name) else ""


def _check_name(name: str) -> None:
    is_plain = name == name.strip() and name.isprintable() and is_storable(name) and name not in RESERVED
    if not is_plain or not 1 <= len(name) <= LONGEST_NAME:
        raise RequestInvalid(
            f"名称不能用：{name or '（空）'}", hint=f"用 1 到 {LONGEST_NAME} 个字符，如 培训科；首尾不留空格"
        )
