"""Put visits before human eyes, and record the ruling."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from .db import from_ms, to_ms, utc_now
from .models import Area, Person, Ruling, Visit
from .models.journal import append_audit
from .models.rulings import NEEDS_REASON, STATE_OF, latest_result

PAGE = 30


class NotYours(Exception):
    """Nobody rules on their own visit or their own team's (invariant C4.12)."""


class NeedsReason(Exception):
    """A return without a reason helps nobody (R77)."""


@dataclass(frozen=True)
class Page:
    """Newest first. after: the key of the next page, None at the end."""

    lines: list[tuple[Visit, str | None]]
    after: str | None


def queue(session: Session, scope: ColumnElement[bool], waiting: bool, after: str | None = None) -> Page:
    """One page of visits in scope, those without a ruling or all, by keyset: as quick at any depth."""
    result = latest_result().scalar_subquery()
    rows = select(Visit, result).join(Area, Visit.area_id == Area.id).where(scope)
    rows = rows.where(result.is_(None)) if waiting else rows
    rows = _below(rows, after).order_by(Visit.received_at.desc(), Visit.id.desc()).limit(PAGE + 1)
    whole = joinedload(Visit.venue), joinedload(Visit.author), joinedload(Visit.area), selectinload(Visit.photos)
    lines = [(row[0], row[1]) for row in session.execute(rows.options(*whole)).unique()]
    more = len(lines) > PAGE
    return Page(lines[:PAGE], _key(lines[PAGE - 1][0]) if more else None)


def waiting_count(session: Session, scope: ColumnElement[bool]) -> int:
    rows = select(func.count(Visit.id)).join(Area, Visit.area_id == Area.id).where(scope)
    return session.scalar(rows.where(latest_result().scalar_subquery().is_(None))) or 0


def next_waiting(session: Session, scope: ColumnElement[bool], visit: Visit) -> str | None:
    """The visit that comes after this one in the queue of those without a ruling."""
    rows = select(Visit.id).join(Area, Visit.area_id == Area.id).where(scope, Visit.id != visit.id)
    rows = rows.where(latest_result().scalar_subquery().is_(None)).order_by(Visit.received_at.desc(), Visit.id.desc())
    return session.scalar(_below(rows, _key(visit)).limit(1)) or session.scalar(rows.limit(1))


def rulings_of(session: Session, visit: Visit) -> list[Ruling]:
    """Newest first, with who decided."""
    rows = select(Ruling).where(Ruling.visit_id == visit.id).order_by(Ruling.decided_at.desc(), Ruling.id.desc())
    return list(session.scalars(rows.options(joinedload(Ruling.decided_by))))


def may_rule(visit: Visit, who: Person) -> bool:
    return who.id != visit.author_id and who.id not in visit.team


def rule(
    session: Session,
    visit: Visit,
    who: Person,
    result: str,
    reason: str = "",
    suggestion: str = "",
    now: datetime | None = None,
) -> Ruling:
    """Record one ruling. Raises NotYours, NeedsReason, KeyError for an unknown result."""
    if not may_rule(visit, who):
        raise NotYours
    if result in NEEDS_REASON and not reason.strip():
        raise NeedsReason
    state = STATE_OF[result]
    ruling = Ruling(visit_id=visit.id, revision=visit.revision, result=result, reason=reason.strip(),
                    suggestion=suggestion.strip(), decided_by_id=who.id, decided_at=now or utc_now())  # fmt: skip
    session.add(ruling)
    append_audit(
        session,
        ruling.decided_at,
        who.id,
        "ruled",
        "visit",
        visit.id,
        result=result,
        state=state,
        revision=visit.revision,
    )
    return ruling


def _below(rows: Select, after: str | None) -> Select:
    if not after:
        return rows
    at, visit_id = _read_key(after)
    # The types are spelled out: a bare datetime would be bound as text, and every number is below any text.
    below = tuple_(literal(at, Visit.received_at.type), literal(visit_id, Visit.id.type))
    return rows.where(tuple_(Visit.received_at, Visit.id) < below)


def _key(visit: Visit) -> str:
    return f"{to_ms(visit.received_at)}_{visit.id}"


def _read_key(key: str) -> tuple[datetime, str]:
    """Raises ValueError on a key that nobody gave out."""
    ms, _, visit_id = key.partition("_")
    try:
        return from_ms(int(ms)), str(UUID(visit_id))
    except OverflowError as error:
        raise ValueError(key) from error
