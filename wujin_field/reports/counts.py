"""What a sentence counts, in whatever numerals: 650份, ６５０ 份, 六百五十份, 1.2万人, 半数. Names and ordinals count nothing.

The counters and the names with a number in them (九小场所, 千家万户) are data: [counts] of reports.toml.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from .numerals import NUMERALS, number_of

ZH = f"[{NUMERALS}]"
NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?)\s*[十百千万亿]*|{ZH}+"
SHARE = re.compile(
    rf"(半数|一半|过半|大半)|({NUMBER})%|百分之({NUMBER})|({ZH}|\d+)分之({ZH}|\d+)|([\d一二两三四五六七八九])成(?![员立功为])"
)
ABOUT = r"\s*[多余来几]?\s*个?\s*"


def counts_in(text: str, known: Mapping[str, Any]) -> dict[str, str]:
    """ "650份" → as it was written. known: [counts] of reports.toml. 一 of a thing is told as "一份": it may be an article."""
    text = _plain(text, known["names"])
    counters = {one: several[0] for several in known["of"] for one in several}
    apart = "|".join(known["words"])
    after = re.compile(rf"(?<![第\d.{NUMERALS}])({NUMBER}){ABOUT}(?!{apart})([{''.join(counters)}])")
    before = re.compile(rf"({'|'.join(known['ahead'])})[为是达到约近共计:]{{1,4}}({NUMBER})")
    told = {_key(one[1], counters[one[2]]): one[0] for one in after.finditer(text)}
    told |= {_key(one[2], one[1][0]): one[0] for one in before.finditer(text)}
    return told | {_share(one): one[0] for one in SHARE.finditer(text)}


def foreign(text: str, record: str, known: Mapping[str, Any]) -> list[str]:
    """The counts of a sentence that its record does not have, as they were written."""
    ours = counts_in(record, known)
    units = {key.lstrip("0123456789.一") for key in ours}
    theirs = counts_in(text, known)
    return sorted(told for key, told in theirs.items() if key not in ours and (key[0] != "一" or key[1:] in units))


def _plain(text: str, names: list[str]) -> str:
    """Digits of any width as digits, nothing invisible, and no names."""
    seen = (one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")
    return re.sub("|".join(sorted(names, key=len, reverse=True)), "◇", "".join(seen))


def _key(number: str, unit: str) -> str:
    return f"一{unit}" if number == "一" else f"{_figure(number_of(number))}{unit}"


def _share(found: re.Match) -> str:
    half, percent, hundredth, parts, part, tenth = found.groups()
    if half:
        return "50%"
    if parts:
        return f"{_figure(100 * number_of(part) / number_of(parts))}%"
    return f"{_figure(10 * number_of(tenth) if tenth else number_of(percent or hundredth))}%"


def _figure(number: float) -> str:
    return f"{number:.4f}".rstrip("0").rstrip(".")
