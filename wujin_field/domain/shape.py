"""Is an entry of the station's own one that every page can read? Its pattern are the shipped entries and editing.toml."""

from collections.abc import Mapping
from typing import Any

from . import Pack, PackError, file_of, shipped_pack
from .editing import fields_of, numbers_of, read_fields

NEEDS = {
    "quota": ("measure", "period"), "deadline": ("period_key",), "span": ("from", "to"), "moving": ("dates",),
    "day": ("date",), "season": ("months",), "venue_kind": ("place_type",), "channel": ("unit",), "retention": ("days",),
}  # fmt: skip


def check_shape(pack: Pack, table: str, entry: Mapping) -> None:
    """Nothing missing that is computed with, nothing of another kind, every described field readable. Raises PackError."""
    shipped, described = shipped_pack()[table], pack["editable"][table]
    twin = shipped.get(entry["code"], {})
    wanted = [key for key in NEEDS.get(table, ()) if key not in entry]
    wanted += [key for key in numbers_of(twin) if described.get("fixed") and key not in entry]
    wanted += [
        key for key, value in entry.items() if not _is_like(value, [one[key] for one in shipped.values() if key in one])
    ]
    wanted = wanted or list(_faults(pack, fields_of(pack, described, entry), entry))
    for item in entry.get("item", []):
        wanted = wanted or list(_faults(pack, described["item_fields"], item))
    if wanted:
        raise PackError(
            file_of(table), entry["code"], f"{wanted[0]} is missing or unreadable", "unfit", wanted=wanted[0]
        )


def _faults(pack: Pack, fields: list[dict], entry: Mapping) -> dict[str, str]:
    return read_fields(pack, fields, dict(entry), lambda key: _typed(entry.get(key)))[1]


def _is_like(value: Any, examples: list) -> bool:
    """Of a kind that one of the examples is; what no shipped entry has is nobody's business."""
    if not examples:
        return True
    if isinstance(value, list) and (
        inner := [one for example in examples if isinstance(example, list) for one in example]
    ):
        return all(_is_like(one, inner) for one in value)
    return _kind(value) in {_kind(example) for example in examples}


def _kind(value: Any) -> type:
    return float if type(value) is int else type(value)


def _typed(value: Any) -> list[str]:
    """As a form would send it."""
    if isinstance(value, list):
        return [str(one) for one in value]
    return [] if value is None or value is False else [str(value)]
