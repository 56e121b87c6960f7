"""Answer → Telegram messages: HTML, each within the limit, each sentence with the clauses it cites.

A message is cut after a sentence, never inside one unless the sentence alone is too long, and
carries the citations of its own marks, so that a reader who is shown only one of the messages
still sees the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from assistant.models import Answer, AnswerStatus, Citation
from assistant.surfaces.schema import FOOTER, flow

# Telegram counts UTF-16 units after it has read the HTML; counting the HTML itself is safe.
LIMIT = 4096
LONGEST_SENTENCE = 800  # five units a character at worst: an escaped `&`
LONGEST_QUOTE = 600
TITLES: dict[AnswerStatus, str] = {"refused": "没有找到依据", "needs_info": "还需要补充"}

_SENTENCE = re.compile(r".*?(?:[。！？](?:\s*\[\d+\])*\n*|\n+|$)", re.DOTALL)
_MARK = re.compile(r"\[(\d+)\]")


def n_units(text: str) -> int:
    """Length in UTF-16 code units, which is what Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def answer_messages(answer: Answer) -> list[str]:
    """The messages for an answer, in order; at least one.

    Returns:
        HTML for Telegram's parse mode, each at most `LIMIT` units.
    """
    citation_by_n = {citation.n: citation for citation in answer.citations}
    packs: list[list[str]] = []
    for sentence in _sentences(answer.text):
        if packs and n_units(_render(packs[-1] + [sentence], citation_by_n)) <= LIMIT:
            packs[-1].append(sentence)
        else:
            packs.append([sentence])
    messages = [message for pack in packs for message in _within_limit(pack, citation_by_n)]
    if title := TITLES.get(answer.status):
        messages = _join([f"<b>{title}</b>", *messages])
    tail = [f"提示：{escape(notice, quote=False)}" for notice in answer.notices]
    return _join([*messages, "\n".join([*tail, f"<i>{FOOTER}</i>"])])


def _sentences(text: str) -> Iterator[str]:
    """Sentences with their marks and line ends; one that is too long comes in pieces."""
    for sentence in _SENTENCE.findall(text.strip()):
        rest = sentence
        while len(rest) > LONGEST_SENTENCE:
            cut = max(rest.rfind(sign, 0, LONGEST_SENTENCE) for sign in "，；、\n") + 1
            yield rest[: cut or LONGEST_SENTENCE]
            rest = rest[cut or LONGEST_SENTENCE :]
        if rest:
            yield rest


def _cited(sentences: Sequence[str], citation_by_n: dict[int, Citation]) -> list[Citation]:
    """The citations that the marks of these sentences name, by number."""
    numbers = {int(number) for sentence in sentences for number in _MARK.findall(sentence)}
    return [citation_by_n[n] for n in sorted(numbers) if n in citation_by_n]


def _render(sentences: Sequence[str], citation_by_n: dict[int, Citation]) -> str:
    blocks = [_citation_block(citation) for citation in _cited(sentences, citation_by_n)]
    return "\n\n".join([_body(sentences), *blocks])


def _body(sentences: Sequence[str]) -> str:
    return escape("".join(sentences).strip(), quote=False)


def _citation_block(citation: Citation) -> str:
    quote = flow(citation.quote)
    if len(quote) > LONGEST_QUOTE:
        quote = quote[: LONGEST_QUOTE - 1] + "…"
    source = f"《{flow(citation.title).strip('《》')}》{citation.number}（{citation.region}）"
    return (
        f"<b>[{citation.n}] {escape(citation.clause, quote=False)}</b>\n"
        f"{escape(source, quote=False)}\n<blockquote>{escape(quote, quote=False)}</blockquote>"
    )


def _within_limit(sentences: Sequence[str], citation_by_n: dict[int, Citation]) -> list[str]:
    """One message; citations that do not fit beside even one sentence follow in further ones."""
    whole = _render(sentences, citation_by_n)
    if n_units(whole) <= LIMIT:
        return [whole]
    return _join(
        [
            _body(sentences),
            *(_citation_block(citation) for citation in _cited(sentences, citation_by_n)),
        ]
    )


def _join(blocks: Sequence[str]) -> list[str]:
    """Blocks put together, in order, into as few messages as the limit allows."""
    messages: list[str] = []
    for block in blocks:
        if messages and n_units(messages[-1]) + 2 + n_units(block) <= LIMIT:
            messages[-1] += f"\n\n{block}"
        else:
            messages.append(block)
    return messages
