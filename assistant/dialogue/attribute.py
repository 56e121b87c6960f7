"""Whether what was found has the attribute that is asked for, and not another one of the same thing.

In: an understood question and evidence, best first. Out: the name of the sentence that refuses, empty where nothing is
against an answer. The clause is about the thing and says nothing of its age limit, of the day of the month, of how often:
what kind of thing is asked for must stand in a sentence that also says of what it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assistant.dialogue import wording
from assistant.dialogue.attribute_kinds import KINDS
from assistant.dialogue.evidence import Evidence, Sentence
from assistant.dialogue.understand import Understanding
from assistant.documents.normalize import squeeze
from assistant.models import Document
from assistant.rules.numerals import read_number

N_READ = 3
"""Clauses in which an attribute may stand."""
_LEAST_WORD = 2
"""Characters of a word that says of what the attribute is."""
_CLAUSE_END = re.compile(r"[,，。;；?？!！]")


_BY_PHONE = re.compile(r"电话|座机|号码|联系方式|怎么联系")
_WAYS = (
    (
        re.compile(r"邮箱|电子邮件|邮件地址|e-?mail", re.IGNORECASE),
        re.compile(r"邮箱|邮件|@|e-?mail", re.IGNORECASE),
    ),
    (re.compile(r"传真"), re.compile(r"传真")),
    # 办公在哪, 地址   near miss: 几点上课
    (
        re.compile(r"在(?:哪|什么地方)[儿里]?办公|办公(?:地[址点]|地方|场所)|(?:办公|联系|邮寄)地址|办公在"),
        re.compile(r"地址|地点"),
    ),
    (
        re.compile(r"几点(?:钟)?[^,，。?？]{0,2}[上下]班|(?:上班|办公)时间"),
        re.compile(r"\d{1,2}[:：]\d{2}|上班"),
    ),
    (re.compile(r"邮编|邮政编码"), re.compile(r"邮编|邮政编码")),
    (re.compile(r"公众号|微信(?!号)|qq群?", re.IGNORECASE), re.compile(r"公众号|微信|qq", re.IGNORECASE)),
)
"""Ways to reach somebody, each told by its own name."""
_MODAL = "要能会可得该须应想让给把被再还就都也才"
_ASKING = re.compile(
    r"(?:多少|几)(?:个)?(?:秒|分钟|小时|学时|课时|工作日|[天日周月年次回岁])?|多[久长大高]|什么|啥|哪|谁|怎|咋|如何|何时"
)
_FIGURE_OF = re.compile(
    r"(?P<of>[\u4e00-\u9fff]{3,12}?)(?:最低|最高|最少|最多|至少|起码|一般|应该|必须|应|须|要|得|是|为|有|到|达到|低于|高于|不低于|不超过)+(?:多少|几)"
)
"""Of what a figure is asked, before a copula.   near miss: 招生计划会砍掉多少"""
_COUNTS = re.compile(r"[一二两三四五六七八九十百千万几每各这那哪\d]")
_BY_LIST = re.compile(
    r"(?:编制|制定|制订|公布|发布|建立|动态调整|调整|完善|确定|遴选|评选|形成)[^,，。;；]{0,16}(?:目录|名单|清单|名录)|(?:目录|名单|清单|名录)[^,，。;；]{0,6}(?:动态|定期|另行|由)"
)
"""Says that a list will be drawn up, and not what is on it."""
_MEMBER = re.compile(
    r"^[^,，。?？]*?(?P<x>[\u4e00-\u9fff]{2,12}?)(?:到底|现在|究竟|还|也)*(?:算不算是?|属不属于|是不是属于|是不是|在不在|列没列[进入]|进没进|(?:算是?|属于|算作)(?=[^,，。?？]*[吗么不]))(?P<y>[^,，。?？]{2,16})"
    r"|(?:目录|名单|清单|名录)(?:里头|里面|里|上|中)?(?:到底|现在|究竟)?(?:有没有|有无|包不包括|含不含|列没列|收没收|有)(?P<z>[^,，。?？哪什啥谁]{2,12}?)(?:这个|这种|这一)?(?:工种|职业|专业|项目)?(?:[吗么不没]|[?？]|$)"
)
"""Asks whether a thing is one of a kind: 焊工算不算急需紧缺工种, 目录里有没有焊工."""


_OTHERS = re.compile(
    r"(?:除了?|除去|除开)[^,，。?？]{2,40}(?:还有|另外|其[余他它]|剩下)(?:的?哪?(?P<m>[两二三四五六七八九十\d]+)[个条家所项类种名])?|(?:另外|其[余他它]|剩下|余下)的?(?P<n>[两二三四五六七八九十\d]+)[个条家所项类种名]"
)
_NAMES = r"[^,，。;；、:：]{2,24}"
_AND_SO_ON = re.compile(
    rf"(?P<items>{_NAMES}(?:、{_NAMES})*)等(?P<n>[两二三四五六七八九十\d]+)(?:大|个|条|家|所|项|类|种|名)"
)
"""Names some of a counted whole: 新能源汽车、物流装备等八大产业链."""


def find_missing_way(asked: Understanding, texts: Sequence[str]) -> str:
    """A way to reach somebody that is asked for and that none of the texts gives: 邮箱 where a telephone stands."""
    named = [match[0] for asks, _ in _WAYS if (match := asks.search(asked.text))]
    told = [t for asks, t in _WAYS if asks.search(asked.text)]
    is_told = any(t.search(text) for t in told for text in texts)
    return "" if is_told or _BY_PHONE.search(asked.text) or not named else named[0]


def find_missing_attribute(
    asked: Understanding, evidence: Sequence[Evidence], documents: Mapping[str, Document]
) -> str:
    """The name of the sentence that refuses; empty where what was found has what is asked for."""
    if asked.asks_sameness:
        return ""
    kinds = [(kind, match) for kind in KINDS if (match := kind.asked.search(asked.bare))]
    read = [(e, s) for e in evidence[:N_READ] for s in e.sentences]
    for kind, match in kinds:
        head = _find_head(asked.bare, evidence[0].weights, match)
        told = [(e, s) for e, s in read if kind.told.search(_text_of(e, s, documents))]
        own = {w for w in evidence[0].weights if kind.suffix and w.endswith(kind.suffix)}
        if not _is_of_head(head, [s for _, s in told], [s for _, s in read]):
            return "refused_figure"
        if own and not any(own & s.covered for _, s in told):
            return "refused_figure"
    if asked.measure and _is_unheard(asked, evidence):
        return "refused_figure"
    if _is_only_announced(asked, evidence) or _asks_others(asked, evidence):
        return "refused_register"
    return ""


def _find_head(
    text: str, weights: Mapping[str, float], match: re.Match[str], shortest: int = _LEAST_WORD
) -> set[str]:
    """The words that say of what the attribute is: those outside the words that ask for it."""
    return {
        w
        for w in weights
        if len(w) >= shortest
        and w[0] not in _MODAL
        and not wording.FRAME.search(w)
        and not (match.start() - len(w) < text.find(w) < match.end() or _ASKING.search(w))
    }


def _is_of_head(head: set[str], told: Sequence[Sentence], read: Sequence[Sentence]) -> bool:
    """Whether one of the sentences that tell the attribute says of what it is, as far as any sentence does."""
    if not told:
        return False
    return not any(head & s.covered for s in read) or any(head & s.covered for s in told)


def keep_of_thing(
    asked: Understanding, told: Sequence[Sentence], read: Sequence[Sentence], weights: Mapping[str, float]
) -> list[Sentence]:
    """Of sentences with a figure those that say of what it is.

    A lesson's 40 minutes are not how long an apprenticeship lasts, though minutes were asked for; nor is a figure of one item
    of an enumeration that of the next.
    """
    match = _ASKING.search(asked.bare)
    if match is None or asked.measure == "date":
        # A day may stand at the head of what it is the day of.
        return list(told)
    head = _find_head(asked.bare, weights, match, 1)
    end = _CLAUSE_END.search(asked.bare, match.end())
    tail = {
        w for w in weights if match.end() <= asked.bare.find(w) < (end.start() if end else len(asked.bare))
    }
    is_said = any(len(w) >= _LEAST_WORD for s in read for w in head & s.covered)
    return [
        s
        for s in told
        if (not is_said or head & s.covered) and not (s.apart & tail and tail & s.covered <= s.apart)
    ]


def _is_unheard(asked: Understanding, evidence: Sequence[Evidence]) -> bool:
    """Whether the figure is asked of something that no clause found says in any words: 注册资本要到多少."""
    match = _FIGURE_OF.search(asked.bare)
    if match is None:
        return False
    named = [w for w in evidence[0].weights if len(w) > _LEAST_WORD and match["of"].endswith(w)]
    if not named or _COUNTS.search(named[0]):
        return False
    pairs = {named[0][i : i + 2] for i in range(len(named[0]) - 1)}
    texts = [squeeze(e.clause.text) for e in evidence[:N_READ]]
    is_said = any(pair in text for pair in pairs for text in texts)
    return not is_said and not any(named[0] in e.covered for e in evidence[:N_READ])


def _is_only_announced(asked: Understanding, evidence: Sequence[Evidence]) -> bool:
    """Whether a thing is asked after on a list that the best clause only says will be drawn up."""
    match = _MEMBER.search(asked.bare)
    if match is None:
        return False
    thing = squeeze(match["x"] or match["z"] or "").lower()
    texts = [squeeze(e.clause.text).lower() for e in evidence[:N_READ]]
    return bool(_BY_LIST.search(texts[0])) and not any(thing in text for text in texts)


def _asks_others(asked: Understanding, evidence: Sequence[Evidence]) -> bool:
    """Whether the rest of a counted whole is asked for of which the best clause names only what the asker knows.

    除了甲学院还有哪五所 of 甲学院、乙学院等6所院校 is told 乙学院; where it says 甲学院、乙学院 both, there is no more.
    """
    others = _OTHERS.search(asked.text)
    if others is None:
        return False
    for match in _AND_SO_ON.finditer(squeeze(evidence[0].clause.text)):
        items, n = match["items"].split("、"), read_number(match["n"])
        said = others["n"] or others["m"]
        left = read_number(said) if said else None
        is_rest = left is not None and n == left + len(items)
        if n is not None and n > len(items) and (is_rest or all(_is_named(i, asked.text) for i in items)):
            return True
    return False


def _is_named(item: str, text: str) -> bool:
    """Whether a text names a thing of a list, by its whole name or the characters at both ends of it."""
    pairs = {item[i : i + 2] for i in range(len(item) - 1)}
    return item in text or sum(pair in text for pair in pairs) * 2 >= len(pairs)


def _text_of(evidence: Evidence, sentence: Sentence, documents: Mapping[str, Document]) -> str:
    """A sentence as it is read; of a row the whole, with its headers."""
    clause = evidence.clause
    if clause.cells:
        return squeeze("".join(f"{c.header}{c.text} " for c in clause.cells))
    return squeeze(documents[clause.document].source[sentence.span.start : sentence.span.end])
