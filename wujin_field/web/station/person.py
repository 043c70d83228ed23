"""One person: who they are and where they work, the browsers that stand for them, and how they leave."""

from flask import Response, redirect, request
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, utc_now, writing
from ...domain import load_pack
from ...models import Credential, Device, Person, PersonArea, PersonMark, Team, TeamMember
from ...models.changes import Overtaken, change, note
from ...models.consents import seen_by
from ...models.people import LastClerk, clean_person_name, deactivate, is_enrolled, refuse_last_clerk
from .. import guard
from ..again import asks_again_when
from ..pages import say, show
from . import station
from .people import check_role, choices
from .scope import areas_in_scope, audit, find_person, find_unit, units_in_scope


@station.get("/people/<uuid:person_id>")
def person(person_id: object) -> Response:
    return page(find_person(str(person_id)))


def changes_access() -> bool:
    """Asked before the view: does the form give other access than they have?"""
    wanted = request.form.get("access") or load_pack()["field_role"].get(request.form.get("field_role", ""), {}).get(
        "access"
    )
    return wanted != find_person(str((request.view_args or {})["person_id"])).access


@station.post("/people/<uuid:person_id>")
@guard.only("station_clerk")
@asks_again_when(changes_access)
def change_person(person_id: object) -> AnyResponse:
    role, access = request.form.get("field_role", ""), request.form.get("access", "")
    check_role(role, access)
    with writing() as session:
        found, unit = find_person(str(person_id)), find_unit(request.form.get("unit", ""))
        access = access or load_pack()["field_role"][role]["access"]
        try:
            if access != found.access or unit.id != found.unit_id:
                refuse_last_clerk(session, found)
            name = clean_person_name(request.form.get("name", ""))
            _store(session, found, {"name": name, "field_role": role, "access": access, "unit_id": unit.id})
        except ValueError:
            return page(found, 422, wrong=say("请写上姓名。"))
        except LastClerk:
            return page(found, 422, wrong=last_clerk())
        except Overtaken as overtaken:
            return page(found, 409, theirs=overtaken.fields)
        audit(session, "changed", "person", found.id, role=role, access=access, unit=unit.id)
    return redirect(f"/station/people/{person_id}", 303)


def _store(session: Session, found: Person, values: dict) -> None:
    """Raises Overtaken; then nothing is changed."""
    who, seen = guard.caller().person_id, request.form.get("revision", "")
    change(session, found, values, who, int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else None)
    before = facts(session, found)
    _set_marks(session, found, request.form.getlist("mark"))
    _set_areas(session, found, request.form.getlist("area"))
    session.flush()
    after = facts(session, found)
    if after != before:
        found.revision += 1
        note(session, found, "marked", {name: [before[name], after[name]] for name in after}, who)


@station.post("/people/<uuid:person_id>/leave")
@guard.only("station_clerk")
def leave(person_id: object) -> AnyResponse:
    """Deactivate, or take back who left."""
    with writing() as session:
        found, who = find_person(str(person_id)), guard.caller().person_id
        try:
            if found.active:
                deactivate(session, found, who, utc_now())
            else:
                found.active = True
        except LastClerk:
            return page(found, 422, wrong=last_clerk())
        audit(session, "returned" if found.active else "left", "person", found.id)
    return redirect(f"/station/people/{person_id}", 303)


@station.post("/people/<uuid:person_id>/password/forget")
@guard.only("station_clerk")
def forget_password(person_id: object) -> AnyResponse:
    """Who forgot it sets a new one from a new link."""
    with writing() as session:
        found = find_person(str(person_id))
        session.execute(delete(Credential).where(Credential.person_id == found.id))
        audit(session, "password_forgotten", "person", found.id)
    return redirect(f"/station/people/{person_id}", 303)


def page(found: Person, status: int = 200, **more: object) -> Response:
    """more: wrong (a sentence), theirs (what another clerk changed), or what was just made (invite, address, qr)."""
    now, pack = utc_now(), load_pack()
    devices = db.session.scalars(
        select(Device).where(Device.person_id == found.id).order_by(Device.enrolled_at.desc())
    ).all()
    teams = select(Team).join(TeamMember).where(TeamMember.person_id == found.id, Team.active)
    return show(
        "station/person.html", status=status, found=found, facts=facts(db.session(), found),
        devices=devices, living={device.id for device in devices if is_enrolled(device, now)},
        teams=db.session.scalars(teams).all(),
        credential=db.session.get(Credential, found.id), units=units_in_scope(), areas=areas_in_scope(), roles=choices(),
        marks=list(pack["mark"]), told=seen_by(db.session(), found.id), consents=pack["consent"],
        own_access=pack["field_role"].get(found.field_role, {}).get("access"), **more,
    )  # fmt: skip


def facts(session: Session, found: Person) -> dict[str, list[str]]:
    """What the form ticks beside the person's own columns."""
    marks = session.scalars(select(PersonMark.mark).where(PersonMark.person_id == found.id)).all()
    areas = session.scalars(select(PersonArea.area_id).where(PersonArea.person_id == found.id)).all()
    return {"mark": sorted(marks), "area": sorted(areas)}


def last_clerk() -> str:
    return say("这是本站最后一位内勤，停用或改岗之前，请先让另一位同事成为内勤。")


def _set_marks(session: Session, found: Person, ticked: list[str]) -> None:
    session.execute(delete(PersonMark).where(PersonMark.person_id == found.id))
    session.add_all(PersonMark(person_id=found.id, mark=mark) for mark in load_pack()["mark"] if mark in ticked)


def _set_areas(session: Session, found: Person, ticked: list[str]) -> None:
    """Those of the reader's scope; others' are left as they are."""
    own = {area.id for area in areas_in_scope()}
    session.execute(delete(PersonArea).where(PersonArea.person_id == found.id, PersonArea.area_id.in_(own)))
    session.add_all(PersonArea(person_id=found.id, area_id=area_id) for area_id in sorted(own & set(ticked)))
