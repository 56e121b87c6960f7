"""A finished extractive answer → the same answer in a language model's words, as far as these hold.

In: the answer, what was asked, a model. Out: lines as they are verified, and the whole answer at the end. Status, decision
and citations never change. Each sentence of the model passes the gate before anyone sees it; those that fail are put
right once, and what is not told by then is told in the words of the extractive answer, so that nothing is lost.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace

from assistant.dialogue.answer_stream import Lines
from assistant.dialogue.faithful import Fault, Ground, build_ground, find_fault, split_sentences
from assistant.dialogue.llm import LanguageModel
from assistant.dialogue.messages import Messages
from assistant.dialogue.points import Outline, Point, Writer, is_covered, read_outline
from assistant.dialogue.prompts import Prompt, Prompts
from assistant.dialogue.verify import MARK, Claim, verify_claims
from assistant.documents.normalize import squeeze
from assistant.documents.regions import RegionTree
from assistant.errors import ModelError
from assistant.models import Answer, Document
from assistant.retrieval.thesaurus import Thesaurus

MOST_POINTS = 16
"""An answer with more lines is a list, which no model reads better to anyone."""
_MOST_SENTENCES = 3 * MOST_POINTS
_LEAK = 12
"""So many characters in a row of what the model was told to do are a leak."""
_BULLET = re.compile(r"^(?:[-*•·]\s*|\d{1,2}[.、)）]\s*(?!\d))")
_FOREIGN_MARK = re.compile(r"[【［〔\[]\s*(\d{1,3})\s*[】］〕\]]")

NOTICES = {"timeout": "model_slow", "late": "model_slow", "busy": "model_busy", "budget": "model_spent"}
"""What the asker is told of a failure, by its kind; `model_down` of all others."""

_FAULT_TEXTS = {
    "uncited": "fault_uncited",
    "unknown_citation": "fault_citation",
    "number": "fault_number",
    "unit": "fault_number",
    "quote": "fault_number",
    "comparator": "fault_sense",
    "negation": "fault_sense",
    "force": "fault_sense",
    "logic": "fault_sense",
    "verdict": "fault_sense",
    "subject": "fault_sense",
    "region": "fault_place",
    "year": "fault_place",
    "document": "fault_place",
    "off_clause": "fault_off_clause",
}


@dataclass(slots=True)
class _Draft:
    """What has been worded so far.

    Attributes:
        passed: sentences that hold, in their order; `failed` those that do not, with their faults.
    """

    answer: Answer
    outline: Outline
    ground: Ground
    said: str
    told: frozenset[str]
    writer: Writer
    passed: list[str] = field(default_factory=list)
    failed: list[tuple[str, Fault]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)


class Reworder:
    """Words answers about one corpus with one model; safe to share between threads."""

    def __init__(
        self,
        model: LanguageModel,
        prompts: Prompts,
        messages: Messages,
        documents: Mapping[str, Document],
        regions: RegionTree,
        thesaurus: Thesaurus | None = None,
    ) -> None:
        self._model = model
        self._prompts = prompts
        self._messages = messages
        self._documents = documents
        self._regions = regions
        self._thesaurus = thesaurus

    def reword(self, answer: Answer, question: str, said: str, ends_at: float) -> Lines:
        """Word an answer.

        Args:
            question: as asked.
            said: all that the asker has said, facts included: its numbers may be repeated.
            ends_at: when the time of the answer is over, on the model's clock.

        Returns:
            By the generator: the answer itself where there is nothing to word; the worded one, labelled; or the answer
            with a notice where the model was of no use.
        """
        draft = self._begin(answer, said)
        if draft is None:
            yield from answer.text.split("\n")
            return answer
        head = draft.outline.points[: draft.outline.n_fixed_first]
        yield from (draft.writer.write(p.text, p.origin) for p in head)
        fault = yield from self._word(draft, question, ends_at)
        if draft.failed and fault is None:
            yield from self._repair(draft, question, ends_at)
        for _ in draft.failed:
            self._model.counts.add_sentence("replaced")
        if not draft.passed:
            rest = draft.outline.points[draft.outline.n_fixed_first :]
            yield from (draft.writer.write(p.text, p.origin) for p in rest)
            notice = NOTICES.get(fault.kind, "model_down") if fault else "model_unfit"
            return replace(answer, notices=(*answer.notices, self._messages.say(notice)))
        lines = [draft.writer.write(p.text, p.origin) for p in _list_untold(draft)]
        yield from lines
        return self._finish(draft)

    def _begin(self, answer: Answer, said: str) -> _Draft | None:
        """The answer taken apart; None where there is nothing that a model may word."""
        if answer.status != "answered" or not answer.citations:
            return None
        ground = build_ground(answer, self._documents, self._regions, said, self._thesaurus)
        texts = {
            n: f"{c.label}{c.headings}{c.text}{c.quote}{c.title}{c.number}"
            for n, c in ground.citations.items()
        }
        outline = read_outline(answer, texts, self._messages)
        n_open = sum(p.is_open for p in outline.points)
        # Several questions are joined with headings between them: those stay apart, in the documents' words.
        heading = self._messages.say("question")
        is_joined = any(not p.cites and p.text.startswith(heading) for p in outline.points)
        if not n_open or is_joined or len(outline.points) > MOST_POINTS or outline.write() != answer.text:
            return None
        told = frozenset(
            piece for name in ("word", "repair") for piece in _pieces(squeeze(self._prompts[name].system))
        )
        return _Draft(answer, outline, ground, said, told, Writer(outline))

    # -- the model's words --------------------------------------------------------------------------

    def _word(self, draft: _Draft, question: str, ends_at: float) -> Generator[str, None, ModelError | None]:
        """Lines that hold, as they come; what went wrong at the end, None for nothing."""
        messages = self._prompts["word"].fill(question=question, **_describe(draft))
        try:
            for sentence in _read_sentences(self._model.stream_text("word", messages, ends_at)):
                if (line := self._take(draft, sentence, "passed")) is not None:
                    yield line
        except ModelError as exc:
            return exc
        return None

    def _repair(self, draft: _Draft, question: str, ends_at: float) -> Iterator[str]:
        """Lines that hold after their faults were named to the model; those of no use stay with the failed."""
        failed, draft.failed = draft.failed, []
        faults = "\n".join(f"{sentence}　→　{self._explain(fault)}" for sentence, fault in failed)
        messages = self._prompts["repair"].fill(question=question, faults=faults, **_describe(draft))
        n_before = len(draft.passed)
        try:
            for sentence in _read_sentences(self._model.stream_text("repair", messages, ends_at)):
                if (line := self._take(draft, sentence, "repaired")) is not None:
                    yield line
        except ModelError:
            # The asker has an answer all the same; the failure is counted where it happened.
            pass
        draft.failed = failed[len(draft.passed) - n_before :]

    def _explain(self, fault: Fault) -> str:
        return self._messages.say(_FAULT_TEXTS.get(fault.kind, "fault_form"), words=fault.words)

    def _take(self, draft: _Draft, raw: str, fate: str) -> str | None:
        """The line of a sentence that holds; None for one that does not, or that was told before."""
        sentence = _clean(raw)
        key = squeeze(MARK.sub("", sentence))
        if not key or key in draft.seen or len(draft.seen) >= _MOST_SENTENCES:
            return None
        draft.seen.add(key)
        if fault := self._find_fault(draft, sentence):
            draft.failed.append((sentence, fault))
            self._model.counts.add_fault(fault.kind)
            return None
        draft.passed.append(sentence)
        self._model.counts.add_sentence(fate)
        first = int(MARK.findall(sentence)[0])
        citation = next(c for c in draft.answer.citations if c.n == first)
        return draft.writer.write(sentence, (citation.document, citation.number))

    def _find_fault(self, draft: _Draft, sentence: str) -> Fault | None:
        if leaked := draft.told & set(_pieces(squeeze(sentence))):
            return Fault("leak", min(leaked))
        cites = tuple(dict.fromkeys(int(n) for n in MARK.findall(sentence)))
        if not cites:
            return Fault("uncited", sentence)
        if fault := find_fault(sentence, draft.ground):
            return fault
        traced = (MARK.sub("", draft.answer.text),) if draft.answer.decision else ()
        claim = Claim(sentence, cites, filled=traced)
        kept = verify_claims([claim], draft.answer.citations, self._documents, draft.said)
        return None if kept else Fault("number", sentence)

    def _finish(self, draft: _Draft) -> Answer:
        """The worded answer: everything but text, id and label is that of the extractive one."""
        outline, answer = draft.outline, draft.answer
        writer = Writer(outline)
        by_n = {c.n: (c.document, c.number) for c in answer.citations}
        head = [(p.text, p.origin) for p in outline.points[: outline.n_fixed_first]]
        worded = [(s, by_n[int(MARK.findall(s)[0])]) for s in draft.passed]
        rest = [(p.text, p.origin) for p in _list_untold(draft)]
        text = "\n".join(writer.write(line, origin) for line, origin in (*head, *worded, *rest))
        digest = hashlib.sha256(f"{answer.id}\x1f{text}".encode(errors="surrogatepass")).hexdigest()
        return replace(answer, id=digest[:16], text=text, generated=True, made_with=self.describe_maker())

    def describe_maker(self) -> str:
        """The model and the prompts that word answers, as they are kept with each."""
        used: list[Prompt] = [self._prompts["word"], self._prompts["repair"]]
        return "; ".join([self._model.name, *(p.label for p in used)])


def _describe(draft: _Draft) -> dict[str, str]:
    """The points and quotes as a model is shown them."""
    points = [p for p in draft.outline.points if p.is_open]
    shown = {n for p in points for n in p.cites}
    quotes = (
        f"[{n}] {c.region}　{c.headings}　{c.quote}" for n, c in draft.ground.citations.items() if n in shown
    )
    return {"points": "\n".join(p.text for p in points), "quotes": "\n".join(quotes)}


def _list_untold(draft: _Draft) -> list[Point]:
    """The points behind the head that the sentences do not tell, in their order; each citation stays in use."""
    points = draft.outline.points
    rest = points[draft.outline.n_fixed_first :]
    shared = {
        p.cites for p in points if sum(set(p.cites) & set(q.cites) != set() for q in points if q.is_open) > 1
    }
    kept = [p for p in rest if not (p.is_open and is_covered(p, draft.passed, p.cites in shared))]
    head = points[: draft.outline.n_fixed_first]
    used = {n for p in (*head, *kept) for n in p.cites}
    used |= {int(n) for s in draft.passed for n in MARK.findall(s)}
    for point in rest:
        if point not in kept and set(point.cites) - used:
            kept.append(point)
            used |= set(point.cites)
    return [p for p in rest if p in kept]


def _read_sentences(pieces: Iterator[str]) -> Iterator[str]:
    """Whole sentences as the text comes in; what a broken stream leaves unfinished is not one."""
    held = ""
    for piece in pieces:
        held += piece
        end = held.rfind("\n") + 1
        yield from split_sentences(held[:end]) if end else ()
        held = held[end:]
    yield from split_sentences(held)


def _clean(raw: str) -> str:
    """A sentence without bullets and markup, its marks as ours are written."""
    text = _BULLET.sub("", raw.strip()).replace("**", "")
    return _FOREIGN_MARK.sub(r"[\1]", text).replace("\n", " ").strip()


def _pieces(text: str) -> Iterator[str]:
    """Every run of so many characters."""
    return (text[i : i + _LEAK] for i in range(len(text) - _LEAK + 1))
