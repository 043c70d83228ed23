"""/sync/pack: what a phone carries for a day with no signal, and nothing that it need not know."""

import gzip
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from wujin_field import review
from wujin_field.canonical import canonical
from wujin_field.cast import phone, sealed, settle, visit_claim
from wujin_field.cast.registers import keep_registers
from wujin_field.cast.town import code_of
from wujin_field.db import db, local_day, to_ms, utc_now, uuid7, writing
from wujin_field.figures.service import own
from wujin_field.models import Device, Person, RegisterEntry, Venue, VenueCode, Visit
from wujin_field.sync.intake import Sender
from wujin_field.sync.receipt import from_base64url, verifies


@pytest.fixture
def town(app):
    with app.app_context(), writing() as session:
        return settle(session)


@pytest.fixture
def device(app, town):
    with app.app_context(), writing() as session:
        device, device.token = phone(session, town.person("陈大山"))
        return device


@pytest.fixture
def client(app, device):
    client = app.test_client()
    client.set_cookie("wujin_device", device.token)
    return client


@pytest.fixture
def pack(client):
    return client.get("/sync/pack").json


def test_a_stranger_gets_a_problem_and_no_venue(app, town):
    answer = app.test_client().get("/sync/pack")
    assert (answer.status_code, answer.mimetype, answer.json["code"]) == (
        401,
        "application/problem+json",
        "not_signed_in",
    )
    assert "柳溪" not in answer.text


def test_it_says_who_and_where(pack, town, device):
    assert pack["person"]["name"] == "陈大山"
    assert pack["device"] == device.id
    assert pack["unit"]["id"] == town.units["liuxi"].id


def test_it_holds_the_venues_of_its_own_area_with_their_codes(pack, town):
    held = {venue["zh"]: venue["code"] for venue in pack["venues"]}
    assert held["禾丰粮油加工厂"] == town.venue("禾丰粮油加工厂").code
    assert "石桥页岩矿" not in held


def test_no_home_is_in_it(client, pack, town):
    homes = [venue for venue in town.venues.values() if venue.privacy == "strict"]
    assert homes
    text = json.dumps(pack, ensure_ascii=False)
    assert not [home.zh for home in homes if home.zh in text or home.id in text or home.code in text]


def test_not_even_in_the_stations_pack(app, town):
    with app.app_context(), writing() as session:
        _, token = phone(session, town.person("何敏"))
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    text = client.get("/sync/pack").text
    assert "石桥页岩矿" in text
    assert not [venue.zh for venue in town.venues.values() if venue.privacy == "strict" and venue.id in text]


def test_no_other_person_is_in_it(pack, town):
    text = json.dumps(pack, ensure_ascii=False)
    assert [name for name in town.people if name in text] == ["陈大山"]


def test_a_second_look_costs_nothing_while_nothing_changed(client):
    first = client.get("/sync/pack")
    again = client.get("/sync/pack", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_compressed_second_look_costs_nothing_either(client):
    packed = {"Accept-Encoding": "gzip"}
    etag = client.get("/sync/pack", headers=packed).headers["ETag"]
    assert client.get("/sync/pack", headers=packed | {"If-None-Match": etag}).status_code == 304


def test_a_new_venue_is_a_new_pack(app, client, town):
    etag = client.get("/sync/pack").headers["ETag"]
    with app.app_context(), writing() as session:
        session.get_one(Venue, town.venue("柳溪小学").id).zh = "柳溪中心小学"
    assert client.get("/sync/pack", headers={"If-None-Match": etag}).status_code == 200


def test_three_hundred_venues_travel_in_sixty_kilobytes(app, client, town, outside):
    mill, found = town.venue("禾丰粮油加工厂"), []
    with app.app_context(), writing() as session:
        here = session.scalar(select(Venue.id).where(Venue.area_id == mill.area_id).limit(1))
        assert here
        for number in range(300):
            name = f"柳溪{('东', '西', '南', '北')[number % 4]}街{number}号{mill.zh[number % 3 :]}"
            venue = Venue(id=uuid7(), zh=name, place_type=mill.place_type, venue_kind=mill.venue_kind, area_id=mill.area_id,
                          lat_e7=mill.lat_e7 + number * 7919, lon_e7=mill.lon_e7 - number * 6101, radius_m=60)  # fmt: skip
            session.add(venue)
            session.flush()
            session.add(VenueCode(venue_id=venue.id, code=code_of(name), state="active"))
            found.append(venue.id)
    for venue_id in found:  # every one was seen, every second one with two things open
        bad = {"SS-01": {"value": "fail"}, "SS-04": {"value": "fail"}} if found.index(venue_id) % 2 else {}
        hazards = [hazard(item, text=f"{item}号通道堆了{found.index(venue_id)}箱货，消防栓被挡住") for item in bad]
        outside.visit(venue=venue_id, answers=bad | {"SS-02": {"value": "ok"}}, hazards=hazards)
    answer = client.get("/sync/pack", headers={"Accept-Encoding": "gzip"})
    assert sum("seen" in venue for venue in json.loads(gzip.decompress(answer.data))["venues"]) >= 300
    assert len(answer.data) <= 60 * 1024


def test_the_beacon_is_signed_with_the_key_that_the_phone_keeps(pack):
    beacon = pack["beacon"]
    told = canonical({name: value for name, value in beacon.items() if name != "sig"})
    assert verifies(from_base64url(pack["server_key"]), from_base64url(beacon["sig"]), told)
    assert beacon["instance"] == pack["instance"]


def test_every_checklist_is_in_it_with_its_version(pack):
    assert pack["checklists"]["small_shop"]["version"] >= 1
    assert all(item["code"] and item["zh"] for item in pack["checklists"]["small_shop"]["items"])


def test_what_was_returned_comes_with_its_reason_and_what_to_do(app, client, town, device):
    claim = visit_claim(device, town.venue("禾丰粮油加工厂"))
    with app.app_context():
        app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), Sender(device.id, device.person_id))
        assert client.get("/sync/pack").json["returned"] == []
        with writing() as session:
            review.rule(
                session, session.get_one(Visit, claim["id"]), town.person("罗静"), "unclear", "看不清压力表", "补拍近景"
            )
    [line] = client.get("/sync/pack").json["returned"]
    assert line["id"] == claim["id"]
    assert (line["place"], line["reason"], line["suggestion"]) == ("禾丰粮油加工厂", "看不清压力表", "补拍近景")


class Outside:
    """陈大山 sends visits of one place; 罗静 rules on them."""

    def __init__(self, app, town, device):
        self.app, self.town, self.device = app, town, device

    def visit(self, place="禾丰粮油加工厂", at=None, **fields):
        claim = visit_claim(self.device, self.town.venue(place), at=at) | fields
        sender = Sender(self.device.id, self.device.person_id)
        with self.app.app_context():
            taken = self.app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), sender)
        assert taken.status == 201
        return claim["id"]

    def rule(self, visit_id, result, reason=""):
        with self.app.app_context(), writing() as session:
            review.rule(session, session.get_one(Visit, visit_id), self.town.person("罗静"), result, reason)


@pytest.fixture
def outside(app, town, device):
    return Outside(app, town, device)


def hazard(item="SS-01", at=None, **fields):
    found = at or utc_now() - timedelta(hours=1)
    line = {"id": uuid7(), "item": item, "severity": "general", "category": "exit", "text": "后门上了锁"}
    return line | {"found_at": to_ms(found)} | fields


def line_of(client, name="禾丰粮油加工厂"):
    return next(venue for venue in client.get("/sync/pack").json["venues"] if venue["zh"] == name)


def test_what_was_decided_of_my_own_visits_is_told_by_id(client, outside):
    accepted, noted, disputed, _waits = (outside.visit() for _ in range(4))
    outside.rule(accepted, "pass")
    outside.rule(noted, "pass_with_note")
    outside.rule(disputed, "not_as_recorded", "不在那里")
    ruled = client.get("/sync/pack").json["ruled"]
    assert (sorted(ruled["accepted"]), ruled["disputed"]) == (sorted([accepted, noted]), [disputed])
    old = outside.visit(at=utc_now() - timedelta(days=70))
    outside.rule(old, "pass")
    assert old not in client.get("/sync/pack").json["ruled"]["accepted"]


def test_my_hours_are_told_by_outing_lately_and_by_the_month_before(app, client, outside, town):
    """Those of whoever went along are the same; what was returned is not in it; nobody else's is."""
    outing, noon = uuid7(), utc_now().replace(hour=4, minute=0, second=0, microsecond=0) - timedelta(days=2)
    for start, end in ((0, 20), (30, 95)):
        span = [noon + timedelta(minutes=minutes) for minutes in (start, end)]
        outside.visit(
            at=span[1],
            activity=outing,
            started_at=to_ms(span[0]),
            ended_at=to_ms(span[1]),
            team=[town.person("赵春兰").id],
        )
    outside.rule(outside.visit(at=noon), "unclear", "看不清")
    long_ago = noon - timedelta(days=50)
    outside.visit(at=long_ago, started_at=to_ms(long_ago), ended_at=to_ms(long_ago + timedelta(hours=1)))
    hours = client.get("/sync/pack").json["hours"]
    assert hours["recent"] == [[outing, to_ms(noon) - hours["since"], 95 * 60_000]]
    assert hours["months"] == {f"{local_day(long_ago):%Y-%m}": [1, 1.0]}
    with app.app_context():
        today = local_day(utc_now())
        comrade, stranger = (own(db.session(), town.person(name), today) for name in ("赵春兰", "周小禾"))
        assert (comrade["recent"], stranger["recent"]) == (hours["recent"], [])


def test_a_visit_that_was_corrected_is_returned_no_more(client, outside):
    claim_id = outside.visit()
    outside.rule(claim_id, "unclear", "看不清")
    etag = client.get("/sync/pack").headers["ETag"]
    assert client.get("/sync/pack", headers={"If-None-Match": etag}).status_code == 304
    outside.visit(id=claim_id, revision=2)
    pack = client.get("/sync/pack").json
    assert (pack["returned"], pack["ruled"]) == ([], {"accepted": [], "disputed": []})


def test_what_was_found_last_time_comes_with_the_venue(client, outside):
    assert not {"seen", "failed", "open"} & line_of(client).keys()
    week = utc_now() - timedelta(days=7)
    failed = {"SS-01": {"value": "fail"}, "SS-02": {"value": "ok"}}
    outside.visit(at=week, answers=failed, hazards=[hazard(at=week, text="后门上了锁" * 40)])
    outside.visit(at=week - timedelta(days=1), answers={"SS-03": {"value": "fail"}})  # older, though it came later
    line = line_of(client)
    assert (line["seen"], line["failed"]) == (str(local_day(week)), ["SS-01"])
    (left,) = line["open"]
    assert (left["item"], left["severity"], len(left["text"])) == ("SS-01", "general", 60)
    assert left["due"] > line["seen"]


def test_a_hazard_that_was_found_good_since_is_not_asked_again(client, outside):
    week = utc_now() - timedelta(days=7)
    found = {"answers": {"SS-01": {"value": "fail"}}, "hazards": [hazard(at=week), hazard(at=week, fixed_on_spot=True)]}
    outside.visit(at=week, **found)
    assert len(line_of(client)["open"]) == 1
    outside.visit(answers={"SS-01": {"value": "unseen"}})
    assert len(line_of(client)["open"]) == 1
    outside.visit(answers={"SS-01": {"value": "ok"}}, at=utc_now())
    assert "open" not in line_of(client)
    assert "failed" not in line_of(client)


def test_nobody_home_does_not_hide_what_was_found(client, outside):
    week = utc_now() - timedelta(days=7)
    outside.visit(at=week, answers={"SS-01": {"value": "fail"}})
    outside.visit(refused="nobody_home")
    assert line_of(client)["failed"] == ["SS-01"]


def test_what_was_found_in_a_home_stays_there(app, outside, town):
    home = next(venue for venue in town.venues.values() if venue.privacy == "strict")
    outside.visit(home.zh, answers={"HH-01": {"value": "fail"}}, hazards=[hazard("HH-01", text="灶台旁堆着柴")])
    with app.app_context(), writing() as session:
        _, token = phone(session, town.person("何敏"))  # the station's phone holds every village
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    text = client.get("/sync/pack").text
    assert home.id not in text
    assert "灶台旁堆着柴" not in text


@pytest.mark.parametrize(
    ("said", "noted"), [("7", 7), ("0", 0), ("-1", None), ("many", None), ("9" * 40, None), ("²", None)]
)
def test_the_count_of_unsent_items_is_noted(app, client, said, noted):
    assert client.get("/sync/pack", headers={"Wujin-Unsent": said}).status_code == 200
    with app.app_context():
        assert db.session.scalars(select(Device.unsent_count)).one() == noted


def test_nobody_keeps_it_on_the_way(client):
    assert client.get("/sync/pack").headers["Cache-Control"] == "private, no-cache"


def test_r012_somebody_on_patrol_or_enforcement_need_not_say_so_each_time(app, town):
    said = {}
    for name, role in (("陈大山", None), ("巡山人", "forest_ranger"), ("执法员", "enforcement_officer")):
        with app.app_context(), writing() as session:
            person = town.person("陈大山") if role is None else Person(
                id=uuid7(), name=name, field_role=role, access="field", unit_id=town.units["liuxi"].id
            )  # fmt: skip
            session.add(person) if role else None
            session.flush()
            _, token = phone(session, person)
        client = app.test_client()
        client.set_cookie("wujin_device", token)
        said[role] = client.get("/sync/pack").json["person"].get("context")
    assert said == {None: None, "forest_ranger": "patrol", "enforcement_officer": "enforcement"}


def test_r125_the_phone_is_told_whom_to_count_by_role_and_what_each_form_asks(pack):
    roles = {role["code"] for role in pack["names"]["participant"]}
    assert {"property_staff", "property_manager", "building_head"} <= roles
    drill = next(form for form in pack["names"]["form"] if form["code"] == "evacuation_drill")
    assert {"participants", "observers", "hands_on"} <= set(drill["asks"])
    enforcement = next(context for context in pack["names"]["context"] if context["code"] == "enforcement")
    assert len(enforcement["requires"]) == 3


def test_r181_the_stations_cases_come_along_with_their_lesson(app, client, town):
    with app.app_context(), writing() as session:
        keep_registers(session, town, local_day(utc_now()))
        void = session.scalars(select(RegisterEntry).where(RegisterEntry.title == "烤火盆边晾衣服")).one()
        void.void_reason = "写重了"
    (case,) = client.get("/sync/pack").json["cases"]
    assert (case["zh"], case["lesson"]) == ("充电的电瓶放在楼梯口", "电瓶不进楼，充电去车棚。")


def test_whoever_reads_large_type_at_the_desk_reads_it_on_the_phone(pack):
    assert pack["person"]["large"] is True  # the clerk noted it of 陈大山
