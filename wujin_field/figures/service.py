"""Who serves as a volunteer, and how long they were out: hours by half, at least half an hour a time."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Area, Person, Unit, Visit
from ..models.rulings import PRINTED, latest_result, state_of

SERVING = ("volunteer", "grid_worker", "fire_ambassador", "building_head", "party_league_member", "militia")


def hours_of(start: datetime, end: datetime) -> float:
    """Rounded to half an hour (f_volunteer)."""
    return max(0.5, round((end - start).total_seconds() / 1800) / 2)


@dataclass(frozen=True)
class Served:
    """How often somebody went out, and for how many hours; nobody is ever put in order by it."""

    times: int
    hours: float


def served(session: Session, area_path: str, first: date, last: date) -> dict[str, Served]:
    """person id → what they served in this area: one service an activity, from their first stop's start to the last one's end."""
    columns = Visit.activity_id, Visit.author_id, Visit.team, Visit.started_at, Visit.ended_at
    rows = select(*columns, latest_result().scalar_subquery()).join(Area, Visit.area_id == Area.id)
    rows = rows.where(Area.path.startswith(area_path, autoescape=True), Visit.day.between(first, last))
    spans: dict[str, dict[str, tuple[datetime, datetime]]] = defaultdict(dict)
    for activity, author, team, start, end, result in session.execute(rows):
        for who in {author, *team} if state_of(result) in PRINTED else ():
            known = spans[who].get(activity, (start, end))
            spans[who][activity] = min(known[0], start), max(known[1], end)
    return {
        who: Served(len(outings), sum(hours_of(*span) for span in outings.values())) for who, outings in spans.items()
    }


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
