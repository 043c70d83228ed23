"""The county's line of each unit: an area's unit answers for its area, a department for its own people."""

from datetime import date

from wujin_field.cast import phone, sealed, visit_claim
from wujin_field.db import db, local_day, utc_now, writing
from wujin_field.domain import load_pack
from wujin_field.figures import tallies
from wujin_field.figures.rollup import rollup
from wujin_field.models import Unit
from wujin_field.periods import year_of
from wujin_field.sync.intake import Sender

HAZARD = {
    "id": "01930c2e-0000-7000-8000-00000000aa01",
    "category": "electric",
    "severity": "general",
    "text": "插座发黑",
}


def lines(today: date) -> dict:
    units = db.session.query(Unit).filter(Unit.code.in_(["station", "emergency"])).all()
    tallies.up_to_date(load_pack())
    return {line.unit.code: line for line in rollup(db.session(), load_pack(), units, year_of(today), today)}


def test_a_hazard_found_in_the_town_is_the_station_s_and_not_the_department_s(app, town):
    today = local_day(utc_now())
    with writing() as session:
        device, _ = phone(session, town.person("陈大山"))
    claim = visit_claim(device, town.venue("禾丰粮油加工厂"))
    claim["hazards"] = [HAZARD | {"found_at": claim["started_at"]}]
    taken = app.extensions["intake"].take_claim(
        "visit", claim["id"], sealed(claim), Sender(device.id, device.person_id)
    )
    assert taken.status == 201
    found = lines(today)
    assert (found["station"].found, found["emergency"].found) == (1, 0)
    assert found["station"].verified == 0
