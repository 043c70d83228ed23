"""Plan tables (附件1) and their rows."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Key, Ref
from .organisation import Unit


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
    rows: Mapped[list["PlanRow"]] = relationship(order_by="PlanRow.first_day", cascade="all, delete-orphan")


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
