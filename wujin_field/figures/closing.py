"""What was begun and brought to an end: plan rows, spot checks, hazards of one unit. Each answers (done, of how many)."""

from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from ..models import ActivityTally, Area, Batch, BatchVisit, Hazard, PlanRow, PlanTable, TallyUnit, Unit, Visit
from ..models.hazards import state_of_hazard
from ..models.rulings import latest_result
from .periods import Period

TRUE, FALSE = ("pass", "pass_with_note"), ("not_as_recorded", "rejected")


def plan_rows(session: Session, unit: Unit, period: Period, today: date) -> tuple[int, int]:
    """Rows of the period whose last day is over, and those in whose days the unit has a counted activity."""
    done = and_(TallyUnit.unit_id == unit.id, TallyUnit.day.between(PlanRow.first_day, PlanRow.last_day))
    has = select(TallyUnit.activity_id).join(ActivityTally, ActivityTally.activity_id == TallyUnit.activity_id)
    has = has.where(done, ActivityTally.progress == 1)
    rows = select(PlanRow.id, has.exists().label("done")).join(PlanTable).where(PlanTable.unit_id == unit.id)
    rows = rows.where(PlanRow.cancelled_reason.is_(None), PlanTable.kind == "fire")
    over = PlanRow.last_day.between(period.first, min(period.last, today))
    found = session.execute(rows.where(over)).all()
    return sum(row.done for row in found), len(found)


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
    rows = select(state_of_hazard()).select_from(Hazard).join(Visit, Visit.id == Hazard.visit_id)
    rows = rows.join(Area, Area.id == Visit.area_id).where(Area.path.startswith(unit.area.path, autoescape=True))
    states = session.scalars(rows.where(Hazard.due.between(period.first, min(period.last, today)))).all()
    standing = [state for state in states if state != "void"]
    return sum(state == "verified" for state in standing), len(standing)
