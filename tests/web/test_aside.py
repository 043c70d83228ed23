"""A revoked phone: it sees nothing, what it still sends is kept, the clerk takes it over or not. Nothing vanishes."""

import base64
import hashlib
import re

import pytest
from sqlalchemy import func, select

from wujin_field.cast import phone, photo_line, picture, sealed, visit_claim
from wujin_field.db import db, utc_now, writing
from wujin_field.models import Device, Photo, SetAside, Visit
from wujin_field.models.people import revoke


@pytest.fixture
def stopped(app, town):
    """(client, device) of 陈大山's phone after the clerk stopped it."""
    with writing() as session:
        device, token = phone(session, town.person("陈大山"))
        revoke(session.get_one(Device, device.id), town.person("何敏").id, utc_now())
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    return client, device


@pytest.fixture
def desk(app, town):
    with writing() as session:
        _, token = phone(session, town.person("何敏"))
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    return client


def send(client, claim):
    body = sealed(claim)
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    return client.put(f"/sync/visits/{claim['id']}", data=body, headers={"Content-Digest": f"sha-256=:{digest}:"})


def send_photo(client, body):
    return client.put(f"/sync/photos/{hashlib.sha256(body).hexdigest()}", data=body)


def count(table):
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table))


def test_a_revoked_phone_is_told_so_and_sees_nothing(stopped):
    client, _ = stopped
    answer = client.get("/sync/pack")
    assert (answer.status_code, answer.json["code"]) == (401, "phone_stopped")
    assert client.head(f"/sync/photos/{'ab' * 32}").status_code == 401
    assert client.get("/station/").status_code == 302


def test_what_it_still_sends_is_kept_and_taken_over_by_the_clerk(stopped, desk, town):
    client, device = stopped
    body = picture(3, utc_now())
    claim = visit_claim(device, town.venue("禾丰粮油加工厂"), photos=[photo_line(body, utc_now())])
    answer = send(client, claim)
    assert (answer.status_code, answer.json["code"]) == (409, "phone_stopped")
    assert send_photo(client, body).status_code == 201
    assert (count(SetAside), count(Visit), count(Photo)) == (1, 0, 1)
    page = desk.get("/station/aside").text
    assert "禾丰粮油加工厂" in page
    assert desk.post(re.search(r"/station/aside/[\w-]+/take", page)[0]).status_code == 303
    db.session.rollback()
    visit = db.session.scalars(select(Visit)).one()
    assert (visit.id, visit.author_id, visit.missing) == (claim["id"], town.person("陈大山").id, 0)
    row = db.session.scalars(select(SetAside)).one()
    assert (row.decision, row.decided_by_id) == ("taken", town.person("何敏").id)


def test_sent_twice_it_is_kept_once(stopped, town):
    client, device = stopped
    claim = visit_claim(device, town.venue("禾丰粮油加工厂"))
    assert [send(client, claim).status_code for _ in range(2)] == [409, 409]
    assert count(SetAside) == 1


def test_a_photo_that_none_of_its_records_lists_is_not_taken(stopped):
    client, _ = stopped
    answer = send_photo(client, picture(4, utc_now()))
    assert (answer.status_code, answer.json["code"]) == (409, "phone_stopped")
    assert count(Photo) == 0


def test_what_was_dismissed_stays_and_can_still_be_taken(stopped, desk, town):
    client, device = stopped
    send(client, visit_claim(device, town.venue("禾丰粮油加工厂")))
    dismiss = re.search(r"/station/aside/[\w-]+/dismiss", desk.get("/station/aside").text)[0]
    assert desk.post(dismiss).status_code == 303
    page = desk.get("/station/aside").text
    assert "没有要决定的" in page
    assert "禾丰粮油加工厂" in page
    assert desk.post(dismiss.replace("dismiss", "take")).status_code == 303
    assert count(Visit) == 1


def test_a_month_after_it_was_stopped_a_phone_is_a_stranger(stopped, town):
    client, device = stopped
    from datetime import timedelta

    with writing() as session:
        session.get_one(Device, device.id).revoked_at = utc_now() - timedelta(days=31)
    answer = send(client, visit_claim(device, town.venue("禾丰粮油加工厂")))
    assert (answer.status_code, answer.json["code"]) == (401, "not_signed_in")
    assert count(SetAside) == 0


def test_another_station_decides_nothing_here(app, stopped, town):
    client, device = stopped
    send(client, visit_claim(device, town.venue("禾丰粮油加工厂")))
    with writing() as session:
        _, token = phone(session, town.person("赵春兰"))
    other = app.test_client()
    other.set_cookie("wujin_device", token)
    db.session.rollback()
    aside = db.session.scalars(select(SetAside.id)).one()
    assert other.post(f"/station/aside/{aside}/take").status_code == 403
