"""Everybody can use it: axe finds nothing on any page, in both languages and both themes; large text scrolls one way only."""

import os
import sys
from io import BytesIO
from pathlib import Path

import pytest
from test_looked_again import TEXT, found_before
from test_the_courier import begin
from test_the_river import enrol, take_photo, venue_in

from wujin_field import review
from wujin_field.cast import phone, sealed, visit_claim
from wujin_field.db import db, utc_now, writing
from wujin_field.domain import load_pack
from wujin_field.models import Finding, Person, Visit
from wujin_field.sync.intake import Sender
from wujin_field.sync.rescue import Rescue

sys.path.insert(0, str(Path(__file__).parents[1] / "sync"))

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(600)]
OPEN = ["/", "/sign-in", "/help", "/v/", "/offline", "/no-such-page"]
FIELD = ["/field/", "/field/scan", "/v/new", "/v/23456789", "/field/outbox", "/field/me"]
DESK = [
    "/station/",
    "/station/venues",
    "/station/venues/map",
    "/station/venues/new",
    "/station/pending",
    "/station/equipment",
    "/station/posters",
    "/station/plans",
    "/station/campaigns",
    "/station/calendar",
    "/station/coverage",
    "/station/reports",
    "/station/rescue",
    "/supervisor/?all=1",
    "/supervisor/hazards?view=all",
    "/supervisor/followups",
    "/help",
]
# The station clerk's own pages: every other one in each look, so that a page costs a second and not four.
CLERK = [
    "/station/people", "/station/people/new", "/station/people/slips", "/station/joining", "/station/teams", "/station/areas",
    "/station/privacy", "/station/privacy/home_positions", "/station/pack/template/household", "/station/pack/consent/field",
    "/station/sheets/venues", "/account/",
]  # fmt: skip
# Each language and each theme once, as a look takes half a minute; all four with WUJIN_ALL_LOOKS=1.
LOOKS = [("zh_Hans_CN", "light"), ("en", "dark")]
if os.environ.get("WUJIN_ALL_LOOKS"):
    LOOKS += [("zh_Hans_CN", "dark"), ("en", "light")]
looks = pytest.mark.parametrize(("lang", "theme"), LOOKS, ids=["-".join(look) for look in LOOKS])


@pytest.mark.needs("axe")
@looks
def test_nothing_stands_in_anybodys_way_in_the_field(station, new_phone, lang, theme):
    page = new_phone(service_workers="block", color_scheme=theme).open(station.link_for("陈大山"))
    assert faults(page) == []
    assert [found for _ in field_screens(page, station, lang) for found in faults(page)] == []


@pytest.mark.needs("axe")
@looks
def test_nothing_stands_in_anybodys_way_at_the_desk(station, new_desk, lang, theme):
    visit = sent_in(station)
    page = new_desk(service_workers="block", color_scheme=theme).open(station.link_for("罗静"))
    page.locator("form[action^='/enrol'] button").click()
    page.wait_for_url("**/supervisor/**")
    speak(page, station, lang)
    found = []
    for path in [*DESK, f"/supervisor/visits/{visit['id']}", f"/station/venues/{visit['venue']}/poster"]:
        page.goto(f"{station.url}{path}")
        found += faults(page)
    page = new_desk(service_workers="block", color_scheme=theme).open(station.link_for("何敏"))
    page.locator("form[action^='/enrol'] button").click()
    page.wait_for_url("**/station/**")
    speak(page, station, lang)
    for path in CLERK[LOOKS.index((lang, theme)) :: 2]:
        page.goto(f"{station.url}{path}")
        found += faults(page)
        page.set_viewport_size({"width": 390, "height": 844})
        found += too_wide(page)
        page.set_viewport_size({"width": 1280, "height": 800})
    assert found == []


@pytest.mark.parametrize("lang", ["zh_Hans_CN", "en"])
def test_large_text_on_a_narrow_phone_scrolls_one_way_only(station, new_phone, lang):
    """320 px wide, 200 % text: what a person with weak eyes sets on an old phone."""
    page = new_phone(service_workers="block", viewport={"width": 320, "height": 640}).open(station.link_for("陈大山"))
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '225%'; })"
    )
    assert [over for _ in field_screens(page, station, lang) for over in too_wide(page)] == []


def field_screens(page, station, lang):
    """Open one screen after the other, and stand still on each."""
    venue = venue_in(station, "liuxi")
    for item in (None, "VC-02"):  # to be looked at again: in a card of its own, and in its item's question
        found_before(station, venue, item)
    asked_and_returned(station, venue)
    enrol(page)
    visit = photographed(page)
    speak(page, station, lang)
    page.goto(f"{station.url}/v/{venue.code}")
    for card in (page.locator(".recheck"), page.locator("wujin-item", has_text=TEXT)):
        card.locator(".answer.is-fail").click()
        card.locator("textarea").wait_for()
    yield
    page.goto(visit)
    page.get_by_role("tab").first.wait_for()
    yield
    for place in (1, 2):
        page.get_by_role("tab").nth(place).click()
        page.locator(".step-body > * > *").first.wait_for()
        yield
    held = "async () => (await document.querySelector('wujin-app').store.all('activities')).map(({ id }) => id)"
    page.goto(f"{station.url}/field/activities/{page.evaluate(held)[-1]}")
    page.locator("wujin-activity-form details").first.wait_for()
    page.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
    yield
    for path in [*FIELD, *OPEN]:
        page.goto(f"{station.url}{path}")
        if path in FIELD:
            page.locator("wujin-app[ready] main h1").first.wait_for()
        yield


def asked_and_returned(station, venue):
    """Of the same person's other phone: a visit that the station asks about, and one that came back."""
    with station.app.app_context():
        with writing() as session:
            device, _ = phone(session, station.town.person("陈大山"))
        sender, claims = Sender(device.id, device.person_id), [visit_claim(device, venue) for _ in range(2)]
        for claim in claims:
            assert (
                station.app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), sender).status == 201
            )
        with writing() as session:
            asked, back = (session.get_one(Visit, claim["id"]) for claim in claims)
            session.add(Finding(visit_id=asked.id, revision=1, code="far_from_venue", level="medium", rules="x",
                                detail={"metres": 900}, made_at=utc_now()))  # fmt: skip
            review.rule(session, back, station.town.person("罗静"), "unclear", "看不清压力表", "走近一点")


def photographed(page):
    """A visit with a failed item, one with a photo, and something that waits."""
    page.context.route("**/sync/photos/**", lambda route: route.abort())
    begin(page, "桥头小卖部")
    page.locator("wujin-item").first.get_by_text("不合格", exact=True).click()
    page.get_by_role("tab").nth(1).click()
    take_photo(page, 0.1)
    return page.url


def faults(page):
    from axe_playwright_python.sync_playwright import Axe

    # axe walks for a second: what is drawn anew meanwhile is gone for it. What is really wrong is wrong twice.
    for _ in range(2):
        found = Axe().run(page).response["violations"]
        if not found:
            break
    return [(page.url, fault["id"], node["html"][:200]) for fault in found for node in fault["nodes"]]


def too_wide(page):
    """Whatever stands out of the page's right side, unless it scrolls in a box of its own."""
    return page.evaluate("""() => document.documentElement.scrollWidth <= innerWidth ? [] :
      [location.pathname, ...[...document.querySelectorAll('main *, nav *, header *')]
        .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
        .map((node) => node.outerHTML.slice(0, 120)).slice(0, 5)]""")


def speak(page, station, lang):
    page.context.add_cookies([{"name": "lang", "value": lang, "url": station.url}])


def sent_in(station):
    """A signed visit with a photo, as if handed in at the desk."""
    from backups import SigningPhone

    with station.app.app_context():
        signing, held = SigningPhone(station.town, "陈大山"), station.app.extensions
        visit = signing.visited()
        rescue = Rescue(db.engine, held["intake"], held["vault"], load_pack())
        clerk = Sender(signing.device.id, db.session.get_one(Person, signing.device.person_id).id)
        assert {line.outcome for line in rescue.take(BytesIO(signing.exported()), clerk)} == {"taken"}
    return visit
