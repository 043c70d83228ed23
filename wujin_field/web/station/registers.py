"""台账: the small records, one mechanism for every kind that registers.toml describes."""

from collections.abc import Mapping
from datetime import date

from flask import Response, abort, request
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from ...db import db, local_day, utc_now
from ...domain import load_pack
from ...domain.registers import options
from ...figures.registers import totals
from ...figures.tallies import up_to_date
from ...figures.targets import Target, targets
from ...figures.told import cases_told
from ...models import Area, RegisterEntry, RegisterUnit, Unit
from ...sync.envelope import is_id
from .. import guard
from ..pages import show
from . import station

PAGE = 50


@station.get("/registers")
@guard.also(*guard.UNIT_PAPERS)
def registers() -> Response:
    return show("station/registers/all.html", groups=_groups(), numbers=_numbers())


@station.get("/registers/<kind>")
@guard.also(*guard.UNIT_PAPERS)
def register(kind: str) -> Response:
    described = find_kind(kind)
    year = _year(described)
    unit, state, after = (request.args.get(name, "") for name in ("unit", "state", "after"))
    whole = chosen(kind)
    after_row = next((place for place, entry in enumerate(whole) if entry.id == after), -1) if is_id(after) else -1
    page = whole[after_row + 1 : after_row + 1 + PAGE]
    onward = page[-1].id if len(whole) > after_row + 1 + PAGE else None
    return show(
        "station/registers/kind.html", "station/registers/_lines.html", register=described, targets=_targets(kind, page),
        told=_told(kind, year),
        measures=options(load_pack(), described["field"][0]), kind=kind, year=year, this_year=local_day(utc_now()).year,
        entries=page, totals=totals(load_pack(), described, whole), unit=unit, state=state, onward=onward,
        may_write=may_write(described), lifecycle=lifecycle_of(described), units=_units_with(kind, year),
    )  # fmt: skip


def chosen(kind: str) -> list[RegisterEntry]:
    """Newest first: the entries of ?year= (of a lasting kind: all), one unit (?unit=), one state (?state=)."""
    asked = {Unit.code: request.args.get("unit"), RegisterEntry.state: request.args.get("state")}
    rows = _of_year(kind, _year(find_kind(kind))).where(*(column == value for column, value in asked.items() if value))
    return list(db.session.scalars(rows.options(selectinload(RegisterEntry.units), selectinload(RegisterEntry.files))))


def _targets(kind: str, entries: list[RegisterEntry]) -> dict[str, Target]:
    """What was done beside what was asked for; nothing for other kinds."""
    if kind != "yearly_target":
        return {}
    up_to_date(load_pack())
    return targets(db.session(), entries)


def _told(kind: str, year: int | None) -> dict[str, int]:
    """At how many activities of the reader's area each case was told, that year or this; nothing for other kinds."""
    if kind != "accident_case":
        return {}
    return cases_told(db.session(), guard.scope_path(guard.person()), *_days(year or local_day(utc_now()).year))


def find_kind(kind: str) -> Mapping:
    """What the pack says of it, or 404."""
    return load_pack()["register"].get(kind) or abort(404)


def lifecycle_of(described: Mapping) -> dict:
    return load_pack()["lifecycle"].get(described.get("lifecycle", ""), {})


def may_write(described: Mapping) -> bool:
    return guard.caller().access in described["who"]


def seen() -> Select:
    who = guard.person()
    named = aliased(Unit)
    of_named = select(RegisterUnit.entry_id).join(named, named.id == RegisterUnit.unit_id)
    of_area = of_named.join(Area, Area.id == named.area_id).where(guard.within_scope(who))
    mine = of_named.where(named.id == who.unit_id) if who.access == "reporter" else of_area
    rows = select(RegisterEntry).join(Unit, Unit.id == RegisterEntry.unit_id).join(Area, Area.id == Unit.area_id)
    shared = [kind for kind, described in load_pack()["register"].items() if described.get("shared")]
    rows = rows.where(or_(guard.within_units(who), RegisterEntry.id.in_(mine), RegisterEntry.kind.in_(shared)))
    return rows.options(joinedload(RegisterEntry.unit), joinedload(RegisterEntry.author))


def _of_year(kind: str, year: int | None) -> Select:
    """None is every year."""
    rows = seen().where(RegisterEntry.kind == kind, RegisterEntry.void_reason.is_(None))
    rows = rows.where(RegisterEntry.day.between(*_days(year))) if year else rows
    return rows.order_by(RegisterEntry.day.desc(), RegisterEntry.id.desc())


def _days(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _units_with(kind: str, year: int | None) -> list[Unit]:
    """Units that have an entry, to filter by."""
    ids = _of_year(kind, year).with_only_columns(RegisterEntry.unit_id).order_by(None).distinct()
    return list(db.session.scalars(select(Unit).where(Unit.id.in_(ids)).order_by(Unit.code)))


def _year(described: Mapping) -> int | None:
    """?year=, else this one; a lasting kind shows every year until one is chosen."""
    typed = request.args.get("year", "")
    if typed.isascii() and typed.isdigit() and 2000 <= int(typed) <= 2100:
        return int(typed)
    return None if described.get("lasting") else local_day(utc_now()).year


def _groups() -> list[tuple[dict, list[dict]]]:
    pack = load_pack()
    return [
        (group, [kind for kind in pack["register"].values() if kind["group"] == code])
        for code, group in pack["group"].items()
    ]


def _numbers() -> dict[str, int]:
    """How many entries of each kind stand: this year's, of a lasting kind all."""
    lasting = [code for code, kind in load_pack()["register"].items() if kind.get("lasting")]
    now = or_(RegisterEntry.kind.in_(lasting), RegisterEntry.day.between(*_days(local_day(utc_now()).year)))
    ids = seen().where(now, RegisterEntry.void_reason.is_(None)).with_only_columns(RegisterEntry.id).options()
    counted = select(RegisterEntry.kind, func.count()).where(RegisterEntry.id.in_(ids)).group_by(RegisterEntry.kind)
    return {kind: number for kind, number in db.session.execute(counted)}  # noqa: C416  # a Row is no pair to mypy
