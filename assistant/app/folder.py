"""The documents and rules as they are in the folder now, whatever index serves."""

from __future__ import annotations

from assistant.config import Settings
from assistant.documents.catalog import Corpus, load_corpus
from assistant.documents.check import CorpusReport, check_documents
from assistant.documents.regions import load_regions
from assistant.documents.switch import hold_still
from assistant.rules.book import Book
from assistant.rules.build import build_book
from assistant.rules.confirm import confirm_pins
from assistant.rules.load import RuleSource, read_source
from assistant.rules.report import RuleReport, report_rules


def read_corpus_rules(settings: Settings, corpus: Corpus) -> RuleSource:
    """The rule files as they are in the folder now.

    Raises:
        RuleError: a file cannot be read.
    """
    return read_source(settings.corpus_dir, lambda id_: id_ in corpus.document_by_id)


def load_book(settings: Settings) -> tuple[Book, Corpus]:
    """The rules as they are in the folder now, linted, with the documents they are bound to.

    Raises:
        CorpusError: no document can be read; as `RuleError` where the rules are wrong.
    """
    with hold_still(settings.corpus_dir):
        corpus = read_corpus(settings)
        source = read_corpus_rules(settings, corpus)
    return build_book(source, corpus.documents), corpus


def pin_rules(settings: Settings, document: str | None = None) -> dict[str, tuple[int, int]]:
    """Confirm the quotes of the rule files as they stand: write their pins into `rules.yaml`.

    Args:
        document: only this one's; None confirms all.

    Returns:
        By document, how many quotes there are and how many of their pins were written anew.

    Raises:
        CorpusError: no document can be read; as `RuleError` where a quote does not stand in its clause, or a
            file cannot be written. Then no file has been changed.
    """
    with hold_still(settings.corpus_dir):
        corpus = read_corpus(settings)
    wanted = [d.id for d in corpus.documents if document in (None, d.id)]
    return confirm_pins(settings.corpus_dir, corpus.document_by_id, wanted)


def check_rules(settings: Settings) -> RuleReport:
    """Look through the rules as they are in the folder now: pins, figures, examples.

    Raises:
        CorpusError: no document can be read; as `RuleError` where the rules do not load.
    """
    return report_rules(load_book(settings)[0])


def check_corpus(settings: Settings) -> CorpusReport:
    """Check coverage, ids and metadata of the corpus."""
    with hold_still(settings.corpus_dir):
        return check_documents(read_corpus(settings))


def read_corpus(settings: Settings) -> Corpus:
    """The documents as they are in the folder now; call it under `hold_still`.

    Raises:
        CorpusError: no document can be read.
    """
    return load_corpus(settings.corpus_dir, load_regions(settings.corpus_dir / "regions.yaml"))
