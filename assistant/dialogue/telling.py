"""One finding in one draft: what its sentences cite and quote, and how they are put down.

In: clauses and templates. Out: claims of the draft, each with the citations it rests on.
"""

from __future__ import annotations

from collections.abc import Iterable

from assistant.dialogue.draft import Draft
from assistant.dialogue.messages import Messages
from assistant.documents.normalize import collapse_display
from assistant.models import Span
from assistant.rules.decide import Calculator
from assistant.rules.finding import Finding, Step
from assistant.rules.law import Cite, Timeline, Verdict

_LONGEST_QUOTE = 120
"""Code points of a quote that is shown in the sentence; a longer one stands in the citation alone."""
_FORCES = {
    "encouraged": "force_encouraged",
    "approximate": "force_approximate",
    "target": "force_target",
}


class Telling:
    """A finding that is being told."""

    def __init__(
        self,
        calculator: Calculator,
        messages: Messages,
        draft: Draft,
        finding: Finding,
        steps: tuple[Step, ...],
    ) -> None:
        self.calculator = calculator
        self.book = calculator.book
        self.draft = draft
        self.finding = finding
        self.steps = steps
        self._messages = messages

    def say(self, name: str, **values: object) -> str:
        """Fill a template."""
        return self._messages.say(name, **values)

    def cite(self, cites: Iterable[Cite], *, changed: bool = False) -> tuple[int, ...]:
        """Numbers of the citations of clauses; changed ones are left out, or are all that is wanted."""
        numbers = []
        for cite in cites:
            if (cite.drift == "stale") is not changed or cite.clause_id not in self.book.clauses:
                continue
            citation = self.draft.cite(self.book.clauses[cite.clause_id], Span(cite.start, cite.end))
            numbers.append(citation.n)
        return tuple(dict.fromkeys(numbers))

    def basis(self) -> list[Cite]:
        """The clauses that a rule rests on, whatever was decided: those of the figures it needs, and its own."""
        book, key = self.book, self.finding.rule.key
        parameters = (book.parameters[p] for p in book.needs(key).parameters)
        found = [c for p in parameters for c in p.values[-1].cites] + list(
            getattr(self.finding.rule, "cites", ())
        )
        return list(dict.fromkeys(c for c in found if c.drift != "stale"))

    def quote(self, cites: Iterable[Cite]) -> tuple[str, ...]:
        """The words of the document that are shown in a sentence."""
        words = []
        for cite in cites:
            if cite.drift == "stale":
                continue
            source = self.book.documents[cite.document].source
            words.append(collapse_display(source[cite.start : cite.end]).strip("，。；、"))
        return tuple(w for w in dict.fromkeys(words) if len(w) <= _LONGEST_QUOTE)

    def claim(
        self, text: str, cites: tuple[int, ...], filled: tuple[str, ...], quoted: tuple[str, ...] = ()
    ) -> None:
        """Put a sentence down; see `Draft.tell_computed`."""
        self.draft.tell_computed(text, cites, filled, quoted)

    def claim_step(self, text: str, step: Step) -> None:
        """Put down the sentence of a step: its force and the words of its clauses behind it."""
        if step.force in _FORCES:
            text += self.say(_FORCES[step.force])
        quotes = self.quote(step.all_cites)
        if quotes:
            text += self.say("quote", quotes="；".join(f"“{q}”" for q in quotes))
        self.claim(f"{text}。", self.cite(step.all_cites), (step.label, step.shown, step.when), quotes)

    def claim_no_basis(self, step: Step) -> None:
        """Say that a step has no basis, and show the clauses it would rest on where these have changed."""
        rule = self.finding.rule
        keys: tuple[str, ...] = (rule.key,)
        if isinstance(rule, Verdict):
            keys = (*rule.checks, *rule.reminders)
        elif isinstance(rule, Timeline):
            keys = rule.steps
        changed = [c for k in keys if self.book.rules[k].id == step.id for c in self.calculator.changed(k)]
        text = self.say("step_no_basis" if changed else "step_lapsed", label=step.label)
        self.claim(text, self.cite(changed, changed=True), (step.label,))

    def claim_clause(self, cite: Cite) -> None:
        """Show the words of a clause as they stand."""
        if cite.clause_id in self.book.clauses:
            self.draft.tell(self.book.clauses[cite.clause_id], [Span(cite.start, cite.end)])
