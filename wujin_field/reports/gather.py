"""From figures to the facts a report is made of. The only file here that asks the database."""

from calendar import monthrange
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ..domain import Pack
from ..figures.entries import Entry, entries
from ..models import Area, PlanTable, Unit
from ..periods import Span
from .facts import ActivityFact, MonthFacts, PictureFact, PlanFacts, PlanRowFact
from .weeks import report_weeks

COMMITTEES = ("village_committee", "community_committee")


def month_facts(session: Session, pack: Pack, unit: Unit, year: int, month: int, person: str = "") -> MonthFacts:
    """Annex 2 of one village and month. What happened after the due day prints in the next month's paper."""
    due_day = pack["deadline"]["monthly_report"]["due_day"]
    last = date(year, month, monthrange(year, month)[1])
    inside = entries(session, pack, unit.area.path, date(year, month, 1), last)
    carried_span = _carried_span(date(year, month, 1) - timedelta(days=1), due_day)
    carried = entries(session, pack, unit.area.path, carried_span.first, carried_span.last) if carried_span else []
    return MonthFacts(
        town=town_of(session, unit.area), area=unit.area.zh, year=year, month=month, due_day=due_day, person=person,
        weeks=report_weeks(year, month, pack.files["quotas"]["report_week_start"]),
        activities=tuple(_fact(pack, entry) for entry in inside),
        carried=tuple(_fact(pack, entry) for entry in carried), carried_span=carried_span,
    )  # fmt: skip


def plan_facts(session: Session, unit: Unit, year: int) -> PlanFacts | None:
    """Annex 1 of one unit and year, or None when nobody has planned it yet."""
    newest = (
        select(PlanTable)
        .where(PlanTable.unit_id == unit.id, PlanTable.year == year, PlanTable.kind == "fire")
        .order_by(PlanTable.version.desc())
    )
    table = session.scalars(newest.limit(1)).first()
    if table is None:
        return None
    rows = [
        PlanRowFact(row.cycle_no, row.first_day, row.last_day, tuple(row.targets), row.focus, row.person)
        for row in table.rows
        if not row.cancelled_reason
    ]
    return PlanFacts(town_of(session, unit.area), unit.area.zh, year, tuple(rows), table.basis_doc or "")


def committees_below(session: Session, area_path: str) -> list[Unit]:
    """Villages and communities of an area, in administrative order."""
    rows = select(Unit).join(Area).where(Unit.unit_kind.in_(COMMITTEES), Unit.active)
    rows = rows.where(Area.path.startswith(area_path, autoescape=True)).order_by(Area.path)
    return list(session.scalars(rows.options(joinedload(Unit.area))))


def villages_of(session: Session) -> dict[str, str]:
    """Path → name of every village and community."""
    rows = select(Area.path, Area.zh).where(Area.area_kind.in_(("village", "community")))
    return {row[0]: row[1] for row in session.execute(rows)}


def town_of(session: Session, area: Area) -> str:
    """The township's name above a village; empty for the township itself."""
    codes = area.path.rstrip("/").split("/")[:-1]
    above = select(Area.zh).where(Area.code.in_(codes), Area.area_kind == "township")
    return session.scalar(above) or ""


def _carried_span(previous_last: date, due_day: int) -> Span | None:
    return Span(previous_last.replace(day=due_day + 1), previous_last) if previous_last.day > due_day else None


def _fact(pack: Pack, entry: Entry) -> ActivityFact:
    place = pack["place_type"][entry.place_type]["zh"]
    return ActivityFact(entry.id, entry.day, place, entry.text, tuple(PictureFact(sha256) for sha256 in entry.photos))
