"""The kill switch: a broken release can be taken off every phone, and no record goes with it."""

import pytest
from harness import outbox_of, send_now
from playwright.sync_api import expect
from test_the_courier import record
from test_the_river import enrol, kept_for_days

pytestmark = pytest.mark.needs("chromium")
HELD = """async () => ({ workers: (await navigator.serviceWorker.getRegistrations()).length, caches: await caches.keys() })"""


def test_the_kill_switch_takes_worker_and_caches_and_leaves_every_record(station, new_phone, monkeypatch):
    page = new_phone().open(station.link_for("陈大山"))
    enrol(page)
    kept_for_days(page)
    page.context.route("**/sync/**", lambda route: route.abort())
    record(page, "桥头小卖部")
    before = outbox_of(page)
    assert page.evaluate(HELD)["caches"]
    station.stop()
    monkeypatch.setenv("WUJIN_WORKER", "off")
    station.start()
    page.evaluate("navigator.serviceWorker.getRegistration().then((registration) => registration.update())")
    page.wait_for_function("async () => !(await caches.keys()).length")
    page.goto(f"{station.url}/sign-in")  # no page of the app is open: nobody registers it anew
    page.wait_for_function("async () => !(await navigator.serviceWorker.getRegistrations()).length")
    assert page.evaluate(HELD) == {"workers": 0, "caches": []}
    page.goto(f"{station.url}/field/")
    expect(page.locator("[data-state=saved]")).to_have_count(1)
    assert outbox_of(page) == before
    page.context.unroute_all()
    page.get_by_role("link", name="待交").click()
    send_now(page)
    expect(page.get_by_text("都交上去了")).to_be_visible()
