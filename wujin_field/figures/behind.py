"""What stands behind a number: the very activities, venues and areas that were counted, page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Text, cast, func, select, true, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from ..models import Activity, ActivityProgramme, ActivityTally, Area, TallyUnit, Unit, Venue, VenueState, VisitTally
from ..periods import Period
from .quotas import areas_below, cell_sums, venues_of_quota

PAGE = 30


@dataclass(frozen=True)
class Wanted:
    """Which activities: of a unit or an area (with all below), in a period, of a quota or of one code of a cut."""

    period: Period
    unit_id: str | None = None
    area: Area | None = None
    quota: str = ""
    cut: str = ""
    code: str = ""


@dataclass(frozen=True)
class Page:
    """Newest first. after: where the next page begins, None at the end."""

    lines: list[tuple[Activity, ActivityTally]]
    after: str | None


def activities(session: Session, wanted: Wanted, after: tuple[date, str] | None = None) -> Page:
    rows = select(Activity, ActivityTally).join(ActivityTally, ActivityTally.activity_id == Activity.id)
    rows = _scoped(rows, wanted).where(ActivityTally.progress == 1)
    rows = rows.where(ActivityTally.day.between(wanted.period.first, wanted.period.last))
    rows = rows.where(cut_to("quota", wanted.quota) if wanted.quota else cut_to(wanted.cut, wanted.code))
    if after:
        rows = rows.where(tuple_(ActivityTally.day, ActivityTally.activity_id) < after)
    rows = rows.order_by(ActivityTally.day.desc(), ActivityTally.activity_id.desc()).limit(PAGE + 1)
    found = [
        (row[0], row[1])
        for row in session.execute(
            rows.options(joinedload(Activity.area), joinedload(Activity.unit), selectinload(Activity.labels))
        )
    ]
    last = found[PAGE - 1][1] if len(found) > PAGE else None
    return Page(found[:PAGE], f"{last.day}_{last.activity_id}" if last else None)


def cut_to(cut: str, code: str) -> ColumnElement[bool]:
    """What of a figure has this value in this cut: one of daily.CUTS, a programme it also served, a quota that counted it."""
    if cut == "quota":
        return cast(ActivityTally.quotas, Text).contains(f'"{code}"', autoescape=True)
    if cut == "programme":
        return Activity.labels.any(ActivityProgramme.programme == code)
    return getattr(ActivityTally, cut) == code if cut else true()


def _scoped(rows, wanted: Wanted):
    if wanted.unit_id:
        mine = (TallyUnit.activity_id == Activity.id) & (TallyUnit.unit_id == wanted.unit_id)
        rows = rows.join(TallyUnit, mine & (TallyUnit.day == ActivityTally.day))
    if wanted.area is not None:
        rows = rows.join(Area, Area.id == ActivityTally.area_id)
        rows = rows.where(Area.path.startswith(wanted.area.path, autoescape=True))
    return rows


def venues(session: Session, quota: Mapping, unit: Unit, period: Period) -> list[tuple[Venue, date | None]]:
    """Every venue that the quota asks for and the day it was last reached in the period, of a stock the day it was last
    verified on the spot; those without one first."""
    verified = select(VenueState.verified_on).where(VenueState.venue_id == Venue.id)
    inside = (VisitTally.venue_id == Venue.id) & VisitTally.day.between(period.first, period.last)
    last = select(func.max(VisitTally.day)).where(inside, VisitTally.reached == 1, VisitTally.progress == 1)
    rows = select(Venue, (verified if quota["measure"] == "places" else last).scalar_subquery()).where(
        Venue.id.in_(venues_of_quota(quota, unit))
    )
    found = [(row[0], row[1]) for row in session.execute(rows.options(joinedload(Venue.area)))]
    return sorted(found, key=lambda line: (line[1] is not None, not line[0].focus, line[0].area.path, line[0].zh))


def areas(session: Session, quota: Mapping, unit: Unit, period: Period) -> list[tuple[Area, int]]:
    """Every area that the quota asks for and how many activities it had; those with none first."""
    below = areas_below(session, unit, quota["filter"]["area_kind"])
    sums = cell_sums(session, [area.id for area in below], "quota", [quota["code"]], period)
    found = [(area, sums.get((area.id, quota["code"]), (0, 0))[0]) for area in below]
    return sorted(found, key=lambda line: (line[1] > 0, line[0].path))
