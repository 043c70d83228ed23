"""People, the phones that stand for them, and the links that bind a phone. No ID numbers, no faces, no passwords here."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Key, Ref, utc_now
from .organisation import Unit

DEVICE_DAYS = 90  # field devices stay enrolled this long after their last contact (design/evidence.md)
INVITE_DAYS = 7


def token_hash(token: str) -> bytes:
    """What we keep of a token: enough to recognise it, useless to whoever reads the database."""
    return hashlib.sha256(token.encode()).digest()


class Person(Base):
    """field_role says who somebody is, access what they may do (codes of roles.toml)."""

    __tablename__ = "person"
    id: Mapped[Key]
    name: Mapped[str]
    field_role: Mapped[str]
    access: Mapped[str]
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    large_text: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    unit: Mapped[Unit] = relationship()


class PersonArea(Base):
    """The areas somebody works in, beside their unit's own."""

    __tablename__ = "person_area"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    area_id: Mapped[str] = mapped_column(ForeignKey("area.id"), primary_key=True)


class Device(Base):
    """One browser, bound to one person. Its cookie's token is stored as a hash; public_key is raw P-256, 65 bytes."""

    __tablename__ = "device"
    id: Mapped[Key]
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    label: Mapped[str] = mapped_column(default="")
    enrolled_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    revoked_at: Mapped[datetime | None]
    unsent_count: Mapped[int | None]
    person: Mapped[Person] = relationship()


def is_enrolled(device: Any, now: datetime) -> bool:
    """Not revoked, and heard of within ninety days. device: the object, or a row with these two columns."""
    return device.revoked_at is None and now - device.last_seen_at < timedelta(days=DEVICE_DAYS)


class Invite(Base):
    """A single-use enrolment link. reusable is set by the demo alone."""

    __tablename__ = "invite"
    id: Mapped[Key]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    reusable: Mapped[bool] = mapped_column(default=False)
    person: Mapped[Person] = relationship()

    def is_open(self, now: datetime) -> bool:
        return now < self.expires_at and (self.reusable or self.used_at is None)


def invite(person: Person, *, reusable: bool = False, now: datetime | None = None) -> tuple[Invite, str]:
    """A new invite and its token; the token is told once and never stored."""
    now, token = now or utc_now(), secrets.token_urlsafe(16)
    row = Invite(person_id=person.id, token_hash=token_hash(token), created_at=now, reusable=reusable)
    row.expires_at = now + timedelta(days=3650 if reusable else INVITE_DAYS)
    return row, token
