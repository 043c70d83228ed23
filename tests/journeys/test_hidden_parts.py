"""涂抹: what was hidden is gone from the picture, and the open picture is gone from the phone."""

import base64
import hashlib
import io

import pytest
from harness import poster_film
from PIL import Image, ImageStat
from playwright.sync_api import expect
from test_the_river import at, enrol, shoot, take_photo, venue_in, wait_for_moment

pytestmark = pytest.mark.needs("chromium")
KEPT = """async () => {
  const settled = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
  const db = await settled(indexedDB.open('wujin-' + localStorage.getItem('wujin.who')));
  const all = (name) => settled(db.transaction(name).objectStore(name).getAll());
  const photos = (await all('photos')).map(({ sha256, bytes }) =>
    ({ sha256, bytes: btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join('')) }));
  const [visits, outbox] = [await all('visits'), await all('outbox')];
  db.close();
  return { photos, lines: visits[0].photos, waiting: outbox.filter(({ kind }) => kind === 'photo').map(({ id }) => id) };
}"""


@pytest.fixture
def page(station, new_phone, tmp_path):
    venue = venue_in(station, "liuxi")
    film = poster_film(f"{station.url}/v/{venue.codes[-1].code}", tmp_path)
    page = new_phone(film, geolocation=at(venue), service_workers="block").open(station.link_for("陈大山"))
    enrol(page)
    page.goto(f"{station.url}/v/{venue.codes[-1].code}")
    page.wait_for_url("**/field/visits/*")
    page.get_by_role("tab", name="拍照片").click()
    return page


def test_a_stroke_leaves_squares_and_nothing_of_the_open_picture(page):
    take_photo(page, 0.4)
    before = page.evaluate(KEPT)
    page.get_by_role("button", name="涂抹").click()
    expect(page.get_by_role("button", name="涂好了")).to_be_disabled()
    rub(page, (0.4, 0.4), (0.6, 0.6))
    page.get_by_role("button", name="涂好了").click()
    expect(page.get_by_text("原来那张从手机里删掉了")).to_be_visible()
    after = page.evaluate(KEPT)

    [old], [new] = before["photos"], after["photos"]
    assert new["sha256"] != old["sha256"] == hashlib.sha256(base64.b64decode(old["bytes"])).hexdigest()
    assert new["sha256"] == hashlib.sha256(base64.b64decode(new["bytes"])).hexdigest()
    assert after["waiting"] == [new["sha256"]]
    assert bound(after["lines"]) == bound(before["lines"])
    open_one, hidden = picture(old), picture(new)
    assert hidden.size == open_one.size
    assert spread(open_one, 0.5, 0.5) > 40  # the poster's modules, black on white
    assert spread(hidden, 0.5, 0.5) < 6  # one plain square
    assert abs(spread(hidden, 0.35, 0.72) - spread(open_one, 0.35, 0.72)) < 8  # what was not rubbed stays sharp


def test_an_open_draft_keeps_a_picture_for_a_minute_and_a_finished_one_not(page):
    sent = []
    page.on("request", lambda request: sent.append(request.url) if "/sync/photos/" in request.url else None)
    take_photo(page, 0.2)
    page.evaluate("document.querySelector('wujin-app').courier.send(true)")
    page.get_by_role("tab", name="收尾").click()
    assert sent == []
    page.get_by_role("button", name="完成", exact=True).click()
    expect(page.locator("[data-state=received]")).to_have_count(1)
    assert len(sent) == 1


def test_by_keyboard_half_by_half_with_a_step_back(page):
    take_photo(page, 0.4)
    page.get_by_role("button", name="涂抹").focus()
    page.keyboard.press("Enter")
    for name in ("上半边", "左半边", "退一步"):
        page.get_by_role("button", name=name).focus()
        page.keyboard.press("Enter")
    old = picture(page.evaluate(KEPT)["photos"][0])
    page.get_by_role("button", name="涂好了").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("原来那张从手机里删掉了")).to_be_visible()
    new = picture(page.evaluate(KEPT)["photos"][0])
    assert spread(new, 0.5, 0.3) < 6 < spread(old, 0.5, 0.3)
    assert spread(new, 0.42, 0.7) > 30
    page.get_by_role("button", name="涂抹").click()
    page.get_by_role("dialog", name="涂抹").wait_for()
    page.keyboard.press("Escape")
    expect(page.locator("wujin-blur")).to_have_count(0)
    assert picture(page.evaluate(KEPT)["photos"][0]).tobytes() == new.tobytes()


def test_hidden_before_it_is_kept_at_all(page):
    page.get_by_role("button", name="拍一张", exact=True).click()
    page.get_by_role("button", name="拍", exact=True).click()
    page.get_by_role("button", name="涂抹").click()
    page.get_by_role("button", name="下半边").click()
    page.get_by_role("button", name="涂好了").click()
    assert page.evaluate(KEPT)["photos"] == []
    page.get_by_role("button", name="用这张").click()
    expect(page.locator(".photo img")).to_have_count(1)
    assert spread(picture(page.evaluate(KEPT)["photos"][0]), 0.5, 0.62) < 6


def test_with_no_signal_too(station, page):
    take_photo(page, 0.4)
    station.stop()
    page.get_by_role("button", name="涂抹").click()
    page.get_by_role("button", name="左半边").click()
    page.get_by_role("button", name="涂好了").click()
    expect(page.get_by_text("原来那张从手机里删掉了")).to_be_visible()


def test_taken_again_in_its_own_place_with_its_caption(page):
    take_photo(page, 0.2)
    take_photo(page, 0.6)
    page.get_by_label("说明（可以不写）").first.fill("门头")
    expect(page.locator(".saved")).to_have_text("已保存")
    before = page.evaluate(KEPT)["lines"]
    page.get_by_role("button", name="重拍").first.click()
    wait_for_moment(page, 0.8)
    shoot(page)
    after = page.evaluate(KEPT)
    assert [(line["role"], line["caption"]) for line in after["lines"]] == [("overview", "门头"), ("close", "")]
    assert after["lines"][1] == before[1]
    assert after["lines"][0]["taken_at"] > before[0]["taken_at"]
    assert sorted(after["waiting"]) == sorted(line["sha256"] for line in after["lines"])
    assert sorted(photo["sha256"] for photo in after["photos"]) == sorted(after["waiting"])


def rub(page, start, end):
    box = page.locator("wujin-blur canvas").bounding_box()
    scale = min(box["width"] / 1280, box["height"] / 720)  # the camera's picture, centred in its box
    left, top = box["x"] + (box["width"] - 1280 * scale) / 2, box["y"] + (box["height"] - 720 * scale) / 2
    page.mouse.move(left + start[0] * 1280 * scale, top + start[1] * 720 * scale)
    page.mouse.down()
    page.mouse.move(left + end[0] * 1280 * scale, top + end[1] * 720 * scale)
    page.mouse.up()


def bound(lines):
    """What the shutter bound to the picture, beside its digest."""
    return [{name: line[name] for name in line if name != "sha256"} for line in lines]


def picture(photo):
    image = Image.open(io.BytesIO(base64.b64decode(photo["bytes"])))
    image.load()
    return image.convert("L")


def spread(image, x, y, side=40):
    """How much the brightness varies in a little square in the middle of a cell near this point."""
    cell = -(-max(image.size) // 28)
    left, top = (
        int(place * whole / cell) * cell + (cell - side) // 2 for place, whole in zip((x, y), image.size, strict=True)
    )
    return ImageStat.Stat(image.crop((left, top, left + side, top + side))).stddev[0]
