"""申请加入: who asked by the poster; the clerk compares the number on their phone and lets them in, or not."""

from flask import Response, abort, current_app, redirect
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, utc_now, writing
from ...models import Area, Registration, Unit
from ...models.registrations import let_in
from ...reports.poster import qr_svg
from .. import guard
from ..pages import show
from . import station
from .scope import audit


@station.get("/joining")
@guard.only("station_clerk")
def joining() -> Response:
    address = f"{current_app.config['SETTINGS'].public_url}/join"
    rows = _rows().where(Registration.decided_at.is_(None)).order_by(Registration.at)
    return show("station/joining.html", rows=db.session.scalars(rows).all(), address=address, qr=qr_svg(address))


@station.post("/joining/<uuid:registration_id>/accept")
@guard.only("station_clerk")
def accept(registration_id: object) -> AnyResponse:
    with writing() as session:
        person = let_in(session, _find(str(registration_id)), utc_now())
        audit(session, "let_in", "person", person.id)
        person_id = person.id
    return redirect(f"/station/people/{person_id}", 303)


@station.post("/joining/<uuid:registration_id>/decline")
@guard.only("station_clerk")
def decline(registration_id: object) -> AnyResponse:
    with writing() as session:
        row = _find(str(registration_id))
        row.decided_at = utc_now()
        audit(session, "turned_down", "registration", row.id)
    return redirect("/station/joining", 303)


def _rows():  # type: ignore[no-untyped-def]
    rows = select(Registration).join(Unit).join(Area).where(guard.within_scope(guard.person()))
    return rows.options(joinedload(Registration.unit))


def _find(registration_id: str) -> Registration:
    row = db.session.scalar(_rows().where(Registration.id == registration_id))
    return row if row and not row.decided_at else abort(404)
