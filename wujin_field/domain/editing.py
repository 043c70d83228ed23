"""What a clerk typed about an entry of the pack, read by the fields of editing.toml; and how ours differs from shipped."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from . import Pack, file_of, shipped_pack

TEXT_MAX, LONG_MAX = 120, 600
DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


def fields_of(pack: Pack, table: Mapping, entry: Mapping) -> list[dict]:
    """The table's fields; of an entry that was not shipped its `own_fields` too; with `numbers` each number of the entry."""
    names = pack.files[file_of(table["code"])][table["numbers"]] if "numbers" in table else {}
    own = table.get("own_fields", []) if entry["code"] not in shipped_pack()[table["code"]] else []
    return table["fields"] + own + [
        {"key": key, "kind": "decimal", "required": True} | dict(zip(("zh", "en"), names.get(key, (key, key)), strict=True))
        for key in (numbers_of(entry) if "numbers" in table else ())
    ]  # fmt: skip


def numbers_of(entry: Mapping) -> dict[str, int | float]:
    """Thresholds that somebody may want to change."""
    return {
        key: value for key, value in entry.items() if isinstance(value, int | float) and not isinstance(value, bool)
    }


def read_fields(
    pack: Pack, fields: list[dict], body: dict, typed: Callable[[str], list[str]]
) -> tuple[dict, dict[str, str]]:
    """The body with the typed fields laid over it, and a fault's word for each field that cannot stand.

    typed: all values that the form has under a key. What the fields do not name stays as it is.
    """
    new, wrong = dict(body), {}
    for field in fields:
        key, (value, fault) = field["key"], _read(pack, field, typed(field["key"]))
        if fault:
            wrong[key] = fault
        elif field.get("required") and value in (None, "", []):
            wrong[key] = "required"
        if (value is False and key not in body) or value in (None, "", []):
            new.pop(key, None)
        else:
            new[key] = value
    return new, wrong


def _read(pack: Pack, field: dict, typed: list[str]) -> tuple[Any, str]:
    kind, first = field["kind"], (typed[0].strip() if typed else "")
    if kind == "yesno":
        return bool(first), ""
    if kind == "codes":
        return typed, "" if all(code in pack[field["of"]] for code in typed) else "no_such_code"
    if kind == "months":
        months = sorted({int(one) for one in typed if one.isdigit() and 1 <= int(one) <= 12})
        return months, ""
    if kind == "lines":
        return _lines(field, "\n".join(typed))
    if not first:
        return None, ""
    return READERS[kind](pack, field, first)


def _lines(field: dict, text: str) -> tuple[list[str], str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines, "" if field["key"] != "dates" or all(_is_date(line) for line in lines) else "no_date"


def _text(_pack: Pack, field: dict, text: str) -> tuple[str, str]:
    return text, "" if len(text) <= (LONG_MAX if field["kind"] == "long" else TEXT_MAX) else "too_long"


def _number(_pack: Pack, field: dict, text: str) -> tuple[int | None, str]:
    if not re.fullmatch(r"\d{1,7}", text):
        return None, "no_number"
    if int(text) < field.get("min", 0):
        return None, "too_small"
    return int(text), "" if int(text) <= field.get("max", 10**7) else "too_large"


def _decimal(_pack: Pack, _field: dict, text: str) -> tuple[int | float | None, str]:
    if not re.fullmatch(r"\d{1,7}(\.\d{1,3})?", text):
        return None, "no_decimal"
    return float(text) if "." in text else int(text), ""


def _code(pack: Pack, field: dict, text: str) -> tuple[str, str]:
    return text, "" if text in pack[field["of"]] else "no_such_code"


def _choice(_pack: Pack, field: dict, text: str) -> tuple[str, str]:
    return text, "" if text in [word["code"] for word in field["words"]] else "no_such_code"


def _day(_pack: Pack, _field: dict, text: str) -> tuple[str, str]:
    return text, "" if DAY.fullmatch(text) else "no_day"


def _date(_pack: Pack, _field: dict, text: str) -> tuple[str, str]:
    return text, "" if _is_date(text) else "no_date"


READERS = {
    "text": _text,
    "long": _text,
    "number": _number,
    "decimal": _decimal,
    "code": _code,
    "choice": _choice,
    "day": _day,
    "date": _date,
}


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def differences(fields: list[dict], ours: dict, shipped: dict) -> list[tuple[dict, Any, Any]]:
    """(field, shipped value, our value) for each field that is not the same."""
    return [(field, shipped.get(field["key"]), ours.get(field["key"])) for field in fields
            if (shipped.get(field["key"]) or None) != (ours.get(field["key"]) or None)]  # fmt: skip


def item_differences(fields: list[dict], ours: dict, shipped: dict) -> list[tuple[str, dict, list]]:
    """Of a checklist: (added, gone or changed; the item; its differences), and one `order` when the rest moved about."""
    before = {item["code"]: item for item in shipped.get("item", [])}
    now = {item["code"]: item for item in ours.get("item", [])}
    told: list[tuple[str, dict, list]] = [("added", item, []) for code, item in now.items() if code not in before]
    told += [("gone", item, []) for code, item in before.items() if code not in now]
    for code in now.keys() & before.keys():
        if found := differences(fields, now[code], before[code]):
            told.append(("changed", now[code], found))
    if [code for code in now if code in before] != [code for code in before if code in now]:
        told.append(("order", {}, []))
    return told


def next_code(pack: Pack, table: str) -> str:
    """For an entry of the station's own; never one that was used."""
    number = 1
    while f"local_{number}" in pack[table]:
        number += 1
    return f"local_{number}"


def next_item_code(taken: set[str], body: dict) -> str:
    """HH-L1 beside HH-01: a letter tells the station's own items from the shipped ones of today and of later."""
    items = body.get("item", [])
    head = items[0]["code"].rpartition("-")[0] if items else body["code"].upper().replace("_", "")[:6]
    number = 1
    while f"{head}-L{number}" in taken:
        number += 1
    return f"{head}-L{number}"
