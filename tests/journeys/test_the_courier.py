"""Nothing but a signed receipt counts as received; one bad item never holds up the next; nothing is lost meanwhile."""

import json

import pytest
from harness import outbox_of, send_now
from patience import until
from playwright.sync_api import expect
from sqlalchemy import func, select, update
from test_the_river import enrol

from wujin_field.db import db, utc_now, uuid7, writing
from wujin_field.models import Device, Instance, Visit

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
def page(station, new_phone):
    page = new_phone(service_workers="block").open(station.link_for("陈大山"))
    enrol(page)
    return page


def test_a_login_page_of_a_hotel_network_is_not_a_receipt(page):
    """And the state line tells sending, kept as it is, and waiting for a line apart."""
    asked = []
    busy = {"status": 503, "content_type": "application/problem+json", "body": '{"code": "busy", "title": "忙"}'}
    page.route("**/sync/visits/**", lambda route: route.fulfill(**busy))
    page.route("**/sync/activities/**", lambda route: asked.append(route))
    record(page, "桥头小卖部")
    expect(page.locator("[data-state=saved]")).to_have_text("发送中")
    expect(page.get_by_text("正在交，还剩1条记录")).to_be_visible()
    asked.pop().fulfill(**busy)
    expect(page.locator("[data-state=saved]")).to_have_text("已保存")
    expect(page.get_by_text("还有1条记录没交，都在手机里")).to_be_visible()
    page.route(
        "**/sync/activities/**",
        lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>Wi-Fi</h1>"),
    )
    send(page)
    page.get_by_role("link", name="今天").click()
    expect(page.locator("[data-state=saved]")).to_have_text("已保存，等网络")
    page.get_by_role("link", name="我的").click()  # how much waits, and since when, on every page but in a visit
    expect(page.locator(".banner")).to_have_text("还有1条记录等网络，最早的是刚刚")
    hours = page.locator(".hours li")
    expect(hours).to_have_text(["这一周0.5小时1次", "这个月0.5小时1次", "今年0.5小时1次"])
    expect(page.get_by_text("其中0.5小时的记录还没交上去")).to_be_visible()
    page.unroute_all()
    send(page)
    expect(page.get_by_text("都交上去了")).to_be_visible()
    expect(page.locator(".banner")).to_be_hidden()
    page.evaluate("document.querySelector('wujin-app').renew()")  # now both know of it, and it counts once
    page.get_by_role("link", name="我的").click()
    expect(hours.last).to_have_text("今年0.5小时1次")
    expect(page.get_by_text("还没交上去")).to_be_hidden()


def test_a_receipt_that_the_station_did_not_sign_is_not_believed(page):
    def forge(route):
        answer = json.loads(route.fetch().body())
        answer["sig"] = answer["sig"][:-8] + "AAAAAAAA"
        route.fulfill(status=201, content_type="application/json", body=json.dumps(answer))

    page.route("**/sync/visits/**", forge)
    with page.expect_response("**/sync/visits/**"):  # the activity went before it
        record(page, "桥头小卖部")
    expect(page.locator("[data-state=saved]")).to_be_visible()
    assert {item["kind"]: item["state"] for item in outbox_of(page)} == {"activity": "receipted", "visit": "waiting"}


def test_a_lost_answer_costs_nothing_and_counts_nothing_twice(station, page):
    def swallow(route):
        route.fetch()  # the station has it, the phone never hears of it
        route.abort("connectionreset")

    page.route("**/sync/visits/**", swallow, times=1)
    record(page, "桥头小卖部")
    send(page)
    expect(page.get_by_text("都交上去了")).to_be_visible()
    assert count(station, Visit) == 1


def test_a_refused_item_is_set_aside_with_its_reason_and_the_others_go_on(page):
    refusal = {"code": "wrong_shape", "title": "记录里有一项填得不对。", "detail": "请打开这条记录改一下再交。"}
    page.route(
        "**/sync/visits/**",
        lambda route: route.fulfill(status=422, content_type="application/problem+json", body=json.dumps(refusal)),
        times=1,
    )
    record(page, "第一家")
    expect(page.locator("[data-state=aside]")).to_have_text("需要处理")
    record(page, "第二家")
    expect(page.locator("[data-state=received]")).to_have_count(1)
    page.get_by_role("link", name="待交").click()
    expect(page.get_by_text("记录里有一项填得不对。")).to_be_visible()


def test_a_revoked_phone_keeps_recording_and_keeps_everything(station, page):
    with station.app.app_context(), writing() as session:
        session.execute(update(Device).values(revoked_at=utc_now()))
    record(page, "桥头小卖部")
    kept = page.get_by_text("站里留着，等内勤看")  # the station keeps what came, apart; the phone keeps it too
    expect(kept).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="这部手机已经停用")).to_be_visible()
    expect(kept).to_be_visible()


def test_a_restored_station_is_offered_again_what_the_phone_kept(station, page):
    record(page, "桥头小卖部")
    expect(page.locator("[data-state=received]")).to_have_count(1)
    with station.app.app_context(), writing() as session:
        # The backup was older than the visit; the examiner may have looked at it already.
        for table in ("finding", "visit", "activity_organiser", "activity", "claim", "receipt"):
            session.execute(db.metadata.tables[table].delete())
        session.execute(update(Instance).values(id=uuid7()))
    page.reload()
    expect(page.locator("wujin-app[ready]")).to_be_attached()
    until(lambda: count(station, Visit) == 1)  # what the phone showed as 已收 it offers again by itself
    expect(page.locator("[data-state=received]")).to_have_count(1)


def test_a_form_fault_stands_beside_its_field_and_keeps_what_was_typed(page):
    begin(page, "桥头小卖部")
    page.get_by_role("tab", name="收尾").click()
    page.get_by_label("参加了多少人").fill("十来个")
    page.get_by_role("button", name="完成", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("这里要填一个数")
    expect(page.get_by_label("参加了多少人")).to_have_value("十来个")
    page.get_by_label("参加了多少人").fill("１２")  # full-width digits, as a Chinese keyboard gives them
    page.get_by_role("button", name="完成", exact=True).click()
    expect(page.locator("[data-state=received]")).to_have_count(1)


def test_two_tabs_on_one_visit_lose_no_tap(page):
    begin(page, "桥头小卖部")
    page.locator("wujin-item").first.wait_for()
    other = page.context.new_page()
    other.goto(page.url)
    page.locator("wujin-item").nth(0).get_by_text("合格", exact=True).click()
    other.locator("wujin-item").nth(1).get_by_text("不合格", exact=True).click()
    expect(other.locator(".saved")).to_have_text("已保存")
    page.locator("wujin-item").nth(2).get_by_text("没看到", exact=True).click()
    expect(page.get_by_role("tab", name="看一看")).to_contain_text("3/")


def begin(page, name):
    page.get_by_role("link", name="扫码", exact=True).click()
    page.get_by_role("link", name="没有码的地方").click()
    page.get_by_label("这里叫什么").fill(name)
    page.get_by_role("button", name="开始走访").click()
    page.wait_for_url("**/field/visits/*")


def record(page, name):
    """A visit without photos at a place that nobody has entered yet."""
    begin(page, name)
    page.get_by_role("tab", name="收尾").click()
    page.get_by_role("button", name="完成", exact=True).click()
    page.wait_for_url("**/field/")


def send(page):
    page.get_by_role("link", name="待交").click()
    send_now(page)


def count(station, table):
    with station.app.app_context():
        return db.session.scalar(select(func.count()).select_from(table))
