"""Questions read against one corpus: its documents, regions and clause numbers.

In: a `Question`. Out: its `Understanding`, and the words of it that say where the answer is to come from.
"""

from __future__ import annotations

import re

from assistant.dialogue import wording
from assistant.dialogue.references import ReferenceFinder
from assistant.dialogue.understand import Understanding, understand_question
from assistant.documents.catalog import COUNTRY, Corpus
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import CN
from assistant.documents.regions import RegionTree
from assistant.models import Question

_ANNEX = re.compile(rf"附件(?:\d{{1,2}}|{CN})")


class QuestionReader:
    """Reads questions against one corpus; see `understand_question`."""

    def __init__(self, corpus: Corpus, regions: RegionTree) -> None:
        self.finder = ReferenceFinder(corpus, regions)
        self.sources = {d.id: squeeze(d.source) for d in corpus.documents}
        self._own: dict[str, str] = {}
        for document in corpus.documents:
            self._own[document.region] = self._own.get(document.region, "") + self.sources[document.id]
        self._regions = regions

    def understand(self, question: Question) -> Understanding:
        """What a question asks."""
        return understand_question(question, self.finder, self._regions, self.sources, self._own)

    def say_table(self, question: Question) -> str:
        """The words of a question that name a table or an annex; empty where none do."""
        asked = self.understand(question)
        if not asked.references.scopes:
            return ""
        if annex := _ANNEX.search(asked.text):
            return annex[0]
        named = (asked.text[span.start : span.end] for span in asked.references.spans)
        return next((words for words in named if wording.NAMES_TABLE.search(words)), "")

    def point_at_row(self, text: str, table: str) -> str:
        """A further question with the table that the one before named, where it points at a row and names no table."""
        if not table or wording.NAMES_TABLE.search(text) or not wording.POINTS_AT_ROW.search(text):
            return text
        return f"{table}{text}"

    def say_where(self, question: Question) -> str:
        """The words of a question that name a document or places; empty where none do."""
        asked = self.understand(question)
        named = self.finder.find_documents(asked.text, asked.home).spans
        if named:
            return asked.text[named[0].start : named[0].end]
        return "和".join(p.name for p in asked.places if p.code != COUNTRY)
