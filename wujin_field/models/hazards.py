"""隐患 from found to verified: each step is a row with a who and a when; the newest makes the state (domain.md C3).

Hazard and steps are sealed together in one audit row at every change: `wujin verify` knows them again (keeping/sealed.py).
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Connection,
    ForeignKey,
    Index,
    Row,
    Select,
    String,
    bindparam,
    select,
    text,
    type_coerce,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ..canonical import plain
from ..db import Base, Key, Ref, utc_now
from ..domain import load_pack
from ..quick import prepare
from .evidence import Photo
from .fieldwork import Hazard
from .journal import append_audit, bare_row
from .people import Person

STATES = ("open", "notified", "rectified", "verified", "handed_over", "void")
TO_DO = ("open", "notified")  # somebody still has to put it right; only these can be overdue
STANDING = (*TO_DO, "rectified")  # … or to look whether it was
BECOMES = {"notified": "notified", "rectified": "rectified", "verified": "verified", "handed_over": "handed_over",
           "reopened": "notified", "void": "void"}  # fmt: skip
FROM = {
    "notified": ("open", "notified"),
    "rectified": ("open", "notified", "handed_over"),
    "verified": ("rectified",),
    "handed_over": ("open", "notified", "rectified"),
    "reopened": ("rectified", "verified", "handed_over", "void"),
    "void": ("open", "notified", "rectified"),
}
NEEDS_NOTE = ("reopened", "void")
LOOKED = "looked"  # somebody saw it again and nothing changed


class NotNow(Exception):
    """This step does not follow from where the hazard stands."""


class SecondPerson(Exception):
    """Verified by another person than the one who reported it put right (domain.md C3)."""


class SamePicture(Exception):
    """From pictures alone, before and after must not be the same picture (domain.md C3)."""


class NeedsNote(Exception):
    """Reopened or void without a reason, handed over to nobody."""


class HazardStep(Base):
    """step: a key of BECOMES, or looked. state: what the hazard is after it. by: None is the venue's owner, by its page.

    at: when it happened, recorded_at: when we heard of it; the newest by recorded_at counts. how: spoken, paper or
    message for notified, picture or on_site for verified. party, reference: to whom it was handed over, under which number.
    """

    __tablename__ = "hazard_step"
    __table_args__ = (Index("hazard_step_newest", "hazard_id", "recorded_at", "id"),)
    id: Mapped[Key]
    hazard_id: Mapped[str] = mapped_column(ForeignKey("hazard.id"))
    step: Mapped[str]
    state: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(default=utc_now)
    by_id: Mapped[Ref | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(default="")
    how: Mapped[str] = mapped_column(default="")
    party: Mapped[str] = mapped_column(default="")
    reference: Mapped[str] = mapped_column(default="")
    photo: Mapped[str | None] = mapped_column(String(64))
    visit_id: Mapped[Ref | None] = mapped_column(ForeignKey("visit.id"))
    by: Mapped[Person | None] = relationship()


class HazardAlert(Base):
    """A serious hazard that the station must hear of at once: written with the hazard, sent after the commit, tried again.

    It names no person and holds no position. next_at: when to try; None once it was sent.
    """

    __tablename__ = "hazard_alert"
    __table_args__ = (
        Index("hazard_alert_due", "next_at", sqlite_where=text("next_at IS NOT NULL"),
              postgresql_where=text("next_at IS NOT NULL")),
    )  # fmt: skip
    id: Mapped[Key]
    hazard_id: Mapped[str] = mapped_column(ForeignKey("hazard.id"))
    made_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    said: Mapped[str] = mapped_column(default="")  # why the last try failed, in the robot's words


def is_overdue(state: str, due: date, today: date) -> bool:
    """Derived, never stored: after its day, and nobody reported it put right."""
    return state in TO_DO and due < today


def steps_of(session: Session, hazard: Hazard) -> list[HazardStep]:
    """Oldest first."""
    rows = select(HazardStep).where(HazardStep.hazard_id == hazard.id)
    return list(session.scalars(rows.order_by(HazardStep.recorded_at, HazardStep.id)))


def state_after(steps: Sequence[HazardStep]) -> str:
    return steps[-1].state if steps else "open"


def possible(state: str) -> list[str]:
    """The steps that may follow."""
    return [step for step, states in FROM.items() if state in states]


def take_step(
    session: Session, hazard: Hazard, step: str, who: Person | None, now: datetime | None = None, **more: object
) -> HazardStep:
    """Add a step. who: None for the owner. Raises KeyError, NotNow, SecondPerson, SamePicture, NeedsNote."""
    steps, now = steps_of(session, hazard), now or utc_now()
    if state_after(steps) not in FROM[step]:
        raise NotNow
    if (step in NEEDS_NOTE and not more.get("note")) or (step == "handed_over" and not more.get("party")):
        raise NeedsNote
    if step == "verified":
        _check_verified(session, hazard, steps, who, str(more.get("how", "")))
    row = HazardStep(hazard_id=hazard.id, step=step, state=BECOMES[step], at=now, recorded_at=now,
                     by_id=who.id if who else None, **more)  # fmt: skip
    session.add(row)
    hazard.state = row.state
    seal_hazard(session, hazard.id, now, row.by_id, f"hazard_{step}", state=row.state, photo=row.photo)
    return row


HAZARD_COLUMNS = [column.key for column in Hazard.__table__.columns]
STEP_COLUMNS = [column.key for column in HazardStep.__table__.columns]


def hazards_with_steps() -> Select:
    """One row a step, a hazard's steps in order; one with empty step_… columns where there is none yet."""
    steps = [column.label(f"step_{column.key}") for column in HazardStep.__table__.columns]
    # As it is stored: any number but 1 and 0 was put there by somebody else, and must not read as yes.
    stored = [type_coerce(column, BigInteger).label(column.key) if column.key == "fixed_on_spot" else column
              for column in Hazard.__table__.columns]  # fmt: skip
    rows = select(*stored, *steps).select_from(Hazard).outerjoin(HazardStep, HazardStep.hazard_id == Hazard.id)
    return rows.order_by(Hazard.id, HazardStep.recorded_at, HazardStep.id)


ONE_HAZARD = hazards_with_steps().where(Hazard.id == bindparam("the_id"))
prepare([ONE_HAZARD])


def digest_of_hazard(rows: Sequence[Row]) -> str:
    """rows: those of one hazard in hazards_with_steps()."""
    steps, told = (
        [bare_row(row, STEP_COLUMNS, "step_") for row in rows if row.step_id],
        bare_row(rows[0], HAZARD_COLUMNS),
    )
    told["fixed_on_spot"] = bool(told["fixed_on_spot"]) if told["fixed_on_spot"] in (0, 1) else told["fixed_on_spot"]
    return hashlib.sha256(plain([told, *steps])).hexdigest()


def seal_hazard(
    connection: Connection | Session, hazard_id: str, at: datetime, who: str | None, what: str, **detail: object
) -> None:
    """Call it after every change of a hazard or its steps, inside the same transaction."""
    if isinstance(connection, Session):
        connection.flush()
    rows = connection.execute(ONE_HAZARD, {"the_id": hazard_id}).all()
    append_audit(connection, at, who, what, "hazard", hazard_id, digest=digest_of_hazard(rows), **detail)


def rectified_by(steps: Sequence[HazardStep]) -> HazardStep | None:
    """The newest report that it was put right."""
    return next((row for row in reversed(steps) if row.step == "rectified"), None)


def after_picture(steps: Sequence[HazardStep]) -> str | None:
    """The newest picture that somebody gave of it since it was found."""
    return next((row.photo for row in reversed(steps) if row.photo), None)


def _check_verified(
    session: Session, hazard: Hazard, steps: Sequence[HazardStep], who: Person | None, how: str
) -> None:
    report = rectified_by(steps)
    if who is None or (report and report.by_id == who.id):
        raise SecondPerson
    if how != "on_site" and (not report or not differs(session, hazard.photo, report.photo)):
        raise SamePicture


def differs(session: Session, before: str | None, after: str | None) -> bool:
    """Two pictures that show two moments: both there, and no near copies of each other (self_certified_fix)."""
    if not before or not after or before == after:
        return False
    rows = session.execute(select(Photo.sha256, Photo.dhash).where(Photo.sha256.in_([before, after])))
    hashes = {row.sha256: row.dhash for row in rows}
    first, second = hashes.get(before), hashes.get(after)
    if not first or not second:
        return True  # not looked at yet: no reason to doubt
    apart = (int(first, 16) ^ int(second, 16)).bit_count()
    return apart > load_pack()["flag"]["self_certified_fix"]["distance_max"]
