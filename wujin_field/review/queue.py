"""Visits in the order in which a supervisor looks at them, by keyset pages."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from ..db import from_ms, to_ms
from ..models import Area, Visit
from ..models.rulings import latest_result, waits

PAGE = 30
MANY = 999  # counts go no further: "999+"


@dataclass(frozen=True)
class Page:
    """Newest first. after: the key of the next page, None at the end."""

    lines: list[tuple[Visit, str | None]]
    after: str | None


def queue(session: Session, scope: ColumnElement[bool], waiting: bool, after: str | None = None) -> Page:
    """One page of visits in scope, those without a ruling or all, by keyset: as quick at any depth."""
    result = latest_result().scalar_subquery()
    rows = select(Visit, result).join(Area, Visit.area_id == Area.id).where(scope)
    rows = rows.where(waits()) if waiting else rows
    rows = _below(rows, after).order_by(Visit.received_at.desc(), Visit.id.desc()).limit(PAGE + 1)
    whole = joinedload(Visit.venue), joinedload(Visit.author), joinedload(Visit.area), selectinload(Visit.photos)
    lines = [(row[0], row[1]) for row in session.execute(rows.options(*whole)).unique()]
    more = len(lines) > PAGE
    return Page(lines[:PAGE], _key(lines[PAGE - 1][0]) if more else None)


def waiting_count(session: Session, scope: ColumnElement[bool]) -> int:
    """As far as MANY."""
    some = select(Visit.id).join(Area, Visit.area_id == Area.id).where(scope, waits()).limit(MANY + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def next_waiting(session: Session, scope: ColumnElement[bool], visit: Visit) -> str | None:
    """The visit that comes after this one in the queue of those without a ruling, and then from the top."""
    rows = select(Visit.id).join(Area, Visit.area_id == Area.id).where(scope, waits(), Visit.id != visit.id)
    rows = rows.order_by(Visit.received_at.desc(), Visit.id.desc()).limit(1)
    return session.scalar(_below(rows, _key(visit))) or session.scalar(rows)


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
