"""The application as `tiaowen serve` runs it: its parts wired from the settings, its life from the first request to SIGTERM.

On SIGTERM no connection is taken any more, answers and streams that have begun are ended properly, and the process
leaves with 0: within `DRAIN_SECONDS`, after which what still runs is given up.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from assistant.config import Settings
from assistant.errors import ModelError, TiaowenError
from assistant.surfaces.terminal import write_notice

if TYPE_CHECKING:
    import socket

    from fastapi import FastAPI

    from assistant.app import Assistant
    from assistant.store.registry import Registry
    from assistant.surfaces.access import Access

DRAIN_SECONDS = 25
"""How long answers that have begun may take to end; a supervisor has to wait longer than this before it kills."""


def open_access(settings: Settings) -> Access:
    """Keys, tokens and limits as the settings say."""
    from assistant.surfaces.access import Access
    from assistant.surfaces.throttle import Throttle

    return Access(_registry_finder(settings), throttle=Throttle(settings.limits), server=settings.server)


def open_app(assistant_source: Callable[[], Assistant], settings: Settings) -> FastAPI:
    """The application over its settings; `living` is to be open around it while it serves."""
    from assistant.surfaces.api import create_app
    from assistant.surfaces.watching.spans import open_spans

    access = open_access(settings)
    app = create_app(assistant_source, server=settings.server, access=access)
    app.state.watch.spans = open_spans(settings.otel)
    return app


def server_options(settings: Settings) -> dict[str, Any]:
    """What our web server is told, for one process and for several.

    No access log: the address of a search holds what was asked. Whose word is taken for where a request comes from is
    our setting, not the server's, and the log goes through our masks.
    """
    return {
        "log_config": None,
        "log_level": settings.log_level.lower(),
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "timeout_graceful_shutdown": DRAIN_SECONDS,
    }


def run_server(app: FastAPI, listener: socket.socket, settings: Settings) -> None:
    """Serve in this process until a signal ends it.

    Raises:
        ConfigError: as `living`.
        SystemExit: 0, after SIGTERM.
    """
    import uvicorn

    with suppress(ValueError):  # not in the main thread
        # The web server ends by sending itself this signal once more; by itself that would not be an orderly end.
        signal.signal(signal.SIGTERM, _end_politely)
    config = uvicorn.Config(app, lifespan="off", **server_options(settings))
    with living(app, settings):
        uvicorn.Server(config).run(sockets=[listener])


def _end_politely(_signal: int, _frame: object) -> None:
    raise SystemExit(0)


def load_model(assistant_source: Callable[[], Assistant]) -> None:
    """Set up the language model, where there is one, before anyone asks; what is wrong with it is told."""
    try:
        if model := assistant_source().model:
            model.load()
    except ModelError as exc:
        write_notice(f"{exc.message}（{exc.hint}）；回答由条文摘录组成")
    except TiaowenError:
        # No index yet: the source says so to whoever asks.
        return


@contextmanager
def living(app: FastAPI, settings: Settings) -> Iterator[None]:
    """What is open from before the first request until after the last: spans that are sent, messengers.

    Raises:
        ConfigError: as `answer_messengers`.
    """
    from assistant.surfaces.watching.spans import sending

    with sending(app.state.watch.spans), answer_messengers(app, settings):
        yield


@contextmanager
def answer_messengers(app: FastAPI, settings: Settings) -> Iterator[None]:
    """Let the messengers that are set up call this server.

    Raises:
        ConfigError: one is set up by half, or another program serves the same bot.
    """
    is_telegram = settings.telegram.token and settings.telegram.webhook_secret
    if not (is_telegram or settings.wecom.token or settings.wechat.token):
        yield
        return
    from assistant.surfaces.api_channels import attach_channels
    from assistant.surfaces.channels.hub import ChannelHub, HubParts
    from assistant.surfaces.channels.pace import Pace

    pace = Pace(app.state.access.throttle)
    parts = HubParts(app.state.assistant_source, settings, pace, watch=app.state.watch.over)
    with ChannelHub(parts) as hub:
        attach_channels(app, hub)
        yield


def _registry_finder(settings: Settings) -> Callable[[], Registry]:
    def find() -> Registry:
        from assistant.store.store import find_store

        return find_store(settings.store.url).registry

    return find
