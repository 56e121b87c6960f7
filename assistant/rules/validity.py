"""How long a text says that it holds: 自2024年10月1日起施行，有效期3年; 有效期至2028年2月29日; 施行，至2026年12月31日止.

In: the words of a clause, and the day its document was issued. Out: `Validity`. The day on which it comes into force is the
first of the years counted, so that three years from 1 October end on 30 September.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from assistant.documents.lines import DATE
from assistant.documents.metadata import parse_date
from assistant.rules.calendar import corresponding_day
from assistant.rules.numerals import read_number

_IN_FORCE = r"(?:施行|执行|实施|生效)"
_STARTS = rf"自?(?P<day>{DATE}|(?:印发|发布|公布|发文)之日)起(?:正式)?{_IN_FORCE}"
STARTS = re.compile(rf"自?(?P<day>{DATE})起(?:正式)?{_IN_FORCE}")
_UNTIL = re.compile(
    rf"(?:有效期|施行|执行|实施|有效)(?:截?至|到)(?P<day>{DATE})|{_IN_FORCE}[,，](?:有效期)?(?:截?至|到)(?P<end>{DATE})(?:止|为止)?"
)
_LASTS = re.compile(
    # 自2024年10月1日起施行，有效期3年   near miss: 备案有效期为一年
    rf"{_STARTS}[,，](?:有效期|试行期?|执行期限?|期限)(?:限)?(?:为)?(?P<n>\d{{1,2}}|[一二两三四五六七八九十]{{1,2}})(?P<unit>年|个月)"
)
_MONTHS = {"年": 12, "个月": 1}


class Validity(NamedTuple):
    """Until when a text holds.

    Attributes:
        until: the last day.
        words: those that say it, without blanks.
        since: the first day, where the last one is counted from it; `length` how long, as written.
    """

    until: date
    words: str
    since: date | None = None
    length: str = ""


def read_validity(text: str, issued: date | None) -> Validity | None:
    """Read the words of a clause; None where they do not say until when the text holds.

    Args:
        text: without blanks.
        issued: the day from which 自印发之日起 counts; None where that is not known.
    """
    if stated := _UNTIL.search(text):
        day = parse_date(stated["day"] or stated["end"])
        return Validity(day, stated[0]) if day else None
    match = _LASTS.search(text)
    since = (issued if "之日" in match["day"] else parse_date(match["day"])) if match else None
    number = read_number(match["n"]) if match else None
    if match is None or since is None or not number:
        return None
    until = corresponding_day(since, int(number) * _MONTHS[match["unit"]]) - timedelta(1)
    return Validity(until, match[0], since, match["n"] + match["unit"])
