"""The supervisor's ruling: a row with a who and a when. State is read from the latest, never stored (three voices)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Key, utc_now
from .fieldwork import Visit
from .people import Person

# Result codes are spot_check.toml's; what each makes of a visit (domain.md C3).
STATE_OF = {"pass": "accepted", "pass_with_note": "accepted", "unclear": "returned", "not_as_recorded": "disputed"}
NEEDS_REASON = {"unclear", "not_as_recorded"}
PRINTED = {"submitted", "accepted", "disputed"}  # a report prints what nobody returned (invariant C4.19)


class Ruling(Base):
    """result: a code of spot_check.toml; a return carries a reason and a suggestion (R77)."""

    __tablename__ = "ruling"
    __table_args__ = (Index("ruling_latest", "visit_id", "decided_at"),)
    id: Mapped[Key]
    visit_id: Mapped[str] = mapped_column(ForeignKey("visit.id"))
    revision: Mapped[int]
    result: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    suggestion: Mapped[str] = mapped_column(default="")
    decided_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime] = mapped_column(default=utc_now)
    decided_by: Mapped[Person] = relationship()


def latest_result() -> Select:
    """Correlated sub-query: the newest result on a visit's current revision, or NULL."""
    newest = Ruling.decided_at.desc(), Ruling.id.desc()
    about = (Ruling.visit_id == Visit.id) & (Ruling.revision == Visit.revision)
    return select(Ruling.result).where(about).order_by(*newest).limit(1).correlate(Visit)


def state_of(result: str | None) -> str:
    """submitted, accepted, returned or disputed."""
    return STATE_OF.get(result or "", "submitted")
