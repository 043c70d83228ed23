"""The A4 page for a door: one at a time, or all of a village in one file; and what becomes of a code afterwards."""

from flask import Response, abort, current_app, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, writing
from ...models import Area, RecordChange, Venue, care
from ...models.organisation import station_above
from ...reports.poster import RESIDENTS, VOLUNTEERS, Poster, address, qr_svg, write_labels, write_pdf, write_posters
from ...sync.envelope import is_id
from .. import guard
from ..pages import say, show
from . import station
from .jobs import Tell, start
from .scope import area_of
from .venues import areas, find

MOST = 1000
WRITERS = {"posters": write_posters, "labels": write_labels}


@station.get("/venues/<uuid:venue_id>/poster")
def poster(venue_id: object) -> Response:
    venue = find(str(venue_id))
    sheet = _sheet(venue) or abort(404)
    qr = qr_svg(sheet.address)
    return show("station/poster.html", venue=venue, sheet=sheet, qr=qr, residents=RESIDENTS, volunteers=VOLUNTEERS)


@station.get("/venues/<uuid:venue_id>/poster.pdf")
def poster_pdf(venue_id: object) -> Response:
    sheet = _sheet(find(str(venue_id))) or abort(404)
    response = Response(write_pdf(sheet), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="poster-{sheet.code}.pdf"'
    return response


@station.get("/posters")
def posters() -> Response:
    """Which: of a village (and a kind), of an import, or ticked one by one."""
    chosen = {name: request.args.get(name, "")[:60] for name in ("area", "import")}
    found = _chosen(chosen["area"], chosen["import"], [])
    return show("station/posters.html", venues=found[:MOST], chosen=chosen, areas=areas(), most=MOST, total=len(found))


@station.post("/posters")
def make_posters() -> AnyResponse:
    """One PDF, made beside the requests. Households are printed too: a home's code hangs inside its door."""
    form, kind = request.form, request.form.get("kind", "posters")
    if kind not in WRITERS:
        abort(400)
    picked = form.getlist("venue")
    if form.get("which") == "picked" and not picked:
        return redirect(f"/station/posters?area={form.get('area', '')}", 303)
    found = _chosen(form.get("area", ""), form.get("import", ""), picked if form.get("which") == "picked" else [])
    sheets = [sheet for venue in found[:MOST] if (sheet := _sheet(venue))]
    if not sheets:
        return redirect("/station/posters", 303)
    title = say("%(n)s 张海报", n=len(sheets)) if kind == "posters" else say("%(n)s 个小标签", n=len(sheets))

    def work(tell: Tell) -> dict:
        return {"file": (WRITERS[kind](sheets, title, tell), f"{title}.pdf", "application/pdf")}

    return start(kind, title, work)


@station.post("/venues/<uuid:venue_id>/codes")
def reprint(venue_id: object) -> AnyResponse:
    with writing() as session:
        venue = find(str(venue_id))
        if not venue.active:
            abort(404)
        care.reprint(session, venue, guard.caller().person_id)
    return redirect(f"/station/venues/{venue_id}/poster", 303)


@station.post("/venues/<uuid:venue_id>/codes/<uuid:code_id>")
def mark_code(venue_id: object, code_id: object) -> AnyResponse:
    """act: active (it hangs there now), lost, retired."""
    act = request.form.get("act", "")
    with writing() as session:
        venue = find(str(venue_id))
        code = next((row for row in venue.codes if row.id == str(code_id)), None) or abort(404)
        if act not in ("active", "lost", "retired"):
            abort(400)
        care.set_code(session, venue, code, act, guard.caller().person_id)
    return redirect(f"/station/venues/{venue_id}#codes", 303)


@station.post("/venues/<uuid:venue_id>/codes/<uuid:code_id>/fine")
def settle_doubt(venue_id: object, code_id: object) -> AnyResponse:
    """Somebody looked: the poster is as it should be."""
    with writing() as session:
        venue = find(str(venue_id))
        code = next((row for row in venue.codes if row.id == str(code_id)), None) or abort(404)
        care.settle(session, code, guard.caller().person_id)
    return redirect(f"/station/venues/{venue_id}#codes", 303)


def _chosen(area_code: str, import_id: str, picked: list[str]) -> list[Venue]:
    """Active venues in scope with a code that works; all of them when nothing is asked."""
    rows = select(Venue).join(Area).where(Venue.active, guard.within_scope(guard.person()))
    if area := area_of(area_code) if area_code else None:
        rows = rows.where(Area.path.startswith(area.path, autoescape=True))
    if is_id(import_id):
        rows = rows.where(Venue.id.in_(select(RecordChange.subject_id).where(RecordChange.import_id == import_id)))
    if picked:
        rows = rows.where(Venue.id.in_([one for one in picked if is_id(one)]))
    rows = rows.order_by(Area.path, Venue.zh, Venue.id).options(joinedload(Venue.area), selectinload(Venue.codes))
    return [venue for venue in db.session.scalars(rows) if venue.code]


def _sheet(venue: Venue) -> Poster | None:
    """None where no code works any more."""
    settings, above = current_app.config["SETTINGS"], station_above(db.session(), venue.area)
    if venue.code is None:
        return None
    return Poster(
        above.zh if above else settings.station,
        venue.zh,
        venue.area.zh,
        venue.code,
        address(settings.public_url, venue.code),
        above.phone if above else "",
    )
