"""How often one caller may do what, counted with `limits`: in this process, or in Redis for several.

A window begins with a caller's first request and ends after the period, so that what is counted is forgotten by
itself. Where Redis is away, this process counts alone until it is back: a limit is no reason to answer nobody.
"""

from __future__ import annotations

import ipaddress
import logging
import math
import threading
import time
from typing import Literal

from limits import RateLimitItem, parse
from limits.errors import ConfigurationError, StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from assistant.config import LimitSettings
from assistant.errors import ConfigError
from assistant.surfaces.refusals import TooManyRequests

logger = logging.getLogger(__name__)

Deed = Literal["ask", "session", "search", "sign_in", "widget", "chat"]
DEEDS: tuple[Deed, ...] = ("ask", "session", "search", "sign_in", "widget", "chat")

MOST_CALLERS = 20_000
"""Callers that are counted in memory at one time; past them counting begins anew."""
RETRY_SECONDS = 10.0
"""How long Redis is left alone after it failed."""
_PATIENCE_SECONDS = 1.0
_CLOCK_SECONDS = 5.0  # steps that a clock is kept right by are smaller
_V6_NETWORK = 64  # bits: what one customer of a provider has


class Throttle:
    """Counts what callers do; safe to share between threads.

    Args:
        settings: the rates, and where to count; None counts nothing.

    Attributes:
        n_refused: how often this process refused each deed.
    """

    def __init__(self, settings: LimitSettings | None = None) -> None:
        self.n_refused: dict[Deed, int] = dict.fromkeys(DEEDS, 0)
        rates = {deed: getattr(settings, deed) for deed in DEEDS} if settings else {}
        self._items: dict[str, RateLimitItem] = {deed: parse(rate) for deed, rate in rates.items() if rate}
        self._memory = MemoryStorage()
        self._local = FixedWindowRateLimiter(self._memory)
        self._shared = _open_shared(settings)
        self._away_until = 0.0
        self._counted_at = 0.0
        self._lock = threading.Lock()

    @property
    def may_block(self) -> bool:
        """Whether counting waits for another machine."""
        return self._shared is not None

    @property
    def fault(self) -> str:
        """Why this process counts alone now, in Chinese; empty where it need not."""
        return "连不上限流用的 Redis" if time.monotonic() < self._away_until else ""

    def check(self, deed: Deed, caller: str) -> None:
        """Count one deed.

        Raises:
            TooManyRequests: the caller has done it too often.
        """
        item = self._items.get(deed)
        if item is None:
            return
        seconds = self._count(item, deed, caller)
        if seconds is not None:
            with self._lock:
                self.n_refused[deed] += 1
            raise TooManyRequests(seconds)

    def _count(self, item: RateLimitItem, deed: str, caller: str) -> int | None:
        """None where there was room; else the seconds until there is."""
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return _hit(self._shared, item, deed, caller)
            except StorageError as exc:
                self._away_until = time.monotonic() + RETRY_SECONDS
                logger.warning("limits are counted in this process only: %s", exc)
        if len(self._memory.storage) >= MOST_CALLERS:
            logger.warning("more than %d callers at once; counting begins anew", MOST_CALLERS)
            self._memory.reset()
        self._forget_future()
        return _hit(self._local, item, deed, caller)

    def _forget_future(self) -> None:
        """Begin anew where the clock was set back: windows would end only when it has caught up."""
        now = time.time()
        with self._lock:
            is_back, self._counted_at = now < self._counted_at - _CLOCK_SECONDS, now
        if is_back:
            logger.warning("the clock was set back; counting begins anew")
            self._memory.reset()


def _hit(limiter: FixedWindowRateLimiter, item: RateLimitItem, deed: str, caller: str) -> int | None:
    if limiter.hit(item, deed, caller):
        return None
    reset = limiter.get_window_stats(item, deed, caller).reset_time
    return max(1, min(math.ceil(reset - time.time()), item.get_expiry()))


def _open_shared(settings: LimitSettings | None) -> FixedWindowRateLimiter | None:
    if settings is None or settings.storage is None:
        return None
    options = {"socket_timeout": _PATIENCE_SECONDS, "socket_connect_timeout": _PATIENCE_SECONDS}
    try:
        storage = storage_from_string(settings.storage.get_secret_value(), wrap_exceptions=True, **options)
    except (ConfigurationError, ValueError, ImportError) as exc:
        raise ConfigError(
            "限流用的 Redis 不能用", hint="检查 TIAOWEN_LIMITS__STORAGE；并运行 pip install 'redis>=5'"
        ) from exc
    if not isinstance(storage, Storage):
        raise ConfigError("限流的存储不能用", hint="TIAOWEN_LIMITS__STORAGE 写成 redis://主机:6379/0")
    return FixedWindowRateLimiter(storage)


def caller_of(address: str) -> str:
    """What stands for a client: its address; of IPv6 the network, whose addresses are all one customer's."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _V6_NETWORK), strict=False))
    return str(parsed)
