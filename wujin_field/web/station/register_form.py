"""The form of one register entry: what was typed, what is wrong with it, and the entry it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, request
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from ...db import db
from ...domain import load_pack
from ...domain.registers import NotSo, Wrong, options, read_day
from ...domain.registers import read as read_fields
from ...models import Area, Person, RegisterEntry, RegisterUnit, Unit, Venue
from ...models.venues import venues_of_areas
from .. import guard
from ..pages import say, show

TITLE_MAX = 60


@dataclass(frozen=True)
class Typed:
    """A whole form, read: units by field, everything else as it is kept."""

    title: str
    day: date
    unit_id: str
    values: dict[str, Any]
    units: dict[str, list[str]]
    venue_id: str | None


def typed() -> dict[str, list[str]]:
    return {name: request.form.getlist(name) for name in request.form}


def read(register: Mapping, who: Person, mine: ColumnElement[bool]) -> tuple[Typed, list[Wrong]]:
    form = typed()
    values, wrong = read_fields(load_pack(), register, form)
    title, day = _first(form, "title"), _day(_first(form, "day"))
    unit = _unit(_first(form, "unit"), who, mine)
    venue, venue_wrong = _venue(register, form, who)
    units, units_wrong = _units(register, form)
    wrong = [*_frame(title, day, unit), *wrong, *venue_wrong, *units_wrong]
    return Typed(title, day or date.min, unit or "", values, units, venue), wrong


def fill(entry: RegisterEntry, given: Typed) -> None:
    entry.title, entry.day, entry.unit_id = given.title, given.day, given.unit_id
    entry.values, entry.venue_id = given.values, given.venue_id
    lines = [(field, unit) for field, units in given.units.items() for unit in units]
    held = {(line.field, line.unit_id): line for line in entry.units}
    entry.units = [held.get(line) or RegisterUnit(field=line[0], unit_id=line[1]) for line in lines]


def held(entry: RegisterEntry) -> dict[str, list[str]]:
    """The form as it would be typed for what stands there."""
    form = {"title": [entry.title], "day": [entry.day.isoformat()], "unit": [entry.unit_id]}
    form |= {code: _as_typed(value) for code, value in entry.values.items()}
    for line in entry.units:
        form.setdefault(line.field, []).append(line.unit_id)
    return form | {"venue_name": [entry.venue.zh if entry.venue else ""]}


def page(
    kind: str, register: Mapping, entry: RegisterEntry | None, form: dict[str, list[str]], wrong: list[Wrong],
    status: int = 200, other: bool = False,
) -> Response:  # fmt: skip
    """other: somebody else changed the entry meanwhile; `entry` is how it stands now."""
    who, pack = guard.person(), load_pack()
    return show(
        "station/registers/form.html", status=status, kind=kind, register=register, entry=entry, form=form, other=other,
        errors={line.field: _sentence(line.code) for line in wrong}, answers=_answering(who), directory=_directory(register),
        venues=_venues(register, who),
        options={field["code"]: options(pack, field) for field in register["field"]},
    )  # fmt: skip


def _as_typed(value: Any) -> list[str]:
    if value is True:
        return ["yes"]
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _first(form: Mapping[str, list[str]], name: str) -> str:
    return (form.get(name) or [""])[0].strip()


def _day(text: str) -> date | None:
    try:
        return read_day(text)
    except NotSo:
        return None


def _frame(title: str, day: date | None, unit: str | None) -> list[Wrong]:
    wrong = [] if title else [Wrong("title", "missing")]
    wrong += [Wrong("title", "too_long")] if len(title) > TITLE_MAX else []
    wrong += [] if day else [Wrong("day", "not_a_day")]
    return wrong + ([] if unit else [Wrong("unit", "missing")])


def _unit(chosen: str, who: Person, mine: ColumnElement[bool]) -> str | None:
    """The unit it is recorded for: one's own unless another of one's area was chosen."""
    return db.session.scalar(select(Unit.id).join(Area).where(Unit.id == (chosen or who.unit_id), mine))


def _units(register: Mapping, form: Mapping[str, list[str]]) -> tuple[dict[str, list[str]], list[Wrong]]:
    fields = [field for field in register["field"] if field["type"] == "units"]
    known = set(db.session.scalars(select(Unit.id).where(Unit.active))) if fields else set()
    chosen = {
        field["code"]: [unit for unit in dict.fromkeys(form.get(field["code"], [])) if unit in known]
        for field in fields
    }
    return chosen, [
        Wrong(field["code"], "missing") for field in fields if field.get("required") and not chosen[field["code"]]
    ]


def _venue(register: Mapping, form: Mapping[str, list[str]], who: Person) -> tuple[str | None, list[Wrong]]:
    """By its name, as the list under the field offers it."""
    field = next((field for field in register["field"] if field["type"] == "venue"), None)
    name = _first(form, "venue_name")
    if field is None or (not name and not field.get("required")):
        return None, []
    found = next((venue for venue in _venues(register, who) if venue.zh == name), None)
    return (found.id, []) if found else (None, [Wrong(field["code"], "no_such_venue" if name else "missing")])


def _venues(register: Mapping, who: Person) -> list[Venue]:
    """Places of the own area; a home is never offered."""
    if not any(field["type"] == "venue" for field in register["field"]):
        return []
    return list(db.session.scalars(venues_of_areas([guard.scope_path(who)]).where(Venue.privacy == "open")))


def _directory(register: Mapping) -> list[Unit]:
    if not any(field["type"] == "units" for field in register["field"]):
        return []
    rows = select(Unit).join(Area).where(Unit.active).order_by(Area.path, Unit.code)
    return list(db.session.scalars(rows.options(joinedload(Unit.area))))


def _answering(who: Person) -> list[Unit]:
    """Units somebody may record for; one alone needs no choice."""
    if who.access == "reporter":
        return [who.unit]
    return list(
        db.session.scalars(
            select(Unit).join(Area).where(Unit.active, guard.within_scope(who)).order_by(Area.path, Unit.code)
        )
    )


def _sentence(code: str) -> str:
    return {
        "missing": say("这一项要填。"), "too_long": say("太长了，请写短些。"), "not_a_number": say("这里填一个整数。"),
        "negative": say("不能小于零。"), "too_large": say("这个数太大，请核对。"),
        "not_a_day": say("请写成 2026-11-25 这样的日期。"), "not_a_link": say("网址要以 http:// 或 https:// 开头。"),
        "not_a_choice": say("请从列出的里面选。"), "more_than_asked": say("不能比上面的总数还多。"),
        "no_such_venue": say("没有这个场所，请从列出的里面选。"),
    }[code]  # fmt: skip
