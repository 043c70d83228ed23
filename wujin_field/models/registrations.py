"""Somebody who scanned the poster 「加入我们」 and waits until the clerk knows them."""

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ..db import Base, Key, Ref, utc_now, uuid7
from .organisation import Unit
from .people import Invite, Person, add_person, clean_person_name, token_hash

WAITING_MAX = 300  # of one installation: a stranger must not fill the clerk's list


class Registration(Base):
    """token_hash is what the later invite will bear, so that the very browser that asked is the one that is let in.

    number: four digits that the phone shows and the clerk compares.
    """

    __tablename__ = "registration"
    id: Mapped[Key]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    name: Mapped[str]
    field_role: Mapped[str]
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    number: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=utc_now)
    decided_at: Mapped[datetime | None]
    person_id: Mapped[Ref | None] = mapped_column(
        ForeignKey("person.id")
    )  # who they became; None and decided: turned down
    unit: Mapped[Unit] = relationship()


def ask_in(session: Session, name: str, field_role: str, unit: Unit) -> tuple[Registration, str] | None:
    """The request and its secret; None while too many wait. Raises ValueError for a name that is none."""
    waiting = select(func.count(Registration.id)).where(Registration.decided_at.is_(None))
    if (session.scalar(waiting) or 0) >= WAITING_MAX:
        return None
    token = secrets.token_urlsafe(16)
    row = Registration(id=uuid7(), token_hash=token_hash(token), name=clean_person_name(name), field_role=field_role,
                       unit_id=unit.id, number=f"{secrets.randbelow(10_000):04}")  # fmt: skip
    session.add(row)
    return row, token


def let_in(session: Session, row: Registration, now: datetime) -> Person:
    """The clerk knows them: a person, and an invite that only the browser that asked can use."""
    person = add_person(session, name=row.name, field_role=row.field_role, unit=row.unit)
    session.add(Invite.made(person, row.token_hash, now, kind="join"))
    row.decided_at, row.person_id = now, person.id
    return person
