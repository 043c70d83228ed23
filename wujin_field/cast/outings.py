"""Who goes out when, where and for what: last month whole, this month so far. Decides; sends nothing."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from random import Random

from ..config import STATION_ZONE
from ..models import Person, Unit, Venue
from .town import COMMITTEES, TOWN, Town

WORDS = tomllib.loads((Path(__file__).parent / "outings.toml").read_text(encoding="utf-8"))
DAY = timedelta(days=1)
QUIET = "gaoping"  # a village that did nothing for one week, so that the reminder has something to say
OFFICER = "郑毅"
MODEL = "liuxi"  # a village that never misses, so that its paper is a full one
STARTS = [time(9), time(9, 20), time(9, 40), time(10), time(14), time(14, 30), time(15), time(15, 20)]


@dataclass(frozen=True)
class Outing:
    """One activity; no stops for a broadcast. line: its entry in outings.toml. start: aware, station time."""

    line: dict
    unit: Unit
    author: Person
    start: datetime
    stops: tuple[Venue, ...] = ()


@dataclass
class Diary:
    """What is planned already: the officer's days, and how often each venue is visited."""

    town: Town
    rng: Random
    officer_out: set[date] = field(default_factory=set)
    visits: Counter[str] = field(default_factory=Counter)


def outings(town: Town, today: date, rng: Random) -> list[Outing]:
    """In order of time."""
    first = (today.replace(day=1) - DAY).replace(day=1)
    diary, made = Diary(town, rng), []
    for number, unit in enumerate(town.committees()):
        turns = _turns(town, unit, number)
        made += [_outing(diary, unit, day, turns) for day in _days(unit.code, number, first, today, rng)]
    return sorted([*made, *_broadcasts(town, first, today, rng)], key=lambda outing: outing.start)


def _days(code: str, number: int, first: date, today: date, rng: Random) -> list[date]:
    """About two a week, fewer this month; some after the due day, so that the next paper has something to carry over."""
    quiet = first + DAY * (14 - first.weekday())  # the Monday of its second or third week
    this_month, days = today.replace(day=1), {first} if code == MODEL else set()
    for monday in _mondays(first, today):
        chosen = sorted(rng.sample(range(3 if code == MODEL else 6), 2))
        kept = chosen[: 1 if code != MODEL and rng.random() < (0.35 if monday >= this_month else 0.2) else 2]
        days |= set() if code == QUIET and monday == quiet else {monday + DAY * day for day in kept}
    late = [day for day in (this_month - DAY * back for back in (1, 2, 3)) if day.day > 28]
    if late and number % 2 == 0:
        days.add(late[number // 2 % len(late)])
    return sorted(day for day in days if first <= day <= today)


def _mondays(first: date, today: date) -> Iterator[date]:
    monday = first - DAY * first.weekday()
    while monday <= today:
        yield monday
        monday += DAY * 7


def _turns(town: Town, unit: Unit, number: int) -> Iterator[dict]:
    """The kinds of outing that this village has places for, again and again; each village begins elsewhere."""
    here = {venue.venue_kind for venue in town.venues_of(unit)}
    possible = [line for line in WORDS["outing"] if here & set(line["kinds"])]
    possible += [line for line in possible if line.get("often")]
    return (possible[turn % len(possible)] for turn in count(number))


def _outing(diary: Diary, unit: Unit, day: date, turns: Iterator[dict]) -> Outing:
    line = next(line for line in turns if not (line.get("officer") and day in diary.officer_out))
    if line.get("officer"):
        diary.officer_out.add(day)
    start = datetime.combine(day, diary.rng.choice(STARTS), STATION_ZONE) + timedelta(seconds=diary.rng.randrange(600))
    return Outing(line, unit, _author(diary, unit, line), start, _stops(diary, unit, line))


def _author(diary: Diary, unit: Unit, line: dict) -> Person:
    """One of the village's own, who goes out once a day at most, so nobody is in two places at a time."""
    committee = COMMITTEES[unit.code]
    local = [committee["volunteer"], committee["volunteer"], committee["clerk"]]
    local += [name for name, (code, role) in TOWN["people"].items() if code == unit.code and role == "grid_worker"]
    return diary.town.people[OFFICER if line.get("officer") else diary.rng.choice(local)]


def _stops(diary: Diary, unit: Unit, line: dict) -> tuple[Venue, ...]:
    """Those who waited longest first."""
    fitting = [venue for venue in diary.town.venues_of(unit) if venue.venue_kind in line["kinds"]]
    fitting.sort(key=lambda venue: (diary.visits[venue.id], diary.rng.random()))
    stops = fitting[: diary.rng.randint(*line["stops"])]
    diary.visits.update(venue.id for venue in stops)
    return tuple(stops)


def _broadcasts(town: Town, first: date, today: date, rng: Random) -> Iterator[Outing]:
    """At seven in the morning, before anybody is out."""
    for line in WORDS["broadcast"]:
        unit, days = town.units[line["area"]], (today - first).days
        start = datetime.combine(
            first + DAY * rng.randint(1, max(1, days - 1)), time(7, rng.randrange(50)), STATION_ZONE
        )
        yield Outing(line, unit, town.people[COMMITTEES[unit.code]["clerk"]], start)
