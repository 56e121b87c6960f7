"""Whether a rate is of the thing, of the case and of the quantity that a question speaks of.

In: a question as read for rates, a rate and the sentences around it. Out: yes or no; in doubt no.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.dialogue.rate_asked import AskedRate, StatedQuantity
from assistant.dialogue.rate_texts import Rate, find_rates

_HAN = re.compile(r"[一-鿿]{2,}")
_GENERIC = re.compile(
    r"培训|补[贴助]|奖励|津贴|学员|学时|课时|人员|机构|单位|职业|技能|最[多高低少]|至[多少]|不得|超过|标准|总课|按照?|给予|每[人天期班]|可以|应当|一个|参加"
)
_ABSENT = r"缺|旷|请假|没[上来到]|未到"
_PART = re.compile(
    rf"线上|线下|网课|远程|实操|实训|理论|在岗|脱产|{_ABSENT}|剩|取证|拿证|合格|通过|就业|创业|补考|未|住"
)
_PRESENT = re.compile(r"上|学|训|参加|出勤|实到|到课|听")
_OF_DAYS_NOT = re.compile(rf"{_ABSENT}|[前后内]|住|工作日|提前|之日|第|公示|间隔|隔")
_HOURS = re.compile(r"(?:总|全部|该班|培训)?(?:课时|学时)(?:总?数)?$")
_PEOPLE = re.compile(
    r"全班(?:人数|学员)?|(?:总|班级|参训|培训|开班|全部|学员|在册|招生)?(?:总?人数|学员数?)|学员总数"
)
_MONEY_TAIL = re.compile(r"(?:总?金?额|总[额数]|资金|实际|所需|的|部分)")
_OF_EACH = re.compile(r"每(?:天|日|周|晚|次|月|期|年|班)|各$|各[有上]")
"""Said of each of several: 每天上6课时, 焊工和家政各20个."""
_PAID = re.compile(r"[补拨领发]")
_GROUPS = re.compile(r"退役|军人|残疾|低保|脱贫|监测|毕业|农民|失业|下岗|在职|职工|妇女|退休|学徒|导师|高校")
"""Groups of people that policies tell apart."""
_DENIED = re.compile(r"(?:不[是算属在]|没[有当]|[并也又]?非)[^,，。;；?？]{0,12}")
"""What somebody says not to be: 不是脱贫户."""
_ACTS = (re.compile(r"缺|旷|请假"), re.compile(r"更换|调换|变更|换"))
"""What is said of the same act: 更换 and 换几个, 缺勤 and 缺几课时."""
_EXCEPTS = re.compile(
    r"放宽|提高|上浮|下浮|降低|不得|不受|除外|不适用|不执行|不享受|不予|不再|另行规定|[按执]行?.{0,6}\d"
)
_THING = re.compile(r"([一-鿿]{2})(?:补[助贴]|津贴|奖励|费)")
_NO_THING = re.compile(r"[能拿领给发多少可以得的有要申请元万共总]|予")
_SAME = {"老师": "教师", "学生": "学员", "网课": "线上"}


def is_about(question: AskedRate, rate: Rate, text: str, around: str) -> bool:
    """Whether a rate sets what is asked for."""
    asked = _unify(question.text)
    if rate.kind == "group":
        named = _unify("".join(question.fragments))
        wanted = rate.base or rate.before
        return bool(wanted) and all(c in named for c in _cut(_unify(wanted)))
    if not _is_of_person(question, text + around):
        return False
    if _asks_other_thing(asked, text, around):
        return False
    if rate.kind == "each" and not _shares(asked, text + around):
        return False
    if rate.kind == "share":
        subject = rate.before if _HAN.search(_GENERIC.sub("", rate.before)) else rate.before + around
        acts = [act for act in _ACTS if act.search(rate.own)]
        if not all(act.search(asked) for act in acts):
            return False
        is_act = bool(acts)
        part = re.search(r"线上|网课|远程", asked) and not re.search(r"线上|网课|远程", text)
        return not part and (is_act or _shares(asked, subject + (around if not is_act else "")))
    return True


def has_case(question: AskedRate, rate: Rate, rivals: Sequence[Rate]) -> bool:
    """Whether the case that a rate is for is the one named, of several of its kind."""
    asked = _unify(question.text)
    if rate.kind == "group" and rate.base:
        siblings = [r for r in rivals if r.base == rate.base or r.figure is None]
        if re.match(r"其[他余它]", rate.before):
            return bool(siblings) and not any(_names(asked, r.before) for r in siblings)
        if rate.before or siblings:
            return _names(asked, rate.before) and not any(_names(asked, r.before) for r in siblings)
        return True
    if rate.kind == "group" or not rivals:
        return True
    own, *theirs = [_grams(_unify(r.own + re.split(r"[,;、。]", r.after)[0])) for r in (rate, *rivals)]
    said = _grams(asked)
    rest = own - frozenset[str]().union(*theirs)
    return bool(rest & said) and not any((t - own) & said for t in theirs)


def is_of_base(quantity: StatedQuantity, rate: Rate) -> bool:
    """Whether a quantity is of the thing that a rate is of."""
    parts = _PART.findall(quantity.around)
    if _OF_EACH.search(quantity.before):
        return False
    if rate.kind == "share":
        return _is_base(quantity, rate, parts)
    if quantity.unit == "天" and (
        not _PRESENT.search(quantity.around) or _OF_DAYS_NOT.search(quantity.around)
    ):
        return False
    if rate.kind == "group":
        return not parts
    return all(p in rate.own + rate.after for p in parts if p not in ("理论", "住") or rate.kind == "each")


def _is_base(quantity: StatedQuantity, rate: Rate, parts: Sequence[str]) -> bool:
    base = rate.base
    if quantity.unit == "课时":
        whole = re.search(r"总|共|全部|一个|班", quantity.around)
        if not _HOURS.search(base) or re.search(r"实际|线下|线上|实操|理论", base):
            return False
        # 理论课共80课时 is the whole of which 理论课缺勤 is a part; 线上50课时 is none of 线上课时.
        absent = re.search(_ABSENT, rate.own)
        return bool(whole) and all(absent and p in rate.own and not re.search(_ABSENT, p) for p in parts)
    if quantity.unit == "人":
        return bool(_PEOPLE.fullmatch(base)) and not parts
    if quantity.unit != "元":
        return False
    words = _cut(_MONEY_TAIL.sub("", base))
    if _PAID.search(quantity.before) and not _PAID.search(base):
        # 设备投入补了100万: the amount is what came of the base.
        return False
    return bool(words) and all(w in quantity.around or w[0] in quantity.around for w in words)


def is_others_case(question: AskedRate, text: str, around: str, others: Sequence[str]) -> bool:
    """Whether another sentence of the clause has an exception for a case that the question names."""
    # 实操老师和工位各要多少: what else is asked for is no case of this.
    wanted = "，".join(r.base or r.before for other in others for r in find_rates(other) if r.kind == "group")
    said = _grams(_unify(question.text)) - _grams(_unify(text + around + wanted))
    for other in others:
        for fragment in re.split(r"[,;。]", other):
            case = _unify(_EXCEPTS.split(fragment)[0])
            thing = re.search(r"的([^的]{2,8})$", case)
            # 焊工的实操课时不得以线上方式进行 sets nothing of 线上课时; 护工方向不得开设线上课时 does.
            is_of_other = thing and not _grams(thing[1]) & _grams(_unify(question.text + text))
            if _EXCEPTS.search(fragment) and said & _grams(case) and not is_of_other:
                return True
    return False


def _is_of_person(question: AskedRate, text: str) -> bool:
    """Whether a text that is for groups of people is for one that the asker says to be of; who says nothing may be of none."""
    groups = set(_GROUPS.findall(text))
    if not groups:
        return True
    theirs = set(_GROUPS.findall(question.text)) - set(
        _GROUPS.findall("".join(_DENIED.findall(question.text)))
    )
    if not theirs & groups:
        return False
    grams = _grams(question.person)
    return not grams or bool(grams & _grams(text))


def _asks_other_thing(asked: str, text: str, around: str) -> bool:
    """Whether an aid is asked for by a name that the text has not: 交通补助 of a text on 生活补助."""
    said = {t for t in _THING.findall(asked) if not _NO_THING.search(t)}
    own = {t for t in _THING.findall(text) if not _NO_THING.search(t)} or set(_THING.findall(around))
    # 导师补贴 is what 企业导师每课时补贴60元 is; 培训 is said everywhere.
    own |= {t for t in said if t in text + around and not _GENERIC.search(t)}
    return bool(said and own) and said.isdisjoint(own)


def _shares(asked: str, text: str) -> bool:
    return bool(_grams(asked) & _grams(_unify(text)))


def _names(asked: str, case: str) -> bool:
    """Whether a question names one of the things listed: 焊工、电工."""
    return any(item in asked for item in re.split(r"[、和或及,]|等", _unify(case)) if len(item) > 1)


def _unify(text: str) -> str:
    for said, plain in _SAME.items():
        text = text.replace(said, plain)
    return text


def _grams(text: str) -> frozenset[str]:
    """The pairs of characters of a text that say what it is about."""
    runs = _HAN.findall(_GENERIC.sub(" ", text))
    return frozenset(run[i : i + 2] for run in runs for i in range(len(run) - 1))


def _cut(text: str) -> list[str]:
    """A name in pairs of characters: 实操|教师."""
    return [text[i : i + 2] for i in range(0, len(text), 2)]
