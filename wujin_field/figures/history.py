"""What was seen where and by whom: a line per visit, for a venue's history, a person's service, a home's card."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from ..models import Activity, Area, Person, Venue, VenueCode, Visit
from ..models.rulings import PRINTED, latest_result, state_of
from ..models.venues import is_home
from ..sync.envelope import is_id


@dataclass(frozen=True)
class VisitLine:
    """answers: how many items by value. hazards: text, fixed on the spot. times are UTC. people: names of those who went."""

    id: str
    activity_id: str
    day: date
    started_at: datetime
    ended_at: datetime
    venue_id: str
    venue: str
    private: bool
    area: str
    activity_kind: str
    people: str
    person_ids: tuple[str, ...]
    answers: dict[str, int]
    failed: tuple[str, ...]
    hazards: tuple[tuple[str, bool], ...]
    photos: tuple[str, ...]
    result: str


def visit_lines(
    session: Session, area_path: str, first: date, last: date, about: str = "", private: bool = False
) -> list[VisitLine]:
    """Visits that nobody returned. about: a visit's or venue's id or a venue's code; without one, homes only if `private`."""
    rows = select(Visit, Activity, latest_result().scalar_subquery()).join(Area, Visit.area_id == Area.id)
    rows = rows.outerjoin(Activity, Activity.id == Visit.activity_id).outerjoin(Venue, Visit.venue_id == Venue.id)
    rows = rows.where(Area.path.startswith(area_path, autoescape=True), Visit.day.between(first, last))
    if about:
        code = select(VenueCode.venue_id).where(VenueCode.code == about.upper())
        rows = rows.where((Visit.venue_id == about) | (Visit.id == about) if is_id(about) else Visit.venue_id.in_(code))
    elif not private:
        rows = rows.where(Venue.privacy == "open")
    whole = joinedload(Visit.venue), joinedload(Visit.area), joinedload(Visit.author)
    rows = rows.order_by(Area.path, Visit.venue_id, Visit.started_at, Visit.id)
    rows = rows.options(*whole, selectinload(Visit.photos), selectinload(Visit.hazards))
    found = [row for row in session.execute(rows).unique() if state_of(row[2]) in PRINTED]
    names = _names(session, {who for visit, _, _ in found for who in visit.team})
    return [_line(visit, activity, result, names) for visit, activity, result in found]


def _names(session: Session, ids: set[str]) -> dict[str, str]:
    rows = select(Person.id, Person.name).where(Person.id.in_(ids))
    return {row.id: row.name for row in session.execute(rows)}


def _line(visit: Visit, activity: Activity | None, result: str | None, names: dict[str, str]) -> VisitLine:
    private = is_home(visit.venue, visit.place_type)
    went = dict.fromkeys([visit.author.name, *(names[who] for who in visit.team if who in names)])
    answers = {code: answer.get("value", "") for code, answer in visit.answers.items()}
    return VisitLine(
        visit.id, visit.activity_id, visit.day, visit.started_at, visit.ended_at, visit.venue_id or visit.id,
        visit.venue.zh if visit.venue else visit.place_text or visit.area.zh, private, visit.area.zh,
        activity.activity_kind if activity else "", "、".join(went),
        tuple(dict.fromkeys([visit.author_id, *visit.team])), dict(Counter(answers.values())),
        tuple(code for code, value in answers.items() if value == "fail"),
        tuple((hazard.text, hazard.fixed_on_spot) for hazard in visit.hazards),
        tuple(photo.sha256 for photo in visit.photos), result or "",
    )  # fmt: skip
