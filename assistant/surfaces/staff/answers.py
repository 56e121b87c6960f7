"""One answer that was given: as it was, made again on its own index and on the present one, and what changed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from assistant.surfaces.replaying.changes import STATUSES
from assistant.surfaces.replaying.replay import Again, replay_answer
from assistant.surfaces.replaying.told import BASES, SIGNS, tell_outcome, tell_past
from assistant.surfaces.replies import find_assistant
from assistant.surfaces.staff.sign_in import StaffMember, require_staff
from assistant.surfaces.web.pages import render_page

if TYPE_CHECKING:
    from assistant.app import Assistant

router = APIRouter(prefix="/staff", include_in_schema=False)

_ONE_AT_A_TIME = threading.Lock()  # an index that is opened for it takes memory until it is done


@router.get("/answers/{answer_id}")
def show_answer(
    answer_id: str, request: Request, member: Annotated[StaffMember, Depends(require_staff)]
) -> Response:
    """The answer with what became of it; who looked at it goes into the audit."""
    assistant = find_assistant(request)

    def open_other(generation: str) -> Assistant:
        from assistant.app import Assistant

        return Assistant(assistant.settings, generation=generation)

    with _ONE_AT_A_TIME:
        replay = replay_answer(assistant, answer_id, open_other)
    request.app.state.access.note(member.name, "answer-replay", replay.past.answer_id)
    values = {
        "about": list(tell_past(replay)),
        "status": STATUSES[replay.body["status"]],
        "old": replay.body,
        "again": [_show(again) for again in replay.again],
    }
    return render_page(request, "staff/answer.html", values, headers={"cache-control": "no-store"})


def _show(again: Again) -> dict[str, Any]:
    return {
        "title": BASES[again.basis],
        "generation": again.generation,
        "outcome": tell_outcome(again),
        "is_same": again.body is not None and not again.changes,
        "remarks": again.remarks,
        "changes": [{"sign": SIGNS[change.sign], "told": change.told} for change in again.changes],
        "body": again.body,
    }
