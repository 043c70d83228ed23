"""Monday's page says what is missing and where, and every number leads to what stands behind it."""

import re
from datetime import UTC, datetime
from importlib import import_module

import pytest

from wujin_field.cast import activity_claim, phone, sealed, settle, visit_claim
from wujin_field.db import db, writing
from wujin_field.models import Activity
from wujin_field.sync.intake import Sender

NOW = datetime(2026, 11, 4, 2, tzinfo=UTC)  # a Wednesday


class Desk:
    """青禾镇 on a Wednesday: 陈大山's phone, and whoever is signed in."""

    def __init__(self, app):
        self.app, self.intake = app, app.extensions["intake"]
        with app.app_context(), writing() as session:
            self.town = settle(session, NOW.date())
            self.device, _ = phone(session, self.town.person("陈大山"))
        self.clients = {}

    def out(self, *doors, at=NOW, **fields):
        claim = activity_claim(self.device, self.town.areas["liuxi"], at, **fields)
        for sent in [claim, *(visit_claim(self.device, self.town.venue(door), claim["id"], at) for door in doors)]:
            sender = Sender(self.device.id, self.device.person_id)
            assert self.intake.take_claim(sent["kind"], sent["id"], sealed(sent), sender).status == 201
        return claim["id"]

    def as_(self, name):
        if name not in self.clients:
            with self.app.app_context(), writing() as session:
                token = phone(session, self.town.person(name))[1]
            self.clients[name] = self.app.test_client()
            self.clients[name].set_cookie("wujin_device", token)
        return self.clients[name]


@pytest.fixture
def desk(app, monkeypatch):
    for name in ("week", "activities"):
        monkeypatch.setattr(import_module(f"wujin_field.web.station.{name}"), "utc_now", lambda: NOW)
    return Desk(app)


def test_r154_the_week_says_how_many_of_two_and_what_is_missing(desk):
    assert "0/2" in desk.as_("何敏").get("/station/").text
    desk.out("柳溪小学", "柳溪院落")
    page = desk.as_("何敏").get("/station/").text
    assert "1/2" in page
    assert "还差 1" in page


def test_every_number_on_the_page_leads_to_what_stands_behind_it(desk):
    activity = desk.out("柳溪小学", "三组12户")
    page = desk.as_("何敏").get("/station/").text
    links = set(re.findall(r'href="(/station/(?:figures|activities)[^"]+)"', page))
    assert len(links) > 20
    for link in links:
        assert desk.as_("何敏").get(link.replace("&amp;", "&")).status_code == 200, link
    week = next(link for link in links if "station_weekly" in link).replace("&amp;", "&")
    assert f"/station/activities/{activity}" in desk.as_("何敏").get(week).text


def test_a_village_is_not_asked_for_the_stations_quota_nor_for_a_drill(desk):
    page = desk.as_("赵春兰").get("/station/").text
    assert "station_weekly_activities" not in page
    assert "community_drill" not in page
    assert "fixed_education_place" in page


def test_a_village_reads_no_neighbours_figures(desk):
    other = "/station/figures/fixed_education_place?unit=shiqiao&on=2026-11-04"
    assert desk.as_("赵春兰").get(other).status_code == 404
    assert desk.as_("何敏").get(other).status_code == 200
    assert desk.as_("赵春兰").get("/station/activities?area=shiqiao").status_code == 404


def test_a_place_that_counts_is_said_to_have_been_seen(desk):
    asked = "/station/figures/fixed_education_place?unit=liuxi&on=2026-11-06"
    assert "还没有当场核过" in desk.as_("何敏").get(asked).text
    desk.out("柳溪村消防宣传室")
    page = desk.as_("何敏").get(asked).text
    assert "1/1" in page
    assert "11月04日当场核过" in page


def test_homes_not_reached_yet_are_named(desk):
    desk.out("三组12户")
    page = desk.as_("何敏").get("/station/figures/key_household_coverage?unit=liuxi&on=2026-11-04").text
    assert "1/3" in page
    assert page.index("五组14户") < page.index("三组12户")  # what is missing comes first


def test_units_stand_in_administrative_order_whatever_they_did(desk):
    desk.out("柳溪小学")
    page = desk.as_("何敏").get("/station/").text
    table = page[page.index("<tbody>") :]
    names = [unit.area.zh for unit in sorted(desk.town.committees(), key=lambda unit: unit.area.path)]
    assert sorted(names, key=lambda name: table.index(f">{name}<")) == names


def test_a_broadcast_is_accepted_at_the_desk_and_a_wrong_record_made_void_and_taken_back(desk):
    activity = desk.out(activity_kind="broadcast")
    clerk, page = desk.as_("何敏"), f"/station/activities/{activity}"
    assert "待核，先计进度" in clerk.get(page).text
    clerk.post(f"{page}/rulings", data={"result": "accepted"})
    assert "已核，计入" in clerk.get(page).text
    assert clerk.post(f"{page}/rulings", data={"result": "void"}).status_code == 422
    clerk.post(f"{page}/rulings", data={"result": "void", "reason": "重复记录"})
    assert "已作废" in clerk.get(page).text
    assert "0/2" in clerk.get("/station/").text
    clerk.post(f"{page}/rulings", data={"result": "restored"})
    assert "1/2" in clerk.get("/station/").text


def test_a_village_clerk_rules_on_no_activity(desk):
    activity = desk.out(activity_kind="broadcast")
    answer = desk.as_("赵春兰").post(f"/station/activities/{activity}/rulings", data={"result": "accepted"})
    assert answer.status_code == 403
    with desk.app.app_context():
        assert db.session.get(Activity, activity).void_reason is None


def test_more_than_a_page_of_activities_goes_on(desk):
    for minute in range(33):
        desk.out(at=NOW.replace(minute=minute), activity_kind="broadcast")
    clerk = desk.as_("何敏")
    first = clerk.get("/station/activities?unit=liuxi&from=2026-11-01&to=2026-11-30").text
    assert first.count('class="line"') == 30
    onward = re.search(r'hx-get="([^"]+)"', first)[1].replace("&amp;", "&")
    rest = clerk.get(f"/station/activities{onward}", headers={"HX-Request": "true"}).text
    assert rest.count('class="line"') == 3


@pytest.mark.parametrize("query", ["on=gestern", "on=2026-99-99", "on=", "on=9999-12-31", "on=0001-01-01"])
def test_a_day_that_is_none_or_in_no_calendar_of_ours_is_today(desk, query):
    assert desk.as_("何敏").get(f"/station/?{query}").status_code == 200
    behind = desk.as_("何敏").get(f"/station/figures/station_weekly_activities?unit=station&{query}")
    assert behind.status_code == 200
