"""How documents answer that nobody has written rules, facts or sample questions for: `python -m evals.places`.

In: `documents/`, made up for this, and a file of questions for each day they are asked on. Out: the rates of each file. The
documents are added to a copy of the corpus, as an operator would add them, and indexed in a folder that goes afterwards.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from assistant.app import Assistant, build_indexes, open_assistant
from assistant.config import Settings, load_settings
from evals.cases import load_cases
from evals.rates import measure_rates
from evals.runner import run_evaluation

HERE = Path(__file__).parent
DOCUMENTS = HERE / "documents"


@contextmanager
def open_with_places(settings: Settings) -> Iterator[Assistant]:
    """The assistant over the corpus and the documents of `documents/`; nothing of it stays."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        shutil.copytree(settings.corpus_dir, corpus)
        for document in sorted(DOCUMENTS.iterdir()):
            shutil.copytree(document, corpus / "documents" / document.name)
        changed = settings.model_copy(update={"corpus_dir": corpus, "index_dir": Path(folder) / "indexes"})
        build_indexes(changed)
        yield open_assistant(changed)


def list_days() -> list[tuple[date, Path]]:
    """The files of questions with the day they are asked on."""
    return [(date.fromisoformat(path.stem), path) for path in sorted(HERE.glob("*.jsonl"))]


def main() -> int:
    """Ask every file and print its rates."""
    with open_with_places(load_settings()) as assistant:
        for as_of, path in list_days():
            report = run_evaluation(assistant, load_cases(path), as_of, run="places")
            sys.stdout.write(f"{path.name}：{len(report.results)} 题\n")
            for rate in measure_rates(report.results):
                shown = "—" if rate.value is None else f"{rate.value:.3f}"
                sys.stdout.write(f"  {rate.label}\t{shown}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
