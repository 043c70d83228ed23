"""场次, 人次 and 资料 as sentences and tables print them, and how many villages were reached: all from the tallies."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..models import Area, DayTally
from .half_year import Table

VILLAGES = ("village", "community")


def sums(table: Table, place_type: str | None = None) -> dict[str, int]:
    """Of the whole table, or of one place type. People are counted by head (人次), paper by the copy (份)."""
    if place_type is None:
        return {"场次": table.total, "人次": table.head_counts.total(), "资料": table.leaflets.total()}
    return {"场次": table.row(place_type), "人次": table.head_counts[place_type], "资料": table.leaflets[place_type]}


def covered_areas(session: Session, area_path: str, first: date, last: date) -> int:
    """Villages and communities with at least one activity (R121)."""
    rows = select(func.count(func.distinct(DayTally.scope_id))).join(Area, Area.id == DayTally.scope_id)
    rows = rows.where(Area.path.startswith(area_path, autoescape=True), Area.area_kind.in_(VILLAGES))
    rows = rows.where(DayTally.cut == "all", DayTally.day.between(first, last), DayTally.progress > 0)
    return session.scalar(rows) or 0
