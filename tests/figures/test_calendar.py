"""The table of moving days against the sky: new moons and the sun's longitude in UTC+8 (Meeus, chapters 25 and 49)."""

from datetime import date, datetime, timedelta
from math import floor, radians, sin

import pytest

from wujin_field.domain import load_pack
from wujin_field.figures.calendar import events_of_year, is_known
from wujin_field.figures.deadlines import Standing, dues_around, dues_of_year
from wujin_field.models import Unit

YEARS = range(2020, 2041)
SINCE_NEW_MOON = {"spring_festival": 0, "lantern_festival": 14, "zhongyuan": 14, "chongyang": 8}


def day_of(julian, delta_t_s=75):
    """The day in China of a moment in dynamical time."""
    return (datetime(2000, 1, 1, 12) + timedelta(days=julian - 2451545.0, hours=8, seconds=-delta_t_s)).date()


def new_moon(k):
    """Julian ephemeris day of the k-th new moon since January 2000, good to a minute or two."""
    t = k / 1236.85
    e = 1 - 0.002516 * t
    m, mp = radians(2.5534 + 29.10535670 * k), radians(201.5643 + 385.81693528 * k + 0.0107582 * t * t)
    f, om = radians(160.7108 + 390.67050284 * k), radians(124.7746 - 1.56375588 * k)
    terms = [
        (-0.40720, mp), (0.17241 * e, m), (0.01608, 2 * mp), (0.01039, 2 * f), (0.00739 * e, mp - m), (-0.00514 * e, mp + m),
        (0.00208 * e * e, 2 * m), (-0.00111, mp - 2 * f), (-0.00057, mp + 2 * f), (0.00056 * e, 2 * mp + m), (-0.00042, 3 * mp),
        (0.00042 * e, m + 2 * f), (0.00038 * e, m - 2 * f), (-0.00024 * e, 2 * mp - m), (-0.00017, om),
    ]  # fmt: skip
    return 2451550.09766 + 29.530588861 * k + 0.00015437 * t * t + sum(size * sin(angle) for size, angle in terms)


NEW_MOONS = {day_of(new_moon(k)) for k in range(floor(19.9 * 12.3685), floor(41.2 * 12.3685))}


def sun_longitude(moment):
    """Apparent, degrees; moment in UTC."""
    t = ((moment - datetime(2000, 1, 1, 12)).total_seconds() + 75) / 86400 / 36525
    m = radians(357.52911 + 35999.05029 * t)
    centre = (1.914602 - 0.004817 * t) * sin(m) + 0.019993 * sin(2 * m) + 0.000289 * sin(3 * m)
    return (280.46646 + 36000.76983 * t + centre - 0.00569 - 0.00478 * sin(radians(125.04 - 1934.136 * t))) % 360


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(("code", "days"), SINCE_NEW_MOON.items())
def test_a_lunar_day_stands_its_days_after_a_new_moon(code, days, year):
    [found] = [date.fromisoformat(day) for day in load_pack()["moving"][code]["dates"] if day.startswith(str(year))]
    assert found - timedelta(days=days) in NEW_MOONS


@pytest.mark.parametrize("year", YEARS)
def test_spring_festival_is_the_new_moon_between_21_january_and_20_february(year):
    [found] = [day for day in load_pack()["moving"]["spring_festival"]["dates"] if day.startswith(str(year))]
    assert f"{year}-01-21" <= found <= f"{year}-02-20"


@pytest.mark.parametrize("year", YEARS)
def test_qingming_is_the_day_on_which_the_sun_reaches_fifteen_degrees(year):
    [found] = [
        date.fromisoformat(day) for day in load_pack()["moving"]["qingming"]["dates"] if day.startswith(str(year))
    ]
    midnight = datetime(found.year, found.month, found.day) - timedelta(hours=8)
    assert sun_longitude(midnight) < 15.001
    assert sun_longitude(midnight + timedelta(days=1)) > 14.999


@pytest.mark.parametrize(("year", "day"), [(2027, "2027-02-06"), (2030, "2030-02-03")])
def test_two_spring_festivals_are_not_where_browsers_put_them(year, day):
    [event] = [event for event in events_of_year(load_pack(), year) if event.code == "spring_festival"]
    assert event.first.isoformat() == day


def test_beyond_the_table_nothing_is_made_up():
    assert all(is_known(load_pack(), year) for year in YEARS)
    assert not is_known(load_pack(), 2041)
    assert "spring_festival" not in {event.code for event in events_of_year(load_pack(), 2041)}


def test_a_day_that_was_set_later_is_not_shown_before():
    assert "consultation_day" not in {event.code for event in events_of_year(load_pack(), 2013)}
    assert "consultation_day" in {event.code for event in events_of_year(load_pack(), 2014)}


def test_the_year_of_a_village_and_of_a_department():
    due = {(one.code, one.period.key): one.due for one in dues_of_year(load_pack(), 2026)}
    assert due["plan_table", "2026"] == date(2026, 8, 16)
    assert due["monthly_report", "2026-02"] == date(2026, 2, 28)
    assert due["annual_summary", "2026"] == due["monthly_report", "2026-12"] == date(2026, 12, 28)
    assert (due["half_year_table_1", "2026-H1"], due["half_year_table_2", "2026-H2"]) == (
        date(2026, 6, 20),
        date(2026, 12, 10),
    )
    assert due["safety_month_plan", "safety_month/2026"] == date(2026, 6, 30)
    assert due["annual_assessment", "2025"] == date(2026, 1, 20)


def test_no_month_is_asked_for_before_the_first():
    months = [one.period.key for one in dues_of_year(load_pack(), 2023) if one.code == "monthly_report"]
    assert months == ["2023-08", "2023-09", "2023-10", "2023-11", "2023-12"]


@pytest.mark.parametrize(
    ("paper", "electronic", "today", "state"),
    [
        ("2026-11-28", None, "2026-11-28", "on_time"),
        (None, "2026-11-29", "2026-11-29", "late"),
        ("2026-11-30", "2026-11-27", "2026-11-30", "on_time"),
        (None, None, "2026-11-28", "open"),
        (None, None, "2026-11-29", "overdue"),
    ],
)
def test_the_28th_is_still_in_time(paper, electronic, today, state):
    [due] = [
        one for one in dues_of_year(load_pack(), 2026) if one.code == "monthly_report" and one.period.key == "2026-11"
    ]
    days = [date.fromisoformat(day) if day else None for day in (paper, electronic)]
    assert Standing(Unit(), due, *days).state(date.fromisoformat(today)) == state


def test_where_both_ways_are_asked_for_one_is_not_enough():
    [due] = [one for one in dues_of_year(load_pack(), 2026) if one.code == "safety_month_summary"]
    assert Standing(Unit(), due, date(2026, 7, 10), None).sent is None
    late = Standing(Unit(), due, date(2026, 7, 10), date(2026, 7, 17))
    assert (late.state(date(2026, 8, 1)), late.days_late) == ("late", 2)


def test_what_december_left_undone_is_still_asked_for_in_january():
    around = {(due.code, due.period.key) for due in dues_around(load_pack(), date(2027, 1, 4))}
    assert {("monthly_report", "2026-12"), ("annual_summary", "2026"), ("monthly_report", "2027-01")} <= around
