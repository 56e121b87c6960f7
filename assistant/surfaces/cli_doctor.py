"""`tiaowen doctor`: is everything in order, and what is to be done."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.surfaces.schema import dump_json
from assistant.surfaces.terminal import write_line
from assistant.surfaces.watching.logs import start_logs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant.surfaces.doctor.examine import Report
    from assistant.surfaces.doctor.finding import Finding, State

MARKS: dict[State, str] = {"ok": "✓", "warn": "!", "fail": "✗", "skip": "·"}
COLOURS: dict[State, str] = {"ok": "green", "warn": "yellow", "fail": "red", "skip": "bright_black"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
    is_brief: Annotated[bool, typer.Option("--problems", help="只列出要处理的")] = False,
) -> None:
    """Check everything; ends with the exit code of the first thing that does not work."""
    from assistant.config import Settings
    from assistant.surfaces.doctor.examine import examine, examine_without_settings, find_settings
    from assistant.surfaces.doctor.finding import Checkup, Texts

    settings = find_settings()
    if isinstance(settings, Settings):
        start_logs(settings)
        report = examine(Checkup(settings, Texts(settings), datetime.now(UTC)))
    else:
        report = examine_without_settings(settings)
    if as_json:
        write_line(dump_json(report_object(report)))
    else:
        for line in tell_report(report, is_brief=is_brief):
            typer.echo(line)
    if report.exit_code:
        raise typer.Exit(report.exit_code)


def report_object(report: Report) -> dict[str, object]:
    """The object of `--json`."""
    findings = [
        {"group": group, **asdict(finding)} for group, found in report.groups.items() for finding in found
    ]
    counts = {state: report.count(state) for state in MARKS}
    return {"is_healthy": report.exit_code == 0, "counts": counts, "findings": findings}


def tell_report(report: Report, *, is_brief: bool) -> Iterator[str]:
    """The lines of the table, and what all of it comes to."""
    for group, found in report.groups.items():
        shown = [f for f in found if not is_brief or f.state in ("warn", "fail")]
        if shown:
            yield typer.style(group, bold=True)
        for finding in shown:
            yield from _tell(finding)
    n_ok, n_warned, n_failed = (report.count(state) for state in ("ok", "warn", "fail"))
    summary = f"{n_ok} 项正常，{n_warned} 项要留意，{n_failed} 项不行"
    yield typer.style(summary, bold=True, fg="red" if n_failed else "yellow" if n_warned else "green")


def _tell(finding: Finding) -> Iterator[str]:
    mark = typer.style(MARKS[finding.state], fg=COLOURS[finding.state])
    yield f"  {mark} {finding.name}：{finding.told}"
    if finding.remedy:
        yield f"      → {finding.remedy}"
