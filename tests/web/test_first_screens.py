"""Whose installation this is, where everybody begins, and what the product never asks of them (R61, R78, R122, R129, R160)."""

import re
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import select

from wujin_field.cast import phone, settle
from wujin_field.cli import prepared
from wujin_field.config import read_settings, shipped
from wujin_field.db import db, writing
from wujin_field.domain import load_pack
from wujin_field.models import Person, Unit
from wujin_field.models.people import invite
from wujin_field.words import catalogue

FIELD_ROLES = ["fire_officer", "volunteer", "fire_ambassador", "grid_worker"]


@pytest.fixture
def town(app):
    with app.app_context(), writing() as session:
        return settle(session)


def test_r061_a_new_installation_is_the_township_stations_own(tmp_path):
    app = prepared(read_settings(env={}, data_dir=tmp_path / "data", station="青禾镇消防工作站"))
    with app.app_context():
        [station] = db.session.scalars(select(Unit)).all()
        assert (station.zh, station.unit_kind, station.area.area_kind) == ("青禾镇消防工作站", "station", "township")
        assert "青禾镇消防工作站" in app.test_client().get("/").text
        db.engine.dispose()


def test_r061_the_station_sees_every_village_below_it(app, town):
    with app.app_context(), writing() as session:
        token = phone(session, town.person("何敏"))[1]
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    page = client.get("/station/").text
    committees = [
        unit for unit in town.units.values() if unit.unit_kind in ("village_committee", "community_committee")
    ]
    assert len(committees) > 5
    assert [unit.zh for unit in committees if unit.zh not in page and unit.area.zh not in page] == []


@pytest.mark.parametrize("role", FIELD_ROLES)
def test_r122_everybody_in_the_field_begins_on_the_phones_first_screen(app, town, role):
    with app.app_context(), writing() as session:
        access = load_pack()["field_role"][role]["access"]
        who = Person(name="新来的", field_role=role, access=access, unit_id=town.units["liuxi"].id)
        session.add(who)
        session.flush()
        row, token = invite(who)
        session.add(row)
    client = app.test_client()
    assert client.post(f"/enrol/{token}").headers["Location"] == "/field/"
    assert client.get("/").headers["Location"] == "/field/"
    person = client.get("/sync/pack").json["person"]
    assert (person["role"], person.get("first")) == (role, ["returned", "plan"] if role == "fire_ambassador" else None)


def test_r078_nobody_is_ranked_given_points_or_asked_to_check_in():
    phone_words = "\n".join(path.read_text("utf-8") for path in Path(shipped("static"), "js").rglob("*.js"))
    told = "\n".join(catalogue()) + phone_words
    assert re.findall("积分|排名|排行|打卡|签到|在线时长|连续.天", told) == []


@pytest.mark.parametrize(
    ("month", "tip"),
    [(1, "取暖器"), (4, "清明"), (7, "空调"), (10, "秋收")],
    ids=["winter", "spring", "summer", "autumn"],
)
def test_r129_the_tip_behind_a_poster_is_that_of_the_season(app, town, monkeypatch, month, tip):
    monkeypatch.setattr(
        import_module("wujin_field.web.public.code"), "utc_now", lambda: datetime(2026, month, 15, tzinfo=UTC)
    )
    season = re.search(
        r'class="season">(.*?)</p>', app.test_client().get(f"/v/{town.venue('禾丰粮油加工厂').code}").text, re.S
    )
    assert tip in season[1]


def test_r129_the_phone_carries_which_months_a_season_has(app, town):
    with app.app_context(), writing() as session:
        token = phone(session, town.person("陈大山"))[1]
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    pack = client.get("/sync/pack").json
    heaters = next(item for item in pack["checklists"]["household"]["items"] if item["code"] == "HH-09")
    assert 1 in pack["seasons"][heaters["season"]]
    assert 7 not in pack["seasons"][heaters["season"]]


@pytest.mark.parametrize(("day", "said"), [(10, "还有 18 天"), (26, "快到了"), (28, "今天报送"), (29, "下个月的补报")])
def test_r160_the_village_clerk_is_reminded_of_the_report(app, town, monkeypatch, day, said):
    with app.app_context(), writing() as session:
        token = phone(session, town.person("赵春兰"))[1]
    monkeypatch.setattr(
        import_module("wujin_field.web.station.week"), "utc_now", lambda: datetime(2026, 11, day, 2, tzinfo=UTC)
    )
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    assert client.get("/").headers["Location"] == "/station/"
    assert said in client.get("/station/").text


def test_a_leader_begins_with_the_sums_of_their_area_and_reads_nobodys_name(app, town):
    with app.app_context(), writing() as session:
        row, token = invite(session.get_one(Person, town.person("冯远").id))
        session.add(row)
    client = app.test_client()
    start = client.post(f"/enrol/{token}").headers["Location"]
    page = client.get(start)
    assert (start, page.status_code) == ("/station/overview", 200)
    assert town.person("冯远").unit.zh in page.text
    assert re.search(r'href="/station/overview" aria-current="page"', page.text)
    assert [name for name in town.people if name in page.text.replace("冯远", "")] == []
    assert client.get("/station/venues").status_code == 403


@pytest.mark.parametrize(
    ("page", "way"),
    [
        ("/station/", "/station/"), ("/station/pending", "/station/venues"), ("/station/sheets/people", "/station/people"),
        ("/station/joining", "/station/people"), ("/station/forms", "/station/reports"), ("/station/posters", "/station/venues"),
        ("/station/people/slips", "/station/people"), ("/station/privacy/invites", "/station/privacy"),
    ],
)  # fmt: skip
def test_the_menu_says_where_one_is(app, town, page, way):
    with app.app_context(), writing() as session:
        token = phone(session, town.person("何敏"))[1]
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    assert re.findall(r'href="([^"]+)" aria-current="page"', client.get(page).text.partition("</nav>")[0]) == [way]
