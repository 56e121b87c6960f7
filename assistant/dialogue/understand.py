"""Question → what is asked: where to look, what kind of thing is wanted, which parts it has.

In: the asker's words, the corpus and the region tree. Out: `Understanding`. Everything here is a property
of the language people ask in; what a document says never enters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from assistant.dialogue.references import ReferenceFinder, References
from assistant.documents.normalize import normalize_text, squeeze
from assistant.documents.regions import Region, RegionTree
from assistant.models import Question, Span

Bound = Literal["most", "least"]
Measure = Literal["money", "share", "time", "date", "count"]

_ISSUE = r"(?:发布|发文|印发|出台|下发|成文|颁布|公布|通过|落款|转发|签发|发|出)(?:的|于|在|是)*"
_WHEN = r"(?:哪天|哪一天|哪日|哪年|哪一年|什么时候|何时|几月|几号(?!文)|日期|时间)"
# What a question about a document itself asks for → the path of the clause that says it.
_META: list[tuple[str, re.Pattern[str]]] = [
    ("contact", re.compile(r"联系人|联系电话|联系方式|电话|打给谁|找谁(?:问|咨询|联系)|咨询(?:谁|哪)|怎么联系|联系谁|传真|邮箱|号码是")),
    ("date", re.compile(rf"{_ISSUE}[^，。]{{0,4}}{_WHEN}|{_WHEN}[^，。]{{0,3}}{_ISSUE}|(?:发文|成文|印发|落款|发布|下发|颁布)的?(?:日期|时间|日子)")),
    ("enactment", re.compile(rf"(?:施行|生效|实施)[^，。]{{0,4}}{_WHEN}|{_WHEN}[^，。]{{0,3}}(?:施行|生效|实施)|(?:施行|生效)(?:日期|时间)")),
    ("number", re.compile(r"文号|几号文|发文字号|文件编?号|什么字号|多少号文")),
    ("issuer", re.compile(r"(?:哪个|哪些|什么|哪几个)(?:单位|部门|机关|机构)(?:联合)?(?:发|印发|制定|出台|下发|颁布|发布|转发)|(?:谁|哪家)(?:发|印发|制定|出台|下发|转发)|发文(?:机关|单位|部门)|印发单位")),
    ("organizer", re.compile(r"主办")),
    ("supervisor", re.compile(r"督办")),
    ("copies", re.compile(r"抄送|抄报|分送|发送给")),
    ("addressees", re.compile(r"主送|发给(?:谁|哪些)|印发给")),
    ("disclosure", re.compile(r"公开方式|主动公开|(?:是否|能不能|可以|可不可以)公开(?:吗)?$")),
    ("annexes", re.compile(r"(?:有|附|带)(?:几个|哪些|哪几个|多少个?)附件|附件(?:有哪些|目录|清单有)")),
    ("title", re.compile(r"(?:全称|标题|全名|题目)(?:是|叫)?")),
]
_NOT_ASKED = r"(?<![哪好这近过了那占第])"
_MONEY = re.compile(r"(?:多少|几)(?:钱|元|块)|多少[^，。？?]{0,6}(?:费|工资|补贴(?!性)|补助|奖金|资金)(?!的?人)|(?:费|抵|工资|薪水|奖金|补助金?|补贴(?!性|的)|津贴|报酬|押金|罚款|标准|养老金|低保)[^，。？?]{0,8}(?<!占)(?:多少|几(?!个|项|类|种|所|次))(?!人|家|所|个|次|种|天|年|分之|比例|工作日|学时|课时)|(?:补|发|涨|降|交|收)(?:了)?多少(?!人|个|次|所|天|年)|给多少钱|费[^，。]{0,4}怎么收|要不要[^，。]{0,4}交[^，。]{0,6}费|每人.{0,4}补.{0,2}多少|how much")
_SHARE = re.compile(r"百分之几|百分比|多少比例|比例.{0,6}(?:多少|几)|占.{0,8}(?:多少|几成)|几成|几倍|多少倍|上浮多少|满意度.{0,6}多少")
_TIME = re.compile(rf"(?:多少|{_NOT_ASKED}几)(?:个)?(?:工作日|天|日|周|星期|月|年|小时|分钟|学时|课时)|多久|多长时间|多长(?!度)|天数|时限|分钟数|课时数|学时数")
_DATE = re.compile(r"什么时候|哪一?天|哪一?年|几月|何时|哪个月|截止|到什么时间")
_COUNT = re.compile(rf"多少(?P<m>人次|人|名|位|所|个|家|门|种|项|条|次|套|间|批|本)?|{_NOT_ASKED}几(?![乎月天年])|数字(?!化|经济|河北|中国)|数量|名额|最(?:多|少)(?:能|可以|要|配|坐|招|收)|how many")
_MOST = re.compile(r"最多|最长|最高|最晚|最迟|上限|封顶|至多|不能超过|不得超过|不超过(?=多少|几)|顶多|以内吗")
_LEAST = re.compile(r"最少|最短|最低|最早|下限|起码|至少|不(?:得|能)?(?:少于|低于)(?=多少|几)|保底")
_COMPARE = re.compile(r"一样吗|一致吗|相同吗|是否(?:一样|一致|相同)|有(?:什么|何|啥)?(?:区别|不同|差别|差异)|不一样|对比|比较|分别是?|各(?:是|自|有|要|提|为)?(?:多少|几|什么|怎)?|相比|比[^，。]{1,14}(?:多|少|高|低|严|松)|谁(?:更)?(?:多|高|大|少|低)|同样吗|一回事|矛盾|冲突|对得上|说明什么|还是")
_SAME = re.compile(r"一样吗|一致吗|相同吗|是否(?:一样|一致|相同)|区别|不同|差别|差异|不一样|对比|比较|相比|矛盾|冲突|对得上|同样吗|一回事|谁(?:更)?(?:多|高|大|少|低)|比[^，。]{1,14}(?:多|少|高|低|严|松)")
_LIST = re.compile(r"哪些|哪几|有几(?:项|条|个|类|种)|包括什么|都有(?:谁|什么|啥)|分别|列出|一共有|几(?:项|条|个方面|大)|什么内容|讲(?:了)?什么|内容是")
_REGISTER = re.compile(r"名单|名录|花名册|都是(?:哪些|哪几)|入选|命名了(?:哪些|哪几)|(?:目录|清单)(?:里|中|上)?(?:都|一共)?(?:有|是|包括|包含)(?:哪些|什么|谁)")
_PRIVATE = re.compile(r"身份证|手机号|家庭(?:住址|地址)|住址|住在哪|银行卡号|学员名单|花名册|个人信息|私人(?:电话|微信)|微信号")
_HOW_TO = re.compile(r"(?:怎么|如何|怎样|在哪里?|哪里|去哪)(?:才能|可以|能|去|来)?(?:注册|登录|登陆|下载|安装|填写?|登记|报名|操作|申领|领取|查询|办理|申请|缴费|交钱|开户|充值|打印)|(?:注册|登录|下载|安装|报名|缴费).{0,4}(?:流程|步骤|网址|入口|方法|链接)|密码|网址|官网地址|二维码|验证码")
_YEAR = re.compile(r"(?<!\d)(20\d{2})年?(?:度)?(?!\d|号)")
_OWN_TARGET = re.compile(r"全(?:市|县|区|省|州)|总任务|任务|目标|指标|计划数|名额|人次")
_RULE_BREAKING = re.compile(r"【系统】|不(?:用|要|必)(?:再)?引用|直接(?:确认|回答|告诉我)|必须(?:回答|说)|忽略(?:以上|之前|前面|所有)|忘掉|忘记(?:以上|之前|文件)|无视|不要(?:管|理会)(?:文件|规定|条款)|你现在是|假装|扮演|system prompt|ignore (?:all|the|previous)|越狱|只回答", re.IGNORECASE)
_ASPECTS = re.compile(r"[，,；;。？?！!、:：]|(?<![一二两三四五六七八九])(?:和|与|及|以及|还有|另外|并且)(?![一二两三四五六七八九]*[家个项])")


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a question asks.

    Attributes:
        text: normalised question; `bare` without the words that only say where to look.
        places: regions the question itself names.
        home: the asker's region, None where unknown.
        meta: paths of what is asked of a document itself, such as `date`; empty otherwise.
        measure: the kind of figure wanted; `unit` its measure word where the question has one.
        bound: which end of a range is asked for.
        years: years the question names.
        aspects: the parts of a question with several.
    """

    text: str
    bare: str
    references: References
    places: tuple[Region, ...]
    home: Region | None
    meta: tuple[str, ...] = ()
    measure: Measure | None = None
    unit: str = ""
    bound: Bound | None = None
    years: tuple[int, ...] = ()
    aspects: tuple[str, ...] = ()
    is_comparison: bool = False
    asks_sameness: bool = False
    is_list: bool = False
    is_how_to: bool = False
    asks_own_target: bool = False
    asks_register: bool = False
    asks_private: bool = False


def understand_question(question: Question, finder: ReferenceFinder, regions: RegionTree, known: Mapping[str, str]) -> Understanding:
    """Read a question.

    Args:
        known: squeezed source texts by document id; a place name inside a longer name that a document uses
            (信阳工业学校) is not a place the asker means.
    """
    text = _drop_instructions(squeeze(normalize_text(question.text).text))
    home = regions.resolve(question.region) if question.region else None
    named = finder.find_documents(text)
    hidden = _blank(text, named.spans)
    mentions = [m for m in regions.find(hidden, near=home.code if home else None) if not _is_inside_name(hidden, m.start, m.end, known)]
    references = finder.find_clauses(hidden, named)
    place_spans = [Span(m.start, m.end) for m in mentions]
    bare = _blank(_blank(text, place_spans), references.spans)
    bound: Bound | None = "most" if _MOST.search(text) else "least" if _LEAST.search(text) else None
    measure, unit = _measure(bare)
    return Understanding(
        text=text,
        bare=re.sub(r"\s+", "", bare) or text,
        references=references,
        places=tuple(dict.fromkeys(m.region for m in mentions)),
        home=home,
        meta=tuple(path for path, pattern in _META if pattern.search(hidden)),
        measure=measure,
        unit=unit,
        bound=bound,
        years=tuple(dict.fromkeys(int(y) for y in _YEAR.findall(hidden))),
        aspects=_split_aspects(bare),
        is_comparison=bool(_COMPARE.search(text)),
        asks_sameness=bool(_SAME.search(text)),
        is_list=bool(_LIST.search(text)),
        is_how_to=bool(_HOW_TO.search(text)),
        asks_own_target=bool(_OWN_TARGET.search(text)),
        asks_register=bool(_REGISTER.search(text)),
        asks_private=bool(_PRIVATE.search(text)),
    )


def _drop_instructions(text: str) -> str:
    """`text` without the sentences that tell the assistant how to behave; all of it where nothing else is left."""
    sentences = re.split(r"(?<=[。！!；;:：\n])", text)
    kept = "".join(s for s in sentences if not _RULE_BREAKING.search(s))
    return kept or text


def _measure(text: str) -> tuple[Measure | None, str]:
    if _SHARE.search(text):
        return "share", "%"
    if _MONEY.search(text):
        return "money", "元"
    if match := _TIME.search(text):
        return "time", re.sub(r"^(?:多少|几)个?|多久|多长时间|多长", "", match[0])
    if match := _COUNT.search(text):
        return "count", match.groupdict().get("m") or ""
    return ("date", "") if _DATE.search(text) else (None, "")


def _split_aspects(text: str) -> tuple[str, ...]:
    """The parts of a question that each have something of their own to look for."""
    parts = [part.strip() for part in _ASPECTS.split(text)]
    return tuple(part for part in parts if len(part) >= 2) if len(parts) > 1 else ()


def _is_inside_name(text: str, start: int, end: int, known: Mapping[str, str]) -> bool:
    """True where the name goes on in the question as it does in some document: 信阳｜工业学校."""
    tail = text[start : end + 3]
    return len(tail) > end - start + 2 and " " not in tail and any(tail in source for source in known.values())


def _blank(text: str, spans: tuple[Span, ...] | list[Span]) -> str:
    """`text` with the spans blanked, so that offsets stay."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
