"""The span that a draw covers: a week (2026-W48, Monday to Sunday) or a month (2026-11), in the station's days."""

import re
from datetime import date, datetime, time, timedelta

from ..config import STATION_ZONE
from ..db import local_day


class NoPeriod(ValueError):
    """Neither a week nor a month."""


def span(period: str) -> tuple[datetime, datetime]:
    """First moment, and the first moment after. Raises NoPeriod."""
    first, after = days(period)
    return tuple(datetime.combine(day, time(), STATION_ZONE) for day in (first, after))  # type: ignore[return-value]


def days(period: str) -> tuple[date, date]:
    try:
        if found := re.fullmatch(r"(\d{4})-W(\d{2})", period):
            first = date.fromisocalendar(int(found[1]), int(found[2]), 1)
            return first, first + timedelta(days=7)
        if found := re.fullmatch(r"(\d{4})-(\d{2})", period):
            first = date(int(found[1]), int(found[2]), 1)
            return first, (first + timedelta(days=32)).replace(day=1)
    except ValueError:
        pass
    raise NoPeriod(period)


def week_of(moment: datetime) -> str:
    """2026-W48"""
    year, week, _ = local_day(moment).isocalendar()
    return f"{year}-W{week:02}"


def week_before(today: date) -> str:
    """The week that is over: what is drawn on a Monday."""
    year, week, _ = (today - timedelta(days=7)).isocalendar()
    return f"{year}-W{week:02}"
