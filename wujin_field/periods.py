"""Periods of local days: weeks, months, half years, stages, campaigns. Ends included; read from the pack, never from code.

Their keys: 2026-W45, 2026-11, 2026-Q4, 2026-H2 (half years are those of quotas.toml, day for day), 2026, stage_1/2026.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from .config import STATION_ZONE
from .domain import Pack

DAY = timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


# what a key may look like; the parts of one shape are its year and its number
KEYS = {"year": "(2[0-9]{3})()", "half_year": "(2[0-9]{3})-H([12])", "quarter": "(2[0-9]{3})-Q([1-4])",
        "month": "(2[0-9]{3})-(0[1-9]|1[0-2])", "week": "(2[0-9]{3})-W(0[1-9]|[1-4][0-9]|5[0-3])"}  # fmt: skip


PARTS = {"year": 1, "half_year": 2, "quarter": 4, "month": 12}  # how many a year has


class NoPeriod(ValueError):
    """Nobody's key of a period."""


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

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """The first moment, and the first moment after."""
        begins, ends = (datetime.combine(day, time(), STATION_ZONE) for day in (self.first, self.last + DAY))
        return begins, ends


@dataclass(frozen=True)
class Period(Span):
    """scored: no part of it lies before the duty began."""

    key: str = ""
    scored: bool = True

    def days_left(self, today: date) -> int:
        """Today included; 0 when it is over."""
        return max(0, (self.last - max(today, self.first)).days + 1)

    def since(self, begun: date | None) -> "Period | None":
        """Cut to the days since a duty began: a part is shown and not scored; before it there is none."""
        if begun is None or begun <= self.first:
            return self
        return None if begun > self.last else Period(begun, self.last, self.key, False)


def week_of(pack: Pack, day: date, start: str = "week_start") -> Period:
    """Seven days; start: week_start (quotas) or report_week_start (the blank forms). The key is that of its Thursday."""
    return week(day, pack.files["quotas"][start])


def week(day: date, starts: str = "monday") -> Period:
    """starts: an English weekday."""
    first = day - DAY * ((day.weekday() - WEEKDAYS.index(starts)) % 7)
    year, number, _ = (first + 3 * DAY).isocalendar()
    return Period(first, first + 6 * DAY, f"{year}-W{number:02}")


def month_of(day: date) -> Period:
    last = calendar.monthrange(day.year, day.month)[1]
    return Period(day.replace(day=1), day.replace(day=last), f"{day:%Y-%m}")


def year_of(day: date) -> Period:
    return Period(date(day.year, 1, 1), date(day.year, 12, 31), str(day.year))


def quarter_of(day: date) -> Period:
    quarter = (day.month - 1) // 3
    last = month_of(date(day.year, 3 * quarter + 3, 1)).last
    return Period(date(day.year, 3 * quarter + 1, 1), last, f"{day.year}-Q{quarter + 1}")


def school_year_of(day: date) -> Period:
    """1 September to 31 August; named by the year it begins in."""
    year = day.year if day.month >= 9 else day.year - 1
    return Period(date(year, 9, 1), date(year + 1, 8, 31), f"{year}/{year + 1}")


def half_years(pack: Pack, year: int) -> list[Period]:
    """The two windows of the half-year tables, first and second (R198); no day between them is lost (C4.18)."""
    tables = pack["deadline"]["half_year_table_1"], pack["deadline"]["half_year_table_2"]
    windows = [table["covers"] for table in tables]
    return [
        Period(_day_of(window["from"], year), _day_of(window["to"], year), f"{year}-H{number}")
        for number, window in enumerate(windows, 1)
    ]


def half_year_of(pack: Pack, day: date) -> Period:
    """The window that holds this day; 11 to 31 December belong to the next year's first."""
    return next(period for year in (day.year, day.year + 1) for period in half_years(pack, year) if day in period)


def span_of(pack: Pack, code: str, year: int) -> Period:
    """A span of calendar.toml in this year; one that crosses the year's end is named by the year it begins in."""
    span = pack["span"][code]
    first, last = _day_of(span["from"], year), _day_of(span["to"], year)
    return Period(first, last if last >= first else _day_of(span["to"], year + 1), f"{code}/{year}")


def stages_of(pack: Pack, day: date) -> list[Period]:
    """Every stage that this day lies in: September is in both (R131)."""
    stages = [code for code in pack["span"] if code.startswith("stage_")]
    return [span for code in stages if day in (span := span_of(pack, code, day.year))]


def kind_of(key: str) -> str:
    """year, half_year, quarter, month or week. Raises NoPeriod."""
    for kind, shape in KEYS.items():
        if re.fullmatch(shape, key):
            return kind
    raise NoPeriod(key)


def numbers_of(key: str) -> tuple[int, int]:
    """'2026-11' → (2026, 11), '2026-H2' → (2026, 2), '2026' → (2026, 0). Raises NoPeriod."""
    found = re.fullmatch(KEYS[kind_of(key)], key)
    assert found
    return int(found[1]), int(found[2] or 0)


def read(key: str, pack: Pack) -> Period:
    """The days that a key means. Raises NoPeriod."""
    (year, number), kind = numbers_of(key), kind_of(key)
    if kind == "half_year":
        return half_years(pack, year)[number - 1]
    if kind in ("year", "quarter"):
        return year_of(date(year, 1, 1)) if kind == "year" else quarter_of(date(year, 3 * number, 1))
    return read_drawn(key)


def read_drawn(key: str) -> Period:
    """The week or the month that a draw covers. Raises NoPeriod, for other kinds too."""
    (year, number), kind = numbers_of(key), kind_of(key)
    if kind not in ("week", "month"):
        raise NoPeriod(key)
    return _week_named(year, number) if kind == "week" else month_of(date(year, number, 1))


def week_before(today: date) -> str:
    """The week that is over: what is drawn on a Monday."""
    return week(today - 7 * DAY).key


def fitting(key: str, kind: str, today: date) -> str:
    """The period of this kind that `key` lies in: 2026-11 → 2026, 2026-Q4 or 2026-H2; '' is today. Raises NoPeriod."""
    if key and kind_of(key) == kind:
        return key
    year, month = numbers_of(key) if key and kind_of(key) == "month" else (today.year, today.month)
    year = numbers_of(key)[0] if key else year
    return _key(kind, year, (month - 1) * PARTS[kind] // 12)


def beside(key: str) -> tuple[str, str]:
    """The periods before and after, of the same kind: 2026-12 → 2026-11, 2027-01. Raises NoPeriod."""
    (year, number), kind = numbers_of(key), kind_of(key)
    if kind == "week":
        first = _week_named(year, number).first
        return week(first - 7 * DAY).key, week(first + 7 * DAY).key
    at = year * PARTS[kind] + max(number, 1) - 1
    before, after = (_key(kind, *divmod(other, PARTS[kind])) for other in (at - 1, at + 1))
    return before, after


def _key(kind: str, year: int, part: int) -> str:
    """part: which of the year's, from 0."""
    return {"year": f"{year}", "half_year": f"{year}-H{part + 1}", "quarter": f"{year}-Q{part + 1}",
            "month": f"{year}-{part + 1:02}"}[kind]  # fmt: skip


def in_words(key: str) -> str:
    """In Chinese, for titles and file names. Raises NoPeriod."""
    (year, number), kind = numbers_of(key), kind_of(key)
    return {"year": f"{year}年", "half_year": f"{year}年{'上' if number == 1 else '下'}半年", "month": f"{year}年{number}月",
            "quarter": f"{year}年第{' 一二三四'[number % 5]}季度", "week": f"{year}年第{number}周"}[kind]  # fmt: skip


def _week_named(year: int, number: int) -> Period:
    try:
        return week(date.fromisocalendar(year, number, 4))
    except ValueError as error:  # most years have no week 53
        raise NoPeriod(f"{year}-W{number}") from error


def _day_of(text: str, year: int) -> date:
    """'06-20', or 'prev:12-11' for the year before; 29 February in other years is the 28th."""
    if text.startswith("prev:"):
        return _day_of(text.removeprefix("prev:"), year - 1)
    month, day = map(int, text.split("-"))
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
