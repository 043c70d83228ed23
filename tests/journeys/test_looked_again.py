"""回看: a hazard of an earlier visit waits on the first screen; the same code is scanned, and what became of it arrives."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from test_the_day import use_picture
from test_the_river import enrol, venue_in

from wujin_field.cast import phone, sealed, visit_claim
from wujin_field.cast.registers import keep_registers
from wujin_field.db import db, local_day, utc_now, uuid7, writing
from wujin_field.models import Activity, Hazard, RegisterEntry, Visit
from wujin_field.models.hazards import HazardStep
from wujin_field.sync.intake import Sender

pytestmark = pytest.mark.needs("chromium")
TEXT = "灭火器压力不足"


def found_before(station, venue, item=None):
    """Somebody else was there and saw it, at an item of the checklist or beside it. → the hazard's id"""
    with station.app.app_context():
        with writing() as session:
            device, _ = phone(session, station.town.person("周小禾"))
        claim = visit_claim(device, venue)
        hazard = {
            "id": uuid7(),
            "severity": "general",
            "category": "equipment",
            "text": TEXT,
            "item": item,
            "found_at": claim["started_at"],
        }
        claim |= {"hazards": [hazard], "answers": {item: {"value": "fail"}} if item else {}}
        sender = Sender(device.id, device.person_id)
        assert station.app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), sender).status == 201
        return hazard["id"]


def test_an_open_hazard_is_looked_at_again_by_scanning_the_same_code(station, new_phone):
    venue = venue_in(station, "liuxi")
    hazard, of_an_item = found_before(station, venue), found_before(station, venue, item="VC-02")
    page = new_phone(service_workers="block").open(station.link_for("陈大山"))
    enrol(page)
    waiting = page.locator("section.card", has_text="要回看的隐患")
    expect(waiting).to_contain_text(TEXT)
    waiting.get_by_role("link", name=TEXT).first.click()  # leads where the code at the door leads
    expect(page.get_by_role("heading", level=1)).to_have_text(venue.zh)
    asked = page.locator("wujin-item", has_text="上次不合格")  # its item's own question asks for it, once
    expect(asked).to_contain_text(TEXT)
    asked.get_by_text("还没改", exact=True).click()
    asked.get_by_text("更严重", exact=True).click()
    card = page.locator(".recheck")
    expect(card).to_contain_text(TEXT)
    card.get_by_text("改好了", exact=True).click()
    card.get_by_role("button", name="拍一张现在的样子").click()
    use_picture(page)
    card.get_by_label("看到了什么").fill("换了新的")
    page.get_by_role("tab", name="收尾").click()
    page.get_by_role("button", name="完成", exact=True).click()
    expect(page.locator("[data-state=received]")).to_be_visible()
    expect(page.get_by_text("要回看的隐患")).to_have_count(0)
    with station.app.app_context():
        step = db.session.scalars(select(HazardStep).where(HazardStep.hazard_id == hazard)).one()
        assert (step.state, step.note, step.photo is not None) == ("rectified", "换了新的", True)
        visit = db.session.get_one(Visit, step.visit_id)
        assert visit.author.name == "陈大山"
        worse = db.session.scalars(select(HazardStep).where(HazardStep.hazard_id == of_an_item)).one()
        assert (worse.visit_id, worse.note, visit.answers["VC-02"]["value"]) == (visit.id, "", "fail")
        assert db.session.scalars(select(Hazard).where(Hazard.visit_id == visit.id)).all() == []  # no second one of it


def test_what_a_drill_needs_is_asked_and_arrives(station, new_phone):
    with station.app.app_context(), writing() as session:
        keep_registers(session, station.town, local_day(utc_now()))
    page = new_phone(service_workers="block").open(station.link_for("陈大山"))
    enrol(page)
    page.goto(f"{station.url}/v/{venue_in(station, 'liuxi').code}")
    page.get_by_role("tab", name="收尾").click()
    page.get_by_label("什么活动").select_option("evacuation_drill")
    page.get_by_label("练了指挥和联络").check()
    page.get_by_label("谁来改预案").fill("物业王工")
    page.get_by_label("哪天改完").fill("2026-12-10")
    page.get_by_label("讲了一个真实案例").check()
    page.get_by_label("手机里带着的案例").select_option(label="充电的电瓶放在楼梯口")
    expect(page.get_by_text("电瓶不进楼，充电去车棚。")).to_be_visible()
    page.get_by_text("发了、用了什么").click()
    page.locator("[name=channels-leaflet]").fill("20")
    page.get_by_text("哪样到了哪些人").click()
    page.get_by_role("group", name="宣传单、资料").get_by_text("农民", exact=True).click()
    page.get_by_text("和谁一起办的").click()
    partner = page.locator("label.chip", has=page.locator("input[name=organisers]")).first
    partner.click()
    unit = partner.locator("input").input_value()
    page.get_by_role("button", name="完成", exact=True).click()
    expect(page.locator("[data-state=received]")).to_be_visible()
    with station.app.app_context():
        activity = db.session.scalars(select(Activity)).one()
        told = db.session.scalars(select(RegisterEntry).where(RegisterEntry.title == "充电的电瓶放在楼梯口")).one()
        assert activity.asked == {"command_practised": True, "plan_by": "物业王工", "plan_due": "2026-12-10",
                                  "case_told": True, "case": told.title, "case_id": told.id,
                                  "by_channel": {"leaflet": ["farmer"]}}  # fmt: skip
        assert (activity.form, unit in organisers(activity.id)) == ("evacuation_drill", True)


def organisers(activity_id):
    table = db.metadata.tables["activity_organiser"]
    return set(db.session.scalars(select(table.c.unit_id).where(table.c.activity_id == activity_id)))
