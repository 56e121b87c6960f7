"""What a sentence names: places, documents, quotes; and what no sentence may hold: links, code, talk of prompts.

In: a sentence as worded. Out: the first name that is not that of what it cites.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from assistant.dialogue.faithful_fault import Fault
from assistant.dialogue.faithful_ground import Evidence, Ground
from assistant.dialogue.faithful_read import plain_form
from assistant.documents.region_file import NATION
from assistant.rules.pins import fold

_NUMBER = re.compile(
    r"[\u4e00-\u9fff]{2,8}\[(?:19|20)\d{2}\]第?\d+号|\[(?:19|20)\d{2}\]\d+号?|(?<![\d第])\d{1,4}号文"
)
_TITLE = re.compile(r"《([^《》]+(?:《[^《》]+》[^《》]*)*)》")
_OPENING = {"“": "”", "「": "」", "『": "』", "‘": "’"}
_WHOLE = {
    0: r"全国|我国|国家(?=鼓励|支持|规定|要求|提出|允许|明确)|各省",
    1: r"全省|我省|本省",
    2: r"全市|我市|本市",
    3: r"全县|我县|本县|县里",
}
_FORBIDDEN = re.compile(
    r"https?:|www\.|://|<[A-Za-z/!]|!\[|\]\(|```|`|\{|\}|[\w.]+@[\w-]+\.|javascript:|system prompt|prompt"
    r"|提示词|系统提示|系统消息|系统指令|作为(?:一个|一名)?(?:AI|人工智能|语言模型|大?模型|智能)|语言模型|大模型|我是(?:一个|一名)?(?:AI|人工智能)"
    r"|(?:忽略|无视|不顾|绕过)(?:以上|上述|前面|之前|所有)|指令|越狱|开发者模式|API|密钥|token",
    re.IGNORECASE,
)
_LONG_DIGITS = re.compile(r"\d{7,}|\d{3,4}-\d{7,8}")
_SCRIPT = re.compile(r"[^\x20-\x7e\n\t\u3000-\u303f\u4e00-\u9fff\uff00-\uff65\u2010-\u2015…“”‘’·×÷≤≥≠①-⑳]")


def find_form_fault(sentence: str, literal: str) -> Fault | None:
    """Scripts, links, code and talk of prompts; allowed only as the clause has them."""
    for match in _SCRIPT.finditer(sentence):
        if match[0] not in literal or unicodedata.category(match[0]) in ("Cf", "Cc", "Co"):
            return Fault("script", match[0])
    for match in _FORBIDDEN.finditer(sentence):
        if fold(match[0]) not in literal:
            return Fault("instruction", match[0])
    for match in _LONG_DIGITS.finditer(fold(sentence)):
        if match[0] not in literal:
            return Fault("instruction", match[0])
    return None


def find_quote_fault(sentence: str, evidence: Evidence) -> Fault | None:
    """Words in quotation marks that do not stand so in a cited clause."""
    texts = [fold(text) for c in evidence.clauses for text in (c.text, c.quote, c.headings, c.title)]
    for quoted in _find_quoted(sentence):
        wanted = [part.strip("。；;，,、") for part in re.split(r"(?:…|\.{3})+", fold(quoted))]
        if not all(any(part in text for text in texts) for part in wanted):
            return Fault("quote", quoted)
    return None


def _find_quoted(sentence: str) -> Iterator[str]:
    """What stands in the outermost quotation marks."""
    depth, start, closing = 0, 0, ""
    for i, char in enumerate(sentence):
        if char == '"' and closing in ("", '"'):
            if closing:
                yield sentence[start:i]
            start, closing = i + 1, "" if closing else '"'
        elif not closing and char in _OPENING:
            depth, start, closing = 1, i + 1, _OPENING[char]
        elif closing and _OPENING.get(char) == closing:
            depth += 1
        elif closing and char == closing:
            depth -= 1
            if depth == 0:
                yield sentence[start:i]
                closing = ""


def find_places(sentence: str, evidence: Evidence, ground: Ground) -> set[str]:
    """Codes of the places that a sentence names, titles and numbers of the cited documents aside."""
    return {
        mention.region.code for mention in ground.regions.find(_without_names(sentence, evidence, ground))
    }


def _without_names(sentence: str, evidence: Evidence, ground: Ground) -> str:
    text = plain_form(sentence, ground.lexicon)
    for name in evidence.names:
        text = text.replace(plain_form(name, ground.lexicon), "。")
    return text


def find_place_fault(sentence: str, evidence: Evidence, ground: Ground) -> Fault | None:
    """A place that is neither the cited document's nor named in the clause."""
    text = _without_names(sentence, evidence, ground)
    homes = [c.code for c in evidence.clauses]
    for mention in ground.regions.find(text):
        code = mention.region.code
        words = text[mention.start : mention.end]
        if code in homes or (code in evidence.places and code != NATION) or words in evidence.literal:
            continue
        return Fault("region", words)
    for level, pattern in _WHOLE.items():
        for match in re.finditer(pattern, text):
            levels = {region.level for code in homes if (region := ground.regions.get(code))}
            if level not in levels and match[0] not in evidence.literal:
                return Fault("region", match[0])
    return None


def find_document_fault(sentence: str, evidence: Evidence, ground: Ground) -> Fault | None:
    """A number or title that is not that of a cited document and does not stand in the clause."""
    bare = fold(sentence)
    for match in _NUMBER.finditer(bare):
        if not _is_number(match[0], evidence):
            return Fault("document", match[0])
    for title in _TITLE.findall(sentence):
        if plain_form(title, ground.lexicon) not in evidence.literal:
            return Fault("document", title)
    return None


def _is_number(number: str, evidence: Evidence) -> bool:
    literal = evidence.literal
    if number.endswith("号文"):
        return re.search(rf"\](?:第)?{number[:-1]}", literal) is not None
    at = number.find("[")
    # 根据潢技领办[2021]1号: what leads up to the issuer's letters is no part of the number.
    return any(number[i:] in literal for i in range(max(at - 1, 1))) if at > 0 else number in literal
