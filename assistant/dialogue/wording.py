"""How people ask: the patterns that tell what kind of thing a question wants.

In: nothing. Out: compiled patterns over squeezed, NFKC-normalised text. Each is built from named or listed
alternatives with an example behind it. They are properties of the language; no figure or name of a
document stands here.
"""

from __future__ import annotations

import re


def _any(*alternatives: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), flags)


_ISSUED = r"(?:发布|发文|印发|出台|下发|成文|颁布|公布|通过|落款|转发|签发|发|出)(?:的|于|在|是)*"
_IN_FORCE = r"(?:施行|生效|实施)"
_WHEN = r"(?:哪天|哪一天|哪日|哪年|哪一年|什么时候|何时|几月|几号(?!文)|日期|时间)"
_WHO = r"(?:(?:哪个|哪些|什么|哪几个)(?:单位|部门|机关|机构)(?:联合)?|谁|哪家)"
# 哪几个, 好几年, 请了几天假 ask for no number.
_FEW = r"(?<![哪好这近了那占第])(?<!再过)(?<!落下)(?<!误了)几"

META: list[tuple[str, re.Pattern[str]]] = [
    (
        "contact",
        _any(
            r"联系人|联系电话|联系方式|电话|座机|传真|邮箱|号码是",
            r"打给谁|找谁(?:问|咨询|联系)|咨询(?:谁|哪)|怎么联系|联系谁",
        ),
    ),
    (
        "date",
        _any(
            rf"{_ISSUED}[^,，。]{{0,4}}{_WHEN}",  # 印发是哪天
            rf"{_WHEN}[^,，。前]{{0,3}}{_ISSUED}",  # 什么时候出台的   near miss: 哪天之前出台
            r"(?:发文|成文|印发|落款|发布|下发|颁布)的?(?:日期|时间|日子)",
        ),
    ),
    (
        "enactment",
        _any(
            rf"{_IN_FORCE}[^,，。]{{0,4}}{_WHEN}",
            rf"{_WHEN}[^,，。]{{0,3}}{_IN_FORCE}",
            rf"{_IN_FORCE}(?:日期|时间)",
        ),
    ),
    ("number", _any(r"文号|几号文|发文字号|文件编?号|什么字号|多少号文")),
    (
        "issuer",
        _any(
            rf"{_WHO}(?:[、,，]?{_WHEN})?(?:发|印|印发|制定|出台|下发|颁布|发布|转发)",  # 哪个部门印发的, 哪个单位、哪天发的
            r"(?:几|多少)个(?:单位|部门|机关)[^,，。]{0,4}(?:发|定|出台)",  # 是几个部门一起定的
            r"发文(?:机关|单位|部门)|印发单位",
        ),
    ),
    ("organizer", _any(r"主办")),
    ("supervisor", _any(r"督办")),
    ("copies", _any(r"抄送|抄报|分送|发送给")),
    ("addressees", _any(r"主送|发给(?:谁|哪些)|印发给")),
    ("disclosure", _any(r"公开方式|主动公开|(?:是否|能不能|可以|可不可以)公开(?:吗)?$")),
    ("annexes", _any(r"(?:有|附|带)(?:几个|哪些|哪几个|多少个?)附件|附件(?:有哪些|目录|清单有)")),
    ("title", _any(r"(?:全称|标题|全名|题目)(?:是|叫)?")),
]
"""What a question about a document itself asks for → the path of the clause that says it."""

ASKS_CONTACT = _any(
    r"(?:电话|联系方式|号码|联系人)[^,，。]{0,3}(?:是|多少|给我|发我|有(?:吗|没有)|谁)",
    r"(?:给|要|问|查|告诉|报)[^,，。]{0,14}(?:电话|座机|联系方式)",
    r"打什么电话|怎么联系|联系谁|找谁(?:问|咨询|打听)|问谁|去哪(?:儿|里)?(?:问|咨询)",
)
SPEAKS_OF_DOCUMENT = _any(r"文件|通知|方案|意见|该文|这份|此文|本文|文号")

_FEE = r"(?:费|拨款|奖励|抵|工资|薪水|课酬|酬金|奖金|补助金?|津贴|报酬|押金|罚款|标准|养老金|低保)"
MONEY = _any(
    rf"(?:多少|{_FEW})(?:[百千]?(?:钱|元|块)|万(?!人|次|名|所|个))",
    # 补贴到底给多少   near miss: 补贴性任务多少, 带补贴的多少, 补贴盘子定在多少
    r"补贴(?:标准|金额|资金|款|费)?(?:是|为|有|给|发|拿|领|能|可以|到底|大概|一般|一共|总共|每人|一个人|一人){0,3}(?:多少|几)(?!人|家|所|个|次|种|天|年|分之|比例|工作日|学时|课时)",
    r"多少(?!人|个|次|家|所|名)[^,，。？?]{0,6}(?:费|工资|补贴(?!性)|补助|奖金|资金)(?!的?人)",  # 要交多少考务费
    # 学费是多少   near miss: 费用占多少, 补贴性任务多少
    rf"{_FEE}[^,，。？?]{{0,8}}(?<!占)(?:多少|几(?!个|项|类|种|所|次))(?!人|家|所|个|次|种|天|年|分之|比例|工作日|学时|课时)",
    r"(?:补|发|涨|降|交|收)(?:了)?多少(?!人|个|次|所|天|年)",
    r"给多少钱|费[^,，。]{0,4}怎么收|要不要[^,，。]{0,4}交[^,，。]{0,6}费",
    r"每人.{0,4}补.{0,2}多少|how ?much|几个钱|(?:补|给|发|奖)几(?:个|块|万)",
    flags=re.IGNORECASE,
)
PAYMENT = _any(r"(?:费|费用|工资|薪水|奖金|补贴|补助|补助金|津贴|报酬|押金|罚款|养老金|低保|拨款)$")
"""A word that names what is paid: the figure must be its own, not another payment's."""
SHARE = _any(
    r"百分之(?:几|多少)|百分比|多少比例|比例.{0,6}(?:多少|几)|占.{0,8}(?:多少|几成)|几成|几倍|多少倍",
    r"上浮多少|满意度.{0,6}多少",
)
TIME = _any(
    rf"(?:多少|{_FEW})(?:个)?(?:工作日|天|日|周|星期|月|年|小时|分钟|学时|课时)",
    r"多久|多长时间|多长(?!度)|天数|时限|分钟数|课时数|学时数",
)
DATE = _any(r"什么时候|哪一?天|几号|几日|哪一?日|哪一?年|几月|几点|何时|哪个月|截止|到什么时间")
COUNT = _any(
    r"多少(?:人次|人|名|位|所|个|家|门|种|项|条|次|套|间|批|本)?",
    rf"{_FEW}(?![乎月天年点])",
    r"数字(?!化|经济|中国| )|数量|名额",
    # 最多能坐   near miss: 最少要多少课时
    r"最(?:多|少)(?:能|可以|要|配|坐|招|收)(?!.{0,4}(?:多少|几))|how ?many",
    flags=re.IGNORECASE,
)
MOST = _any(
    r"最多|最长|最高|最大(?!限度)|最晚|最迟|上限|封顶|至多|顶多", r"不能超过|不得超过|不超过(?=多少|几)"
)
LEAST = _any(r"最少|最短|最低|最小|最早|下限|起码|至少|保底", r"不(?:得|能)?(?:少于|低于)(?=多少|几)")

FRAME = _any(
    MOST.pattern,
    LEAST.pattern,
    r"百分之(?:几|多少)|(?:多少|几)(?:人次|个人|[个名位所天年月人家门项种条次成倍])?",
    r"分别(?:是|为)?|各(?:提出?|自|有|要)(?:了|是)?|说明什么|怎么(?:表述|写|列|规定|说|讲)的?|提出?了?(?:什么|哪些|啥)要求",
    r"包括(?:什么|哪些)(?:方面|内容)?(?:的内容)?|(?:什么|哪些)(?:方面的?)?内容",
)
"""Words that shape a question and stand in no answer."""

_MORE = r"(?:多(?!少)|(?<!多)少(?!于)|高(?![于中职级等校技])|低(?!于)|严|松)"
# 比河南高吗   near miss: 比例是多少, 师生比最高多少
_THAN = r"(?<![占师生员])比(?![例率重赛如])"
_SAMENESS = (
    r"一样吗|一致吗|相同吗|同样吗|一回事|是否(?:一样|一致|相同)",
    r"区别|不同|差别|差异|不一样|对比|比较|相比|矛盾|冲突|对得上|对不上|差在哪|出入|字眼|写法|叫法|说法一|(?:找|有)[得没]?[到有]?对应|前后",
    rf"谁(?:更)?{_MORE}|{_THAN}[^,，。]{{1,14}}{_MORE}",
)
SAMENESS = _any(*_SAMENESS)
COMPARISON = _any(*_SAMENESS, r"分别是?|各(?:是|自|有|要|提|为)?(?:多少|几|什么|怎)?|说明什么|还是")
LIST = _any(
    r"哪些|哪几|有几(?:项|条|个|类|种)|包括什么|都有(?:谁|什么|啥)|分别|列出|一共有",
    r"几(?:项|条|个方面|大)|什么内容|讲(?:了)?什么|内容是",
)
REGISTER = _any(
    r"(?:列|给|发|查|要|看|提供)[^,，。]{0,8}(?:名单|名录|花名册)",
    r"(?:名单|名录|花名册)(?:里|上|中)?(?:都|具体|全部|完整)*(?:有(?:谁|哪|吗|没有)|是(?:哪|谁|什么)|给|发|列|在哪|[?？]|$)",
    r"都是(?:哪些|哪几)|命名了(?:哪些|哪几)|(?:哪些|哪几)[^,，。]{0,12}入选|入选的?(?:是|有|都)?(?:哪|谁)|是哪几(?:所|家)",
    r"哪家(?:厂商|厂家|公司|平台|牌子|软件|医院|店)|什么牌子",
    r"(?:试点|定点|高水平|双高|入选|示范|品牌)[^,，。]{0,6}(?:学校|院校|机构|企业|单位)(?:都|具体|一共)?(?:有|是)(?:哪些|哪几|谁|啥)",
    r"(?:目录|清单)(?:里|中|上)?(?:现在|目前|到底|具体|都|一共)*(?:有|是|包括|包含)(?:哪些|什么|啥|谁)",
)
"""Asks for the members of a list that a document only speaks of."""

PRIVATE = _any(
    r"身份证|手机号|家庭(?:住址|地址)|住址|住在哪|银行卡号|个人信息|私人(?:电话|微信)|微信号",
    r"(?:给|发|要|查|导出|提供|看)[^,，。]{0,6}(?:花名册|学员名单)|(?:花名册|学员名单)[^,，。]{0,4}(?:给|发|导出|在哪)",
)
_OPERATION = r"(?:注册|登录|登陆|下载|安装|填写?|登记|报名|操作|申领|领取|查询|办理|申请|缴费|交钱|开户|充值|打印|申报|补办|挂失|注销)"
HOW_TO = _any(
    rf"(?:怎么|如何|怎样|在哪里?|哪里|去哪)(?:才能|可以|能|去|来)?(?P<operation>{_OPERATION})",
    r"(?P<noun>注册|登录|下载|安装|报名|缴费).{0,4}(?:流程|步骤|网址|入口|方法|链接)",
    r"密码|网址|官网地址|二维码|验证码",
    r"(?:交|递|提交|准备|带|报|复印|填)[^,，。]{0,4}(?:哪些|什么|啥|几份|多少)(?P<paper>材料|证件|表格?)|复印[^,，。]{0,3}(?P<copies>证件)|(?:交到?|递到?|去|到|上)(?:哪个|几号|哪|什么)(?P<desk>窗口)|几号(?P<number>窗口)",
    r"(?P<steps>材料清单|步骤|审批流程|几级审批|设置参数|参数设置)|(?:过|走|经)几级|怎么设置(?P<setting>参数)?",
)
# 2023年, 2019—2021   near miss: 2000人次, 豫政2021号; 2023年4月20日 is a day of the asker's own case
YEAR = re.compile(
    r"(?<![\d.])20\d{2}(?![\d.%号人名位元个家所次万多余]|学时|课时|年\d{1,2}月\d)|二[〇零○][〇零○一二三四五六七八九]{2}(?=年)"
)
TITLE = _any(r"《[^》]*》|[〔\[(（]\d{4}[〕\])）]")
"""A title or the year of a document number: a year in it is not a year that a rule is made for."""
YES_NO = _any(r"[^,，。;；?？!！]*[吗么不没](?=[,，。;；?？!！]|$)")
"""The rest of a clause that asks whether, not how many: 几 + 门课吗."""
OWN_TARGET = _any(r"全(?:市|县|区|省|州)|总任务|任务|目标|指标|计划数|名额|人次")
"""Asks for a place's own figures, which no superior's document gives."""

_CHEAT = r"(?:套取|骗取?|冒领|虚报|糊弄|伪造|造假|代考|替考|代签|代打卡|代刷脸|作弊|编造|刷课|挂机)"
RESULT = _any(
    r"(?:目前|眼下|现在|如今|当前)[^,，。]{0,4}(?:有|是|达到|共)(?:多少|几)",
    r"(?:去年|前年|上半年|下半年|上个?月|目前|截至[^,，。]{0,8}|至今|实际)[^,，。]{0,8}(?:完成|实现|培训|发放)了?(?:多少|几)",
    r"(?:完成|实现|培训|发放)了(?:多少|几)",
    r"完成(?:率|情况|进度)(?:是|怎么样|如何|多少)?",
)
"""Asks what came of a plan; the texts only say what was planned."""
MISUSE = _any(
    r"假证|买证|蒙混|(?:不|别|避免)被(?:发现|查)|(?:套取|骗取|冒领)(?:补贴|资金)(?:的)?(?:方法|办法|窍门)",
    rf"(?:怎么|如何|怎样|教我|教教|帮我|帮忙|咋|想(?!问|知道|了解)|能不能|可以|能|偷偷|花钱)[^,，。防]{{0,8}}{_CHEAT}",
    r"(?:看|查|认|发现|瞧)不(?:出来?|到|了)|不(?:让|叫)[^,，。]{0,8}(?:看出|发现|知道|查到)|(?:帮|给|替)我(?:编|造|凑|虚构|捏造)|(?:编造|虚构|捏造|杜撰|凭空编)",
    r"(?i:\b(?:invent|fabricate|make up|forge)\b)",
    rf"{_CHEAT}[^,，。]{{0,6}}(?:行不行|可以吗|行吗|可不可以|的(?:方法|办法|窍门)|又不会)",
)
"""Wants help with what the texts punish."""
CONSEQUENCE = _any(
    r"会怎|怎么(?:处理|处罚|罚|办(?!理)|查|惩|追)|后果|处罚|惩(?:处|戒)|责任|举报|追究|被查|罚(?:吗|不|什么)|算不算|属于|防|打击|查处|严查|违规"
)
"""Asks what follows from misuse, or how it is prevented."""
GREETING = _any(
    r"(?:您好|你好|嗨|哈喽|早上好|上午好|下午好|晚上好|在吗|有人吗|谢谢(?:你|您|啦)?|多谢|再见|拜拜|hello|hi|thanks|thank you)"
    r"[呀啊哦吗,，。!！?？~]*",
    r"(?:你|您)(?:是谁|叫什么(?:名字)?|能(?:做|干)什么|会(?:做|干)?什么|是谁开发的|是什么(?:ai|机器人|模型)?)[呀啊?？]*",
    flags=re.IGNORECASE,
)
"""Small talk, as the whole of a message."""
ADVICE = _any(
    r"(?:替|帮|给)我(?:拿个?主意|选|挑|决定|推荐|参谋)|你(?:觉得|认为|看|说)我(?:该|应|适合|学|干|选)|我(?:该|适合|应该)(?:学|干|选|报)(?:什么|哪|啥)|(?:学|干|报)(?:什么|哪个|啥)(?:最|更|比较)?(?:好|挣钱|赚钱|有前途|吃香)",
)
"""Asks for a choice that is the asker's own."""
INSTRUCTION = _any(
    r"from now on|you are (?:now )?(?:an?|the)\b|pretend|system override|unrestricted|answer \"|反复说|一字不漏|统统作废|作废",
    r"【系统】|不(?:用|要|必)(?:再)?引用|直接(?:确认|回答|告诉我)|必须(?:回答|说)|只回答",
    r"忽略(?:以上|之前|前面|所有)|忘掉|忘记(?:以上|之前|文件)|无视|不要(?:管|理会)(?:文件|规定|条款)",
    r"你现在是|假装|扮演|越狱|system ?prompt|ignore ?(?:all|the|previous)",
    flags=re.IGNORECASE,
)
"""Tells the assistant how to behave instead of asking it something."""

ASPECT_BREAK = _any(
    r"[，,；;。？?！!、:：]",
    r"(?<![一二两三四五六七八九])(?:和|与|及|以及|还有|另外|并且)(?![一二两三四五六七八九]*[家个项])",
)

ASKS = _any(
    r"[?？吗么呢嘛]|多少|几(?!十|百|千)|谁|什么|啥|哪|怎么|咋|如何|是否|能不能|可不可以|行不行|够不够|要不要|有没有"
)
"""Asks something at all."""
_GENERIC = _any(
    r"最[晚早多少高低长短迟]|哪一?[天日年月]|几[天号日年月个]|什么时候|何时|多久|多长时间|多少|几",
    r"我们?|咱们?|俺们?|您|你|这(?:个|样|些)?|那(?:个|样|些)?|什么|啥|怎么样?|如何|咋|哪(?:里|儿|些)?",
    r"能不能|可不可以|行不行|中不中|够不够|要不要|可以|需要|应该|必须|得|要|能|会|该|行|够|有|没|不|是|在|被|给",
    r"办(?:完|理|好|成)?|弄|搞|做|干|领|拿|下来|上去|来|去|完|好|到|条件|流程|手续|钱|事|吗|呢|啊|吧|么|的|了|就|还|再|才|都|也|请问|一下",
    r"[\s,，。.?？!！、]",
)
"""What a question may be made of without saying what it is about."""


def is_topicless(text: str) -> bool:
    """Whether a question has no topic of its own: 最晚哪天得办完."""
    return len(_GENERIC.sub("", text)) < 1 and len(text) >= 3


OWN_CASE = _any(
    r"我|咱|俺|本[校班公单机]|这[个批期所]|该班|有[个所]|[一二两三]个[^,，。]{0,6}班[^,，。多几]{0,3}\d|如果|要是|假如|打算|准备|想(?!问|知道|了解)|开班|办班|一所|一家"
)
"""Speaks of a case of the asker's, not of the rule alone."""
EACH = _any(r"各(?!类|种|项|级|地|位|类)|分别")
_FIGURE_ASKED = re.compile(r"多少|几(?:[个名位所台人项种次天]|课时|学时)")
_EACH = re.compile(r"^(?P<topics>.{2,40}?)(?:各|分别)(?:是|为|要|得|有)*(?P<asked>多少|几)")


def split_figures(text: str) -> list[str]:
    """The parts of a question that each ask for a figure of their own: 几名老师、几个工位; A和B各是多少."""
    clauses = [c for c in re.split(r"[,，;；。?？]", text) if c]
    parts: list[str] = []
    for clause in clauses:
        if each := _EACH.match(clause):
            parts += [
                f"{topic}多少" for topic in re.split(r"、|和|与|及|以及", each["topics"]) if len(topic) > 1
            ]
        else:
            parts += [p for p in re.split(r"、|和|与|及|以及", clause) if _FIGURE_ASKED.search(p)]
    return parts if len(parts) > 1 else []


SPEAKS_OF_HOME = _any(r"我|咱|俺|本[地县市省]|这[边里儿]|当地|能用(?=吗|不|么|在|到)|适用|照搬|套用|参照|搬")
"""Brings the asker's own place in beside another that is named."""
HOLDS_HERE = _any(
    r"管得着|管不管|适不?适用|适用|套用|照搬|照(?:着|这|那|此|办|做)|也(?:要|得|按|是|能|可以|算)|一样(?:要|得|适用)|(?:这|那)(?:条|(?:个|项)(?:规定|要求|标准|政策|做法|规矩))|硬杠杠|落不落到|"
    r"受[^,，。]{0,8}(?:约束|限制)|作数|算数|管用|有效"
)
"""Asks whether a rule that the asker knows of holds where they are."""
ONE_RULE = _any(r"单看|只看|光看|单论|单说|就.{0,6}(?:这一项|来说|而言)|这一项|别的(?:先)?不(?:管|论|说)")
"""Asks about one rule alone."""
ASKS_WHO = _any(r"(?:哪些|哪个|哪几个|什么)(?:部门|单位|机关|机构|局)|谁(?:来)?(?:管|负责|牵头|干|办)|责任单位|归谁|由谁|牵头")
IN_CHARGE = _any(r"责任单位|牵头单位|责任部门")
"""What a clause has that says, at its end, who is to do it."""
OWN_SELF = _any(r"我(?!们|国|省|市|县)|俺(?!们)|本人")
"""Speaks of the asker alone."""
