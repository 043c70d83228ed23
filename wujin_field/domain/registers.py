"""A register (台账) as the pack describes it: which fields an entry has, and whether what somebody typed fits them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from . import Pack

LONG_MAX, TEXT_MAX, NUMBER_MAX = 2000, 120, 10**12  # half a milliard text messages is a number that was reported
REFERS = {"venue", "units"}  # looked up in the tables, not here
FULL_WIDTH = str.maketrans("０１２３４５６７８９．－／", "0123456789.-/")


@dataclass(frozen=True)
class Wrong:
    """code: missing, not_a_number, negative, too_large, not_a_day, not_a_link, not_a_choice, too_long, more_than_asked."""

    field: str
    code: str


def fields(register: Mapping) -> list[dict]:
    """The fields of one kind, without title, day and unit, which every entry has."""
    return register["field"]


def options(pack: Pack, field: Mapping) -> dict[str, tuple[str, str]]:
    """code → (Chinese, English), from the field itself or from the table of the pack that it names."""
    if table := field.get("table"):
        return {code: (entry["zh"], entry.get("en") or entry["zh"]) for code, entry in pack[table].items()}
    return {code: (zh, en) for code, zh, en in field.get("options", [])}


def read(pack: Pack, register: Mapping, form: Mapping[str, list[str]]) -> tuple[dict[str, Any], list[Wrong]]:
    """What was typed (field → strings) as values to keep, and what is wrong with it. Empty fields are left out.

    Values: str, int, bool, list of codes, days as ISO text. Fields that refer to tables are left to whoever knows these.
    """
    values: dict[str, Any] = {}
    wrong: list[Wrong] = []
    for field in (field for field in fields(register) if field["type"] not in REFERS):
        try:
            value = _value(pack, field, form.get(field["code"], []))
        except NotSo as not_so:
            wrong.append(Wrong(field["code"], not_so.code))
            continue
        if value not in ("", None, [], False):
            values[field["code"]] = value
        elif field.get("required"):
            wrong.append(Wrong(field["code"], "missing"))
    return values, wrong + _beyond(register, values)


class NotSo(Exception):
    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def _value(pack: Pack, field: Mapping, typed: list[str]) -> Any:
    said = [text.strip() for text in typed if text.strip()]
    if field["type"] == "choices":
        return [_choice(pack, field, text) for text in dict.fromkeys(said)]
    if not said:
        return None
    return READERS[field["type"]](pack, field, said[0])


def _text(_pack: Pack, field: Mapping, text: str) -> str:
    if len(text) > field.get("max", LONG_MAX if field["type"] == "long" else TEXT_MAX):
        raise NotSo("too_long")
    return text


def _number(_pack: Pack, _field: Mapping, text: str) -> int:
    plain = text.translate(FULL_WIDTH).replace(",", "").replace("，", "")
    try:
        value = int(plain)
    except ValueError:
        raise NotSo("not_a_number") from None
    if not 0 <= value <= NUMBER_MAX:
        raise NotSo("negative" if value < 0 else "too_large")
    return value


def _day(_pack: Pack, _field: Mapping, text: str) -> str:
    return read_day(text).isoformat()


def read_day(text: str) -> date:
    """2026-11-05, also 2026/11/5 and full-width digits. Raises NotSo for anything else."""
    try:
        year, month, day = (int(part) for part in text.translate(FULL_WIDTH).replace("/", "-").split("-"))
        return date(year, month, day)
    except ValueError:
        raise NotSo("not_a_day") from None


def _link(_pack: Pack, _field: Mapping, text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise NotSo("not_a_link") from None
    if parts.scheme not in ("http", "https") or not parts.netloc or len(text) > LONG_MAX:
        raise NotSo("not_a_link")
    return text


def _choice(pack: Pack, field: Mapping, text: str) -> str:
    if text not in options(pack, field):
        raise NotSo("not_a_choice")
    return text


READERS = {"text": _text, "long": _text, "number": _number, "date": _day, "link": _link, "choice": _choice,
           "yes_no": lambda _pack, _field, text: text == "yes"}  # fmt: skip


def _beyond(register: Mapping, values: dict[str, Any]) -> list[Wrong]:
    """More people who knew than people who were asked."""
    pairs = [(field["code"], field["at_most"]) for field in fields(register) if "at_most" in field]
    return [
        Wrong(code, "more_than_asked") for code, most in pairs if values.get(code, 0) > values.get(most, NUMBER_MAX)
    ]


def shown(pack: Pack, field: Mapping, value: Any, english: bool) -> str:
    """One value as a reader sees it; lists joined in the reader's manner."""
    if value is None or value == "":
        return ""
    if field["type"] in ("choice", "choices"):
        names, codes = options(pack, field), value if isinstance(value, list) else [value]
        return (", " if english else "、").join(names.get(code, (code, code))[english] for code in codes)
    if field["type"] == "number":
        unit = field.get("unit_en" if english else "unit", "")
        return f"{value:,} {unit}".strip()
    if field["type"] == "yes_no":
        return ("yes" if english else "是") if value else ""
    return str(value)
