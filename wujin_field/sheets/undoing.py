"""An import taken back: everything it did goes, but for what somebody has changed or used since, which is named."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, select
from sqlalchemy.orm import Session

from ..db import Base, utc_now
from ..models import Invite, Person, PersonArea, PlanRow, RecordChange, SheetImport, Venue, VenueCode
from ..models.changes import change
from ..models.journal import append_audit

CHUNK = 500
# What an import makes, the rows that came with it and go with it, and its name for whoever reads what had to stay.
MADE: dict[str, tuple[Any, tuple[Any, ...], Any]] = {
    "venue": (Venue, (VenueCode,), Venue.zh),
    "person": (Person, (PersonArea, Invite), Person.name),
    "plan_row": (PlanRow, (), PlanRow.focus),
}


def undo(session: Session, sheet: SheetImport, who: str | None) -> list[str]:
    """The names of what had to stay. The caller commits."""
    session.flush()
    kept = [name for kind in MADE for name in _undo_kind(session, sheet.id, kind, who)]
    session.flush()
    session.expire_all()
    sheet.state, sheet.undone_at = "undone", utc_now()
    append_audit(session, utc_now(), who, "undone", "sheet", sheet.id, kept=len(kept))
    return kept


def _undo_kind(session: Session, import_id: str, kind: str, who: str | None) -> Iterator[str]:
    lines = select(RecordChange).where(RecordChange.import_id == import_id, RecordChange.kind == kind)
    all_of_them = session.scalars(lines.order_by(RecordChange.id)).all()
    for start in range(0, len(all_of_them), CHUNK):
        some = all_of_them[start : start + CHUNK]
        yield from _take_away(session, kind, {line.subject_id: line for line in some if not line.fields})
        yield from _set_back(session, kind, [line for line in some if line.fields], who)


def _take_away(session: Session, kind: str, made: dict[str, RecordChange]) -> Iterator[str]:
    """What was new."""
    model, belongings, name = MADE[kind]
    rows = session.execute(select(model.id, model.revision, name).where(model.id.in_(made))).all()
    used = _used(session, model, belongings, made)
    free = [row.id for row in rows if row.revision == made[row.id].revision and row.id not in used]
    for table in belongings:
        _delete(session, table, _owner(table, model).in_(free))
    _delete(session, RecordChange, RecordChange.id.in_([made[one].id for one in free]))
    _delete(session, model, model.id.in_(free))
    yield from (row[2] for row in rows if row.id not in free)


def _delete(session: Session, table: Any, which: ColumnElement[bool]) -> None:
    """Without looking through all that the session holds, for each of a hundred statements."""
    session.execute(delete(table).where(which), execution_options={"synchronize_session": False})


def _used(session: Session, model: Any, belongings: tuple[Any, ...], ids: Iterable[str]) -> set[str]:
    """Which of them any other row points at: a visit, a device, a piece of equipment, a scan of the code …"""
    used = {one for column in _pointing_at(model.__table__.c.id)
            if column.table not in {table.__table__ for table in belongings}
            for one in session.scalars(select(column).where(column.in_(ids)))}  # fmt: skip
    return used | (_codes_in_use(session, ids) if model is Venue else set())


def _codes_in_use(session: Session, ids: Iterable[str]) -> set[str]:
    """A code that hangs somewhere, was printed again, or was scanned."""
    mine = select(VenueCode.venue_id).where(VenueCode.venue_id.in_(ids))
    used = set(session.scalars(mine.where(VenueCode.state != "printed")))
    used |= set(session.scalars(mine.group_by(VenueCode.venue_id).having(func.count() > 1)))
    for column in _pointing_at(VenueCode.__table__.c.id):
        used |= set(session.scalars(mine.join(column.table, column == VenueCode.id)))
    return used


def _pointing_at(target: ColumnElement) -> list[Any]:
    tables: Iterable[Table] = Base.metadata.tables.values()
    return [key.parent for table in tables for key in table.foreign_keys if key.column is target]


def _owner(table: Any, model: Any) -> Any:
    return next(key.parent for key in table.__table__.foreign_keys if key.column is model.__table__.c.id)


def _set_back(session: Session, kind: str, lines: list[RecordChange], who: str | None) -> Iterator[str]:
    """What was changed."""
    model, _belongings, name = MADE[kind]
    for line in lines:
        row = session.get_one(model, line.subject_id)
        if row.revision != line.revision:
            yield getattr(row, name.key)
        else:
            change(session, row, _as_before(row, line.fields), who, what="undone")


def _as_before(row: Any, fields: dict[str, list]) -> dict[str, Any]:
    plain = {
        name: _typed(getattr(row, name), before) for name, (before, _) in fields.items() if not name.endswith("_at")
    }
    return plain | ({"point_at": None} if "lat_e7" in plain and plain["lat_e7"] is None else {})


def _typed(now: Any, before: Any) -> Any:
    """A day was written down as 2026-12-06."""
    return date.fromisoformat(before) if isinstance(now, date) and before else before
