"""How people ask: the patterns that tell what kind of thing a question wants.

In: nothing. Out: compiled patterns over squeezed, NFKC-normalised text. Each is built from named or listed
alternatives with an example behind it. They are properties of the language; no figure or name of a
document stands here.
"""

from __future__ import annotations

import re


def any_of(*alternatives: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern that any of the alternatives meets."""
    return re.compile("|".join(alternatives), flags)


_ISSUED = (
    r"(?:发布|发文|印发|出台|下发|成文|颁布|公布|通过|落款|转发|签发|发|出(?![来去具现资勤]))(?:的|于|在|是)*"
)
_IN_FORCE = r"(?:施行|生效|实施)"
_WHEN = r"(?:哪天|哪一天|哪日|哪年|哪一年|什么时候|何时|几月|几号(?!文)|日期|时间)"
_WHO = r"(?:(?:哪个|哪些|什么|哪几个)(?:单位|部门|机关|机构)(?:联合)?|谁|哪家)"
# 哪几个, 好几年, 请了几天假 ask for no number.
_FEW = r"(?<![哪好这近了那占第])(?<!再过)(?<!落下)(?<!误了)几"

META: list[tuple[str, re.Pattern[str]]] = [
    (
        "contact",
        any_of(
            r"联系人|联系电话|联系方式|电话|座机|传真|邮箱|号码是",
            r"打给谁|找谁(?:问|咨询|联系)|咨询(?:谁|哪)|怎么联系|联系谁",
        ),
    ),
    (
        "date",
        any_of(
            rf"{_ISSUED}[^,，。]{{0,4}}{_WHEN}",  # 印发是哪天
            rf"{_WHEN}[^,，。前]{{0,3}}{_ISSUED}",  # 什么时候出台的   near miss: 哪天之前出台
            r"(?:发文|成文|印发|落款|发布|下发|颁布)的?(?:日期|时间|日子)",
        ),
    ),
    (
        "enactment",
        any_of(
            rf"{_IN_FORCE}[^,，。]{{0,4}}{_WHEN}",
            rf"{_WHEN}[^,，。]{{0,3}}{_IN_FORCE}",
            rf"{_IN_FORCE}(?:日期|时间)",
        ),
    ),
    ("number", any_of(r"文号|几号文|发文字号|文件编?号|什么字号|多少号文")),
    (
        "issuer",
        any_of(
            rf"{_WHO}(?:[、,，]?{_WHEN})?(?:发|印|印发|制定|出台|下发|颁布|发布|转发)",  # 哪个部门印发的, 哪个单位、哪天发的
            r"(?:几|多少)个(?:单位|部门|机关)[^,，。]{0,4}(?:发|定|出台)",  # 是几个部门一起定的
            r"发文(?:机关|单位|部门)|印发单位",
        ),
    ),
    ("organizer", any_of(r"主办")),
    ("supervisor", any_of(r"督办")),
    ("copies", any_of(r"抄送|抄报|分送|发送给")),
    ("addressees", any_of(r"主送|发给(?:谁|哪些)|印发给")),
    ("disclosure", any_of(r"公开方式|主动公开|(?:是否|能不能|可以|可不可以)公开(?:吗)?$")),
    ("annexes", any_of(r"(?:有|附|带)(?:几个|哪些|哪几个|多少个?)附件|附件(?:有哪些|目录|清单有)")),
    ("title", any_of(r"(?:全称|标题|全名|题目)(?:是|叫)?")),
]
"""What a question about a document itself asks for → the path of the clause that says it."""

ASKS_CONTACT = any_of(
    r"(?:电话|联系方式|号码|联系人)[^,，。]{0,3}(?:是|多少|给我|发我|有(?:吗|没有)|谁)",
    r"(?:给|要|问|查|告诉|报)[^,，。]{0,14}(?:电话|座机|联系方式)",
    r"打什么电话|怎么联系|联系谁|找谁(?:问|咨询|打听)|问谁|去哪(?:儿|里)?(?:问|咨询)",
)
SPEAKS_OF_DOCUMENT = any_of(r"文件|通知|方案|意见|该文|这份|此文|本文|文号")

_FEE = r"(?:费|拨款|奖励|抵|(?<![资基奖现])[业助恤险偿约积]金|工资|薪水|课酬|酬金|奖金|补助金?|津贴|报酬|押金|罚款|标准|养老金|低保)"
MONEY = any_of(
    rf"(?:多少|{_FEW})[十百千万]{{0,2}}(?:钱|元|块(?![地板]))",
    # 奖多少万   near miss: 一年带徒弟多少万
    rf"(?:奖|补|给|拨|投|拿|领|挣|赚|罚|赔|提|贷|借|交|收入|花|掏)(?!出|成)[^,，。?？]{{0,6}}(?:多少|{_FEW})[十百千]{{0,2}}万(?!人|次|名|所|个)",
    # 补贴到底给多少   near miss: 补贴性任务多少, 带补贴的多少, 补贴盘子定在多少
    r"补贴(?:标准|金额|资金|款|费)?(?:是|为|有|给|发|拿|领|能|可以|到底|大概|一般|一共|总共|每人|一个人|一人){0,3}(?:多少|几)(?!人|家|所|个|次|种|天|年|分之|比例|工作日|学时|课时)",
    r"多少(?!人|个|次|家|所|名)[^,，。？?]{0,6}(?:费|工资|补贴(?!性)|补助|奖金|资金)(?!的?人)",  # 要交多少考务费
    # 学费是多少   near miss: 费用占多少, 补贴性任务多少
    rf"{_FEE}[^,，。？?]{{0,8}}(?<!占)(?:多少|几(?!个|项|类|种|所|次))(?!人|家|所|个|次|种|天|年|分之|比例|工作日|学时|课时)",
    r"(?:补|(?<![开出研印颁签])发|涨|降|交|收)(?:了)?多少(?![人个次所天年种门项套本家徒学名])",
    r"(?:挣|赚|月薪|收入)[^,，。?？]{0,4}(?:多少|几)(?!人)",
    r"给多少钱|费[^,，。]{0,4}怎么收|要不要[^,，。]{0,4}交[^,，。]{0,6}费",
    r"补[^,，。?？]{0,3}[一二三四五六七八九两\d]+[百千万](?:元|块)?(?:还是|或者)",  # 补五千还是六千
    r"每人.{0,4}补.{0,2}多少|how ?much|几个钱|(?:补|给|发|奖|领|拿)(?:个)?几(?:个(?!月|人|字|名)|块|[十百千万])",
    flags=re.IGNORECASE,
)
PAYMENT = any_of(r"(?:费|费用|工资|薪水|奖金|补贴|补助|补助金|津贴|报酬|押金|罚款|养老金|低保|拨款)$")
"""A word that names what is paid: the figure must be its own, not another payment's."""
SIZE = any_of(
    # 工位多大   near miss: 年龄多大, 力度多大
    r"(?<!年龄)(?<!年纪)(?<!岁数)(?<!力度)(?<!规模)(?<!差距)(?<!比例)(?<!比重)(?<!范围)(?<!占)多(?:大|宽|高|重)(?=[?？,，。]|$)",
    r"多少(?:平方|平米|公斤)|面积[^,，。?？]{0,4}(?:多少|多大|几)",
)
"""Asks for a size in space."""
SHARE = any_of(
    r"百分之(?:几|多少)|百分比|多少比例|比例.{0,6}(?:多少|几)|占.{0,8}(?:多少|几成)|几成|几倍|多少倍",
    r"上浮多少|满意度.{0,6}多少",
)
TIME = any_of(
    rf"(?:多少|{_FEW})(?:个)?(?:工作日|天|日|周|星期|月|年|小时|分钟|学时|课时)(?!就|内|之内|以内)",
    r"多久|多长时间|多长(?!度)|天数|时限|分钟数|课时数|学时数",
)
DATE = any_of(r"什么时候|哪一?天|几号|几日|哪一?日|哪一?年|几月|几点|何时|哪个月|截止|到什么时间")
COUNT = any_of(
    r"多少(?:人次|人|名|位|所|个|家|门|种|项|条|次|套|间|批|本)?",
    rf"{_FEW}(?![乎月天年点号日])",
    r"数字(?!化|经济|中国| )|数量|名额",
    # 最多能坐   near miss: 最少要多少课时
    r"最(?:多|少)(?:能|可以|要|配|坐|招|收)(?!.{0,4}(?:多少|几))|how ?many",
    flags=re.IGNORECASE,
)
MOST = any_of(
    r"最多|最长|最高|最大(?!限度)|最晚|最迟|上限|封顶|至多|顶多", r"不能超过|不得超过|不超过(?=多少|几)"
)
LEAST = any_of(r"最少|最短|最低|最小|最早|下限|起码|至少|保底", r"不(?:得|能)?(?:少于|低于)(?=多少|几)")

FRAME = any_of(
    MOST.pattern,
    LEAST.pattern,
    r"百分之(?:几|多少)|(?:多少|几)[十百千万]*(?:人次|个人|[个名位所天年月人家门项种条次成倍号])?",
    r"(?<![这那上下头])一(?:回|次|趟|遍)(?!性)",
    r"分别(?:是|为)?|各(?:提出?|自|有|要)(?:了|是)?|说明什么|怎么(?:表述|写|列|规定|说|讲)的?|提出?了?(?:什么|哪些|啥)要求",
    r"包括(?:什么|哪些)(?:方面|内容)?(?:的内容)?|(?:什么|哪些)(?:方面的?)?内容",
)
"""Words that shape a question and stand in no answer."""

_MORE = r"(?:多(?!少)|(?<!多)少(?!于)|高(?![于中职级等校技])|低(?!于)|严|松)"
# 比河南高吗   near miss: 比例是多少, 师生比最高多少
_THAN = r"(?<![占师生员])比(?![例率重赛如])"
_SAMENESS = (
    r"一样(?:吗|不|么|嘛|的吗)|是不是一样|一致吗|相同吗|同样吗|一回事|(?:是|同)一?个数|是一码事|谁放得|是否(?:一样|一致|相同)",
    r"区别|不同|差别|差异|不一样|对比|比较|相比|矛盾|冲突|对得上|对不上|差在哪|出入|字眼|写法|叫法|说法一|(?:找|有)[得没]?[到有]?对应|前后",
    rf"谁(?:更)?{_MORE}|{_THAN}[^,，。]{{1,14}}{_MORE}",
)
SAMENESS = any_of(*_SAMENESS)
COMPARISON = any_of(*_SAMENESS, r"分别是?|各(?:是|自|有|要|提|为)?(?:多少|几|什么|怎)?|说明什么|还是")
LIST = any_of(
    r"哪些|哪几|有几(?:项|条|个|类|种)|包括什么|都有(?:谁|什么|啥)|分别|列出|一共有",
    r"几(?:项|条|个方面|大)|什么内容|讲(?:了)?什么|内容是",
)
# 2023年, 2019—2021   near miss: 2000人次, 豫政2021号; 2023年4月20日 is a day of the asker's own case
YEAR = re.compile(
    r"(?<![\d.])20\d{2}(?![\d.%号人名位元个家所次万多余]|学时|课时|年\d{1,2}月\d|年(?:度)?(?:出过|办起|成立|开办|拿到|考[的上]|毕业|退伍|退役|入职|改过|修订过|年检))|二[〇零○][〇零○一二三四五六七八九]{2}(?=年)"
)
TITLE = any_of(r"《[^》]*》|[〔\[(（]\d{4}[〕\])）]")
"""A title or the year of a document number: a year in it is not a year that a rule is made for."""
YES_NO = any_of(r"[^,，。;；?？!！]*[吗么不没](?=[,，。;；?？!！]|$)")
"""The rest of a clause that asks whether, not how many: 几 + 门课吗."""
OWN_TARGET = any_of(r"全(?:市|县|区|省|州)|总任务|任务|目标|指标|计划数|名额|人次")
"""Asks for a place's own figures, which no superior's document gives."""
TRAINS_HOW_MANY = any_of(
    r"(?:培训|训|培养|教会|扶持)(?:完成|出)?[^,，。?？]{0,4}(?:多少|几(?:个|名|万|千|百)?)(?:人|名|个|学员|农民|$|[?？])"
)
WHOLE_PLACE = any_of(r"[全整](?:个)?(?:市|县|区|省|州)|所有|各[校所]|总任务|合计|加起来")
INSTITUTION = any_of(
    r"[高中]职|中专|大专|职[高校]|技[校师工]|学校|院校|学院|大学|机构|企业|公司|厂|个班|每班|班[里上]"
)
"""Speaks of a school, a firm or a class in a place, whose figures a superior's document may give."""

ASPECT_BREAK = any_of(
    r"[，,；;。？?！!、:：]",
    r"(?<![一二两三四五六七八九])(?:和|与|及|以及|还有|另外|并且)(?![一二两三四五六七八九]*[家个项])",
)

ASKS = any_of(
    r"[?？吗么呢嘛]|多少|多[久长大高]|几(?!十|百|千)|还是(?!要|得|会|能|没|不)|谁|什么|啥|哪|怎么|咋|如何|是否|能不能|可不可以|行不行|够不够|要不要|有没有|几[十百千万]+(?:[个人名号]|人次)?(?=[?？。]?$)|(?<!还)[没不否](?=[。!！~]?$)"
)
"""Asks something at all."""
FIGURE_OR_WHETHER = any_of(r"多少|几(?:[个名位所家年月天次成]|人)|[吗么](?=[?？,，]|$)|是不是|有没有")
REQUEST = any_of(r"(?:给|帮|替)我|(?:背|念|列|查|找|讲|告诉|说明|解释)(?:一下|一遍|给|出来)|原话|原文")
"""Wants to be told something, in no question's words."""
_GENERIC = any_of(
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


OWN_CASE = any_of(
    r"我|咱|俺|本[校班公单机]|这(?:个(?!数|比例|规定|标准|要求|说法|政策|文|意见|方案|通知|办法|条)|[批期所])|该班|有[个所]|[一二两三]个[^,，。]{0,6}班[^,，。多几]{0,3}\d|如果|要是|假如|打算|准备|想(?!问|知道|了解)|开班|办班|一所|一家"
)
"""Speaks of a case of the asker's, not of the rule alone."""
RECOLLECTION = any_of(
    r"(?:给|跟|告诉|回|问|替|帮)(?:我|俺)|(?:我|俺)(?:没记错|记得|听说|听人说|看到|看见|印象(?:里|中)|以为|理解)"
)
QUOTES_RULE = any_of(
    r"没记错|听(?:别?人)?(?:说|讲)|据说|都说|有人说|印象(?:里|中)|没错吧|没错吗|这个?数(?:字)?(?:对|没错|是对)",
    r"(?:规定|文件|方案|通知|意见|条款|要求|政策)(?:里|上|中)?(?:不是)?(?:写着?|说|是|讲|要求|规定|明确)?",
)
"""Speaks of what a text says."""
OF_COUNTRY = any_of(r"全国|国家(?!级|规划|标准|职业|教育|资历)|部里|教育部(?!门)|中央")
OF_PROVINCE = any_of(r"全省|省(?:里|级(?!高|示范|职业|品牌|教|专业|产教|以|重)|厅|上|教育厅)|教育厅")
OF_HOME = any_of(
    r"(?:咱|我|俺)们?(?:这(?:里|儿|边)?|县|市|区|省)|县(?:里|上|级(?!以)|方案|直)|市里|本[县市区省]|当地"
)
"""Speaks of a level of government without its name."""
BELOW_COUNTY = any_of(r"(?:咱|我|俺|本)们?(?:这个?)?(?:镇|乡|街道|村|社区)(?:上|里)?")
"""A place below those that have documents."""
OWN_PLACE = any_of(r"(?:我|咱|俺)们?(?:这个?)?(?:县|市|省|区|国|这边|这里|这儿)")
EACH = any_of(r"各(?!类|种|项|级|地|位|类)|分别")
TO_EACH = any_of(r"各|分别|都|两[地省县边头处]")
"""Puts one case to several places."""
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


SPEAKS_OF_HOME = any_of(
    r"我|咱|俺|本[地县市省]|这[边里儿]|当地|能用(?=吗|不|么|在|到)|适用|照搬|套用|参照|搬"
)
"""Brings the asker's own place in beside another that is named."""
HOLDS_HERE = any_of(
    r"管得着|管不管|适不?适用|适用|套用|照搬|照(?:着|这|那|此|办|做)|也(?:必须|应当?|需要?|要|得|按|是|能|可以|算)|一样(?:要|得|适用)|(?:这|那)(?:条|(?:个|项)(?:规定|要求|标准|政策|做法|规矩))|硬杠杠|落不落到|"
    r"受[^,，。]{0,8}(?:约束|限制)|作数|算数|管用|有效"
)
"""Asks whether a rule that the asker knows of holds where they are."""
ONE_RULE = any_of(
    r"这一?[条项](?:规定|要求|指标)?(?:行|够|过|满足|达标|合格|没问题|可以|能过)|(?:单|只|光|就|仅)(?:看|论|说|讲|问|拿|凭|按|算)|单从|就.{0,6}(?:这一[项条块]|来说|而言|来讲|来看)|这一[项条]|别的(?:都|就|也)?(?:先)?不(?:管|论|说|看|问)",
    # 占比达标没, 工位够不够使: one figure is judged, not the class
    r"(?:比例|占比|比率|配比|师生比|人数|课时|学时|时长|分钟|工位|老师|教师|师资|满意度|倍数)(?:这|那|方面|上|数|的)*(?:达标|合规|合格|够(?!格)|超(?!过)|过关|符合|行不行|没问题|合不合)",
)
"""Asks about one rule alone."""
ASKS_WHO = any_of(
    r"(?:哪些|哪个|哪几个|什么)(?:部门|单位|机关|机构|局)|谁(?:来)?(?:管|负责|牵头|干|办)|责任单位|归谁|由谁|牵头"
)
IN_CHARGE = any_of(r"责任单位|牵头单位|责任部门")
"""What a clause has that says, at its end, who is to do it."""
WHOLE = any_of(
    r"[班校厂]|开[办了]?|批|机构|企业|公司|单位|学员|学生|[人名个位](?:老师|师傅)|合规|合格|条件|参加|报名|申请|通融|通过|算数|补贴|享受|资格|优先"
    # 低于85%会怎样: what follows stands beside the verdict
    r"|会(?:怎么?样|咋样|如何)|怎么(?:办|处理|处罚|罚)|咋(?:办|处理|整)|后果|什么结果"
)
"""Speaks of what is judged as a whole, a class, a school, an application, or of what follows from that."""
OWN_SELF = any_of(r"我(?!们|国|省|市|县)|俺(?!们)|本人")
"""Speaks of the asker alone."""
