"""How a desk role signs in without a link: a name, a password, if wanted a changing code; and how often one may try."""

import base64
import hashlib
import hmac
import secrets
import struct
import threading
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import ForeignKey, Index, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ..db import Base, Key, utc_now
from .naming import clean
from .people import Person

SHORTEST, LONGEST = 8, 200
TRIES, WINDOW = 10, timedelta(hours=1)  # wrong passwords that one account, or one browser that knows it, may have
COST = {"n": 2**15, "r": 8, "p": 3, "maxmem": 64 * 1024 * 1024}  # OWASP's second line for scrypt: 32 MB, about 0.2 s
AT_ONCE = threading.BoundedSemaphore(2)  # forty guesses at once must not take a gigabyte
STEP_S, DIGITS = 30, 6


class Credential(Base):
    """password: salt and scrypt hash, 16 + 32 bytes, base64. totp_nonce: the code's secret is derived from it and the
    station's own, so that a stolen database alone gives nobody a code; totp_step: the last one used, never twice."""

    __tablename__ = "credential"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    sign_in_name: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str]
    totp_nonce: Mapped[str | None]
    totp_step: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)
    person: Mapped[Person] = relationship()


class Attempt(Base):
    """One try that was not right (yet). subject: a digest of the name that was typed, or of a browser that knows it."""

    __tablename__ = "attempt"
    __table_args__ = (Index("attempt_lately", "subject", "at"),)
    id: Mapped[Key]
    subject: Mapped[str]
    at: Mapped[datetime]


class Unfit(Exception):
    """A password or a sign-in name that we do not take. code: too_short, too_long, too_common, like_the_name, name_taken."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def set_password(session: Session, person: Person, name: str, password: str) -> Credential:
    """Raises Unfit."""
    name = clean(name) or person.name
    _refuse_unfit(password, name)
    taken = session.scalar(select(Credential.person_id).where(Credential.sign_in_name == name))
    if taken not in (None, person.id):
        raise Unfit("name_taken")
    row = session.get(Credential, person.id) or Credential(person_id=person.id, totp_step=0)
    row.sign_in_name, row.password, row.changed_at = name, hashed(password), utc_now()
    session.add(row)
    return row


def _refuse_unfit(password: str, name: str) -> None:
    plain = password.casefold()
    if len(password) < SHORTEST:
        raise Unfit("too_short")
    if len(password) > LONGEST:
        raise Unfit("too_long")
    if name.casefold() in plain:
        raise Unfit("like_the_name")
    if (
        plain in common_passwords()
        or len(set(plain)) < 4
        or plain in "01234567890123456789"
        or plain in "98765432109876543210"
    ):
        raise Unfit("too_common")


@cache
def common_passwords() -> frozenset[str]:
    """Lower case, a line each; where they are from stands at the head of the file."""
    lines = (Path(__file__).parent / "common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def hashed(password: str) -> str:
    salt = secrets.token_bytes(16)
    return base64.b64encode(salt + _scrypt(password, salt)).decode()


def is_right(credential: Credential | None, password: str) -> bool:
    """The same work for a name that nobody has."""
    kept = base64.b64decode(credential.password) if credential else bytes(48)
    return hmac.compare_digest(_scrypt(password[: LONGEST + 1], kept[:16]), kept[16:]) and credential is not None


def _scrypt(password: str, salt: bytes) -> bytes:
    with AT_ONCE:
        return hashlib.scrypt(password.encode("utf-8", "replace"), salt=salt, dklen=32, **COST)


# tries


def subject(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def may_try(session: Session, who: str, now: datetime) -> bool:
    return (
        session.scalar(select(func.count(Attempt.id)).where(Attempt.subject == who, Attempt.at > now - WINDOW)) or 0
    ) < TRIES


def take_try(session: Session, who: str, now: datetime) -> bool:
    """Spend one before the password is looked at: sixteen guesses at once are sixteen tries. In a write transaction."""
    if not may_try(session, who, now):
        return False
    session.execute(delete(Attempt).where(Attempt.at <= now - WINDOW))  # everybody's: names that are none come but once
    session.add(Attempt(subject=who, at=now))
    return True


def forget_tries(session: Session, who: str) -> None:
    session.execute(delete(Attempt).where(Attempt.subject == who))


# the changing code


def totp_secret(station_secret: str, person_id: str, nonce: str) -> bytes:
    """20 bytes, as authenticator apps expect."""
    return hmac.new(station_secret.encode(), f"totp {person_id} {nonce}".encode(), hashlib.sha256).digest()[:20]


def totp(secret: bytes, step: int) -> str:
    """RFC 6238 with SHA-1, 30 seconds, six digits: what every authenticator app does."""
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**DIGITS:0{DIGITS}}"


def totp_step(secret: bytes, typed: str, now: datetime, last: int = 0) -> int | None:
    """The step that the typed code is of: this one, the one before or after, and never one used before."""
    current = int(now.timestamp()) // STEP_S
    fitting = (step for step in (current - 1, current, current + 1) if step > last)
    return next(
        (
            step
            for step in fitting
            if hmac.compare_digest(totp(secret, step).encode(), typed.encode("utf-8", "replace"))
        ),
        None,
    )
