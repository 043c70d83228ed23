"""How many of two this week: activities are counted, never doors; Monday begins, in the station's time."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from wujin_field.cast import activity_claim, phone, sealed, settle, visit_claim
from wujin_field.db import db, writing
from wujin_field.domain import load_pack
from wujin_field.figures.week import this_week
from wujin_field.models import Unit
from wujin_field.sync.intake import Sender

WEDNESDAY = date(2026, 11, 4)
STATION, LIUXI, SHIQIAO = "station", "liuxi", "shiqiao"


@pytest.fixture
def go_out(app):
    """go_out(moment, doors=2) → an activity of 陈大山's that began then."""
    with app.app_context():
        with writing() as session:
            town = settle(session)
            device, _ = phone(session, town.person("陈大山"))
        sender, intake = Sender(device.id, device.person_id), app.extensions["intake"]

        def out(moment, doors=0):
            claim = activity_claim(device, town.areas["liuxi"], moment)
            stops = [visit_claim(device, town.venue("柳溪小学"), claim["id"], moment) for _ in range(doors)]
            for sent in [claim, *stops]:
                assert intake.take_claim(sent["kind"], sent["id"], sealed(sent), sender).status == 201

        yield out


def week(code=STATION, today=WEDNESDAY):
    db.session.rollback()
    unit = db.session.scalar(select(Unit).where(Unit.code == code))
    return this_week(db.session(), load_pack(), unit, today)


def test_thirty_doors_are_one_activity(go_out):
    go_out(datetime(2026, 11, 3, 2, tzinfo=UTC), doors=30)
    assert (week().done, week().wanted, week().still_wanted) == (1, 2, 1)


def test_a_quiet_week_wants_all(go_out):
    assert (week().done, week().still_wanted) == (0, week().wanted)


def test_more_than_wanted_is_never_less_than_nothing(go_out):
    for hour in range(4):
        go_out(datetime(2026, 11, 3, hour, tzinfo=UTC))
    assert (week().done, week().still_wanted) == (4, 0)


@pytest.mark.parametrize("today", [date(2026, 11, 2), WEDNESDAY, date(2026, 11, 8)])
def test_every_day_of_the_week_sees_the_same_week(go_out, today):
    assert (week(today=today).first, week(today=today).last) == (date(2026, 11, 2), date(2026, 11, 8))


@pytest.mark.parametrize(
    ("moment", "counted"),
    [
        (datetime(2026, 11, 1, 15, 59, tzinfo=UTC), 0),  # Sunday 23:59 there
        (datetime(2026, 11, 1, 16, 0, tzinfo=UTC), 1),  # Monday 00:00 there
        (datetime(2026, 11, 8, 15, 59, tzinfo=UTC), 1),  # Sunday 23:59
        (datetime(2026, 11, 8, 16, 0, tzinfo=UTC), 0),  # Monday
    ],
)
def test_the_week_turns_at_the_stations_midnight(go_out, moment, counted):
    go_out(moment)
    assert week().done == counted


def test_a_village_sees_its_own(go_out):
    go_out(datetime(2026, 11, 3, 2, tzinfo=UTC))
    assert (week(LIUXI).done, week(SHIQIAO).done) == (1, 0)


def test_a_village_is_not_told_the_stations_number(go_out):
    assert (week(STATION).wanted, week(LIUXI).wanted, week(LIUXI).still_wanted) == (2, 0, 0)
