"""The checklist asks first what was wrong last time, and one question a screen for whoever wants it so."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from test_the_river import at, enrol

from wujin_field.cast import phone, sealed, visit_claim
from wujin_field.db import to_ms, utc_now, uuid7, writing
from wujin_field.domain import load_pack
from wujin_field.sync.intake import Sender

pytestmark = pytest.mark.needs("chromium")
LOCKED = "后门上了锁，钥匙不在店里"


@pytest.fixture
def new_page(station, venue, new_phone):
    def new_page(**look):
        page = new_phone(geolocation=at(venue), service_workers="block", **look).open(station.link_for("陈大山"))
        enrol(page)
        return page

    return new_page


def test_what_was_wrong_last_time_is_asked_first(station, venue, new_page):
    *_, item = items_of(venue)
    found_wrong(station, venue, item)
    page = new_page()
    begin(station, venue, page)
    first = page.locator("wujin-item").first
    expect(first).to_contain_text("上次不合格")
    expect(first.locator(f"[name='answer-{item['code']}']")).to_have_count(4)
    expect(page.get_by_text("上次不合格")).to_have_count(1)
    expect(first).to_contain_text(LOCKED)  # the hazard is asked for in the same question
    expect(first.get_by_text("还没改", exact=True)).to_be_visible()
    expect(page.locator(".recheck")).to_have_count(0)
    whole = page.locator("wujin-item").count()
    page.get_by_label("只看要紧的几项").check()
    expect(page.locator("wujin-item")).not_to_have_count(whole)
    expect(page.locator("wujin-item").first).to_contain_text("上次不合格")
    expect(page.get_by_role("tab", name="看一看")).to_contain_text(f"0/{page.locator('wujin-item').count()}")
    expect(page.locator("html.large")).to_be_attached()  # the clerk noted it of him


def test_a_place_that_nobody_saw_before_says_nothing_of_last_time(station, venue, new_page):
    page = new_page()
    begin(station, venue, page)
    page.locator("wujin-item").first.wait_for()
    expect(page.get_by_text("上次")).to_have_count(0)


def test_one_question_a_screen_by_keyboard_in_large_type(station, venue, new_page):
    page = new_page(viewport={"width": 320, "height": 640})
    page.get_by_role("link", name="我的", exact=True).click()
    page.get_by_label("简洁").check()
    page.get_by_label("大字").check()
    begin(station, venue, page)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    shown = page.locator("wujin-item:visible")
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("1/")
    expect(page.get_by_role("button", name="上一题")).to_be_disabled()
    page.get_by_role("button", name="下一题").focus()
    page.keyboard.press("Enter")
    expect(shown).to_contain_text("2/")
    page.keyboard.press("Tab")  # into the question
    page.keyboard.press("Space")
    expect(shown.get_by_role("radio", name="合格", exact=True)).to_be_checked()
    expect(page.locator(".saved")).to_have_text("已保存")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("tab", name="拍照片").click()
    page.get_by_role("tab", name="看一看").click()
    expect(shown).to_contain_text("2/")  # where one was
    page.get_by_role("button", name="上一题").click()
    expect(shown).to_contain_text("1/")


def test_the_finish_asks_one_question_a_screen_too(station, venue, new_page):
    page = new_page()
    page.evaluate("localStorage.setItem('wujin.plain', '1')")
    begin(station, venue, page)
    page.get_by_role("tab", name="收尾").click()
    people, sentence = page.get_by_label("参加了多少人"), page.get_by_label("月报上的一句话")
    expect(page.get_by_text("交之前看一眼")).to_be_visible()
    expect(page.get_by_text("第1题，共")).to_be_visible()
    expect(people).to_be_hidden()
    page.get_by_role("button", name="下一题").click()
    expect(page.get_by_text("交之前看一眼")).to_be_hidden()
    people.fill("十来个")
    expect(sentence).to_be_hidden()
    while not sentence.is_visible():
        page.get_by_role("button", name="下一题").click()
    expect(people).to_be_hidden()
    page.get_by_role("button", name="完成", exact=True).click()
    expect(people).to_be_visible()  # back to what has to be put right
    expect(page.get_by_role("alert")).to_contain_text("这里要填一个数")
    people.fill("12")
    page.get_by_role("button", name="完成", exact=True).click()
    expect(page.locator("[data-state=received]")).to_have_count(1)


def items_of(venue):
    template = load_pack()["venue_kind"][venue.venue_kind]["template"]
    return load_pack()["template"][template]["item"]


def found_wrong(station, venue, item):
    """A neighbour was there a week ago."""
    week = utc_now() - timedelta(days=7)
    hazard = {"id": uuid7(), "item": item["code"], "severity": "serious", "category": item["category"], "text": LOCKED,
              "found_at": to_ms(week)}  # fmt: skip
    with station.app.app_context():
        with writing() as session:
            device, _ = phone(session, station.town.person("何敏"))
        claim = visit_claim(device, venue, at=week, answers={item["code"]: {"value": "fail"}}, hazards=[hazard])
        sender = Sender(device.id, device.person_id)
        assert station.app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), sender).status == 201


def begin(station, venue, page):
    page.goto(f"{station.url}/v/{venue.codes[-1].code}")
    page.wait_for_url("**/field/visits/*")
