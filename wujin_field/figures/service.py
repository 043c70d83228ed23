"""Who serves as a volunteer, and how long they were out: hours by half, at least half an hour a time.

One service an activity, from its first stop's start to its last one's end, both of the same local day (domain C3: at
midnight an activity is over). static/js/outbox/hours.js counts the same way what a phone still holds.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, String, cast, select
from sqlalchemy.orm import Session

from ..config import STATION_ZONE
from ..db import local_day, to_ms
from ..models import Area, Person, Unit, Visit
from ..models.rulings import PRINTED, latest_result, state_of
from ..periods import year_of

SERVING = ("volunteer", "grid_worker", "fire_ambassador", "building_head", "party_league_member", "militia")
RECENT_DAYS = 31  # a phone keeps its own for 14 days after they were received; what is older is told by the month
HALF_HOUR = timedelta(minutes=30)


def over(start: datetime, end: datetime) -> datetime:
    """When a service ended: by midnight of the day it began, however late somebody remembered to finish."""
    midnight = datetime.combine(local_day(start) + timedelta(days=1), time(), STATION_ZONE)
    return min(end, midnight)


def hours_of(start: datetime, end: datetime) -> float:
    """Rounded to half an hour, a quarter upwards (f_volunteer)."""
    return max(1, (over(start, end) - start + HALF_HOUR / 2) // HALF_HOUR) / 2


@dataclass(frozen=True)
class Served:
    """How often somebody went out, and for how many hours; nobody is ever put in order by it."""

    times: int
    hours: float


def served(session: Session, area_path: str, first: date, last: date) -> dict[str, Served]:
    """person id → what they served in this area: one service an activity, from their first stop's start to the last one's end."""
    inside = select(Area.id).where(Area.path.startswith(area_path, autoescape=True))
    found = _outings(session, Visit.area_id.in_(inside), Visit.day.between(first, last))
    return {
        who: Served(len(outings), sum(hours_of(*span) for span in outings.values())) for who, outings in found.items()
    }


def own(session: Session, person: Person, today: date) -> dict:
    """What a phone shows its own person, JSON: months {2026-10: [times, hours]} of this year that lie behind, and recent:
    [activity id, start counted from the moment `since`, length] (ms), so that the phone adds what it still holds and counts
    none twice.
    """
    since = datetime.combine(today - timedelta(days=RECENT_DAYS), time(), STATION_ZONE)
    first = min(since.date(), year_of(today).first)
    comrades = select(Person.id).where(Person.unit_id == person.unit_id)
    took_part = (Visit.author_id == person.id) | cast(Visit.team, String).contains(person.id)
    mine = Visit.author_id.in_(comrades), took_part, Visit.day >= first  # by the index on authors
    months: dict[str, list[float]] = {}
    recent = []
    for activity, (start, end) in sorted(_outings(session, *mine).get(person.id, {}).items()):
        if start >= since:
            recent.append([activity, to_ms(start) - to_ms(since), to_ms(end) - to_ms(start)])
            continue
        month = months.setdefault(f"{local_day(start):%Y-%m}", [0, 0])
        month[:] = month[0] + 1, month[1] + hours_of(start, end)
    return {"since": to_ms(since), "months": months, "recent": recent}


def _outings(session: Session, *where: ColumnElement[bool]) -> dict[str, dict[str, tuple[datetime, datetime]]]:
    """person id → activity id → from when to when; what was returned or rejected is left out."""
    columns = Visit.activity_id, Visit.author_id, Visit.team, Visit.started_at, Visit.ended_at
    rows = select(*columns, latest_result().scalar_subquery()).where(*where)
    spans: dict[str, dict[str, tuple[datetime, datetime]]] = defaultdict(dict)
    for activity, author, team, start, end, result in session.execute(rows):
        for who in {author, *team} if state_of(result) in PRINTED else ():
            known = spans[who].get(activity, (start, end))
            spans[who][activity] = min(known[0], start), max(known[1], end)
    return spans


def volunteers(session: Session, area_path: str, about: str = "") -> list[tuple[str, str, str]]:
    """id, name, field role of everybody who serves in this area, or of the one called `about` (an id or a name)."""
    rows = select(Person.id, Person.name, Person.field_role).join(Unit).join(Area)
    rows = rows.where(Area.path.startswith(area_path, autoescape=True), Person.active)
    rows = (
        rows.where((Person.id == about) | (Person.name == about))
        if about
        else rows.where(Person.field_role.in_(SERVING))
    )
    return [tuple(row) for row in session.execute(rows.order_by(Area.path, Person.name, Person.id))]  # type: ignore[misc]
