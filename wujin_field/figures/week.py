"""How many activities this week, against the station's quota (R154)."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from ..domain import Pack
from .entries import entries


@dataclass(frozen=True)
class Week:
    """Monday to Sunday, local days; done counts activities, never visits."""

    first: date
    last: date
    done: int
    wanted: int

    @property
    def still_wanted(self) -> int:
        return max(0, self.wanted - self.done)


def this_week(session: Session, pack: Pack, area_path: str, today: date) -> Week:
    first = today - timedelta(days=today.weekday())
    last = first + timedelta(days=6)
    done = len(
        entries(session, pack, area_path, first, last)
    )  # what the papers would print, so that no two numbers differ
    return Week(first, last, done, pack["quota"]["station_weekly_activities"]["min"])
