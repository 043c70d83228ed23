"""One place: what it is, what hangs there, what happened there; changing it, with a second clerk in mind."""

from flask import Response, abort, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, local_day, utc_now, writing
from ...domain import load_pack
from ...models import Area, CodeScan, Equipment, Hazard, Venue, Visit, VisitPhoto, care
from ...models.changes import Overtaken, change, history
from ...models.equipment import dates_of
from ...models.naming import clean
from ...models.venues import place_type_of
from .. import guard
from ..media import picture
from ..pages import say, show
from . import station
from .venues import area_names, areas, find, open_doubts

VISITS = 20
TEAM_MOST = 9_999
TEXTS = {"zh": 60, "address": 120, "contact_note": 300, "opening": 100, "keeper": 40}

CHOICES = ("area_id", "venue_kind", "place_type", "focus", "team_size")


@station.get("/venues/new")
def new_venue() -> Response:
    return _form(None, {"zh": request.args.get("name", "")[:60], "area_id": "", "venue_kind": ""})


@station.post("/venues/new")
def add_venue() -> AnyResponse:
    values, wrong = _typed(None)
    if wrong:
        return _form(None, values, wrong)
    with writing() as session:
        venue = care.add_venue(session, load_pack(), values, guard.caller().person_id)
        venue_id = venue.id
    return redirect(f"/station/venues/{venue_id}", 303)


@station.get("/venues/<uuid:venue_id>")
def venue(venue_id: object) -> Response:
    return _page(find(str(venue_id)))


@station.get("/venues/<uuid:venue_id>/edit")
def edit_venue(venue_id: object) -> Response:
    found = find(str(venue_id))
    return _form(
        found,
        {name: getattr(found, name) for name in (*TEXTS, "area_id", "venue_kind", "place_type", "focus", "team_size")},
    )


@station.post("/venues/<uuid:venue_id>/edit")
def save_venue(venue_id: object) -> AnyResponse:
    """A clerk who was overtaken sees both versions and chooses; nothing was written."""
    found = find(str(venue_id))
    values, wrong = _typed(found)
    if wrong:
        return _form(found, values, wrong)
    seen = request.form.get("revision", type=int)
    try:
        with writing() as session:
            moved = values["area_id"] != found.area_id
            change(session, session.get_one(Venue, found.id), values, guard.caller().person_id, seen,
                   "moved" if moved else "edited")  # fmt: skip
    except Overtaken as overtaken:
        return _form(find(str(venue_id)), values, overtaken=overtaken)
    return redirect(f"/station/venues/{found.id}", 303)


@station.post("/venues/<uuid:venue_id>/retire")
def retire_venue(venue_id: object) -> AnyResponse:
    with writing() as session:
        care.retire(
            session, find(str(venue_id)), guard.caller().person_id, None, request.form.get("reason", "").strip()[:200]
        )
    return redirect(f"/station/venues/{venue_id}", 303)


@station.post("/venues/<uuid:venue_id>/bring-back")
def bring_back_venue(venue_id: object) -> AnyResponse:
    with writing() as session:
        care.bring_back(session, find(str(venue_id)), guard.caller().person_id)
    return redirect(f"/station/venues/{venue_id}", 303)


@station.post("/venues/<uuid:venue_id>/survey")
def survey_venue(venue_id: object) -> AnyResponse:
    """The point becomes the finest one that a phone measured here."""
    with writing() as session:
        found = find(str(venue_id))
        reading = _reading(found) or abort(404)
        change(session, found, care.at(reading), guard.caller().person_id, what="surveyed")
    return redirect(f"/station/venues/{venue_id}", 303)


@station.get("/venues/<uuid:venue_id>/merge")
def choose_merge(venue_id: object) -> Response:
    found, name = find(str(venue_id)), request.args.get("name", "").strip()[:60]
    rows = select(Venue).join(Area).where(Venue.active, Venue.id != found.id, guard.within_scope(guard.person()))
    near = Venue.zh.contains(name, autoescape=True) if name else Venue.zh.contains(found.zh[:2], autoescape=True)
    rows = rows.where(near).order_by(Venue.zh).limit(20).options(joinedload(Venue.area), selectinload(Venue.codes))
    return show("station/venues/merge.html", venue=found, name=name, others=db.session.scalars(rows).all())


@station.post("/venues/<uuid:venue_id>/merge")
def merge_venue(venue_id: object) -> AnyResponse:
    double, into = find(str(venue_id)), find(request.form.get("into", ""))
    if into.id == double.id or not double.active or not into.active:
        abort(400)
    with writing() as session:
        care.merge(session, find(double.id), find(into.id), guard.caller().person_id)
    return redirect(f"/station/venues/{into.id}", 303)


def _page(found: Venue) -> Response:
    session, pack, today = db.session(), load_pack(), local_day(utc_now())
    mine = select(Visit).where(Visit.venue_id == found.id).order_by(Visit.started_at.desc())
    visits = session.scalars(mine.limit(VISITS + 1).options(joinedload(Visit.author), selectinload(Visit.photos))).all()
    gear = session.scalars(
        select(Equipment).where(Equipment.venue_id == found.id, Equipment.active).order_by(Equipment.kind)
    )
    hazards = session.scalars(
        select(Hazard).where(Hazard.venue_id == found.id).order_by(Hazard.found_at.desc()).limit(VISITS)
    )
    return show(
        "station/venues/venue.html", venue=found, visits=visits[:VISITS], more=len(visits) > VISITS, hazards=hazards.all(),
        gear=[(row, dates_of(row, pack["equipment_kind"].get(row.kind, {}), today)) for row in gear],
        changes=history(session, found)[::-1][:40], scans=_scans(found), reading=_better(found), today=today,
        into=session.get(Venue, found.merged_into_id) if found.merged_into_id else None,
        doubted={doubt.code_id for doubt in open_doubts()}, kinds=pack["equipment_kind"], area_names=area_names(),
    )  # fmt: skip


def _scans(found: Venue) -> dict[str, int]:
    """How often each code was opened by somebody without the app; a count and nothing else."""
    sums: dict[str, int] = {}
    rows = select(CodeScan).where(CodeScan.code_id.in_([row.id for row in found.codes]))
    for row in db.session.scalars(rows):
        sums[row.code_id] = sums.get(row.code_id, 0) + row.count
    return sums


def _reading(found: Venue) -> care.Reading | None:
    newest = select(Visit.id).where(Visit.venue_id == found.id).order_by(Visit.started_at.desc()).limit(VISITS)
    return care.best_reading(db.session(), list(db.session.scalars(newest)))


def _better(found: Venue) -> care.Reading | None:
    """A reading worth taking: there is no point yet, or it is finer than the one we have."""
    reading = _reading(found)
    if reading is None or (found.lat_e7 is not None and reading.accuracy_m >= (found.point_accuracy_m or 10_000)):
        return None
    return reading


def _form(found: Venue | None, values: dict, wrong: dict | None = None, overtaken: Overtaken | None = None) -> Response:
    status = 409 if overtaken else 422 if wrong else 200
    return show("station/venues/form.html", status=status, venue=found, values=values, wrong=wrong or {}, areas=areas(),
                kinds=load_pack()["venue_kind"], types=load_pack()["place_type"], overtaken=overtaken,
                area_names=area_names())  # fmt: skip


def _typed(found: Venue | None) -> tuple[dict, dict[str, str]]:
    """Values for the columns, and a sentence for each field that cannot stand."""
    form, pack, wrong = request.form, load_pack(), {}
    values: dict = {name: clean(form.get(name, ""), most) for name, most in TEXTS.items()}
    area = next((area for area in areas() if area.id == form.get("area_id")), None)
    kind = form.get("venue_kind", "")
    if not values["zh"]:
        wrong["zh"] = say("请写上名称。")
    if area is None:
        wrong["area_id"] = say("请选村（社区）。")
    if kind not in pack["venue_kind"]:
        wrong["venue_kind"] = say("请选场所类型。")
    values |= {"area_id": form.get("area_id", ""), "venue_kind": kind, "focus": bool(form.get("focus"))}
    if not wrong and area:
        chosen = form.get("place_type", "")
        values["place_type"] = chosen if chosen in pack["place_type"] else place_type_of(pack, kind, area)
        wrong |= _doubles(found, values)
    size = form.get("team_size", type=int)
    values["team_size"] = size if size is None else min(max(size, 0), TEAM_MOST)
    return values | {name: values[name] or None for name in ("address", "contact_note")}, wrong


def _doubles(found: Venue | None, values: dict) -> dict[str, str]:
    same = select(Venue).where(Venue.active, Venue.zh == values["zh"], Venue.area_id == values["area_id"])
    there = db.session.scalar(same.where(Venue.id != found.id) if found else same)
    return {"zh": say("这里已经有一个“%(name)s”了。", name=there.zh)} if there else {}


@station.get("/venues/<uuid:venue_id>/photos/<sha256>/<size>.jpg")
def venue_photo(venue_id: object, sha256: str, size: str) -> Response:
    """A picture taken at this place, for those who may see the place: a re-encoded copy, never the original."""
    found = find(str(venue_id))
    listed = select(VisitPhoto.sha256).join(Visit).where(Visit.venue_id == found.id, VisitPhoto.sha256 == sha256)
    return picture(sha256, size, db.session.scalars(listed.limit(1)).all())
