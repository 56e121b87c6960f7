"""Kinds of things that are asked for, and how texts tell them: an age, an interval, a telephone, a site.

What `attribute` looks for in the sentences of a clause. Properties of the language, not of any document.
"""

from __future__ import annotations

import re
from typing import NamedTuple

PHONE = re.compile(
    r"(?<!\d)(?:0\d{2,3}[-—－]?\d{7,8}|1[3-9]\d{9}|12(?:333|345)|400[-—－]?\d{3}[-—－]?\d{4})(?![\d人元名万亩个户家])"
)
"""A telephone number: a landline, a mobile, a service line.   near miss: 20210625人次"""


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
        PHONE,
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
            r"哪(?:一?[家所]|几[家所])(?:培训)?(?:机构|学校|院校|学院|公司|企业)(?:来|去|负责)*(?:承训|承接|承办|中标|中选|培训|教|上课|开班|办)"
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
