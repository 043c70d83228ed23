"""Report weeks: the weeks of the blank forms, clipped to the month (E2; their sample 5月1-6日 fits Sunday starts)."""

from collections.abc import Iterable
from datetime import date, timedelta

from wujin_field.periods import Span, month_of
from wujin_field.periods import week as whole_week


def report_weeks(year: int, month: int, week_start: str) -> list[Span]:
    """The four to six weeks of a month; `week_start` is an English weekday, `report_week_start` of quotas.toml."""
    month_days = month_of(date(year, month, 1))
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
    return Span(first, min(whole_week(first, week_start).last, month_days.last))
