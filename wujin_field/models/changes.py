"""Who changed what of a record, when, and what it was before: history, undo, and two clerks at one record.

A row that is edited at desks carries `revision`, which every change counts up. Whoever saves says which revision was on
the screen; when somebody else was quicker, nothing is written and both versions are shown.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Uuid, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ..db import Base, Key, Ref, utc_now
from .people import Person


class RecordChange(Base):
    """kind: the table's name; what: added, edited, moved, merged, retired, surveyed, imported, undone …

    fields: {column: [before, after]}; revision: the one that this change made; import_id: of which sheet it was a row.
    """

    __tablename__ = "record_change"
    __table_args__ = (Index("record_change_of", "kind", "subject_id", "revision"),)
    id: Mapped[Key]
    kind: Mapped[str]
    subject_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    revision: Mapped[int]
    what: Mapped[str]
    fields: Mapped[dict]
    at: Mapped[datetime] = mapped_column(default=utc_now)
    who_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    import_id: Mapped[Ref | None]
    who: Mapped[Person | None] = relationship()


class Overtaken(Exception):
    """Somebody saved this record after it was put on the screen. fields: {column: [what was seen, what it is now]}."""

    def __init__(self, changes: list[RecordChange]):
        super().__init__("somebody else was quicker")
        self.changes = changes
        self.fields: dict[str, list] = {}
        for change in changes:
            for name, (before, after) in change.fields.items():
                self.fields[name] = [self.fields.get(name, [before])[0], after]


def change(
    session: Session, row: Any, values: dict[str, Any], who: str | None, seen: int | None = None, what: str = "edited",
    import_id: str | None = None,
) -> RecordChange | None:  # fmt: skip
    """Set these columns and write down what they were; None when nothing differs.

    seen: the revision that was on the screen (None: whatever there is). Raises Overtaken; then nothing is changed.
    """
    if seen is not None and seen != row.revision:
        raise Overtaken(since(session, row, seen))
    fields = {name: [getattr(row, name), value] for name, value in values.items() if getattr(row, name) != value}
    if not fields:
        return None
    for name, (_, value) in fields.items():
        setattr(row, name, value)
    row.revision += 1
    return note(session, row, what, fields, who, import_id)


def note(
    session: Session, row: Any, what: str, fields: dict[str, list], who: str | None, import_id: str | None = None
) -> RecordChange:
    """Write down that this happened to the row, at its present revision."""
    told = {name: [_plain(before), _plain(after)] for name, (before, after) in fields.items()}
    line = RecordChange(kind=row.__tablename__, subject_id=row.id, revision=row.revision, what=what, fields=told,
                        who_id=who, import_id=import_id)  # fmt: skip
    session.add(line)
    return line


def since(session: Session, row: Any, seen: int) -> list[RecordChange]:
    return [line for line in history(session, row) if line.revision > seen]


def history(session: Session, row: Any) -> list[RecordChange]:
    """Oldest first."""
    mine = RecordChange.kind == row.__tablename__, RecordChange.subject_id == row.id
    rows = select(RecordChange).where(*mine).order_by(RecordChange.revision, RecordChange.id)
    return list(session.scalars(rows))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value
