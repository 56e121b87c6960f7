"""Whether a rule is about a question at all.

In: a `Route`, scored, and the `Situation`. Out: yes or no. What is stated, how it is asked and how alike the words are
weigh differently: a figure of the case needs little likeness, a topic much of it, and what was said turns before or in a
form less than what the message says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from assistant.dialogue import wording
from assistant.dialogue.days import DATE_PATTERN
from assistant.dialogue.intent import GAP, read_intent
from assistant.dialogue.understand import Understanding
from assistant.models import Outcome
from assistant.rules.decide import Lineage
from assistant.rules.law import Check, Quantity, Rule, Verdict
from assistant.rules.statements import Stated

_LEAST_WITH_FACTS = 0.22
"""Likeness below which stated facts of one rule are about something else."""
_LEAST_OF_KNOWN_FACTS = 0.45
"""The same of facts that the message itself does not state: those of a form, or of an earlier turn."""
_LEAST_RECALL = 0.4
"""Share of the stated facts that a rule must read to be meant by them."""
_MOST_OF_FACTS = 0.75
"""Share of the stated facts from which a rule that reads them is meant whatever the words."""
_LEAST_WITHOUT_FACTS = 0.62
"""Likeness from which a question that states no fact is about a rule."""
_LEAST_OF_TOPIC = 0.72
"""The same of one that states no more than what it speaks of, about a figure that no fact changes."""
_MEANT, _ALLOWANCE = 0.35, 0.17
"""From which a question means one rule and no other, and how much less alike its words may be then."""
_LEAST_EVALUATED: dict[type[Rule], float] = {Verdict: 0.43, Check: 0.55, Quantity: 0.62}
"""The same of a rule that a question wants to have decided without a fact yet, by kind."""
_SURPLUS = re.compile(r"超过任务|超出|富余|多出|超额|盈余|超了多少|比最低\w{0,6}多|(?<!最)多多少")
"""What is beyond a limit, as against what is missing."""
_REST = re.compile(r"以外|之外|除外|其余")
_ASKS_REST = re.compile(
    r"[以之]外|除|其[余他]|剩|余|[非没无]|不(?!是|知|清|晓|懂|明|太)|[去减](?=掉)|[扣刨抛撇]"
)
"""What is left of a whole without a part of it, and how it is asked for.   near miss: 补贴性培训任务是多少"""
_SPEAKS_OF_GAP = re.compile(
    r"差|缺|够|欠|(?<![最至])少[拨给发做训配交缴]|还[要得需剩能有]|剩|补(?![贴助])|再|加|提高|延长|完成|达标|目标|任务|做了|训了"
)
"""What may want to know how much is missing. Near miss: 三十万人口的县技校规划咋弄."""
_IN_YEARS, _ASKS_YEARS = re.compile(r"要几年"), re.compile(r"几年|多少年|多久|多长时间")
"""A figure in years, and how one is asked for."""
_ASKS_SUM = re.compile(
    r"合计|合起来|合在一|[一总共统拢]共|[加合][起一]|相加|总[数量和计的]|之和|凑一|几年|[两三四五六七八九十]年|(?<![\d到])\d{1,2}年(?!度)"
)
_ALONE = re.compile(r"(?:单|只|光|就|仅)(?:看|论|说|讲|问|拿|凭|按)|单从|这一[项条]")
_COUNTRY = re.compile(
    r"全国|国家|我国|各地|各省|教育部|行动计划|部门|年均|\d{3,}万|[一二三四五六七八九]千万|亿"
)
_ASKS_MONEY = re.compile(r"(?:多少|几)[十百千万]{0,2}(?:块钱?|钱|元)")
_MONEY_UNITS = ("元", "万元", "%", "倍", "")
"""Units of figures that may say how much money: a share says it too."""
_OTHER_END = {"most": ">=", "least": "<="}
_LEAST_OF_BREACH, _LEAST_OF_BREACH_ALONE = 0.28, 0.45
_ALL_READ, _HALF_READ, _MANY_READ, _MANY_TOLD = 0.95, 0.55, 5, 3
_LEAST_MEANT, _LEAST_UNMEANT = 0.05, 0.3
"""Below which a figure is not meant more than others, and how alike it must be then."""
_LEAST_OF_CASE = 0.34
"""Likeness from which a rule is meant that the stated facts decide, where the question wants a verdict."""
_LEAST_OF_OWN = 0.58
"""Likeness from which a figure of the asker's own case is a rule's, where no fact is stated yet."""
_OWN = re.compile(
    r"(?:我们?|咱们?|俺们?)这[儿里边]|(?:我们?|咱们?|俺们?|本)(?:这个?)?(?:[校班公单企]|学校|机构|企业|公司|单位|厂)"
    r"|我们(?=最[多少])|(?:我们|咱们?|俺们?)(?:还|能|可以|再|得|要|该){0,4}(?:安排|排|开|办|配|招|收|的?(?:实操|理论|老师|工位|课时|学员|学徒|人数))|这批(?=学员|学徒|学生|人)|(?:我|咱|俺)们?(?:就|也|都)?(?:是|[高中]职)|这个?班|这期"
)
_LEAST_OF_OWN_FIGURE = 0.5
"""The same of a figure that is meant more than others."""
_LEAST_OF_KIND = 0.42
"""Likeness from which a figure is meant that is open for want of what the asker is."""
_SEVERAL_KINDS = 2
_LEAST_OF_GAP = 0.42
"""Likeness from which what is still missing is a rule's."""
_LEAST_OF_OWN_VERDICT = 0.36
"""Likeness from which a verdict about the asker's own case is meant, where they tell nothing of it."""
_LEAST_OF_OWN_MEANT, _MEANT_OF_OWN = 0.3, 0.25
"""The same of a verdict that is meant more than others, and from which it is."""
_LEAST_OF_OWN_CHECK = 0.45
"""The same of a check of the asker's own case."""
LEAST_WITHOUT_ANY = min(
    *_LEAST_EVALUATED.values(), _LEAST_WITHOUT_FACTS, _LEAST_OF_OWN, _LEAST_OF_GAP, _LEAST_OF_OWN_MEANT
)
"""Likeness below which no rule fits a question that states no fact."""
_LEAST_OF_VERDICT = 0.5
"""The same of a verdict, where the question asks to judge a case."""

_DAY = re.compile(DATE_PATTERN)
_EVALUATES = re.compile(
    r"哪(?:里|儿|一?[点项条处些])(?:不合[适规格]|不行|有问题|不对|不符|不达标|没达标|卡住)|有(?:什么|啥)问题|问题(?:出)?在哪|轮得[上到着]|轮不轮|有没有份|沾得上|够得上|卡不卡|卡(?:得|不)住|够不够|够了?吗|够[^,，。?？]{0,6}了?没|够数|够格|达到要求|过得了|过关|过不过|过得[去了]|批得下|能批|(?:达标|合格|合规|符合[^,，。的]{0,6}|合不合[^,，。的]{0,4})(?:了|吗|没|不|么|[?？]|$)|能不能开|能开|(?:能不能|可不可以)[^,，。?？]{0,3}收|收得[下了]|可以开|超没超|超了?(?:没有?|吗|不|么)|超标|超员|完成了|算不算|有没有问题|还差|差多少|差几"
    r"|(?:我|我们|咱|咱们|俺|俺们|他|她|本人|我爸|我妈|孩子)[^,，。?？]{0,6}(?:能|可以|符合|够)[^,，。?？]{0,4}(?:领|拿|申请|享受|参加|报|学|上|抵|提)"
    r"|(?:我们?|咱们?|俺们?|本)[^,，。?？]{0,6}(?:公司|企业|学校|机构|单位)[^?？]{0,16}能(?:抵|提|拿|领|聘)"
)
"""Asks to judge a case, or to compute for one, rather than what the rule is."""
_N_TEXTS, _N_NAMES = 256, 2048
"""Texts and names whose reading is kept."""


@dataclass(frozen=True, slots=True)
class Route:
    """A rule that a question is about.

    Attributes:
        agreement: how well its name goes with what is asked, as `agree_in_name` has it.
        n_read: how many of the stated facts it reads; `lacks_figure` where a number or a day is still open.
        is_blank: True for a verdict of which no check is decided.
        is_topic: True where nothing was stated but what the question speaks of, and the rule reads no fact.
        likeness: to its label or a sample question, in [0, 1].
        meant: how far the words mean it and no other rule of its document, about in [0, 1].
        recall: share of the stated facts that it reads, weighed by their rarity; `has_firm` where one of them
            describes a case, `has_figure` where one is a number or a day.
    """

    rule: Rule
    score: float
    likeness: float
    meant: float
    recall: float
    has_firm: bool
    has_figure: bool
    n_read: int
    agreement: float
    lacks_figure: bool
    is_blank: bool
    outcome: Outcome
    is_topic: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """What rules are chosen by.

    Attributes:
        facts: those of the message, or known before where it asks for more about them.
        lineage: regions the rules may come from; None where the place is unknown.
        said_at: where the words of each fact begin, for those that the message states.
        is_said: whether the message itself states figures; those of a form or an earlier turn weigh less than words.
        before: facts of earlier turns; `last` is the rule that was decided there.
    """

    asked: Understanding
    facts: Mapping[str, Stated]
    as_of: date
    lineage: Lineage
    is_said: bool = True
    said_at: Mapping[str, int] = field(default_factory=dict)
    before: frozenset[str] = frozenset()
    last: str = ""


def fits(route: Route, situation: Situation) -> bool:
    """Whether a rule is about the question at all."""
    asked = situation.asked
    if route.outcome == "not_applicable" and isinstance(route.rule, Verdict):
        return False
    if contradicts(route.rule, asked):
        return False
    if names_check(route.rule, asked):
        return True
    is_day = read_intent(asked) == "day" and not _DAY.search(asked.text)
    if is_day and isinstance(route.rule, Quantity | Check | Verdict):
        # 六成这个目标啥时候到位: neither a figure nor a verdict is a day.
        return False
    if route.is_blank and situation.facts and not evaluates(asked):
        return False
    if route.recall and route.has_figure:
        return _fits_figures(route, situation)
    if route.recall:
        return _fits_topic(route, asked)
    if "合计" in route.rule.label and not _ASKS_SUM.search(asked.text):
        # 高职要建多少所 is no question for 中职、高职合计.
        return False
    if situation.facts:
        return route.is_topic and _is_meant(route, _LEAST_OF_TOPIC) and _fits_words(route, asked)
    return _fits_words(route, asked)


def names_check(rule: Rule, asked: Understanding) -> bool:
    """Whether a question asks about one check alone, by its name: 光看每班人数."""
    return isinstance(rule, Check) and rule.label in asked.text and bool(_ALONE.search(asked.text))


def contradicts(rule: Rule, asked: Understanding) -> bool:
    """Whether a question wants the other end of what a rule gives, however alike the words."""
    name, wants = _read_name(rule.label), _read_wants(asked.text, asked.bare)
    if not name.is_of_two and name.is_surplus is not wants.surplus:
        return True
    if name.is_rest and not wants.rest:
        return True
    if isinstance(rule, Quantity) and "还差" in rule.label and not wants.gap:
        return True
    if name.is_in_years and not wants.years:
        return True
    if wants.money and isinstance(rule, Quantity) and rule.unit not in _MONEY_UNITS:
        # 一个学徒一年补几千块 is not answered by how many are still to be trained.
        return True
    if name.is_of_country and not wants.country:
        # 我们训了300人次还差多少 is not asked for the country.
        return True
    # 最多多少 is not answered by a floor.
    return bool(wants.end) and getattr(rule, "bound", "") == _OTHER_END[wants.end]


class _Name(NamedTuple):
    """What the name of a rule says of its figure."""

    is_of_two: bool
    is_surplus: bool
    is_rest: bool
    is_in_years: bool
    is_of_country: bool


class _Wants(NamedTuple):
    """What a question may want of a figure; `end` is `most` or `least` where it wants one of them."""

    surplus: bool
    rest: bool
    gap: bool
    years: bool
    country: bool
    money: bool
    end: str


@lru_cache(maxsize=_N_NAMES)
def _read_name(label: str) -> _Name:
    # 高职比中职多: no limit is spoken of.
    return _Name(
        "比" in label,
        bool(_SURPLUS.search(label)),
        bool(_REST.search(label)),
        bool(_IN_YEARS.search(label)),
        label.startswith("全国"),
    )


@lru_cache(maxsize=_N_TEXTS)
def _read_wants(text: str, bare: str) -> _Wants:
    """Kept, for every rule of a book is held against the same words."""
    ends = [end for end, p in (("most", wording.MOST), ("least", wording.LEAST)) if p.search(bare)]
    return _Wants(
        bool(_SURPLUS.search(text)),
        bool(_ASKS_REST.search(text)),
        bool(_SPEAKS_OF_GAP.search(text)),
        bool(_ASKS_YEARS.search(text)),
        bool(_COUNTRY.search(text)),
        bool(_ASKS_MONEY.search(bare)),
        ends[0] if len(ends) == 1 else "",
    )


def evaluates(asked: Understanding) -> bool:
    """Whether a case is to be judged or computed."""
    return _evaluates(asked.text)


@lru_cache(maxsize=_N_TEXTS)
def _evaluates(text: str) -> bool:
    return bool(_EVALUATES.search(text))


def _fits_figures(route: Route, situation: Situation) -> bool:
    """For a rule that reads a stated number or day."""
    if not situation.is_said:
        is_last = route.rule.key == situation.last
        if route.agreement >= 1 and route.outcome == "pass" and read_intent(situation.asked) == "figure":
            # 那老师得有几个才行: the words are few, but name what is counted.
            return route.likeness >= _LEAST_WITH_FACTS
        return route.likeness >= (_LEAST_WITH_FACTS if is_last else _LEAST_OF_KNOWN_FACTS)
    is_alike = route.likeness >= _LEAST_WITH_FACTS and route.recall >= _LEAST_RECALL
    if isinstance(route.rule, Quantity) and route.meant < _LEAST_MEANT:
        # 至少几个人打满意 of a class is no question for its workstations, though these are a figure of it.
        is_alike = is_alike and route.likeness >= _LEAST_UNMEANT
    is_judged = isinstance(route.rule, Check | Verdict) and route.recall >= _MOST_OF_FACTS
    # A case told in many figures is judged by what reads most of them, though some are of what was before.
    is_judged |= isinstance(route.rule, Verdict) and route.n_read >= _MANY_READ and route.recall >= _HALF_READ
    return is_alike or is_judged or route.likeness >= _LEAST_OF_VERDICT


def _fits_topic(route: Route, asked: Understanding) -> bool:
    """For one that reads only what somebody is or has: 高职, 戒毒人员, 请了假 are no case as long as it is open."""
    is_decided = route.outcome in ("pass", "fail", "conflict")
    wants_verdict = isinstance(route.rule, Check | Verdict) and (
        read_intent(asked) == "whether" or evaluates(asked)
    )
    if _lacks_kind(route, asked):
        return route.likeness >= _LEAST_OF_KIND
    if not (is_decided or evaluates(asked)):
        return False
    is_judging = isinstance(route.rule, Check | Verdict)
    if is_judging and read_intent(asked) in ("figure", "day") and not evaluates(asked):
        # 全程录像要保存几年: that it is recorded says nothing of it.
        return False
    if is_decided and wants_verdict and route.recall >= _ALL_READ and route.n_read >= _MANY_TOLD:
        # 在校生上本校的班,不读这个专业,卡不卡: every word told is one of this rule.
        return route.likeness >= _LEAST_OF_BREACH
    is_breach = route.outcome == "fail" and route.likeness >= _LEAST_OF_BREACH_ALONE
    if is_decided and route.has_firm and (route.recall >= _LEAST_RECALL or is_breach) and wants_verdict:
        # What breaks a rule is rarely said of something else.
        return route.likeness >= (_LEAST_OF_BREACH if route.outcome == "fail" else _LEAST_OF_CASE)
    if route.outcome == "fail" and wants_verdict and route.recall >= _ALL_READ:
        # 网课能快进，考核申请会收吗: whose case it is changes nothing about a breach.
        return route.likeness >= _LEAST_OF_BREACH_ALONE
    is_own = route.has_firm or (evaluates(asked) and bool(_OWN.search(asked.text)))
    is_judged = evaluates(asked) and bool(_OWN.search(asked.text))
    if is_judged and isinstance(route.rule, Verdict) and route.recall >= _ALL_READ:
        # 理论全程录了像，系统也填了，这班能开吗: what is told is read by the verdict alone.
        return route.likeness >= _LEAST_WITH_FACTS
    return route.likeness >= (_LEAST_OF_VERDICT if is_own else _LEAST_WITHOUT_FACTS)


def _fits_words(route: Route, asked: Understanding) -> bool:
    """For a question that states nothing."""
    if isinstance(route.rule, Quantity) and GAP[0].search(asked.text) and GAP[1].search(route.rule.label):
        # 还差多少没完成: no clause says how much somebody lacks.
        return route.likeness >= _LEAST_OF_GAP
    is_own = bool(_OWN.search(asked.text))
    if is_own and isinstance(route.rule, Verdict) and (evaluates(asked) or read_intent(asked) == "whether"):
        least = _LEAST_OF_OWN_VERDICT if route.meant < _MEANT_OF_OWN else _LEAST_OF_OWN_MEANT
        return route.likeness >= least
    if is_own and isinstance(route.rule, Check) and evaluates(asked) and route.meant >= _MEANT_OF_OWN / 2:
        # 我们班的实操比例够了吗: what it is now is asked back for.
        return route.likeness >= _LEAST_OF_OWN_CHECK
    if evaluates(asked) and isinstance(route.rule, Verdict | Quantity | Check):
        return route.likeness >= _LEAST_EVALUATED[type(route.rule)]
    if read_intent(asked) == "figure" and isinstance(route.rule, Quantity) and is_own:
        # 我们这个班工位最少要几个: a figure of the asker's own case, which is asked back for.
        is_meant = route.meant >= _MEANT_OF_OWN and route.likeness >= _LEAST_OF_OWN_FIGURE
        return is_meant or route.likeness >= _LEAST_OF_OWN
    is_complete = route.outcome in ("pass", "conflict") and isinstance(route.rule, Quantity)
    return _is_meant(route, _LEAST_WITHOUT_FACTS) and is_complete


def _is_meant(route: Route, least: float) -> bool:
    """Whether the words are alike enough; what means one rule and no other may be a little less so."""
    return route.likeness >= least - (_ALLOWANCE if route.meant >= _MEANT else 0.0)


def _lacks_kind(route: Route, asked: Understanding) -> bool:
    """Whether a figure of the asker's own case is open for want of what they are: 我们是所职业院校，要培训多少."""
    is_own = bool(_OWN.search(asked.text)) or (
        route.n_read >= _SEVERAL_KINDS and route.recall == 1 and not route.lacks_figure
    )
    return (
        is_own
        and read_intent(asked) == "figure"
        and isinstance(route.rule, Quantity)
        and route.outcome == "unknown"
    )
