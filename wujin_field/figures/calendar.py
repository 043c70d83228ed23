"""The days of a year: key days, moving days from the checked table, weeks and months, stages. Whole local days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ..domain import Pack
from ..periods import span_of, week_of


@dataclass(frozen=True)
class Event:
    """kind: day, moving, span, stage. theme: that year's, if the pack knows it. remind: worth a message to residents (R33)."""

    kind: str
    code: str
    entry: Mapping
    first: date
    last: date
    theme: str = ""

    @property
    def remind(self) -> bool:
        return bool(self.entry.get("reminder"))


def events_of_year(pack: Pack, year: int) -> list[Event]:
    """In order of time; a span that crosses the year's end stands in the year it begins in."""
    found = [*_fixed(pack, year), *_moving(pack, year), *_spans(pack, year)]
    return sorted(found, key=lambda event: (event.first, -(event.last - event.first).days, event.code))


def between(pack: Pack, first: date, last: date) -> list[Event]:
    """Those that touch these days."""
    years = range(first.year - 1, last.year + 1)
    return [
        event for year in years for event in events_of_year(pack, year) if event.first <= last and event.last >= first
    ]


def is_known(pack: Pack, year: int) -> bool:
    """Whether the table of moving days reaches this year."""
    return all(any(day.startswith(str(year)) for day in entry["dates"]) for entry in pack["moving"].values())


def _fixed(pack: Pack, year: int) -> list[Event]:
    days = [(code, entry) for code, entry in pack["day"].items() if year >= entry.get("since", 0)]
    return [_day("day", code, entry, f"{year}-{entry['date']}") for code, entry in days]


def _day(kind: str, code: str, entry: Mapping, day: str) -> Event:
    return Event(kind, code, entry, date.fromisoformat(day), date.fromisoformat(day))


def _moving(pack: Pack, year: int) -> list[Event]:
    return [
        _day("moving", code, entry, day)
        for code, entry in pack["moving"].items()
        for day in entry["dates"]
        if day.startswith(str(year))
    ]


def _spans(pack: Pack, year: int) -> list[Event]:
    found = []
    for code, entry in pack["span"].items():
        period = span_of(pack, code, year)
        theme = next((theme["zh"] for theme in entry.get("themes", []) if theme["year"] == year), "")
        kind = "stage" if code.startswith("stage_") else "span"
        found.append(Event(kind, code, entry, period.first, period.last, theme))
        if "week_of" in entry:
            week = week_of(pack, date.fromisoformat(f"{year}-{entry['week_of']}"))
            found.append(Event("span", f"{code}_week", entry, week.first, week.last))
    return found
