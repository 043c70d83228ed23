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
  for (const store of Object.keys(stores)) for (const line of rows[store]) tx.objectStore(store).put(row(line));
  await new Promise((done) => { tx.oncomplete = done; });
  db.close();
}"""


def test_a_half_written_visit_of_the_first_store_is_finished_and_sent(station, new_phone):
    page = new_phone(service_workers="block").open(station.link_for("陈大山"))
    enrol(page)
    page.goto(f"{station.url}/help")  # no page of ours holds the store open
    page.evaluate(LAY_OUT, json.loads((SAMPLES / "phone_store_1.json").read_text("utf-8")))
    page.goto(f"{station.url}/field/")
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
