"""`tiaowen corpus …` and `tiaowen index`: what the documents became, and the index made of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.errors import CorpusError, RuleError
from assistant.surfaces import cli_upkeep, inbound, schema
from assistant.surfaces.startup import (
    build_with_progress,
    describe_build,
    start_settings,
    write_problems,
)
from assistant.surfaces.terminal import Command, new_console, new_group, write_line

if TYPE_CHECKING:
    from assistant.config import Settings
    from assistant.documents.catalog import Corpus, CorpusProblem
    from assistant.documents.regions import RegionTree
    from assistant.rules.report import RuleReport

JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON")]

corpus = new_group("查看、检查和维护文件库。")
cli_upkeep.register(corpus)


def index(as_json: JsonOption = False) -> None:
    """Build the index, or bring it up to date."""
    report = build_with_progress(start_settings())
    if as_json:
        write_line(schema.dump_json(asdict(report)))
    else:
        write_line(describe_build(report))
    write_problems(report.problems)


@corpus.command("list", cls=Command, help="列出已收录的文件。")
def list_documents(as_json: JsonOption = False) -> None:
    """List the documents."""
    loaded, regions = _load_corpus()
    listed = schema.documents_object(loaded, regions)
    if as_json:
        write_line(schema.dump_json(listed))
        return
    from assistant.surfaces.render import render_documents

    render_documents(new_console(), listed["documents"])
    write_problems(loaded.problems)


@corpus.command("show", cls=Command, help="显示一个文件的条款树。")
def show(
    document_id: Annotated[str, typer.Argument(metavar="文件编号", show_default=False)],
    as_json: JsonOption = False,
) -> None:
    """Show the clause tree of one document."""
    loaded, regions = _load_corpus()
    document = inbound.find_document(loaded, document_id)
    if as_json:
        write_line(schema.dump_json(schema.document_object(document, regions)))
        return
    from assistant.surfaces.render import render_document

    render_document(new_console(), document)


@corpus.command(
    "check", cls=Command, help="检查原文是否全部归入条款，元数据是否齐全，规则是否都有依据、与原文一致。"
)
def check(as_json: JsonOption = False) -> None:
    """Check coverage, ids, metadata and rules; a fault ends with the exit code of CorpusError."""
    from assistant.app import check_corpus

    settings = start_settings()
    report = check_corpus(settings)
    rules, fault = _check_rules(settings)
    forms = () if rules is None else _check_forms(settings)
    is_clean = report.is_clean and rules is not None and rules.is_clean and not forms
    if as_json:
        found = asdict(report)
        others = (*([fault] if fault else []), *forms)
        found["problems"] = [*found["problems"], *(asdict(problem) for problem in others)]
        rows = None if rules is None else asdict(rules)["documents"]
        write_line(schema.dump_json({**found, "rules": rows, "is_clean": is_clean}))
    else:
        from assistant.surfaces.render import render_check
        from assistant.surfaces.render_rules import render_report, render_rule_fault

        render_check(new_console(), report)
        if rules is not None:
            render_report(new_console(), rules)
        if fault is not None:
            render_rule_fault(new_console(), fault)
        write_problems(forms)
    if not is_clean:
        raise typer.Exit(CorpusError.exit_code)


def _check_rules(settings: Settings) -> tuple[RuleReport | None, CorpusProblem | None]:
    """The state of the rules, or why they do not load."""
    from assistant.app import check_rules
    from assistant.documents.catalog import CorpusProblem

    try:
        return check_rules(settings), None
    except RuleError as exc:
        return None, CorpusProblem(exc.path, exc.message, exc.hint)


def _check_forms(settings: Settings) -> tuple[CorpusProblem, ...]:
    """What is wrong with the application forms."""
    from assistant.app import load_book
    from assistant.surfaces.staff.form_files import list_forms

    book, corpus = load_book(settings)
    return list_forms(settings.corpus_dir, corpus, book).problems


def _load_corpus() -> tuple[Corpus, RegionTree]:
    """The documents as they are in the folder now, whether or not they are indexed."""
    from assistant.documents.catalog import load_corpus
    from assistant.documents.regions import load_regions
    from assistant.documents.switch import hold_still

    settings = start_settings()
    with hold_still(settings.corpus_dir):
        regions = load_regions(settings.corpus_dir / "regions.yaml")
        return load_corpus(settings.corpus_dir, regions), regions
