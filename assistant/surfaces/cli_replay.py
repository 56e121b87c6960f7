"""`tiaowen replay`: an old answer explained."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.surfaces.inbound import parse_day
from assistant.surfaces.schema import dump_json
from assistant.surfaces.startup import open_for_operator, start_settings
from assistant.surfaces.terminal import write_line


def replay(
    answer_id: Annotated[
        str, typer.Argument(metavar="回答编号", help="回答 JSON 里的 id", show_default=False)
    ],
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="年-月-日", help="现在的回答按哪一天的规定；不填则按当时那一天")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """Show an old answer, answer again on the same and on the present index, and say what changed."""
    from assistant.app import Assistant
    from assistant.surfaces.replaying.replay import replay_answer
    from assistant.surfaces.replaying.told import replay_object, tell_again, tell_old, tell_past

    settings = start_settings()
    day = parse_day(as_of) if as_of else None
    found = replay_answer(
        open_for_operator(settings), answer_id, lambda name: Assistant(settings, generation=name), day
    )
    if as_json:
        write_line(dump_json(replay_object(found)))
        return
    parts = [tell_past(found), tell_old(found), *(tell_again(again) for again in found.again)]
    write_line("\n\n".join("\n".join(part) for part in parts))
