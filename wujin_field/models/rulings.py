"""The ruling: a row with a who and a when. State is read from the latest, never stored (three voices)."""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, and_, case, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Key, utc_now
from .fieldwork import Visit
from .people import Person

# Result codes are spot_check.toml's, and rejected, which only a second reviewer's word makes of not_as_recorded.
STATE_OF = {"pass": "accepted", "pass_with_note": "accepted", "unclear": "returned", "not_as_recorded": "disputed",
            "rejected": "rejected"}  # fmt: skip
NEEDS_REASON = {"unclear", "not_as_recorded"}
PRINTED = {"submitted", "accepted", "disputed"}  # a report prints what nobody returned (invariant C4.19)


class Ruling(Base):
    """result: a code of spot_check.toml; a return carries a reason and a suggestion (R77).

    kind: first · second (read blind, moves no state) · final (a second reviewer ends a 与记录不符) · rule (nobody looked:
    covered by a closed draw, not drawn, no strong flag; decided_by_id is then empty and batch_id says which draw).
    photo: the picture at fault, if one was pointed at.
    """

    __tablename__ = "ruling"
    __table_args__ = (Index("ruling_latest", "visit_id", "decided_at"),)
    id: Mapped[Key]
    visit_id: Mapped[str] = mapped_column(ForeignKey("visit.id"))
    revision: Mapped[int]
    result: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    suggestion: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="first", server_default="first")
    photo: Mapped[str | None]
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("batch.id"))
    decided_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime] = mapped_column(default=utc_now)
    decided_by: Mapped[Person | None] = relationship()


def latest_result() -> Select:
    """Correlated sub-query: what the newest ruling makes of a visit's current revision (a key of STATE_OF), or NULL."""
    newest = Ruling.decided_at.desc(), Ruling.id.desc()
    about = (Ruling.visit_id == Visit.id) & (Ruling.revision == Visit.revision) & (Ruling.kind != "second")
    upheld = and_(Ruling.kind == "final", Ruling.result == "not_as_recorded")
    result = case((upheld, "rejected"), else_=Ruling.result).label("result")
    return select(result).where(about).order_by(*newest).limit(1).correlate(Visit)


def waits() -> ColumnElement[bool]:
    """Nobody ruled on a visit's newest revision: said as the partial index visit_waiting says it."""
    return Visit.ruled_revision != Visit.revision


def state_of(result: str | None) -> str:
    """submitted, accepted, returned, disputed or rejected."""
    return STATE_OF.get(result or "", "submitted")
