"""What the tools of the Model Context Protocol work with, and the way to them: the package `mcp` is an extra."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from assistant.errors import ConfigError
from assistant.surfaces.inbound import new_session

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.surfaces.mcp_server import PolicyServer
    from assistant.surfaces.throttle import Throttle

_PACKAGES = ("mcp", "mcp_types")


class McpNotInstalled(ConfigError):
    """The extra is not installed."""

    http_status = 501


@dataclass(frozen=True, slots=True)
class McpSource:
    """What the tools work with.

    Attributes:
        find_assistant: the opened assistant; raises what the caller is to be told.
        today: the day that questions are read at where they name none.
        new_session: makes the session of a question that names none.
        throttle: counts the questions of a session; None counts none.
    """

    find_assistant: Callable[[], Assistant]
    today: Callable[[], date] = date.today
    new_session: Callable[[], str] = new_session
    throttle: Throttle | None = None


def open_server(source: McpSource) -> PolicyServer:
    """The server, for whichever transport; the package is imported by the first call.

    Raises:
        McpNotInstalled: the package is not there.
    """
    try:
        from assistant.surfaces.mcp_server import build_server
    except ModuleNotFoundError as exc:
        if (exc.name or "").partition(".")[0] not in _PACKAGES:
            raise
        raise McpNotInstalled("没有安装 MCP 支持", hint="运行 pip install 'mcp>=2.3,<3'") from exc
    return build_server(source)
