"""A phone may come with unsent records in any store we ever released: tests/samples/phone_store_<version>.json."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from test_the_river import enrol

from wujin_field.db import db
from wujin_field.models import Activity, Photo, Visit

pytestmark = pytest.mark.needs("chromium")
SAMPLES = Path(__file__).parent.parent / "samples"
LAY_OUT = """async ({ version, stores, rows }) => {
  const settled = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
  const name = 'wujin-' + localStorage.getItem('wujin.who');
  const now = await settled(indexedDB.open(name));
  const pack = await settled(now.transaction('meta').objectStore('meta').get('pack'));
  now.close();
  await settled(indexedDB.deleteDatabase(name));
  const opening = indexedDB.open(name, version);
  opening.onupgradeneeded = () => {
    for (const [store, keyPath] of Object.entries(stores)) opening.result.createObjectStore(store, { keyPath });
  };
  const db = await settled(opening);
  const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0)).buffer;
  const revived = (value) => (typeof value?.bytes === 'string' ? bytes(value.bytes) : value);
  const row = (line) => Object.fromEntries(Object.entries(line).map(([key, value]) => [key, revived(value)]));
  const tx = db.transaction(Object.keys(stores), 'readwrite', { durability: 'strict' });
  rows.meta.push(pack);
  // As it would be if it had been left yesterday: what is a fortnight old leaves by itself.
  const day = 86_400_000;
  const later = (Math.floor((Date.now() - Math.max(...rows.visits.map((visit) => visit.started_at))) / day) - 1) * day;
  for (const line of Object.values(rows).flat()) for (const key in line) if (line[key] > 1e12) line[key] += later;
  for (const store of Object.keys(stores)) for (const line of rows[store]) tx.objectStore(store).put(row(line));
  await new Promise((done) => { tx.oncomplete = done; });
  db.close();
}"""


@pytest.fixture
def phone_of(station, new_phone):
    """phone_of(version) → the first screen of an enrolled phone whose store is that sample."""

    def phone_of(version):
        page = new_phone(service_workers="block").open(station.link_for("陈大山"))
        enrol(page)
        page.goto(f"{station.url}/help")  # no page of ours holds the store open
        page.evaluate(LAY_OUT, json.loads((SAMPLES / f"phone_store_{version}.json").read_text("utf-8")))
        page.goto(f"{station.url}/field/")
        return page

    return phone_of


def test_a_visit_of_the_second_store_goes_on_with_the_checklist_that_it_was_begun_with(phone_of, station):
    page = phone_of(2)
    page.get_by_role("link", name="桥头小卖部").click()
    expect(page.get_by_role("tab", name="看一看")).to_contain_text("1/3")
    expect(page.get_by_text("当时的说法")).to_be_visible()
    page.get_by_role("tab", name="收尾").click()
    page.get_by_role("button", name="这处记好了，这一场收尾").click()
    expect(page.get_by_text("走了2处")).to_be_visible()
    page.get_by_label("参加了多少人").fill("9")
    page.locator("form .main").click()
    expect(page.locator("[data-state=received]", has_text="已收")).to_have_count(2)
    with station.app.app_context():
        visit = db.session.scalars(select(Visit)).one()
        assert (visit.place_text, visit.missing, len(visit.answers)) == ("桥头小卖部", 0, 1)
        assert len(db.session.scalars(select(Photo.sha256)).all()) == 1


def test_a_store_of_a_later_version_is_refused_with_words_and_left_as_it_is(phone_of, station):
    page = phone_of(2)
    name = page.evaluate("() => 'wujin-' + localStorage.getItem('wujin.who')")
    page.goto(f"{station.url}/help")
    newer = "(name) => new Promise((done) => { indexedDB.open(name, 99).onsuccess = (now) => done(now.target.result.close()); })"
    page.evaluate(newer, name)
    page.goto(f"{station.url}/field/")
    expect(page.get_by_text("是更新的版本存的")).to_be_visible()
    kept = "(name) => indexedDB.databases().then((all) => all.find((one) => one.name === name).version)"
    assert page.evaluate(kept, name) == 99


def test_a_half_written_visit_of_the_first_store_is_finished_and_sent(phone_of, station):
    page = phone_of(1)
    page.get_by_role("link", name="桥头小卖部").click()
    expect(page.get_by_role("tab", name="看一看")).to_contain_text("1/")
    page.get_by_role("tab", name="收尾").click()
    expect(page.get_by_label("参加了多少人")).to_have_value("7")
    page.get_by_role("button", name="完成", exact=True).click()
    expect(page.locator("[data-state=received]", has_text="已收")).not_to_have_count(0)
    page.get_by_role("link", name="待交").click()
    expect(page.get_by_text("都交上去了")).to_be_visible()
    with station.app.app_context():
        activity, visit = db.session.scalars(select(Activity)).one(), db.session.scalars(select(Visit)).one()
        assert (activity.people, activity.entry_text) == (7, "逐店发放资料。")
        assert (visit.activity_id, visit.place_text, visit.missing) == (activity.id, "桥头小卖部", 0)
        assert len(db.session.scalars(select(Photo.sha256)).all()) == 1
