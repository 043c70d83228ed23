"""The checklist asks what the month asks (R129): heaters in January, not in July."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")
HEATERS = "取暖器、电热毯离被褥窗帘够远，无人时关掉"


@pytest.mark.parametrize(("today", "asked"), [("2026-01-15T09:00:00+08:00", 1), ("2026-07-15T09:00:00+08:00", 0)])
def test_winter_items_are_asked_in_winter_alone(station, new_phone, today, asked):
    page = new_phone().open(station.link_for("陈大山"))
    page.locator("form[action^='/enrol'] button").first.click()
    expect(page.locator("wujin-app[ready]")).to_be_attached()
    page.clock.set_fixed_time(today)
    page.get_by_role("link", name="扫码", exact=True).click()
    page.get_by_role("link", name="没有码的地方").click()
    page.get_by_text("家庭", exact=True).click()
    page.get_by_label("第几组").fill("3")
    page.get_by_label("第几户").fill("12")
    page.get_by_role("button", name="开始走访").click()
    page.locator("wujin-item").nth(3).wait_for()
    expect(page.get_by_text(HEATERS)).to_have_count(asked)
    expect(page.locator("input[name='answer-HH-01']").first).to_be_attached()  # what is asked all year round
