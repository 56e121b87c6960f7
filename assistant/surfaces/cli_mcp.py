"""`tiaowen mcp`: the Model Context Protocol over standard input and output, for a host that starts it as a program."""

from __future__ import annotations

from assistant.surfaces.mcp_source import McpSource, open_server
from assistant.surfaces.startup import AssistantHolder, start_settings


def serve_stdio() -> None:
    """Serve the protocol until the host closes the input; the index is opened by the first question.

    A host waits only a short while for the first reply, so no index is built here: a question says where there is none.
    """
    open_server(McpSource(AssistantHolder(start_settings()))).run("stdio")
