"""The clerk's people: a new one, a phone in their hand, a mark, a move, a leave; and nobody else may."""

import re

import pytest
from sqlalchemy import select

from wujin_field.cast import activity_claim, phone, sealed
from wujin_field.db import db, writing
from wujin_field.models import Area, AuditRow, Device, Invite, Person, Unit
from wujin_field.sync.intake import Sender


@pytest.fixture
def desk(app, town):
    """desk("何敏") → her browser; the station clerk's unless another is named."""

    def at(name="何敏"):
        with writing() as session:
            _, token = phone(session, town.person(name))
        client = app.test_client()
        client.set_cookie("wujin_device", token)
        return client

    return at


def person_named(name):
    db.session.rollback()
    return db.session.scalars(select(Person).where(Person.name == name)).one()


def add(client, town, name, role="volunteer", unit="liuxi", **more):
    said = {"name": name, "unit": town.units[unit].id, "field_role": role, "access": ""}
    return client.post("/station/people", data=said | more)


def test_a_person_is_added_found_and_moved(desk, town):
    clerk = desk()
    page = add(clerk, town, "林新").headers["Location"]
    assert "林新" in clerk.get("/station/people?name=林新").text
    moved = {
        "name": "林新",
        "unit": town.units["shiqiao"].id,
        "field_role": "grid_worker",
        "access": "",
        "mark": "safety_leader",
    }
    assert clerk.post(page, data=moved).status_code == 303
    person = person_named("林新")
    assert (person.unit_id, person.field_role, person.access) == (town.units["shiqiao"].id, "grid_worker", "field")
    assert "林新" in clerk.get("/station/people?shown=safety_leader").text


def test_r006_marks_are_counted_per_village(desk, town):
    clerk, chen = desk(), town.person("陈大山")
    said = {"name": "陈大山", "unit": chen.unit_id, "field_role": "volunteer", "access": "", "mark": ["safety_leader"]}
    clerk.post(f"/station/people/{chen.id}", data=said)
    row = next(
        row for row in re.findall(r"<tr>.*?</tr>", clerk.get("/station/areas").text, re.S) if "柳溪村村民委员会" in row
    )
    assert re.findall(r'data-label="(安全带头人|安全明白人)">(\d+)', row) == [("安全带头人", "1"), ("安全明白人", "0")]


def test_a_name_keeps_what_can_be_read(desk, town):
    add(desk(), town, "  林\u202e新\u200b \x07")
    assert person_named("林新").name == "林新"


def test_a_name_of_nothing_is_asked_for_again(desk, town):
    answer = add(desk(), town, "\u202e ")
    assert answer.status_code == 422
    assert "请写上姓名" in answer.text


def test_a_namesake_is_asked_about_first(desk, town):
    clerk = desk()
    answer = add(clerk, town, "陈大山")
    assert answer.status_code == 422
    assert "同名" in answer.text
    assert add(clerk, town, "陈大山", same="1").status_code == 303


def test_of_two_clerks_the_second_sees_what_changed(desk, town):
    chen = town.person("陈大山")
    page = f"/station/people/{chen.id}"
    first, second = desk(), desk()
    seen = re.search(r'name="revision" value="(\d+)"', first.get(page).text)[1]
    said = {"name": "陈大山", "unit": chen.unit_id, "access": ""}
    assert first.post(page, data=said | {"field_role": "grid_worker", "revision": seen}).status_code == 303
    answer = second.post(page, data=said | {"field_role": "forest_ranger", "revision": seen})
    assert answer.status_code == 409
    assert "消防志愿者 → 网格员" in answer.text
    assert person_named("陈大山").field_role == "grid_worker"


def test_the_number_stops_a_forwarded_link(app, desk, town):
    chen = town.person("陈大山")
    made = desk().post(f"/station/people/{chen.id}/invite").text
    token, number = re.search(r"/enrol/([\w-]+)", made)[1], re.search(r'id="number">(\d{4})', made)[1]
    wrong = f"{(int(number) + 1) % 10_000:04}"
    stranger, client = app.test_client(), app.test_client()
    assert stranger.post(f"/enrol/{token}", data={"number": wrong}).status_code == 422
    assert client.post(f"/enrol/{token}", data={"number": f" {number[:2]} {number[2:]}"}).status_code == 302
    assert client.get("/sync/pack").json["person"]["name"] == "陈大山"


def test_five_wrong_numbers_close_the_link(app, desk, town):
    made = desk().post(f"/station/people/{town.person('陈大山').id}/invite").text
    token, number = re.search(r"/enrol/([\w-]+)", made)[1], re.search(r'id="number">(\d{4})', made)[1]
    wrong = f"{(int(number) + 1) % 10_000:04}"
    answers = [app.test_client().post(f"/enrol/{token}", data={"number": wrong}).status_code for _ in range(6)]
    assert answers == [422] * 4 + [410] * 2
    assert app.test_client().post(f"/enrol/{token}", data={"number": number}).status_code == 410


def test_the_slips_hold_a_link_for_each_that_works_once(app, desk, town):
    clerk = desk()
    ticked = [town.person(name).id for name in ("陈大山", "何长生", "廖定邦")]
    answer = clerk.post("/station/people/slips.pdf", data={"person": ticked})
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF-")
    db.session.rollback()
    rows = db.session.scalars(select(Invite).where(Invite.kind == "slip")).all()
    assert sorted(row.person_id for row in rows) == sorted(ticked)


def test_a_slip_of_somebody_elses_person_is_not_printed(desk, town):
    clerk = desk()
    assert clerk.post("/station/people/slips.pdf", data={"person": town.person("高原").id}).status_code == 422


def test_a_revoked_phone_is_a_stranger_at_once(app, desk, town):
    with writing() as session:
        device, token = phone(session, town.person("陈大山"))
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    assert client.get("/sync/pack").status_code == 200
    assert desk().post(f"/station/devices/{device.id}/revoke").status_code == 303
    assert client.get("/sync/pack").status_code == 401


def test_who_leaves_takes_no_phone_along_and_may_come_back(app, desk, town):
    chen = town.person("陈大山")
    with writing() as session:
        _, token = phone(session, chen)
    client, clerk = app.test_client(), desk()
    client.set_cookie("wujin_device", token)
    clerk.post(f"/station/people/{chen.id}/leave")
    assert client.get("/sync/pack").status_code == 401
    assert "陈大山" not in clerk.get("/station/people").text
    assert "陈大山" in clerk.get("/station/people?shown=left").text
    clerk.post(f"/station/people/{chen.id}/leave")
    assert client.get("/sync/pack").status_code == 401  # a phone that was stopped stays stopped
    assert person_named("陈大山").active


def test_the_last_clerk_cannot_lock_the_station_out(desk, town):
    clerk, he = desk(), town.person("何敏")
    assert clerk.post(f"/station/people/{he.id}/leave").status_code == 422
    said = {"name": "何敏", "unit": he.unit_id, "field_role": "volunteer", "access": ""}
    answer = clerk.post(f"/station/people/{he.id}", data=said)
    assert answer.status_code == 422
    assert "最后一位内勤" in answer.text
    add(clerk, town, "新内勤", "station_clerk", "station")
    assert clerk.post(f"/station/people/{he.id}/leave").status_code == 303


@pytest.mark.parametrize("name", ["赵春兰", "罗静"])
def test_others_read_and_change_nothing(desk, town, name):
    client, chen = desk(name), town.person("陈大山")
    assert "陈大山" in client.get("/station/people").text
    assert client.get(f"/station/people/{chen.id}").status_code == 200
    for path in (
        "/station/people",
        f"/station/people/{chen.id}",
        f"/station/people/{chen.id}/invite",
        "/station/areas",
    ):
        assert client.post(path).status_code == 403, path


def test_a_village_clerk_sees_their_own_village_only(desk, town):
    client = desk("赵春兰")
    text = client.get("/station/people").text
    assert "陈大山" in text
    assert "何长生" not in text
    assert client.get(f"/station/people/{town.person('何长生').id}").status_code == 404


def test_a_village_grows_moves_and_retires(desk, town):
    clerk, qinghe = desk(), town.areas["qinghe"]
    clerk.post("/station/areas", data={"zh": "新塘村", "area_kind": "village", "parent": qinghe.id})
    db.session.rollback()
    village = db.session.scalars(select(Area).where(Area.zh == "新塘村")).one()
    unit = db.session.scalars(select(Unit).where(Unit.area_id == village.id)).one()
    assert (unit.zh, unit.unit_kind, village.path.startswith("anhe/qinghe/")) == (
        "新塘村村民委员会",
        "village_committee",
        True,
    )
    group = town.areas["liuxi-3"]
    clerk.post(f"/station/areas/{group.id}", data={"zh": "三组", "parent": village.id})
    db.session.rollback()
    assert db.session.get(Area, group.id).path == f"{village.path}{group.code}/"
    assert clerk.post(f"/station/areas/{village.id}/retire").status_code == 422  # a group and a committee are in it


def test_an_area_is_never_moved_under_itself(desk, town):
    village, group = town.areas["liuxi"], town.areas["liuxi-3"]
    answer = desk().post(f"/station/areas/{village.id}", data={"zh": "柳溪村", "parent": group.id})
    assert answer.status_code == 422
    assert "自己下面" in answer.text


def test_r003_member_departments_are_ticked_on_the_list(desk):
    clerk = desk()
    assert "总工会" in clerk.get("/station/areas").text
    clerk.post("/station/units", data={"department": ["trade_union", "youth_league"], "zh": ""})
    db.session.rollback()
    names = set(db.session.scalars(select(Unit.zh).where(Unit.unit_kind == "department")))
    assert {"总工会", "团委"} <= names


def test_r022_the_education_bureau_is_named_organiser_of_a_drowning_prevention_activity(app, desk, town):
    desk().post("/station/units", data={"department": ["education"], "zh": ""})
    pack = desk("陈大山").get("/sync/pack").get_json()
    bureau = next(unit for unit in pack["units"] if unit["zh"] == "教育体育局")
    drowning = next(topic for topic in pack["names"]["topic"] if topic["code"] == "drowning")
    assert "防溺水" in drowning["zh"] and pack["seasons"][drowning["season"]] == [5, 6, 7, 8, 9]
    with writing() as session:
        device, _ = phone(session, town.person("陈大山"))
    claim = activity_claim(device, town.areas["liuxi"], topics=["drowning"], organisers=[bureau["id"]])
    sent = app.extensions["intake"].take_claim(
        "activity", claim["id"], sealed(claim), Sender(device.id, device.person_id)
    )
    assert sent.status == 201
    page = desk().get(f"/station/activities/{claim['id']}").text
    assert "教育体育局" in page


def test_r063_a_unit_has_its_office_and_shows_its_liaison(desk, town):
    clerk, unit = desk(), town.units["baihe-property"]
    clerk.post(f"/station/units/{unit.id}", data={"zh": unit.zh, "responsible_office": "客服部"})
    add(clerk, town, "白联络", "liaison", "baihe-property")
    text = clerk.get(f"/station/units/{unit.id}").text
    assert "客服部" in text
    assert re.search(r"白联络.*联络人", text, re.S)


@pytest.mark.parametrize(
    ("typed", "kept"), [("０２３－5555 0119", "023-5555 0119"), ("", ""), ("问老王", None), ("1" * 39, None)]
)
def test_r164_the_office_s_phone_is_kept_and_nothing_that_is_none(desk, town, typed, kept):
    clerk, unit = desk(), town.units["station"]
    answer = clerk.post(f"/station/units/{unit.id}", data={"zh": unit.zh, "phone": typed})
    db.session.rollback()
    assert answer.status_code == (422 if kept is None else 303)
    assert db.session.get(Unit, unit.id).phone == (kept or "")
    if kept is None:
        assert typed in answer.text and "电话里只写数字" in answer.text
    venue = town.venue("禾丰粮油加工厂")
    assert (f"有事找{unit.zh}：{kept}" in clerk.get(f"/station/venues/{venue.id}/poster").text) == bool(kept)


def test_every_change_leaves_a_trace_without_a_name(desk, town):
    add(desk(), town, "林新")
    db.session.rollback()
    row = db.session.scalars(select(AuditRow).where(AuditRow.what == "added", AuditRow.kind == "person")).one()
    assert row.who == town.person("何敏").id
    assert "林新" not in str(row.detail)


def test_the_device_list_tells_unsent_and_last_contact(app, desk, town):
    with writing() as session:
        device, token = phone(session, town.person("陈大山"))
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    client.get("/sync/pack", headers={"Wujin-Unsent": "7"})
    text = desk().get(f"/station/people/{town.person('陈大山').id}").text
    assert "手机里有 7 件没交" in text
    assert db.session.get(Device, device.id).unsent_count == 7
