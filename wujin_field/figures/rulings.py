"""What the spot checks said: the newest ruling of each visit, and how many of each result a unit has."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import local_day
from ..models import Area, Person, Ruling, Unit, Visit


@dataclass(frozen=True)
class RulingLine:
    """visit: its short number, as papers print it. day: local day of the ruling."""

    visit: str
    unit: str
    unit_code: str
    place_type: str
    result: str
    reason: str
    by: str
    day: date


def visit_number(visit_id: str) -> str:
    """Eight characters: enough to find a visit by, short enough to read out."""
    return visit_id.replace("-", "")[-8:].upper()


def ruling_lines(session: Session, area_path: str, first: date, last: date) -> list[RulingLine]:
    """Of visits of these days, in the order of the areas."""
    rows = select(Visit, Ruling, Unit, Person.name).join(Ruling, Ruling.visit_id == Visit.id)
    rows = rows.join(Unit, Unit.id == Visit.unit_id)
    rows = rows.join(Person, Person.id == Ruling.decided_by_id).join(Area, Area.id == Visit.area_id)
    rows = rows.where(Area.path.startswith(area_path, autoescape=True), Visit.day.between(first, last))
    rows = rows.where(Ruling.revision == Visit.revision).order_by(
        Area.path, Visit.started_at, Visit.id, Ruling.decided_at
    )
    newest = {visit.id: (visit, ruling, unit, name) for visit, ruling, unit, name in session.execute(rows)}
    return [
        RulingLine(visit_number(visit.id), unit.zh, unit.code, visit.place_type, ruling.result, ruling.reason, name,
                   local_day(ruling.decided_at))
        for visit, ruling, unit, name in newest.values()
    ]  # fmt: skip
