"""What a short text is by its own words: a closed sentence, a title, an office, a cross-reference.

In: the text of a line. Out: True or False. Nothing here knows the neighbours of the line.
"""

from __future__ import annotations

import re

from assistant.documents.normalize import squeeze

SUBJECTS = "，,。；;：:！？"
_ENDS = "。！？；：!?;:…"
# 农忙时节不开班.   near miss: 一., 3., www.
_WESTERN_STOP = re.compile(r"[\u4e00-\u9fff]{2}\.$")
_OPENING, _CLOSING = "（(〔【", "）)〕】"
_TRAILING_MARKS = "*”’」』》"
# How far back a closing bracket is followed; what is opened before that is taken for closed.
_WINDOW = 400
_LONGEST_TITLE = 80
_OFFICE = re.compile(
    r"[\u4e00-\u9fff、()]{1,38}(?:政府|办公室|办公厅|[厅局部委会院校处办署社所]|小组|大学|公司|中心|[总支]队|银行|[妇残侨]联|科协)"
    r"(?:\((?:盖章|印章|代章|公章|章)\))?"
)
_INSTRUMENT = re.compile(
    r"关于|《|(?:通知|意见|办法|方案|规定|条例|细则|决定|计划|规划|纲要|批复|公告|通告|函|报告|标准|规范|指南|要点|制度|规则|法)$"
)
_REFERENCE = re.compile(r"第|规定|所列|所称|所述|的|之|、|和|与|至|或|以及|及其|项|款|中|要求")


def is_closed(text: str) -> bool:
    """True where a sentence ends at the end of `text`, so that the next line does not continue it.

    A bracket that stands behind a closed sentence is closed itself: …200 人次。（责任单位：县司法局）
    """
    text = text[-_WINDOW:].rstrip().rstrip(_TRAILING_MARKS)
    while text.endswith(tuple(_CLOSING)):
        text = text[: _find_opening(text)].rstrip().rstrip(_TRAILING_MARKS)
        if not text:
            return True
    return text.endswith(tuple(_ENDS)) or _WESTERN_STOP.search(text[-3:]) is not None


def _find_opening(text: str) -> int:
    """Where the bracket opens that closes at the end of `text`; 0 where it is out of sight."""
    depth = 0
    for i in range(len(text) - 1, -1, -1):
        depth += (text[i] in _CLOSING) - (text[i] in _OPENING)
        if depth == 0:
            return i
    return 0


def is_title(text: str) -> bool:
    """True where a line may be a title or a part of one, such as （试行）."""
    if len(text) > 2 * _LONGEST_TITLE:
        return False
    compact = squeeze(text).strip("*")
    is_bracketed = compact[:1] == "(" and compact[-1:] == ")" and is_plain(compact, 20)
    return (
        (is_bracketed or not is_closed(text))
        and len(compact) <= _LONGEST_TITLE
        and not any(c in compact for c in ",，;；。")
        and not compact.startswith("各")
    )


def is_plain(text: str, longest: int) -> bool:
    """True for a short line without punctuation, as names and signatures are."""
    return len(text) <= longest and not any(c in text for c in SUBJECTS)


def is_office(text: str) -> bool:
    """True where a whole line names an issuing office, as in a letterhead or a signature."""
    if len(text) > _LONGEST_TITLE:
        return False
    compact = squeeze(text).strip("*")
    return _OFFICE.fullmatch(compact) is not None and not _INSTRUMENT.search(compact)


def is_letterhead(text: str) -> bool:
    """True for the red line at the top of a page: 河南省教育厅文件."""
    compact = squeeze(text) if len(text) <= _LONGEST_TITLE else ""
    return compact.endswith("文件") and is_plain(compact, 40) and not _INSTRUMENT.search(compact)


def is_instrument(text: str) -> bool:
    """True where a title names an instrument: 关于…, …办法."""
    return _INSTRUMENT.search(squeeze(text).strip("*")) is not None


def is_reference(rest: str) -> bool:
    """True where the words behind a label show that it is cited: 第三条 | 规定的条件."""
    return _REFERENCE.match(rest) is not None
