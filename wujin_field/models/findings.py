"""The machine's voice: findings, each a reason to look; and what the visitor says to one. Neither changes a visit."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Key, Ref
from .fieldwork import Visit
from .people import Person


class Finding(Base):
    """One flag on one revision of a visit.

    code: a flag of spot_check.toml; level: strong, medium, weak, or none (a note that accuses nobody).
    detail: the plain numbers behind it (metres, minutes, digests, ids of other visits), which words are made of.
    rules: which thresholds were in force (`evidence.rules.version`). withdrawn_at: a later look found it no more.
    """

    __tablename__ = "finding"
    __table_args__ = (Index("finding_of_visit", "visit_id", "revision"), Index("finding_by_code", "code", "made_at"))
    id: Mapped[Key]
    visit_id: Mapped[str] = mapped_column(ForeignKey("visit.id"))
    revision: Mapped[int]
    code: Mapped[str]
    level: Mapped[str]
    detail: Mapped[dict]
    made_at: Mapped[datetime]
    rules: Mapped[str] = mapped_column(String(16))
    withdrawn_at: Mapped[datetime | None]
    answers: Mapped[list["VisitorAnswer"]] = relationship(order_by="VisitorAnswer.made_at")


class VisitorAnswer(Base):
    """What the visitor says to a finding, or to a ruling that the record does not agree. The phone makes the id."""

    __tablename__ = "visitor_answer"
    id: Mapped[Key]
    visit_id: Mapped[Ref] = mapped_column(ForeignKey("visit.id"))
    finding_id: Mapped[Ref | None] = mapped_column(ForeignKey("finding.id"))
    ruling_id: Mapped[Ref | None] = mapped_column(ForeignKey("ruling.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str]
    made_at: Mapped[datetime]
    person: Mapped[Person] = relationship()
    visit: Mapped[Visit] = relationship()
