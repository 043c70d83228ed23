"""What few phones do and nobody would notice otherwise: WeChat, a page that broke off half-way, a full phone, a shared file."""

import pytest
from playwright.sync_api import expect
from test_the_courier import record
from test_the_river import enrol

pytestmark = pytest.mark.needs("chromium")
WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50 Language/zh_CN"
)
SHARES = """Navigator.prototype.canShare = ({ files }) => files.length === 1;
Navigator.prototype.share = async ({ files, title }) => {
  globalThis.shared = { name: files[0].name, size: files[0].size, title };
};"""
REFUSED = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); };"
# The real store on the real disk, which has no room for another note until something old has left.
FULL = """async (base) => {
  const { Store } = await import(base + '/js/outbox/store.js');
  const { Courier } = await import(base + '/js/outbox/courier.js');
  class Full extends Store {
    async write(names, work) {
      const old = (await this.all('outbox')).some(({ received_at }) => received_at < Date.now() - 86_400_000);
      if (old && names.join() === 'outbox') throw new DOMException('no room', 'QuotaExceededError');
      return super.write(names, work);
    }
  }
  const store = new Full(localStorage.getItem('wujin.who'));
  const { pack } = await store.get('meta', 'pack');
  await new Courier(store, () => pack.server_key).send(true);
  return (await store.all('outbox')).map(({ kind, state }) => kind + ' ' + state).sort();
}"""
AGED = """async () => {
  const { store } = document.querySelector('wujin-app');
  await store.write(['outbox'], async (tx) => {
    for (const item of await tx.outbox.all()) await tx.outbox.put({ ...item, received_at: Date.now() - 2 * 86_400_000 });
  });
}"""


def test_in_wechat_the_way_to_the_browser_is_said_and_without_a_camera_the_other_ways_stand_first(station, new_phone):
    page = new_phone(service_workers="block", user_agent=WECHAT).open(station.link_for("陈大山"))
    page.add_init_script(REFUSED)
    enrol(page)
    banner = page.locator(".banner")
    expect(banner).to_contain_text("在浏览器打开")
    page.goto(f"{station.url}/v/new")  # in a visit nothing but the visit speaks
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(banner).to_be_hidden()
    page.goto(f"{station.url}/field/scan")
    expect(page.get_by_text("没有允许使用相机")).to_be_visible()
    expect(page.locator(".viewfinder")).to_be_hidden()
    expect(page.get_by_role("button", name="再试一次")).to_be_visible()


def test_a_page_that_broke_off_half_way_offers_a_way_out(station, new_phone):
    page = new_phone(service_workers="block", reduced_motion="reduce").open(station.link_for("陈大山"))
    enrol(page)
    page.route("**/js/app.js", lambda route: route.abort())
    page.goto(f"{station.url}/field/")
    again = page.get_by_role("link", name="再试一次")
    expect(again).to_be_visible()
    page.unroute_all()
    again.click()
    expect(page.locator("wujin-app[ready]")).to_be_attached()


def test_a_full_phone_makes_room_for_the_receipt_by_what_the_station_has_had_for_a_day(station, new_phone):
    page = new_phone(service_workers="block").open(station.link_for("陈大山"))
    enrol(page)
    record(page, "第一家")
    expect(page.locator("[data-state=received]")).to_have_count(1)
    page.evaluate(AGED)
    page.route("**/sync/**", lambda route: route.abort())
    record(page, "第二家")
    base = page.evaluate("() => document.querySelector('script[type=module]').src.replace('/js/app.js', '')")
    page.goto(f"{station.url}/help")  # where the app itself does not send
    page.unroute_all()
    assert page.evaluate(FULL, base) == [
        "activity receipted",
        "visit receipted",
    ]  # the first left whole, the second is noted


def test_a_backup_is_shared_as_one_file(station, new_phone):
    phone = new_phone(service_workers="block")
    page = phone.open(station.link_for("陈大山"))
    page.add_init_script(SHARES)
    enrol(page)
    page.reload()
    record(page, "桥头小卖部")
    page.get_by_role("link", name="待交").click()
    page.get_by_role("button", name="导出备份").click()
    page.get_by_role("button", name="发给内勤").click()
    page.wait_for_function("() => globalThis.shared")
    shared = page.evaluate("() => globalThis.shared")
    assert shared["name"] == shared["title"]
    assert shared["name"].startswith("wujin-")
    assert shared["name"].endswith(".zip")
    assert shared["size"] > 500
