"""The answer while it is put together: claims and citations in, a verified `Answer` out.

One decision: place and number are put before the claims only after the gate, so that a withheld claim never
takes the name of its document with it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.dialogue.cite import Citer
from assistant.dialogue.decision import renumber_decision
from assistant.dialogue.messages import Messages
from assistant.dialogue.understand import Understanding
from assistant.dialogue.verify import MARK, Claim, guard_brackets, verify_claims
from assistant.documents.normalize import collapse_display, squeeze
from assistant.documents.regions import RegionTree
from assistant.models import Answer, AnswerStatus, Citation, Clause, Decision, Document, Question, Span
from assistant.stages import note_refusal

_RANGE = re.compile(r"(?<=[\d%元日])\.\.(?=\d)")
_BOUND = re.compile(r"(<=|>=|<|>)(?=\d)")
_BOUNDS = {"<=": "不超过", ">=": "不少于", "<": "不到", ">": "超过"}
_DAY = re.compile(r"(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?![\d-])")


@dataclass(slots=True)
class Draft:
    """What is told of one question.

    Attributes:
        refusal: name of the sentence that refuses it; empty where nothing does.
    """

    asked: Understanding
    documents: Mapping[str, Document]
    regions: RegionTree
    messages: Messages
    status: AnswerStatus = "answered"
    notices: list[str] = field(default_factory=list)
    decision: Decision | None = None
    matched: dict[str, str] = field(default_factory=dict)
    refusal: str = ""
    _citer: Citer = field(init=False)
    _claims: list[Claim] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._citer = Citer(self.documents, self.regions)

    @property
    def citations(self) -> Sequence[Citation]:
        """What has been cited so far."""
        return self._citer.citations

    def tell(self, clause: Clause, spans: Sequence[Span]) -> None:
        """Quote sentences of a clause."""
        claim = self._citer.claim(clause, spans)
        self._claims.append(replace(claim, text=_locate(clause, claim.text)))

    def cite(self, clause: Clause, span: Span) -> Citation:
        """A citation of words that a computed sentence rests on."""
        return self._citer.cite(clause, span)

    def tell_computed(
        self, sentence: str, cites: tuple[int, ...], traced: tuple[str, ...], quoted: tuple[str, ...] = ()
    ) -> None:
        """A sentence of the calculator.

        Args:
            cites: numbers of `cite`'s citations; their marks are put behind the sentence.
            traced: texts of the trace, whose numbers the sentence may repeat.
            quoted: the parts of the sentence that are a document's own words.
        """
        marks = "".join(f"[{n}]" for n in cites)
        filled = tuple(write_prose(text) for text in traced)
        self._claims.append(Claim(f"{guard_brackets(write_prose(sentence))}{marks}", cites, quoted, filled))

    def remark(self, template: str, **values: object) -> None:
        """A sentence that states no policy, such as what leads to a question."""
        filled = tuple(str(value) for value in values.values())
        self._claims.append(Claim(guard_brackets(self.messages.say(template, **values)), filled=filled))

    def correct(self, said: str, found: str, cite: int) -> None:
        """Say that a figure the asker takes for granted is another one in the text, or none of those there."""
        shown = collapse_display(found)
        sentence = (
            self.messages.say("premise_wrong", said=said, found=shown)
            if found
            else self.messages.say("premise_unlike", said=said)
        )
        self._claims.append(Claim(f"{guard_brackets(sentence)}[{cite}]", (cite,), filled=(said,)))

    def refuse(self, template: str, values: Mapping[str, object]) -> None:
        """Say why there is no answer; what is told after it shows the nearest clauses."""
        note_refusal(template)
        self.status, self.refusal = "refused", template
        filled = tuple(str(value) for value in values.values())
        sentence = guard_brackets(self.messages.say(template, **values))
        self._claims.append(Claim(sentence, filled=filled))

    def finish(self, question: Question, corpus_version: str, key: str = "") -> Answer:
        """Verify the claims, number what is left and give the answer its id.

        Args:
            key: what was decided, where that is not in the question's words.
        """
        said = " ".join([question.text, *question.facts.values()])
        claims = verify_claims(self._claims, self.citations, self.documents, said)
        if self.status == "answered" and not claims:
            note_refusal("unverified")
            self.status, self.refusal = "refused", "refused_nothing"
            claims = [Claim(self.messages.say(self.refusal))]
        order = {n: i for i, n in enumerate(dict.fromkeys(n for c in claims for n in c.cites), start=1)}
        text = MARK.sub(lambda m: f"[{order[int(m[1])]}]", "\n".join(self._introduce(claims)))
        kept = sorted((c for c in self.citations if c.n in order), key=lambda c: order[c.n])
        day = question.as_of.isoformat()
        key = "\x1f".join([key or question.text, question.region or "", day, corpus_version, text])
        digest = hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
        return Answer(
            id=digest[:16],
            session_id=question.session_id or "",
            status=self.status,
            text=text,
            as_of=question.as_of,
            citations=tuple(replace(c, n=order[c.n]) for c in kept),
            decision=renumber_decision(self.decision, order) if self.decision else None,
            notices=tuple(self.notices),
            corpus_version=corpus_version,
        )

    def _introduce(self, claims: Sequence[Claim]) -> list[str]:
        """The claims' texts, each run from one instrument led by its place and number."""
        by_n = {c.n: c for c in self.citations}
        shown: tuple[str, str] | None = None
        lines: list[str] = []
        for claim in claims:
            lead = ""
            if claim.cites:
                citation = by_n[claim.cites[0]]
                if shown is None and self.status == "refused":
                    lines.append(self.messages.say("nearest"))
                if shown != (citation.document, citation.number):
                    shown = (citation.document, citation.number)
                    lead = self._lead(citation)
            lines.append(lead + claim.text)
        return lines

    def _lead(self, citation: Citation) -> str:
        place = citation.region
        if citation.number:
            lead = self.messages.say("lead", place=place, number=citation.number)
        else:
            lead = self.messages.say("lead_unnumbered", place=place, title=citation.title)
        lead = guard_brackets(lead)
        home, region = self.asked.home, self.documents[citation.document].region
        if home and not self.asked.references.documents and region not in self.regions.ancestors(home.code):
            return self.messages.say("elsewhere", place=place, home=home.name) + "\n" + lead
        return lead


def write_prose(text: str) -> str:
    """A trace as people write: 2021-05-19 is 2021年5月19日, 40..50 is 40～50, >=8 is 不少于8."""
    text = _DAY.sub(lambda m: f"{m[1]}年{int(m[2])}月{int(m[3])}日", text)
    return _BOUND.sub(lambda m: _BOUNDS[m[1]], _RANGE.sub("～", text))


def _locate(clause: Clause, told: str) -> str:
    """Put the clause's label and heading before its words; a label that they begin with is said once.

    A heading with digits is left out: its number would stand in no quote.
    """
    if clause.kind in ("title", "heading"):
        return told
    if length := _label_length(clause.label, told):
        return f"{clause.label}{told[length:]}"
    heading = clause.heading
    if heading in told or any(c.isdigit() for c in heading):
        heading = ""
    return f"{guard_brackets(clause.label + heading)}：{told}"


def _label_length(label: str, told: str) -> int:
    """Characters of `told` that are the end of the label: 3 where （1）严格… stands under 21.（1）, else 0."""
    shown = squeeze(label)
    lengths = range(min(len(label), len(told)), 1, -1)
    return next((n for n in lengths if shown.endswith(squeeze(told[:n]))), 0)
