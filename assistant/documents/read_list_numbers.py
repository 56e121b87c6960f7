"""A count and the name of a number format in, the number as a word processor prints it out.

Format names are those of Office Open XML (ECMA-376 part 1, 17.18.59 ST_NumberFormat). A number
beyond the reach of its format is printed in decimal digits, as Word does.
"""

from __future__ import annotations

from collections.abc import Callable

_ROMAN = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)
_DIGITS = "零一二三四五六七八九"
_LEGAL_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_CIRCLED = (
    "".join(chr(0x2460 + n) for n in range(20))
    + "".join(chr(0x3251 + n) for n in range(15))
    + "".join(chr(0x32B1 + n) for n in range(15))
)
_SERIES = {
    "decimalEnclosedCircle": _CIRCLED,
    "decimalEnclosedCircleChinese": _CIRCLED,
    "decimalEnclosedParen": "".join(chr(0x2474 + n) for n in range(20)),
    "decimalEnclosedFullstop": "".join(chr(0x2488 + n) for n in range(20)),
    "ideographEnclosedCircle": "".join(chr(0x3220 + n) for n in range(10)),
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
}


def format_number(number: int, style: str) -> str:
    """Print a list number.

    Args:
        number: the count; only some formats know 0 or less.
        style: name of an ST_NumberFormat; an unknown one counts as `decimal`.
    """
    if style == "none":
        return ""
    series = _SERIES.get(style)
    if series is not None:
        return series[number - 1] if 1 <= number <= len(series) else str(number)
    formatter = _FORMATTERS.get(style)
    return formatter(number) if formatter is not None and number > 0 else str(number)


def _format_chinese(number: int, digits: str = _DIGITS, units: str = "十百千") -> str:
    """Print 1 to 9999 in Chinese numerals, such as 一百零五; 11 is 十一, not 一十一."""
    if number > 9999:
        return str(number)
    text = ""
    for place, figure in enumerate(reversed(str(number))):
        if figure != "0":
            text = digits[int(figure)] + (units[place - 1] if place else "") + text
        elif text and not text.startswith(digits[0]):
            text = digits[0] + text
    one_ten = digits[1] + units[0]
    return text[1:] if digits == _DIGITS and text.startswith(one_ten) and number < 20 else text


def _format_counting(number: int) -> str:
    """Print `chineseCounting`: as spoken up to 99, then digit by digit with ○ for nought."""
    if number < 100:
        return _format_chinese(number)
    return "".join(_DIGITS[int(figure)] for figure in str(number)).replace("零", "○")


def _format_digits(number: int) -> str:
    """Print `ideographDigital`: digit by digit, with U+3007 for nought."""
    return "".join(_DIGITS[int(figure)] for figure in str(number)).replace("零", "\u3007")


def _format_legal(number: int) -> str:
    return _format_chinese(number, _LEGAL_DIGITS, "拾佰仟")


def _format_letters(number: int) -> str:
    """Print A to Z, then AA to ZZ, AAA …, as Word does."""
    return chr(ord("A") + (number - 1) % 26) * ((number - 1) // 26 + 1) if number <= 780 else str(number)


def _format_roman(number: int) -> str:
    if number > 32767:
        return str(number)
    text = ""
    for value, sign in _ROMAN:
        text += sign * (number // value)
        number %= value
    return text


def _format_full_width(number: int) -> str:
    return "".join(chr(ord(figure) + 0xFEE0) for figure in str(number))


_FORMATTERS: dict[str, Callable[[int], str]] = {
    "chineseCounting": _format_counting,
    "taiwaneseCounting": _format_counting,
    "chineseCountingThousand": _format_chinese,
    "taiwaneseCountingThousand": _format_chinese,
    "japaneseCounting": _format_chinese,
    "koreanDigital": _format_digits,
    "ideographDigital": _format_digits,
    "japaneseDigitalTenThousand": _format_digits,
    "taiwaneseDigital": _format_digits,
    "chineseLegalSimplified": _format_legal,
    "decimalZero": "{:02d}".format,
    "decimalFullWidth": _format_full_width,
    "decimalFullWidth2": _format_full_width,
    "upperLetter": _format_letters,
    "lowerLetter": lambda number: _format_letters(number).lower(),
    "upperRoman": _format_roman,
    "lowerRoman": lambda number: _format_roman(number).lower(),
}
