"""Cases: one JSON object a line, refused with file and line where it is not what it should be.

A file without cases is an error: a score over nothing would read as a score of nothing.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from assistant.errors import CorpusError
from evals.lines import read_lines, refuse_repeated

CASES_DIR = Path(__file__).resolve().parent / "cases"
DEFAULT_CASES = CASES_DIR / "dev.jsonl"
FACT_CASES = CASES_DIR / "facts.jsonl"
OTHER_FORMATS = frozenset({FACT_CASES.name})
"""Files that lie beside the questions and hold something else; a folder is read without them."""

HELD_OUT = frozenset({"validation.jsonl"})
"""Files whose questions nobody may see who works on the answers: of these only totals are shown.

A folder is read without them too, so that they are asked by name or not at all.
"""

Text = Annotated[str, StringConstraints(min_length=1)]
Expectation = Literal["answer", "refuse", "ask_back", "verdict"]
ExpectedVerdict = Literal["qualifies", "does_not_qualify", "needs_info"]

CORE_KINDS = (
    "lookup",
    "colloquial",
    "number",
    "table",
    "compare",
    "multi_clause",
    "contact_meta",
)
"""The kinds a reader of the documents could answer: the headline group of a report."""


class Gold(BaseModel):
    """A clause that has to be cited.

    Attributes:
        quote: raw source text; compared after removing whitespace.
        alt: entries of one case that share this number are interchangeable; None stands alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    doc: Text
    quote: Text
    alt: int | None = None


class Case(BaseModel):
    """One question with what a right answer must have.

    Attributes:
        region: where the asker is; None where unknown.
        history: the asker's earlier turns, oldest first.
        answer_must_contain: every element has to occur; an inner tuple means any one of.
        verdict: given exactly where `expect` is `verdict`.
        value: what the calculator returns, in `unit`; None where nothing is computed.
        expect_also: outcomes that are right too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Text
    kind: Text
    region: Text | None
    history: tuple[Text, ...] = ()
    question: Text
    gold: tuple[Gold, ...] = ()
    answer_must_contain: tuple[Text | tuple[Text, ...], ...] = ()
    answer_must_not_contain: tuple[Text, ...] = ()
    expect: Expectation
    expect_also: tuple[Expectation, ...] = ()
    verdict: ExpectedVerdict | None = None
    value: Decimal | None = None
    unit: str | None = None
    note: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.expect == "verdict") != (self.verdict is not None):
            raise ValueError("verdict 只在 expect 为 verdict 时填写，且必须填写")
        if any(not wanted for wanted in self.answer_must_contain):
            raise ValueError("answer_must_contain 里有空的“任一”列表")
        return self

    @property
    def accepted(self) -> tuple[Expectation, ...]:
        """Every outcome that is right, the expected one first."""
        return (self.expect, *self.expect_also)

    @property
    def gold_groups(self) -> tuple[tuple[Gold, ...], ...]:
        """Gold clauses with the interchangeable ones together, in the order of the case."""
        groups: dict[object, list[Gold]] = {}
        for position, gold in enumerate(self.gold):
            key = ("alone", position) if gold.alt is None else ("alt", gold.alt)
            groups.setdefault(key, []).append(gold)
        return tuple(tuple(group) for group in groups.values())


def load_cases(path: Path, *, kind: str | None = None) -> tuple[Case, ...]:
    """Read the cases of a `.jsonl` file, or of every such file of a folder in order of name.

    Args:
        path: file or folder; of a folder all but `OTHER_FORMATS` and `HELD_OUT`.
        kind: keep the cases of this kind only; None keeps all.

    Raises:
        CorpusError: a line is not a case, an id occurs twice, or no case is left; the message
            names file and line.
    """
    found = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    files = [file for file in found if file == path or file.name not in OTHER_FORMATS | HELD_OUT]
    placed = [pair for file in files for pair in read_lines(file, Case, "evals/cases/dev.jsonl")]
    refuse_repeated([(place, case.id) for place, case in placed])
    cases = [case for _, case in placed]
    kept = tuple(case for case in cases if kind is None or case.kind == kind)
    if not kept:
        known = "、".join(sorted({case.kind for case in cases}))
        hint = f"题型有：{known}" if known else "每行写一道题，格式见 evals/cases/dev.jsonl"
        raise CorpusError(f"{path}：没有可以评测的题", path=str(path), hint=hint)
    return kept
