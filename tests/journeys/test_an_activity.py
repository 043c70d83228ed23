"""Which activity a visit belongs to, and what is asked at its end, as somebody at the door sees it."""

import pytest
from harness import outbox_of
from playwright.sync_api import expect
from sqlalchemy import select, update
from test_the_courier import begin
from test_the_river import enrol

from wujin_field.db import db, writing
from wujin_field.models import Activity, Person, Visit

pytestmark = pytest.mark.needs("chromium")
A_DAY_AGO = """async () => {
  const settled = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
  const db = await settled(indexedDB.open('wujin-' + localStorage.getItem('wujin.who')));
  const tx = db.transaction(['activities', 'visits'], 'readwrite', { durability: 'strict' });
  for (const name of ['activities', 'visits']) {
    const rows = tx.objectStore(name);
    for (const row of await settled(rows.getAll())) rows.put({ ...row, started_at: row.started_at - 86_400_000 });
  }
  await new Promise((done) => { tx.oncomplete = done; });
  db.close();
}"""


@pytest.fixture
def page(station, new_phone):
    page = new_phone(service_workers="block").open(station.link_for("陈大山"))
    enrol(page)
    return page


def test_one_left_open_yesterday_is_closed_first_and_takes_no_more_stops(station, page):
    stop(page, "第一家")
    page.evaluate(A_DAY_AGO)
    begin_again(page, "第二家")
    expect(page.locator(".whose")).to_have_count(0)
    page.get_by_role("link", name="今天").click()
    expect(page.get_by_text("前几天的一场还没收尾")).to_be_visible()
    page.get_by_role("link", name="这一场收尾").click()
    page.get_by_label("参加了多少人").fill("5")
    page.get_by_role("button", name="这一场收尾").click()
    expect(page.get_by_role("link", name="第二家")).to_be_visible()
    expect(page.locator("[data-state=received]")).to_have_count(1)
    assert {item["kind"]: item["state"] for item in outbox_of(page)} == {"visit": "receipted", "activity": "receipted"}
    with station.app.app_context():
        activity, visit = db.session.scalars(select(Activity)).one(), db.session.scalars(select(Visit)).one()
        assert (activity.people, activity.id) == (5, visit.activity_id)


def test_one_tap_makes_it_another_activity_and_another_tap_takes_that_back(page):
    stop(page, "第一家")
    begin_again(page, "第二家")
    page.get_by_role("button", name="这是另外一场").click()
    expect(page.locator(".whose")).to_contain_text("这是单独的一场")
    page.get_by_role("button", name="并入").click()
    expect(page.locator(".whose")).to_contain_text("算在“临街门面逐店发放”这一场里")


def test_where_every_door_stayed_shut_nobody_is_asked_how_many_listened(station, page):
    begin(page, "第一家")
    page.get_by_role("button", name="锁着门").click()
    page.get_by_role("tab", name="收尾").click()
    people, unneeded = page.get_by_label("参加了多少人"), page.get_by_text("人数和讲了什么都不用填")
    expect(unneeded).to_be_visible()
    expect(people).to_be_hidden()
    page.get_by_role("button", name="锁着门").click()  # it was open after all
    expect(people).to_be_visible()
    page.get_by_role("button", name="不让进").click()
    page.get_by_text("还是有人听了，补填").click()  # at the door
    people.fill("2")
    page.get_by_role("button", name="这处记好了，去下一处").click()
    begin_again(page, "第二家")
    page.get_by_role("button", name="锁着门").click()
    page.get_by_role("tab", name="收尾").click()
    page.get_by_role("button", name="这一场收尾").click()
    expect(people).to_have_value("2")  # whatever was said stands where it can be seen
    people.fill("0")
    page.get_by_role("link", name="今天").click()
    page.get_by_role("link", name="这一场收尾").click()
    expect(unneeded).to_be_visible()
    page.get_by_role("button", name="这一场收尾").click()
    expect(page.locator("[data-state=received]")).to_have_count(2)
    with station.app.app_context():
        assert db.session.scalars(select(Activity.people)).all() == [0]


def test_a_drill_asks_who_took_part_and_who_looked_on(station, page):
    begin(page, "柳溪小学")
    page.get_by_label("用哪张检查表").select_option("drill")
    expect(page.locator("wujin-item").first).to_contain_text("预案")
    page.get_by_role("tab", name="收尾").click()
    page.get_by_label("什么活动").select_option("evacuation_drill")
    in_full = page.locator(".chosen")  # however narrow the screen
    expect(in_full.filter(has=page.get_by_label("什么活动"))).to_contain_text("疏散演练")
    page.get_by_text("宣传形式、为什么来").click()
    expect(in_full.filter(has=page.get_by_label("宣传形式"))).to_contain_text("疏散演练")  # it follows the kind
    page.get_by_text("谁来参加了").click()
    page.get_by_label("楼长").first.fill("2")
    page.get_by_label("观摩的有几人").fill("四个")
    page.get_by_label("群众亲手练了").check()
    page.get_by_role("button", name="完成", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("这里要填一个数")
    page.get_by_label("观摩的有几人").fill("4")
    page.get_by_role("button", name="完成", exact=True).click()
    expect(page.locator("[data-state=received]")).to_have_count(1)
    with station.app.app_context():
        activity, visit = db.session.scalars(select(Activity)).one(), db.session.scalars(select(Visit)).one()
        assert (activity.form, activity.participants) == ("evacuation_drill", {"building_head": 2})
        assert (activity.observers, activity.hands_on, visit.template) == (4, True, "drill")


def test_an_enforcement_officer_is_asked_for_the_three(station, new_phone):
    with station.app.app_context(), writing() as session:
        session.execute(update(Person).where(Person.name == "陈大山").values(field_role="enforcement_officer"))
    page = new_phone(service_workers="block").open(station.link_for("陈大山"))
    enrol(page)
    begin(page, "桥头小卖部")
    page.get_by_role("tab", name="收尾").click()
    expect(page.get_by_text("还差3件")).to_be_visible()
    page.get_by_label("纠正一起违法行为").check()
    page.get_by_label("普及一次法律法规").check()
    expect(page.get_by_text("还差1件")).to_be_visible()
    page.get_by_role("button", name="完成", exact=True).click()
    expect(page.locator("[data-state=received]")).to_have_count(1)
    with station.app.app_context():
        done = {"violation_corrected": True, "law_explained": True, "knowledge_taught": False}
        assert db.session.scalars(select(Visit)).one().enforcement == done
        assert db.session.scalars(select(Activity)).one().context == "enforcement"


def stop(page, name):
    begin(page, name)
    page.get_by_role("tab", name="收尾").click()
    page.get_by_role("button", name="这处记好了，去下一处").click()
    page.wait_for_url("**/field/scan")
    page.get_by_role("link", name="今天").click()
    expect(page.locator("[data-state=received]")).to_have_count(1)


def begin_again(page, name):
    page.get_by_role("link", name="今天").click()
    begin(page, name)
