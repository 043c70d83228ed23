"""How many activities this week: a station's against its quota (R154), a village's own."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import Unit
from ..periods import week_of
from .entries import entries
from .quotas import applies


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


def this_week(session: Session, pack: Pack, unit: Unit, today: date) -> Week:
    """In the unit's own area. A village is asked for no number a week: wanted is 0, what it did stands all the same."""
    quota, week = pack["quota"]["station_weekly_activities"], week_of(pack, today)
    # what the papers would print, so that no two numbers differ
    done = len(entries(session, pack, unit.area.path, week.first, week.last))
    return Week(week.first, week.last, done, quota["min"] if applies(quota, unit) else 0)
