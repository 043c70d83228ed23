"""The privacy desk: what is past its time goes, a person's data comes out or is gone, and the chain still verifies."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from wujin_field.cast import phone, sealed, visit_claim
from wujin_field.db import db, utc_now, writing
from wujin_field.keeping.verify import verify
from wujin_field.models import AuditRow, Credential, Invite, Person
from wujin_field.models.credentials import set_password
from wujin_field.models.people import invite
from wujin_field.sync.intake import Sender


@pytest.fixture
def desk(app, town):
    with writing() as session:
        _, token = phone(session, town.person("何敏"))
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    return client


@pytest.fixture
def worked(app, town):
    """陈大山 visited a home and a mill."""
    with writing() as session:
        device, _ = phone(session, town.person("陈大山"))
    db.session.rollback()
    for name in ("三组12户", "禾丰粮油加工厂"):
        claim = visit_claim(device, town.venue(name))
        outcome = app.extensions["intake"].take_claim(
            "visit", claim["id"], sealed(claim), Sender(device.id, device.person_id)
        )
        assert outcome.status == 201
    return town.person("陈大山")


def broken(app):
    db.session.rollback()
    return [finding for finding in verify(app, Counter(), False) if finding.level == "broken"]


def test_a_persons_data_comes_out_with_homes_masked(desk, worked):
    answer = desk.post(f"/station/privacy/people/{worked.id}/export")
    assert answer.json["name"] == "陈大山"
    assert sorted(visit["place"] for visit in answer.json["visits"]) == ["住户", "禾丰粮油加工厂"]
    assert "三组12户" not in answer.get_data(as_text=True)


def test_an_erased_person_is_nobody_and_the_chain_holds(app, desk, worked):
    with writing() as session:
        set_password(session, session.get_one(Person, worked.id), "陈大山", "江上晚风 1937")
    assert desk.post(f"/station/privacy/people/{worked.id}/erase", data={"name": "陈大"}).status_code == 422
    assert desk.post(f"/station/privacy/people/{worked.id}/erase", data={"name": "陈大山"}).status_code == 303
    db.session.rollback()
    assert "陈大山" not in db.session.get(Person, worked.id).name
    assert db.session.get(Credential, worked.id) is None
    assert broken(app) == []


def test_the_last_clerk_is_not_erased(desk, town):
    he = town.person("何敏")
    assert desk.post(f"/station/privacy/people/{he.id}/erase", data={"name": "何敏"}).status_code == 422


def test_a_dry_run_counts_and_a_purge_leaves_its_trace(desk, town):
    with writing() as session:
        row, _ = invite(town.person("陈大山"), now=utc_now() - timedelta(days=60))
        session.add(row)
    assert 'data-label="已到期">1<' in desk.get("/station/privacy").text
    db.session.rollback()
    assert len(db.session.scalars(select(Invite)).all()) == 1  # looking purges nothing
    desk.post("/station/privacy/invites/purge")
    db.session.rollback()
    assert db.session.scalars(select(Invite)).all() == []
    row = db.session.scalars(select(AuditRow).where(AuditRow.what == "purged")).one()
    assert (row.subject_id, row.detail["rows"]) == ("invites", 1)


def test_who_left_long_ago_loses_their_name(app, desk, town):
    chen = town.person("陈大山")
    with writing() as session:
        person = session.get_one(Person, chen.id)
        person.active, person.created_at = False, utc_now() - timedelta(days=800)
    desk.post("/station/privacy/people_who_left/purge")
    db.session.rollback()
    assert db.session.get(Person, chen.id).name != "陈大山"
    assert broken(app) == []


def test_a_village_clerk_has_no_privacy_desk(app, town):
    with writing() as session:
        _, token = phone(session, town.person("赵春兰"))
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    assert client.get("/station/privacy").status_code == 403
