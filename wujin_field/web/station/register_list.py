"""A register out of the house: the entries that the page shows, all of them, as Excel or CSV, their attachments by name."""

from collections.abc import Mapping

from flask import Response

from ...db import writing
from ...domain import Pack, load_pack
from ...domain.registers import shown
from ...models import RegisterEntry, Venue
from .. import guard
from ..again import asks_again
from ..pages import language
from . import station
from .registers import chosen, find_kind, lifecycle_of
from .scope import audit
from .table_file import table_file

HEADS = {"day": ("日期", "Day"), "unit": ("单位", "Unit"), "title": ("名称", "Title")}
TAILS = {"state": ("进展", "State"), "files": ("附件", "Attachments")}


@station.get("/registers/<kind>/list.<form>")
@guard.also(*guard.UNIT_PAPERS)
@asks_again
def export_register(kind: str, form: str) -> Response:
    """?year=, ?unit=, ?state= as on the page."""
    described, pack, english = find_kind(kind), load_pack(), language() == "en"
    entries = chosen(kind)
    rows = [_row(pack, described, entry, english) for entry in entries]
    answer = table_file(form, kind, described["zh"], _heads(described, english), rows)
    with writing() as session:
        audit(session, "exported", "register", kind, form=form, entries=len(entries))
    return answer


def _heads(described: Mapping, english: bool) -> list[str]:
    fields = [field.get("en", field["zh"]) if english else field["zh"] for field in described["field"]]
    return [*(pair[english] for pair in HEADS.values()), *fields, *(pair[english] for pair in TAILS.values())]


def _row(pack: Pack, described: Mapping, entry: RegisterEntry, english: bool) -> list[object]:
    fields = [_said(pack, field, entry, english) for field in described["field"]]
    files = "；".join(file.name for file in entry.files if not file.removed_at)
    return [entry.day.isoformat(), entry.unit.zh, entry.title, *fields, _state(described, entry, english), files]


def _said(pack: Pack, field: Mapping, entry: RegisterEntry, english: bool) -> object:
    """Numbers as numbers, so that they can be added up."""
    value = entry.values.get(field["code"])
    if field["type"] == "units":
        return "、".join(unit.zh for unit in entry.units_of(field["code"]))
    if field["type"] == "venue":
        return _open_name(entry.venue)
    return value if field["type"] == "number" else shown(pack, field, value, english)


def _open_name(venue: Venue | None) -> str:
    return venue.zh if venue and venue.privacy == "open" else ""


def _state(described: Mapping, entry: RegisterEntry, english: bool) -> str:
    states = {one["code"]: one for one in lifecycle_of(described).get("states", [])}
    state = states.get(entry.state, {})
    return str(state.get("en" if english else "zh", ""))
