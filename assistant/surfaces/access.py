"""Who is let in: pages of other sites by publish token, the staff by key or one-time link, everybody by limits.

A page shows its publish token, which anyone can read there, and gets a session of a quarter of an hour that holds for
its own origin only. Sessions are signed, not stored; that of a revoked token is refused because the tokens in use are
looked up, at most a few seconds late. While the database is away, what was last known goes on.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from itsdangerous import BadSignature, URLSafeSerializer

from assistant.config import ServerSettings
from assistant.errors import StoreError
from assistant.surfaces.origins import is_same_host, read_origin
from assistant.surfaces.refusals import OriginForbidden, TokenExpired, TokenInvalid, TokenMissing
from assistant.surfaces.throttle import Throttle

if TYPE_CHECKING:
    from assistant.store.registry import PublishToken, Registry

T = TypeVar("T")
logger = logging.getLogger(__name__)

SESSION_SECONDS = 900
"""How long a session of the widget lasts."""
LOOK_SECONDS = 3.0
"""How late a revocation may be noticed by a running server."""
_SALT = "widget-session"


class Access:
    """Tokens, keys, sessions and limits of one server; safe to share between threads.

    Args:
        find_registry: opens what is kept of keys and tokens; raises StoreError where that fails.
        secret: what cookies and sessions are signed with; None takes the one in the registry.
        throttle: counts requests; None counts none.
        server: where browsers reach this server, and behind which proxies it stands.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        find_registry: Callable[[], Registry],
        *,
        secret: str | None = None,
        throttle: Throttle | None = None,
        server: ServerSettings | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._find_registry = find_registry
        self._secret = secret
        self._clock = clock
        self._tokens = _Remembered(self._read_tokens)
        self._revoked = _Remembered(self._read_revoked)
        self._link: str | None = None
        self._lock = threading.Lock()
        self.throttle = throttle or Throttle()
        self.server = server or ServerSettings()

    @property
    def registry(self) -> Registry:
        """Keys, tokens and audit.

        Raises:
            StoreError: the database cannot be opened.
        """
        return self._find_registry()

    @property
    def secret(self) -> str:
        """What cookies and sessions are signed with.

        Raises:
            StoreError: it is in the database, which failed.
        """
        if self._secret is None:
            self._secret = self.registry.signing_secret()
        return self._secret

    def note(self, who: str, action: str, detail: str = "") -> None:
        """Write down what was done; where that fails it is logged instead, and the deed stands."""
        try:
            self.registry.note(who, action, detail)
        except StoreError as exc:
            logger.error("not in the audit: %s %s by %s (%s)", action, detail, who, exc.message)

    # -- other sites -----------------------------------------------------------------------------------

    def is_own(self, origin: str, host: str) -> bool:
        """Whether a page of this server asks.

        Args:
            host: what the request names as its Host.
        """
        read = read_origin(origin)
        if read is None:
            return False
        address = self.server.public_url
        return is_same_host(read, host) or (address is not None and read == _origin_of(address))

    def is_public_tls(self, host: str) -> bool:
        """Whether browsers reach this host by https, though it may reach this server by http."""
        origin = _origin_of(self.server.public_url or "") or ""
        return origin.startswith("https:") and self.is_public(host)

    def is_public(self, host: str) -> bool:
        """Whether a host is the one that the operator says this server is reached at."""
        origin = _origin_of(self.server.public_url or "")
        return origin is not None and is_same_host(origin, host)

    def is_listed(self, origin: str) -> bool:
        """Whether any token in use lists an origin."""
        return any(origin in token.origins for token in self._tokens().values())

    def open_session(self, token: str, origin: str) -> str:
        """Exchange a publish token for a session of an origin.

        Raises:
            TokenInvalid: the token is unknown or revoked.
            OriginForbidden: it does not list the origin.
            StoreError: the database failed.
        """
        found = self._find_token(token)
        if origin not in found.origins:
            raise OriginForbidden(
                f"这个网站不能使用此令牌：{origin[:200] or '（没有 Origin）'}",
                hint="请网站管理员用 tiaowen widget create 为这个网站另建令牌",
            )
        expires = int(self._clock()) + SESSION_SECONDS
        signed = self._serializer().dumps({"token": found.id, "origin": origin, "expires": expires})
        return str(signed)

    def check_session(self, session: str, origin: str) -> None:
        """Let a page of another site ask.

        Raises:
            TokenMissing, TokenInvalid, TokenExpired, OriginForbidden: it may not.
            StoreError: the database failed.
        """
        if not session:
            raise TokenMissing("这个请求没有带会话令牌", hint="先用 POST /v1/widget/session 换取会话令牌")
        try:
            claims: Mapping[str, Any] = self._serializer().loads(session)
        except BadSignature as exc:
            raise TokenInvalid("会话令牌无效", hint="用 POST /v1/widget/session 重新换取") from exc
        if claims["origin"] != origin:
            raise OriginForbidden("会话令牌是另一个网站的", hint="在本网站用 POST /v1/widget/session 换取")
        if claims["expires"] <= self._clock():
            raise TokenExpired("会话令牌已过期", hint="用 POST /v1/widget/session 重新换取")
        token = self._tokens().get(claims["token"])
        if token is None or origin not in token.origins:
            raise TokenInvalid("令牌已停用", hint="请网站管理员换成新的令牌")

    def frame_ancestors(self, token: str) -> str:
        """The origins of pages that may show this server's page of a token in a frame, as the CSP writes them.

        Raises:
            TokenInvalid: the token is unknown or revoked.
            StoreError: the database failed.
        """
        return " ".join(self._find_token(token).origins)

    def _find_token(self, token: str) -> PublishToken:
        from assistant.store.registry import find_digest

        found = find_digest(list(self._tokens().values()), token)
        if found is None:
            # Made a moment ago, perhaps: looked up again before it is refused.
            found = find_digest(list(self._tokens(is_fresh=True).values()), token)
        if found is None:
            raise TokenInvalid("令牌无效或已停用", hint="检查嵌入代码里的 token；请网站管理员重新创建")
        return found

    def _read_tokens(self) -> dict[int, PublishToken]:
        return {token.id: token for token in self.registry.list_tokens() if token.revoked_at is None}

    def _serializer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.secret, salt=_SALT)

    # -- staff -----------------------------------------------------------------------------------------

    def find_key(self, key: str) -> str | None:
        """The name of a staff key in use; None for any other text.

        Raises:
            StoreError: the database failed.
        """
        from assistant.store.registry import find_digest

        found = find_digest(self.registry.list_keys(), key)
        return found.name if found else None

    def has_keys(self) -> bool:
        """Whether there is a staff key to sign in with.

        Raises:
            StoreError: the database failed.
        """
        return any(key.revoked_at is None for key in self.registry.list_keys())

    def is_revoked(self, name: str) -> bool:
        """Whether the key somebody signed in with has been revoked since.

        Raises:
            StoreError: the database failed, and nothing is known from before.
        """
        return name in self._revoked()

    def _read_revoked(self) -> frozenset[str]:
        return frozenset(key.name for key in self.registry.list_keys() if key.revoked_at is not None)

    def offer_link(self) -> str:
        """The secret of a link that signs in once; an earlier one is dead."""
        with self._lock:
            self._link = secrets.token_urlsafe(24)
            return self._link

    def use_link(self, secret: str) -> bool:
        """Whether a link may sign in, which it then never may again."""
        with self._lock:
            is_good = self._link is not None and secrets.compare_digest(
                self._link.encode(), secret.encode("utf-8", "replace")
            )
            if is_good:
                self._link = None
            return is_good


class _Remembered(Generic[T]):
    """A value of the database, looked up anew when it is older than `LOOK_SECONDS`."""

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._value: T | None = None
        self._read_at = -LOOK_SECONDS

    def __call__(self, *, is_fresh: bool = False) -> T:
        """The value; the last one known where the database fails.

        Raises:
            StoreError: the database failed, and none is known.
        """
        now = time.monotonic()
        if self._value is not None and not is_fresh and now - self._read_at < LOOK_SECONDS:
            return self._value
        try:
            self._value = self._read()
        except StoreError as exc:
            if self._value is None:
                raise
            logger.warning("keys and tokens as they were last known: %s", exc.message)
        self._read_at = now
        return self._value


def _origin_of(address: str) -> str | None:
    scheme, _, rest = address.partition("://")
    return read_origin(f"{scheme}://{rest.partition('/')[0]}")
