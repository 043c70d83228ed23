"""/v/<code>: what a scanned poster or eight typed characters open."""

import threading
from contextlib import suppress

from flask import Response, abort, redirect, render_template, request
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, local_day, utc_now, writing
from ...models import Venue, VenueCode, care
from ...models.codes import read_code
from ...models.organisation import station_above
from ...models.registers import is_named_site
from .. import guard
from ..pages import show
from . import public

RESULTS = 10
REASONS = ("torn", "pasted_over", "wrong_door", "other")
COUNTING = threading.Lock()


@public.get("/v/")
def by_name() -> AnyResponse:
    """Search by name, or a code typed into the form."""
    typed = request.args.get("code", "").strip()
    code = read_code(typed)
    if code:
        return redirect(f"/v/{code}")
    name = request.args.get("name", "").strip()
    return show("public/find.html", typed=typed, name=name, venues=_named(name))


@public.get("/v/<code>")
def scanned(code: str) -> AnyResponse:
    """An enrolled phone gets its shell, which begins the visit; anyone else the public page."""
    who = guard.person()
    if who and who.access in guard.ENTERS["field"]:
        return _shell()
    meant = read_code(code)
    found = db.session.scalar(select(VenueCode).where(VenueCode.code == meant)) if meant else None
    if found is None:
        return show("public/unknown_code.html", status=404, typed=code[:20])
    if found.state in ("lost", "retired") or not found.venue.active:
        return show("public/retired_code.html", status=410, venue=found.venue)
    _count(found.id)
    month = local_day(utc_now()).month
    site, station = is_named_site(db.session(), found.venue_id), station_above(db.session(), found.venue.area)
    return show("public/venue.html", venue=found.venue, code=found.code, month=month, site=site, station=station)


@public.get("/v/<code>/wrong")
def looks_wrong(code: str) -> Response:
    """Anybody at the door: this poster is torn, pasted over, on the wrong door."""
    found = _hanging(code)
    return show("public/wrong_poster.html", venue=found.venue, code=found.code, told=False)


@public.post("/v/<code>/wrong")
def tell_wrong(code: str) -> Response:
    """What is written down: which code, and one of four reasons. Nothing about who said it."""
    found, reason = _hanging(code), request.form.get("reason", "")
    with writing() as session:
        care.doubt(session, session.get_one(VenueCode, found.id), reason if reason in REASONS else "other")
    return show("public/wrong_poster.html", venue=found.venue, code=found.code, told=True)


def _hanging(code: str) -> VenueCode:
    meant = read_code(code)
    found = db.session.scalar(select(VenueCode).where(VenueCode.code == meant)) if meant else None
    if found is None or found.state in ("lost", "retired") or not found.venue.active:
        abort(404)
    return found


def _count(code_id: str) -> None:
    """A reader at a time writes this down: while the database is held nobody waits for a count."""
    if COUNTING.acquire(blocking=False):
        try:
            with suppress(SQLAlchemyError), writing() as session:
                care.count_scan(session, code_id, local_day(utc_now()))
        finally:
            COUNTING.release()


def _shell() -> Response:
    response = Response(render_template("field/shell.html"))
    response.headers["Cache-Control"] = "private, max-age=86400"
    response.vary.add("Cookie")
    return response


def _named(name: str) -> list[Venue]:
    """Open venues whose name holds these words; homes are never found here."""
    if len(name) < 2:
        return []
    holds = Venue.zh.contains(name, autoescape=True)
    rows = select(Venue).where(Venue.active, Venue.privacy == "open", holds).order_by(Venue.zh).limit(RESULTS)
    return [venue for venue in db.session.scalars(rows) if venue.code]
