"""Who handed in what in time: of every committee and every paper that fell due in a span, on time, late or missing (R163)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from ..db import local_day
from ..domain import Pack
from ..models import Area, Report, Unit
from .spans import months_in

COMMITTEES = ("village_committee", "community_committee")


@dataclass(frozen=True)
class HandedIn:
    """Numbers of papers of one unit."""

    unit: str
    code: str
    on_time: int
    late: int
    missing: int


def reporting_units(session: Session, area_path: str) -> list[Unit]:
    """In administrative order."""
    rows = select(Unit).join(Area).where(Unit.unit_kind.in_(COMMITTEES), Unit.active)
    rows = rows.where(Area.path.startswith(area_path, autoescape=True)).order_by(Area.path)
    return list(session.scalars(rows.options(joinedload(Unit.area))))


def handed_in(session: Session, pack: Pack, area_path: str, span: tuple[date, date], today: date) -> list[HandedIn]:
    """The monthly reports whose due day lies in the span and is past."""
    first, last = span
    due = {
        f"{day:%Y-%m}": day.replace(day=pack["deadline"]["monthly_report"]["due_day"]) for day in months_in(first, last)
    }
    due = {period: day for period, day in due.items() if first <= day <= last}
    sent = _first_sent(session, list(due))
    return [_line(unit, due, sent, today) for unit in reporting_units(session, area_path)]


def _first_sent(session: Session, periods: list[str]) -> dict[tuple[str, str], date]:
    rows = select(Report.unit_id, Report.period, func.min(Report.submitted_at)).where(Report.kind == "annex2_monthly")
    rows = rows.where(Report.period.in_(periods), Report.submitted_at.is_not(None)).group_by(
        Report.unit_id, Report.period
    )
    return {(unit, period): local_day(at) for unit, period, at in session.execute(rows) if at}


def _line(unit: Unit, due: dict[str, date], sent: dict[tuple[str, str], date], today: date) -> HandedIn:
    days = {period: sent.get((unit.id, period)) for period in due}
    on_time = sum(day is not None and day <= due[period] for period, day in days.items())
    late = sum(day is not None and day > due[period] for period, day in days.items())
    missing = sum(day is None and due[period] < today for period, day in days.items())
    return HandedIn(unit.zh, unit.code, on_time, late, missing)
