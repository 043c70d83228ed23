"""What happens to a code after it was printed: how often it was opened (a count, never a person), and doubts about it."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Key, Ref, utc_now
from .venues import VenueCode


class CodeScan(Base):
    """How often a code was opened on one station day. No device, no address, no time of day."""

    __tablename__ = "code_scan"
    code_id: Mapped[str] = mapped_column(ForeignKey("venue_code.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    count: Mapped[int] = mapped_column(default=1)


class CodeDoubt(Base):
    """Somebody said that this poster looks wrong: torn, pasted over, on the wrong door. One open row for a code."""

    __tablename__ = "code_doubt"
    id: Mapped[Key]
    code_id: Mapped[Ref] = mapped_column(ForeignKey("venue_code.id"))
    reason: Mapped[str]
    count: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[datetime] = mapped_column(default=utc_now)
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    code: Mapped[VenueCode] = relationship()
