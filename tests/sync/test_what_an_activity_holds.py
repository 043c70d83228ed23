"""What the people in the field say about one activity is kept as they said it, and the desk can read it (R7, R123 … R128)."""

import pytest
from sqlalchemy import select

from wujin_field.cast import activity_claim, phone, sealed, visit_claim
from wujin_field.db import db, utc_now, uuid7, writing
from wujin_field.domain import load_pack
from wujin_field.models import Activity, ActivityOrganiser
from wujin_field.sync.envelope import Refused
from wujin_field.sync.intake import Sender

LEFT_OUT = object()


@pytest.fixture
def told(app, town):
    """told(people=3, …) → the stored activity; a field given as LEFT_OUT is not sent."""
    with writing() as session:
        device, _ = phone(session, town.person("陈大山"))

    def send(**fields):
        given = activity_claim(device, town.areas["liuxi"]) | fields
        claim = {name: value for name, value in given.items() if value is not LEFT_OUT}
        outcome = app.extensions["intake"].take_claim(
            "activity", claim["id"], sealed(claim), Sender(device.id, device.person_id)
        )
        assert outcome.status == 201
        db.session.rollback()
        return db.session.get_one(Activity, claim["id"])

    return send


def test_r007_an_activity_has_as_many_topics_as_were_chosen(told):
    topics = ["work_safety", "disaster_reduction", "fire_safety", "forest_fire"]
    assert told(topics=topics).topics == topics


def test_r007_an_activity_about_nothing_is_refused(told):
    with pytest.raises(Refused) as refused:
        told(topics=[])
    assert (refused.value.code, refused.value.at) == ("wrong_shape", "topics")


@pytest.mark.parametrize(("said", "kept"), [(7, 7), (0, 0), (LEFT_OUT, 0)])
def test_r123_new_registrations_are_counted_and_never_asked_for(told, said, kept):
    assert told(registrations=said).registrations == kept


@pytest.mark.parametrize(("delivery", "online"), [("online", True), ("mobile", False)])
def test_r124_an_activity_is_online_or_offline(told, delivery, online):
    stored = told(delivery=delivery, online=online)
    assert (stored.delivery, stored.online) == (delivery, online)


def test_r127_every_audience_has_its_own_head_count(told):
    heads = {
        "disabled_elder": 2,
        "minor": 11,
        "farmer": 30,
        "elder_alone": 4,
        "urban_resident": 5,
        "enterprise_staff": 6,
    }
    assert told(audiences=heads).audiences == heads


def test_r127_an_audience_that_nobody_knows_is_refused(told):
    with pytest.raises(Refused) as refused:
        told(audiences={"everybody": 5})
    assert refused.value.code == "unknown_code"


@pytest.mark.parametrize("delivery", ["mobile", "stall", "door_to_door"])
def test_r128_an_activity_has_one_way_of_delivery(told, delivery):
    assert told(delivery=delivery).delivery == delivery


@pytest.mark.parametrize("delivery", [LEFT_OUT, ["mobile", "stall"], "by_pigeon"])
def test_r128_none_two_or_an_unknown_one_is_refused(told, delivery):
    with pytest.raises(Refused):
        told(delivery=delivery)


def test_r139_a_barred_window_found_at_home_becomes_a_hazard_that_the_desk_reads(app, town):
    with writing() as session:
        device, _ = phone(session, town.person("陈大山"))
        _, desk = phone(session, town.person("罗静"))
    text = "三楼防盗网没有逃生口"
    claim = visit_claim(device, town.venue("禾丰粮油加工厂")) | {
        "template": "household",
        "template_version": load_pack()["template"]["household"]["version"],
    }
    claim["answers"] = {"HH-13": {"value": "fail", "note": text, "photos": []}}
    claim["hazards"] = [{"id": uuid7(), "severity": "serious", "category": "evacuation", "text": text, "item": "HH-13",
                         "found_at": claim["started_at"]}]  # fmt: skip
    app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), Sender(device.id, device.person_id))
    client = app.test_client()
    client.set_cookie("wujin_device", desk)
    page = client.get(f"/supervisor/visits/{claim['id']}").text
    assert text in page
    assert "严重" in page
    assert next(i["zh"] for i in load_pack()["template"]["household"]["item"] if i["code"] == "HH-13") in page


def test_r143_gear_and_leaflets_of_the_fixed_place_are_answered_on_the_spot(app, town):
    kind = load_pack()["venue_kind"]["fixed_education_place"]
    with writing() as session:
        device, _ = phone(session, town.person("陈大山"))
        _, desk = phone(session, town.person("罗静"))
    claim = visit_claim(device, town.venue("柳溪村消防宣传室"))
    assert (claim["venue_kind"], claim["template"]) == ("fixed_education_place", kind["template"])
    claim["answers"] = {code: {"value": "ok", "note": "", "photos": []} for code in ("FP-02", "FP-03")}
    app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), Sender(device.id, device.person_id))
    client = app.test_client()
    client.set_cookie("wujin_device", desk)
    page = client.get(f"/supervisor/visits/{claim['id']}").text
    assert "有常用消防器材，能当场演示" in page
    assert "有宣传资料，够发，没有过时" in page


def test_r088_banners_posters_and_screens_are_counted_with_their_photo_at_one_venue(app, town):
    with writing() as session:
        device, _ = phone(session, town.person("陈大山"))
        _, desk = phone(session, town.person("罗静"))
    sender, intake, venue = Sender(device.id, device.person_id), app.extensions["intake"], town.venue("禾丰粮油加工厂")
    counts = {"banner": 2, "poster": 5, "board": 3, "notice_board": 1, "led_screen": 4}
    outing = activity_claim(device, venue.area) | {"activity_kind": "environment_dressing", "form": "media_publicity"}
    outing["channels"] = counts
    stop = visit_claim(device, venue, outing["id"])
    stop["photos"] = [{"sha256": "ab" * 32, "role": "material", "taken_at": stop["started_at"], "mono_ms": 1,
                       "capture": "camera", "no_position": "no_signal"}]  # fmt: skip
    for claim in (outing, stop):
        assert intake.take_claim(claim["kind"], claim["id"], sealed(claim), sender, now=utc_now()).status == 201
    client = app.test_client()
    client.set_cookie("wujin_device", desk)
    page = client.get(f"/supervisor/visits/{stop['id']}").text
    for code, number in counts.items():
        assert f"{load_pack().name('channel', code)} {number}" in page
    assert venue.zh in page
    assert "宣传资料" in page  # the picture and what it shows


@pytest.fixture
def desk_reads(app, town):
    """desk_reads(outing fields, stop fields) → the page that the desk sees of a visit at the mill."""
    with writing() as session:
        device, _ = phone(session, town.person("陈大山"))
        _, desk = phone(session, town.person("罗静"))

    def read(outing=None, stop=None):
        venue = town.venue("禾丰粮油加工厂")
        activity = activity_claim(device, venue.area) | (outing or {})
        visit = visit_claim(device, venue, activity["id"]) | (stop or {})
        for claim in (visit, activity):  # a stop may well come before its activity
            sender = Sender(device.id, device.person_id)
            assert app.extensions["intake"].take_claim(claim["kind"], claim["id"], sealed(claim), sender).status == 201
        client = app.test_client()
        client.set_cookie("wujin_device", desk)
        return client.get(f"/supervisor/visits/{visit['id']}").text

    return read


@pytest.mark.parametrize("context", ["supervision", "business", "patrol", "enforcement"])
def test_r174_r176_the_desk_reads_what_else_they_came_for(desk_reads, context):
    assert load_pack().name("context", context) in desk_reads({"context": context})


@pytest.mark.parametrize("left_out", ["violation_corrected", "law_explained", "knowledge_taught", None])
def test_r175_two_of_the_three_are_called_incomplete(desk_reads, left_out):
    done = {code: code != left_out for code in ("violation_corrected", "law_explained", "knowledge_taught")}
    page = desk_reads({"context": "enforcement"}, {"enforcement": done})
    assert ("不完整" in page) == (left_out is not None)


def test_r125_those_who_took_part_are_counted_by_role(desk_reads):
    page = desk_reads(
        {"participants": {"property_staff": 6, "property_manager": 1, "building_head": 3}, "observers": 4}
    )
    for words in ("物业服务人员 6", "物业经理人 1", "楼长 3", "4 人"):
        assert words in page


def test_r180_practised_by_hand_is_said(desk_reads):
    assert "群众亲手练了" in desk_reads({"hands_on": True})
    assert "群众亲手练了" not in desk_reads({"hands_on": False})


@pytest.mark.parametrize("form", ["media_publicity", "warning_exposure", "experience_promotion", "other"])
def test_r183_r185_r186_r189_what_the_form_needs_in_words_is_asked_and_read(desk_reads, form):
    assert "title" in load_pack()["form"][form]["asks"]
    assert "安委办通报第7号" in desk_reads({"form": form, "title": "安委办通报第7号"})


ASKED = [
    ("safety_lecture", {"speakers": "站长罗静", "criteria_explained": True}, ["站长罗静", "重大事故隐患判定标准"]),
    ("safety_lecture", {"case_told": True, "case": "邻县出租屋火灾"}, ["邻县出租屋火灾"]),
    ("media_publicity", {"link": "公众号第12期", "places": {"loudspeaker": 3}}, ["公众号第12期", "农村大喇叭 3"]),
    ("media_publicity", {"reach": 3200}, ["另触达 3,200 人次"]),
    ("experiential_education", {"hall": "县消防体验馆"}, ["县消防体验馆"]),
    ("themed_campaign", {"taken": {"leaflet": 200}, "left": {"leaflet": 35}}, ["宣传单、资料 200", "宣传单、资料 35"]),
]


@pytest.mark.parametrize(("form", "asked", "words"), ASKED, ids=[next(iter(line[1])) for line in ASKED])
def test_r009_r140_r150_r182_r187_what_its_kind_was_asked_is_read_at_the_desk(desk_reads, form, asked, words):
    page = desk_reads({"form": form, "asked": asked})
    assert [word for word in words if word not in page] == []


DRILL = {"form": "evacuation_drill", "activity_kind": "evacuation_drill"}


def test_r101_r184_a_drill_says_who_changes_the_plan_until_when(desk_reads):
    asked = {"command_practised": True, "plan_by": "物业王工", "plan_due": "2026-12-10"}
    page = desk_reads(DRILL | {"asked": asked})
    assert "物业王工，2026-12-10前" in page
    assert "练了指挥和联络" in page
    assert "不完整" not in page


def test_r101_a_drill_whose_plan_nobody_changes_is_called_incomplete(desk_reads):
    assert "不完整" in desk_reads(DRILL | {"asked": {"plan_by": "物业王工"}})


@pytest.mark.parametrize("asked", [{"places": {"telepathy": 1}}, {"plan_due": "tomorrow"}, {"case_told": 1}])
def test_what_its_kind_was_asked_is_checked_like_everything_else(told, asked):
    with pytest.raises(Refused):
        told(asked=asked)


def test_r001_every_unit_that_took_part_is_an_organiser(told, town):
    others = [unit.id for unit in town.committees()[:2]]
    stored = told(organisers=others)
    rows = db.session.scalars(select(ActivityOrganiser.unit_id).where(ActivityOrganiser.activity_id == stored.id))
    assert set(rows) == {*others, stored.unit_id}


def test_r080_by_which_channel_an_audience_was_reached_is_kept(told):
    reached = {"leaflet": ["farmer", "minor"], "loudspeaker": ["elder_alone"]}
    assert told(asked={"by_channel": reached}).asked == {"by_channel": reached}


@pytest.mark.parametrize("reached", [{"smoke_signals": ["farmer"]}, {"leaflet": ["everybody"]}])
def test_r080_an_unknown_channel_or_audience_is_refused(told, reached):
    with pytest.raises(Refused) as refused:
        told(asked={"by_channel": reached})
    assert (refused.value.code, refused.value.at) == ("unknown_code", "asked.by_channel")
