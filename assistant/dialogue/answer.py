"""Question → Answer: read it in its conversation, answer each of its questions, join them, remember.

In: a `Question` and the `Memory` of the turn before. Out: a `Reply`, the same bytes for the same question, memory, corpus
and day. Extractive: every policy sentence is the document's own, every figure the calculator's, and what evidence does
not carry is refused with the nearest clauses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.dialogue import wording
from assistant.dialogue.calculate import choose_verdict, read_stated, reads, require_rules
from assistant.dialogue.cases import asks_total, split_cases, tell_cases
from assistant.dialogue.draft import Draft
from assistant.dialogue.exchange import find_topic, pairs
from assistant.dialogue.extract import FactExtractor
from assistant.dialogue.followup import Turn, TurnReader, corrects, leave_rule
from assistant.dialogue.intent import asks_figure
from assistant.dialogue.memory import Memory
from assistant.dialogue.messages import Messages
from assistant.dialogue.notices import list_notices
from assistant.dialogue.refuse import ELSEWHERE_ONLY, SMALL_TALK, refuse_content, refuse_early
from assistant.dialogue.remember import remember
from assistant.dialogue.respond import Responder, Response
from assistant.dialogue.route import list_names
from assistant.dialogue.scope import Scope
from assistant.dialogue.search import ClauseSearcher, SearchReading
from assistant.dialogue.spelling import Speller, list_words
from assistant.dialogue.split import MOST_QUESTIONS, join_answers, split_questions
from assistant.dialogue.told import Told
from assistant.dialogue.told_figures import keep_figures
from assistant.dialogue.understand import prepare_text
from assistant.documents.catalog import Corpus
from assistant.documents.normalize import squeeze
from assistant.documents.regions import RegionTree
from assistant.errors import RequestInvalid
from assistant.models import Answer, Passage, Question
from assistant.retrieval.retrieve import Retriever
from assistant.rules.decide import Calculator
from assistant.rules.statements import Stated

_FEW = 2
"""So many questions of one message may be parts of one."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer and what the next turn has to know.

    Attributes:
        refusal: name of the sentence that refuses a message of one question; empty for any other.
    """

    answer: Answer
    memory: Memory
    refusal: str = ""


class Answerer:
    """Answers questions about one corpus."""

    def __init__(
        self,
        corpus: Corpus,
        regions: RegionTree,
        retriever: Retriever,
        messages: Messages,
        calculator: Calculator,
    ) -> None:
        self._corpus = corpus
        self._regions = regions
        self._retriever = retriever
        self._messages = messages
        self._calculator = calculator
        book = calculator.book
        extractor = FactExtractor(book.facts, list_names(book))
        self._responder = Responder(corpus, regions, retriever, messages, calculator, extractor)
        self._searcher = ClauseSearcher(self._responder, retriever, book)
        self._speller = Speller(list_words(corpus, regions, retriever.thesaurus), retriever.segmenter)
        self._turns = TurnReader(corpus, regions, self._responder.reader.finder, extractor)

    def answer(
        self,
        question: Question,
        memory: Memory | None = None,
        at_odds: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Reply:
        """Answer one message.

        Args:
            memory: of the turn before; None for a question that stands on its own.
            at_odds: facts that the message may state in two ways, by id, with the words of both; they are asked for.

        Raises:
            RequestInvalid: facts were handed over that cannot be used.
        """
        before = memory or Memory()
        given = read_stated(self._calculator, question.facts)
        turn = self._turns.read(prepare_text(question.text), before, question.as_of)
        turn = self._leave_rule(turn, before)
        if turn.is_of_country:
            # 那全国的呢 is not answered by what the asker's own place says.
            question = replace(question, region=None)
        elif not question.region and not self._regions.find(turn.text):
            question = replace(question, region=before.region or None)
        told = self._read_told(turn, question.facts, given)
        if at_odds:
            told = replace(told, at_odds={**(told.at_odds or {}), **at_odds})
        if not (turn.is_followup or question.facts) and (reply := self._answer_cases(turn, question, before)):
            return reply
        joint = self._respond_joint(turn, question, told)
        texts = [turn.text] if turn.is_followup else split_questions(turn.text)
        kept, rest = texts[:MOST_QUESTIONS], texts[MOST_QUESTIONS:]
        responses = [joint] if joint else self._respond_each(kept, question, told)
        if responses[-1].answer.status == "refused" and (
            behind := self._respond_behind(turn, question, told)
        ):
            responses, kept = [behind], [turn.text]
        if len(responses) == 1 and (said := responses[0].refusal) in SMALL_TALK:
            # A word of thanks leaves the conversation where it was.
            return Reply(responses[0].answer, before, said)
        if len(responses) == 1:
            kept = [turn.joint if joint else turn.text]
        spelled = self._speller.correct(turn.text) if len(kept) == 1 and _found_nothing(responses[0]) else ""
        if spelled and spelled != turn.text:
            responses = self._respond_spelled(spelled, question, told, responses)
        left_off = ""
        if rest:
            left_off = self._messages.say("left_off", most=str(MOST_QUESTIONS), rest="".join(rest))
        heading = self._messages.say("question")
        answer = join_answers(kept, [r.answer for r in responses], heading, left_off)
        if turn.operation or (turn.unread and answer.status == "needs_info"):
            # What is only reckoned from what was told, or was not understood leaves the conversation where it was.
            return Reply(answer, before)
        refusal = responses[0].refusal if len(responses) == 1 and answer.status == "refused" else ""
        stated = {**turn.facts, **question.facts, **responses[-1].matched}
        facts = {f: v for f, v in stated.items() if f not in told.dropped}
        figures = keep_figures(
            before.figures, answer, self._corpus.clause_by_id, kept[-1], corrects=corrects(turn.message)
        )
        memory = remember(before, facts, kept[-1], responses[-1], answer, figures)
        return Reply(answer, memory, refusal)

    def _leave_rule(self, turn: Turn, before: Memory) -> Turn:
        """A message that goes on by its first word alone and asks of another rule than the one decided before."""
        if not turn.rule:
            return turn
        if not turn.stated_now:
            # 那双师型要占多少 behind a figure of 兼职教师 stands on its own.
            another = self._responder.rules.means_another(turn.rule, turn.message)
            return leave_rule(turn) if another else turn
        rule = self._calculator.book.rules.get(turn.rule)
        new = {f for f in turn.stated_now if turn.facts[f] != before.facts.get(f)}
        if rule is None or not new or new & reads(self._calculator.book, rule):
            return turn
        # What is new is nothing that the rule reads: 要是还搞着试点,得多加多少; 老师减到3个呢.
        return leave_rule(turn) if asks_figure(turn.message) else replace(turn, rule="")

    def _answer_cases(self, turn: Turn, question: Question, before: Memory) -> Reply | None:
        """The answers to a message about several cases, one for each; None where a rule does not decide every one."""
        text = turn.joint or turn.text
        cases = split_cases(text)
        kept, rest = cases[:MOST_QUESTIONS], cases[MOST_QUESTIONS:]
        answers = []
        for case in kept:
            told = self._read_told(self._turns.read(case.text, Memory(), question.as_of), {}, {})
            response = self._responder.respond(replace(question, text=case.text), told)
            if response.answer.decision is None:
                return None
            answers.append(response.answer)
        if not answers:
            return None
        answer = tell_cases(kept, answers, self._messages, total=asks_total(text), left_off=rest)
        clauses = tuple(dict.fromkeys(c.clause_id for c in answer.citations))
        place = question.region or before.region
        opened = before.opened or text
        memory = Memory(question=text, earlier=before.question, opened=opened, region=place, clauses=clauses)
        return Reply(answer, memory)

    def _respond_joint(self, turn: Turn, question: Question, told: Told) -> Response | None:
        """The earlier question with what this message states, where a rule that reads it decides that."""
        if not turn.joint:
            return None
        response = self._responder.respond(replace(question, text=turn.joint), told)
        rule = self._calculator.book.rules.get(response.rule)
        return response if rule and told.said & reads(self._calculator.book, rule) else None

    def _respond_behind(self, turn: Turn, question: Question, told: Told) -> Response | None:
        """This message behind the question before it, where both together find what it speaks of."""
        # An amount that no text has is not found by asking for it behind something else.
        is_amount = wording.MONEY.search(turn.text) and not turn.stated_now
        if not turn.otherwise or is_amount:
            return None
        response = self._responder.respond(replace(question, text=turn.otherwise), told)
        if response.answer.status == "refused":
            return None
        # Earlier facts alone decide nothing that this message did not ask, and what answered before answers nothing else.
        is_own = turn.stated_now or (not response.rule and self._speaks_of(turn.text, response.answer))
        return response if is_own else None

    def _speaks_of(self, text: str, answer: Answer) -> bool:
        """Whether the clauses of an answer have words of what a message is about; a message about nothing is of them."""
        topic = find_topic(text)
        words = pairs(topic) + pairs(self._retriever.thesaurus.put_officially(topic))
        quotes = "".join(squeeze(c.quote) for c in answer.citations)
        return not words or not answer.citations or any(word in quotes for word in words)

    def _respond_spelled(
        self, text: str, question: Question, told: Told, before: list[Response]
    ) -> list[Response]:
        """The answer to a question as it was meant, where that has one; says how it was read."""
        response = self._responder.respond(replace(question, text=text), told)
        if response.answer.status == "refused":
            return before
        notice = self._messages.say("spelled", words=text)
        answer = replace(response.answer, notices=(notice, *response.answer.notices))
        return [replace(response, answer=answer)]

    def answer_unkept(self, question: Question) -> Answer:
        """Answer a message of a conversation that cannot be read or kept: by itself, and say so."""
        answer = self.answer(question).answer
        return replace(answer, notices=(*answer.notices, self._messages.say("not_kept")))

    def _respond_each(self, texts: Sequence[str], question: Question, told: Told) -> list[Response]:
        """The answers to the questions of one message; one for all of them where they do not stand alone."""
        responses = []
        carried = table = ""
        reader = self._responder.reader
        for text in texts:
            where = reader.say_where(replace(question, text=text))
            asked = reader.point_at_row(text, table)
            asked = asked if where or not carried else f"{carried},{asked}"
            carried = where or carried
            table = reader.say_table(replace(question, text=text)) or table
            responses.append(self._responder.respond(replace(question, text=asked), told))
        if 1 < len(texts) <= _FEW and any(r.answer.status == "refused" for r in responses):
            joint = self._responder.respond(replace(question, text="".join(texts)), told)
            apart = {
                c.clause_id for r in responses for c in r.answer.citations if r.answer.status != "refused"
            }
            # A question that nothing answers is told to be one, unless both together find more.
            if joint.answer.status == "answered" and {c.clause_id for c in joint.answer.citations} - apart:
                return [joint]
        return responses

    def _read_told(self, turn: Turn, facts: Mapping[str, str], given: Mapping[str, Stated]) -> Told:
        """The facts of a turn and those handed over beside it, read.

        What was said in earlier turns gives way where it contradicts this message.
        """
        book = self._calculator.book
        said = {f: v for f, v in turn.facts.items() if f not in given}
        now = turn.stated_now | set(given)
        stated, faults = book.read_facts({**said, **facts})
        dropped: list[str] = []
        if faults and (older := set(said) - turn.stated_now):
            dropped = self._find_outdated({**said, **facts}, older)
            stated, faults = book.read_facts({f: v for f, v in {**said, **facts}.items() if f not in dropped})
        return Told(
            stated=stated,
            now=frozenset(now),
            said=turn.stated_now - set(given),
            faults=faults,
            at_odds=turn.extracted.at_odds,
            vague=turn.extracted.vague,
            loose=turn.extracted.loose,
            loose_days=turn.extracted.loose_days,
            said_at={s.fact: s.end for s in turn.extracted.statements},
            rule=turn.rule,
            last=turn.last,
            message=turn.message,
            forgets=turn.forgets,
            named=turn.named,
            in_full=turn.in_full,
            left=turn.left,
            operation=turn.operation,
            figures=turn.figures,
            dropped=tuple(dropped),
            unread=turn.unread,
        )

    def _find_outdated(self, given: Mapping[str, object], older: set[str]) -> list[str]:
        """The earlier facts that a newer one rules out: one where that is enough, else all.

        A part gives way before its whole: who says 实操加到39 leaves 总课时 as it was.
        """
        book = self._calculator.book
        for fact in sorted(older, key=lambda f: (f in book.derived, f)):
            if not book.read_facts({f: v for f, v in given.items() if f != fact})[1]:
                return [fact]
        return sorted(older)

    def decide(self, rule: str, question: Question) -> Answer:
        """Decide one rule on stated facts; the words of the question are not read."""
        require_rules(self._calculator)
        book = self._calculator.book
        if book.rules.get(rule) is None and rule not in book.parameters:
            raise RequestInvalid(
                f"没有这条规则：{rule}", hint="用 tiaowen rules list 或 GET /v1/rules 查看全部规则"
            )
        return self._decide(rule, question, read_stated(self._calculator, question.facts))

    def check(self, question: Question, subject: str) -> Answer:
        """Decide the verdict about a subject that the stated facts fit best."""
        require_rules(self._calculator)
        stated = read_stated(self._calculator, question.facts)
        subjects = {v.subject for v in self._calculator.book.verdicts.values()}
        if subject not in subjects:
            raise RequestInvalid(f"不认识的检查对象：{subject}", hint=f"可选：{'、'.join(sorted(subjects))}")
        lineage = self._responder.rules.lineage(question)
        verdict = choose_verdict(self._calculator, subject, stated, lineage)
        # Where no verdict binds the place, the one of another place says whose rule it is, and decides nothing.
        verdict = verdict or choose_verdict(self._calculator, subject, stated, None)
        assert verdict is not None
        return self._decide(verdict.key, question, stated)

    def _decide(self, rule: str, question: Question, stated: Mapping[str, Stated]) -> Answer:
        asked = self._responder.reader.understand(question)
        draft = Draft(asked, self._corpus.document_by_id, self._regions, self._messages)
        lineage = self._responder.rules.lineage(question)
        finding = self._calculator.decide(rule, stated, question.as_of, lineage)
        self._responder.rulings.tell(draft, finding, question)
        if draft.status != "refused":
            draft.notices += list_notices(draft, asked, Scope(frozenset()), question)
        return draft.finish(question, self._corpus.version, key=rule)

    def search(self, query: Question, document: str | None, top_k: int) -> list[Passage]:
        """Rank clauses for a query; `document` alone may answer where it is given."""
        return self._searcher.search(*self._read_search(query), document, top_k)

    def read_search(self, query: Question, document: str | None) -> SearchReading:
        """How `search` reads the same query."""
        return self._searcher.read(*self._read_search(query), document)

    def _read_search(self, query: Question) -> tuple[Question, Told]:
        turn = self._turns.read(prepare_text(query.text), Memory(), query.as_of)
        return replace(query, text=turn.text), self._read_told(turn, {}, {})

    def explain_evidence(self, question: Question) -> tuple[float, ...] | None:
        """Features of the best clause; None where place, day or a missing figure refuses the question."""
        asked = self._responder.reader.understand(question)
        scope = self._responder.scopes.choose(asked, question.as_of)
        if refuse_early(asked, scope, self._responder.scopes.covered, question.as_of):
            return None
        evidence = [r.evidence for r in self._responder.ranker.rank(asked, scope)]
        if not evidence or refuse_content(asked, evidence, self._corpus.document_by_id):
            return None
        return evidence[0].features


def _found_nothing(response: Response) -> bool:
    """Whether a question was refused without any clause near it, or with none that is sure."""
    is_foreign = response.refusal == ELSEWHERE_ONLY
    return response.answer.status == "refused" and response.answer.decision is None and not is_foreign
