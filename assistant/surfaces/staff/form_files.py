"""The application forms of the documents: `corpus/documents/<id>/forms/<form>.yaml`, each with a Word template.

In: the folders of the corpus. Out: a `Shelf`: the forms that can be used, and what is wrong with the others. The files
are read anew each time, so that an edited form is the one that is filled in; they are no part of the index. A new form
needs no Python: its fields are facts of a check, free text, days, or what a check came to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from assistant.documents.catalog import Corpus, CorpusProblem
from assistant.errors import CorpusError
from assistant.rules.load import load_yaml, raise_faults, validate
from assistant.rules.schema import ClausePath, Label, Model, Name, RuleId
from assistant.surfaces.inbound import NotFound
from assistant.surfaces.web.texts import load_texts

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.rules.book import Book

FOLDER = "forms"
LONGEST_TEXT = 2000
Kind = Literal["fact", "text", "date", "check"]


class FormFieldData(Model):
    """One blank of a form: exactly one of `fact`, `max` (free text), `date` and `check` is set."""

    label: Label
    group: str = ""
    fact: str = ""
    max: Annotated[int, Field(ge=1, le=LONGEST_TEXT)] | None = None
    date: bool = False
    check: Literal["", "outcome"] = ""

    @model_validator(mode="after")
    def _one_kind(self) -> FormFieldData:
        if [bool(self.fact), self.max is not None, self.date, bool(self.check)].count(True) != 1:
            raise PydanticCustomError("one_kind", "fact、max、date、check 恰好写一个")
        return self

    @property
    def kind(self) -> Kind:
        """What fills the blank."""
        if self.max is not None:
            return "text"
        return "fact" if self.fact else "date" if self.date else "check"


class FormData(Model):
    """A form as its file has it.

    Attributes:
        rule: the verdict of the same document whose check fills it; empty where none does.
    """

    label: Label
    clause: ClausePath
    template: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.docx$", max_length=100)]
    rule: RuleId | Literal[""] = ""
    fields: dict[Name, FormFieldData] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class ApplicationForm:
    """A form that can be used; `rule` is the key of its verdict, `template` the whole path."""

    id: str
    document: str
    label: str
    clause_id: str
    rule: str
    template: Path
    fields: dict[str, FormFieldData]

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that it has blanks for, each once."""
        return tuple(dict.fromkeys(field.fact for field in self.fields.values() if field.fact))


@dataclass(frozen=True, slots=True)
class Shelf:
    """All forms, in the order of their documents, and what is wrong with those that cannot be used."""

    forms: tuple[ApplicationForm, ...]
    problems: tuple[CorpusProblem, ...]


def list_forms(corpus_dir: Path, corpus: Corpus, book: Book) -> Shelf:
    """Read the forms of all documents; a faulty one hides no other."""
    forms: list[ApplicationForm] = []
    problems: list[CorpusProblem] = []
    for document, path in _list_files(corpus_dir, corpus):
        try:
            forms.append(_load(corpus, book, document, path))
        except CorpusError as exc:
            problems.append(CorpusProblem(str(path), exc.message, exc.hint))
    return Shelf(tuple(forms), tuple(problems))


def find_shelf(assistant: Assistant) -> Shelf:
    """The forms of the corpus that an assistant answers from."""
    return list_forms(assistant.settings.corpus_dir, assistant.corpus, assistant.calculator.book)


def find_form(assistant: Assistant, document: str, form_id: str) -> ApplicationForm:
    """One form.

    Raises:
        NotFound: there is none of this id.
        CorpusError: its file is faulty.
    """
    for owner, path in _list_files(assistant.settings.corpus_dir, assistant.corpus):
        if (owner, path.stem) == (document, form_id):
            return _load(assistant.corpus, assistant.calculator.book, owner, path)
    words = load_texts()["staff"]["forms"]
    raise NotFound(words["unknown"].format(id=form_id), hint=words["unknown_hint"])


def _list_files(corpus_dir: Path, corpus: Corpus) -> Iterator[tuple[str, Path]]:
    for document in corpus.documents:
        for path in sorted((corpus_dir / "documents" / document.id / FOLDER).glob("*.yaml")):
            yield document.id, path


def _load(corpus: Corpus, book: Book, document: str, path: Path) -> ApplicationForm:
    """Read one file, and see that all it names is there.

    Raises:
        CorpusError: something in it is wrong; file and keys are named.
    """
    where = f"{document}/{FOLDER}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        words = load_texts()["staff"]["forms"]
        raise CorpusError(words["unreadable"].format(path=where), path=str(path)) from exc
    data = validate(FormData, load_yaml(text, path), where)
    form = ApplicationForm(
        id=path.stem,
        document=document,
        label=data.label,
        clause_id=f"{document}#{data.clause}",
        rule=f"{document}/{data.rule}" if data.rule else "",
        template=path.parent / data.template,
        fields=data.fields,
    )
    raise_faults(_find_faults(corpus, book, form), where)
    return form


def _find_faults(corpus: Corpus, book: Book, form: ApplicationForm) -> list[str]:
    """What the file names and the corpus has not."""
    words = load_texts()["staff"]["forms"]["faults"]
    faults = [
        f"fields.{name}.fact：{words['fact'].format(fact=field.fact)}"
        for name, field in form.fields.items()
        if field.fact and field.fact not in book.facts
    ]
    if form.clause_id not in corpus.clause_by_id:
        faults.append(f"clause：{words['clause'].format(clause=form.clause_id.partition('#')[2])}")
    if form.rule and form.rule not in book.verdicts:
        faults.append(f"rule：{words['rule'].format(rule=form.rule.partition('/')[2])}")
    if not form.rule and any(field.check for field in form.fields.values()):
        faults.append(f"rule：{words['no_rule']}")
    if not form.template.is_file():
        faults.append(f"template：{words['template'].format(name=form.template.name)}")
    return faults
