"""Spot-check batches (抽查批次): drawn first, looked at after; what was drawn, covered, and checked on the spot.

Beside visits a draw holds hazards that were closed: one in five is looked at once more.
"""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Key, Ref
from .fieldwork import Hazard, Visit
from .hazards import HazardStep
from .organisation import Area, Unit


class Batch(Base):
    """One draw of a unit over a period (2026-W48 or 2026-11). number is printed: unit, period and how many-th draw.

    seed: printed too; whoever has it and the list of covered visits draws the same sample.
    sample_digest: SHA-256 over the covered visits and why each was drawn, so that nobody changes them afterwards.
    """

    __tablename__ = "batch"
    __table_args__ = (UniqueConstraint("unit_id", "period", "draw_number"),)
    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    area_id: Mapped[Ref] = mapped_column(ForeignKey("area.id"))
    period: Mapped[str]
    draw_number: Mapped[int]
    seed: Mapped[str]
    rules: Mapped[str] = mapped_column(String(16))
    sample_digest: Mapped[str] = mapped_column(String(64))
    drawn_at: Mapped[datetime]
    drawn_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
    unit: Mapped[Unit] = relationship()
    area: Mapped[Area] = relationship()
    visits: Mapped[list["BatchVisit"]] = relationship(order_by="BatchVisit.place", back_populates="batch")


class BatchVisit(Base):
    """One visit that a draw covers. reason: why it was drawn; None when it was not, and the rule may accept it.

    Reasons: look_always (a strong flag, or flags that add up to one), serious_hazard, new_person, person_month, random.
    stratum: the area and week it was drawn among. second: also read by another person who does not see the first ruling.
    """

    __tablename__ = "batch_visit"
    __table_args__ = (Index("batch_visit_of_visit", "visit_id"),)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batch.id"), primary_key=True)
    visit_id: Mapped[str] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    place: Mapped[int]  # order on the printed sheet, drawn ones first, from 1
    stratum: Mapped[str]
    reason: Mapped[str | None]
    second: Mapped[bool] = mapped_column(default=False)
    batch: Mapped[Batch] = relationship(back_populates="visits")
    visit: Mapped[Visit] = relationship()


class CallBack(Base):
    """回访: one in ten of what was drawn is asked by telephone or visited again, within days of the draw.

    outcome: confirmed, not_confirmed or not_reached, once somebody did it; way: phone or on_site.
    """

    __tablename__ = "call_back"
    id: Mapped[Key]
    batch_id: Mapped[Ref] = mapped_column(ForeignKey("batch.id"))
    visit_id: Mapped[Ref] = mapped_column(ForeignKey("visit.id"))
    due: Mapped[date] = mapped_column(Date)
    way: Mapped[str] = mapped_column(default="phone")
    outcome: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")
    done_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    done_at: Mapped[datetime | None]
    visit: Mapped[Visit] = relationship()


class HazardAudit(Base):
    """销号复核: a hazard that was closed as 复查合格, drawn to be looked at once more by somebody else than who closed it.

    step: the one that closed it. reason: random, or no_second_photo (closed without a picture of how it is now).
    outcome: confirmed, not_confirmed (it is open again) or not_reached, once somebody looked.
    """

    __tablename__ = "hazard_audit"
    id: Mapped[Key]
    batch_id: Mapped[Ref] = mapped_column(ForeignKey("batch.id"))
    hazard_id: Mapped[Ref] = mapped_column(ForeignKey("hazard.id"))
    step_id: Mapped[str] = mapped_column(ForeignKey("hazard_step.id"), unique=True)
    reason: Mapped[str]
    due: Mapped[date] = mapped_column(Date)
    outcome: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")
    done_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    done_at: Mapped[datetime | None]
    hazard: Mapped[Hazard] = relationship()
    step: Mapped[HazardStep] = relationship()
