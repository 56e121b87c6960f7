"""What a follow-up takes over from the question before it, and what it puts in place of: 创业的呢, 那块呢, 全省加一块.

In: the words of both, and the texts that answered before. Out: the words of a question that stands on its own, or nothing
where the later one does not change the earlier so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from assistant.dialogue.exchange import asks, drop_mark, exchange_topic, find_alike

_HAN_PAIR = re.compile(r"[\u4e00-\u9fff]{2}")
_BLOCK = re.compile(
    r"(?:(?:那|这)(?:一)?(?:块儿?|方面|边|头|类|种|部分|个|项|摊子?)|方面)?的?(?:(?:任务|指标|目标|要求|情况)(?=$))?$"
)
"""The end of words that name a subject: 就业技能培训那块, 创业的."""
_NAMED_BLOCK = re.compile(r"(?<=[\u4e00-\u9fff]{2})(?:那|这)(?:一)?(?:块儿?|方面|边|头|摊子?)的?$")
_PHRASE = r"[^年月日的,，、。和与及是在对要需得每个条项?？]{1,12}"
_ASKS = re.compile(r"多少|几|什么|哪|怎么|谁")
_GAP = r"[\u4e00-\u9fff]{0,3}?"
_LONGEST_SUBJECT = 8
_LEAST_SUBJECT = 2

_WIDE = re.compile(
    r"^(?P<whole>全(?:省|市|县|区))(?:上下|范围)?(?:的|都|所有)?"
    r"(?P<adds>加(?:到|在)?一?[块起]儿?|一共|总共|合计|合起来|加起来|拢共|总的?|合一块儿?)?[,，的]*(?P<rest>.*)$"
)
"""全省加一块儿,补贴性的盘子是多大."""
_SIZE = re.compile(
    r"盘子|规模|总[数量]|数[目量]?|量|任务|目标|指标|人次|培训|是|有|要|得|该|应该?|多大|多少|几|的|呢|吗|啊|又|那|[,，?？。]|一共|总共|合计|[做搞训完成]"
)
"""What asks how much there is of something, and of nothing else."""
_SCHOOL = re.compile(r"(?:我们?|咱们?|俺们?)?(?:职业)?(?:学校|院校)|职校")
"""A school of no kind, in whose place one of a kind stands."""
_MIDDLE = re.compile(
    r"^(?:那么?|还有|再说)?[,，]?(?P<x>[^,，呢]{1,12})呢[,，、。]?(?P<rest>[^呢?？]{2,24})[?？]?$"
)
"""精品网课呢,几门; 那河北的呢电话也给我."""
_FIRST = re.compile(
    r"^(?:那|再|咱们?|我们?)*(?:说|讲|问|绕|转|看|回)?(?:回|到|回到|回头)?(?:说)?"
    r"(?:第一个|头一个|最先|最开始|开头|最初|一开始|最前面)(?:那个|问的|说的|的)*(?:问题|事儿?|话题)?(?:上)?[,，:：。]?(?P<rest>.+)$"
)
"""说回头一个,到2025年总共要多少. Near miss: 第一个班呢."""
_EACH_YEAR = re.compile(r"每年|一年|年均|每一年|年年")
_OWN_SPAN = re.compile(r"\d{4}年|总共|一共|合计|几年|累计")
_BOUND = re.compile(r"不(?:得|能)?(?:低|少|高|多|超)(?:于|过)|最[多少低高]|至少$")
_HOW_MANY = re.compile(r"(?:多少|几)(?:万)?(?:人次|个?人|名|个|门|种|所|家)?的?")
_CHANGED = re.compile(
    r"(?P<verb>[砍压缩裁削退降扣]|[提拉抬扩])(?P<to>[到成为至])(?=[\d一二两三四五六七八九十百])"
)
_FALLS = "砍压缩裁削退降扣"


def drop_block(core: str) -> str:
    """Words without 那块 and the like at their end, which say nothing: 创业培训那块."""
    return _NAMED_BLOCK.sub("", core) or core


def inherit_subject(earlier: str, core: str, texts: Iterable[str]) -> str:
    """The earlier question about another subject of its kind, its measure and its year kept; empty where none is said.

    Args:
        core: the new subject, as people shorten it (创业的 for 创业培训).
        texts: squeezed texts that have the name in full.
    """
    subject = _BLOCK.sub("", core, count=1)
    if not _LEAST_SUBJECT <= len(subject) <= _LONGEST_SUBJECT or asks(subject):
        return ""
    if subject != core and (alike := find_alike(earlier, subject)):
        return earlier.replace(alike, subject)
    if subject == core or subject in earlier:
        return ""
    texts = tuple(texts)
    for at in range(len(earlier) - 2, -1, -1):
        kind = earlier[at : at + 2]
        if not _HAN_PAIR.fullmatch(kind) or _ASKS.search(kind) or kind in subject:
            continue
        name = re.compile(f"{re.escape(subject)}{_GAP}{kind}")
        said = Counter(m for t in texts for m in name.findall(t))
        if found := max(said, key=lambda n: (said[n], -len(n), n), default=""):
            before = re.search(rf"{_PHRASE}$", earlier[:at])
            start = before.start() if before and not _ASKS.search(before[0]) else at
            return f"{earlier[:start]}{found}{earlier[at + 2 :]}"
    return ""


def widen(earlier: str, core: str, kinds: Iterable[tuple[int, int]]) -> str:
    """The earlier question of one kind of school or office about the whole place; empty where the message asks something else.

    Args:
        kinds: where the earlier question names what the whole place stands for.
    """
    match = _WIDE.match(core)
    if match is None:
        return ""
    rest = _SIZE.sub("", match["rest"])
    spans = sorted(set(kinds))
    if not spans or (rest and rest not in earlier):
        return ""
    start, end = spans[-1]
    return f"{earlier[:start]}{match['whole']}{earlier[end:]}"


def name_school(earlier: str, words: str) -> str:
    """The earlier question of a school of the kind and place named."""
    match = _SCHOOL.search(earlier)
    if match is None:
        return f"{words},{earlier}"
    return f"{earlier[: match.start()]}{words}{earlier[match.end() :]}"


def split_request(text: str) -> tuple[str, str]:
    """The subject of a message and what it wants of it besides: 精品网课呢,几门; empty where it has no such parts."""
    match = _MIDDLE.match(text)
    return (match["x"].removesuffix("的"), match["rest"]) if match else ("", "")


def go_back(opened: str, text: str) -> str:
    """What a message asks of the first question of a conversation; empty where it does not go back to it."""
    match = _FIRST.match(text)
    if match is None or not opened or not asks(match["rest"]):
        return ""
    rest = match["rest"]
    kept = _BOUND.sub("", _HOW_MANY.sub("", drop_mark(opened)))
    if _OWN_SPAN.search(rest):
        kept = _EACH_YEAR.sub("", kept)
    return f"{kept},{rest}"


def names_other(earlier: str, whole: str, core: str) -> bool:
    """Whether a question is of another subject than the one before, which it puts in its place: 那工位呢."""
    subject = drop_block(core)
    return (
        _LEAST_SUBJECT <= len(subject) <= _LONGEST_SUBJECT
        and not asks(subject)
        and subject not in earlier
        and subject in whole
        and not whole.startswith(drop_mark(earlier))
        and not whole.endswith(earlier)
    )


def say_change(text: str) -> str:
    """A text with the verbs that change a figure said in one way, of the same length: 实操砍到50课时, 实操减到50课时."""
    return _CHANGED.sub(lambda m: f"{'减' if m['verb'] in _FALLS else '加'}{m['to']}", text)


def exchange_subject(earlier: str, core: str, texts: Iterable[str]) -> str:
    """The earlier question about what the message names, inherited or put in its place."""
    return inherit_subject(earlier, core, texts) or exchange_topic(earlier, drop_block(core))
