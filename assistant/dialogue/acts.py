"""The acts that procedures consist of, as texts and as people call them: 核发 and 发的, 受理, 审核 and 审完, 拨付 and 到账.

In: words without blanks. Out: `Act`s in reading order. These are words of any procedure: what a document asks for, and in
how many days, is read from the document.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Act(NamedTuple):
    """One of them; acts of one `kind` are the same thing done."""

    kind: str
    start: int
    end: int


HANDING = frozenset({"send", "apply", "declare"})
"""Acts that may be no more than how another is brought about."""
BY_OTHERS = frozenset({"test", "certify", "review", "pay", "reply"})
"""Acts that somebody else does for whom they are applied for: until when 评价 is applied for is not until when it is held."""
_END = r"(?:结束|完成?|期满|届满|满)"
# What stands first wins: the end of a 公示 is no end of a class, and 收到申请 is no 申请.
_ACT = re.compile(
    # 公示无异议的, 公示6月20日结束 (its day taken out)   near miss: 公示5个工作日
    rf"(?P<publicized>公示期?[^,，;；。]{{0,6}}?(?:{_END}|(?:无|没有?|未有?)(?:人)?(?:提出?)?(?:异议|意见)))"
    r"|(?P<publicize>(?:开始|起)?公示期?(?:从|自|是)*(?:开始|起算?)?|挂网|(?:挂|贴|晾)(?:到|在|上|出)(?!期))"
    # 收到申请, 收齐材料   near miss: 提交申请
    r"|(?P<receive>(?:收到|收齐|接到|接了)(?:[^,，;；。]{0,6}?(?:申请|申报|材料|决定))?)"
    r"|(?P<accept>受理(?!机关|部门|单位|机构|通知)(?:申请|[^,，;；。]{0,10}?的?申请(?=[,，;；。最哪几什要应该]|$))?)"
    # 培训结束后, 班期结束   near miss: 合同期满
    rf"|(?P<tested>(?:结业|水平)?(?:考核|考试|评价|鉴定|认定)(?:工作)?[是在于]?{_END})"
    rf"|(?P<end>(?:培训|培养|学习|实训|课程|[课班])期?[^,，;；。公]{{0,4}}?{_END}|结业(?![考评鉴证])|结课|毕业|散班|{_END}培训)"
    r"|(?P<start>开的?班(?!申[报请]|地|所在地)|开课|开学|开训|(?:培训|实习|课程)[^,，;；。]{0,3}?开始|开始(?:实习|培训|上课|授课))"
    r"|(?P<failed>(?:考核|考试|评价|鉴定|成绩)?[^,，;；。]{0,3}?(?:不合格|未通过|没通过|没过|不及格))"
    r"|(?P<retake>补考|重考)"
    r"|(?P<test>(?:结业|水平)?(?:考核|考试|评价(?!机构)|鉴定(?!机构)|认定))"
    # 证书核发之日, 4月25日发的, 学员取得证书之日起   near miss: 发放补贴
    r"|(?P<certify>证书发放|发放证书|核发|颁发|制发|发证|(?:取得|领到|拿到|领取|拿)[^,，;；。]{0,6}?证书?|取[的了到](?:了|的)?(?:本|个|张)?证书?(?!明)|取得|领到|拿到|发(?=的|了|下来|出来|$)|(?<![拨批发打定放])下来(?=的|了|$)|考(?:出来|下来|到手|出)|发出?日期)"
    # 到哪天作废, 90日内|有效   near miss: 有效期3年
    r"|(?P<expire>作废|失效|^有效(?=$|[,，;；。]))"
    r"|(?P<upload>上传|上网|录入)"
    r"|(?P<pay>拨付|拨款|下拨|拨(?=到|给|完|下)|发放|到账|打款|付款|兑付|兑现|打到|到位)"
    r"|(?P<supplement>补正|补齐|补交|补材料)"
    r"|(?P<file>备案(?!材料|申请|表))"
    r"|(?P<reply>书面?(?:答复|回复)|答复|回复|回话|(?:作|做)出[^,，;；。]{0,6}?决定(?!的)|给(?:个)?(?:说法|信儿?|答复))"
    r"|(?P<review>审核|审查|初审|复审|审批|核准|审定|审完|审好|审(?=[到完结得毕])|批(?:复|完|下来))"
    r"|(?P<refund>退回|退还|退款|退钱)"
    r"|(?P<recheck>复核|复议|申诉|诉讼)"
    r"|(?P<change>变更|变动|更换|调换|换(?=了|的|学员|老师|教师|人))"
    r"|(?P<sign>签订|签署|签(?=了|的|协议|合同))"
    r"|(?P<issue>印发|出台|制定|公布|发布)"
    r"|(?P<rectify>整改)"
    r"|(?P<inspect>检查)"
    r"|(?P<send>提交|递交|报送|上报|填报|(?:报|交|递)(?=上去|过去|[了的到完?]|材料|$)|报(?=[,，还来晚迟]))"
    r"|(?P<declare>申报)"
    r"|(?P<apply>申请(?!人|材料|表|书)|申领|提出|报名|提(?=上去|[了的到完?]|$)|去领|领(?=补贴|钱))"
)


def drop_ends(text: str) -> str:
    """Words without those that only say that something is over."""
    return re.sub(_END, " ", text)


def find_acts(text: str) -> list[Act]:
    """The acts that words name."""
    return [Act(m.lastgroup or "", m.start(), m.end()) for m in _ACT.finditer(text)]


def kinds_of(text: str) -> frozenset[str]:
    """The kinds of acts that words name."""
    return frozenset(act.kind for act in find_acts(text))


def read_aims(kinds: frozenset[str]) -> set[frozenset[str]]:
    """What acts come to, in each way they may be meant: 申请复核 is of 复核, 申报 is 申请 or 报送."""
    others = kinds - HANDING
    ways = {"send", "apply"} if "declare" in kinds else kinds & {"send", "apply"}
    return {others} if others or not ways else {frozenset({way}) for way in ways}
