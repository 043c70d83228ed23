"""Chinese numerals: written as official papers number weeks and entries (十一, 一百零一), read however a clerk writes them."""

import re

DIGITS = "零一二三四五六七八九"
TENS = {"十": 10, "百": 100, "千": 1000}
MYRIADS = {"万": 10**4, "亿": 10**8}
# Formal and short ways to write the same numerals, and two words that hold one.
SAME = str.maketrans(
    {**dict(zip("〇两壹贰叁肆伍陆柒捌玖拾佰仟", "零二一二三四五六七八九十百千", strict=True)),
     "廿": "二十", "卅": "三十", "俩": "二", "仨": "三"}
)  # fmt: skip
NUMERALS = DIGITS + "".join(map(chr, SAME)) + "".join((*TENS, *MYRIADS))


def zh_number(number: int) -> str:
    """Write `number` (1 to 999) in Chinese; raise ValueError beyond, rather than print a wrong entry number."""
    if not 1 <= number <= 999:
        raise ValueError(f"no Chinese numeral for {number}: 1 to 999 only")
    return _below_hundred(number) if number < 100 else _hundreds(*divmod(number, 100))


def _below_hundred(number: int) -> str:
    """10 is 十 and 11 is 十一, never 一十: so the forms count."""
    tens, ones = divmod(number, 10)
    return (DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (DIGITS[ones] if ones else "")


def _hundreds(hundreds: int, rest: int) -> str:
    """After 百 an empty place is read 零 and ten is 一十: 一百零一, 一百一十."""
    link = "零" if 0 < rest < 10 else "一" if 10 <= rest < 20 else ""
    return DIGITS[hundreds] + "百" + link + _below_hundred(rest)


def number_of(text: str) -> float:
    """650 of 650, 六百五十, 六五〇 and 陆佰伍拾; 12,000 of 1.2万; 250 of 两百五. ValueError for what is no number."""
    text = text.translate(SAME).replace(",", "").replace(" ", "")
    arabic, tail = re.fullmatch(r"([\d.]*)(\D*)", text).groups() if text else ("", "")  # type: ignore[union-attr]
    if arabic:
        return _times(float(arabic), tail)
    if not set(tail) & {*TENS, *MYRIADS}:
        return int("".join(str(DIGITS.index(one)) for one in tail))
    return _spoken(tail)


def _times(number: float, tail: str) -> float:
    for one in tail:
        number *= {**TENS, **MYRIADS}[one]
    return number


def _spoken(text: str) -> int:
    """A digit after 百, 千 or 万 that names no place stands in the next one: 三万五 is 35,000."""
    whole = section = digit = 0
    place = 1
    for before, one in zip("零" + text, text, strict=False):
        if one in DIGITS:
            digit, place = DIGITS.index(one), 1 if one == "零" or before == "零" else place
        elif one in TENS:
            section, digit, place = section + (digit or 1) * TENS[one], 0, TENS[one]
        else:
            whole, section, digit, place = (whole + (section + digit or 1)) * MYRIADS[one], 0, 0, MYRIADS[one]
    return whole + section + (digit * place // 10 if place > 1 else digit)
