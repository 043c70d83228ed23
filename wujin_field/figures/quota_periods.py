"""The periods of a quota that hold a day."""

from collections.abc import Mapping
from datetime import date

from ..domain import Pack
from ..periods import (
    Period,
    half_year_of,
    month_of,
    quarter_of,
    school_year_of,
    span_of,
    stages_of,
    week_of,
    year_of,
)


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
        return [Period(day, day, f"{day:%Y-%m-%d}")]
    one = {
        "week": lambda: week_of(pack, day), "report_week": lambda: week_of(pack, day, "report_week_start"),
        "month": lambda: month_of(day), "quarter": lambda: quarter_of(day), "year": lambda: year_of(day),
        "half_year": lambda: half_year_of(pack, day), "school_year": lambda: school_year_of(day),
    }  # fmt: skip
    return [one[kind]()]
