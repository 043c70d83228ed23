"""People, the phones that stand for them, and the links that bind a phone. No ID numbers, no faces, no passwords here."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, Uuid, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ..db import Base, Key, Ref, utc_now, uuid7
from ..domain import load_pack
from .codes import new_code
from .naming import clean
from .organisation import Unit

DEVICE_DAYS = 90  # field devices stay enrolled this long after their last contact (design/evidence.md)
DESK_DAYS = 14  # a browser that signed in with a password, for offices are shared
INVITE_DAYS, SLIP_DAYS, CODE_MINUTES = 7, 14, 10
NAME_LONGEST, WRONG_NUMBERS = 30, 5
DESK_ACCESS = {"supervisor", "station_clerk", "village_clerk", "reporter", "coordinator", "lead_view"}


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
    """One browser, bound to one person. Its cookie's token is stored as a hash; public_key is raw P-256, 65 bytes.

    signed_in_with: link, slip, code, join or password. confirmed_at: when its password was last asked.
    """

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
    signed_in_with: Mapped[str] = mapped_column(default="link")
    confirmed_at: Mapped[datetime | None]
    revoked_by_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    person: Mapped[Person] = relationship()


def is_enrolled(device: Any, now: datetime) -> bool:
    """Not revoked, and heard of lately. device: the object, or a row with these three columns."""
    days = DESK_DAYS if device.signed_in_with == "password" else DEVICE_DAYS
    return device.revoked_at is None and now - device.last_seen_at < timedelta(days=days)


def revoke(device: Device, by_id: str, now: datetime) -> None:
    """What it still sends is kept aside for the clerk (sync/aside.py)."""
    device.revoked_at, device.revoked_by_id = device.revoked_at or now, by_id


class Invite(Base):
    """A single-use enrolment link. reusable is set by the demo alone.

    number: four digits that the clerk says and the phone must be told, so that a forwarded link is worth nothing.
    kind: link, slip (printed), code (typed, ten minutes, shown on the first browser), join (asked in by poster).
    """

    __tablename__ = "invite"
    id: Mapped[Key]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    reusable: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[str] = mapped_column(default="link")
    number: Mapped[str | None]
    wrong: Mapped[int] = mapped_column(default=0)
    person: Mapped[Person] = relationship()

    def is_open(self, now: datetime) -> bool:
        return now < self.expires_at and self.wrong < WRONG_NUMBERS and (self.reusable or self.used_at is None)

    @classmethod
    def made(cls, person: Person, hashed: bytes, now: datetime, **more: Any) -> "Invite":
        until = timedelta(days=INVITE_DAYS)
        return cls(
            id=uuid7(), person_id=person.id, token_hash=hashed, created_at=now, expires_at=now + until, wrong=0, **more
        )


def invite(person: Person, *, reusable: bool = False, now: datetime | None = None, **more: Any) -> tuple[Invite, str]:
    """A new invite and its token; the token is told once and never stored."""
    now, token = now or utc_now(), secrets.token_urlsafe(16)
    row = Invite.made(person, token_hash(token), now, reusable=reusable, **more)
    row.expires_at = now + timedelta(days=3650 if reusable else SLIP_DAYS if row.kind == "slip" else INVITE_DAYS)
    return row, token


def numbered(person: Person, now: datetime | None = None) -> tuple[Invite, str]:
    """An invite that also asks for the four digits on the clerk's screen."""
    return invite(person, now=now, number=f"{secrets.randbelow(10_000):04}")


def typed_code(person: Person, now: datetime | None = None) -> tuple[Invite, str]:
    """Eight characters for a second browser, for ten minutes: 10^10 of them, so guessing finds none."""
    now, code = now or utc_now(), new_code()
    row = Invite.made(person, token_hash(code), now, kind="code")
    row.expires_at = now + timedelta(minutes=CODE_MINUTES)
    return row, code


def add_person(session: Session, *, name: str, field_role: str, unit: Unit, access: str = "") -> Person:
    """access: the role's own when left out. Raises ValueError for a name that is none, KeyError for an unknown role."""
    pack = load_pack()
    access = access or pack["field_role"][field_role]["access"]
    person = Person(id=uuid7(), name=clean_person_name(name), field_role=field_role, access=pack["access"][access]["code"],
                    unit_id=unit.id)  # fmt: skip
    session.add(person)
    session.flush()
    return person


def clean_person_name(name: str) -> str:
    """Raises ValueError when nothing readable is left."""
    if not (shown := clean(name, NAME_LONGEST)):
        raise ValueError("a person needs a name")
    return shown


def namesakes(session: Session, unit_id: str, name: str) -> list[Person]:
    """Who in this unit bears the name already."""
    same = select(Person).where(Person.unit_id == unit_id, Person.name == clean(name, NAME_LONGEST), Person.active)
    return list(session.scalars(same))


def deactivate(session: Session, person: Person, by_id: str, now: datetime) -> None:
    """They leave: every browser of theirs is revoked. Raises LastClerk: somebody must be able to open the door again."""
    refuse_last_clerk(session, person)
    person.active = False
    for device in session.scalars(select(Device).where(Device.person_id == person.id, Device.revoked_at.is_(None))):
        revoke(device, by_id, now)


class LastClerk(Exception):
    """A station without a clerk is locked out; `wujin invite --role station_clerk` is the way back in."""


def refuse_last_clerk(session: Session, person: Person) -> None:
    others = select(Person.id).where(Person.access == "station_clerk", Person.active, Person.unit_id == person.unit_id,
                                     Person.id != person.id)  # fmt: skip
    if person.access == "station_clerk" and person.active and session.scalar(others.limit(1)) is None:
        raise LastClerk
