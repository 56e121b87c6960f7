"""Files → what a static model is trained on: running text, and pairs by origin.

Pairs come from three places: questions with the text that answers them, as given; the heading of an article and the
article; and the longest sentence of an article with the rest of it, which needs no label at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import ConfigError
from assistant.models import Document
from assistant.retrieval.contrast import PairSource
from assistant.retrieval.pairs import (
    Pair,
    add_titles,
    derive_pairs,
    read_pairs,
    read_queries,
    read_text,
    read_titles,
)

N_OWN = 3
"""Times that the corpus' own text counts: it is small, and its words must have rows."""
_ASKED_UPSAMPLE, _OWN_UPSAMPLE, _MADE_UPSAMPLE = 8, 4, 1
"""Times that a pair counts: real questions are few beside those made of the text."""
_ASKED_BATCH, _MADE_BATCH = 512, 1024


@dataclass(frozen=True, slots=True)
class TrainingFiles:
    """What a training reads, beside the corpus.

    Attributes:
        texts: running text, one line a paragraph; statutes also give pairs of sentences.
        pairs: see `pairs.read_pairs`. A file is one source, whose texts are each other's wrong answers: each should
            hold the questions of one field.
        articles: titled passages in BEIR's layout; None for none.
        held_out: questions kept for validation, JSON lines with `text`; None for none.
    """

    texts: tuple[Path, ...] = ()
    pairs: tuple[Path, ...] = ()
    articles: Path | None = None
    held_out: Path | None = None


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What a model is trained on.

    Attributes:
        names: of the files and the number of pairs of each origin, for the model card.
        skipped: numbers of unusable lines, by file.
    """

    texts: list[str]
    sources: list[PairSource]
    names: tuple[str, ...]
    skipped: Mapping[Path, tuple[int, ...]]


def gather_data(files: TrainingFiles, documents: Sequence[Document] = ()) -> TrainingData:
    """Read the files, and the corpus' own texts and sample questions.

    Raises:
        ConfigError: a file cannot be read, holds nothing usable, or there is no text at all.
    """
    own = [line for d in documents for line in d.source.splitlines() if line.strip()]
    running = [line for path in files.texts for line in read_text(path)]
    if not running and not own:
        raise ConfigError("没有训练文本", hint="用 --text 给出文本文件，或用 --corpus 加上文件库")
    titles = read_titles(files.articles) if files.articles else []
    asked, skipped = _read_asked(files, titles)
    made = {"headings": titles, "sentences": list(derive_pairs(running))}
    sources = [PairSource(name, pairs, _ASKED_UPSAMPLE, _ASKED_BATCH) for name, pairs in asked.items()]
    if questions := _pair_questions(documents):
        sources.append(PairSource("questions", questions, _OWN_UPSAMPLE, _ASKED_BATCH))
    sources += [PairSource(name, pairs, _MADE_UPSAMPLE, _MADE_BATCH) for name, pairs in made.items() if pairs]
    asked_texts = [text for pairs in (*asked.values(), questions) for pair in pairs for text in pair]
    texts = running + own * N_OWN + asked_texts
    names = [path.name for path in files.texts] + ([f"corpus ×{N_OWN}"] if own else [])
    names += [f"{source.name}: {len(source.pairs)} pairs" for source in sources]
    return TrainingData(texts, sources, tuple(names), skipped)


def _read_asked(
    files: TrainingFiles, titles: Sequence[Pair]
) -> tuple[dict[str, list[Pair]], dict[Path, tuple[int, ...]]]:
    """Questions with their texts by file; those whose text is a titled article once more with its title."""
    held_out = read_queries(files.held_out) if files.held_out else []
    asked: dict[str, list[Pair]] = defaultdict(list)
    skipped: dict[Path, tuple[int, ...]] = {}
    for path in files.pairs:
        read = read_pairs(path, held_out)
        if read.skipped:
            skipped[path] = read.skipped
        for pairs in read.pairs.values():
            asked[path.name] += [*pairs, *add_titles(pairs, titles)]
    return asked, skipped


def _pair_questions(documents: Iterable[Document]) -> list[Pair]:
    """The sample questions of each clause, with the clause under its headings."""
    return [
        (question, " ".join((*clause.headings, clause.heading, clause.text)).strip())
        for document in documents
        for clause in document.clauses
        for question in clause.questions
    ]
