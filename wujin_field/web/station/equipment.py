"""消防器材: what hangs where, what must be serviced or scrapped, soonest first."""

from datetime import date

from flask import Response, abort, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, local_day, utc_now, writing
from ...domain import load_pack
from ...models import Area, Equipment, Venue
from ...models.changes import change, note
from ...models.equipment import Dates, dates_of
from .. import guard
from ..pages import show
from . import station
from .venues import find

URGENT = {"scrap": 0, "service": 1, "soon": 2, "unknown": 3, "ok": 4}
LINES = 300


@station.get("/equipment")
def equipment() -> Response:
    today, pack = local_day(utc_now()), load_pack()["equipment_kind"]
    rows = select(Equipment).join(Venue).join(Area, Venue.area_id == Area.id)
    rows = rows.where(Equipment.active, Venue.active, guard.within_scope(guard.person())).order_by(Area.path, Venue.zh)
    gear = db.session.scalars(rows.options(joinedload(Equipment.venue).joinedload(Venue.area))).all()
    lines = [(row, dates_of(row, pack.get(row.kind, {}), today)) for row in gear]
    lines.sort(
        key=lambda line: (
            URGENT[line[1].state],
            min(filter(None, (line[1].service_due, line[1].scrap_due)), default=date.max),
        )
    )
    sums = {state: sum(dates.state == state for _, dates in lines) for state in URGENT}
    chosen = request.args.get("state", "")
    shown = [line for line in lines if not chosen or line[1].state == chosen]
    return show(
        "station/venues/equipment.html", lines=shown[:LINES], sums=sums, chosen=chosen, total=len(shown), today=today
    )


@station.post("/venues/<uuid:venue_id>/equipment")
def add_equipment(venue_id: object) -> AnyResponse:
    venue, kind = find(str(venue_id)), request.form.get("kind", "")
    if kind not in load_pack()["equipment_kind"]:
        abort(400)
    with writing() as session:
        row = Equipment(venue_id=venue.id, kind=kind, count=max(1, min(999, request.form.get("count", 1, type=int))),
                        spot=request.form.get("spot", "").strip()[:60], made_on=_day("made_on"), serviced_on=_day("serviced_on"),
                        revision=1)  # fmt: skip
        session.add(row)
        session.flush()
        note(session, row, "added", {}, guard.caller().person_id)
    return redirect(f"/station/venues/{venue.id}#gear", 303)


@station.post("/equipment/<uuid:equipment_id>")
def change_equipment(equipment_id: object) -> AnyResponse:
    """act: serviced (today), gone (taken away or replaced)."""
    row = _find(str(equipment_id))
    today = local_day(utc_now())
    acts: dict[str, dict] = {"serviced": {"serviced_on": today, "seen_ok_on": today}, "gone": {"active": False}}
    values = acts.get(request.form.get("act", ""))
    if values is None:
        abort(400)
    with writing() as session:
        change(session, session.get_one(Equipment, row.id), values, guard.caller().person_id, what=request.form["act"])
    return redirect(f"/station/venues/{row.venue_id}#gear", 303)


def _first(dates: Dates) -> date:
    return min(filter(None, (dates.service_due, dates.scrap_due)), default=date.max)


def _find(equipment_id: str) -> Equipment:
    rows = select(Equipment).join(Venue).join(Area, Venue.area_id == Area.id)
    return db.session.scalar(rows.where(Equipment.id == equipment_id, guard.within_scope(guard.person()))) or abort(404)


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None
