"""The privacy desk: what is past its time goes, a person's data comes out or is gone, and the chain still verifies."""

import io
import re
from collections import Counter
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from wujin_field.cast import phone, photo_line, picture, sealed, visit_claim
from wujin_field.cast.claims import sha256
from wujin_field.db import db, to_ms, utc_now, writing
from wujin_field.keeping.verify import verify
from wujin_field.models import AuditRow, Claim, Credential, Invite, Person, Venue, Visit
from wujin_field.models.credentials import set_password
from wujin_field.models.people import invite
from wujin_field.sync.gate import Header
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
    assert "现在有 1 件过了时间" in desk.get("/station/privacy/invites").text
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


@pytest.fixture
def home_visit(app, town):
    """陈大山 was at 三组12户 with a picture, three and a half years ago; and at the mill, as long ago."""
    long_ago, body = utc_now() - timedelta(days=1300), picture(3, utc_now())
    with writing() as session:
        device, _ = phone(session, town.person("陈大山"))
        session.execute(update(Venue).values(created_at=long_ago))
    db.session.rollback()
    with app.extensions["vault"].incoming() as file:
        file.write(body)
        app.extensions["vault"].keep(file, sha256(body))
    sender = Sender(device.id, device.person_id)
    app.extensions["intake"].take_photo(sha256(body), len(body), Header("image/jpeg", 800, 600), sender)
    here = {"lat_e7": 295_512_000, "lon_e7": 1_062_034_000, "accuracy_m": 3, "age_ms": 0}
    line = photo_line(body, utc_now(), position=here, caption="灶台边")
    past = {"at": long_ago, "sent_clock": to_ms(utc_now())}
    home = visit_claim(device, town.venue("三组12户"), photos=[line], note="老人独居", **past)
    for claim in (home, visit_claim(device, town.venue("禾丰粮油加工厂"), note="厂里", **past)):
        assert app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), sender).status == 201
    db.session.rollback()
    return home


def purged(desk, kind):
    """How many the dry run told, and how many are left after the purge."""
    before = desk.get(f"/station/privacy/{kind}").text
    desk.post(f"/station/privacy/{kind}/purge")
    db.session.rollback()
    return int(re.search(r"现在有 (\d+) 件", before)[1]), int(
        re.search(r"现在有 (\d+) 件", desk.get(f"/station/privacy/{kind}").text)[1]
    )


def test_positions_of_homes_go_first_and_the_phones_words_about_them(app, desk, home_visit, town):
    homes = db.session.scalar(select(func.count(Venue.id)).where(Venue.privacy == "strict", Venue.lat_e7.is_not(None)))
    assert purged(desk, "home_positions") == (1 + homes, 0)
    visit = db.session.get(Visit, home_visit["id"])
    assert [(photo.lat_e7, photo.caption) for photo in visit.photos] == [(None, "灶台边")]
    assert (visit.note, visit.venue.zh, visit.venue.lat_e7) == ("老人独居", "三组12户", None)
    assert db.session.scalar(select(Claim.body).where(Claim.subject_id == visit.id)) == b""
    assert db.session.scalar(select(Venue.lat_e7).where(Venue.zh == "禾丰粮油加工厂")) is not None
    assert broken(app) == []


def test_pictures_and_words_of_homes_go_and_the_visit_stays(app, desk, home_visit):
    digest = home_visit["photos"][0]["sha256"]
    assert app.extensions["vault"].has(digest)
    assert purged(desk, "home_visits") == (1, 0)
    assert db.session.get(Visit, home_visit["id"]).note == ""
    assert not app.extensions["vault"].has(digest)
    assert db.session.scalars(select(Visit.note).where(Visit.id != home_visit["id"])).all() == ["厂里"]
    assert broken(app) == []


def test_a_house_number_that_nobody_went_to_for_years_goes(app, desk, home_visit):
    was = db.session.get(Visit, home_visit["id"]).venue_id
    before, after = purged(desk, "home_numbers")
    assert before > 1 and after == 0
    home = db.session.get(Venue, was)
    assert (home.zh, home.active, home.code) == ("住户", False, None)
    assert broken(app) == []


def test_a_home_visited_lately_keeps_its_number_and_its_point(desk, home_visit, town):
    with writing() as session:
        session.execute(update(Visit).values(started_at=utc_now()))
    for kind in ("home_positions", "home_numbers"):
        purged(desk, kind)
    home = db.session.scalar(
        select(Venue).where(Venue.zh == "三组12户", Venue.area_id == town.venue("三组12户").area_id)
    )
    assert home.lat_e7 is not None


def test_which_words_somebody_saw_is_kept_and_a_new_version_is_shown(app, desk, town):
    with writing() as session:
        row, token = invite(session.get_one(Person, town.person("周小禾").id))
        session.add(row)
    browser = app.test_client()
    assert "不排名" in browser.get(f"/enrol/{token}").text
    browser.post(f"/enrol/{token}")
    page = f"/station/people/{town.person('周小禾').id}"
    assert "看过第 1 版" in desk.get(page).text
    assert "我看过了" not in browser.get("/account/").text
    said = {"zh": "换了说法", "en": "Said anew", "revision": 0}
    desk.post("/station/pack/consent/field", data=said)
    desk.post("/station/pack/consent/field/publish")
    assert "换了说法" in browser.get("/account/").text
    assert "，之后改过" in desk.get(page).text
    browser.post("/account/told")
    assert "换了说法" not in browser.get("/account/").text
    assert "，之后改过" not in desk.get(page).text


def test_how_long_is_the_stations_own_to_say_but_never_no_time(desk, town):
    assert desk.post("/station/pack/retention/invites", data={"days": "0", "revision": 0}).status_code == 422
    desk.post("/station/pack/retention/invites", data={"days": "7", "revision": 0})
    desk.post("/station/pack/retention/invites/publish")
    assert "留 7 天" in desk.get("/station/privacy/invites").text
    assert desk.post("/station/pack/retention", data={"zh": "别的"}).status_code == 404


def test_no_home_is_in_the_sheet_of_places(desk, town):
    book = load_workbook(io.BytesIO(desk.get("/station/sheets/venues/export.xlsx").data))
    names = {row[1] for row in book.active.iter_rows(values_only=True)}
    assert "禾丰粮油加工厂" in names and "三组12户" not in names


def test_a_village_clerk_has_no_privacy_desk(app, town):
    with writing() as session:
        _, token = phone(session, town.person("赵春兰"))
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    assert client.get("/station/privacy").status_code == 403
