"""What each record counts for, worked out once: rollups that figures/tallies.py keeps equal to the records.

Nothing here is a source: drop every row, and `rebuild` makes the same again. progress: 1 when submitted or accepted;
final: 1 when accepted. They are numbers, so that sums need no case.
"""

from datetime import date

from sqlalchemy import Date, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base


class ActivityTally(Base):
    """One activity under its one place type, with the quotas that it is good for. pictures: different ones, printable.

    heads: 人次, of all audiences; reach: 人次 who saw or heard it elsewhere, never added to people (R110); papers: leaflets and
    booklets in 份; needs: 1 where somebody said what they need.
    """

    __tablename__ = "activity_tally"
    activity_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    day: Mapped[date] = mapped_column(Date, index=True)
    area_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    place_type: Mapped[str]
    delivery: Mapped[str]
    form: Mapped[str]
    context: Mapped[str]
    activity_kind: Mapped[str]
    audiences: Mapped[list]
    quotas: Mapped[list]
    progress: Mapped[int]
    final: Mapped[int]
    visits: Mapped[int]
    pictures: Mapped[int]
    people: Mapped[int]
    registrations: Mapped[int]
    heads: Mapped[int] = mapped_column(default=0)
    reach: Mapped[int] = mapped_column(default=0)
    papers: Mapped[int] = mapped_column(default=0)
    needs: Mapped[int] = mapped_column(default=0)


class TallyUnit(Base):
    """For which units an activity counts: every organiser and those above it, and the committee where it took place."""

    __tablename__ = "tally_unit"
    __table_args__ = (Index("tally_unit_by_activity", "activity_id"),)
    unit_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True, index=True)
    activity_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)


class VisitTally(Base):
    """One visit. reached: somebody opened the door; a locked home is a record and no visit to that home."""

    __tablename__ = "visit_tally"
    __table_args__ = (Index("visit_tally_of_venue", "venue_id", "day"),)
    visit_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    activity_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), index=True)
    venue_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    day: Mapped[date] = mapped_column(Date)
    template: Mapped[str | None]
    progress: Mapped[int]
    final: Mapped[int]
    reached: Mapped[int]


class VenueState(Base):
    """When a venue was last reached, and last verified on the spot; local days, None for never."""

    __tablename__ = "venue_state"
    venue_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    visits: Mapped[int]
    last_day: Mapped[date | None] = mapped_column(Date)
    last_final_day: Mapped[date | None] = mapped_column(Date)
    verified_on: Mapped[date | None] = mapped_column(Date)
    verified_final_on: Mapped[date | None] = mapped_column(Date)


class DayTally(Base):
    """Activities of one unit or area (with all below it) on one local day, cut one way.

    cut: all, place_type, delivery, form, context, activity_kind, audience, quota. The sums of people, pictures and so on
    stand in the cut `all` only; short: activities with fewer pictures than the form of annex 2 shows.
    """

    __tablename__ = "day_tally"
    scope_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    cut: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True, index=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    progress: Mapped[int]
    final: Mapped[int]
    visits: Mapped[int] = mapped_column(default=0)
    pictures: Mapped[int] = mapped_column(default=0)
    short: Mapped[int] = mapped_column(default=0)
    people: Mapped[int] = mapped_column(default=0)
    registrations: Mapped[int] = mapped_column(default=0)
    reach: Mapped[int] = mapped_column(default=0)


class TallyMark(Base):
    """One row: up to which link of the audit chain the tallies know, under which rules and which trees."""

    __tablename__ = "tally_mark"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    audit_seq: Mapped[int]
    rules: Mapped[str]
    trees: Mapped[dict] = mapped_column(deferred=True)
