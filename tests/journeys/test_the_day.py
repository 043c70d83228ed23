"""A whole day in the field: one activity, twelve stops, no signal, two restarts; sent at the ridge at the third attempt."""

import re
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest
from harness import outbox_of
from patience import until
from PIL import Image
from playwright.sync_api import Error, expect
from sqlalchemy import select
from test_the_river import at, enrol, kept_for_days

from wujin_field.db import db, local_day, utc_now
from wujin_field.domain import load_pack
from wujin_field.figures.entries import entries
from wujin_field.models import Activity, Hazard, Photo, Visit, VisitPhoto

pytestmark = pytest.mark.needs("chromium")
SENTENCE = "组织志愿者逐店逐户发放资料，讲解用火用电安全。"
SHADES = iter(range(1, 200))


def test_twelve_stops_are_one_activity_and_all_of_it_arrives(station, new_phone):
    places = doors(station)
    phone = new_phone(geolocation=at(places[0]))
    page = phone.open(station.link_for("陈大山"))
    enrol(page)
    kept_for_days(page)
    station.stop()  # into the valley: nothing answers from here on

    page.get_by_role("link", name="扫码开始").click()
    for place in places[:3]:
        by_code(page, place)
        good(page)
        photos(page, 3)
        on_to_the_next(page)
    by_code(page, places[3])
    put_right_on_the_spot(page)
    photos(page, 1)
    on_to_the_next(page)
    closed_door(page, places[4], "锁着门")

    page = restarted(phone, page, f"{station.url}/field/")
    expect(page.locator(".outing .line")).to_have_count(5)
    page.get_by_role("link", name="去下一处，扫码").click()
    closed_door(page, places[5], "不让进")
    for place in places[6:8]:
        by_code(page, place)
        good(page)
        photos(page, 3)
        on_to_the_next(page)
    by_words(page, lambda: page.get_by_label("这里叫什么").fill("桥头小卖部"))
    expect(page.locator(".whose")).to_contain_text("算在“临街门面逐店发放”这一场里")
    photos(page, 2)

    page = restarted(phone, page, page.url)  # with a stop half written
    expect(page.get_by_role("tab", name="拍照片")).to_contain_text("2")
    on_to_the_next(page)
    for group, number in (("3", "12"), ("3", "7"), ("12", "3")):
        at_home(page, group, number)
        photos(page, 2)
        on_to_the_next(page) if group == "3" else finish_with(page, "这处记好了，这一场收尾")
    page.get_by_label("参加了多少人").fill("37")
    page.get_by_label("月报上的一句话").fill(SENTENCE)
    page.get_by_role("button", name="这一场收尾").click()
    page.wait_for_url("**/field/")
    expect(page.locator("[data-state=saved]")).to_have_count(12)

    sent_at_the_third_attempt(station, page)
    expect(page.locator("[data-state=received]")).to_have_count(12)
    assert {item["state"] for item in outbox_of(page)} == {"receipted"}
    the_station_has_it_once(station)
    assert station.verify() == 0  # one chain without a gap, every claim and receipt signed


def doors(station):
    """The open places of 柳溪村 with a poster."""
    area = station.town.areas["liuxi"].path
    venues = [
        v for v in station.town.venues.values() if v.area.path.startswith(area) and v.privacy == "open" and v.codes
    ]
    venues.sort(key=lambda venue: venue.venue_kind != "small_workshop")  # the hazard is found where it can be put right
    venues = venues[1:4] + venues[:1] + venues[4:]
    assert len(venues) >= 8
    return venues[:8]


def by_code(page, venue):
    page.get_by_label("输入八位编号").fill(venue.code)
    page.get_by_role("button", name="开始", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(venue.zh)


def by_words(page, tell, kind=None):
    page.get_by_role("link", name="没有码的地方").click()
    if kind:
        page.get_by_text(kind, exact=True).click()
    tell()
    page.get_by_role("button", name="开始走访").click()
    page.wait_for_url("**/field/visits/*")


def at_home(page, group, number):
    """A home begins an activity of its own kind; one tap says that it was the same round."""

    def tell():
        page.get_by_label("第几组").fill(group)
        page.get_by_label("第几户").fill(number)

    by_words(page, tell, "家庭")
    page.get_by_role("button", name="并入“临街门面逐店发放”那一场").click()
    expect(page.locator(".whose")).to_contain_text("算在“临街门面逐店发放”这一场里")


def good(page):
    page.locator("wujin-item").nth(1).wait_for()
    for card in page.locator("wujin-item").all()[:2]:
        card.get_by_text("合格", exact=True).click()


def closed_door(page, venue, words):
    """One tap, and the stop can be finished without a tick or a picture."""
    by_code(page, venue)
    page.get_by_role("button", name=words).click()
    expect(page.get_by_role("tab", name="收尾")).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="这处记好了，去下一处").click()
    page.wait_for_url("**/field/scan")


def put_right_on_the_spot(page):
    page.locator("wujin-item").first.wait_for()
    card = page.locator("wujin-item", has=page.locator("legend", has_text="插座"))
    card = card.first if card.count() else page.locator("wujin-item").first
    card.get_by_text("不合格", exact=True).click()
    card.get_by_role("button", name=re.compile("拍一张")).click()
    use_picture(page)
    card.get_by_text("当场改好了").click()
    card.get_by_role("button", name="拍一张改好以后的").click()
    use_picture(page)


def photos(page, number):
    page.get_by_role("tab", name="拍照片").click()
    for _ in range(number):
        page.get_by_role("button", name="拍一张", exact=True).click()
        use_picture(page)


def use_picture(page):
    out = BytesIO()
    Image.effect_noise((640, 480), 20 + next(SHADES)).convert("RGB").save(out, "JPEG", quality=80)
    picture = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}
    page.locator("wujin-camera input[type=file]").set_input_files(picture)
    page.get_by_role("button", name="用这张").click()
    expect(page.locator("wujin-camera")).to_have_count(0)


def on_to_the_next(page):
    finish_with(page, "这处记好了，去下一处")
    page.wait_for_url("**/field/scan")


def finish_with(page, words):
    page.get_by_role("tab", name="收尾").click()
    page.get_by_role("button", name=words).click()


def restarted(phone, page, address):
    """The browser is closed and opened again with no signal; it holds what it held."""
    kept = outbox_of(page)
    phone.close()
    page = phone.open(address)
    expect(page.locator("wujin-app[ready]")).to_be_attached()
    assert outbox_of(page) == kept
    return page


def sent_at_the_third_attempt(station, page):
    """The line dies under way; then a hotel answers every question with its own page; then it holds."""
    page.get_by_role("link", name="待交").click()
    dies_after(page, 6)
    station.start()
    press_send(page)
    until(lambda: len(received(page)) == 6)  # of 12 visits, 26 photos and the activity
    expect(page.get_by_text("刚才没有信号")).to_be_visible()
    station.stop()
    page.context.unroute_all()
    with hotel(station.port) as asked:
        press_send(page)
        until(lambda: asked)
        expect(page.get_by_role("button", name="现在交")).to_be_enabled()
        assert len(received(page)) == 6
    station.start()
    until(lambda: all_is_sent(page))
    page.get_by_role("link", name="今天").click()


def dies_after(page, deliveries):
    """So many go through, and not one more."""
    left = iter(range(deliveries))
    page.context.route("**/sync/*/*", lambda route: route.abort() if next(left, None) is None else route.continue_())


def press_send(page):
    page.get_by_role("button", name="现在交").click()


def all_is_sent(page):
    """As a person does it: pressed again while something still waits for its turn."""
    with suppress(Error):
        page.get_by_role("button", name="现在交").click(timeout=1000)
    return page.get_by_text("都交上去了").is_visible()


def received(page):
    return [item for item in outbox_of(page) if item["state"] == "receipted"]


class hotel:
    """A captive portal on the station's port."""

    def __init__(self, port):
        self.asked = asked = []

        class Portal(BaseHTTPRequestHandler):
            def answer(self):
                asked.append(self.path)
                page = "<h1>请登录 Wi-Fi</h1>".encode()
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            do_GET = do_PUT = do_HEAD = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("localhost", port), Portal)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self.asked

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def the_station_has_it_once(station):
    with station.app.app_context():
        visits = db.session.scalars(select(Visit)).all()
        (activity,) = db.session.scalars(select(Activity)).all()
        assert len(visits) == 12
        assert {visit.activity_id for visit in visits} == {activity.id}
        assert (activity.people, activity.entry_text) == (37, SENTENCE)
        assert activity.started_at == min(visit.started_at for visit in visits)
        assert sorted(visit.refused for visit in visits if visit.refused != "none") == ["no_entry", "nobody_home"]
        assert {visit.place_text for visit in visits if visit.venue_id is None} == {
            "桥头小卖部",
            "三组12户",
            "三组7户",
            "十二组3户",
        }
        assert len(db.session.scalars(select(Photo.sha256)).all()) == 26
        hazard = db.session.scalars(select(Hazard)).one()
        shown = db.session.scalars(select(VisitPhoto).where(VisitPhoto.item.is_not(None))).all()
        assert hazard.fixed_on_spot
        assert sorted(photo.role for photo in shown) == ["after", "before"]
        assert hazard.photo == next(photo.sha256 for photo in shown if photo.role == "before")
        today = local_day(utc_now())
        (entry,) = entries(db.session, load_pack(), station.town.areas["liuxi"].path, today, today)
        assert (entry.visits, entry.text, len(entry.photos)) == (12, SENTENCE, 26)
