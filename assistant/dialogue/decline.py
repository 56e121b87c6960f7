"""Questions that are declined before anything is searched: by place, day and kind, by a name that no document has.

In: an understood question, its scope and what was told. Out: a `Refusal`, or None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cached_property

from assistant.dialogue.choose import RuleChooser
from assistant.dialogue.refuse import Refusal, refuse_early
from assistant.dialogue.scope import Scope, ScopeChooser
from assistant.dialogue.told import Told
from assistant.dialogue.understand import Understanding
from assistant.documents.catalog import Corpus
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import chinese_to_int

_OF_ITS_TEXT = re.compile(r"》(?:的|里|中)?(?:第[^,，。]{1,6}[条款章]|原文|全文)")
_CITED = re.compile(r"《([^《》]{2,60})》")
_NUMBERED = re.compile(
    r"[\u4e00-\u9fff]{1,12}[〔\[【(（［]?(?P<year>\d{4})(?:[〕\]】)）］]第?|年第?(?=\d+号文))(?P<n>\d{1,4})号"
)
"""教职成〔2021〕88号, 教职成2021年88号文."""
_ANNEX = re.compile(r"附件(?P<n>\d{1,2}|[一二三四五六七八九十])")


class Decliner:
    """Declines questions about one corpus."""

    def __init__(
        self, corpus: Corpus, scopes: ScopeChooser, rules: RuleChooser, sources: Mapping[str, str]
    ) -> None:
        """Make ready.

        Args:
            sources: squeezed source texts by document id.
        """
        self._corpus = corpus
        self._scopes = scopes
        self._rules = rules
        self._sources = sources

    def decline(self, asked: Understanding, scope: Scope, as_of: date, told: Told) -> Refusal | None:
        """Why a question is declined before anything is searched; None where it is not."""
        refusal = refuse_early(asked, scope, self._scopes.covered, as_of)
        if not refusal and (missing := self._find_missing_annex(asked, scope)):
            return Refusal("refused_annex", {"annex": missing}, nearest_from=1.1)
        if not refusal and (title := self._find_unknown_title(asked)):
            return Refusal("refused_title", {"title": title})
        if not refusal and (number := self._find_unknown_number(asked)):
            return Refusal("refused_number", {"number": number})
        has_figures = self._rules.states_figures(told) or any(c.isdigit() for t in told.loose for c in t)
        if refusal and refusal.template == "refused_result" and has_figures:
            # 做了9200人次，完成率多少: what came of it is what the asker says.
            return None
        if refusal and refusal.template == "refused_instruction" and self._rules.states_case(told):
            # What is to be said is not said for that; the case that stands beside it is judged like any other.
            return None
        return refusal

    def _find_missing_annex(self, asked: Understanding, scope: Scope) -> str:
        """An annex that the question names and none of the documents has; empty where there is none."""
        for match in _ANNEX.finditer(asked.text):
            path = f"a{chinese_to_int(match['n'])}"
            if not any(f"{d}#{path}" in self._corpus.clause_by_id for d in scope.documents | scope.lapsed):
                return match[0]
        return ""

    def _find_unknown_number(self, asked: Understanding) -> str:
        """A document's number that the question names and no text has; empty where there is none."""
        if asked.references.documents:
            return ""
        for match in _NUMBERED.finditer(asked.text):
            if (match["year"], match["n"]) not in self._numbers:
                return match[0]
        return ""

    @cached_property
    def _numbers(self) -> frozenset[tuple[str, str]]:
        """Year and number of every document that the corpus has or speaks of."""
        own = [t for d in self._corpus.documents for t in (d.number, *(p.number for p in d.parts))]
        return frozenset(
            (m["year"], m["n"]) for text in (*own, *self._sources.values()) for m in _NUMBERED.finditer(text)
        )

    def _find_unknown_title(self, asked: Understanding) -> str:
        """A work that the question cites and no document is, or speaks of; empty where there is none."""
        if asked.references.documents:
            return ""
        own = [squeeze(t) for d in self._corpus.documents for t in (d.title, *(p.title for p in d.parts))]
        wants_text = _OF_ITS_TEXT.search(asked.text)
        for title in map(squeeze, _CITED.findall(asked.text)):
            is_spoken_of = any(title in source for source in self._sources.values())
            if not any(title in t for t in own) and (wants_text or not is_spoken_of):
                return title
        return ""
