"""Yearly targets beside what was done (R40, R55, R155). Call tallies.up_to_date first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..models import ActivityTally, RegisterEntry, TallyUnit, Visit, VisitTally
from ..periods import year_of

SUMS = {"activities": ActivityTally.progress, "people": ActivityTally.people, "visits": ActivityTally.visits,
        "registrations": ActivityTally.registrations}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """wanted and done in what the measure counts: activities (场), people (人), visits, homes, registrations (人)."""

    entry: RegisterEntry
    wanted: int
    done: int

    @property
    def missing(self) -> int:
        return max(0, self.wanted - self.done)


def targets(session: Session, entries: Sequence[RegisterEntry]) -> dict[str, Target]:
    """By entry id. Submitted and accepted records count, as everywhere where progress is shown."""
    return {entry.id: Target(entry, entry.values["wanted"], _done(session, entry)) for entry in entries}


def _done(session: Session, entry: RegisterEntry) -> int:
    year, measure = year_of(entry.day), entry.values["measure"]
    days = TallyUnit.unit_id == entry.unit_id, TallyUnit.day.between(year.first, year.last)
    if measure == "homes":
        return _homes(session, days)
    counted = select(func.sum(SUMS[measure])).join(TallyUnit, TallyUnit.activity_id == ActivityTally.activity_id)
    return int(session.scalar(counted.where(*days, ActivityTally.progress == 1)) or 0)


def _homes(session: Session, days: tuple) -> int:
    """Different homes where somebody opened the door."""
    here = select(TallyUnit.activity_id).where(*days)
    homes = select(func.count(VisitTally.venue_id.distinct())).join(Visit, Visit.id == VisitTally.visit_id)
    reached = VisitTally.progress == 1, VisitTally.reached == 1, Visit.place_type == "household"
    return session.scalar(homes.where(VisitTally.activity_id.in_(here), *reached)) or 0
