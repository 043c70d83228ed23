"""What was begun and brought to an end: plan rows, spot checks, hazards of one unit. Each answers (done, of how many)."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain import load_pack
from ..models import Area, Batch, BatchVisit, Hazard, PlanTable, Unit, Visit
from ..models.rulings import latest_result
from ..periods import Period
from .plans import standing_of

TRUE, FALSE = ("pass", "pass_with_note"), ("not_as_recorded", "rejected")


def plan_rows(session: Session, unit: Unit, period: Period, today: date) -> tuple[int, int]:
    """Rows whose last day is over, of plans of every kind (R43), and those that an activity fulfilled, late ones too."""
    tables = session.scalars(select(PlanTable).where(PlanTable.unit_id == unit.id))
    rows = [one for table in tables for one in standing_of(session, load_pack(), table, today)[0]]
    due = [one for one in rows if period.first <= one.row.last_day < today and one.state != "cancelled"]
    return sum(one.state in ("done", "done_late") for one in due), len(due)


def spot_checks(session: Session, unit: Unit, period: Period, _today: date) -> tuple[int, int]:
    """Drawn visits of the unit's area that were found true, and those that were found true or untrue."""
    rows = (
        select(latest_result().scalar_subquery()).select_from(Visit).join(BatchVisit, BatchVisit.visit_id == Visit.id)
    )
    rows = rows.join(Batch).join(Area, Area.id == Visit.area_id)
    rows = rows.where(BatchVisit.reason.is_not(None), Visit.day.between(period.first, period.last))
    results = session.scalars(rows.where(Area.path.startswith(unit.area.path, autoescape=True))).all()
    true = sum(result in TRUE for result in results)
    return true, true + sum(result in FALSE for result in results)


def hazards(session: Session, unit: Unit, period: Period, today: date) -> tuple[int, int]:
    """Hazards of the unit's area that were to be put right by now, and those that a second person saw put right."""
    rows = select(Hazard.state).join(Visit, Visit.id == Hazard.visit_id)
    rows = rows.join(Area, Area.id == Visit.area_id).where(Area.path.startswith(unit.area.path, autoescape=True))
    states = session.scalars(rows.where(Hazard.due.between(period.first, min(period.last, today)))).all()
    standing = [state for state in states if state != "void"]
    return sum(state == "verified" for state in standing), len(standing)
