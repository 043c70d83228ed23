"""Score sheets (考核评分表) of units, never of people: what the unit said, what was checked, and what was published."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Key, Ref, utc_now
from .organisation import Unit
from .people import Person


class ScoreSheet(Base):
    """One version of one unit's sheet. period: 2026 or 2026-Q3. A published version never changes; a later one stands beside it.

    marks: {item code: {self, checked, note}}, points in halves. frozen: the automatic marks as they stood when published.
    """

    __tablename__ = "score_sheet"
    __table_args__ = (UniqueConstraint("unit_id", "period", "version"),)
    id: Mapped[Key]
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    period: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    marks: Mapped[dict]
    frozen: Mapped[list | None]
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)
    changed_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    unit: Mapped[Unit] = relationship()
    changed_by: Mapped[Person] = relationship(foreign_keys=[changed_by_id])
    published_by: Mapped[Person | None] = relationship(foreign_keys=[published_by_id])
