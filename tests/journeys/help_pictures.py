"""The pictures of the manual and of the installed app: real screens of our own, made anew by

    .venv/bin/python tests/journeys/help_pictures.py

Writes static/help/<language>-<step>.webp: 320 px wide, a few kilobytes each; none of them is part of the first load.
"""

import shutil
import tempfile
from io import BytesIO
from pathlib import Path

from harness import PHONE, Phone, Station
from PIL import Image
from playwright.sync_api import expect, sync_playwright
from test_accessible import asked_and_returned
from test_looked_again import found_before
from test_the_return import returned
from test_the_river import enrol, venue_in

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "static" / "help"
WIDTH, HEIGHT = 320, 560


def keep(page, lang: str, step: str) -> None:
    page.wait_for_timeout(400)
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    picture = picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS)
    picture.crop((0, 0, WIDTH, HEIGHT)).save(OUT / f"{lang}-{step}.webp", quality=62, method=6)


def take(station: Station, phone: Phone, lang: str, photos: list[Path]) -> None:
    page = phone.open(station.link_for("陈大山"))
    page.context.add_cookies([{"name": "lang", "value": "en" if lang == "en" else "zh_Hans_CN", "url": station.url}])
    enrol(page)
    page.evaluate("localStorage.setItem('wujin.large', '0')")  # a small picture of the usual type
    page.reload()
    page.locator("wujin-app[ready]").wait_for()
    keep(page, lang, "1-begin")
    page.goto(f"{station.url}/v/{venue_in(station, 'liuxi').code}")
    page.locator("wujin-item .answer.is-ok").first.click()
    page.locator("wujin-item .answer.is-fail").nth(1).click()
    page.evaluate("scrollTo(0, 0)")
    keep(page, lang, "2-look")
    page.get_by_role("tab").nth(1).click()
    for photo in photos:
        page.locator("wujin-photos .actions .main").click()
        page.locator("wujin-camera input[type=file]").set_input_files(photo)
        page.locator("wujin-camera .bar .main").click()
        page.locator("wujin-camera").wait_for(state="detached")
    page.evaluate("scrollTo(0, 60)")
    keep(page, lang, "3-photos")
    page.get_by_role("tab").nth(2).click()
    page.locator("[name=people]").fill("12")
    page.locator("[name=people]").evaluate("(box) => scrollTo(0, box.getBoundingClientRect().top + scrollY - 220)")
    keep(page, lang, "4-finish")
    page.locator("wujin-activity-form .actions .main").click()
    page.locator("[data-state=received]").wait_for()
    page.locator("[data-state=received]").scroll_into_view_if_needed()
    keep(page, lang, "5-sent")
    what_comes_back(station, page, lang)


def what_comes_back(station: Station, page, lang: str) -> None:
    """The second day: a hazard to look at again, something to hide, an outing, a visit returned, a question."""
    venue = venue_in(station, "liuxi")
    own = page.locator("a", has=page.locator("[data-state=received]")).get_attribute("href").rpartition("/")[2]
    asked_and_returned(station, venue)
    returned(station, own)
    found_before(station, venue, "VC-02")
    page.reload()
    page.locator(f"wujin-app[ready] [data-returned='{own}'] button").wait_for()
    page.locator(f"[data-returned='{own}']").evaluate(
        "(card) => scrollTo(0, card.getBoundingClientRect().top + scrollY - 20)"
    )
    keep(page, lang, "9-returned")
    page.goto(f"{station.url}/field/me")
    page.locator("wujin-me h2").first.scroll_into_view_if_needed()
    keep(page, lang, "10-asked")
    page.goto(f"{station.url}/v/{venue.code}")
    page.locator("wujin-item .answer.is-fail").first.click()
    page.locator("wujin-item textarea").first.wait_for()
    page.locator("wujin-item").first.evaluate("(card) => scrollTo(0, card.getBoundingClientRect().top + scrollY - 90)")
    keep(page, lang, "6-again")
    page.get_by_role("tab").nth(1).click()
    page.locator("wujin-photos .actions .main").click()
    page.locator("wujin-camera input[type=file]").set_input_files(
        sorted((ROOT / "wujin_field" / "photos").glob("*.jpg"))[3]
    )
    page.locator("wujin-camera .bar .button").nth(1).click()
    page.locator("wujin-blur .halves .button").first.click()
    keep(page, lang, "7-hide")
    page.locator("wujin-blur .bar:not(.halves) .main").click()
    page.locator("wujin-camera .bar .main").click()
    page.locator("wujin-camera").wait_for(state="detached")
    page.get_by_role("tab").nth(2).click()
    page.locator("wujin-finish section.card .button").click()
    page.wait_for_url("**/field/scan")
    page.goto(f"{station.url}/field/")
    page.locator(".outing").scroll_into_view_if_needed()
    keep(page, lang, "8-outing")


def main() -> None:
    expect.set_options(timeout=30_000)
    folder = Path(tempfile.mkdtemp(prefix="wujin-help-"))
    OUT.mkdir(exist_ok=True)
    photos = sorted((ROOT / "wujin_field" / "photos").glob("*.jpg"))[:3]
    try:
        with sync_playwright() as play:
            for lang in ("zh", "en"):
                look = PHONE | {"viewport": {"width": 390, "height": 700}, "device_scale_factor": 1}
                station = Station(folder / lang).start()
                phone = Phone(play, shutil.which("chromium") or "chromium", folder / f"phone-{lang}", look=look)
                take(station, phone, lang, photos)
                phone.close()
                station.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
