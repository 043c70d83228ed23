"""Who serves as a volunteer, and how long they were out: hours by half, at least half an hour a time."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Area, Person, Unit

SERVING = ("volunteer", "grid_worker", "fire_ambassador", "building_head", "party_league_member", "militia")


def hours_of(start: datetime, end: datetime) -> float:
    """Rounded to half an hour (f_volunteer)."""
    return max(0.5, round((end - start).total_seconds() / 1800) / 2)


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
