"""Report weeks: the weeks of the blank forms, clipped to the month (E2; their sample 5月1-6日 fits Sunday starts)."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Span:
    """Local calendar days, both ends included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def one_day(self) -> bool:
        return self.first == self.last

    @property
    def crosses_month(self) -> bool:
        return (self.first.year, self.first.month) != (self.last.year, self.last.month)


def month_span(year: int, month: int) -> Span:
    """The first to the last day of a month."""
    return Span(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))


def report_weeks(year: int, month: int, week_start: str) -> list[Span]:
    """The four to six weeks of a month; `week_start` is an English weekday, `report_week_start` of quotas.toml."""
    month_days = month_span(year, month)
    weeks = [_week_from(month_days.first, month_days, week_start)]
    while weeks[-1].last < month_days.last:
        weeks.append(_week_from(weeks[-1].last + timedelta(days=1), month_days, week_start))
    return weeks


def covers(weeks: Iterable[Span], whole: Span) -> bool:
    """Do the weeks follow one another from the first day of `whole` to its last, no day lost, none twice (C4, 18)?"""
    day = whole.first
    for week in weeks:
        if week.first != day or week.last < week.first:
            return False
        day = week.last + timedelta(days=1)
    return day == whole.last + timedelta(days=1)


def _week_from(first: date, month_days: Span, week_start: str) -> Span:
    days_in = (first.weekday() - WEEKDAYS.index(week_start)) % 7
    return Span(first, min(first + timedelta(days=6 - days_in), month_days.last))
