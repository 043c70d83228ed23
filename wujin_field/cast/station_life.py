"""What happens at the clerk's desk: marks, a team, somebody who asks in, a phone that was stopped with work on it."""

from flask import Flask
from sqlalchemy import select

from ..db import db, utc_now, uuid7, writing
from ..models import Activity, Device, PersonMark, Registration, Team, TeamMember, Unit
from ..models.activities import label_activity
from ..models.organisation import add_unit
from ..models.people import revoke, token_hash
from ..sync.intake import Sender
from .claims import phone, sealed, visit_claim
from .town import Town

MARKS = {"陈大山": "safety_leader", "何长生": "safety_leader", "廖定邦": "informed_person", "向有田": "informed_person"}
TEAM = ("柳溪村消防志愿服务小队", "liuxi", ("陈大山", "赵春兰"))
DEPARTMENTS = ("派出所", "司法所", "中心校")
PHONE = "023-5555 0119"  # nobody's
STOPPED, PLACE = "谭开明", "高坪粮库"


def station_life(app: Flask, town: Town) -> None:
    with app.app_context():
        with writing() as session:
            _people(session, town)
            device, _ = phone(session, town.person(STOPPED))
            revoke(session.get_one(Device, device.id), town.person("何敏").id, utc_now())
        claim = visit_claim(device, town.venue(PLACE), note="手机丢了之前记的，后来找回来交上的。")
        sender = Sender(device.id, device.person_id)
        app.extensions["intake"].keep_aside("visit", claim["id"], sealed(claim), sender, "phone_stopped")
        db.session.remove()


def _people(session, town: Town) -> None:  # type: ignore[no-untyped-def]
    session.add_all(PersonMark(person_id=town.person(name).id, mark=mark) for name, mark in MARKS.items())
    name, unit, members = TEAM
    team = Team(id=uuid7(), unit_id=town.units[unit].id, zh=name)
    session.add(team)
    session.flush()
    session.add_all(TeamMember(team_id=team.id, person_id=town.person(member).id) for member in members)
    drills = session.scalars(
        select(Activity).where(Activity.form == "evacuation_drill").order_by(Activity.day.desc()).limit(2)
    )
    for activity in drills.all():
        label_activity(session, activity, town.person("何敏"), ["safe_town"])
    session.get_one(Unit, town.units["station"].id).phone = PHONE
    for department in DEPARTMENTS:
        add_unit(session, f"青禾镇{department}", "department", town.areas["qinghe"], town.units["station"])
    session.add(Registration(id=uuid7(), token_hash=token_hash("demo"), name="石小满", field_role="volunteer",
                             unit_id=town.units["xinjie"].id, number="4071"))  # fmt: skip
