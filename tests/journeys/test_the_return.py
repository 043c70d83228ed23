"""Returned with a sentence → 去补 on the phone, with no signal → the next revision → accepted."""

import json
import re
from datetime import timedelta

import pytest
from harness import outbox_of, send_now
from playwright.sync_api import expect
from sqlalchemy import select, update
from test_the_river import enrol, shoot, take_photo

from wujin_field import review
from wujin_field.db import db, utc_now, uuid7, writing
from wujin_field.models import Activity, Claim, Instance, Visit

pytestmark = pytest.mark.needs("chromium")
REASON, ADVICE, ADDED = "看不清灭火器的压力表", "走近一点补拍一张", "补拍了压力表"


def test_what_came_back_is_put_right_with_no_signal_and_accepted(station, venue, page, new_desk):
    visit_id = recorded(station, venue, page)
    desk = new_desk().open(station.link_for("罗静"))
    desk.locator("form[action^='/enrol'] button, form button.main").first.click()
    desk.wait_for_url("**/supervisor/**")
    rule(desk, station, visit_id, "unclear", REASON, ADVICE)
    news(page)
    expect(page.locator("[data-state=returned]")).to_have_text("退回补充")
    expect(page.locator("[data-returned]")).to_contain_text(REASON)
    expect(page.locator("[data-returned]")).to_contain_text(ADVICE)

    page.get_by_role("button", name="去补").click()
    expect(page.locator("[data-state=revising]")).to_have_text("去补中")
    station.stop()
    add_photo(page, 0.7)
    expect(page.locator(".photo img")).to_have_count(2)
    page.get_by_role("tab", name="看一看").click()
    page.locator("wujin-item").nth(1).get_by_text("不适用", exact=True).click()
    page.get_by_role("tab", name="收尾").click()
    page.get_by_text("人数、来的人记错了").click()
    page.get_by_label("参加了多少人").fill("二十来个")
    page.get_by_role("button", name="交上去").click()
    expect(page.get_by_role("alert")).to_contain_text("这里要填一个数")
    page.get_by_label("参加了多少人").fill("21")
    page.locator("input[name^=participants-]").first.fill("4")
    hand_in(page, ADDED)
    expect(page.locator("[data-state=saved]")).to_have_text("已保存，等网络")
    assert [item["state"] for item in outbox_of(page)].count("waiting") == 3  # both claims and the new picture
    expect(page.locator("[data-returned]")).to_contain_text("补好了，等着交")
    page.get_by_role("link", name="待交").click()
    page.get_by_role("button", name="现在交").click()
    expect(page.get_by_role("status").get_by_text("刚才没有信号")).to_be_visible()

    station.start()
    send(page)
    expect(page.locator("[data-state=received]")).to_have_text("已收（第2次）")
    expect(page.locator("[data-returned]")).to_have_count(0)
    assert chain(station) == [(1, None), (2, 1), (3, 2), (4, 3)]
    with station.app.app_context():
        activity = db.session.scalars(select(Activity)).one()
        assert (activity.revision, activity.people, sum(activity.participants.values())) == (2, 21, 4)

    desk.goto(f"{station.url}/supervisor/")
    desk.get_by_role("link", name=re.compile(venue.zh)).first.click()
    desk.wait_for_url(f"**/supervisor/visits/{visit_id}")
    expect(desk.get_by_text(ADDED)).to_be_visible()
    expect(desk.locator("main")).to_contain_text(REASON)
    expect(desk.locator("main")).to_contain_text("针对第 1 版")
    expect(desk.locator("figure.photo img[src]")).to_have_count(2)
    rule(desk, station, visit_id, "pass")
    news(page)
    expect(page.locator("[data-state=accepted]")).to_have_text("已核")


def test_giving_up_leaves_what_was_sent_as_it_was(station, venue, page):
    visit_id = recorded(station, venue, page)
    returned(station, visit_id)
    news(page)
    kept = outbox_of(page)
    page.locator(f"a[href='/field/visits/{visit_id}']").click()  # from its own screen, too
    expect(page.locator("wujin-sent .thumbs img")).to_have_count(1)
    page.get_by_role("button", name="去补").click()
    station.stop()
    add_photo(page, 0.7)
    page.get_by_role("button", name="删掉").first.click()  # the picture that was sent the first time
    page.get_by_role("button", name="不补了").click()
    page.get_by_role("button", name="确实丢掉").click()
    expect(page.locator("[data-state=returned]")).to_be_visible()
    assert outbox_of(page) == kept
    page.get_by_role("button", name="去补").click()
    page.get_by_role("tab", name="拍照片").click()
    expect(page.locator(".photo img")).to_have_count(1)


def test_a_phone_that_no_longer_has_it_offers_a_fresh_visit(station, venue, page, new_phone):
    visit_id = recorded(station, venue, page)
    returned(station, visit_id)
    other = new_phone(service_workers="block").open(station.link_for("陈大山"))
    enrol(other)
    expect(other.locator("[data-returned]")).to_contain_text("不在这部手机里了")
    other.get_by_role("link", name="重新走访").click()
    other.wait_for_url("**/field/visits/*")
    expect(other.get_by_role("heading", level=1)).to_have_text(venue.zh)


def test_what_was_returned_is_kept_longer_than_a_fortnight(station, venue, page):
    visit_id = recorded(station, venue, page)
    returned(station, visit_id)
    news(page)
    page.clock.set_system_time(utc_now() + timedelta(days=365))
    page.reload()
    expect(page.locator(".banner")).to_contain_text("时间不准")
    page.get_by_role("button", name="去补").click()
    page.get_by_role("tab", name="拍照片").click()
    expect(page.locator(".photo img")).to_have_count(1)


def test_what_the_station_has_had_for_a_fortnight_leaves_the_phone_whole(station, venue, page):
    recorded(station, venue, page)
    page.clock.set_system_time(utc_now() + timedelta(days=13))
    page.reload()
    expect(page.locator("[data-state=received]")).to_be_visible()
    page.clock.set_system_time(utc_now() + timedelta(days=15))
    page.reload()
    expect(page.locator("wujin-app[ready]")).to_be_attached()
    expect(page.locator("[data-state]")).to_have_count(0)
    assert outbox_of(page) == []


def test_a_picture_that_never_arrived_gives_way_to_a_better_one(station, venue, page):
    page.route("**/sync/photos/**", refuse, times=1)
    visit_id = recorded(station, venue, page, "aside")
    returned(station, visit_id)
    news(page)
    page.get_by_role("button", name="去补").click()
    page.get_by_role("button", name="重拍").click()
    shoot(page)
    hand_in(page, ADDED)
    expect(page.locator("[data-state=received]")).to_have_text("已收（第2次）")
    expect(page.get_by_text("都交上去了")).to_be_visible()


def refuse(route):
    body = json.dumps({"code": "not_an_image", "title": "这不是照片。", "detail": "请重拍。"})
    route.fulfill(status=415, content_type="application/problem+json", body=body)


def test_a_restored_station_hears_both_revisions_in_their_order(station, venue, page):
    visit_id = recorded(station, venue, page)
    returned(station, visit_id)
    news(page)
    page.get_by_role("button", name="去补").click()
    hand_in(page, ADDED)
    expect(page.locator("[data-state=received]")).to_have_text("已收（第2次）")
    forget(station)
    news(page)
    # The ruling is gone with the rest: the correction waits until somebody returns the first one again.
    expect(page.locator("[data-state=aside]")).to_be_visible()
    returned(station, visit_id)
    news(page)
    expect(page.locator("[data-state=received]")).to_have_text("已收（第2次）")
    with station.app.app_context():
        assert db.session.get_one(Visit, visit_id).note == ADDED


def recorded(station, venue, page, state="received"):
    """One sent visit with one photo."""
    page.goto(f"{station.url}/v/{venue.codes[-1].code}")
    page.wait_for_url("**/field/visits/*")
    visit_id = page.url.rpartition("/")[2]
    page.locator("wujin-item").first.get_by_text("合格", exact=True).click()
    add_photo(page, 0.2)
    page.get_by_role("tab", name="收尾").click()
    page.get_by_role("button", name="完成", exact=True).click()
    expect(page.locator(f"[data-state={state}]")).to_be_visible()
    return visit_id


def add_photo(page, moment):
    page.get_by_role("tab", name="拍照片").click()
    take_photo(page, moment)


def hand_in(page, words):
    page.get_by_role("tab", name="收尾").click()
    page.get_by_label("补充说明").fill(words)
    page.get_by_role("button", name="交上去").click()
    page.wait_for_url("**/field/")


def send(page):
    page.get_by_role("link", name="待交").click()
    send_now(page)
    expect(page.get_by_text("都交上去了")).to_be_visible()
    page.get_by_role("link", name="今天").click()


def news(page):
    page.goto(re.sub(r"/(field|v)/.*", "/field/", page.url))
    page.reload()
    expect(page.locator("wujin-app[ready]")).to_be_attached()


def rule(desk, station, visit_id, result, reason="", advice=""):
    desk.goto(f"{station.url}/supervisor/visits/{visit_id}")
    desk.locator("ruling-keys:defined").wait_for(state="attached")
    desk.locator(f".verdicts [value={result}]").click()
    if reason:
        desk.get_by_label("哪里要补").fill(reason)
        desk.get_by_label("建议怎么做").fill(advice)
        desk.get_by_role("button", name="退回补充").click()
    desk.wait_for_url(re.compile(r"ruled="))


def returned(station, visit_id):
    with station.app.app_context(), writing() as session:
        review.rule(session, session.get_one(Visit, visit_id), station.town.person("罗静"), "unclear", REASON, ADVICE)


def chain(station):
    """(seq, seq of the claim that prev names) of every claim in order."""
    with station.app.app_context():
        rows = db.session.execute(select(Claim.seq, Claim.digest, Claim.prev).order_by(Claim.seq)).all()
    seqs = {row.digest: row.seq for row in rows}
    return [(row.seq, seqs.get(row.prev)) for row in rows]


def forget(station):
    """The backup that the station came back from was older than the visit."""
    with station.app.app_context(), writing() as session:
        for table in (
            "visitor_answer",
            "finding",
            "ruling",
            "visit_photo",
            "visit",
            "activity_organiser",
            "activity",
            "claim",
            "receipt",
            "photo",
        ):
            session.execute(db.metadata.tables[table].delete())
        session.execute(update(Instance).values(id=uuid7()))
