"""/points: where somebody may walk in and learn, when it is open; all of it free of charge (R53)."""

from flask import Response, request
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from ...db import db
from ...domain import load_pack
from ...models import Area, Unit, Venue
from ...models.registers import hall_hours, named_sites
from ..pages import show
from . import public

MOST = 100


@public.get("/points")
def points() -> Response:
    """?near=liuxi: that village's first. ?name=体验: a part of a name, or of a village's."""
    near, name = request.args.get("near", "")[:60], request.args.get("name", "").strip()[:40]
    kinds = [code for code, kind in load_pack()["venue_kind"].items() if kind.get("open_to_public")]
    sites = named_sites()
    rows = select(Venue).join(Area).where(Venue.active, Venue.privacy == "open")
    rows = rows.where(or_(Venue.venue_kind.in_(kinds), Venue.id.in_(sites)))
    if name:
        rows = rows.where(or_(Venue.zh.contains(name, autoescape=True), Area.zh.contains(name, autoescape=True)))
    rows = rows.order_by(Area.code != near, Area.path, Venue.zh).limit(MOST + 1).options(joinedload(Venue.area))
    found = list(db.session.scalars(rows))
    return show("public/points.html", points=found[:MOST], more=len(found) > MOST, most=MOST, name=name, near=near,
                sites=set(db.session.scalars(sites)), halls=hall_hours(db.session()), stations=stations_to_call())  # fmt: skip


def stations_to_call() -> list[Unit]:
    """The stations that say where to turn to."""
    rows = select(Unit).join(Area).where(Unit.active, Unit.unit_kind == "station", Unit.phone != "")
    return list(db.session.scalars(rows.order_by(Area.path).limit(5)))
