"""How people ask of a table's rows: the patterns that tell a sum from a count, a share from a rank.

In: nothing. Out: compiled patterns over the same text as `wording`'s; none speaks of a table by its name.
"""

from __future__ import annotations

import re
from typing import Literal

Operation = Literal[
    "sum",
    "count",
    "max",
    "min",
    "difference",
    "ratio",
    "share",
    "list",
    "items",
    "rank",
    "offices",
    "named",
    "none",
]

TIMES = re.compile(r"(?:几|多少)倍")
DIFFERENCE = re.compile(
    r"(?:比|和|与|跟|同).{1,32}(?:[多少](?:出|了)?(?:多少|几)|相差|差(?:了)?(?:多少|几)|谁(?:的)?(?:更)?[多少高低](?!少)|一样多|(?:任务|人次|人数|数)[量目]?(?:是不是|是否)?(?:一样|相同|相等))"
)
OPERATIONS: list[tuple[Operation, re.Pattern[str]]] = [
    ("difference", DIFFERENCE),
    ("ratio", TIMES),
    ("share", re.compile(r"占.{0,12}(?:几成|多少|几分之|百分之几|多大)|占比|百分之几|几成")),
    (
        "rank",
        re.compile(
            r"排(?:名|位|在|到)?第?[一二三四五六七八九十\d]|第[一二三四五六七八九十\d]+(?:名|位|[多大高少小低])|前[一二三四五六七八九十\d]+(?:名|位|大)"
        ),
    ),
    ("max", re.compile(r"(?<![按照以用])最(?:多|大|高|重|长)(?!能|可以|有|是(?!哪|谁|什))")),
    ("min", re.compile(r"(?<![按照以用])最(?:少|小|低|轻|末|短)(?!要|得|需|能|可以|是(?!哪|谁|什))")),
    (
        "sum",
        re.compile(
            r"加起来|加在一起|加(?:到)?一?[块起]|合计|总和|之和|相加|一共(?:是)?多少(?!项|行|个)|总共(?:是)?多少(?!项|行|个)|合起来|总数|(?:剩下|余下|其余|剩余)[^,，。?？]{0,6}(?:多少|几)"
        ),
    ),
    (
        "count",
        re.compile(
            r"(?:有|共|一共|总共|牵头|负责|参与|涉及)?(?:了)?(?:几|多少)(?:项|行|类|条|[次回](?=[?？,，]|$)|个(?:任务|项目|单位牵头|职业|工种|(?=[?？,，]|$))|种(?:职业|工种))"
        ),
    ),
    (
        "list",
        re.compile(
            r"第几[项行条]|排第?几|哪些|哪几|哪一?(?:项|行|条|件)|是哪一?[个家]|(?:找|挑|筛|拎)(?:一下|出来?)|(?:什么|啥)(?:任务|活|差事)|(?:干|办|管|做)(?:的|些)?(?:什么|啥)|都有(?:谁|什么|啥)|列(?:出|一下)"
        ),
    ),
]
ENDS: tuple[Operation, ...] = ("max", "min")
ITEMS = re.compile(r"(?:几|多少)(?:个|种)(?:职业|工种)|(?:职业|工种)[^。;；?？]{0,10}(?:几|多少)(?:个|种)")
"""Asks how many names a cell lists, not how many rows there are."""
OFFICES = re.compile(
    r"(?<!哪)(?:几|多少)(?:个|家)(?:牵头|责任|参与|成员|主管)?(?:单位|部门)|(?:单位|部门)[^,，。]{0,4}(?:几|多少)(?:个|家)"
)
"""Asks how many offices a table names, not how many rows it has."""
ASKS_TABLE = re.compile(
    rf"{OFFICES.pattern}|有没有|在不在|是不是在|列没列|[有在列].{{1,16}}(?:吗|(?<![什怎多这那])么|没|不)(?=[?？,，]|$)"
)
"""Asks how many offices, or whether there is one, of a table that is named."""
NAMES_TABLE = re.compile(
    r"清单|目录|名单|附表|分解表|一览表|[那这]张表|(?:任务|目标|标准)表|附件(?=[里中上的])"
)
"""Speaks of a table as one."""
ALONE = re.compile(
    r"各自?(?:牵头|负责|管)(?:的)?[一1][项个]|各自(?:牵头|负责)|单独|独自|独家|(?:自己|一家)(?:牵头|负责)"
)
"""Asks for what an office does without others."""
FIRST = re.compile(
    r"(?:排|写|列|放)(?:名|位)?(?:在|到)?(?:第一|头一|最前|首)(?:位|个|名|面|头)?|打头|首位|第一个(?:就|便)?(?:写|列|排|点|提|是)"
)
"""Asks for the rows in which an office is named first."""
ONLY = re.compile(r"[只仅单](?:写|有|列|是|归|由|让|涉及|提|点|给)(?:了|着|到)?")
"""Asks for the rows of the offices that are named and of no other: 只写了团委、妇联的."""
NAMED_WITH = re.compile(
    r"(?:带|含|有|包含|出现)(?:有|着|了)?(?:[“\"「](?P<quoted>[^“”\"」]{1,8})[”\"」]"
    r"|(?P<word>[\u4e00-\u9fff]{1,6}?)(?=这?(?:[一二两三四]个|[俩两二仨三])?字(?:样|眼)?(?:的|[?？,，]|$)))"
    r"|[以用][“\"「]?(?P<end>[^“”\"」,，。?？]{1,6}?)[”\"」]?(?:这?个?字)?(?:结尾|收尾|末尾|开头|打头|起头)"
)
"""名字带“铁路”俩字的, 含“快递”的, 以“员”结尾的. Near miss: 有几个字段, 有没有快递员."""
BOTTOM = re.compile(r"(?:垫底|压轴|压尾|殿后|收尾)的?[那这]?一?(?=[行项条])")
"""The last row of a table that ranks nothing: 垫底那项."""
EXCEPT = re.compile(
    r"(?:除(?:了|开|去|掉|却)?|扣[除掉去]|刨[去掉开]|减[去掉])(?P<name>.{2,16}?)(?:以外|之外|外|那一?[行项]|这一?[行项]|[,，]|的?其[余他])"
)
GROUPS = re.compile(
    r"(?P<sum>.+(?:加起来|加在一起|加(?:到)?一?[块起]|合计|合起来)[^跟和与同比]{0,4})[跟和与同比](?P<than>.+)|(?P<one>.+)比(?P<others>.+)"
)
"""A sum against another: A、B加一块比C少多少, A比B、C加起来少多少."""
SAYS_TASKS = re.compile(r"任务|人次")
STATES_TASK = re.compile(
    r"任务[数量]?(?:一共|总共)?(?:[是有为定])?(?:多少|几|\d)|(?:多少|几)(?:人次|个人)?的?[^,，。]{0,2}任务"
)
"""Asks how large a task is or says it: 任务是2800人次, 多少人次的培训任务   near miss: 任务由谁牵头"""
LEADS = re.compile(r"牵头|参与|负责|承担")
OF_ROWS = re.compile(r"任务|人次|表[里中上]|行|项|[多少差](?:多少|几[个项])")
"""What a question over rows speaks of."""
OF_ONE_ROW = re.compile(r"表|[那这]一?[行项]|一[行项]")
"""Speaks of a table or of a row by its name."""
ORDINAL = re.compile(r"第([一二三四五六七八九十\d]+)[行项]")
"""A row by its number."""
SAID_COUNT = re.compile(
    r"这(?P<n>[两二三四五六七八九十\d]+)(?:个|项|行|类|样|种|块|拨|家|条)"
    r"|(?<![第附前\d])(?P<m>[两二三四五六七八九十])(?:项|行|类|样|种|块|拨|家)(?=(?:的?(?:任务|人次|人数)数?)?(?:加|合|一共|总共|拢共))"
)
"""How many things somebody says they have named: 这三拨人, 三块加一起."""
