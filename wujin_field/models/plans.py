"""Plan tables (附件1) and their rows; which row an activity fulfils; every change of a row, so that it can be undone."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Key, Ref, utc_now
from .organisation import Unit
from .people import Person


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
    edition: Mapped[int] = mapped_column(
        default=1
    )  # goes up with every change: two clerks at one row notice each other
    table: Mapped[PlanTable] = relationship(back_populates="rows")


class PlanChange(Base):
    """One change of a row. before: its fields as they were, None for a row that was added; undone_at: taken back."""

    __tablename__ = "plan_change"
    id: Mapped[Key]
    plan_table_id: Mapped[Ref] = mapped_column(ForeignKey("plan_table.id"))
    row_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    before: Mapped[dict | None]
    step: Mapped[str] = mapped_column(
        Uuid(as_uuid=False)
    )  # one act of a person: copying a month adds many rows in one step
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    undone_at: Mapped[datetime | None]
    by: Mapped[Person] = relationship()


class ActivityLink(Base):
    """What a person said about an activity: it fulfils this plan row, this item, or none. Without a row the rule proposes."""

    __tablename__ = "activity_link"
    activity_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    plan_row_id: Mapped[Ref | None] = mapped_column(ForeignKey("plan_row.id", ondelete="CASCADE"))
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)
