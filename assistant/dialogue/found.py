"""Question → what its clauses say: by evidence for the whole, for each of its parts, and for each side of a comparison.

In: an understood question and its scope. Out: `Found`, and its sentences in a draft. A clause of another place is told
only as such.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from assistant.dialogue import wording
from assistant.dialogue.above import select_day_above
from assistant.dialogue.answerable import DOUBTFUL, SURE, rate_answerable
from assistant.dialogue.disagree import Disagreements
from assistant.dialogue.draft import Draft
from assistant.dialogue.due import Due
from assistant.dialogue.parts import ends_asking, split_parts
from assistant.dialogue.rank import Ranker
from assistant.dialogue.reading import QuestionReader
from assistant.dialogue.references import References
from assistant.dialogue.refuse import (
    ELSEWHERE_ONLY,
    UNSURE,
    Refusal,
    refuse_content,
    refuse_evidence,
    refuse_lapsed,
    refuse_untold,
)
from assistant.dialogue.scope import Scope, ScopeChooser
from assistant.dialogue.select import Ranked, Selection, merge_selections, select_evidence
from assistant.dialogue.sides import find_absent
from assistant.dialogue.sides_told import tell_sides
from assistant.dialogue.tell import ClauseTeller
from assistant.dialogue.understand import Understanding
from assistant.documents.catalog import Corpus
from assistant.documents.regions import RegionTree
from assistant.models import Question
from assistant.rules.numerals import find_figures

_AS_GOOD_BESIDE = 0.8
"""Share of the best score from which what another place has for the same figure is told too."""
_SURE_OF_WHOLE = 0.35
"""Probability from which a clause answers however the others stand to it."""
_SURE_OF_PART = 0.3
"""Probability from which a clause answers one part of a question."""
_SURE_OF_OTHER = 0.5
"""Probability from which a clause of another document is what was ascribed to the one named."""
_SURE_OF_OWN = 0.8
"""The same of a clause of the asker's own that is told beside another place's."""
_THIN = 0.3
"""Share of the probability of another place's rule below which what is found at home is on something else."""
_SURE_OF_TOPIC = 0.1
"""The same of one of several topics of which the same is asked: the others vouch for it."""


_WHERE_WE_ARE = r"(?:我|咱|俺)们?[^,，。;；?？]{0,6}?(?:是|在)"


class Found(NamedTuple):
    """What evidence there is for a question.

    Attributes:
        refusal: why the whole of it is not answered; None where it is. `parts` may be answered all the same.
        is_in_parts: True where each part has an answer of its own.
        due: the day that is asked for, counted from what a clause says; None where no clause tells it.
    """

    ranked: list[Ranked]
    refusal: Refusal | None
    parts: list[Selection]
    is_in_parts: bool = False
    due: Due | None = None


def _drop_figures(text: str) -> str:
    for figure in reversed(find_figures(text)):
        text = text[: figure.start] + text[figure.end :]
    return text


class FoundTeller:
    """Finds and tells what the clauses of one corpus say."""

    def __init__(
        self,
        corpus: Corpus,
        regions: RegionTree,
        reader: QuestionReader,
        scopes: ScopeChooser,
        ranker: Ranker,
        disagreements: Disagreements,
    ) -> None:
        self._corpus = corpus
        self._documents = corpus.document_by_id
        self._regions = regions
        self._reader = reader
        self._scopes = scopes
        self._ranker = ranker
        self._disagreements = disagreements
        self.clauses = ClauseTeller(corpus, ranker)

    def find(self, asked: Understanding, scope: Scope, question: Question) -> Found:
        """Evidence for a question and for its parts."""
        ranked = self._ranker.rank(asked, scope)
        refusal = self._refuse(asked, ranked)
        parts, is_in_parts = self._select_parts(asked, scope, question)
        if refusal is None and asked.measure and not (parts or self._ranker.sides(asked)):
            chosen = select_evidence(asked, ranked, [], self._documents)
            refusal = refuse_untold(asked, [r.evidence for r in ranked], chosen)
            if refusal and select_day_above(asked, chosen, self._corpus.clause_by_id, self._documents):
                # 这是要到哪一年做到的: the day stands in a clause above those that answer.
                refusal = None
        return Found(ranked, refusal, parts, is_in_parts)

    def _refuse(self, asked: Understanding, ranked: Sequence[Ranked]) -> Refusal | None:
        """Why the whole question is not answered: by the best clause itself, and by how it stands among the others."""
        evidence = [r.evidence for r in ranked]
        refusal = refuse_evidence(asked, evidence, self._documents)
        likely = rate_answerable(asked, ranked)
        if refusal and refusal.template in UNSURE and likely >= SURE:
            return refuse_content(asked, evidence, self._documents)
        if refusal is None and likely < DOUBTFUL and evidence[0].probability < _SURE_OF_WHOLE:
            return Refusal("refused_evidence")
        return refusal

    def tell(self, draft: Draft, asked: Understanding, found: Found, as_of: date) -> None:
        """Put the clauses that answer into a draft, side by side where two are compared."""
        sides = self._ranker.sides(asked)
        absent = find_absent(sides, [r.evidence for r in found.ranked])
        ranked = [r for r in found.ranked if not any(side.holds(r.evidence.clause) for side in absent)]
        parts = [p for p in found.parts if not any(side.holds(p.clause) for side in absent)]
        sides = [side for side in sides if side not in absent]
        chosen: list[Selection] = []
        if found.refusal is None:
            chosen = select_evidence(asked, ranked, sides, self._documents)
            if found.is_in_parts and not sides and len({p.clause.clause_id for p in parts}) > 1:
                # What else bears on the whole is no answer to any of its parts.
                told = {ranked[0].evidence.clause, *(p.clause for p in parts)}
                chosen = [c for c in chosen if c.clause in told]
            chosen += self._select_siblings(asked, ranked)
        chosen += select_day_above(asked, chosen, self._corpus.clause_by_id, self._documents)
        selections = merge_selections(chosen, parts)
        self.clauses.tell_selections(draft, asked, selections)
        for conflict in self._disagreements.touched(asked, draft.citations):
            self._disagreements.tell(draft, conflict)
        tell_sides(draft, asked, sides, absent, [(t.clause, t.clause.text) for t in selections])
        self._tell_own_beside(draft, asked, as_of, {t.clause.document for t in selections})

    def _tell_own_beside(self, draft: Draft, asked: Understanding, as_of: date, told: set[str]) -> None:
        """Tell, beside what another place has that the asker would go by, what their own texts have of it."""
        if not asked.home or not asked.places or not wording.SPEAKS_OF_HOME.search(asked.text):
            return
        homes = set(self._regions.ancestors(asked.home.code))
        is_foreign = not any(p.code in homes for p in asked.places)
        goes_by = wording.HOLDS_HERE.search(asked.text) or wording.ENJOYS.search(asked.text)
        if not (is_foreign and goes_by) or any(self._documents[d].region in homes for d in told):
            return
        # The figure is the other place's: it is not to be put right by one's own.
        own = replace(asked, places=(), text=_drop_figures(asked.text))
        ranked = self._ranker.rank(own, self._scopes.choose(own, as_of))
        ranked = [r for r in ranked if self._documents[r.evidence.clause.document].region in homes]
        evidence = [r.evidence for r in ranked]
        if not evidence or evidence[0].probability < _SURE_OF_OWN:
            return
        if not refuse_evidence(own, evidence, self._documents):
            draft.remark("own_beside")
            self.clauses.tell_selections(draft, own, select_evidence(own, ranked[:1], [], self._documents))

    def _select_parts(
        self, asked: Understanding, scope: Scope, question: Question
    ) -> tuple[list[Selection], bool]:
        """The best clause for each part of a question that asks several things, and whether each part has one."""
        found: list[Selection] = []
        where = self._reader.say_where(question)
        refused: list[str] = []
        parts = split_parts(asked.text)
        for part, is_topic in parts:
            text = part if not where or where in part else f"{where},{part}"
            sub = self._reader.understand(replace(question, text=text))
            ranked = self._ranker.rank(sub, scope)
            evidence = [r.evidence for r in ranked]
            least = _SURE_OF_TOPIC if is_topic else _SURE_OF_PART
            # What hangs on a part that nothing answers, as in 失业金能拿多少，拿几个月, is answered by nothing either.
            if any(part.startswith(other) for other in refused):
                refused.append(part)
                continue
            if refuse_evidence(sub, evidence, self._documents) or evidence[0].probability < least:
                refused.append(part)
                continue
            found += select_evidence(sub, ranked[:1], [], self._documents)
        is_told = ends_asking(asked.text) and (not asked.is_list or all(is_topic for _, is_topic in parts))
        return found, bool(parts) and is_told and not refused

    def tell_beside(self, draft: Draft, asked: Understanding, scope: Scope, question: Question) -> None:
        """Answer the parts of a message that ask nothing of the document itself, beside one that does.

        档案要留哪些材料,一学时几分钟,打哪个电话问: the telephone alone answers one part of three.
        """
        where = self._reader.say_where(question)
        found: list[Selection] = []
        for part, _ in split_parts(asked.text):
            text = part if not where or where in part else f"{where},{part}"
            sub = self._reader.understand(replace(question, text=text))
            ranked = self._ranker.rank(sub, scope) if not sub.meta else []
            evidence = [r.evidence for r in ranked]
            if evidence and evidence[0].probability >= _SURE_OF_OTHER:
                is_refused = refuse_evidence(sub, evidence, self._documents)
                found += [] if is_refused else select_evidence(sub, ranked[:1], [], self._documents)
        if found:
            self.clauses.tell_selections(draft, asked, merge_selections(found, []))

    def _select_siblings(self, asked: Understanding, ranked: Sequence[Ranked]) -> list[Selection]:
        """For a figure asked without a place: what a place beside that of the best clause has for it."""
        if not asked.measure or asked.home or asked.places or asked.references.documents:
            return []
        own = self._documents[ranked[0].evidence.clause.document].region
        found: list[Selection] = []
        for candidate in ranked[1:]:
            other = self._documents[candidate.evidence.clause.document].region
            is_as_good = candidate.score >= _AS_GOOD_BESIDE * ranked[0].score
            if (
                other != own
                and is_as_good
                and not refuse_content(asked, [candidate.evidence], self._documents)
            ):
                found += select_evidence(asked, [candidate], [], self._documents)
                break
        return found

    def tell_lapsed(self, draft: Draft, asked: Understanding, scope: Scope, as_of: date) -> bool:
        """Say that what answers best is not in force on the day, and show it as the nearest."""
        if not scope.lapsed:
            return False
        inside = [r.evidence for r in self._ranker.rank(asked, scope)][:1] if scope.documents else []
        sure = 0.0 if refuse_evidence(asked, inside, self._documents) else inside[0].probability
        lapsed = [r.evidence for r in self._ranker.rank(asked, replace(scope, documents=scope.lapsed))]
        if refuse_evidence(asked, lapsed, self._documents) or lapsed[0].probability <= sure:
            return False
        refusal = refuse_lapsed(self._documents[lapsed[0].clause.document], as_of)
        self.clauses.tell_refusal(draft, refusal, lapsed)
        return True

    def _tell_not_theirs(self, draft: Draft, asked: Understanding, scope: Scope) -> bool:
        """The same where the message says whose the asker is: 我们是山西的，河南105号文管我们吗."""
        if not wording.ASKS_IF_BOUND.search(asked.text):
            return False
        # 新县 is not found in 是新来的: a name of two characters is not shortened.
        short = [(p, p.name[:-1] if len(p.name) > 2 else p.name) for p in asked.places]
        own = [p for p, name in short if re.search(_WHERE_WE_ARE + re.escape(name), asked.text)]
        homes = set(self._regions.ancestors(own[0].code)) if own else set()
        others = replace(asked, places=tuple(p for p in asked.places if p not in own))
        ranked = self._ranker.rank(others, replace(scope, foreign=None)) if own and scope.documents else []
        ranked = [r for r in ranked if self._documents[r.evidence.clause.document].region not in homes]
        if not ranked or refuse_evidence(others, [r.evidence for r in ranked], self._documents):
            return False
        chosen = select_evidence(others, ranked[:1], [], self._documents)
        region = self._regions.get(self._documents[chosen[0].clause.document].region)
        draft.remark(ELSEWHERE_ONLY, place=region.name if region else "")
        self.clauses.tell_selections(draft, others, chosen)
        return True

    def tell_other_document(self, draft: Draft, asked: Understanding, question: Question) -> bool:
        """Say of what a named document does not have that another of the asker's place has it: 105号文讲了按30%抵免."""
        named = asked.references.documents
        if not named or asked.measure == "money":
            return False
        anywhere = replace(asked, references=References())
        scope = self._scopes.choose(anywhere, question.as_of)
        ranked = [r for r in self._ranker.rank(anywhere, scope) if r.evidence.clause.document not in named]
        evidence = [r.evidence for r in ranked]
        if refuse_evidence(anywhere, evidence, self._documents) or evidence[0].probability < _SURE_OF_OTHER:
            return False
        draft.remark("not_in_named")
        self.clauses.tell_selections(
            draft, anywhere, select_evidence(anywhere, ranked[:1], [], self._documents)
        )
        return True

    def tell_elsewhere(self, draft: Draft, asked: Understanding, scope: Scope, question: Question) -> bool:
        """Say of a rule that the asker knows of, and asks to have here, that it is another place's."""
        if self._tell_not_theirs(draft, asked, scope):
            return True
        if not wording.HOLDS_HERE.search(asked.text) or not (asked.home or asked.places):
            return False
        inside = [r.evidence for r in self._ranker.rank(asked, scope)]
        anywhere = replace(asked, places=(), home=None)
        ranked = self._ranker.rank(anywhere, self._scopes.choose(anywhere, question.as_of))
        sure = _THIN * ranked[0].evidence.probability if ranked else 0.0
        if not refuse_evidence(asked, inside, self._documents) and inside[0].probability >= sure:
            return False
        if refuse_evidence(anywhere, [r.evidence for r in ranked], self._documents):
            return False
        chosen = select_evidence(anywhere, ranked[:1], [], self._documents)
        if chosen[0].clause.document in scope.documents:
            return False
        region = self._regions.get(self._documents[chosen[0].clause.document].region)
        place = region.name if region else ""
        if asked.references.documents or (region and region in asked.places):
            draft.remark(ELSEWHERE_ONLY, place=place)
        else:
            # Whoever does not name the other place asks for a rule of their own, and there is none.
            draft.refuse(ELSEWHERE_ONLY, {"place": place})
        self.clauses.tell_selections(draft, asked, chosen)
        return True
