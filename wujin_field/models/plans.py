"""Plan tables (附件1) and their rows; which row an activity fulfils; every change of a row, so that it can be undone."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Uuid, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ..db import Base, Key, Ref, utc_now, uuid7
from .changes import RecordChange, change, note
from .organisation import Unit

KINDS = ("fire", "forest", "safety")


class PlanTable(Base):
    """One unit's plan for one year and kind (fire, forest, safety). Paper and electronic receipt have their own dates."""

    __tablename__ = "plan_table"
    id: Mapped[Key]
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    kind: Mapped[str] = mapped_column(default="fire")
    version: Mapped[int] = mapped_column(default=1)
    basis_doc: Mapped[str | None]
    submitted_at: Mapped[datetime | None]
    paper_at: Mapped[date | None] = mapped_column(Date)
    electronic_at: Mapped[date | None] = mapped_column(Date)
    unit: Mapped[Unit] = relationship()
    rows: Mapped[list["PlanRow"]] = relationship(
        order_by="PlanRow.first_day, PlanRow.cycle_no", cascade="all, delete-orphan", back_populates="table"
    )


class PlanRow(Base):
    """One week of work. Its days are typed: six days, or over a month's end, as the village wrote them (R168).

    The lead is a person or a unit (R145); targets are names of villages and committees as printed (R166).
    """

    __tablename__ = "plan_row"
    id: Mapped[Key]
    plan_table_id: Mapped[Ref] = mapped_column(ForeignKey("plan_table.id"))
    cycle_no: Mapped[int]
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    targets: Mapped[list]
    focus: Mapped[str]
    topics: Mapped[list]
    person: Mapped[str] = mapped_column(default="")
    lead_person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    lead_unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    cooperating: Mapped[str] = mapped_column(default="")
    responsible_unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    cancelled_reason: Mapped[str | None]
    revision: Mapped[int] = mapped_column(default=1)  # counted up by every change (models/changes.py)
    table: Mapped[PlanTable] = relationship(back_populates="rows")


class ActivityLink(Base):
    """What a person said about an activity: it fulfils this plan row, or none. Without a line the rule proposes."""

    __tablename__ = "activity_link"
    activity_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    plan_row_id: Mapped[Ref | None] = mapped_column(ForeignKey("plan_row.id", ondelete="CASCADE"))
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)


def add_row(
    session: Session, table: PlanTable, values: Mapping[str, Any], who: str, step: str, what: str = "added"
) -> PlanRow:
    """step: one act of a person; copying a month adds many rows in one step, and one undo takes them all back."""
    number = 1 + max((row.cycle_no for row in table.rows), default=0)
    row = PlanRow(id=uuid7(), **{"targets": [], "focus": "", "topics": [], "cycle_no": number, "revision": 1, **values})
    table.rows.append(row)
    session.flush()
    note(session, row, what, {}, who, step)
    return row


def change_row(
    session: Session, row: PlanRow, values: dict[str, Any], who: str, seen: int | None, what: str = "edited"
) -> None:
    """Raises changes.Overtaken when somebody saved the row since it was on the screen; ValueError for days that turn back."""
    if values.get("last_day", row.last_day) < values.get("first_day", row.first_day):
        raise ValueError("last_day")
    change(session, row, values, who, seen, what, uuid7())


def last_step(session: Session, table: PlanTable) -> list[RecordChange]:
    """What the next undo would take back: the changes of the newest step, newest first."""
    mine = RecordChange.kind == "plan_row", RecordChange.subject_id.in_([row.id for row in table.rows])
    newest = session.scalar(select(RecordChange).where(*mine).order_by(RecordChange.id.desc()).limit(1))
    if newest is None:
        return []
    rows = select(RecordChange).where(*mine, RecordChange.import_id == newest.import_id)
    return list(session.scalars(rows.order_by(RecordChange.id.desc())))


def undo(session: Session, table: PlanTable) -> int:
    """Take the newest step back; how many rows it touched."""
    step, rows = last_step(session, table), {row.id: row for row in table.rows}
    for line in step:
        row = rows[line.subject_id]
        for name, (before, _) in line.fields.items():
            setattr(row, name, _as_it_was(name, before))
        row.revision += 1
        if not line.fields:  # it was added
            table.rows.remove(row)
        session.delete(line)
    return len(step)


def _as_it_was(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in ("first_day", "last_day") else value


def renumber(rows: Iterable[PlanRow]) -> None:
    """第一周 … in the order of their days, through the whole table."""
    for number, row in enumerate(sorted(rows, key=lambda row: (row.first_day, row.cycle_no)), 1):
        row.cycle_no = number
