"""The work or the case that a form is filled from: the one asked for, or the unit's newest of those days."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import RegisterEntry, Unit


def entry_of(session: Session, kind: str, unit: Unit, first: date, last: date, about: str = "") -> RegisterEntry | None:
    """kind: work_submission or case_submission. about: an entry's id; another unit's is never found."""
    rows = select(RegisterEntry).where(RegisterEntry.kind == kind, RegisterEntry.unit_id == unit.id)
    rows = rows.where(RegisterEntry.void_reason.is_(None))
    rows = rows.where(RegisterEntry.id == about) if about else rows.where(RegisterEntry.day.between(first, last))
    return session.scalars(rows.order_by(RegisterEntry.day.desc(), RegisterEntry.id.desc()).limit(1)).first()
