"""隐患台账: hazards before human eyes, one page at a time, by state, due day, how bad, where."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, literal_column, or_, select, tuple_
from sqlalchemy.orm import Session, joinedload

from .db import local_day
from .models import Area, Hazard, Venue, Visit
from .models.hazards import (
    STANDING,
    STATES,
    TO_DO,
    HazardStep,
    after_picture,
    is_overdue,
    rectified_by,
)
from .models.venues import is_home

PAGE = 30
MANY = 999  # counts go no further: "999+"
VIEWS = {"todo": TO_DO, "recheck": ("rectified",), "verified": ("verified",), "handed_over": ("handed_over",),
         "void": ("void",), "all": STATES}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """view: a key of VIEWS. name: words of the venue's name or of the hazard. area: a path, its subtree."""

    view: str = "todo"
    severity: str = ""
    area: str = ""
    name: str = ""
    overdue: bool = False
    after: str = ""


@dataclass(frozen=True)
class Page:
    """after: the key of the next page, empty at the end."""

    lines: list[Hazard] = field(default_factory=list)
    after: str = ""


@dataclass(frozen=True)
class Entry:
    """One hazard with its steps, oldest first: what a paper prints is what its page shows."""

    hazard: Hazard
    steps: list[HazardStep]

    @property
    def state(self) -> str:
        return self.hazard.state

    @property
    def private(self) -> bool:
        """In a home: neither its name nor its inside goes on paper (C4.14, C4.23)."""
        return is_home(self.hazard.venue, self.hazard.visit.place_type)

    @property
    def report(self) -> HazardStep | None:
        """Who said that it was put right, while nobody found otherwise since."""
        return rectified_by(self.steps) if self.state in ("rectified", "verified") else None

    @property
    def fixed(self) -> date | None:
        return local_day(self.report.at) if self.report else None

    @property
    def after(self) -> str | None:
        return after_picture(self.steps)

    def overdue(self, today: date) -> bool:
        return is_overdue(self.state, self.hazard.due, today)


def entries(session: Session, area_path: str, first: date, last: date) -> list[Entry]:
    """What visits of these days found in an area, oldest first, records that were taken back too."""
    here = Area.path.startswith(area_path, autoescape=True), Visit.day.between(first, last)
    rows = select(Hazard).join(Visit, Hazard.visit_id == Visit.id).join(Area, Visit.area_id == Area.id).where(*here)
    steps = select(HazardStep).join(Hazard, HazardStep.hazard_id == Hazard.id)
    steps = steps.join(Visit, Hazard.visit_id == Visit.id).join(Area, Visit.area_id == Area.id).where(*here)
    steps = steps.order_by(HazardStep.recorded_at, HazardStep.id).options(joinedload(HazardStep.by))
    taken: dict[str, list[HazardStep]] = {}
    for step in session.scalars(steps):
        taken.setdefault(step.hazard_id, []).append(step)
    whole = joinedload(Hazard.venue), joinedload(Hazard.visit).joinedload(Visit.area)
    found = session.scalars(rows.order_by(Hazard.found_at, Hazard.id).options(*whole))
    return [Entry(hazard, taken.get(hazard.id, [])) for hazard in found]


def page(session: Session, scope: ColumnElement[bool], wanted: Wanted, today: date) -> Page:
    """The most pressing first: by due day. Raises ValueError for a key that nobody gave out."""
    rows = matching(select(Hazard.id), scope, wanted, today)
    if wanted.after:
        due, hazard_id = _key(wanted.after)
        # The types are spelled out: on SQLite a bare id would be bound with its dashes.
        below = tuple_(literal(due, Hazard.due.type), literal(hazard_id, Hazard.id.type))
        rows = rows.where(tuple_(Hazard.due, Hazard.id) > below)
    ids = list(session.scalars(rows.order_by(Hazard.due, Hazard.id).limit(PAGE + 1)))
    whole = joinedload(Hazard.venue), joinedload(Hazard.visit).joinedload(Visit.area), joinedload(Hazard.found_by)
    found = select(Hazard).where(Hazard.id.in_(ids)).order_by(Hazard.due, Hazard.id).options(*whole)
    lines = list(session.scalars(found).unique())
    last = lines[PAGE - 1] if len(lines) > PAGE else None
    return Page(lines[:PAGE], f"{last.due}_{last.id}" if last else "")


def counts(session: Session, scope: ColumnElement[bool], today: date) -> dict[str, int]:
    """How many stand where, as far as MANY; overdue and serious among those that still need somebody."""
    state = Hazard.state
    asked: dict[str, ColumnElement[bool]] = {view: state.in_(states) for view, states in VIEWS.items()}
    asked |= {"overdue": and_(state.in_(TO_DO), Hazard.due < today),
              "serious": and_(state.in_(STANDING), Hazard.severity == "serious")}  # fmt: skip
    return {name: _at_most(session, scope, which) for name, which in asked.items()}


def _at_most(session: Session, scope: ColumnElement[bool], which: ColumnElement[bool]) -> int:
    """A count that stops after MANY: as quick after ten years as on the first day."""
    some = _placed(select(Hazard.id), scope).where(which).limit(MANY + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def serious_standing(session: Session, scope: ColumnElement[bool]) -> int:
    """For the badge on every desk page: over the few serious ones that stand."""
    serious = Hazard.severity == literal_column("'serious'")  # spelled out: a partial index is found by its words
    return _at_most(session, scope, and_(serious, Hazard.state.in_(STANDING)))


def of_venue(session: Session, venue_id: str) -> list[Hazard]:
    """Everything ever found there, newest first."""
    rows = select(Hazard).where(Hazard.venue_id == venue_id)
    return list(session.scalars(rows.order_by(Hazard.found_at.desc(), Hazard.id).limit(PAGE)))


def matching(rows: Select, scope: ColumnElement[bool], wanted: Wanted, today: date) -> Select:
    rows = _placed(rows, scope)
    if wanted.view != "all":  # every one is in some state: asked for none, the index of due days gives the page
        rows = rows.where(Hazard.state.in_(VIEWS[wanted.view]))
    if wanted.overdue:
        rows = rows.where(Hazard.due < today, Hazard.state.in_(TO_DO))
    if wanted.severity:
        rows = rows.where(Hazard.severity == wanted.severity)
    if wanted.area:
        rows = rows.where(Area.path.startswith(wanted.area, autoescape=True))
    if wanted.name:
        named = Venue.zh.contains(wanted.name, autoescape=True), Hazard.text.contains(wanted.name, autoescape=True)
        rows = rows.outerjoin(Venue, Hazard.venue_id == Venue.id).where(or_(*named))
    return rows


def _placed(rows: Select, scope: ColumnElement[bool]) -> Select:
    return rows.join(Visit, Hazard.visit_id == Visit.id).join(Area, Visit.area_id == Area.id).where(scope)


def _key(key: str) -> tuple[date, str]:
    day, _, hazard_id = key.partition("_")
    return date.fromisoformat(day), str(UUID(hazard_id))
