from datetime import date, timedelta

import pytest

from wujin_field.periods import Span, month_of
from wujin_field.reports.numerals import zh_number
from wujin_field.reports.weeks import covers, report_weeks


def days(year, month, week_start="sunday"):
    return [(week.first.day, week.last.day) for week in report_weeks(year, month, week_start)]


def test_may_2023_has_the_five_weeks_of_the_blank_form():
    assert days(2023, 5) == [(1, 6), (7, 13), (14, 20), (21, 27), (28, 31)]


def test_a_month_that_begins_on_sunday_begins_with_a_whole_week():
    assert days(2026, 11) == [(1, 7), (8, 14), (15, 21), (22, 28), (29, 30)]


def test_a_month_may_have_six_weeks_the_first_of_one_day():
    assert days(2026, 8) == [(1, 1), (2, 8), (9, 15), (16, 22), (23, 29), (30, 31)]


def test_a_february_may_have_exactly_four():
    assert days(2026, 2) == [(1, 7), (8, 14), (15, 21), (22, 28)]


def test_the_week_start_is_data():
    assert days(2023, 5, "monday") == [(1, 7), (8, 14), (15, 21), (22, 28), (29, 31)]


def test_an_unknown_week_start_is_refused():
    with pytest.raises(ValueError):
        report_weeks(2023, 5, "someday")


@pytest.mark.parametrize("week_start", ["sunday", "monday"])
def test_no_day_of_twelve_years_is_lost_or_counted_twice(week_start):
    day = date(2023, 1, 1)
    for year in range(2023, 2035):
        for month in range(1, 13):
            for week in report_weeks(year, month, week_start):
                assert week.first == day
                day = week.last + timedelta(days=1)
    assert day == date(2035, 1, 1)


def test_weeks_changed_by_hand_must_still_cover_the_month():
    whole = month_of(date(2026, 2, 1))
    assert covers([Span(date(2026, 2, 1), date(2026, 2, 10)), Span(date(2026, 2, 11), date(2026, 2, 28))], whole)
    assert not covers([Span(date(2026, 2, 1), date(2026, 2, 10)), Span(date(2026, 2, 12), date(2026, 2, 28))], whole)
    assert not covers([Span(date(2026, 2, 1), date(2026, 2, 27))], whole)
    assert not covers([], whole)


NUMERALS = {1: "一", 9: "九", 10: "十", 11: "十一", 20: "二十", 21: "二十一", 53: "五十三", 99: "九十九"}
ABOVE_NINETY_NINE = {
    100: "一百",
    101: "一百零一",
    110: "一百一十",
    111: "一百一十一",
    120: "一百二十",
    999: "九百九十九",
}


@pytest.mark.parametrize(("number", "written"), [*NUMERALS.items(), *ABOVE_NINETY_NINE.items()])
def test_numbers_are_written_as_the_forms_count(number, written):
    assert zh_number(number) == written


@pytest.mark.parametrize("number", [0, -1, 1000])
def test_a_number_without_numeral_is_refused(number):
    with pytest.raises(ValueError):
        zh_number(number)
