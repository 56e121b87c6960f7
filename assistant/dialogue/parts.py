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
_SHORT = 8
"""Code points up to which a part is not understood without the one before."""
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
        before = f"{parts[-1]}," if parts and len(piece) < _SHORT else ""
        parts.append(f"{before}{said}{piece}")
        said = ""
    return parts[:MOST_PARTS] if len(parts) > 1 else []


def _split_topics(text: str) -> list[str]:
    """The topics of which 分别 or 各 asks the same."""
    match = _LISTED.match(text) or _EACH.match(text)
    if not match or not wording.ASKS.search(match["asked"]):
        return []
    topics = [topic for topic in _AND.split(match["topics"]) if len(topic) >= _LEAST_TOPIC]
    return [f"{match['head']}{topic}{match['asked']}" for topic in topics] if len(topics) > 1 else []
