"""One question that stands on its own → a draft with everything that answers it.

In: a question, the facts stated, what was named before. Out: an `Answer` and the rule it decided. Tried in this order:
what must be refused, a count over a table, a rule that reads the stated facts, facts about a document, clauses named by
number, clauses found by evidence. The first that fits answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.dialogue import wording
from assistant.dialogue.assign import AssigningRouter, FigureAssigner
from assistant.dialogue.choose import RuleChooser
from assistant.dialogue.counterparts import find_counterparts
from assistant.dialogue.decision import find_difference, join_decisions
from assistant.dialogue.decline import Decliner
from assistant.dialogue.disagree import Disagreements
from assistant.dialogue.draft import Draft
from assistant.dialogue.due_told import DueTeller
from assistant.dialogue.evidence import EvidenceScorer
from assistant.dialogue.extract import FactExtractor
from assistant.dialogue.found import Found, FoundTeller
from assistant.dialogue.messages import Messages
from assistant.dialogue.metadata import asks_until, find_meta_clauses, find_targets
from assistant.dialogue.notices import list_notices
from assistant.dialogue.rank import Ranker
from assistant.dialogue.rates_told import RateTeller
from assistant.dialogue.reading import QuestionReader
from assistant.dialogue.refuse import THIN, find_other_year
from assistant.dialogue.route import Router
from assistant.dialogue.ruling import RulingTeller
from assistant.dialogue.scope import Scope, ScopeChooser
from assistant.dialogue.table_told import tell_table
from assistant.dialogue.tabling import TableReader
from assistant.dialogue.told import Told
from assistant.dialogue.told_figures import tell_figures
from assistant.dialogue.understand import Understanding
from assistant.documents.catalog import COUNTRY, Corpus
from assistant.documents.regions import RegionTree
from assistant.models import Answer, Clause, Question
from assistant.retrieval.retrieve import Retriever
from assistant.rules.decide import Calculator

N_NAMED = 3
"""More clauses than this under one number mean that the number is ambiguous."""
_MOST_LOOSE = 4
"""So many figures without a name are those of a case that cannot be read."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer with what it leaves to the next turn.

    Attributes:
        rule: key of the rule that was decided; empty where none was.
        region: code of the place that the question was about; empty where it named none.
        matched: facts that a figure without a name was taken for.
        refusal: name of the sentence that refuses; empty where nothing was refused.
    """

    answer: Answer
    rule: str = ""
    region: str = ""
    matched: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""


class Responder:
    """Answers single questions about one corpus."""

    def __init__(
        self,
        corpus: Corpus,
        regions: RegionTree,
        retriever: Retriever,
        messages: Messages,
        calculator: Calculator,
        extractor: FactExtractor,
    ) -> None:
        self._corpus = corpus
        self._documents = corpus.document_by_id
        self._regions = regions
        self._messages = messages
        self._calculator = calculator
        self.rulings = RulingTeller(calculator, messages)
        self.reader = QuestionReader(corpus, regions)
        self.scopes = ScopeChooser(corpus, regions)
        self.ranker = Ranker(corpus, retriever, EvidenceScorer(retriever, self._documents))
        router = Router(calculator, retriever.embedder, retriever.thesaurus)
        self._assigner = FigureAssigner(calculator, extractor)
        assigning = AssigningRouter(calculator, router, self._assigner)
        self.rules = RuleChooser(calculator, router, assigning, self._documents, regions)
        self._thesaurus = retriever.thesaurus
        self._tables = TableReader(corpus, retriever.thesaurus, regions)
        self._disagreements = Disagreements(calculator, retriever.embedder, messages)
        self._dues = DueTeller(calculator, self.rulings, self._documents)
        self._rates = RateTeller(calculator, self.rulings, self._documents)
        self._found = FoundTeller(corpus, regions, self.reader, self.scopes, self.ranker, self._disagreements)
        self._clauses = self._found.clauses
        self._decliner = Decliner(corpus, self.scopes, self.rules, self.reader.sources)

    def respond(self, question: Question, told: Told) -> Response:
        """Answer one question."""
        asked = self.reader.understand(question)
        scope = self.scopes.choose(asked, question.as_of)
        draft = Draft(asked, self._documents, self._regions, self._messages)
        place = self._place(asked, question)
        rule = self._tell(draft, asked, scope, replace(question, region=place or None), told)
        if draft.status != "refused":
            draft.notices += list_notices(draft, asked, scope, question)
        answer = draft.finish(question, self._corpus.version)
        return Response(answer, rule, place, draft.matched, draft.refusal)

    def _place(self, asked: Understanding, question: Question) -> str:
        """The place that rules are read for: the one the question names, else the asker's."""
        named = [p for p in asked.places if p.code != COUNTRY]
        if len({p.code for p in named}) == 1 and not asked.is_comparison:
            return named[0].code
        return question.region or ""

    def _tell(self, draft: Draft, asked: Understanding, scope: Scope, question: Question, told: Told) -> str:
        """Put the answer into the draft; returns the key of the rule that was decided."""
        if told.forgets:
            draft.remark("forgotten")
            draft.status = "needs_info"
            return ""
        asked = self.rules.leave_own_years(asked, told)
        refusal = self._decliner.decline(asked, scope, question.as_of, told)
        if (
            refusal
            and refusal.template == "refused_result"
            and (plain := self.rules.find_plain(asked, scope))
        ):
            # 完成率怎么算: what has been done is not in the documents, but the asker may know it.
            self._decide(draft, [(plain, question)], told)
            return plain
        if refusal and refusal.template == "refused_own_target" and self._tell_row(draft, asked, scope):
            return ""
        can_lapse = refusal is None or refusal.template == "refused_not_in_force"
        if can_lapse and self._found.tell_lapsed(draft, asked, scope, question.as_of):
            return ""
        if refusal:
            found = [] if refusal.nearest_from > 1 else [r.evidence for r in self.ranker.rank(asked, scope)]
            self._clauses.tell_refusal(draft, refusal, found)
            return ""
        if self._asks_too_little(draft, asked, scope, told) or self._found.tell_elsewhere(
            draft, asked, scope, question
        ):
            return ""
        if self._tell_pointed(draft, asked, told) or self._tell_tables(
            draft, asked, scope, lambda: self.rules.decides_case(asked, scope, question, told)
        ):
            return ""
        if not self.rules.has_clauses_alone(asked) and self._doubts(draft, told):
            return ""
        conflict = self._disagreements.find(asked, scope.documents)
        if conflict and asked.meta:
            targets = (d.id for d in find_targets(asked, scope, self._corpus))
            conflict = conflict if self._disagreements.is_of(conflict, targets) else None
        if conflict and (asked.asks_sameness or not told.now):
            self._disagreements.tell(draft, conflict, in_full=True)
            return ""
        told = self.rules.place_day(asked, scope, told)
        chosen = self._choose_apart(asked, question, told)
        if chosen := chosen or [(key, question) for key in self.rules.choose(asked, scope, question, told)]:
            self._decide(draft, chosen, told)
            return chosen[0][0]
        return self._tell_clauses(draft, asked, scope, question, told)

    def _tell_pointed(self, draft: Draft, asked: Understanding, told: Told) -> bool:
        """What a message points at: figures told before, or clauses by where they stand."""
        if told.operation:
            tell_figures(draft, told.operation, told.figures, self._corpus.clause_by_id)
        elif told.named:
            self._clauses.tell_named(draft, asked, told.named, in_full=told.in_full)
        return bool(told.operation or told.named)

    def _tell_tables(
        self, draft: Draft, asked: Understanding, scope: Scope, is_case: Callable[[], bool]
    ) -> bool:
        """What a question asks over the rows of tables, or of those of the places it names; nothing of a case for a rule."""
        tables = self._tables.find_all(asked, scope.documents)
        if tables and is_case():
            return False
        for n, table in enumerate(tables):
            is_again = n > 0 and table.rows == tables[n - 1].rows
            tell_table(draft, table, self._messages, only_head=is_again)
        rows = () if tables else self._tables.find_own_rows(asked, scope.documents)
        if rows:
            self._tell_own_rows(draft, asked, rows)
        none = None if tables or rows else self._tables.find_no_row(asked, scope.documents)
        if none:
            tell_table(draft, none, self._messages)
        return bool(tables or rows or none)

    def _tell_row(self, draft: Draft, asked: Understanding, scope: Scope) -> bool:
        """Answer for a place without texts of its own from the rows that a table of the place above has for it."""
        rows = self._tables.find_places(asked.places, scope.documents)
        tables = self._tables.find_all(asked, scope.documents) if rows else []
        for table in tables:
            tell_table(draft, table, self._messages)
        if rows and not tables:
            self._tell_own_rows(draft, asked, rows)
        return bool(rows)

    def _tell_own_rows(self, draft: Draft, asked: Understanding, rows: tuple[Clause, ...]) -> None:
        """The rows of a place, as the nearest where they are of another year than the one asked about."""
        if year := find_other_year(asked, rows[0], self._documents[rows[0].document]):
            draft.refuse("refused_year", {"year": year})
        self._clauses.tell_named(draft, asked, rows)

    def _tell_clauses(
        self, draft: Draft, asked: Understanding, scope: Scope, question: Question, told: Told
    ) -> str:
        """What clauses say: about a document itself, by their number, or by evidence; else a rule meant by its wording."""
        if meta := find_meta_clauses(asked, scope, self._corpus, self._thesaurus):
            if meta.refusal:
                self._clauses.tell_refusal(draft, meta.refusal, [])
            if asks_until(asked):
                self._dues.tell_validity(draft, meta.clauses, question)
            self._clauses.tell_whole(draft, meta.clauses)
            if not meta.refusal:
                self._found.tell_beside(draft, asked, scope, question)
        elif 0 < len(named := self._named_clauses(asked, scope)) <= N_NAMED:
            if (due := self._dues.find(asked, named, question)) and due.finding:
                self._dues.tell(draft, due, question)
            named += find_counterparts(asked, scope, named, self.ranker)
            self._clauses.tell_named(draft, asked, named)
        else:
            return self._tell_found(draft, asked, scope, question, told)
        return ""

    def _asks_too_little(self, draft: Draft, asked: Understanding, scope: Scope, told: Told) -> bool:
        """Ask back where nothing says what the question is about, or whose own target it is."""
        is_anywhere = not (asked.home or asked.places or asked.references.documents)
        if (
            is_anywhere
            and asked.asks_own_target
            and asked.measure
            and wording.OURS.search(asked.text)
            and not told.said
        ):
            draft.remark("ask_region")
            draft.status = "needs_info"
            return True
        if wording.OWN_OFFICE_TASK.search(asked.text) and self._tables.lists_offices(asked, scope.documents):
            draft.remark("ask_office")
            draft.status = "needs_info"
            return True
        names = asked.references.documents or asked.references.clauses or asked.references.scopes
        if told.named or told.rule or told.said or names or not wording.is_topicless(asked.bare):
            return False
        draft.remark("unclear")
        draft.status = "needs_info"
        return True

    def _doubts(self, draft: Draft, told: Told) -> bool:
        """Ask before anything is decided on facts that cannot all be true."""
        book = self._calculator.book
        for fact, words in (told.at_odds or {}).items():
            quoted = "、".join(f"“{w}”" for w in words)
            draft.remark("at_odds", label=book.facts[fact].label, words=quoted)
        if told.unread and told.rule:
            draft.remark("unread", words="、".join(f"“{w}”" for w in told.unread))
            draft.status = "needs_info"
        if told.faults:
            draft.remark("faulty", what="；".join(f.spoken or f.message for f in told.faults))
        if len(told.loose) >= _MOST_LOOSE and not (told.rule or self.rules.states_figures(told)):
            # 80、4、4、45，中不中: which of them is what is not guessed.
            draft.remark("unread", words="、".join(f"“{w}”" for w in told.loose))
            draft.status = "needs_info"
        if told.at_odds or told.faults:
            draft.status = "needs_info"
        return draft.status == "needs_info"

    # -- rules -------------------------------------------------------------------------------------

    def _choose_apart(
        self, asked: Understanding, question: Question, told: Told
    ) -> list[tuple[str, Question]]:
        """For a case put to several places the rule of each; none where one of them has no rule of its own."""
        places = [p for p in dict.fromkeys(asked.places) if p.code != COUNTRY]
        is_put_to_each = wording.TO_EACH.search(asked.text) or wording.OWN_CASE.search(asked.text)
        if (
            len(places) < 2
            or asked.asks_sameness
            or not is_put_to_each
            or not self.rules.states_figures(told)
        ):
            return []
        found: list[tuple[str, Question]] = []
        for place in places:
            there = replace(question, region=place.code)
            one = replace(asked, places=(place,))
            keys = self.rules.choose(one, self.scopes.choose(one, question.as_of), there, told)[:1]
            homes = self._regions.ancestors(place.code)
            documents = (self._calculator.book.documents[key.partition("/")[0]] for key in keys)
            found += [(key, there) for key, d in zip(keys, documents, strict=True) if d.region in homes]
        return found if len(found) == len(places) else []

    def _decide(self, draft: Draft, rules: Sequence[tuple[str, Question]], told: Told) -> None:
        """Decide rules, each for the place of its question."""
        decided = []
        for key, question in rules:
            told = self.rules.place_year(key, told, question.text)
            finding = self._calculator.decide(key, told.stated, question.as_of, self.rules.lineage(question))
            matched, stated = self._assigner.complete(told, finding, question)
            if matched:
                draft.matched |= matched
                finding = self._calculator.decide(key, stated, question.as_of, self.rules.lineage(question))
            self.rulings.tell(draft, finding, question, is_brief=True)
            decided += [draft.decision] if draft.decision else []
        draft.decision = join_decisions(decided)
        apart = find_difference(decided) if len({question.region for _, question in rules}) > 1 else None
        if apart and draft.decision and wording.DIFFERS.search(draft.asked.text):
            draft.remark("difference", label=apart.label, shown=apart.shown)
            draft.decision = replace(draft.decision, checks=(*draft.decision.checks, apart))
        if told.dropped:
            labels = "、".join(self._calculator.book.facts[f].label for f in told.dropped)
            draft.remark("dropped", labels=labels)
        if draft.status == "needs_info" and told.vague:
            draft.remark("vague", words="、".join(f"“{w}”" for w in told.vague))
        if draft.status == "needs_info" and any(question.region is None for _, question in rules):
            draft.remark("ask_region")

    # -- clauses -----------------------------------------------------------------------------------

    def _note(self, draft: Draft, told: Told) -> None:
        """Repeat what was stated where nothing was asked of it yet."""
        facts = self._calculator.book.facts
        shown = "、".join(
            f"{facts[f].label} {told.stated[f].shown}{facts[f].unit}"
            for f in sorted(told.said)
            if f in told.stated
        )
        draft.remark("noted", facts=shown)
        draft.status = "needs_info"

    def _tell_found(
        self, draft: Draft, asked: Understanding, scope: Scope, question: Question, told: Told
    ) -> str:
        """Put what the evidence says into the draft; returns the key of a rule where one was decided instead."""
        found = self._found.find(asked, scope, question)
        if told.said and self.rules.has_unruled(asked) and not self._is_answered_at_home(asked, found):
            # 招了52个人，超没超: what the figures are of is looked for where no rule reads them.
            facts = self._calculator.book.facts
            labels = ",".join(facts[f].label for f in sorted(told.said))
            by_label = self._found.find(replace(asked, bare=f"{asked.bare},{labels}"), scope, question)
            found = by_label if self._is_answered_at_home(asked, by_label) else found
        found = self._dues.look(asked, found, question)
        if found.due:
            self._dues.tell(draft, found.due, question)
        if found.due and not found.parts:
            return ""
        is_thin = found.refusal is None or found.refusal.template in THIN
        if is_thin and not found.due and (figures := self._rates.find(asked, found.ranked, question)):
            self._rates.tell(draft, figures, question)
            if found.refusal and not found.parts:
                return ""
        if found.refusal is None or found.parts:
            self._found.tell(draft, asked, found, question.as_of)
            if scope.uncovered:
                draft.remark("uncovered", place=scope.uncovered.name)
            return ""
        is_asked = wording.ASKS.search(asked.text) or wording.REQUEST.search(asked.text)
        if plain := self.rules.find_plain(asked, scope):
            self._decide(draft, [(plain, question)], told)
            return plain
        if self._found.tell_other_document(draft, asked, question):
            return ""
        if told.said and not (is_asked or asked.asks_register or asked.is_how_to):
            self._note(draft, told)
        else:
            self._clauses.tell_refusal(draft, found.refusal, [r.evidence for r in found.ranked])
            self._say_left(draft, scope, told)
        return ""

    def _is_answered_at_home(self, asked: Understanding, found: Found) -> bool:
        """Whether what was found is a clause of the place that the question is about."""
        homes = {p.code for p in asked.places} or ({asked.home.code} if asked.home else set())
        best = found.ranked[0].evidence.clause.document if found.ranked else ""
        return found.refusal is None and bool(best) and self._documents[best].region in homes

    def _say_left(self, draft: Draft, scope: Scope, told: Told) -> None:
        """Say whose the clauses were that answered the same before, where they do not hold here."""
        left = [self._corpus.clause_by_id[c].document for c in told.left if c in self._corpus.clause_by_id]
        regions = [self._regions.get(self._documents[d].region) for d in left if d not in scope.documents]
        if names := "、".join(dict.fromkeys(r.name for r in regions if r)):
            draft.remark("moved", places=names)

    def find_named(self, asked: Understanding, scope: Scope) -> tuple[Clause, ...]:
        """The clauses that a question names: what it asks about a document itself, or by their number."""
        if meta := find_meta_clauses(asked, scope, self._corpus, self._thesaurus):
            return tuple(meta.clauses)
        named = self._named_clauses(asked, scope)
        return named if len(named) <= N_NAMED else ()

    def asks_table(self, asked: Understanding, scope: Scope) -> bool:
        """Whether a question is answered from the rows of a table."""
        return bool(self._tables.find_all(asked, scope.documents))

    def _named_clauses(self, asked: Understanding, scope: Scope) -> tuple[Clause, ...]:
        """The clauses named by number that may answer, those of the place's own documents where it has any."""
        clauses = tuple(c for c in asked.references.clauses if c.document in scope.documents)
        own = {place.code for place in asked.places} or {asked.home.code if asked.home else ""}
        near = tuple(c for c in clauses if self._documents[c.document].region in own)
        return clauses if asked.references.documents or not near else near
