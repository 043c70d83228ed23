"""The same seed draws the same sample on SQLite and on PostgreSQL: visits, order, second readings, hazards to look at again."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from wujin_field import review
from wujin_field.cast import phone, sealed, settle, visit_claim
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, local_day, to_ms, utc_now, uuid7, writing
from wujin_field.models import Hazard, HazardAudit, Unit
from wujin_field.models.hazards import take_step
from wujin_field.periods import week_before
from wujin_field.review.sheet import sheet
from wujin_field.sync.intake import Sender

pytestmark = [pytest.mark.needs("postgres"), pytest.mark.timeout(120)]
LAST_WEEK = utc_now() - timedelta(days=7)
VISITS, SEEDS = 60, ("7f3a", "a", "station-1")


def app_in(folder, **env):
    folder.mkdir()
    (folder / "demo").touch()  # the cast brings its own station
    return prepared(read_settings(env=env, data_dir=folder))


def filled(app):
    """Three villages' week, a serious hazard, twelve hazards that were closed."""
    with app.app_context(), writing() as session:
        town = settle(session)
        device, _ = phone(session, town.person("陈大山"))
    venues = [venue for venue in town.venues.values() if venue.lat_e7]
    for n in range(VISITS):
        found = [hazard("serious" if n == 3 else "general")] if n < 13 else []
        claim = visit_claim(device, venues[n % len(venues)], hazards=found)
        intake = app.extensions["intake"]
        taken = intake.take_claim(
            "visit", claim["id"], sealed(claim), Sender(device.id, device.person_id), now=LAST_WEEK
        )
        assert taken.status == 201
    with app.app_context(), writing() as session:
        for row in session.scalars(select(Hazard)).all():
            take_step(session, row, "rectified", town.person("何敏"), LAST_WEEK, photo="0" * 64)
            take_step(session, row, "verified", town.person("罗静"), LAST_WEEK, how="on_site")


def hazard(severity):
    return {"id": uuid7(), "severity": severity, "category": "electric", "text": "x", "found_at": to_ms(LAST_WEEK)}


def copied(source, target):
    """Every row of one database in the other; the audit chain goes on where each began, and no draw reads it."""
    with source.app_context(), db.engine.connect() as connection:
        rows = {
            table: connection.execute(select(table)).mappings().all()
            for table in db.metadata.sorted_tables
            if table.name != "audit"
        }
    with target.app_context(), db.engine.begin() as connection:
        for table in reversed(rows):
            connection.execute(table.delete())
        for table, lines in rows.items():
            if lines:
                connection.execute(insert(table), [dict(line) for line in lines])


def drawn(app, seed):
    with app.app_context(), writing() as session:
        unit, week = (
            session.scalars(select(Unit).where(Unit.code == "station")).one(),
            week_before(local_day(utc_now())),
        )
        batch = review.draw(session, unit, week, seed)
        audits = select(HazardAudit.hazard_id, HazardAudit.reason).where(HazardAudit.batch_id == batch.id)
        told = {
            name: value for name, value in sheet(batch).items() if name in ("seed", "covered", "drawn", "sample_digest")
        }
        again = told, sorted(map(tuple, session.execute(audits)))
        session.rollback()
        return again


def test_the_same_seed_draws_the_same_sample_on_both_databases(tmp_path, database):
    here, there = app_in(tmp_path / "sqlite"), app_in(tmp_path / "postgres", WUJIN_DATABASE_URL=database)
    filled(here)
    copied(here, there)
    samples = [drawn(here, seed) for seed in SEEDS]
    assert samples == [drawn(there, seed) for seed in SEEDS]
    assert len({str(one) for one in samples}) == len(SEEDS)
    told, audits = samples[0]
    assert told["covered"] == VISITS
    assert len(told["drawn"]) >= 3
    assert len(audits) == 3  # one in five of thirteen, rounded up
    for app in (here, there):
        with app.app_context():
            db.engine.dispose()
