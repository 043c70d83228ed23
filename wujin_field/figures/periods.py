"""Periods of local days: weeks, months, half years, stages, campaigns. Ends included; read from the pack, never from code."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ..domain import Pack

DAY = timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Period:
    """key: 2026-W45, 2026-11, 2026, 2026-H1, stage_1/2026. scored: no part of it lies before the duty began."""

    key: str
    first: date
    last: date
    scored: bool = True

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def days_left(self, today: date) -> int:
        """Today included; 0 when it is over."""
        return max(0, (self.last - max(today, self.first)).days + 1)

    def since(self, begun: date | None) -> "Period | None":
        """Cut to the days since a duty began: a part is shown and not scored; before it there is none."""
        if begun is None or begun <= self.first:
            return self
        return None if begun > self.last else Period(self.key, begun, self.last, False)


def week_of(pack: Pack, day: date, start: str = "week_start") -> Period:
    """Seven days; start: week_start (quotas) or report_week_start (the blank forms). The key is that of its Thursday."""
    first = day - DAY * ((day.weekday() - WEEKDAYS.index(pack.files["quotas"][start])) % 7)
    year, week, _ = (first + 3 * DAY).isocalendar()
    return Period(f"{year}-W{week:02}", first, first + 6 * DAY)


def month_of(day: date) -> Period:
    last = calendar.monthrange(day.year, day.month)[1]
    return Period(f"{day:%Y-%m}", day.replace(day=1), day.replace(day=last))


def year_of(day: date) -> Period:
    return Period(str(day.year), date(day.year, 1, 1), date(day.year, 12, 31))


def quarter_of(day: date) -> Period:
    quarter = (day.month - 1) // 3
    last = month_of(date(day.year, 3 * quarter + 3, 1)).last
    return Period(f"{day.year}-Q{quarter + 1}", date(day.year, 3 * quarter + 1, 1), last)


def school_year_of(day: date) -> Period:
    """1 September to 31 August; named by the year it begins in."""
    year = day.year if day.month >= 9 else day.year - 1
    return Period(f"{year}/{year + 1}", date(year, 9, 1), date(year + 1, 8, 31))


def half_years(pack: Pack, year: int) -> list[Period]:
    """The two windows of the half-year tables, first and second (R198); no day between them is lost (C4.18)."""
    tables = pack["deadline"]["half_year_table_1"], pack["deadline"]["half_year_table_2"]
    windows = [table["covers"] for table in tables]
    return [
        Period(f"{year}-H{number}", _day_of(window["from"], year), _day_of(window["to"], year))
        for number, window in enumerate(windows, 1)
    ]


def half_year_of(pack: Pack, day: date) -> Period:
    """The window that holds this day; 11 to 31 December belong to the next year's first."""
    return next(period for year in (day.year, day.year + 1) for period in half_years(pack, year) if day in period)


def span_of(pack: Pack, code: str, year: int) -> Period:
    """A span of calendar.toml in this year; one that crosses the year's end is named by the year it begins in."""
    span = pack["span"][code]
    first, last = _day_of(span["from"], year), _day_of(span["to"], year)
    return Period(f"{code}/{year}", first, last if last >= first else _day_of(span["to"], year + 1))


def stages_of(pack: Pack, day: date) -> list[Period]:
    """Every stage that this day lies in: September is in both (R131)."""
    stages = [code for code in pack["span"] if code.startswith("stage_")]
    return [span for code in stages if day in (span := span_of(pack, code, day.year))]


def periods_of(pack: Pack, quota: Mapping, day: date) -> list[Period]:
    """The periods of a quota that hold this day, cut to its active_from; none before it began or outside a campaign."""
    begun = date.fromisoformat(quota["active_from"]) if "active_from" in quota else None
    found = [period.since(begun) for period in _named(pack, quota["period"], day)]
    return [period for period in found if period is not None]


def _named(pack: Pack, name: str, day: date) -> list[Period]:
    kind, _, code = name.partition(":")
    if kind == "campaign":
        span = span_of(pack, code, day.year)
        return [span] if day in span else []
    if kind == "stage":
        return stages_of(pack, day)
    if kind == "stock":
        return [Period(f"{day:%Y-%m-%d}", day, day)]
    one = {
        "week": lambda: week_of(pack, day), "report_week": lambda: week_of(pack, day, "report_week_start"),
        "month": lambda: month_of(day), "quarter": lambda: quarter_of(day), "year": lambda: year_of(day),
        "half_year": lambda: half_year_of(pack, day), "school_year": lambda: school_year_of(day),
    }  # fmt: skip
    return [one[kind]()]


def _day_of(text: str, year: int) -> date:
    """'06-20', or 'prev:12-11' for the year before; 29 February in other years is the 28th."""
    if text.startswith("prev:"):
        return _day_of(text.removeprefix("prev:"), year - 1)
    month, day = map(int, text.split("-"))
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
