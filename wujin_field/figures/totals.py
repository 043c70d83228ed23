"""What an area did in a span of days, as numbers: the same activities that its papers print, counted once each.

Order of counting as domain.md D: activities in scope, their local day, the period, the place type, the sum.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from ..models import Activity, Area, Person, Visit
from ..models.rulings import PRINTED, STATE_OF, latest_result

NOT_PRINTED = [result for result, state in STATE_OF.items() if state not in PRINTED]
PAPER_CHANNELS = ("leaflet", "booklet")


@dataclass(frozen=True)
class Group:
    """One cell of all cuts at once. people: persons present; leaflets: copies handed out."""

    place_type: str
    form: str
    context: str
    activities: int
    people: int
    leaflets: int
    needs: int


def sums(groups: list[Group], **which: str) -> dict[str, int]:
    """场次, 人次 and 资料 of the groups with these codes; all of them when none is named."""
    mine = [group for group in groups if all(getattr(group, name) == code for name, code in which.items())]
    return {
        "场次": sum(g.activities for g in mine),
        "人次": sum(g.people for g in mine),
        "资料": sum(g.leaflets for g in mine),
    }


def totals(session: Session, area_path: str, first: date, last: date) -> list[Group]:
    """Activities by place type, form and context; whoever adds them up has every cut of the same number (C4, 11)."""
    cut = Activity.place_type, Activity.form, Activity.context
    leaflets = sum((func.coalesce(Activity.channels[name].as_integer(), 0) for name in PAPER_CHANNELS[1:]),
                   func.coalesce(Activity.channels[PAPER_CHANNELS[0]].as_integer(), 0))  # fmt: skip
    wanted = func.count(func.nullif(Activity.needs, ""))
    rows = select(*cut, func.count(Activity.id), func.coalesce(func.sum(Activity.people), 0),
                  func.coalesce(func.sum(leaflets), 0), wanted)  # fmt: skip
    rows = rows.join(Area)
    rows = rows.where(inside(area_path, first, last)).group_by(*cut).order_by(*cut)
    return [Group(*line[:3], *map(int, line[3:])) for line in session.execute(rows)]


def inside(area_path: str, first: date, last: date) -> ColumnElement[bool]:
    """The activities of a query joined to their area that a paper of these days prints (C4, 19)."""
    days = Activity.day.between(first, last)
    return and_(Area.path.startswith(area_path, autoescape=True), days, Activity.void_reason.is_(None), printable())


def printable() -> ColumnElement[bool]:
    """No visit at all (a broadcast), or one of its own unit that nobody returned."""
    any_visit = exists(select(Visit.id).where(Visit.activity_id == Activity.id))
    author = aliased(Person)
    result = func.coalesce(latest_result().scalar_subquery(), "")
    good = select(Visit.id).join(author, author.id == Visit.author_id).where(Visit.activity_id == Activity.id)
    good = good.where(author.unit_id == Activity.unit_id, result.not_in(NOT_PRINTED)).correlate(Activity)
    return or_(~any_visit, exists(good))


def covered_areas(session: Session, area_path: str, first: date, last: date) -> int:
    """Villages and communities with at least one activity (R121)."""
    village = aliased(Area)
    rows = select(func.count(func.distinct(village.id))).select_from(Activity).join(Area)
    rows = rows.join(village, Area.path.startswith(village.path)).where(inside(area_path, first, last))
    return session.scalar(rows.where(village.area_kind.in_(("village", "community")))) or 0
