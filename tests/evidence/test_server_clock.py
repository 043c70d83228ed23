"""S10: somebody sets the station's clock while it serves, or while it is off; the chain says so, once."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from wujin_field.cast import phone
from wujin_field.db import db, utc_now, writing
from wujin_field.evidence.server_clock import ServerClock
from wujin_field.keeping.verify import verify
from wujin_field.models import AuditRow

NOW, HOUR, UP_S = utc_now(), timedelta(hours=1), 5_000.0


def noted() -> list[int]:
    rows = db.session.scalars(select(AuditRow).where(AuditRow.what == "clock_set").order_by(AuditRow.seq))
    return [row.detail["seconds"] for row in rows]


@pytest.mark.parametrize("jump", [HOUR, -HOUR, timedelta(days=3), timedelta(days=-3)])
def test_a_clock_that_is_set_while_we_serve_is_noted_once_by_however_many_workers(app, town, jump):
    workers = [ServerClock(), ServerClock()]
    for clock in workers:
        assert not clock.look(NOW, UP_S)
    for seconds in (10, 20, 30):
        for clock in workers:
            clock.look(NOW + jump + timedelta(seconds=seconds), UP_S + seconds)
    assert noted() == [jump.total_seconds()]
    assert [one.code for one in verify(app, Counter(), hashing=False)] == []


def test_what_ntp_does_and_a_night_without_looking_are_no_jumps(app, town):
    clock = ServerClock()
    clock.look(NOW, UP_S)
    clock.look(NOW + timedelta(seconds=40), UP_S + 10)
    clock.look(NOW + 9 * HOUR, UP_S + 9 * 3600)
    assert noted() == []


def test_a_clock_that_was_set_back_while_the_station_was_off_is_noted_at_its_start(app, town):
    with writing() as session:
        phone(session, town.person("陈大山"))  # enrolled just now
    [newest] = db.session.scalars(select(AuditRow.at).order_by(AuditRow.seq.desc()).limit(1))
    assert ServerClock().look(newest - 2 * HOUR, 60.0) == -2 * HOUR
    assert noted() == [-7200]
