"""The places: a list to search, each with its poster."""

from flask import Response, abort, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from ...db import db
from ...models import Area, Venue
from ...sync.envelope import is_id
from .. import guard
from ..pages import show
from . import station

PAGE = 50


@station.get("/venues")
def venues() -> Response:
    name, after = request.args.get("name", "").strip(), request.args.get("after", "")
    rows = select(Venue).join(Area).where(Venue.active, guard.within_scope(guard.person()))
    rows = rows.where(Venue.zh.contains(name, autoescape=True)) if name else rows
    rows = rows.where(Venue.id > after) if is_id(after) else rows
    rows = rows.order_by(Venue.id).limit(PAGE + 1).options(joinedload(Venue.area), selectinload(Venue.codes))
    found = list(db.session.scalars(rows))
    onward = found[PAGE - 1].id if len(found) > PAGE else None
    return show("station/venues.html", "station/_venue_lines.html", venues=found[:PAGE], name=name, onward=onward)


def find(venue_id: str) -> Venue:
    rows = select(Venue).join(Area).where(Venue.id == venue_id, guard.within_scope(guard.person()))
    venue = db.session.scalar(rows.options(joinedload(Venue.area), selectinload(Venue.codes)))
    if venue is None:
        abort(404)
    return venue
