"""Answer → texts within a messenger's limit, each sentence in one text with the clauses it cites.

A text is cut after a sentence, never inside one unless the sentence alone is too long, and carries the citations of its
own marks, so that a reader who is shown only one of the texts still sees the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from assistant.models import Answer, AnswerStatus, Citation
from assistant.surfaces.channels.protocol import Clipping
from assistant.surfaces.schema import FOOTER, flow
from assistant.surfaces.web.texts import load_texts

_SENTENCE = re.compile(r".*?(?:[。！？](?:\s*\[\d+\])*\n*|\n+|$)", re.DOTALL)
_MARK = re.compile(r"\[(\d+)\]")
_GAP = "\n\n"


class Form(Protocol):
    """How one messenger words the parts of an answer, and how much one message holds.

    Attributes:
        limit: what one message holds, as `measure` counts.
        longest_sentence, longest_quote: characters; what is longer is cut.
    """

    limit: int
    longest_sentence: int
    longest_quote: int

    def measure(self, text: str) -> int:
        """How much of a message a text takes."""

    def escape(self, text: str) -> str:
        """Plain text as the messenger takes it."""

    def title(self, text: str) -> str:
        """A few words above a text."""

    def cite(self, head: str, source: str, quote: str) -> str:
        """A citation: number and clause, the document, the quoted words."""

    def foot(self, text: str) -> str:
        """The last line."""


def pack_answer(answer: Answer, form: Form) -> list[Clipping]:
    """The texts for an answer, in order; at least one, each within the limit."""
    by_number = {citation.n: citation for citation in answer.citations}
    title = title_of(answer.status)
    head = f"{form.title(title)}{_GAP}" if title else ""
    packs: list[list[str]] = []
    for sentence in _sentences(answer.text, form.longest_sentence):
        room = form.limit - (form.measure(head) if len(packs) == 1 else 0)
        if packs and form.measure(_render([*packs[-1], sentence], by_number, form)) <= room:
            packs[-1].append(sentence)
        else:
            packs.append([sentence])
    clippings = [
        clipping
        for n, pack in enumerate(packs)
        for clipping in _within_limit(pack, by_number, form, "" if n else head)
    ]
    words = load_texts()["channels"]
    notices = [form.escape(words["notice"].format(notice)) for notice in answer.notices]
    if answer.generated:
        notices.insert(0, form.escape(words["generated"]))
    return _join([*clippings, Clipping("\n".join([*notices, form.foot(FOOTER)]))], form)


def title_of(status: AnswerStatus) -> str:
    """What stands above an answer of a status; empty above one that answers."""
    titles: dict[str, str] = load_texts()["channels"]["titles"]
    return titles[status]


def pack_text(text: str, form: Form) -> list[str]:
    """A text of ours within the limit, cut at sentences."""
    pieces = [Clipping(form.escape(s)) for s in _sentences(text, form.longest_sentence)]
    return [clipping.text.strip() for clipping in _join(pieces, form, "")]


def _sentences(text: str, longest: int) -> Iterator[str]:
    """Sentences with their marks and line ends; one that is too long comes in pieces."""
    for sentence in _SENTENCE.findall(text.strip()):
        rest = sentence
        while len(rest) > longest:
            cut = max(rest.rfind(sign, 0, longest) for sign in "，；、\n") + 1
            yield rest[: cut or longest]
            rest = rest[cut or longest :]
        if rest:
            yield rest


def _cited(sentences: Sequence[str], by_number: dict[int, Citation]) -> list[Citation]:
    """The citations that the marks of these sentences name, by number."""
    numbers = {int(number) for sentence in sentences for number in _MARK.findall(sentence)}
    return [by_number[n] for n in sorted(numbers) if n in by_number]


def _render(sentences: Sequence[str], by_number: dict[int, Citation], form: Form) -> str:
    blocks = [_block(citation, form) for citation in _cited(sentences, by_number)]
    return _GAP.join([_body(sentences, form), *blocks])


def _body(sentences: Sequence[str], form: Form) -> str:
    return form.escape("".join(sentences).strip())


def _block(citation: Citation, form: Form) -> str:
    quote = flow(citation.quote)
    if len(quote) > form.longest_quote:
        quote = quote[: form.longest_quote - 1] + "…"
    source = f"《{flow(citation.title).strip('《》')}》{citation.number}（{citation.region}）"
    return form.cite(f"[{citation.n}] {citation.clause}", source, quote)


def _within_limit(
    sentences: Sequence[str], by_number: dict[int, Citation], form: Form, head: str
) -> list[Clipping]:
    """One text below its head; citations that do not fit beside even one sentence follow in further ones."""
    cited = _cited(sentences, by_number)
    whole = head + _render(sentences, by_number, form)
    if form.measure(whole) <= form.limit:
        return [Clipping(whole, tuple(citation.n for citation in cited))]
    blocks = [Clipping(_block(citation, form), (citation.n,)) for citation in cited]
    return _join([Clipping(head + _body(sentences, form)), *blocks], form)


def _join(parts: Sequence[Clipping], form: Form, gap: str = _GAP) -> list[Clipping]:
    """Parts put together, in order, into as few texts as the limit allows."""
    texts: list[Clipping] = []
    for part in parts:
        joined = f"{texts[-1].text}{gap}{part.text}" if texts else ""
        if texts and form.measure(joined) <= form.limit:
            texts[-1] = Clipping(joined, (*texts[-1].numbers, *part.numbers))
        else:
            texts.append(part)
    return texts
