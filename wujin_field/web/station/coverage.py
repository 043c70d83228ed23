"""Coverage: where nobody was lately, drawn and listed; the levels of the plan; town and country; the weeks."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ...db import db, local_day, utc_now
from ...domain import load_pack
from ...figures import coverage as reach
from ...figures.quotas import cell_sums
from ...figures.tallies import up_to_date
from ...figures.told import channels_reached
from ...models import Area, PlanTable, Unit, Venue, VenueState
from ...periods import month_of, year_of
from .. import guard
from ..pages import language, show
from . import outlines, station
from .scope import units_in_scope
from .sketch import frame_around

QUIET = (14, 30, 60, 90)
DOTS = 3000


@dataclass(frozen=True)
class Dot:
    """A venue on the sketch: x, y in 0…1000; quiet: nobody was there in the days asked."""

    x: int
    y: int
    zh: str
    quiet: bool
    focus: bool


@station.get("/coverage")
def coverage() -> Response:
    """?days=30: quiet means nothing for so many days."""
    pack, today = load_pack(), local_day(utc_now())
    up_to_date(pack)
    typed = request.args.get("days", "")
    days = int(typed) if typed in [str(n) for n in QUIET] else 30
    who, since, session = guard.person(), today - timedelta(days=days - 1), db.session()
    path, area = guard.scope_path(who), who.unit.area
    villages = reach.areas_reached(session, path, ("village", "community"), since)
    focus = request.args.get("focus") == "1"
    kinds = reach.kinds_reached(session, pack, path, since)
    audiences = reach.audiences_reached(session, pack, area.id, since)
    contexts = cell_sums(session, [area.id], "context", None, year_of(today))
    return show(
        "station/coverage.html", today=today, days=days, choices=QUIET, since=since, villages=villages,
        map=_map(path, villages, since),
        groups=reach.groups_reached(session, path, since),
        kinds=_shown(kinds, focus), audiences=_shown(audiences, focus), focus=focus,
        helps={code: entry.get("help_en" if language() == "en" else "help", "") for code, entry in pack["context"].items()},
        contexts=[(code, *contexts.get((area.id, code), (0, 0))) for code in pack["context"]],
        drills=reach.drills_by_trade(session, pack, path, year_of(today)),
        channels=channels_reached(session, path, since, today),
        programmes=reach.programmes_served(session, pack, path, year_of(today)),
        needs=reach.needs_said(session, path, year_of(today).first),
        split=reach.town_and_country(session, path, year_of(today)), weeks=reach.weeks_in_a_row(session, pack, area.id, today),
        registered=reach.registered(session, area.id, today), departments=_departments(year_of(today)),
        levels=reach.levels(session, pack, _tables(today.year), month_of(today), today), year=today.year,
    )  # fmt: skip


def _shown(lines: list[reach.Reach], focus: bool) -> list[reach.Reach]:
    return reach.in_focus(lines) if focus else lines


def _map(path: str, villages: list[reach.Reach], since: date) -> dict:
    """Venues with a point, homes left out, over the villages' outlines; and how many have none yet."""
    rows = select(Venue.zh, Venue.lat_e7, Venue.lon_e7, Venue.focus, VenueState.last_day).join(
        Area, Area.id == Venue.area_id
    )
    rows = rows.join(VenueState, VenueState.venue_id == Venue.id, isouter=True)
    rows = rows.where(Venue.active, Venue.privacy != "strict", Area.path.startswith(path, autoescape=True)).limit(DOTS)
    found = db.session.execute(rows.order_by(Venue.id)).all()
    placed = [row for row in found if row.lat_e7 is not None and row.lon_e7 is not None]
    shapes = outlines.held()
    frame = frame_around([*((row.lon_e7, row.lat_e7) for row in placed), *outlines.corners(shapes)])
    if frame is None:
        return {"frame": None, "unplaced": len(found)}
    quiet = {one.code for one in villages if one.quiet}
    blank = {shape.area_id for shape in shapes if shape.area and shape.area.code in quiet}
    dots = [Dot(*frame.at(row.lon_e7, row.lat_e7), row.zh, row.last_day is None or row.last_day < since, row.focus)
            for row in placed]  # fmt: skip
    return {"frame": frame, "unplaced": len(found) - len(placed), "dots": dots, "blank": blank,
            "outlines": outlines.drawn(shapes, frame.at)}  # fmt: skip


def _tables(year: int) -> list[PlanTable]:
    rows = (
        select(PlanTable)
        .join(Unit)
        .join(Area, Area.id == Unit.area_id)
        .where(PlanTable.year == year, PlanTable.kind == "fire")
    )
    rows = rows.where(guard.within_scope(guard.person())).order_by(Area.path)
    return list(db.session.scalars(rows.options(selectinload(PlanTable.rows), selectinload(PlanTable.unit))))


def _departments(year) -> list[tuple[Unit, int]]:
    """Every unit beside the committees and what it did this year, in administrative order (R76)."""
    units = [unit for unit in units_in_scope() if unit.unit_kind not in ("village_committee", "community_committee")]
    sums = cell_sums(db.session(), [unit.id for unit in units], "all", [""], year)
    return [(unit, sums.get((unit.id, ""), (0, 0))[0]) for unit in units]
