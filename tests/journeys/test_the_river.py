"""One visit's whole life: poster → camera → ticks → photos → no signal → restart → receipt → ruling → report."""

import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from harness import outbox_of, poster_film, send_now
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import select

from wujin_field.db import db, local_day, utc_now
from wujin_field.models import VisitPhoto

pytestmark = pytest.mark.needs("chromium")
SENTENCE = "组织志愿者入户讲解电动车充电安全，发放宣传资料。"


@pytest.mark.parametrize(
    "worker", ["allow", "block"], ids=["with the service worker", "without one, as in WeChat on iOS"]
)
def test_from_a_poster_on_a_door_to_the_report(station, new_phone, new_desk, tmp_path, worker):
    venue = venue_in(station, "liuxi")
    film = poster_film(f"{station.url}/v/{venue.codes[-1].code}", tmp_path)
    phone = new_phone(film, geolocation=at(venue), service_workers=worker)
    page = phone.open(station.link_for("陈大山"))
    enrol(page)
    if worker == "allow":
        kept_for_days(page)

    page.get_by_role("link", name="扫码开始").click()  # the camera sees the poster
    page.wait_for_url("**/field/visits/*")
    expect(page.get_by_role("heading", level=1)).to_have_text(venue.zh)
    page.locator("wujin-item").nth(3).wait_for()
    for card in page.locator("wujin-item").all()[:4]:
        card.get_by_text("合格", exact=True).click()
    expect(page.locator(".saved")).to_have_text("已保存")
    page.get_by_role("tab", name=re.compile("拍照片")).click()
    take_photo(page, 0.2)
    take_photo(page, 0.5)
    expect(page.locator(".photo")).to_have_count(2)

    station.stop()  # no signal: nothing answers any more
    take_photo(page, 0.8)
    page.get_by_role("button", name="去收尾").click()
    expect(page.get_by_role("button", name="检查表还有")).to_be_visible()  # said before the station asks
    page.get_by_label("参加了多少人").fill("12")
    page.get_by_label("月报上的一句话").fill(SENTENCE)
    page.get_by_role("button", name="完成", exact=True).click()
    page.wait_for_url("**/field/")
    expect(page.locator("[data-state=saved]")).to_have_text("已保存，等网络")
    if worker == "allow":
        page = restarted(phone, page, f"{station.url}/field/")
        expect(page.get_by_role("link", name=venue.zh)).to_be_visible()

    station.start()
    page.get_by_role("link", name="待交").click()
    send_now(page)
    expect(page.get_by_text("都交上去了")).to_be_visible()
    page.get_by_role("link", name="今天").click()
    expect(page.locator("[data-state=received]")).to_have_text("已收")

    rule_true(new_desk().open(station.link_for("罗静")), station, venue)
    report = station.report("annex2_monthly", "liuxi", f"{local_day(utc_now()):%Y-%m}", tmp_path / "report.docx")
    assert SENTENCE in ZipFile(report).read("word/document.xml").decode()
    assert lights_in(report) == pytest.approx(lights_taken(station), abs=3)


def venue_in(station, area):
    """An open, surveyed place with a poster on its door."""
    return next(
        v for v in station.town.venues.values() if v.area.code == area and v.privacy == "open" and v.codes and v.lat_e7
    )


def at(venue):
    return {"latitude": venue.lat_e7 / 1e7, "longitude": venue.lon_e7 / 1e7, "accuracy": 9}


def enrol(page):
    page.locator("form[action^='/enrol'] button, form button.main").first.click()
    page.wait_for_url("**/field/**")
    expect(page.locator("wujin-app[ready]")).to_be_attached()


def kept_for_days(page):
    """The service worker has the whole shell and answers for this page."""
    page.evaluate("""() => navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller
      || new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', () => done(true))))""")


TAKEN_OR_REFUSED = """() => !document.querySelector('wujin-camera')
  || document.querySelector('wujin-camera .said').textContent.includes('已经有了')"""


def take_photo(page, at_seconds):
    """at_seconds: which moment of the film is in front of the camera, at the earliest."""
    page.get_by_role("button", name="拍一张", exact=True).click()
    wait_for_moment(page, at_seconds)
    shoot(page)


def wait_for_moment(page, at_seconds):
    page.locator("wujin-camera video").evaluate(
        """(video, at) => new Promise((there) => {
      const look = () => (video.currentTime >= at ? there() : requestAnimationFrame(look));
      look();
    })""",
        at_seconds,
    )


def shoot(page):
    """The film is short: a picture that is there already is refused with a word, and taken once more, as a person does."""
    page.get_by_role("button", name="拍", exact=True).click()
    page.get_by_role("button", name="用这张").click()
    page.wait_for_function(TAKEN_OR_REFUSED)
    if page.locator("wujin-camera").count():
        shoot(page)


def restarted(phone, page, address):
    """The browser is closed and started again with no signal; the outbox holds what it held."""
    kept = outbox_of(page)
    phone.close()
    page = phone.open(address)
    expect(page.locator("[data-state=saved]")).to_have_count(1)
    assert outbox_of(page) == kept
    return page


def rule_true(desk, station, venue):
    desk.locator("form[action^='/enrol'] button, form button.main").first.click()
    desk.wait_for_url("**/supervisor/**")
    desk.get_by_role("link", name=re.compile(venue.zh)).first.click()
    expect(desk.get_by_text(SENTENCE)).to_be_visible()
    visit = desk.url
    desk.locator("ruling-keys:defined").wait_for(state="attached")
    desk.keyboard.press("1")
    desk.wait_for_url(re.compile(r"/supervisor/(\?ruled=.*)?$"))
    desk.goto(visit)
    expect(desk.locator("main")).to_contain_text("属实")


def lights_taken(station):
    """Where the moving light stands in each picture of the visit, in the order in which the shutter was pressed."""
    with station.app.app_context():
        taken = db.session.scalars(select(VisitPhoto.sha256).order_by(VisitPhoto.taken_at)).all()
        assert len(taken) == len(set(taken)) == 3
        return [light(Image.open(station.app.extensions["vault"].open(sha256))) for sha256 in taken]


def lights_in(report):
    """The same of each printed picture, in printing order."""
    with ZipFile(report) as file:
        links = dict(
            re.findall(
                r'Id="([^"]+)"[^>]*Target="([^"]*media/[^"]+)"', file.read("word/_rels/document.xml.rels").decode()
            )
        )
        order = re.findall(r'r:embed="([^"]+)"', file.read("word/document.xml").decode())
        return [light(Image.open(BytesIO(file.read(f"word/{links[name]}")))) for name in order]


def light(picture):
    strip = picture.convert("RGB").crop((0, 0, picture.width, 20)).resize((128, 1))
    wall = (188, 182, 170)
    return max(range(128), key=lambda x: sum(abs(a - b) for a, b in zip(strip.getpixel((x, 0)), wall, strict=True)))
