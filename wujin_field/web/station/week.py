"""Monday: what is missing, and where. Every number leads to what stands behind it; nobody is ranked."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask import Response, request
from sqlalchemy import Select, func, select

from ...db import db, local_day, utc_now
from ...domain import Pack, load_pack
from ...figures.deadlines import Standing, dues_around, dues_of_year, standings
from ...figures.quotas import Line, by_unit, quota_lines
from ...figures.tallies import up_to_date
from ...models import Area, DayTally, PlanRow, PlanTable, Unit, Venue
from ...periods import Period, month_of, week_of
from .. import guard
from ..filters import read_day
from ..pages import show
from . import station
from .scope import committees, people_in_scope, units_in_scope


@station.get("/")
def home() -> Response:
    pack, today = load_pack(), local_day(utc_now())
    up_to_date(pack)
    day = asked_day(today)
    units = units_in_scope()
    own, below = _mine(units), [unit for unit in units if unit.id != guard.person().unit_id]
    lines = by_unit(quota_lines(db.session(), pack, units, day))
    week, month = week_of(pack, day), month_of(day)
    table = [unit for unit in below if lines.get(unit.id)]
    due_day = pack["deadline"]["monthly_report"]["due_day"]
    return show(
        "station/week.html", today=today, day=day, week=week, own=own, lines=lines, below=table,
        heads=_heads(lines, table), month=_month(month, [own, *table] if own else table), period=month.key,
        planned=_planned(pack, units, week), dues=_next_dues(pack, units, today), due_day=due_day,
        days_left=due_day - today.day, before=day - timedelta(days=7), after=day + timedelta(days=7),
        beginning=_beginning(), all_sent=_all_sent(pack, units, today),
    )  # fmt: skip


def _beginning() -> dict[str, bool]:
    """A station's first day: which of the three things that everything needs are there; {} once all are, and for readers."""
    who = guard.person()
    if who.access != "station_clerk":
        return {}
    venues = select(Venue.id).join(Area, Area.id == Venue.area_id).where(guard.within_scope(who), Venue.active)
    others = people_in_scope().where(Unit.id != who.unit_id)
    steps = {"villages": bool(committees()), "people": _any(others), "venues": _any(venues)}
    return {} if all(steps.values()) else steps


def _any(rows: Select) -> bool:
    return db.session.execute(rows.limit(1)).first() is not None


def asked_day(today: date) -> date:
    """?on=2026-11-04, or today; what is no day is today."""
    try:
        return read_day(request.args.get("on", ""))
    except ValueError:
        return today


def _mine(units: Sequence[Unit]) -> Unit | None:
    return next((unit for unit in units if unit.id == guard.person().unit_id), None)


def _heads(lines: dict[str, list[Line]], below: Sequence[Unit]) -> list[Line]:
    """One line of every quota that any of these units has: the columns of the table."""
    seen = {line.quota["code"]: line for unit in below for line in reversed(lines[unit.id])}
    order = list(load_pack()["quota"])
    return sorted(seen.values(), key=lambda line: order.index(line.quota["code"]))


def _month(month: Period, units: Sequence[Unit]) -> dict[str, dict[str, int]]:
    """unit id → entries, pictures and entries with too few pictures of this month."""
    sums = [func.sum(getattr(DayTally, name)).label(name) for name in ("progress", "pictures", "short")]
    rows = select(DayTally.scope_id, *sums).where(
        DayTally.scope_id.in_([unit.id for unit in units]), DayTally.cut == "all",
        DayTally.day.between(month.first, month.last),
    )  # fmt: skip
    found = db.session.execute(rows.group_by(DayTally.scope_id))
    return {
        row.scope_id: {"entries": int(row.progress), "pictures": int(row.pictures), "short": int(row.short)}
        for row in found
    }


def _planned(pack: Pack, units: Sequence[Unit], week: Period) -> int:
    """Plan rows of these units that fall into the week."""
    rows = select(func.count(PlanRow.id)).join(PlanTable).where(PlanTable.unit_id.in_([unit.id for unit in units]))
    rows = rows.where(
        PlanRow.cancelled_reason.is_(None), PlanRow.first_day <= week.last, PlanRow.last_day >= week.first
    )
    return db.session.scalar(rows) or 0


def _all_sent(pack: Pack, units: Sequence[Unit], today: date) -> bool:
    """Has everybody who owes a report of this month handed it in?"""
    month = month_of(today)
    dues = [due for due in dues_of_year(pack, today.year) if due.code == "monthly_report" and due.period == month]
    owed = standings(db.session(), pack, dues, units)
    return bool(owed) and all(one.sent for one in owed)


def _next_dues(pack: Pack, units: Sequence[Unit], today: date) -> list[tuple[Standing, list[Standing]]]:
    """Papers that are asked for now, or are overdue in the last month: a paper with the units that have not sent it."""
    late = today - timedelta(days=31)
    dues = [due for due in dues_around(pack, today) if due.opens <= today and due.due >= late]
    open_ones = [one for one in standings(db.session(), pack, dues, units) if not one.sent]
    first = {(one.due.code, one.due.period.key): one for one in reversed(open_ones)}
    return [(head, [one for one in open_ones if one.due == head.due]) for head in reversed(first.values())]
