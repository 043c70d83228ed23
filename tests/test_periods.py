"""Every day lies in its week, month, half year and stage; none is lost."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from wujin_field.domain import load_pack
from wujin_field.figures.quota_periods import periods_of
from wujin_field.periods import (
    beside,
    half_year_of,
    half_years,
    month_of,
    quarter_of,
    school_year_of,
    span_of,
    stages_of,
    week_of,
    year_of,
)

DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(366 * 3)]


@pytest.mark.parametrize("of", [month_of, year_of, quarter_of, school_year_of])
def test_a_day_lies_in_its_period_and_the_next_day_in_it_or_in_the_next(of):
    for day, after in pairwise(DAYS):
        period, following = of(day), of(after)
        assert day in period
        assert following == period or following.first == period.last + timedelta(days=1)


def test_half_years_leave_no_day_uncovered():
    for day in DAYS:
        assert day in half_year_of(load_pack(), day)
    first, second = half_years(load_pack(), 2026)
    assert (first.first, first.last) == (date(2025, 12, 11), date(2026, 6, 20))
    assert (second.first, second.last) == (date(2026, 6, 21), date(2026, 12, 10))


def test_quota_weeks_begin_on_monday_and_report_weeks_on_sunday():
    assert {week_of(load_pack(), day).first.weekday() for day in DAYS} == {0}
    assert {week_of(load_pack(), day, "report_week_start").first.weekday() for day in DAYS} == {6}


def test_a_week_is_named_as_the_calendar_names_it():
    assert week_of(load_pack(), date(2026, 12, 31)).key == week_of(load_pack(), date(2027, 1, 3)).key == "2026-W53"
    assert week_of(load_pack(), date(2028, 2, 29)).key == "2028-W09"


STAGES = {"07-31": 0, "08-01": 1, "08-31": 1, "09-01": 2, "09-30": 2, "10-01": 1, "12-31": 1}


@pytest.mark.parametrize(("day", "stages"), STAGES.items())
def test_september_is_in_both_stages(day, stages):
    assert len(stages_of(load_pack(), date.fromisoformat(f"2026-{day}"))) == stages


def test_winter_crosses_the_years_end():
    winter = span_of(load_pack(), "winter_heating", 2026)
    assert (winter.first, winter.last) == (date(2026, 11, 15), date(2027, 3, 15))


def test_a_stock_is_asked_of_the_day_itself():
    [today] = periods_of(load_pack(), load_pack()["quota"]["fixed_education_place"], date(2026, 11, 4))
    assert (today.first, today.last) == (date(2026, 11, 4), date(2026, 11, 4))


@pytest.mark.parametrize(
    ("today", "left"), [("2026-11-02", 7), ("2026-11-08", 1), ("2026-11-09", 0), ("2026-10-01", 7)]
)
def test_days_left_hold_today(today, left):
    assert week_of(load_pack(), date(2026, 11, 4)).days_left(date.fromisoformat(today)) == left


@pytest.mark.parametrize(
    ("key", "before", "after"),
    [
        ("2026-12", "2026-11", "2027-01"),
        ("2026-01", "2025-12", "2026-02"),
        ("2026-H1", "2025-H2", "2026-H2"),
        ("2026-Q4", "2026-Q3", "2027-Q1"),
        ("2026", "2025", "2027"),
        ("2026-W53", "2026-W52", "2027-W01"),
    ],
)
def test_one_turns_from_a_period_to_its_neighbours(key, before, after):
    assert beside(key) == (before, after)
    assert beside(after)[0] == key == beside(before)[1]
