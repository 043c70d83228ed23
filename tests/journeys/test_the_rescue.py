"""When a phone cannot send: its backup goes to the desk by hand, and nothing of it is lost, doubled or somebody else's."""

import json
import re
import zipfile
from datetime import timedelta
from hashlib import sha256

import pytest
from harness import outbox_of, poster_film, send_now
from playwright.sync_api import expect
from sqlalchemy import func, select, update
from test_the_courier import begin, record
from test_the_river import at, enrol, kept_for_days, take_photo, venue_in

from wujin_field.db import db, utc_now, writing
from wujin_field.models import Device, Photo, Receipt, SetAside, Visit
from wujin_field.models.people import invite

pytestmark = pytest.mark.needs("chromium")
FULL = "手机满了"


def test_a_backup_goes_to_the_desk_and_later_the_phone_hears_the_same(station, new_phone, new_desk, tmp_path):
    venue = venue_in(station, "liuxi")
    film = poster_film(f"{station.url}/v/{venue.codes[-1].code}", tmp_path)
    page = new_phone(film, geolocation=at(venue)).open(station.link_for("陈大山"))
    enrol(page)
    kept_for_days(page)
    page.get_by_role("link", name="扫码开始").click()
    page.wait_for_url("**/field/visits/*")
    page.context.set_offline(True)
    page.get_by_role("tab", name=re.compile("拍照片")).click()
    take_photo(page, 0.2)
    take_photo(page, 0.6)
    page.get_by_role("button", name="去收尾").click()
    page.get_by_role("button", name="完成", exact=True).click()
    page.wait_for_url("**/field/")
    backup = exported(page, tmp_path)
    expect(page.get_by_text("备份做好了：1条记录、2张照片")).to_be_visible()
    check_file(page, backup)

    assert hand_in(signed_in(new_desk(), station, "何敏"), backup) == (4, 0, 0)
    receipts = receipts_of(station)
    assert len(receipts) == 4
    page.context.set_offline(False)
    send_now(page)
    expect(page.get_by_text("都交上去了")).to_be_visible()
    page.get_by_role("link", name="今天").click()
    expect(page.locator("[data-state=received]")).to_have_text("已收")
    assert kept_receipts(page) == receipts == receipts_of(station)


def test_an_ended_session_still_exports_and_the_desk_keeps_a_stopped_phones_record_aside(
    station, new_phone, new_desk, tmp_path
):
    page = new_phone(service_workers="block").open(station.link_for("陈大山"))
    enrol(page)
    with station.app.app_context(), writing() as session:
        session.execute(update(Device).values(last_seen_at=utc_now() - timedelta(days=91)))
    record(page, "桥头小卖部")
    expect(page.get_by_text("登录已经过期")).to_be_visible()
    with station.app.app_context(), writing() as session:
        session.execute(update(Device).values(revoked_at=utc_now()))
    desk = signed_in(new_desk(), station, "何敏")
    assert hand_in(desk, exported(page, tmp_path)) == (0, 0, 2)
    expect(desk.get_by_text("已经停用").first).to_be_visible()
    assert (count(station, Visit), count(station, SetAside)) == (0, 2)
    page.goto(station.link_for("陈大山"))  # set up again: what waited goes, under the same person's new cookie
    enrol(page)
    expect(page.locator("[data-state=received]")).to_have_count(1)


def test_a_second_person_on_the_phone_neither_sees_nor_sends_the_firsts(station, new_phone):
    page = new_phone(service_workers="block").open(station.link_for("陈大山"))
    enrol(page)
    page.route("**/sync/**", lambda route: route.abort())
    record(page, "桥头小卖部")
    page.goto(station.link_for("周小禾"))
    page.unroute_all()
    page.route("**/sync/pack", lambda route: route.abort())  # 周小禾 confirms, and the line is gone again
    page.route("**/sync/activities/*", lambda route: pytest.fail("sent under another's cookie"))
    page.locator("form button.main").click()
    expect(page.get_by_text("第一次打开需要网络")).to_be_visible()
    expect(page.get_by_text("桥头小卖部")).to_have_count(0)
    page.unroute_all()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("周小禾，您好")
    expect(page.get_by_text("还有别人的1件没交")).to_be_visible()
    expect(page.get_by_text("桥头小卖部")).to_have_count(0)
    assert outbox_of(page) == []
    assert count(station, Visit) == 0
    page.goto(station.link_for("陈大山"))
    enrol(page)
    expect(page.locator("[data-state=received]")).to_have_count(1)
    expect(page.get_by_text("还有别人的")).to_be_hidden()
    with station.app.app_context():
        assert db.session.scalars(select(Visit.author_id)).all() == [station.town.person("陈大山").id]


def test_a_page_left_open_sends_nothing_under_the_cookie_of_whoever_came_after(station, new_phone):
    page = new_phone(service_workers="block").open(station.link_for("陈大山"))
    enrol(page)
    page.context.route("**/sync/**", lambda route: route.abort())
    record(page, "桥头小卖部")
    with station.app.app_context(), writing() as session:
        row, token = invite(station.town.person("周小禾"))
        session.add(row)
    assert page.context.request.post(f"{station.url}/enrol/{token}", form={"public_key": ""}).ok
    sent = []
    page.context.on("request", lambda request: request.method == "PUT" and sent.append(request.url))
    page.context.unroute_all()
    page.get_by_role("link", name="待交").click()
    page.get_by_role("button", name="现在交").click()
    page.evaluate("document.querySelector('wujin-app').renew()")
    expect(page.get_by_text("还有别人的1件没交")).to_be_visible()
    expect(page.get_by_text("桥头小卖部")).to_have_count(0)
    assert sent == []


def test_a_full_phone_says_so_before_the_visit_and_keeps_what_it_has(station, new_phone):
    phone = new_phone(service_workers="block")
    page = phone.open(station.link_for("陈大山"))
    enrol(page)
    no_line(page)
    record_with_photo(page)
    before = outbox_of(page)
    page, quota = filled_up(phone, page, station)
    page.goto(f"{station.url}/v/new")
    expect(page.get_by_role("heading", level=1)).to_contain_text(FULL)
    expect(page.get_by_text("已经存下的都还在")).to_be_visible()
    assert outbox_of(page) == before
    page.get_by_role("button", name="导出备份").click()
    expect(page.get_by_text("备份做好了")).to_be_visible()
    page.context.unroute_all()  # and what waits can still be sent
    with page.expect_response("**/sync/photos/*"):
        page.get_by_role("button", name="现在交").click()
    assert (count(station, Visit), count(station, Photo)) == (1, 1)
    quota(None)
    page.get_by_role("button", name="再试一次").click()
    expect(page.get_by_label("这里叫什么")).to_be_visible()


def test_a_full_phone_says_so_before_the_camera_and_keeps_what_was_ticked(station, new_phone):
    phone = new_phone(service_workers="block")
    page = phone.open(station.link_for("陈大山"))
    enrol(page)
    begin(page, "桥头小卖部")
    page.locator("wujin-item").nth(0).get_by_text("合格", exact=True).click()
    expect(page.locator(".saved")).to_have_text("已保存")
    visit = page.url
    page, _ = filled_up(phone, page, station)
    page.goto(visit)
    page.get_by_role("tab", name=re.compile("拍照片")).click()
    page.get_by_role("button", name="拍一张", exact=True).click()
    expect(page.locator("wujin-camera .said")).to_contain_text(FULL)
    page.go_back()  # the phone's own button closes the camera, and nothing else
    expect(page.locator("wujin-camera")).to_have_count(0)
    page.get_by_role("button", name="拍一张", exact=True).click()
    page.get_by_role("button", name="回到走访").click()
    expect(page.get_by_role("button", name="拍一张", exact=True)).to_be_enabled()
    page.get_by_role("button", name="拍一张", exact=True).click()
    expect(page.locator("wujin-camera .said")).to_contain_text(FULL)
    page.reload()  # as when an old phone needs the room for its camera
    expect(page.get_by_text("那一张没有存下")).to_be_visible()
    expect(page.get_by_role("tab", name="看一看")).to_contain_text("1/")


def test_a_tap_that_finds_no_room_says_so_and_costs_no_earlier_one(station, new_phone):
    phone = new_phone(service_workers="block")
    page = phone.open(station.link_for("陈大山"))
    enrol(page)
    begin(page, "桥头小卖部")
    page.locator("wujin-item").nth(0).get_by_text("合格", exact=True).click()
    expect(page.locator(".saved")).to_have_text("已保存")
    visit = page.url
    page, quota = filled_up(phone, page, station, free=0)
    page.goto(visit)
    page.locator("wujin-item").nth(1).get_by_text("合格", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("没有存下：手机满了")  # at the end of a long list, too
    expect(page.locator(".saved")).to_contain_text("没有存下：手机满了")
    expect(page.locator("wujin-item").nth(1).locator(":checked")).to_have_count(0)  # nothing is shown that is not kept
    quota(None)
    page.reload()
    expect(page.get_by_role("tab", name="看一看")).to_contain_text("1/")


def no_line(page):
    page.context.route("**/sync/**", lambda route: route.abort())


def record_with_photo(page):
    begin(page, "桥头小卖部")
    page.get_by_role("tab", name=re.compile("拍照片")).click()
    take_photo(page, 0.1)
    page.get_by_role("button", name="去收尾").click()
    page.get_by_role("button", name="完成", exact=True).click()
    page.wait_for_url("**/field/")


def filled_up(phone, page, station, free=100_000):
    """(page, quota): the phone started again with room for `free` bytes more, or for none; quota(None) gives it room again.

    Started again, because Chromium remembers for half a minute how much room there was. The origin needs its slash.
    """
    used = page.evaluate("navigator.storage.estimate().then(({ usage }) => usage)")
    phone.close()
    page = phone.open("about:blank")
    no_line(page)
    line = page.context.new_cdp_session(page)

    def quota(size):
        line.send(
            "Storage.overrideQuotaForOrigin", {"origin": f"{station.url}/"} | ({"quotaSize": size} if size else {})
        )

    quota(used + free if free else 1)  # a start alone may clear some away
    return page, quota


def exported(page, folder):
    page.get_by_role("link", name="待交").click()
    page.get_by_role("button", name="导出备份").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="存到手机").click()
    target = folder / waiting.value.suggested_filename
    waiting.value.save_as(target)
    return target


def check_file(page, backup):
    """Any zip program opens it; bytes, digests and signatures are those of the outbox."""
    with zipfile.ZipFile(backup) as whole:
        assert whole.testzip() is None
        manifest = json.loads(whole.read("manifest.json"))
        assert "陈大山" in whole.read("说明.txt").decode()
        assert {item["kind"]: item["state"] for item in manifest["items"]} == dict.fromkeys(
            ["activity", "photo", "visit"], "waiting"
        )
        for item in manifest["items"]:
            assert sha256(whole.read(item["file"])).hexdigest() == item["digest"]
            assert bool(item["signature"]) == (item["kind"] != "photo")
    assert {(item["kind"], item["id"]) for item in manifest["items"]} == {
        (item["kind"], item["id"]) for item in outbox_of(page)
    }


def signed_in(desk, station, name):
    page = desk.open(station.link_for(name))
    page.locator("form[action^='/enrol'] button").click()
    page.wait_for_url("**/station/**")
    return page


def hand_in(desk, backup):
    """(taken, already, aside)"""
    desk.get_by_role("link", name="手机备份").click()
    desk.get_by_label("手机导出的 zip 文件").set_input_files(backup)
    desk.get_by_role("button", name="交上").click()
    said = desk.locator("h2#became").inner_text()
    return tuple(map(int, re.findall(r"\d+", said)))


def receipts_of(station):
    with station.app.app_context():
        return {f"{row.kind}:{row.subject_id}": row.body for row in db.session.scalars(select(Receipt))}


def kept_receipts(page):
    rows = page.evaluate(
        "document.querySelector('wujin-app').store.all('outbox').then((rows) => rows.map(({ key, receipt }) => [key, receipt]))"
    )
    return dict(rows)


def count(station, table):
    with station.app.app_context():
        return db.session.scalar(select(func.count()).select_from(table))
