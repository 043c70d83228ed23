"""The places: a list to search and cut, a map drawn by us, and what waits to be linked to one of them."""

from flask import Response, abort, request
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from ...db import db
from ...domain import load_pack
from ...figures.choosing import rank, venues_chosen, worries
from ...models import Area, CodeDoubt, Venue, VenueCode, Visit
from ...models.care import pending
from ...sync.envelope import is_id
from .. import guard
from ..pages import show
from . import station
from .outlines import held
from .scope import area_of
from .venue_map import drawn

PAGE, ON_MAP = 50, 3000
SETTLED = ("village", "community")


@station.get("/venues")
def venues() -> Response:
    asked = {name: request.args.get(name, "").strip()[:60] for name in ("name", "area", "kind", "state")}
    pack, after = load_pack(), request.args.get("after", "")
    ranked, worrying = rank(pack), worries(pack)
    rows = _beyond(_wanted(asked), ranked, after).order_by(ranked, Venue.id).limit(PAGE + 1)
    found = list(db.session.scalars(rows.options(joinedload(Venue.area), selectinload(Venue.codes))))
    last = found[PAGE - 1] if len(found) > PAGE else None
    onward = f"{int(last.venue_kind not in worrying)}_{last.id}" if last else None
    return show("station/venues.html", "station/_venue_lines.html", venues=found[:PAGE], asked=asked, onward=onward,
                name=asked["name"], worries=worrying, seen=_last_seen(found), **(_around() if not after else {}))  # fmt: skip


@station.get("/venues/map")
def venue_map() -> Response:
    """Homes are not on it: their position leaves the server in no form."""
    asked = {name: request.args.get(name, "").strip()[:60] for name in ("area", "kind")}
    rows = _wanted(asked | {"name": "", "state": ""}).where(Venue.lat_e7.is_not(None), Venue.privacy == "open")
    found = list(db.session.scalars(rows.order_by(Venue.id).limit(ON_MAP)))
    return show("station/venues/map.html", asked=asked, chart=drawn(found, _last_seen(found), held()), **_around())


def find(venue_id: str) -> Venue:
    rows = select(Venue).join(Area).where(Venue.id == venue_id, guard.within_scope(guard.person()))
    venue = db.session.scalar(rows.options(joinedload(Venue.area), selectinload(Venue.codes)))
    if venue is None:
        abort(404)
    return venue


def areas() -> list[Area]:
    """Villages and communities in scope; the reader's own area where there are none."""
    inside = select(Area).where(guard.within_scope(guard.person()), Area.active).order_by(Area.path)
    found = list(db.session.scalars(inside))
    return [area for area in found if area.area_kind in SETTLED] or found


def area_names() -> dict[str, str]:
    return dict(db.session.execute(select(Area.id, Area.zh)).all())  # type: ignore[arg-type]


def pending_count() -> int:
    mine = pending().join(Area, Visit.area_id == Area.id).where(guard.within_scope(guard.person()))
    return db.session.scalar(select(func.count()).select_from(mine.subquery())) or 0


def open_doubts() -> list[CodeDoubt]:
    rows = select(CodeDoubt).join(VenueCode).join(Venue).join(Area, Venue.area_id == Area.id)
    rows = rows.where(CodeDoubt.settled_at.is_(None), guard.within_scope(guard.person())).order_by(CodeDoubt.first_at)
    whole = joinedload(CodeDoubt.code).joinedload(VenueCode.venue)
    return list(db.session.scalars(rows.options(whole).limit(100)))


def _wanted(asked: dict[str, str]) -> Select:
    rows = select(Venue).join(Area).where(guard.within_scope(guard.person()))
    area = area_of(asked["area"]) if asked["area"] else None
    rows = rows.where(Area.id.is_(None)) if asked["area"] and area is None else rows
    return venues_chosen(rows, asked["name"], area.path if area else "", asked["kind"], asked["state"])


def _beyond(rows: Select, ranked: ColumnElement[int], after: str) -> Select:
    """after: rank and id of the last line of the page before."""
    first, _, last = after.partition("_")
    place = int(first == "1")
    return rows.where(or_(ranked > place, (ranked == place) & (Venue.id > last))) if is_id(last) else rows


def _last_seen(found: list[Venue]) -> dict:
    """{venue id: the station day of its newest visit}"""
    mine = Visit.venue_id.in_([venue.id for venue in found])
    return dict(
        db.session.execute(select(Visit.venue_id, func.max(Visit.day)).where(mine).group_by(Visit.venue_id)).all()
    )  # type: ignore[arg-type]


def _around() -> dict:
    """What the page around the lines needs."""
    return {"areas": areas(), "kinds": load_pack()["venue_kind"], "waiting": pending_count(), "doubts": open_doubts()}
