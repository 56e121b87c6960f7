"""Messages about the answer before: where it stands, what else stands there, why, what is still missing.

In: a message of a conversation. Out: what it wants, or nothing.
"""

from __future__ import annotations

import re
from typing import Literal

About = Literal["basis", "rest", "again", ""]

_SOURCE = r"依据|根据|出处|来源|原文|原话|条款|凭什么|哪一?[条款页章节]|第几[条款页章节项]|哪[个份]文件?|什么文件?|(?:出|来|引|摘)自"
_BASIS = re.compile(
    rf"(?=.*(?:{_SOURCE}))(?:{_SOURCE}|[这那它](?:个|条|句|话|个?数|个?答案)?|[你您]|刚才|刚刚|上面|前面|规定|文件|文号|发|全文"
    r"|是什么|是啥|怎么|咋|哪[里儿]|写|说|讲|答|给我|给俺|看看|贴|找|在|的|是|有|了|来着|一下|[,，、])*"
)
"""出自哪个文件第几条, 原文是怎么写的, 在哪一页. Near miss: 第几条讲师资, 哪个文件管这事."""
_SURE = re.compile(
    r"(?:[你您])?(?:(?:能)?确定|肯定|保证|真的|当真|靠谱|准确?|没(?:弄|搞|记|说|看)?错)(?:是?这样)?(?:吗|么|不|吧|嘛|的吗|假的|不准|不靠谱)"
)
_REST = re.compile(
    r"(?:还有|还|除了这[个些条]?(?:以外|之外|外)?|此外|另外)(?:有|要)?(?:没有?)?(?:别的|其[他它余]的?|哪些|什么|啥)(?:要求|规定|条件|限制|说法|内容|讲究|(?:要|该)?注意的)?"
    r"(?:没有?|吗|么|不)?|(?:别的|其[他它余]的?)(?:要求|规定|条件|限制|说法|内容)?(?:有没有|有吗|没有?|吗|么|是什么|是啥|有哪些|有啥)?"
)
"""还有别的要求没, 别的呢. Near miss: 还有多少, 有什么要求."""
_WHY = re.compile(
    r"(?:为啥|为什么|凭啥|凭什么|咋就?|怎么就?|哪里|哪儿)(?:说)?(?:不(?:行|合格|合规|能开|能|可以|达标|符合|够|能办)|行|合格|可以|能开|算合格)?了?"
)
_MISSING = re.compile(
    r".{0,4}还(?:差|缺|要|得|需要?|想)(?:我|你|知道|告诉你?|说|提供|补充?|问)*(?:点)?(?:哪些|哪几[样个项]|什么|啥)"
    r"(?!材料|证件|手续|老师|教师|设备)(?:信息|情况|数据|条件|内容|没说|没讲)?[^,，。?？]{0,8}"
)
"""还差啥信息你才能判; only where something was asked."""

_STANDS = re.compile(
    r"(?:(?:材料|情况|条件|数据|信息|资料|手续)?(?:就|也就|只有|都)(?:这些|这么多|这样|齐|说完|报完|给你|告诉你)了?[,，。])?"
    r"(?:那么?|你|帮我|给我|麻烦)*(?P<now>现在|这下|这样|照这样|目前)?(?:看看?|算下?来)?[,，]?(?:条件|手续|我们?|这个?班)?(?:到底|都|就|也|算)*"
    r"(?:能|可以|够|行|中|符合|合格|合规|达标|过关)(?:条件|要求|规定|标准)?(?:开班?|办班?|不够|不行|不能)?了?(?:没有?|吗|么|不|吧)?"
)
"""材料就这些,现在条件够了没有: the case as it was told. Near miss: 老师够了没有, 现在能报名吗."""

_OF_CASE = (
    r"(?:那么?|你|帮|给我|麻烦|看|算下?来|这样|照这样|现在|目前|这下|到底|究竟"
    r"|我们?|咱们?|俺们?|这个?|该|本|期|培训|班|条件|就|也|都|算|还|[,，])*"
)
_OPENS = re.compile(
    rf"{_OF_CASE}(?:(?:能|能不能|能否|可以|可不可以|可否|准不准|让不让|许不许)(?:再|就)*(?:[开办]|批(?:准|下来|得下来)?)(?:这个|成|得成|起来)*|[开办]得[了成起]来?|批[得不]下来)(?:培训)?[班课]?(?:下来)?"
    r"(?:了|啊|呀|呢|吗|么|嘛|吧|不|没有?|不能|不可以|[?？。!！])*"
)
_JUDGES = re.compile(
    rf"{_OF_CASE}(?:合规|合格|达标|过关|符合(?:要求|规定|条件)|合不合(?:规矩?|格|要求)|符不符合(?:要求|规定|条件)|达不达标|行|中|成|行不行|中不中|成不成|可以|可不可以|没问题|有没有问题)"
    r"(?:了|啊|呀|呢|吗|么|嘛|吧|不|没有?|[?？。!！])*"
)


def judges_case(text: str) -> Literal["class", "all", ""]:
    """Whether a message only asks how the case told so far comes out; "class" where it says that a class is to be held.

    能开班吗 behind 教师5名, 78个学员 asks for the verdict on all of it. Near miss: 理论课能开吗, 老师够不够.
    """
    if _OPENS.fullmatch(text):
        return "class"
    return "all" if _JUDGES.fullmatch(text) else ""


def stands(text: str) -> bool:
    """Whether a message only asks how the case told before comes out, and says that it is all or what holds now."""
    match = _STANDS.fullmatch(text)
    return bool(match and (match["now"] or re.search(r"[,，。]", text)))


def read_about(text: str, core: str, was_decided: bool, was_asked: bool) -> About:
    """What a message wants of the answer before; empty where it is about something else.

    Args:
        text: without the particles at its end; `core` also without what leads it in.
        was_decided: the answer before decided a rule; `was_asked` it asked for facts.
    """
    if was_decided and (stands(text) or judges_case(text)):
        return "again"
    if (was_asked and _MISSING.fullmatch(text)) or (was_decided and _WHY.fullmatch(core)):
        return "again"
    if any(pattern.fullmatch(core) for pattern in (_BASIS, _SURE, _WHY)):
        return "basis"
    return "rest" if _REST.fullmatch(text) else ""
