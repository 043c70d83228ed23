"""The Baofeng plan, typed in a browser as it was issued: two stages, six work items with their triples, four deadlines, two
quotas; then a village's table, and a visit that finds its row. Every tap is counted: a quarter of an hour is enough."""

import re
from datetime import datetime, timedelta

import pytest

from wujin_field.cast import activity_claim, phone, sealed, visit_claim
from wujin_field.config import STATION_ZONE
from wujin_field.db import local_day, utc_now, writing
from wujin_field.sync.intake import Sender

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]

LEADER, STAFF, COMMITTEE = "驻村（社区）领导", "驻村（社区）工作人员", "村（社区）民委员会"
OF_COMMUNITIES = ("驻社区领导", "驻社区工作人员", "社区居民委员会")
STAGES = [("第一阶段：夏季高温、汛期，深入农村、社区、不放心行业领域", "08-01", "09-30"),
          ("第二阶段：秋冬季节，联合多部门、采取多举措", "09-01", "12-31")]  # fmt: skip
ITEMS = [
    ("以失能失智、独居老人为重点上门讲解，帮助查找家庭火灾隐患", LEADER, STAFF, COMMITTEE, "home_visit"),
    ("用楼宇电视、农村大喇叭、LED显示屏播放公益广告，张贴海报", LEADER, STAFF, COMMITTEE, "broadcast"),
    ("每个村社设立固定消防安全宣传教育场所不少于1处", "镇消防工作站", "", COMMITTEE, ""),
    ("每年不少于一次疏散演练、一次消防宣传培训", *OF_COMMUNITIES, "evacuation_drill"),
    ("以临街门面为重点逐一发放资料，结合火灾案例宣讲", *OF_COMMUNITIES, "shop_round"),
    ("发动消防志愿服务小队开展志愿服务", LEADER, STAFF, COMMITTEE, "volunteer_service"),
]
DEADLINES = [("计划表（附件1）", "08-16"), ("工作推进图片、资料（附件2）", 28), ("12月推进图片、资料", "12-28"),
             ("宣传工作总结", "12-28")]  # fmt: skip
QUOTAS = [("station_weekly_activities", 2), ("fixed_education_place", 1)]
PEOPLE_TYPE = 1.2  # seconds for a Chinese character with an input method, generously
PEOPLE_TAP = 2.0


class Hands:
    """Fills and taps as a person would, and counts what a person would need for it."""

    def __init__(self, page):
        self.page, self.seconds = page, 0.0

    def type(self, where, label, text):
        where.get_by_label(label, exact=True).fill(text)
        self.seconds += PEOPLE_TYPE * len(text) + PEOPLE_TAP

    def choose(self, where, label, value):
        where.get_by_label(label, exact=True).select_option(value)
        self.seconds += 2 * PEOPLE_TAP

    def press(self, where, name):
        where.get_by_role("button", name=name, exact=True).click()
        self.seconds += PEOPLE_TAP

    def lines(self, kind):
        return self.page.locator(f"section[aria-labelledby='{kind}'] ol.lines > li")

    def form(self, kind):
        """The form at the section's end, opened."""
        fold = self.page.locator(f"section[aria-labelledby='{kind}'] > details.fold")
        if not fold.evaluate("one => one.open"):
            fold.locator("summary").click()
        return fold.locator("form")

    def add(self, kind):
        """One more line of this kind."""
        before = self.lines(kind).count()
        self.press(self.form(kind), "加上")
        self.lines(kind).nth(before).wait_for()


def test_r130_the_stations_paper_is_typed_in_a_quarter_of_an_hour_and_a_visit_counts_against_it(station, new_desk):
    page = new_desk().open(station.link_for("何敏"))
    page.locator("form button.main").first.click()
    page.wait_for_url("**/station/")
    hands, (year, at) = Hands(page), under_the_plan()
    page.goto(f"{station.url}/station/campaigns")
    begin(page, hands, year)
    for words, first, last in STAGES:
        stage(hands, hands.form("stage"), words, f"{year}-{first}", f"{year}-{last}")
        hands.add("stage")
    for line in ITEMS:
        item(hands, hands.form("item"), *line)
        hands.add("item")
    for words, when in DEADLINES:
        deadline(hands, hands.form("deadline"), words, when, year)
        hands.add("deadline")
    for code, wanted in QUOTAS:
        quota(hands, hands.form("quota"), code, wanted)
        hands.add("quota")
    assert [hands.lines(kind).count() for kind in ("stage", "item", "deadline", "quota")] == [2, 6, 4, 2]
    assert page.get_by_text(COMMITTEE, exact=True).count() == 4
    assert hands.seconds < 15 * 60, f"{hands.seconds / 60:.1f} minutes of typing and tapping"
    before = number(page.locator(".big-number").inner_text())
    send_one_visit(station, at)
    page.reload()
    assert number(page.locator(".big-number").inner_text()) == before + 1
    page.locator(".big-number").click()
    page.get_by_text("柳溪村").first.wait_for()


def test_a_months_table_is_filled_changed_in_place_and_undone(station, new_desk):
    page = new_desk().open(station.link_for("赵春兰"))
    page.locator("form button.main").first.click()
    page.wait_for_url("**/station/")
    year = local_day(utc_now()).year + 1
    page.goto(f"{station.url}/station/plans?year={year}")
    page.get_by_role("button", name="柳溪村").click()
    page.get_by_label("宣传重点，一行一个，轮着用").fill("柳溪村三组村民小组\n柳溪小学")
    page.get_by_role("button", name="填没有排的周").click()
    page.locator(".plan-row").nth(3).wait_for()
    rows = page.locator(".plan-row").count()
    assert rows in (4, 5, 6)
    page.locator(".plan-row").first.get_by_role("link", name=re.compile("^改")).click()
    page.locator("#focus").fill("柳溪院落")
    page.get_by_role("button", name="存下这一行").click()
    page.locator(".plan-row", has_text="柳溪院落").wait_for()
    page.get_by_role("button", name="撤销这一步").click()
    page.locator(".plan-row", has_text="柳溪院落").wait_for(state="detached")
    page.get_by_role("button", name="撤销这一步").click()
    page.get_by_text("这张表还没有填。").wait_for()


def begin(page, hands, year):
    summary = page.locator("details.card > summary")
    if not page.locator("details.card").evaluate("one => one.open"):
        summary.click()
    hands.type(page, "名称", "消防宣传“五进”工作方案")
    hands.type(page, "从哪天", f"{year}-08-01")
    hands.type(page, "到哪天", f"{year}-12-31")
    hands.type(page, "文号", f"府发〔{year}〕47号")
    hands.press(page, "建好，接着写内容")
    page.wait_for_url("**/station/campaigns/*-*")


def stage(hands, form, words, first, last):
    hands.type(form, "阶段和重点", words)
    hands.type(form, "从哪天", first)
    hands.type(form, "到哪天", last)


def item(hands, form, words, lead, cooperating, responsible, kind):
    hands.type(form, "工作内容", words)
    hands.type(form, "牵头领导或单位", lead)
    hands.type(form, "配合成员", cooperating)
    hands.type(form, "落实主体", responsible)
    hands.choose(form, "按哪类活动计数", kind)


def deadline(hands, form, words, when, year):
    hands.type(form, "报什么", words)
    if isinstance(when, int):
        hands.type(form, "或者每月几日前", str(when))
    else:
        hands.type(form, "截止日", f"{year}-{when}")


def quota(hands, form, code, wanted):
    hands.choose(form, "指标", code)
    hands.type(form, "不少于几", str(wanted))


def number(text):
    return int(re.search(r"\d+", text)[0])


def under_the_plan():
    """The plan's year, which ends in December, and an hour ago; in the months before August its December last year."""
    at = utc_now() - timedelta(hours=1)
    day = local_day(at)
    return (day.year, at) if day.month >= 8 else (day.year - 1, datetime(day.year - 1, 12, 15, 10, tzinfo=STATION_ZONE))


def send_one_visit(station, at):
    town = station.town
    with station.app.app_context(), writing() as session:
        device, _ = phone(session, town.person("陈大山"))
    claim = activity_claim(device, town.areas["liuxi"], at)
    for sent in (claim, visit_claim(device, town.venue("三组12户"), claim["id"], at)):
        sender = Sender(device.id, device.person_id)
        assert station.app.extensions["intake"].take_claim(sent["kind"], sent["id"], sealed(sent), sender).status == 201
