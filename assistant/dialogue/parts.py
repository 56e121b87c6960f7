"""A question that asks several things at once → its parts, each a question of its own.

In: a normalised question. Out: parts in reading order, none where it asks one thing. 一节课最短多久，动手的占多大比例 has two
of them, and so has 论坛和工坊分别由谁负责; what is said before them is said with each.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from assistant.dialogue import wording

_BREAK = re.compile(r"[,，;；。?？!！]|、(?=[^、]{0,12}(?:多少|几|谁|什么|啥|哪|怎么|多久|多长))")
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
    return topics or [Part(part, False) for part in _split_asking(text)]


def _split_asking(text: str) -> list[str]:
    """The pieces between commas that each ask something, with what was said since the one before."""
    parts: list[str] = []
    said = ""
    for piece in _BREAK.split(text):
        if not piece:
            continue
        if not wording.ASKS.search(piece):
            said += f"{piece},"
            continue
        parts.append(_complete(piece, said, parts[-1] if parts else ""))
        said = ""
    return parts[:MOST_PARTS] if len(parts) > 1 else []


def _complete(piece: str, said: str, before: str) -> str:
    """A piece with what it needs of the part before to be understood."""
    elliptic, predicate = _ELLIPTIC.match(piece), _PREDICATE.search(before)
    if elliptic and predicate and not said:
        return elliptic["topic"] + before[predicate.start() :]
    lead = f"{before}," if before and len(piece) < _SHORT and not _NAMED.match(piece) else ""
    return f"{lead}{said}{piece}"


def _split_topics(text: str) -> list[str]:
    """The topics of which 分别 or 各 asks the same."""
    match = _LISTED.match(text) or _EACH.match(text)
    if not match or not wording.ASKS.search(match["asked"]):
        return []
    lead, named, tail = _find_shared(match["topics"])
    topics = [topic for topic in _AND.split(named) if len(topic) >= _LEAST_TOPIC]
    asked = f"{tail}{match['asked']}"
    return [f"{match['head']}{lead}{topic}{asked}" for topic in topics] if len(topics) > 1 else []


def _find_shared(topics: str) -> tuple[str, str, str]:
    """What is said with each of several topics before and behind them, the topics between the two."""
    shared = _SHARED.match(topics)
    return (shared["lead"] or "", shared["topics"], shared["tail"]) if shared else ("", topics, "")
