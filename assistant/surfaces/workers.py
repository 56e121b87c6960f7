"""Several processes behind one listening socket: a supervisor starts them, starts a dead one anew and ends them all.

uvicorn's own supervisor does that; a worker builds the application for itself from the environment, so that nothing is
shared but the socket, the files of the index and the store. On SIGTERM every worker drains as a single server does.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from assistant.config import Settings
from assistant.errors import ConfigError
from assistant.surfaces.lean import bound_pools
from assistant.surfaces.serving import living, load_model, open_app, server_options
from assistant.surfaces.startup import AssistantHolder, start_settings
from assistant.surfaces.watching.logs import catch_strays

if TYPE_CHECKING:
    from fastapi import FastAPI

PATIENCE_SECONDS = 30
"""How long a worker may not answer its supervisor until it is taken for dead."""


def run_workers(listener: socket.socket, settings: Settings, n_workers: int) -> None:
    """Serve in several processes until a signal ends this one.

    Args:
        n_workers: at least 2.

    Raises:
        ConfigError: a worker could not start; its own log says why.
    """
    import uvicorn
    from uvicorn.config import STARTUP_FAILURE
    from uvicorn.supervisors import Multiprocess

    config = uvicorn.Config(
        f"{__name__}:build_app",
        factory=True,
        workers=n_workers,
        timeout_worker_healthcheck=PATIENCE_SECONDS,
        lifespan="on",
        **server_options(settings),
    )
    supervisor = Multiprocess(config, [listener])
    supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        raise ConfigError(
            "有一个进程没有启动起来，已全部停止", hint="原因见上面的日志；用 --workers 1 启动也会说明"
        )


def build_app() -> FastAPI:
    """The application of one worker, which opens its index with the first request."""
    bound_pools()
    settings = start_settings()
    catch_strays()
    _end_with_parent()
    holder = AssistantHolder(settings)
    app = open_app(holder, settings)

    @asynccontextmanager
    async def live(_app: FastAPI) -> AsyncIterator[None]:
        stack = ExitStack()
        try:
            await asyncio.to_thread(stack.enter_context, living(app, settings))
            if settings.model.name:
                await asyncio.to_thread(load_model, holder)
            yield
        finally:
            await asyncio.to_thread(stack.close)

    app.router.lifespan_context = live
    return app


def _end_with_parent() -> None:
    """Drain and end where the supervisor was killed: nobody else would, and the port would stay taken."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
