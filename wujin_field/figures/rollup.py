"""The county's view (R2, R62, R193): one line of sums per unit, never a visit, never a home. Call tallies.up_to_date first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import Area, DayTally, Hazard, Unit, Visit
from ..models.hazards import is_overdue
from ..periods import Period
from .deadlines import dues_of_year, standings

PEOPLE_ONLY = ("department", "enterprise_group", "social_body")
OFFICES = ("station", "township", "zone", "enterprise_group", "department")
"""Whom the county lists: the grass roots and enterprises first (R110)."""
# what a line says: the sum of which column
SUMS = {"activities": "progress", "accepted": "final", "visits": "visits", "people": "people", "reach": "reach",
        "registrations": "registrations"}  # fmt: skip


@dataclass(frozen=True)
class UnitSum:
    """activities and accepted (场), visits, people there (人), reach elsewhere (人次), registrations (人); hazards found,
    verified, overdue; papers due by today: in time, late, not there."""

    unit: Unit
    activities: int = 0
    accepted: int = 0
    visits: int = 0
    people: int = 0
    reach: int = 0
    registrations: int = 0
    found: int = 0
    verified: int = 0
    overdue: int = 0
    on_time: int = 0
    late: int = 0
    not_sent: int = 0


def rollup(session: Session, pack: Pack, units: Sequence[Unit], period: Period, today: date) -> list[UnitSum]:
    """In the order of the units given; a unit's own numbers hold those below it."""
    counted, papers = _counted(session, units, period), _papers(session, pack, units, period, today)
    return [
        UnitSum(unit, **counted.get(unit.id, {}), **_hazards(session, unit, period, today), **papers[unit.id])
        for unit in units
    ]


def _counted(session: Session, units: Sequence[Unit], period: Period) -> dict[str, dict[str, int]]:
    sums = [func.sum(getattr(DayTally, column)) for column in SUMS.values()]
    rows = select(DayTally.scope_id, *sums).where(DayTally.scope_id.in_([unit.id for unit in units]))
    rows = rows.where(DayTally.cut == "all", DayTally.day.between(period.first, period.last))
    found = session.execute(rows.group_by(DayTally.scope_id))
    return {scope: dict(zip(SUMS, map(int, numbers), strict=True)) for scope, *numbers in found}


def _hazards(session: Session, unit: Unit, period: Period, today: date) -> dict[str, int]:
    """Of an area's unit those of its area; a department answers for what its own people found."""
    rows = select(Hazard.state, Hazard.due).join(Visit, Visit.id == Hazard.visit_id)
    rows = rows.join(Area, Area.id == Visit.area_id)
    own = Visit.unit_id == unit.id
    mine = own if unit.unit_kind in PEOPLE_ONLY else Area.path.startswith(unit.area.path, autoescape=True)
    rows = rows.where(mine, Visit.day.between(period.first, period.last))
    found = [(state, due) for state, due in session.execute(rows) if state != "void"]
    verified, overdue = sum(state == "verified" for state, _ in found), sum(is_overdue(*line, today) for line in found)
    return {"found": len(found), "verified": verified, "overdue": overdue}


def _papers(
    session: Session, pack: Pack, units: Sequence[Unit], period: Period, today: date
) -> dict[str, dict[str, int]]:
    """What the unit and those below it owed."""
    below = _below(session, units)
    owing = list({unit.id: unit for some in below.values() for unit in some}.values())
    dues = [due for due in dues_of_year(pack, period.first.year) if due.due in period and due.due <= today]
    states: dict[str, Counter[str]] = {unit.id: Counter() for unit in owing}
    for line in standings(session, pack, dues, owing):
        states[line.unit.id][line.state(today)] += 1
    sums = {unit.id: sum((states[one.id] for one in below[unit.id]), Counter[str]()) for unit in units}
    return {
        unit: {"on_time": one["on_time"], "late": one["late"], "not_sent": one["overdue"]} for unit, one in sums.items()
    }


def _below(session: Session, units: Sequence[Unit]) -> dict[str, list[Unit]]:
    children: dict[str | None, list[Unit]] = {}
    for unit in session.scalars(select(Unit).where(Unit.active).order_by(Unit.code)):
        children.setdefault(unit.parent_id, []).append(unit)
    return {unit.id: _gather(unit, children) for unit in units}


def _gather(unit: Unit, children: dict[str | None, list[Unit]]) -> list[Unit]:
    return [unit, *(below for child in children.get(unit.id, []) for below in _gather(child, children))]
