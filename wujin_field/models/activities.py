"""What the desk says of an activity: accepted (a broadcast has no visit to accept), void, restored. Rows, never edits."""

from datetime import datetime

from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ..db import Base, Key, Ref, utc_now
from .fieldwork import Activity, ActivityProgramme
from .journal import append_audit
from .people import Person

RESULTS = ("accepted", "void", "restored")


class ActivityRuling(Base):
    """The newest row holds. A void activity stays, is never counted and never printed (invariant C4.9)."""

    __tablename__ = "activity_ruling"
    id: Mapped[Key]
    activity_id: Mapped[Ref] = mapped_column(ForeignKey("activity.id"))
    result: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    decided_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime] = mapped_column(default=utc_now)
    decided_by: Mapped[Person] = relationship()


def rule_activity(session: Session, activity: Activity, who: Person, result: str, reason: str = "") -> ActivityRuling:
    """Raises ValueError for an unknown result, or a void without a reason."""
    if result not in RESULTS or (result == "void" and not reason.strip()):
        raise ValueError(result)
    ruling = ActivityRuling(activity_id=activity.id, result=result, reason=reason.strip(), decided_by_id=who.id)
    activity.void_reason = {"void": reason.strip(), "restored": None}.get(result, activity.void_reason)
    session.add(ruling)
    append_audit(session, utc_now(), who.id, "ruled", "activity", activity.id, result=result)
    return ruling


def label_activity(session: Session, activity: Activity, who: Person, programmes: list[str]) -> None:
    """It also serves these programmes, and no others (R69)."""
    kept = {label.programme: label for label in activity.labels}
    activity.labels = [kept.get(code) or ActivityProgramme(programme=code) for code in dict.fromkeys(programmes)]
    append_audit(session, utc_now(), who.id, "labelled", "activity", activity.id, programmes=sorted(programmes))


def activities_accepted() -> Select:
    """Ids of activities that the desk accepted and did not void since."""
    return select(ActivityRuling.activity_id).where(ActivityRuling.result == "accepted")
