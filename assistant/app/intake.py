"""What is asked → what can be answered: texts, regions and documents are checked, and refused by name."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date

from assistant.documents.catalog import Corpus
from assistant.documents.normalize import is_blank, normalize_text
from assistant.documents.regions import Region, RegionTree
from assistant.errors import RequestInvalid
from assistant.models import Question


@dataclass(frozen=True, slots=True)
class Intake:
    """Reads what comes in; every method raises RequestInvalid for what cannot be used.

    Attributes:
        longest: of a question, characters.
    """

    corpus: Corpus
    regions: RegionTree
    longest: int

    def check_text(self, text: str, name: str = "问题") -> None:
        """Refuse a text without words, or too long; `name` says what it is."""
        if is_blank(text):
            raise RequestInvalid(f"{name}是空的", hint="请输入要问的内容")
        if len(text) > self.longest:
            raise RequestInvalid(
                f"{name}有 {len(text)} 个字，超过上限 {self.longest} 个字", hint="请缩短后再问，或分几次问"
            )
        if not any(unicodedata.category(c)[0] in "LN" for c in normalize_text(text).text):
            raise RequestInvalid(f"{name}里没有文字", hint="请用文字说明要问的内容")

    def read_region(self, region: str | None) -> str | None:
        """The region's code; names are taken in traditional characters and full width too."""
        if region is None:
            return None
        name = normalize_text(region).text.strip()
        place = self.regions.resolve(name)
        if place is None and (namesakes := self.regions.list_namesakes(name)):
            shown = "、".join(self._name_in_full(place) for place in namesakes)
            raise RequestInvalid(
                f"叫{region}的地方不止一个：{shown}", hint="连同上级地名一起写，例如 河南省潢川县"
            )
        if place is None:
            raise RequestInvalid(
                f"不认识的地区：{region}", hint="用省、市、县的全称或六位代码，例如 潢川县 或 411526"
            )
        return place.code

    def _name_in_full(self, place: Region) -> str:
        """The place with those above it: 山东省临沂市河东区."""
        above = (self.regions.get(code) for code in reversed(self.regions.ancestors(place.code)))
        return "".join(r.name for r in above if r and r.parent)

    def place(self, question: Question) -> Question:
        """The question with the code of its region."""
        return replace(question, region=self.read_region(question.region))

    def place_search(self, query: str, region: str | None, document: str | None) -> Question:
        """A query of the search, which looks at every day."""
        self.check_text(query, "检索词")
        place = self.read_region(region)
        if document is not None and document not in self.corpus.document_by_id:
            raise RequestInvalid(f"没有编号为 {document} 的文件", hint="用 tiaowen corpus list 查看全部文件")
        return Question(query, as_of=date.max, region=place)
