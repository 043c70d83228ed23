"""Where nobody was lately: areas, venue kinds, audiences; the levels of a plan; town and country; weeks in a row."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from ..domain import Pack
from ..models import (
    Activity,
    ActivityProgramme,
    ActivityTally,
    Area,
    DayTally,
    PlanTable,
    Unit,
    Venue,
    VenueState,
    Visit,
    VisitTally,
)
from ..periods import Period, week_of
from .choosing import worries
from .plans import standing_of

WEEK = timedelta(days=7)
NEEDS = 40


@dataclass(frozen=True)
class Reach:
    """One area, venue kind or audience: when it was last reached, how often (or how many of how many) in the time asked.

    quiet: not once in that time. worry: a trade that the station does not trust (R132).
    """

    code: str
    zh: str
    last: date | None
    done: int
    out_of: int | None = None
    focus: bool = False
    worry: bool = False

    @property
    def quiet(self) -> bool:
        return not self.done

    def days_quiet(self, today: date) -> int | None:
        """Days since; None for never."""
        return (today - self.last).days if self.last else None


@dataclass(frozen=True)
class Levels:
    """How much of a plan arrived at each level (R75)."""

    unit: Unit
    planned: int
    sent_down: int
    done: int
    verified: int


def areas_reached(session: Session, path: str, kinds: Sequence[str], since: date) -> list[Reach]:
    """Villages and communities below a path in administrative order, with the day of their last activity."""
    mine = (DayTally.scope_id == Area.id) & (DayTally.cut == "all")
    last, done = (
        func.max(DayTally.day),
        func.coalesce(func.sum(case((DayTally.day >= since, DayTally.progress), else_=0)), 0),
    )
    rows = (
        select(Area.code, Area.zh, last, done)
        .join(DayTally, mine, isouter=True)
        .group_by(Area.id, Area.code, Area.zh, Area.path)
    )
    inside = Area.path.startswith(path, autoescape=True), Area.area_kind.in_(kinds), Area.active
    return [
        Reach(code, zh, day, int(n)) for code, zh, day, n in session.execute(rows.where(*inside).order_by(Area.path))
    ]


def groups_reached(session: Session, path: str, since: date) -> list[Reach]:
    """Groups, estates and grids: when one of their places was last reached (R205), and how many of them since that day."""
    below, above = aliased(Area), aliased(Area)
    inside = Area.path.startswith(path, autoescape=True), Area.area_kind.in_(("group", "estate", "grid")), Area.active
    done = func.coalesce(func.sum(case((VenueState.last_day >= since, 1), else_=0)), 0)
    rows = select(Area.code, above.zh, Area.zh, func.max(VenueState.last_day), done, func.count(Venue.id))
    rows = rows.join(above, above.id == Area.parent_id).join(below, below.path.startswith(Area.path), isouter=True)
    rows = rows.join(Venue, (Venue.area_id == below.id) & Venue.active, isouter=True)
    rows = rows.join(VenueState, VenueState.venue_id == Venue.id, isouter=True)
    rows = rows.where(*inside).group_by(Area.id, Area.code, above.zh, Area.zh, Area.path).order_by(Area.path)
    return [Reach(code, village + zh, last, int(n), of) for code, village, zh, last, n, of in session.execute(rows)]


def kinds_reached(session: Session, pack: Pack, path: str, since: date) -> list[Reach]:
    """Every venue kind that is there: how many of its venues were reached since that day; what worries the station first,
    then the focus (R121, R126, R132)."""
    reached, focus = (
        func.sum(case((VenueState.last_day >= since, 1), else_=0)),
        func.max(case((Venue.focus, 1), else_=0)),
    )
    rows = select(Venue.venue_kind, func.max(VenueState.last_day), reached, func.count(Venue.id), focus)
    rows = rows.join(Area, Area.id == Venue.area_id).join(VenueState, VenueState.venue_id == Venue.id, isouter=True)
    rows = rows.where(Venue.active, Area.path.startswith(path, autoescape=True)).group_by(Venue.venue_kind)
    found = [
        Reach(
            kind,
            pack.name("venue_kind", kind),
            last,
            int(done or 0),
            n,
            bool(mark) or bool(pack["venue_kind"].get(kind, {}).get("key_focus")),
            kind in worries(pack),
        )
        for kind, last, done, n, mark in session.execute(rows)
    ]
    place = {code: number for number, code in enumerate(pack["venue_kind"])}
    return sorted(found, key=lambda one: (not one.worry, not one.focus, place.get(one.code, len(place))))


def audiences_reached(session: Session, pack: Pack, scope_id: str, since: date) -> list[Reach]:
    """Every audience of the pack, reached or not (R73); focus groups first."""
    done = func.sum(case((DayTally.day >= since, DayTally.progress), else_=0))
    rows = select(DayTally.code, func.max(DayTally.day), done).where(
        DayTally.scope_id == scope_id, DayTally.cut == "audience"
    )
    known = {code: (last, int(n)) for code, last, n in session.execute(rows.group_by(DayTally.code))}
    found = [
        Reach(code, entry["zh"], *known.get(code, (None, 0)), None, bool(entry.get("key")))
        for code, entry in pack["audience"].items()
    ]
    return sorted(found, key=lambda one: not one.focus)


def in_focus(found: Sequence[Reach]) -> list[Reach]:
    """只看重点."""
    return [one for one in found if one.focus or one.worry]


def town_and_country(session: Session, path: str, period: Period) -> dict[str, tuple[int, int]]:
    """settlement → (activities, areas with at least one of all villages and communities are in areas_reached) (R72)."""
    mine = (DayTally.scope_id == Area.id) & (DayTally.cut == "all") & DayTally.day.between(period.first, period.last)
    rows = select(Area.settlement, func.coalesce(func.sum(DayTally.progress), 0), func.count(Area.id.distinct()))
    rows = rows.join(DayTally, mine, isouter=True).where(Area.path.startswith(path, autoescape=True), Area.active)
    rows = rows.where(Area.area_kind.in_(("village", "community"))).group_by(Area.settlement)
    return {settlement: (int(done), n) for settlement, done, n in session.execute(rows)}


def drills_by_trade(session: Session, pack: Pack, path: str, period: Period) -> tuple[int, dict[str, int]]:
    """How many drills in all, and of each trade of the pack (R100); "" those at no place of any trade.

    A drill counts once in all, and once in every trade that it took place at.
    """
    rows = select(ActivityTally.activity_id, Visit.venue_kind).join(Area, Area.id == ActivityTally.area_id).distinct()
    here = (VisitTally.activity_id == ActivityTally.activity_id) & (VisitTally.progress == 1)
    rows = rows.join(VisitTally, here, isouter=True).join(Visit, Visit.id == VisitTally.visit_id, isouter=True)
    rows = rows.where(ActivityTally.form == "evacuation_drill", ActivityTally.progress == 1)
    rows = rows.where(ActivityTally.day.between(period.first, period.last), Area.path.startswith(path, autoescape=True))
    kinds: dict[str, set[str]] = defaultdict(set)
    for drill, kind in session.execute(rows):
        kinds[drill].add(kind)
    numbers = {
        code: sum(bool(at & set(trade["kinds"])) for at in kinds.values()) for code, trade in pack["trade"].items()
    }
    known = {kind for trade in pack["trade"].values() for kind in trade["kinds"]}
    return len(kinds), numbers | {"": sum(not at & known for at in kinds.values())}


def programmes_served(session: Session, pack: Pack, path: str, period: Period) -> dict[str, tuple[int, int]]:
    """programme → (activities, accepted) that also serve it (R69); these are no further activities."""
    rows = select(ActivityProgramme.programme, func.count(), func.sum(ActivityTally.final))
    rows = rows.join(ActivityTally, ActivityTally.activity_id == ActivityProgramme.activity_id)
    rows = rows.join(Area, Area.id == ActivityTally.area_id).where(Area.path.startswith(path, autoescape=True))
    rows = rows.where(ActivityTally.progress == 1, ActivityTally.day.between(period.first, period.last))
    found = {code: (n, int(sure)) for code, n, sure in session.execute(rows.group_by(ActivityProgramme.programme))}
    named = [code for code, entry in pack["programme"].items() if not entry.get("retired") or code in found]
    return {code: found.get(code, (0, 0)) for code in named}


def needs_said(session: Session, path: str, since: date) -> list[tuple[date, str, str, str]]:
    """(day, area, what people asked for, the activity's id), newest first: no name ever stands in it (R178)."""
    rows = select(Activity.day, Area.zh, Activity.needs, Activity.id).join(Area, Area.id == Activity.area_id)
    rows = rows.where(Activity.needs != "", Activity.void_reason.is_(None), Activity.day >= since)
    rows = rows.where(Area.path.startswith(path, autoescape=True)).order_by(Activity.day.desc(), Activity.id.desc())
    return [(day, area, said, one) for day, area, said, one in session.execute(rows.limit(NEEDS))]


def weeks_in_a_row(
    session: Session, pack: Pack, scope_id: str, today: date, weeks: int = 12
) -> list[tuple[Period, int, int]]:
    """(week, activities, accepted) of the last weeks, oldest first; a week without any stands as nothing."""
    last = week_of(pack, today)
    first = last.first - (weeks - 1) * WEEK
    rows = select(DayTally.day, DayTally.progress, DayTally.final).where(
        DayTally.scope_id == scope_id, DayTally.cut == "all"
    )
    sums: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    for day, done, final in session.execute(rows.where(DayTally.day.between(first, last.last))):
        held = sums[week_of(pack, day).first]
        held[0], held[1] = held[0] + done, held[1] + final
    return [(week, *sums[week.first]) for week in (week_of(pack, first + n * WEEK) for n in range(weeks))]  # type: ignore[misc]


def registered(session: Session, scope_id: str, today: date) -> list[tuple[str, int]]:
    """(month, all registrations up to its end) of this year (R70): a running total."""
    rows = select(DayTally.day, DayTally.registrations).where(DayTally.scope_id == scope_id, DayTally.cut == "all")
    by_month: dict[str, int] = defaultdict(int)
    for day, n in session.execute(rows.where(DayTally.registrations > 0, DayTally.day <= today)):
        by_month[max(f"{day:%Y-%m}", f"{today.year}-01")] += n
    months = [f"{today.year}-{month:02}" for month in range(1, today.month + 1)]
    return [(month, sum(n for of, n in by_month.items() if of <= month)) for month in months]


def levels(session: Session, pack: Pack, tables: Sequence[PlanTable], period: Period, today: date) -> list[Levels]:
    """planned · sent down · done · verified of each plan, rows that begin in the period (R75)."""
    return [_levels(session, pack, table, period, today) for table in tables]


def _levels(session: Session, pack: Pack, table: PlanTable, period: Period, today: date) -> Levels:
    rows = [
        one
        for one in standing_of(session, pack, table, today)[0]
        if one.row.first_day in period and one.state != "cancelled"
    ]
    ids = [activity.id for one in rows for activity in one.fulfilled]
    sure = set(
        session.scalars(
            select(ActivityTally.activity_id).where(ActivityTally.activity_id.in_(ids), ActivityTally.final == 1)
        )
    )
    verified = sum(any(activity.id in sure for activity in one.fulfilled) for one in rows)
    sent = len(rows) if table.submitted_at else 0
    return Levels(table.unit, len(rows), sent, sum(bool(one.fulfilled) for one in rows), verified)
