"""When not to answer: a place, year or figure that the documents do not have, or evidence too thin.

In: an understood question, its scope and evidence. Out: a `Refusal` naming the reason, or None. A near
miss is the dangerous case: the words are there and the figure is another one's, or the other end of a range.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from assistant.dialogue import wording, wording_declined
from assistant.dialogue.attribute import find_missing_attribute, keep_of_thing
from assistant.dialogue.evidence import Evidence, Sentence
from assistant.dialogue.measure import ASKS_LIMIT, names_unit
from assistant.dialogue.premise import has_premise
from assistant.dialogue.scope import Scope
from assistant.dialogue.select import Selection
from assistant.dialogue.understand import Understanding
from assistant.documents.normalize import squeeze
from assistant.documents.regions import Region
from assistant.models import Clause, Document

MIN_PROBABILITY = 0.18
"""Evidence below this is refused where a figure is asked for, which may be another one's."""
SMALL_TALK = ("greeting", "thanks")
"""Names of the sentences that answer a message without any question."""
OF_OTHER_YEAR = "refused_year"
UNSURE = ("refused_nothing", "refused_evidence")
"""Refusals because no clause says enough of the question."""
THIN = (*UNSURE, "refused_figure", "refused_most", "refused_least")
"""Refusals for want of a clause, or of a figure in it, that is beyond doubt."""
ELSEWHERE_ONLY = "elsewhere_only"
"""Name of the sentence that says of a rule that it is another place's."""
NEAREST_FROM = 0.1
"""Clauses below this are not even near."""
_FAINT, _NEAR_BY_WORDING = 0.03, 0.4
"""Probability and cosine from which a clause is shown as the nearest though it is not even near by its words."""
_WHOLE_PLACE = re.compile(r"[全本各](?:国|省|市|县|区)")
_AS_MUCH = 0.75
"""Share of what the best sentence says of the question that a sentence with the figure must say too."""
_AS_MUCH_OF_DATE = 0.3
_SURE_OF_FIGURE = 0.9
"""Probability of a clause from which a figure of its best sentence is the one that was asked for."""
_GETTING = re.compile(r"能|可以|会|要|拿到?|领到?|得到?|给|发|有|钱|元|块|万|一共|总共")
OF_YEAR = re.compile(r"20\d\d年度?的")
"""2023年的任务还是8000吗: the year says of what, and is not what is taken for granted."""
_VERB = re.compile(r"(?P<verb>[\u4e00-\u9fff])了?(?:多少|几)")
_LEAST_OF_MONEY = 2
"""Words beside those of getting money that say what for, or whose."""
_TOLD_AS_FIGURES = ("money", "share", "time", "date", "size")
_N_ITEMS = 6
_PROCEDURE = re.compile(
    r"向.{2,24}(?:提交|提出|申请|报|缴)|提交|流程|程序|网站|窗口|填报|平台|通过.{2,20}(?:报名|办理|上报)|改为"
)
"""What a clause has that says how something is done."""
PAPERS = ("材料", "证件", "表", "表格")
_HANDS_IN = re.compile(
    r"(?:提交|提供|报送|递交|交验|出示|上传|附[上有]?|[凭持]|准备|备齐)[^。;；]{0,40}"
    r"(?:材料|证件?|证明|复印件|申请表|登记表|报告|案例|花名册|名册|合同|协议|记录|明细|凭证|票据|发票|方案|计划|清单|档案)"
)
"""What a clause has that says which papers are handed in.   near miss: 材料不齐全的，一次性告知"""
_TABLE_YEAR = re.compile(r"(?<![\d—\-－至~])(20\d\d)年度?(?![—\-－至])")
N_READ = 3
"""Clauses in which a figure may stand."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer.

    Attributes:
        template: name of the sentence in `prompts/answer.yaml`; `values` fill it.
        nearest_from: probability from which a clause is shown as the nearest.
    """

    template: str
    values: dict[str, object] = field(default_factory=dict)
    nearest_from: float = NEAREST_FROM


def refuse_early(
    asked: Understanding, scope: Scope, covered: Sequence[Region], as_of: date
) -> Refusal | None:
    """Refuse by place and day, before anything is searched."""
    if wording_declined.GREETING.fullmatch(asked.text):
        return Refusal("greeting", nearest_from=1.1)
    if wording_declined.THANKS.fullmatch(asked.text):
        return Refusal("thanks", nearest_from=1.1)
    if wording_declined.MISUSE.search(asked.text) and not wording_declined.CONSEQUENCE.search(asked.text):
        return Refusal("refused_misuse")
    if wording_declined.INSTRUCTION.search(asked.text) and not wording.ASKS.search(asked.text):
        return Refusal("refused_instruction", nearest_from=1.1)
    if wording_declined.ADVICE.search(asked.text):
        return Refusal("refused_advice", nearest_from=1.1)
    if wording_declined.RESULT.search(asked.text) and not wording.OWN_CASE.search(
        wording.OWN_PLACE.sub("", asked.text)
    ):
        return Refusal("refused_result")
    if asked.asks_private:
        return Refusal("refused_private", nearest_from=1.1)
    if scope.foreign:
        names = "、".join(r.name for r in covered)
        return Refusal("refused_region", {"place": scope.foreign.name, "covered": names}, nearest_from=1.1)
    if (below := wording.BELOW_COUNTY.search(asked.text)) and asked.asks_own_target and asked.measure:
        return Refusal("refused_own_target", {"place": below[0]})
    is_named = scope.parent_only is not None and scope.parent_only in asked.places
    if scope.parent_only and is_named and asked.asks_own_target and asked.measure:
        return Refusal("refused_own_target", {"place": scope.parent_only.name})
    if not scope.documents:
        return Refusal("refused_not_in_force", {"as_of": as_of.isoformat()}, nearest_from=1.1)
    return None


def refuse_lapsed(document: Document, as_of: date) -> Refusal:
    """Say of a document that it is over, or has not begun."""
    day, title = as_of.isoformat(), document.title
    if document.expires and document.expires < as_of:
        values = {"title": title, "until": document.expires.isoformat(), "as_of": day}
        return Refusal("refused_lapsed", dict(values))
    begins = document.effective or document.issued
    values = {"title": title, "since": begins.isoformat() if begins else "", "as_of": day}
    return Refusal("refused_not_begun", dict(values))


def refuse_evidence(
    asked: Understanding, evidence: Sequence[Evidence], documents: Mapping[str, Document]
) -> Refusal | None:
    """Refuse by what was found; `evidence` is best first."""
    # Where two texts are compared, that of the first rank may be the one with fewer of the words.
    sure = max((e.probability for e in evidence[: N_READ if asked.asks_sameness else 1]), default=0.0)
    if sure < NEAREST_FROM:
        # Too little to answer by, but the wording is near that of a clause: it is shown, not told.
        is_near = sure >= _FAINT and evidence[0].cosine >= _NEAR_BY_WORDING
        return Refusal(
            "refused_evidence" if is_near else "refused_nothing", nearest_from=sure if is_near else 1.1
        )
    if asked.measure and sure < MIN_PROBABILITY:
        return Refusal("refused_evidence")
    return refuse_content(asked, evidence, documents)


def refuse_content(
    asked: Understanding, evidence: Sequence[Evidence], documents: Mapping[str, Document]
) -> Refusal | None:
    """Refuse what the clauses found do not have: an operation, a register, a year, a figure."""
    if asked.is_how_to and not any(_says_how(asked.operation, e.clause.text) for e in evidence[:N_READ]):
        return Refusal("refused_how_to")
    if asked.asks_register and not any(_enumerates(e) for e in evidence[:N_READ]):
        return Refusal("refused_register")
    if _asks_arrival(asked) and not any(
        wording_declined.ARRIVAL.search(e.clause.text) for e in evidence[:N_READ]
    ):
        return Refusal("refused_figure")
    if year := _missing_year(asked, evidence[:N_READ], documents):
        return Refusal(OF_OTHER_YEAR, {"year": year})
    if missing := find_missing_attribute(asked, evidence, documents):
        return Refusal(missing)
    return _refuse_figure(asked, evidence)


def _asks_arrival(asked: Understanding) -> bool:
    """Whether it is asked how long until the money is there: texts bound each step and say nothing of the last."""
    is_timed = asked.measure in ("time", "date", "count")
    return is_timed and bool(wording_declined.ARRIVAL.search(asked.text))


def says_papers(text: str) -> bool:
    """Whether a clause says which papers are handed in."""
    return bool(_HANDS_IN.search(squeeze(text)))


def _says_how(operation: str, text: str) -> bool:
    """Whether a clause says how something is done, not only that it is."""
    if operation in PAPERS:
        return says_papers(text)
    return bool(operation) and operation in text and bool(_PROCEDURE.search(squeeze(text)))


def _missing_year(
    asked: Understanding, evidence: Sequence[Evidence], documents: Mapping[str, Document]
) -> int | None:
    """A year asked for that no document found speaks of; a year that is taken for granted is put right instead."""
    if not asked.years or (has_premise(asked.text) and not OF_YEAR.search(asked.text)):
        return None
    found = [documents[d] for d in dict.fromkeys(e.clause.document for e in evidence)]
    return find_missing_year(asked, found) or find_other_year(asked, evidence[0].clause, found[0])


def find_other_year(asked: Understanding, clause: Clause, document: Document) -> int | None:
    """A year whose target is asked for where the best clause is of a plan, or a table, for one other and does not name it."""
    if asked.measure != "count":
        return None
    # A table for two years has a column for each.
    text = wording.TITLE.sub("", squeeze(clause.text)) + "".join(c.header for c in clause.cells)
    tables = "".join(clause.headings) if clause.kind == "row" else ""
    of_table = {int(year) for year in _TABLE_YEAR.findall(squeeze(tables))}
    if len(of_table) == 1:
        return next((y for y in asked.years if y not in of_table and str(y) not in text), None)
    if document.year is None or not wording.OWN_TARGET.search(asked.text):
        return None
    return next((y for y in asked.years if y != document.year and str(y) not in text), None)


def find_missing_year(asked: Understanding, documents: Sequence[Document]) -> int | None:
    """A year asked for that none of the documents is of, was issued in or speaks of."""
    known = {year for d in documents for year in (d.year, d.issued.year if d.issued else None, *_years_of(d))}
    texts = [wording.TITLE.sub("", squeeze(d.source)) for d in documents]
    return next((y for y in asked.years if y not in known and not any(str(y) in t for t in texts)), None)


def _years_of(document: Document) -> list[int]:
    """The year in a document's number."""
    return [int(year) for year in re.findall(r"[〔\[(（](\d{4})[〕\])）]", document.number)]


def _refuse_figure(asked: Understanding, evidence: Sequence[Evidence]) -> Refusal | None:
    """Refuse a figure that no sentence has which speaks of what is asked.

    12000 元 is what the state pays per student, not the tuition that was asked for.
    """
    if asked.measure is None:
        asks_limit = asked.bound and ASKS_LIMIT.search(asked.text)
        if not asks_limit or not evidence[0].best_sentence.contradicts_bound:
            return None
        return Refusal("refused_most" if asked.bound == "most" else "refused_least")
    # 全省 says where, not of what the figure is.
    told = {w for w in evidence[0].weights if not _WHOLE_PLACE.fullmatch(w)}
    if asked.measure == "money" and len({w for w in told if not _GETTING.fullmatch(w)}) < _LEAST_OF_MONEY:
        # 学校能拿多少钱 says whose money, not what for: any sum of a school's would do.
        return Refusal("refused_money")
    part = {w for w in told if w in asked.measured} or told
    verb = _VERB.search(asked.bare)
    # 任务给我们定了多少: of 任务 it must be, of 定 it need not.
    meeting = _find_meeting(asked, evidence, part) or (
        _find_meeting(asked, evidence, part - {verb["verb"]}) if verb and asked.measure == "count" else []
    )
    sentences = [s for e in evidence[:N_READ] for s in e.sentences]
    meeting = keep_of_thing(asked, meeting, sentences, evidence[0].weights)
    if not meeting:
        return Refusal("refused_money" if asked.measure == "money" else "refused_figure")
    best = max(meeting, key=lambda s: s.score)
    if asked.bound and best.contradicts_bound:
        return Refusal("refused_most" if asked.bound == "most" else "refused_least")
    return None


def refuse_untold(
    asked: Understanding, evidence: Sequence[Evidence], chosen: Sequence[Selection]
) -> Refusal | None:
    """Refuse where nothing of what would be told has the figure that is asked for: 建一个工作室补助多少 told by their number.

    A count may be told by what is counted.
    """
    if asked.measure not in _TOLD_AS_FIGURES:
        return None
    spans = {selection.clause.clause_id: selection.spans for selection in chosen}
    told = (
        s
        for e in evidence
        for s in e.sentences
        if any(x.start < s.span.end and s.span.start < x.end for x in spans.get(e.clause.clause_id, ()))
    )
    if any(s.has_figure for s in told):
        return None
    return Refusal("refused_money" if asked.measure == "money" else "refused_figure")


def _find_meeting(asked: Understanding, evidence: Sequence[Evidence], part: set[str]) -> list[Sentence]:
    """The sentences with a figure that say nearly as much of the words as the best sentence does."""
    read = [
        (s, math.fsum(e.weights[w] for w in s.covered & part)) for e in evidence[:N_READ] for s in e.sentences
    ]
    most = max(share for _, share in read)
    payments = {w for w in evidence[0].weights if asked.measure == "money" and wording.PAYMENT.search(w)}
    # A year or day may stand at the head of what it is the date of.
    as_much = _AS_MUCH_OF_DATE if asked.measure == "date" else _AS_MUCH
    meeting = [
        s
        for s, share in read
        if s.has_figure and share >= as_much * most and (not payments or payments & s.covered)
    ]
    if meeting or evidence[0].probability < _SURE_OF_FIGURE:
        return meeting
    # The clause is beyond doubt, and what meets the question best in it has the figure.
    first = evidence[0].best_sentence
    if asked.measure != "money" and first.has_figure:
        return [first]
    return [s for s in evidence[0].sentences if s.has_figure and names_unit(asked)]


def _enumerates(evidence: Evidence) -> bool:
    """True where a clause lists many things, as a register does."""
    return evidence.clause.text.count("、") >= _N_ITEMS and evidence.clause.kind == "row"
