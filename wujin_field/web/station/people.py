"""人员: who there is, which phones stand for them, and a new one. The station clerk manages, a village clerk reads."""

from collections import defaultdict
from dataclasses import dataclass, field

from flask import Response, abort, redirect, request
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, utc_now, writing
from ...domain import load_pack
from ...figures.choosing import people_chosen
from ...models import Device, Person, PersonMark, Registration, SetAside, Unit
from ...models.people import DESK_ACCESS, add_person, is_enrolled, namesakes
from ...sync.envelope import is_id
from .. import guard
from ..again import asks_again_when
from ..pages import say, show
from . import station
from .scope import audit, find_unit, people_in_scope, units_in_scope

PAGE = 50


@dataclass
class Line:
    """One person with the browsers that are theirs now. unsent: what those phones said they still hold."""

    person: Person
    devices: list[Device] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)

    @property
    def unsent(self) -> int:
        return sum(device.unsent_count or 0 for device in self.devices)


def gives_a_desk() -> bool:
    """Does this form make somebody more than a field worker?"""
    said = request.form.get("access") or load_pack()["field_role"].get(request.form.get("field_role", ""), {}).get(
        "access"
    )
    return said in DESK_ACCESS


@station.get("/people")
def people() -> Response:
    name, unit, role = (request.args.get(key, "").strip() for key in ("name", "unit", "role"))
    shown, after = request.args.get("shown", ""), request.args.get("after", "")
    rows = people_chosen(people_in_scope(), load_pack(), name, unit if is_id(unit) else "", role, shown)
    total = db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    rows = rows.where(Person.id > after) if is_id(after) else rows
    rows = rows.order_by(Person.id).limit(PAGE + 1).options(joinedload(Person.unit))
    found = list(db.session.scalars(rows))
    onward = found[PAGE - 1].id if len(found) > PAGE else None
    return show("station/people.html", "station/_people_lines.html", lines=lines(found[:PAGE]), total=total, onward=onward,
                asked={"name": name, "unit": unit, "role": role, "shown": shown}, units=units_in_scope(),
                roles=roles_in_use(), waiting=_waiting(), aside=_aside())  # fmt: skip


@station.get("/people/new")
@guard.only("station_clerk")
def new_person() -> Response:
    return _form({"unit": request.args.get("unit", ""), "field_role": "volunteer", "access": ""})


@station.post("/people")
@guard.only("station_clerk")
@asks_again_when(gives_a_desk)
def create_person() -> AnyResponse:
    said = {key: request.form.get(key, "").strip() for key in ("name", "unit", "field_role", "access", "same")}
    check_role(said["field_role"], said["access"])
    with writing() as session:
        unit = find_unit(said["unit"])
        if not said["same"] and (same := namesakes(session, unit.id, said["name"])):
            return _form(said, 422, same=same)
        try:
            person = add_person(
                session, name=said["name"], field_role=said["field_role"], unit=unit, access=said["access"]
            )
        except ValueError:
            return _form(said, 422, wrong=say("请写上姓名。"))
        audit(session, "added", "person", person.id, role=person.field_role, access=person.access)
        person_id = person.id
    return redirect(f"/station/people/{person_id}", 303)


def check_role(field_role: str, access: str) -> None:
    """Codes of the pack, and of access only what signs in."""
    pack = load_pack()
    if field_role not in pack["field_role"] or (access and not pack["access"].get(access, {}).get("login")):
        abort(400)


def lines(found: list[Person]) -> list[Line]:
    held, marks, now = defaultdict(list), defaultdict(list), utc_now()
    ids = [person.id for person in found]
    for device in db.session.scalars(
        select(Device).where(Device.person_id.in_(ids)).order_by(Device.last_seen_at.desc())
    ):
        if is_enrolled(device, now):
            held[device.person_id].append(device)
    for row in db.session.execute(select(PersonMark.person_id, PersonMark.mark).where(PersonMark.person_id.in_(ids))):
        marks[row.person_id].append(row.mark)
    return [Line(person, held[person.id], marks[person.id]) for person in found]


def roles_in_use() -> list[str]:
    used = set(db.session.scalars(people_in_scope().with_only_columns(Person.field_role).distinct()))
    return [code for code in load_pack()["field_role"] if code in used]


def without_phone() -> list[Person]:
    """Who could work in the field and has no browser yet; the slips are printed for them."""
    devices = select(Device.person_id).where(Device.revoked_at.is_(None))
    rows = people_in_scope().where(Person.active, Person.id.not_in(devices), Person.access.in_(guard.EVERYBODY))
    return list(db.session.scalars(rows.order_by(Unit.code, Person.name).options(joinedload(Person.unit))))


def _form(said: dict, status: int = 200, wrong: str = "", same: list[Person] | None = None) -> Response:
    return show("station/person_new.html", status=status, said=said, wrong=wrong, same=same, units=units_in_scope(),
                roles=choices())  # fmt: skip


def choices() -> dict[str, list[str]]:
    """Roles and access that somebody with a phone or a desk can have."""
    pack = load_pack()
    login = [code for code, access in pack["access"].items() if access.get("login")]
    return {
        "field_role": [code for code, role in pack["field_role"].items() if role["access"] in login],
        "access": login,
    }


def _waiting() -> int:
    rows = select(func.count(Registration.id)).where(Registration.decided_at.is_(None))
    return db.session.scalar(rows.where(Registration.unit_id.in_([unit.id for unit in units_in_scope()]))) or 0


def _aside() -> int:
    mine = people_in_scope().with_only_columns(Person.id)
    rows = select(func.count(SetAside.id)).join(Device, Device.id == SetAside.device_id)
    return db.session.scalar(rows.where(SetAside.decision.is_(None), Device.person_id.in_(mine))) or 0
