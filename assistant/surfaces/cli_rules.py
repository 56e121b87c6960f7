"""`tiaowen rules …`: the rules as they lie in the folder now, what they ask, and what state they are in."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.errors import CorpusError
from assistant.surfaces import inbound, schema
from assistant.surfaces.startup import start_settings
from assistant.surfaces.terminal import Command, new_console, new_group, write_line

if TYPE_CHECKING:
    from assistant.documents.catalog import Corpus
    from assistant.documents.regions import RegionTree
    from assistant.rules.book import Book

JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON")]
DocumentOption = Annotated[str, typer.Option("--document", "-d", metavar="文件编号", help="只看这个文件的")]
SubjectOption = Annotated[
    str, typer.Option("--subject", "-s", metavar="对象", help="只看这类对象的，如 class")
]

rules = new_group("查看和核对规则：文件里的数字和条件。")


@rules.command("list", cls=Command, help="列出规则。")
def list_rules(
    document: DocumentOption = "",
    subject: SubjectOption = "",
    kind: Annotated[
        str, typer.Option("--kind", "-k", metavar="种类", help="verdict、check、quantity、deadline 等")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """List the rules."""
    from assistant.surfaces import schema_rules

    book, corpus, regions = _load_rules()
    if document:
        inbound.find_document(corpus, document)
    wanted = schema_rules.RuleFilter(document, subject, kind)
    listed = schema_rules.rules_object(book, regions, wanted, corpus.version)
    if as_json:
        write_line(schema.dump_json(listed))
        return
    from assistant.surfaces.render_rules import render_rules

    render_rules(new_console(), listed["rules"])


@rules.command("show", cls=Command, help="显示一条规则的条件、数字、条款和原文。")
def show(
    rule: Annotated[str, typer.Argument(metavar="规则", help="规则标识", show_default=False)],
    as_json: JsonOption = False,
) -> None:
    """Show one rule with its clauses and expressions."""
    from assistant.surfaces import schema_rules

    book, _, regions = _load_rules()
    found = schema_rules.all_rules(book)[inbound.find_rule(book, rule)]
    shown = schema_rules.rule_object(book, found, regions)
    if as_json:
        write_line(schema.dump_json(shown))
        return
    from assistant.surfaces.render_rules import render_rule

    render_rule(new_console(), shown)


@rules.command("facts", cls=Command, help="列出规则会问的全部事实。")
def list_facts(subject: SubjectOption = "", as_json: JsonOption = False) -> None:
    """List the facts."""
    from assistant.surfaces import schema_rules

    listed = schema_rules.facts_object(_load_rules()[0], subject)
    if as_json:
        write_line(schema.dump_json(listed))
        return
    from assistant.surfaces.render_rules import render_facts

    render_facts(new_console(), listed["facts"])


@rules.command("coverage", cls=Command, help="每个文件的数字有多少已编入规则、说明不编入、还没有处理。")
def coverage(as_json: JsonOption = False) -> None:
    """Show which figures are encoded, waived or neither."""
    from assistant.app import check_rules

    report = check_rules(start_settings())
    if as_json:
        rows = [
            {
                "document": row.document,
                "n_figures": row.n_figures,
                "n_encoded": row.n_encoded,
                "n_waived": row.n_waived,
                "uncovered": [asdict(figure) for figure in row.uncovered],
            }
            for row in report.documents
        ]
        write_line(schema.dump_json({"documents": rows}))
    else:
        from assistant.surfaces.render_rules import render_coverage

        render_coverage(new_console(), report)
    if any(row.uncovered for row in report.documents):
        raise typer.Exit(CorpusError.exit_code)


@rules.command("stale", cls=Command, help="列出条款已变动、需要重新核对的规则。")
def stale(as_json: JsonOption = False) -> None:
    """List cites whose clause has changed."""
    from assistant.app import check_rules

    report = check_rules(start_settings())
    if as_json:
        rows = [
            {
                "document": row.document,
                "n_fresh": row.n_fresh,
                "drifted": [asdict(pin) for pin in row.drifted],
                "unpinned": list(row.unpinned),
            }
            for row in report.documents
        ]
        write_line(schema.dump_json({"documents": rows}))
    else:
        from assistant.surfaces.render_rules import render_pins

        render_pins(new_console(), report)
    if any(row.drifted or row.unpinned for row in report.documents):
        raise typer.Exit(CorpusError.exit_code)


@rules.command("pin", cls=Command, help="核对过条款之后，把引文的指纹写进 rules.yaml。")
def pin(document: DocumentOption = "") -> None:
    """Confirm the quotes of the rule files."""
    from assistant.app import pin_rules

    counts = pin_rules(start_settings(), document or None)
    if document and not counts:
        raise inbound.NotFound(
            f"没有这个文件，或它没有 rules.yaml：{document}", hint="tiaowen corpus list 列出全部文件"
        )
    for id_, (n_quotes, n_changed) in counts.items():
        write_line(f"{id_}：{n_quotes} 处引文，写入 {n_changed} 处")


def _load_rules() -> tuple[Book, Corpus, RegionTree]:
    """The rules as they are in the folder now, whether or not they are indexed."""
    from assistant.app import load_book
    from assistant.documents.regions import load_regions

    settings = start_settings()
    book, corpus = load_book(settings)
    return book, corpus, load_regions(settings.corpus_dir / "regions.yaml")
