"""The domain in data: place types, forms, checklists, quotas, dates, layouts. Read once, checked whole.

The TOML files of `pack/` are the product's own; a station's changes come as rows beside them (models/amendments.py),
never as code.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from flask import current_app, has_app_context

PACK = Path(__file__).parent / "pack"

# file, table, does every entry need a Chinese name
TABLES = [
    ("place_types", "place_type", True),
    ("place_types", "venue_kind", True),
    ("place_types", "trade", True),
    ("checklists", "category", True),
    ("checklists", "template", True),
    ("audiences", "audience", True),
    ("topics", "topic", True),
    ("publicity_forms", "delivery", True),
    ("publicity_forms", "form", True),
    ("publicity_forms", "context", True),
    ("publicity_forms", "channel", True),
    ("publicity_forms", "activity_kind", True),
    ("publicity_forms", "programme", True),
    ("roles", "field_role", True),
    ("roles", "access", True),
    ("roles", "unit_kind", True),
    ("roles", "mark", True),
    ("roles", "department", True),
    ("privacy", "retention", True),
    ("privacy", "consent", True),
    ("quotas", "quota", True),
    ("quotas", "deadline", True),
    ("calendar", "day", True),
    ("calendar", "moving", True),
    ("calendar", "span", True),
    ("calendar", "season", True),
    ("reports", "report", True),
    ("spot_check", "flag", True),
    ("spot_check", "result", True),
    ("registers", "group", True),
    ("registers", "lifecycle", True),
    ("registers", "register", True),
    ("sources", "source", False),
    ("equipment", "equipment_kind", True),
    ("sheets", "sheet", True),
    ("editing", "editable", True),
]

# Files that are one thing and no tables.
WHOLE = ["assessment"]

# table, field, the table whose codes it may hold
REFERENCES = [
    ("place_type", "template", "template"),
    ("venue_kind", "place_type", "place_type"),
    ("venue_kind", "template", "template"),
    ("venue_kind", "extra", "template"),
    ("template", "place_types", "place_type"),
    ("trade", "kinds", "venue_kind"),
    ("activity_kind", "form", "form"),
    ("activity_kind", "delivery", "delivery"),
    ("form", "template", "template"),
    ("field_role", "access", "access"),
    ("field_role", "context", "context"),
    ("day", "topics", "topic"),
    ("moving", "topics", "topic"),
    ("span", "topics", "topic"),
    ("topic", "season", "season"),
    ("register", "group", "group"),
    ("register", "lifecycle", "lifecycle"),
    ("register", "who", "access"),
]


class PackError(Exception):
    """A fault in the domain data; names the file and the code. fault: a word for it, with its values, to be said anew."""

    def __init__(self, file: str, code: str, what: str, fault: str = "unreadable", **values: str):
        super().__init__(f"{file}.toml, {code}: {what}")
        self.code, self.fault, self.values = code, fault, values


class Pack(Mapping):
    """pack["venue_kind"]["street_shop"] → the entry; pack.files["quotas"] → a whole file."""

    def __init__(self, files: dict[str, dict]):
        self.files = files
        self._tables = {table: _by_code(files[file], file, table, named) for file, table, named in TABLES}

    def __getitem__(self, table: str) -> Mapping[str, dict]:
        return self._tables[table]

    def __iter__(self):
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def name(self, table: str, code: str | None, lang: str = "zh_Hans_CN") -> str:
        """The entry's name in the reader's language; the code itself when the pack no longer knows it."""
        entry = self[table].get(code or "", {})
        return entry.get("en" if lang == "en" else "zh") or entry.get("zh") or code or ""


def load_pack(folder: Path | None = None) -> Pack:
    """The pack in force here and now: the station's own inside an app, the shipped one elsewhere, or the one in `folder`.

    Ask for it anew each time: a clerk may have published something. Raises PackError naming file and code.
    """
    living = current_app.extensions.get("living_pack") if has_app_context() and folder is None else None
    return living.now() if living else shipped_pack(folder or PACK)


@cache
def shipped_pack(folder: Path = PACK) -> Pack:
    """What the product brings, without a station's changes. Raises PackError."""
    return checked({file: _read(folder, file) for file in dict.fromkeys([*(file for file, _, _ in TABLES), *WHOLE])})


def checked(files: dict[str, dict]) -> Pack:
    """A pack of these files, every code and reference looked at. Raises PackError."""
    pack = Pack(files)
    for table, field, target in REFERENCES:
        _check_references(pack, table, field, target)
    _check_basis(pack)
    _check_items(pack)
    return pack


def _read(folder: Path, file: str) -> dict:
    try:
        return tomllib.loads((folder / f"{file}.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise PackError(file, "whole file", str(error)) from error


def _by_code(content: dict, file: str, table: str, named: bool) -> Mapping[str, dict]:
    entries: dict[str, dict] = {}
    for entry in content.get(table, []):
        code = entry.get("code") or "(no code)"
        if "code" not in entry:
            raise PackError(file, code, f"an entry of {table} has no code", "no_code")
        if code in entries:
            raise PackError(file, code, f"stands twice in {table}", "twice")
        if named and not entry.get("zh"):
            raise PackError(file, code, "has no Chinese name (zh)", "no_name")
        entries[code] = entry
    return MappingProxyType(entries)


def file_of(table: str) -> str:
    return next(file for file, name, _ in TABLES if name == table)


def _check_references(pack: Pack, table: str, field: str, target: str) -> None:
    for code, entry in pack[table].items():
        value = entry.get(field, [])
        for wanted in [value] if isinstance(value, str) else value:
            if wanted not in pack[target]:
                what = f"{field} names {wanted!r}, which is no {target}"
                raise PackError(file_of(table), code, what, "no_such_code", wanted=wanted)


def _check_basis(pack: Pack) -> None:
    for table in pack:
        for code, entry in pack[table].items():
            for source in entry.get("basis", []):
                if source not in pack["source"]:
                    raise PackError(
                        file_of(table),
                        code,
                        f"basis names {source!r}, which is no source",
                        "no_such_code",
                        wanted=source,
                    )


def _check_items(pack: Pack) -> None:
    seen: dict[str, str] = {}
    for template_code, template in pack["template"].items():
        for item in template.get("item", []):
            code = item.get("code") or template_code
            if not item.get("zh") or not item.get("code"):
                raise PackError("checklists", code, "an item needs a code and a Chinese text (zh)", "no_name")
            if code in seen:
                raise PackError("checklists", code, f"stands in {seen[code]} and in {template_code}", "twice")
            seen[code] = template_code
