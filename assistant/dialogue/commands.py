"""A message → the message without what speaks to a machine: markup, marks of chat templates, orders how to answer.

In: a normalised message, whose Chinese commas and brackets are ASCII. Out: the same without them; unchanged where nothing
else would be left. A part that asks something or states a figure of a class stays, whatever it orders besides. So whoever
puts an order beside a question gets the answer to the question.
"""

from __future__ import annotations

import re
from html import unescape

_NO_CHINESE = r"[^\u3400-\u9fff?]*"
_MARKUP = re.compile(
    "|".join(
        (
            r"<(script|style)\b[^<>]{0,400}>.{0,2000}?</\1\s*>|<!--.{0,2000}?-->|</?[a-z][^<>]{0,400}>",
            r"<\|[^<>|]{0,40}\|>(?:system|user|assistant)?|\[/?(?:inst|sys)\]|<</?sys>>|```\w*",
            r"\$\{[^{}]{0,200}\}|\{\{.{0,200}?\}\}|\{%.{0,200}?%\}|\{[^{}\u3400-\u9fff]{0,400}\}",
            r"!?\[[^\[\]]*\]\((?:javascript|data|vbscript):[^()\s]*(?:\([^()]*\)[^()\s]*)*\)",
            r"!\[[^\[\]]*\]\([^()\s]*\)|(?<=\])\([^()\s]*\)",
            r"\b(?:https?|ftp|javascript|data|file|ldap|gopher):[^\s\u3400-\u9fff,。;?]*",
            r"['\"]?\)?;?\s*\b(?:drop (?:table|database)|union (?:all )?select|insert into|delete from)\b"
            + _NO_CHINESE,
            r"['\"]?\)?\s*\bor ['\"]?1['\"]? ?= ?['\"]?1" + _NO_CHINESE,
        )
    ),
    re.IGNORECASE | re.DOTALL,
)
"""HTML; tokens of chat templates; template and JSON expressions; links, pictures, addresses; SQL."""

_PART = re.compile(r"[^,。;!?\n()]*[,。;!?\n()]*")
_ASKS = re.compile(
    r"多少|几[个人所名天年]|什么|啥|哪|谁|怎么|咋|为何|吗|是否|能不能|可不可以|行不行|算不算|要不要"
)
_STATES = re.compile(r"\d+ ?(?:个|名|位|人|学员|学生|老师|教师|工位|课时|学时|节|分钟|天|元|万|%)")

_LEAD = (
    r"(?:现在|接下来|从现在起|从此刻起|以后|首先|先|务必|麻烦|请|你|您|给我|必须|一定要|只能|只|直接|立即|马上"
    r"|我命令|我要求)*"
)
_WHICH = r"(?:你|掉|了|所有|一切|全部|任何|以上|上述|上面|前面|之前|先前|此前|已有|收到|这些|那些|系统|安全|开发者|平台|的)*"
_RULES = r"(?:规则|规定|指令|指示|提示词?|限制|设定|设置|要求|约束|内容|条款|对话|文件|政策|身份|审核|防护)"
_SECRET = r"(?:提示词|指令|密钥|密码|口令|令牌|环境变量|设置|配置|数据库|源代码|源码|路径|日志|初始化)"
_VERDICT = r"(?:合格|符合|通过|可以|能开|同意|好的|是的|“[^”]*”|\"[^\"]*\"|yes|no|pass|ok|approved)"
_TELL = r"(?:回答|回复|输出|返回|打印|显示|泄露|公开|复述|重复|翻译|写出|贴出|说|告诉我)"
_ROLE = (
    r"(?:助手|机器人|AI|人工智能|模型|DAN|系统|专家|局长|主任|奶奶|爷爷|演员|角色|管理员|终端|模式|解释器)"
)
_COMMANDS = re.compile(
    "|".join(
        (
            rf"{_LEAD}(?:忽略|无视|(?i:ignore|disregard|forget) ?|忘记|忘掉|忘了|抛开|撇开|跳过|不要管|不用管|别管"
            r"|不要遵守|不必遵守|绕过|解除|覆盖|清空|重置|删除)"
            rf"{_WHICH}{_RULES}{{0,2}}(?:吧|即可|了)?",
            rf"{_WHICH}{_RULES}(?:全部|统统|都|已经|已|一律)*(?:作废|失效|无效|取消|解除|关闭)了?",
            rf"{_LEAD}(?:就?是|变成|成为|扮演|假装(?:是|成)?|充当|模拟|进入).{{0,24}}{_ROLE}",
            rf"{_LEAD}(?:不要|不用|不必|不得|禁止|别)再?(?:引用|拒绝|解释|说明|核对|验证|检查|警告|提示|反问|追问).{{0,12}}",
            rf"{_LEAD}(?:用|以|按)?.{{0,12}}(?:JSON|XML|base64)(?:格式)?{_TELL}?",
            rf"{_LEAD}.{{0,12}}{_TELL}.{{0,8}}(?:{_SECRET}|{_VERDICT})",
            rf"{_LEAD}(?:把|将).{{0,20}}{_SECRET}.{{0,12}}(?:告诉|给|发|贴|列|说|打印|输出).{{0,4}}",
            rf"(?:他|她|它)就?是.{{0,12}}{_ROLE}",
            r"(?:我|本人|这里|这)就?是.{0,12}(?:局长|主任|领导|管理员|开发者|测试员|工程师|校长|站长)",
            r".{0,6}(?:DAN|越狱|开发者|调试|上帝|管理员|维护|无限制|root|sudo|debug|developer) ?模式(?:已|已经)?(?:开启|启动|打开|激活)?",
            r"(?:奶奶|外婆|爷爷|老师)?.{0,4}(?:去世|过世|睡前).{0,16}",
            r"(?:假设|假如|设|已知|因为|既然|规定)?\d+(?: ?[+*x×/-] ?\d+)? ?(?:=|等于) ?\d+",
        )
    ),
    re.IGNORECASE,
)
"""Whole parts that order instead of asking."""

_DEMAND = re.compile(rf"{_LEAD}(?:说|给|批|写|{_TELL}|承认|宣布|宣告|认定|判定|批准|同意)")

_LABELLED = re.compile(
    r"(?:【|\[|#+|\()? ?(?:系统|管理员|开发者|system|admin)(?:】|\])? ?"
    r"(?:提示|消息|指令|通知|公告|override|prompt|message)?(?:】|\])? ?:(?:[^。!?.)]|\.(?=\d))*[。!?.)]*",
    re.IGNORECASE,
)
"""What is labelled as the system's own word reaches to the end of its sentence."""

_ENGLISH = re.compile(
    r"\b(?:please |now |then |do |just |you must |you should )*"
    r"(?:ignore|disregard|forget|override|bypass|pretend|act as|behave as|roleplay|you are|you're|from now on|output|print"
    r"|reply|respond|answer|say|reveal|repeat|show me|dump|translate|assume|do not|don't|stop|begin|end|enter|enable)\b"
    r"[^\u3400-\u9fff。?]*?(?:[.!;,。]+ ?|\n|$|(?=[\u3400-\u9fff?]))",
    re.IGNORECASE,
)
"""An order in English beside a question in Chinese."""
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def drop_commands(text: str) -> str:
    """`text` without what speaks to a machine; all of it where nothing else is left."""
    bare = _LABELLED.sub(_keep_questions, _MARKUP.sub("", unescape(text)))
    in_chinese = _ENGLISH.sub("", bare)
    if _CHINESE.search(in_chinese):
        bare = in_chinese
    kept = "".join(part for part in _PART.findall(bare) if not _is_command(part)).strip(" ,;")
    is_lost = not kept or (_CHINESE.search(text) and not _CHINESE.search(kept))
    return text if is_lost or (kept != text and _is_demand(kept)) else kept


def _is_demand(text: str) -> bool:
    """Whether nothing is asked: what came with the orders is what they are to bring about."""
    parts = [words for part in _PART.findall(text) if (words := part.strip(" ,。;!?\n()"))]
    return not _ASKS.search(text) and all(_DEMAND.match(words) for words in parts)


def _keep_questions(labelled: re.Match[str]) -> str:
    return "".join(part for part in _PART.findall(labelled[0]) if _ASKS.search(part))


def _is_command(part: str) -> bool:
    words = part.strip(" ,。;!?\n()")
    if not words or _ASKS.search(words) or _STATES.search(words):
        return False
    return _COMMANDS.fullmatch(words) is not None


def drop_code(text: str) -> str:
    """A message without code, markup and log lines beside its Chinese: they ask nothing and state no fact.

    What has no Chinese at all is left as it is.
    """
    joined = _SET_APART.sub(lambda m: "".join(m[0].split()), text)
    return (
        _ASCII_RUN.sub(lambda m: " " if _is_code(m[0]) else m[0], joined) if _CHINESE.search(text) else text
    )


def _is_code(run: str) -> bool:
    return any(c.isalpha() for c in run) and bool(_CODE.search(run))


_ASCII_RUN = re.compile(r"[\x00-\x7e]{3,}")
_CODE = re.compile(
    r"[`${}|\\\"\x00-\x08\x0b-\x1f]|</?[A-Za-z!]|[A-Za-z]=(?!\d)|'[^']*'|\[[A-Z]{3,}\]|%[\da-fA-F]{2}(?!\d)"
)
"""What only code has.   near miss: 占65%,A班; SYB; 45min; teacher=3,class=60"""
_SET_APART = re.compile(r"\b(?:[a-z]\s){3,}[a-z]\b")
"""Letters set apart: i g n o r e."""
