"""Phones in hands: by the clerk's QR, by a printed slip, by a ten-minute code; one is stopped and what it still holds is kept."""

import re

import pytest
from patience import until
from playwright.sync_api import expect
from test_the_courier import begin
from test_the_river import enrol, take_photo

from wujin_field.db import db
from wujin_field.models import SetAside, Visit

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]


def test_three_phones_come_in_and_one_is_stopped_with_work_on_it(station, new_phone, new_desk):
    desk = new_desk(service_workers="block").open(station.link_for("何敏"))
    desk.locator("form#enrol button").click()
    desk.wait_for_url("**/station/**")

    first = new_phone(service_workers="block")
    page = enrolled_by_qr(station, desk, first, "陈大山")
    second = enrolled_by_qr(station, desk, new_phone(service_workers="block"), "何长生")
    assert second.locator("wujin-app[ready]").count() == 1
    third = by_code(station, page, new_phone(service_workers="block"))
    assert third.locator("wujin-app[ready]").count() == 1

    page.goto(f"{station.url}/field/")
    page.locator("wujin-app[ready]").wait_for()
    page.context.route("**/sync/**", lambda route: route.abort())  # no line to the station
    recorded(page)
    stop_the_phone(station, desk)
    page.context.unroute("**/sync/**")
    page.evaluate("dispatchEvent(new Event('online'))")
    it_says_so_and_begins_nothing(page, station)

    desk.goto(f"{station.url}/station/aside")
    wait_until_listed(desk, "桥头小卖部")
    visit_line = desk.locator("#waiting li", has_text="桥头小卖部")  # its activity may stand there by now, or not yet
    visit_line.locator("form[action$='/take'] button").click()
    desk.get_by_text("收下了").first.wait_for()
    with station.app.app_context():
        visit = db.session.query(Visit).one()
        assert visit.author_id == station.town.person("陈大山").id
        assert db.session.query(SetAside).filter_by(kind="visit").one().decision == "taken"
    page.goto(station.link_for("陈大山"))  # set up again: the same phone goes on where it was
    enrol(page)
    expect(page.locator("[data-state=received]")).to_have_text("已收")
    expect(page.get_by_role("link", name="扫码开始")).to_be_visible()


def it_says_so_and_begins_nothing(page, station):
    """Whom to ask, what becomes of the work, the backup; no scanning, with a line or without."""
    expect(page.get_by_role("heading", level=1)).to_have_text("这部手机已经停用")
    expect(page.get_by_text("请找内勤重新开通")).to_be_visible()
    expect(page.locator("li", has_text="桥头小卖部")).to_contain_text("站里留着，等内勤看")
    page.context.route("**/sync/**", lambda route: route.abort())
    for path in ("/field/", "/field/scan"):
        page.goto(f"{station.url}{path}")
        expect(page.get_by_role("heading", level=1)).to_have_text("这部手机已经停用")
    expect(page.get_by_role("link", name="扫码")).to_have_count(0)
    expect(page.get_by_role("button", name="导出备份")).to_be_visible()
    page.context.unroute("**/sync/**")


def enrolled_by_qr(station, desk, phone, name):
    """The clerk opens the person, the phone scans what is on the screen, the number is said aloud."""
    desk.goto(f"{station.url}/station/people?name={name}")
    desk.get_by_role("link", name=name).first.click()
    desk.get_by_role("button", name="开通一部手机").click()
    address, number = desk.locator("#link").input_value(), desk.locator("#number").inner_text()
    page = phone.open(address)
    page.locator("#number").fill(number)
    page.locator("form#enrol button").click()
    page.locator("wujin-app[ready]").wait_for()
    return page


def by_code(station, page, phone):
    """A second browser of the same person: the first shows eight characters."""
    page.goto(f"{station.url}/account/")
    page.locator("form[action='/account/code'] button").click()
    code = page.locator("#code").inner_text()
    second = phone.open(f"{station.url}/enrol/")
    second.locator("#code").fill(code)
    second.locator("main form button").click()
    second.locator("form#enrol button").click()
    second.locator("wujin-app[ready]").wait_for()
    return second


def recorded(page):
    """A finished visit with a picture, and no line."""
    begin(page, "桥头小卖部")
    page.get_by_role("tab", name=re.compile("拍照片")).click()
    take_photo(page, 0.1)
    page.get_by_role("tab", name="收尾").click()
    page.get_by_role("button", name="完成", exact=True).click()
    page.wait_for_url("**/field/")
    page.locator("[data-state=saved]").wait_for()


def stop_the_phone(station, desk):
    desk.goto(f"{station.url}/station/people?name=陈大山")
    desk.get_by_role("link", name="陈大山").first.click()
    desk.wait_for_url("**/station/people/*")
    stop = desk.get_by_role("button", name="停用这一部")
    for left in range(stop.count() - 1, -1, -1):
        stop.first.click()
        expect(stop).to_have_count(left)


def wait_until_listed(desk, words):
    until(lambda: desk.reload() and desk.get_by_text(words).count())
