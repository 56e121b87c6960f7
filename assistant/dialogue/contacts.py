"""Of a document's contact lines those that a question means: by office, subject or duty, and by the way it asks for.

In: the contact clauses of the documents asked about and the words of a question. Out: the clauses told. The office may be
said short (文旅厅 of 文化和旅游厅) or in words that the thesaurus puts officially. Where nothing singles one out, all are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.dialogue.attribute_kinds import PHONE
from assistant.documents.normalize import squeeze
from assistant.models import Clause
from assistant.retrieval.thesaurus import Thesaurus

_MOST = 8
"""Contact lines told where nothing singles one out."""
_LEAST = 2
"""Pairs of characters that a line shares with a question, below which it is not the one meant."""
_LONGEST_OFFICE = 9
_ENDS = "厅局委办会联部科处股室"
_BOUNDS = "厅局委处科股室"
# 人社局, 残联, 省文旅厅   near miss: 办(理)
_OFFICES = re.compile(rf"[\u4e00-\u9fff]+?[{_ENDS}]")
_ENDS_OFFICE = re.compile(rf"(?:[{_ENDS}]|部门|中心)$")
_PERSON = re.compile(r"联系人[:：]?[\u4e00-\u9fff]{2,3}(?=联系电话|电话|[,，、(（:：\d]|$)")
# 财政局负责拨款的是哪个科,电话多少; 协作站的电话   near miss: 学校乱收费打什么电话
_NAMED = re.compile(
    r"(?P<office>[\u4e00-\u9fff]{2,10}(?:[局厅](?!长)|委(?![员托派])|[残妇]联|总工会|服务中心|办公室))"
    r"|(?P<of>[\u4e00-\u9fff]{2,10}(?:站|所|中心|学校|学院|公司|法院|协会))的?(?:办公|联系|咨询|值班)?(?:电话|座机|号码|联系方式)"
)
# What every such line, or every such question, says.
_COMMON = re.compile(
    r"联系人|联系|电话|号码|咨询|地址|邮箱|时间|工作日|单位|部门|[,，。;；:：()（）、\d\-—]+"
)
_WANTS = (
    # 办公在哪, 地址是   near miss: 办公室设在哪, 培训地点在哪
    (
        re.compile(
            r"办公(?:地[址点]|的?地方|场所)?[是在]?(?:哪|什么地方)|(?:办公|联系|单位|邮寄)?地址|在(?:哪|什么地方)[儿里]?办公"
        ),
        re.compile(r"地址|地点"),
    ),
    # 下午几点上班   near miss: 几点上课
    (
        re.compile(r"几点(?:钟)?[^,，。?？]{0,2}(?:[上下]班|开门|关门)|(?:上班|办公|工作)时间"),
        re.compile(r"\d{1,2}[:：]\d{2}"),
    ),
    (re.compile(r"电话|号码|座机|打给"), PHONE),
)
"""What is asked for, and how a line tells it."""


def choose_contacts(
    contacts: Sequence[Clause], question: str, thesaurus: Thesaurus | None = None
) -> list[Clause]:
    """The contact lines that answer a question, in the order of the text.

    Args:
        contacts: all that may; one clause a line.
        question: its normalised words.
        thesaurus: whose official words for those of the question count too.
    """
    wanted = [told for asks, told in _WANTS if asks.search(question)]
    groups = [[c for c in contacts if told.search(squeeze(c.text))] for told in wanted]
    groups = [group for group in groups if group] or [list(contacts)]
    chosen = {c.clause_id for group in groups for c in _choose_named(group, question, thesaurus)}
    return [c for c in contacts if c.clause_id in chosen]


def find_missing_office(contacts: Sequence[Clause], question: str, thesaurus: Thesaurus | None = None) -> str:
    """An office whose contact is asked for where every line is of another one; empty where one may be its.

    A line without an office (联系人：张明 电话：0376-3976216) may be anybody's.
    """
    lines = [_COMMON.sub(" ", _PERSON.sub("", squeeze(c.text))).strip() for c in contacts]
    named = [m["office"] or m["of"] for m in _NAMED.finditer(question)]
    if not named or not all(map(_list_pairs, lines)):
        return ""
    if any(len(_find_shared(line, name, thesaurus)) >= _LEAST for line in lines for name in named):
        return ""
    return named[0]


def _choose_named(group: Sequence[Clause], question: str, thesaurus: Thesaurus | None) -> list[Clause]:
    """Of several lines the one whose words a question says, else all, no more than can be read."""
    if len(group) < 2:
        return list(group)
    texts = [_COMMON.sub(" ", squeeze(c.text)) for c in group]
    pairs = [_find_shared(text, question, thesaurus) for text in texts]
    # What all lines say tells none of them apart.
    common = set.intersection(*pairs)
    scores = [len(own - common) for own in pairs]
    most = max(scores)
    if most < _LEAST:
        return list(group)[:_MOST]
    return [c for c, score in zip(group, scores, strict=True) if score == most]


def _find_shared(text: str, question: str, thesaurus: Thesaurus | None) -> set[str]:
    """What a line and a question have in common: pairs of characters, and offices that are said short."""
    shared = {p for p in _list_pairs(text) if p in question}
    for office in _list_short(question):
        if office in text or _is_short_for(office, text):
            # One more than its pairs: 残联 alone names an office.
            shared |= {*_list_pairs(office), f"{office} "}
    for expansion in thesaurus.expand(question) if thesaurus else ():
        is_office = _ENDS_OFFICE.search(expansion.say) is not None
        for word in expansion.means:
            # 就业服务中心 may be meant by 人社局, and is another office all the same.
            is_same = not is_office or _is_within(word, expansion.say) or _is_within(expansion.say, word)
            if word in text and is_same:
                shared |= {*_list_pairs(word), f"{word} "}
    return shared


def _list_pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1) if " " not in text[i : i + 2]}


def _list_short(question: str) -> Iterable[str]:
    """The names of offices in a question, each the longest that ends there and its shorter ends."""
    for match in _OFFICES.finditer(question):
        name = match[0][-_LONGEST_OFFICE:]
        yield from (name[i:] for i in range(len(name) - 1))


def _is_short_for(short: str, text: str) -> bool:
    """Whether a name in a text is what a short one stands for: 文旅厅 of 文化和旅游厅; it begins and ends alike."""
    if len(short) < 3 or short[-1] not in _ENDS:
        return False
    # The characters left out are few, and none of them ends another office.
    gap = rf"[^\s{_BOUNDS}]{{0,5}}?"
    return re.search(gap.join(map(re.escape, short)), text) is not None


def _is_within(short: str, long: str) -> bool:
    """Whether the characters of a name stand in another one in their order: 残联 in 残疾人联合会."""
    rest = iter(long)
    return all(char in rest for char in short)
