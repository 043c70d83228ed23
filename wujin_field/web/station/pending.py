"""待确认场所: visits at a place that nobody had entered. Each is linked to a place we know, or becomes a new one."""

from dataclasses import dataclass

from flask import Response, abort, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, writing
from ...domain import load_pack
from ...models import Area, Venue, Visit, care
from ...models.naming import clean
from ...models.venues import place_type_of
from .. import guard
from ..pages import show
from . import station
from .venues import areas, find

MOST = 200


@dataclass(frozen=True)
class Place:
    """Visits that seem to have been at one place: same words, same code, same area. likely: places it may be."""

    visits: list[Visit]
    reading: care.Reading | None
    likely: list[Venue]

    @property
    def newest(self) -> Visit:
        return self.visits[0]


@station.get("/pending")
def pending_places() -> Response:
    groups: dict[tuple, list[Visit]] = {}
    for visit in _waiting():
        groups.setdefault((visit.place_text, visit.scanned_code, visit.area_id), []).append(visit)
    return show("station/venues/pending.html", places=[_place(visits) for visits in groups.values()], areas=areas(),
                kinds=load_pack()["venue_kind"])  # fmt: skip


@station.post("/pending/<uuid:visit_id>")
def settle_pending(visit_id: object) -> AnyResponse:
    """Link the visit, and all others with the same words, to `venue`; or to a new place made from the form."""
    first = next((visit for visit in _waiting() if visit.id == str(visit_id)), None) or abort(404)
    alike = [visit for visit in _waiting() if _same(visit, first)]
    with writing() as session:
        visits = [session.get_one(Visit, visit.id) for visit in alike]
        chosen = request.form.get("venue", "")
        venue = find(chosen) if chosen else _new_place(first, visits)
        care.link(session, visits, venue, guard.caller().person_id)
        target = venue.id
    return redirect(f"/station/venues/{target}", 303)


def _same(one: Visit, other: Visit) -> bool:
    names = ("place_text", "scanned_code", "area_id")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _new_place(first: Visit, visits: list[Visit]) -> Venue:
    pack, form = load_pack(), request.form
    area = next((area for area in areas() if area.id == form.get("area_id")), None) or abort(400)
    kind, name = form.get("venue_kind", ""), clean(form.get("zh", ""))
    if kind not in pack["venue_kind"] or not name:
        abort(400)
    values = {"zh": name, "area_id": area.id, "venue_kind": kind, "place_type": place_type_of(pack, kind, area)}
    surveyed = care.at(care.best_reading(db.session(), [visit.id for visit in visits]))
    return care.add_venue(db.session(), pack, values | surveyed, guard.caller().person_id, "added_on_the_spot")


def _waiting() -> list[Visit]:
    rows = care.pending().join(Area, Visit.area_id == Area.id).where(guard.within_scope(guard.person()))
    rows = rows.order_by(Visit.started_at.desc()).limit(MOST)
    return list(
        db.session.scalars(rows.options(joinedload(Visit.author), joinedload(Visit.area), selectinload(Visit.photos)))
    )


def _place(visits: list[Visit]) -> Place:
    reading = care.best_reading(db.session(), [visit.id for visit in visits])
    return Place(visits, reading, _likely(visits[0]))


def _likely(visit: Visit) -> list[Venue]:
    """Places of the same kind of entry whose name shares two characters, in the reader's area."""
    pairs = {visit.place_text[at : at + 2] for at in range(max(1, len(visit.place_text) - 1))} - {""}
    rows = (
        select(Venue).join(Area).where(Venue.active, guard.within_scope(guard.person())).options(joinedload(Venue.area))
    )
    found = [venue for venue in db.session.scalars(rows) if any(pair in venue.zh for pair in pairs)]
    return sorted(found, key=lambda venue: -sum(pair in venue.zh for pair in pairs))[:5]
