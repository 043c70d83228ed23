"""What activities were asked beside the usual, counted: cases told (R181), by which channel an audience was reached (R80)."""

from collections import Counter
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ..models import Activity, Area


def cases_told(session: Session, path: str, first: date, last: date) -> Counter[str]:
    """Entry of the library of cases → the activities at which it was told, on these days (both included)."""
    case = Activity.asked["case_id"].as_string()
    return Counter(session.scalars(_of(select(case), path, first, last).where(case.is_not(None))))


def channels_reached(session: Session, path: str, first: date, last: date) -> dict[str, Counter[str]]:
    """Channel → audience → the activities that reached it that way; only where it was said."""
    rows = _of(select(Activity.asked), path, first, last).where(Activity.asked["by_channel"].as_string().is_not(None))
    found: dict[str, Counter[str]] = {}
    for asked in session.scalars(rows):
        for channel, audiences in asked["by_channel"].items():
            found.setdefault(channel, Counter()).update(audiences)
    return found


def _of(rows: Select, path: str, first: date, last: date) -> Select:
    rows = rows.join_from(Activity, Area, Area.id == Activity.area_id).where(Activity.void_reason.is_(None))
    return rows.where(Activity.day.between(first, last), Area.path.startswith(path, autoescape=True))
