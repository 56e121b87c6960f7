"""Notes in the audit which files the staff took away: every attachment that a page of the desk sends."""

from __future__ import annotations

from urllib.parse import unquote

from starlette.background import BackgroundTask
from starlette.datastructures import Headers

from assistant.surfaces.access import Access
from assistant.surfaces.edge import AsgiApp, Message, Receive, Scope, Send

DESK = "/staff"
STATE = "staff_member"
"""Key of the request's state: whoever is signed in, put there where that is checked."""


class NoteExports:
    """Looks at the replies of the desk for attachments."""

    def __init__(self, app: AsgiApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; the note is made after the file has been sent."""
        if scope["type"] != "http" or not scope["path"].startswith(DESK):
            await self._app(scope, receive, send)
            return
        sent: list[str] = []

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                disposition = Headers(raw=message["headers"]).get("content-disposition", "")
                if disposition.startswith("attachment"):
                    sent.append(unquote(disposition.rpartition("''")[2].strip('"')))
            await send(message)

        await self._app(scope, receive, send_noted)
        who = scope.get("state", {}).get(STATE)
        if sent and who:
            await BackgroundTask(self._access.note, who, "export", f"{scope['path']} {sent[0]}")()
