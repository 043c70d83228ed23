"""Phones in hands: a link with its QR on the clerk's screen, a sheet of slips to cut, and a phone stopped in one tap."""

from flask import Response, abort, current_app, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, local_day, utc_now, writing
from ...models import Device, Person
from ...models.people import DESK_ACCESS, invite, numbered, revoke
from ...reports.poster import qr_svg
from ...reports.slips import Slip, write_sheet
from ...sync.envelope import is_id
from .. import guard
from ..again import asks_again_when
from ..pages import show
from . import station
from .people import without_phone
from .person import page
from .scope import audit, find_person, people_in_scope

SHEET_MAX = 400


def opens_a_desk() -> bool:
    """Asked before the view: whoever holds the link of a desk sits at that desk."""
    return find_person(str((request.view_args or {})["person_id"])).access in DESK_ACCESS


@station.post("/people/<uuid:person_id>/invite")
@guard.only("station_clerk")
@asks_again_when(opens_a_desk)
def invite_person(person_id: object) -> AnyResponse:
    """Shown once: the token is not kept. The number stands here and is said aloud, so a forwarded link opens nothing."""
    with writing() as session:
        found = find_person(str(person_id))
        if not found.active or found.access not in guard.EVERYBODY:
            abort(400)
        row, token = numbered(found)
        session.add(row)
        audit(session, "invited", "person", found.id)
    found = find_person(str(person_id))
    address = _address(token)
    return page(found, made=row, address=address, qr=qr_svg(address))


@station.post("/devices/<uuid:device_id>/revoke")
@guard.only("station_clerk")
def revoke_device(device_id: object) -> AnyResponse:
    with writing() as session:
        device = _find_device(str(device_id))
        revoke(device, guard.caller().person_id, utc_now())
        audit(session, "revoked", "device", device.id)
        person_id = device.person_id
    return redirect(f"/station/people/{person_id}#devices", 303)


@station.get("/people/slips")
@guard.only("station_clerk")
def slips() -> Response:
    return show("station/slips.html", people=without_phone())


@station.post("/people/slips.pdf")
@guard.only("station_clerk")
def slips_pdf() -> AnyResponse:
    """A new link for each who is ticked; the sheet is the only place where these links stand."""
    wanted = [person_id for person_id in request.form.getlist("person") if is_id(person_id)][:SHEET_MAX]
    with writing() as session:
        rows = people_in_scope().where(Person.id.in_(wanted), Person.active, Person.access.in_(guard.EVERYBODY))
        found = list(session.scalars(rows.order_by(Person.unit_id, Person.name).options(joinedload(Person.unit))))
        if not found:
            return show("station/slips.html", status=422, people=without_phone(), nobody=True)
        made = [_slip(session, person) for person in found]
        for person in found:
            audit(session, "invited", "person", person.id, how="slip")
    response = Response(write_sheet(made, guard.person().unit.zh), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="slips-{local_day(utc_now())}.pdf"'
    return response


def _slip(session, person: Person) -> Slip:  # type: ignore[no-untyped-def]
    row, token = invite(person, kind="slip")
    session.add(row)
    return Slip(person.name, person.unit.zh, local_day(row.expires_at), _address(token))


def _address(token: str) -> str:
    return f"{current_app.config['SETTINGS'].public_url}/enrol/{token}"


def _find_device(device_id: str) -> Device:
    mine = people_in_scope().with_only_columns(Person.id)
    found = db.session.scalar(select(Device).where(Device.id == device_id, Device.person_id.in_(mine)))
    return found or abort(404)
