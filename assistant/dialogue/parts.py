"""A question that asks several things at once → its parts, each a question of its own.

In: a normalised question. Out: parts in reading order, none where it asks one thing. 一节课最短多久，动手的占多大比例 has two
of them, and so has 论坛和工坊分别由谁负责; what is said before them is said with each.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from assistant.dialogue import wording

_BREAK = re.compile(r"[,，;；。?？!！]")
_WEAK_BREAK = re.compile(r"、(?=[^、]{0,12}(?:多少|几|谁|什么|啥|哪|怎么|多久|多长))")
"""Breaks what asks twice (几名老师、几个工位), but not a list of which one thing is asked."""
_EACH = re.compile(
    r"^(?P<head>(?:[^,，:：]*[,，:：])?)(?P<topics>[^,，]{4,44}?)(?:这?(?:两|二|三|几|俩)(?:项|个|条|块|件事|件|类|种|方面|者))?"
    r"[,，]?(?:分别|各自?(?!种|类|项|级|地|位|个|县|市|部门|单位|有关|职业|学校)|都)(?P<asked>[^,，]*)[?？]?$"
)
_AND = re.compile(r"、|和|与|及|以及|跟|还有")
_LISTED = re.compile(
    r"^(?P<head>.{2,30}?)(?:各自?|分别|都)(?P<asked>(?:是|要|得|有|为)*(?:多少|几)[^,，:：]{0,4})[:：](?P<topics>[^:：?？]{4,44})[?？]?$"
)
"""三大块的底线各是多少：就业技能、创业、高技能人才."""
_SHARED = re.compile(
    r"^(?P<lead>[^、]*[在对])?(?P<topics>[^、]{2,}、.+?|.+?(?:和|与|跟).+?)[两二三四五六几]大?(?:类|项|种|块)(?P<tail>.{2,})$"
)
"""每年在就业技能、创业、高技能人才三类培训上的底数."""
_OFTEN = re.compile(r"(?:每|一|全)年(?:的|在|要)?")
"""每年的就业技能、创业培训各是多少: said of each."""
_COUNTS = {"两": 2, "二": 2, "俩": 2, "三": 3, "仨": 3, "四": 4, "五": 5, "六": 6}
_COUNTED = re.compile(
    r"^(?P<topics>[^,，]{4,44}?)这?(?P<n>[两二俩三仨四五六])大?(?:样|项|类|种|块|个|件|条)(?P<tail>[^,，]{0,6})[,，](?P<asked>.*"
    r"(?:多[少久长]|几|谁|什么|啥|哪|怎么|咋).*)$"
)
"""就业技能、创业、高技能人才这三样培训,每年最少各得办多少人次. Near miss: 农民培训的三个部门, which names one."""
_DISTRIBUTES = re.compile(r"分别|各自?(?!种|类|项|级|地|位|个|县|市|部门|单位|有关|职业|学校)")
_TOGETHER = re.compile(
    r"加起来|加在一起|加一?[块起]|合计|合起来|相差|差(?:多少|几)|[比跟和与].*[多少高低]|一样|区别|不同|哪[个项样种类块]"
)
"""Asks one thing of several topics together."""
_INDEFINITE = re.compile(r"(?:[过好这那后头上下十]|(?<!提)前)几(?!成|号)")
"""上过几回培训班的 tells, and does not ask.   near miss: 要上几回, 提前几天"""
_SHORT = 8
"""Code points up to which a part is not understood without the one before."""
_ELLIPTIC = re.compile(
    r"^(?P<topic>[^,，]{2,10}?)(?:(?:的(?:又?[是要有])?|又[是要有]?)(?:多少|几(?!何)[^,，]{0,3}|谁|啥|什么)|(?:的又?)?呢)[?？]?$"
)
"""创业的又是多少, 快递员呢: what is asked of it is what was asked before. Near miss: 编制占多少."""
_PREDICATE = re.compile(
    r"(?<=..)(?:的)?(?:[一每全]年|一共|总共|最[多少低高]|至少|(?<![主重])要|(?<![技功智才职性])能|(?<![社工协])会"
    r"|(?<![所国还])有|(?<!适)应该?|[得该占归由给]|可以|是|完成|培训(?=多少|几))"
)
"""Where a question stops naming its topic: 高技能的|一年要培训多少."""
_NAMED = re.compile(r"[^,，]{2,}的(?:[咋怎谁归由哪]|要?几|要?多少)")
"""A short part that names its own topic: 骗补贴的咋处理. Near miss: 拿几个月, 责任单位是谁."""
_LEAST_TOPIC = 2
MOST_PARTS = 4


class Part(NamedTuple):
    """A part of a question.

    Attributes:
        is_topic: True where the question names several topics and asks the same of each.
    """

    text: str
    is_topic: bool


def split_parts(text: str) -> list[Part]:
    """The parts of a question; empty where it has but one."""
    topics = [Part(part, True) for part in _split_topics(text)]
    return topics or _split_asking(text)


def _split_asking(text: str) -> list[Part]:
    """The pieces between commas that each ask something, with what was said since the one before."""
    parts: list[Part] = []
    said = ""
    for strong in _BREAK.split(text):
        if topics := _split_topics(strong):
            parts += [Part(f"{said}{topic}", True) for topic in topics]
            said = ""
            continue
        for piece in _WEAK_BREAK.split(strong):
            if not _asks(piece):
                said += f"{piece}," if piece else ""
                continue
            parts.append(Part(_complete(piece, said, parts[-1].text if parts else ""), False))
            said = ""
    return parts[:MOST_PARTS] if len(parts) > 1 else []


def ends_asking(text: str) -> bool:
    """Whether the last thing said is asked: what stands behind the parts of a question belongs to all of it."""
    return _asks(next((piece for piece in reversed(_BREAK.split(text)) if piece), ""))


def _asks(piece: str) -> bool:
    return bool(wording.ASKS.search(_INDEFINITE.sub("", piece)))


def _complete(piece: str, said: str, before: str) -> str:
    """A piece with what it needs of the part before to be understood."""
    # What was said before a question is said with the next one too: A计划,一年训多少,补贴性的多少.
    lead, comma, asked = before.rpartition(",")
    elliptic, predicate = _ELLIPTIC.match(piece), _PREDICATE.search(asked)
    if elliptic and predicate and not said:
        return f"{lead}{comma}{elliptic['topic']}{asked[predicate.start() :]}"
    lead = f"{before}," if before and len(piece) < _SHORT and not _NAMED.match(piece) else ""
    return f"{lead}{said}{piece}"


def _split_topics(text: str) -> list[str]:
    """The topics of which 分别 or 各 asks the same, or which are counted before it is asked."""
    if counted := _COUNTED.match(text):
        named = _name_topics(counted["topics"])
        if len(named) == _COUNTS[counted["n"]] and not _TOGETHER.search(counted["asked"]):
            asked = _DISTRIBUTES.sub("", counted["asked"])
            return [f"{topic}{counted['tail']},{asked}" for topic in named]
    match = _LISTED.match(text) or _EACH.match(text)
    if not match or not wording.ASKS.search(match["asked"]):
        return []
    lead, topics, tail = _find_shared(match["topics"])
    named = _name_topics(topics)
    asked = f"{tail}{match['asked']}"
    return [f"{match['head']}{lead}{topic}{asked}" for topic in named] if len(named) > 1 else []


def _name_topics(text: str) -> list[str]:
    return [topic for topic in _AND.split(text) if len(topic) >= _LEAST_TOPIC]


def _find_shared(topics: str) -> tuple[str, str, str]:
    """What is said with each of several topics before and behind them, the topics between the two."""
    if shared := _SHARED.match(topics):
        return shared["lead"] or "", shared["topics"], shared["tail"]
    often = _OFTEN.match(topics)
    return (often[0], topics[often.end() :], "") if often else ("", topics, "")
