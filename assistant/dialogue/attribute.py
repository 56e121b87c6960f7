"""Whether what was found has the attribute that is asked for, and not another one of the same thing.

In: an understood question and evidence, best first. Out: the name of the sentence that refuses, empty where nothing is
against an answer. The clause is about the thing and says nothing of its age limit, of the day of the month, of how often:
what kind of thing is asked for must stand in a sentence that also says of what it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from assistant.dialogue import wording
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


class Kind(NamedTuple):
    """A kind of thing that is asked for, and how a text tells one."""

    asked: re.Pattern[str]
    told: re.Pattern[str]
    suffix: str = ""
    """Ends the word whose figure it is, which must be said."""


_N = r"(?<![下上这那本第])(?:\d[\d,.]*|[一二两三四五六七八九十百千万]+)"
KINDS = (
    # 多大岁数能报名, 最大收到多少岁   near miss: 培训规模多大
    Kind(
        re.compile(
            r"多大(?:岁数|年[纪龄])|(?:多少|几)(?:周)?岁|(?:年龄|年纪|岁数)[^,，。?？]{0,8}(?:多少|几|多大|什么要求|啥要求|限制|上限)"
        ),
        re.compile(r"岁|年龄|法定退休|劳动年龄"),
    ),
    # 8月那次是几号   near miss: 哪天之前报
    Kind(
        re.compile(r"(?<!\d)\d{1,2}月(?!\d|初|底|末|前)[^,，。?？]{0,14}?(?:几号(?!文)|几日|哪一?[天日])"),
        re.compile(r"(?<!\d)\d{1,2}[日号]|月[底初末]|[上中下]旬"),
    ),
    # 隔多久刷一次脸   near miss: 多久之内报
    Kind(
        re.compile(
            r"隔(?:多久|多长时间|(?:几|多少)个?(?:秒|分钟|小时|天|日|周|月|年))|(?:多久|(?:几|多少)个?(?:秒|分钟|小时|天|日|周|月|年))[^,，。?？]{0,4}一(?:次|回|遍|趟)"
        ),
        re.compile(
            rf"{_N}个?(?:秒|分钟|小时|学时|课时|工作日|天|日|周|月|季度|年)|每[年月周日天季课学]|定期|随时|及时|按[年月季周]"
        ),
    ),
    # 到课率低于多少不让考   near miss: 效率怎么样
    Kind(
        re.compile(
            r"(?<!效)(?<!完成)率(?:要|得|须|应|至少|最低|最少|必须|不能|不得|不|低于|高于|少于|达到|达|超过|到|是|为|有|在)*(?:多少|几(?!次|回|天|年))"
        ),
        re.compile(r"\d%|分之|\d[:：]\d|[一二三四五六七八九\d]成|[一二三四五六七八九十\d]倍|一半|全部"),
        "率",
    ),
    # 文化素质考哪几门   near miss: 打造多少门
    Kind(
        re.compile(
            r"(?<![少多]上)哪几(?:门|科)|(?:考|学)几(?:门|科)|(?:哪些|什么|啥)(?:科目|学科)|(?:科目|学科)(?:有|是|都)"
        ),
        re.compile(
            r"科目|[学各一二三四五六七八九十\d]科|[一二两三四五六七八九十\d]门|语文|数学|英语|包括[^,，。]*课程"
        ),
    ),
    # 超了怎么罚   near miss: 怎么处理申请
    Kind(
        re.compile(r"(?:怎么|咋|如何|怎样)(?:处)?罚|罚(?:多少|几|什么|啥)|怎么惩"),
        re.compile(
            r"罚|处理|处分|追缴|追回|停止|整改|退出|取消|通报|曝光|约谈|视同|不予|不得(?:再|享受|申请|参加)|责令|追究|问责|扣|收回|禁止|责任|惩"
        ),
    ),
    # 国家规定每个省要完成多少   near miss: 每个班多少人
    Kind(
        re.compile(r"(?:每一?个?|各个?)(?:省|市|县|州|地市)(?:份)?(?!直|级)[^,，。?？]{0,10}(?:多少|几)"),
        re.compile(r"每|各|分别|单个|[省市县](?:不少于|至少|达到)|、"),
    ),
    # 认定费要交多少钱   near miss: 补贴多少钱
    Kind(
        re.compile(
            r"(?<!提)(?<!上)(?:交|缴|自掏|自付|掏)[^,，。?？]{0,6}(?:多少|几)[十百千万]*(?:钱|元|块|[\u4e00-\u9fff]{0,4}费|$|[?？])"
        ),
        re.compile(r"费|缴|自付|自理|收取|免"),
    ),
    # 在哪个网站上看   near miss: 平台由谁建
    Kind(
        re.compile(
            r"(?:在|到|上|用|去|登|从)哪一?个?(?:手机)?(?:网站?|平台|应用|APP|小程序|系统|公众号)",
            re.IGNORECASE,
        ),
        re.compile(
            r"[”\"](?:平台|系统|网|小程序|公众号|APP|模块|应用)|网站|官网|小程序|公众号|系统|网上办事|平台(?!企业|用工|经济|就业)",
            re.IGNORECASE,
        ),
    ),
    # 开在哪条街上   near miss: 在哪里上课
    Kind(
        re.compile(r"哪一?条(?:街|路)|几号楼|哪一?栋|门牌|(?:具体|详细)?地址(?:是|在)[哪什啥多]"),
        re.compile(r"[路街道巷]\d|\d+号(?!文)|地址|位于"),
    ),
    # 举报电话是多少   near miss: 电话回访多少人
    Kind(
        re.compile(
            r"(?:电话|热线|座机|手机号?|号码)(?:号码?)?(?:到底)?(?:是|打|有)?(?:多少(?!人|个人|名)|几号|啥|什么|哪个)"
        ),
        re.compile(r"(?<!\d)(?:1\d{10}|12\d{3}|(?:0\d{2,3}[-—])?\d{7,8})(?!\d)"),
    ),
    # 恢复开班要交哪些材料   near miss: 教材用哪些材料编
    Kind(
        re.compile(
            r"(?:交|提交|报|报送|带|准备|提供|备齐?|出具)(?:齐|上)?(?:哪些|什么|啥|几样|哪几[样份种])(?:申请|证明)?(?:材料|资料|手续|证件|东西)"
        ),
        re.compile(
            r"材料|资料|证明|证件|身份证|复印件|申请[表书]|登记表|承诺书|名册|名单|合同|协议|记录|凭证|票据|发票|清单|报告|表格"
        ),
    ),
    # 大赛放在哪个场馆办   near miss: 哪个学校牵头
    Kind(
        re.compile(
            r"[在到去](?:(?:哪|什么)(?:一?个|家|座|处)?)(?:场馆|会场|酒店|宾馆|会议室|体育馆|展馆|礼堂|会展中心)"
        ),
        re.compile(r"场馆|会场|酒店|宾馆|会议室|体育[馆场]|展馆|礼堂|会展中心|地点"),
    ),
    # 消费券能在哪些店里用   near miss: 在哪些行业用
    Kind(
        re.compile(r"[在到去](?:哪|什么)(?:些|几家|一?家|个)?(?:店|商[家户场]|超市|门店|药店|饭店|网点)"),
        re.compile(r"[商门书药饭网]店|商[家户场]|超市|网点|店铺"),
    ),
    # 培训是哪家机构承训   near miss: 哪个部门牵头
    Kind(
        re.compile(
            r"哪(?:一?[家所]|几[家所]|些)(?:培训)?(?:机构|学校|院校|学院|公司|企业)(?:来|去|负责)*(?:承训|承接|承办|中标|中选|培训|教|上课|开班|办)"
        ),
        re.compile(r"[\u4e00-\u9fff]{2}(?:学校|学院|大学|公司|集团|职教中心|职业中专|培训中心|研究院)"),
    ),
    # 到哪几家银行去办   near miss: 银行怎么支持
    Kind(
        re.compile(r"哪(?:[一几两]?家|些|个)银行"),
        re.compile(r"[\u4e00-\u9fff]{2}银行(?!账|帐|卡|业|贷|等|机构)"),
    ),
)
"""Kinds of figures and things that another figure of the clause does not stand for."""
_PHONE = re.compile(r"电话|座机|号码|联系方式|怎么联系")
_WAYS = (
    (
        re.compile(r"邮箱|电子邮件|邮件地址|e-?mail", re.IGNORECASE),
        re.compile(r"邮箱|邮件|@|e-?mail", re.IGNORECASE),
    ),
    (re.compile(r"传真"), re.compile(r"传真")),
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
    return "" if is_told or _PHONE.search(asked.text) or not named else named[0]


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
