"""What a phone is told of visits past: what was found at each place last time, and what became of its own."""

from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..models import Area, Hazard, Venue, Visit
from ..models.hazards import STANDING
from ..models.rulings import latest_result, state_of

RULED_DAYS = 60
RULED_MOST = 200  # a phone keeps its own for 14 days; ids do not compress
FOUND_DAYS = 400  # the same season of last year is still worth knowing
HAZARDS_MOST = 5
TEXT_MOST = 60


def ruled(session: Session, person_id: str, today: date) -> dict[str, list[str]]:
    """Ids of my visits of the last 60 days by what a supervisor decided; a returned one is told in full elsewhere."""
    result = latest_result().scalar_subquery()
    mine = Visit.author_id == person_id, Visit.day >= today - timedelta(days=RULED_DAYS)
    rows = select(Visit.id, result.label("result")).where(*mine).order_by(Visit.day.desc(), Visit.id.desc())
    states = [(row.id, state_of(row.result)) for row in session.execute(rows)][:RULED_MOST]
    told = {"accepted": ("accepted",), "disputed": ("disputed", "rejected")}  # to a phone both are 未采信
    return {word: [visit for visit, state in states if state in its] for word, its in told.items()}


def found_last(session: Session, path: str, today: date) -> dict[str, dict]:
    """By venue: seen (the day of the last visit), failed (item codes), open (hazards nobody saw put right since).

    Homes (privacy strict) are left out.
    """
    visits = {visit.venue_id: visit for visit in session.execute(_newest(path, today))}
    found = {venue: _line(visit) for venue, visit in visits.items()}
    for hazard in session.execute(_hazards(path, today)):
        if hazard.venue_id in visits and _stands(hazard, visits[hazard.venue_id]):
            found[hazard.venue_id].setdefault("open", []).append(_hazard(hazard))
    return {venue: line | _few(line) for venue, line in found.items()}


def _newest(path: str, today: date):  # type: ignore[no-untyped-def]
    """Each place's newest visit that got inside."""
    latest = func.row_number().over(partition_by=Visit.venue_id, order_by=(Visit.started_at.desc(), Visit.id))
    rows = select(Visit.id, latest.label("place")).join(Venue, Visit.venue_id == Venue.id).where(
        *_here(path), Visit.refused.in_(("none", "no_photo")), Visit.day >= today - timedelta(days=FOUND_DAYS)
    ).subquery()  # fmt: skip
    wanted = select(Visit.venue_id, Visit.day, Visit.started_at, Visit.answers).join(rows, Visit.id == rows.c.id)
    return wanted.where(rows.c.place == 1)


def _hazards(path: str, today: date):  # type: ignore[no-untyped-def]
    """What was not put right on the spot, the most pressing first."""
    rows = select(
        Hazard.id,
        Hazard.venue_id,
        Hazard.item,
        Hazard.text,
        Hazard.severity,
        Hazard.due,
        Hazard.found_at,
        Visit.answers,
        Hazard.state,
    )
    rows = rows.join(Visit, Hazard.visit_id == Visit.id).join(Venue, Hazard.venue_id == Venue.id)
    open_ones = (
        Hazard.fixed_on_spot.is_(False),
        Hazard.state.in_(STANDING),
        Visit.day >= today - timedelta(days=FOUND_DAYS),
    )
    return rows.where(*_here(path), *open_ones).order_by(Hazard.due, Hazard.id)


def _here(path: str) -> tuple:
    inside = select(Area.id).where(Area.path.startswith(path, autoescape=True))
    return Venue.active, Venue.privacy == "open", Venue.area_id.in_(inside)


def _line(visit) -> dict:  # type: ignore[no-untyped-def]
    failed = sorted(code for code, answer in visit.answers.items() if answer["value"] == "fail")
    return {"seen": str(visit.day)} | ({"failed": failed} if failed else {})


def _stands(hazard, last) -> bool:  # type: ignore[no-untyped-def]
    """Not taken back by a correction of its own visit, and not found good since."""
    if hazard.item is None:
        return True
    withdrawn = hazard.answers.get(hazard.item, {}).get("value", "fail") != "fail"
    good = last.started_at > hazard.found_at and last.answers.get(hazard.item, {}).get("value") == "ok"
    return not (withdrawn or good)


def _hazard(hazard) -> dict:  # type: ignore[no-untyped-def]
    line = {"id": hazard.id} | ({"reported": True} if hazard.state == "rectified" else {})
    line |= {"text": hazard.text[:TEXT_MOST], "severity": hazard.severity, "due": str(hazard.due)}
    return line | ({"item": hazard.item} if hazard.item else {})


def _few(line: dict) -> dict:
    return {"open": line["open"][:HAZARDS_MOST]} if "open" in line else {}
