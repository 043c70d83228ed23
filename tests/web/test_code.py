"""/v/<code>: what a scanned poster opens, for a neighbour and for an enrolled phone."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from wujin_field.cast import phone, settle
from wujin_field.cast.registers import keep_registers
from wujin_field.db import db, writing
from wujin_field.models import Unit, Venue, VenueCode


@pytest.fixture
def town(app):
    with app.app_context(), writing() as session:
        return settle(session)


@pytest.fixture
def client(app, town):
    return app.test_client()


@pytest.fixture
def mill(town):
    return town.venue("禾丰粮油加工厂")


def test_a_neighbour_sees_the_venues_page(client, mill):
    answer = client.get(f"/v/{mill.code}")
    assert answer.status_code == 200
    assert "禾丰粮油加工厂" in answer.text
    assert 'href="tel:119"' in answer.text


def test_an_enrolled_phone_gets_its_shell(app, client, town, mill):
    with app.app_context(), writing() as session:
        _, token = phone(session, town.person("陈大山"))
    client.set_cookie("wujin_device", token)
    answer = client.get(f"/v/{mill.code}")
    assert answer.status_code == 200
    assert answer.text == client.get("/field/").text
    assert "Cookie" in answer.headers["Vary"]


def test_a_look_alike_and_a_small_letter_find_the_same_venue(client, town):
    for venue in list(town.venues.values())[:20]:
        typed = venue.code.lower().replace("5", "s").replace("2", "z").replace("8", "b")
        assert client.get(f"/v/{typed}").status_code == 200


@pytest.mark.parametrize(
    "typed", ["52852588", "52852589", "nonsense", "柳溪村", "<script>alert(1)", "x" * 400, "%00", "’ OR 1=1"]
)
def test_a_wrong_code_is_404_and_offers_to_search(client, typed):
    answer = client.get(f"/v/{typed}")
    assert answer.status_code == 404
    assert 'action="/v/"' in answer.text
    assert "<script>alert" not in answer.text


@pytest.fixture
def hotel(town):
    """A venue whose poster was printed anew."""
    return next(venue for venue in town.venues.values() if any(row.state == "retired" for row in venue.codes))


def test_an_old_poster_is_410_and_offers_the_new_one(client, hotel):
    old = next(row.code for row in hotel.codes if row.state == "retired")
    answer = client.get(f"/v/{old}")
    assert answer.status_code == 410
    assert f'href="/v/{hotel.code}"' in answer.text


def test_a_venue_that_closed_is_410_and_offers_a_search(app, client, mill):
    with app.app_context(), writing() as session:
        session.get_one(Venue, mill.id).active = False
    answer = client.get(f"/v/{mill.code}")
    assert answer.status_code == 410
    assert 'href="/v/"' in answer.text


def test_a_lost_poster_is_410(app, client, mill):
    with app.app_context(), writing() as session:
        session.scalars(select(VenueCode).where(VenueCode.code == mill.code)).one().state = "lost"
    assert client.get(f"/v/{mill.code}").status_code == 410


def test_a_home_is_not_named_to_a_stranger(client, town):
    for name in ("三组12户", "百合苑7栋1202室"):
        answer = client.get(f"/v/{town.venue(name).code}")
        assert answer.status_code == 200
        assert name not in answer.text
        assert "独居" not in answer.text


def test_no_position_of_anything_leaves_the_public_page(client, mill):
    text = client.get(f"/v/{mill.code}").text
    assert not [digits for digits in (str(mill.lat_e7), str(mill.lat_e7 / 1e7)[:7], str(mill.lon_e7)) if digits in text]


def test_a_typed_code_leads_to_its_page(client, mill):
    answer = client.get("/v/", query_string={"code": f" {mill.code[:4].lower()} {mill.code[4:]} "})
    assert answer.headers["Location"] == f"/v/{mill.code}"


def test_it_finds_a_venue_by_a_part_of_its_name(client, mill):
    text = client.get("/v/?name=粮油").text
    assert "禾丰粮油加工厂" in text
    assert f"/v/{mill.code}" in text


def test_it_finds_no_home_by_name(client):
    for typed, name in (("组12", "三组12户"), ("12户", "三组12户"), ("百合苑7", "百合苑7栋1202室")):
        assert name not in client.get(f"/v/?name={typed}").text


def test_r053_r164_anybody_sees_where_to_learn_when_it_is_open_and_whom_to_call(app, client, town):
    with app.app_context(), writing() as session:
        session.query(Unit).filter_by(code="station").one().phone = "023-5555 0119转8"
        places = {venue.zh: venue for venue in session.query(Venue)}
        places["柳溪村消防宣传室"].opening, places["石桥村消防宣传室"].opening = "每天 8:00–20:00", ""
        keep_registers(session, town, date(2026, 11, 4))
    page = client.get("/points?near=shiqiao").text
    lines = {re.search("<strong>([^<]+)</strong>", line)[1]: line for line in page.split("<li ")[1:]}
    assert "免费" in page and "每天 8:00–20:00" in lines["柳溪村消防宣传室"]
    assert "先问一下站里" in lines["石桥村消防宣传室"] and "柳溪村" in lines["柳溪村消防宣传室"]
    assert "周六 9:00–11:30" in lines["百合消防体验馆"] or "工作日" in lines["百合消防体验馆"]
    assert next(iter(lines)) == "石桥村消防宣传室"  # the nearest village first
    named = [zh for zh, line in lines.items() if "示范点" in line]
    assert named and "禾丰粮油加工厂" not in set(lines) - set(named)  # other places do not stand there
    assert not re.search("三组12户|12户", page)
    assert '<a class="number" href="tel:02355550119">023-5555 0119转8</a>' in page
    assert "没有找到" in client.get("/points?name=没有这里").text
    assert "石桥村消防宣传室" not in client.get("/points?name=柳溪").text
    for door in ("/", f"/v/{town.venue('禾丰粮油加工厂').code}"):
        assert "/points" in client.get(door).text and "tel:02355550119" in client.get(door).text


@pytest.mark.parametrize("typed", ["%", "__", "%25%25", "", "柳"])
def test_a_joker_finds_nothing(app, client, typed):
    with app.app_context():
        names = db.session.scalars(select(Venue.zh).where(Venue.privacy == "open")).all()
    text = client.get("/v/", query_string={"name": typed}).text
    assert not [name for name in names if name in text]
