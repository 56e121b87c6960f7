"""Search words or a question → ranked clauses, as an answer to them would rank them.

In: a question and how many clauses are wanted. Out: `Passage`s. First come the clauses that the words name, then those
that the rule asked about rests on, then clauses by evidence, then what the index alone still finds. So a search
shows in its first places what an answer would rest on, also where it shares no word with the question.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from assistant.dialogue.respond import Responder
from assistant.dialogue.scope import Scope
from assistant.dialogue.select import Ranked
from assistant.dialogue.told import Told
from assistant.dialogue.understand import Understanding
from assistant.models import Clause, Passage, Question
from assistant.retrieval.retrieve import Retriever
from assistant.rules.book import Book
from assistant.rules.law import Cite

NAMED_SCORE, RULE_SCORE = 3.0, 2.0
"""What is added to the score of a clause that is named, and of one that a rule rests on: evidence gives at most 1.5."""


@dataclass(frozen=True, slots=True)
class SearchReading:
    """How a search was read, to explain its ranking.

    Attributes:
        words: what the index looks for, with the rarity of each in nats, in reading order.
        official: official words added for lay ones.
        documents: ids of those that may answer, sorted.
        rules: keys and labels of the rules asked about.
    """

    words: tuple[tuple[str, float], ...]
    official: tuple[str, ...]
    documents: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]


class ClauseSearcher:
    """Searches one corpus."""

    def __init__(self, responder: Responder, retriever: Retriever, book: Book) -> None:
        self._responder = responder
        self._retriever = retriever
        self._book = book

    def search(self, query: Question, told: Told, document: str | None, top_k: int) -> list[Passage]:
        """Rank clauses.

        Args:
            told: the facts that the query states; they choose the rule.
            document: the only one that may answer, where given.

        Returns:
            At most `top_k` passages by falling score, ties by clause id. `Passage.legs` tells what each score is made of.
        """
        asked, scope = self._understand(query, document)
        by_id = {
            r.evidence.clause.clause_id: _tell_evidence(r) for r in self._responder.ranker.rank(asked, scope)
        }
        expanded = self._retriever.expand(asked.bare)
        for passage in self._retriever.retrieve(expanded, scope.documents, max(top_k, len(by_id))):
            # What no evidence was weighed for comes behind what has some.
            by_id.setdefault(passage.clause.clause_id, replace(passage, score=passage.score - 1))
        self._lift(by_id, self._responder.find_named(asked, scope), "named", NAMED_SCORE)
        self._lift(by_id, self._cited(asked, scope, query, told), "rule", RULE_SCORE)
        best = sorted(by_id.values(), key=lambda p: (-p.score, p.clause.clause_id))[:top_k]
        return [replace(p, score=round(p.score, 6), rank=rank) for rank, p in enumerate(best, start=1)]

    def read(self, query: Question, told: Told, document: str | None) -> SearchReading:
        """How `search` reads the same."""
        asked, scope = self._understand(query, document)
        expanded = self._retriever.expand(asked.bare)
        rules = self._choose_rules(asked, scope, query, told)
        words = dict.fromkeys(self._retriever.segmenter.words(expanded.text))
        return SearchReading(
            words=tuple((word, round(self._retriever.index.lexical.idf(word), 3)) for word in words),
            official=expanded.official,
            documents=tuple(sorted(scope.documents)),
            rules=tuple((key, self._book.rules[key].label) for key in rules),
        )

    def _understand(self, query: Question, document: str | None) -> tuple[Understanding, Scope]:
        asked = self._responder.reader.understand(query)
        scope = self._responder.scopes.choose(asked, query.as_of)
        return asked, replace(scope, documents=frozenset([document])) if document else scope

    def _lift(self, by_id: dict[str, Passage], clauses: Iterable[Clause], leg: str, score: float) -> None:
        """Add to the score of some clauses, those first that come first."""
        for n, clause in enumerate(dict.fromkeys(clauses)):
            found = by_id.get(clause.clause_id, Passage(clause, 0.0, 0))
            lifted = found.score + score - n / 1000
            by_id[clause.clause_id] = replace(found, score=lifted, legs={**found.legs, leg: score})

    def _choose_rules(self, asked: Understanding, scope: Scope, query: Question, told: Told) -> list[str]:
        """Keys of the rules asked about; none for a question about the rows of a table."""
        if self._responder.asks_table(asked, scope):
            return []
        return self._responder.rules.choose(asked, scope, query, told)

    def _cited(self, asked: Understanding, scope: Scope, query: Question, told: Told) -> list[Clause]:
        """The clauses that the rules asked about rest on."""
        cites: list[Cite] = []
        for key in self._choose_rules(asked, scope, query, told):
            values = (v for p in self._book.needs(key).parameters for v in self._book.parameters[p].values)
            cites += (cite for value in values for cite in value.cites)
            cites += self._book.rules[key].cites
        clauses = (self._book.clauses[cite.clause_id] for cite in cites)
        return [clause for clause in clauses if clause.document in scope.documents]


def _tell_evidence(ranked: Ranked) -> Passage:
    """A passage with the score that orders it as evidence, and what that is made of."""
    evidence = ranked.evidence
    legs = {"fused": evidence.passage.score, "coverage": evidence.coverage, "sentence": evidence.best}
    return replace(evidence.passage, score=ranked.score, legs={**evidence.passage.legs, **legs})
