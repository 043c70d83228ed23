"""One visit's whole life: poster → camera → ticks → photos → no signal → restart → receipt → ruling → report."""

import re
import subprocess
from datetime import date
from zipfile import ZipFile

import pytest
from harness import outbox_of, poster_film
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")
VENUE = "桥头便民超市"
SENTENCE = "组织志愿者到超市讲解电动车充电安全并发放资料。"


def enrol(page):
    page.get_by_role("button", name=re.compile("开通|确认|就是我|开始")).first.click()
    page.wait_for_url("**/field/**")
    expect(page.locator("wujin-app[ready]")).to_be_attached()


def kept_for_days(page):
    """The service worker has the whole shell and answers for this page."""
    page.evaluate("""() => navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller
      || new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', () => done(true))))""")


def take_photo(page, at_seconds):
    """at_seconds: which moment of the film is in front of the camera; the same picture twice would be refused."""
    page.get_by_role("button", name="拍一张", exact=True).click()
    page.locator("wujin-camera video").evaluate("""(video, at) => new Promise((there) => {
      const look = () => (video.currentTime >= at ? there() : requestAnimationFrame(look));
      look();
    })""", at_seconds)
    page.get_by_role("button", name="拍", exact=True).click()
    page.get_by_role("button", name="用这张").click()
    expect(page.locator("wujin-camera")).to_have_count(0)


def test_from_a_poster_on_a_door_to_the_report(station, new_phone, new_desk, tmp_path):
    venue = next(v for v in station.town.venues.values() if v.zh and v.privacy == "open" and v.codes and v.lat_e7 and v.area.code == "liuxi")
    film = poster_film(f"{station.url}/v/{venue.codes[-1].code}", tmp_path)
    where = {"latitude": venue.lat_e7 / 1e7, "longitude": venue.lon_e7 / 1e7, "accuracy": 9}
    phone = new_phone(film, geolocation=where)
    page = phone.open(station.link_for("陈大山"))
    enrol(page)
    kept_for_days(page)

    page.get_by_role("link", name="扫码开始").click()
    page.wait_for_url("**/field/visits/*")
    expect(page.get_by_role("heading", level=1)).to_have_text(venue.zh)
    for card in page.locator("wujin-item").all()[:4]:
        card.locator(".answer.ok").click()
    expect(page.locator(".saved")).to_have_text("已保存")
    page.get_by_role("tab", name=re.compile("拍照片")).click()
    take_photo(page, 0.2)
    take_photo(page, 0.5)
    expect(page.locator(".photo")).to_have_count(2)

    station.stop()  # no signal: nothing answers any more
    take_photo(page, 0.8)
    page.get_by_role("button", name="去收尾").click()
    page.get_by_label("参加了多少人").fill("12")
    page.get_by_label("月报上的一句话").fill(SENTENCE)
    page.get_by_role("button", name="完成", exact=True).click()
    page.wait_for_url("**/field/")
    expect(page.locator("[data-state=saved], [data-state=sending]")).to_have_count(1)
    kept = outbox_of(page)
    phone.close()

    page = phone.open(f"{station.url}/field/")  # the browser starts again, still no signal
    expect(page.get_by_role("link", name=venue.zh)).to_be_visible()
    assert outbox_of(page) == kept
    page.screenshot(path="/tmp/s2.png", full_page=True)

    station.start()
    page.get_by_role("link", name="待交").click()
    page.get_by_role("button", name="现在交").click()
    expect(page.get_by_text("都交上去了")).to_be_visible()
    page.get_by_role("link", name="今天").click()
    expect(page.locator("[data-state=received]")).to_have_text("已收")

    desk = new_desk().open(station.link_for("罗静"))
    desk.get_by_role("button").filter(has_text=re.compile("开通|确认|就是我|开始")).first.click()
    desk.wait_for_url("**/supervisor/**")
    desk.get_by_role("link", name=re.compile(venue.zh)).first.click()
    expect(desk.get_by_text(SENTENCE)).to_be_visible()
    desk.keyboard.press("1")
    desk.wait_for_url(re.compile(r"/supervisor/(\?ruled=.*)?$"))
    desk.goto(f"{station.url}/supervisor/?all=1")
    expect(desk.get_by_text("属实").first).to_be_visible()

    today = date.today()
    out = station.report("annex2_monthly", "liuxi", f"{today:%Y-%m}", tmp_path / "report.docx")
    text = ZipFile(out).read("word/document.xml").decode()
    assert SENTENCE in text
