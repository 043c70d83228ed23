"""What was said, what we answered, and that both happened: claims, receipts, the audit chain.

Nothing here is ever changed or deleted.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    Uuid,
    insert,
    inspect,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..canonical import plain
from ..db import Base, Key, Ref, to_ms
from ..quick import prepare


class Claim(Base):
    """The exact bytes that a phone sent, with its signature. One per kind, id and revision."""

    __tablename__ = "claim"
    __table_args__ = (UniqueConstraint("kind", "subject_id", "revision"),)
    id: Mapped[Key]
    kind: Mapped[str]  # visit, activity
    subject_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    revision: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    device_id: Mapped[Ref] = mapped_column(ForeignKey("device.id"))
    seq: Mapped[int]
    prev: Mapped[str | None] = mapped_column(String(64))
    received_at: Mapped[datetime]


class SetAside(Base):
    """A claim that we kept but did not take in: other bytes under one name, a revoked phone. A person decides.

    decision: taken, dismissed; none while it waits. The row stays either way.
    """

    __tablename__ = "set_aside"
    __table_args__ = (UniqueConstraint("kind", "subject_id", "digest"),)
    id: Mapped[Key]
    kind: Mapped[str]
    subject_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    revision: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[str]
    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"))
    received_at: Mapped[datetime]
    signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    decision: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))


class Receipt(Base):
    """server_seq counts every receipt; body is the receipt as sent, so a repeat gets the very same one."""

    __tablename__ = "receipt"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", "revision", "device_id"),
        Index("receipt_of_device_by_day", "device_id", "received_at"),
    )
    server_seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    kind: Mapped[str]  # visit, activity, photo
    subject_id: Mapped[str] = mapped_column(index=True)
    revision: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"))
    received_at: Mapped[datetime]
    body: Mapped[dict]


class AuditRow(Base):
    """Append-only. hash = SHA-256(prev ‖ canonical JSON of the row); holds ids and digests, never personal values."""

    __tablename__ = "audit"
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    who: Mapped[str | None]  # person id
    what: Mapped[str]  # took_in, ruled, enrolled …
    kind: Mapped[str]
    subject_id: Mapped[str]
    detail: Mapped[dict]
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class SealedValue(Base):
    """A personal value that the audit names only by its commitment, SHA-256(salt ‖ canonical JSON of the value).

    Deleting this row makes the value unreadable for good and leaves the chain whole. subject_id: whom it is about.
    """

    __tablename__ = "sealed_value"
    commitment: Mapped[str] = mapped_column(String(64), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    value: Mapped[dict]
    subject_id: Mapped[Ref]


class Checkpoint(Base):
    """Once a day: how many audit rows, and the newest hash, signed. Kept elsewhere it catches a cut tail."""

    __tablename__ = "checkpoint"
    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(index=True)
    count: Mapped[int]
    head: Mapped[str] = mapped_column(String(64))
    body: Mapped[dict]  # as signed: kind, instance, at, count, head, sig


class Instance(Base):
    """One row: which living database this is. A restore makes a new id, and phones offer again what they kept."""

    __tablename__ = "instance"
    id: Mapped[Key]
    made_at: Mapped[datetime]


GENESIS = "0" * 64
NEWEST_LINK = select(AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)
ADD_LINK = insert(AuditRow.__table__)  # type: ignore[arg-type]
prepare([NEWEST_LINK, ADD_LINK])


def seal(session: Session, row: Base, at: datetime, who: str | None, what: str, **detail: object) -> None:
    """Audit a row of ours under its table's name with the digest of all its columns: `wujin verify` then knows it again.

    Call it again whenever the row changes. keeping/sealed.py lists the tables that are looked at.
    """
    session.flush()
    subject_id = str(inspect(row).identity[0])  # type: ignore[index]  # flushed: it has one
    append_audit(session, at, who, what, row.__tablename__, subject_id, digest=row_digest(row), **detail)


def row_digest(row: object, names: list[str] | None = None) -> str:
    """Hex SHA-256 over the canonical JSON of {column: value}; moments as ms, days as ISO text, bytes as hex.

    names: the columns, when row is not a mapped object.
    """
    names = names or [column.key for column in row.__table__.columns]  # type: ignore[attr-defined]
    return hashlib.sha256(plain(bare_row(row, names))).hexdigest()


def bare_row(row: object, names: list[str], prefix: str = "") -> dict:
    """{column: value} as it is hashed. prefix: of the columns' labels in a row that holds two tables."""
    return {name: _bare(getattr(row, prefix + name)) for name in names}


def _bare(value: object) -> object:
    if isinstance(value, datetime):
        return to_ms(value)
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, date) else value


def commit(session: Session, subject_id: str, value: dict) -> str:
    """Seal a personal value and give back its commitment, which may stand in an audit row's detail."""
    salt = secrets.token_bytes(32)
    commitment = commitment_of(salt, value)
    session.add(SealedValue(commitment=commitment, salt=salt, value=value, subject_id=subject_id))
    return commitment


def commitment_of(salt: bytes, value: object) -> str:
    return hashlib.sha256(salt + plain(value)).hexdigest()


def append_audit(
    connection: Connection | Session,
    at: datetime,
    who: str | None,
    what: str,
    kind: str,
    subject_id: str,
    **detail: object,
) -> None:
    """Add the next link of the chain, inside the writer's transaction: what happened and its trace stand or fall together."""
    prev = carried(connection, "audit", lambda: connection.execute(NEWEST_LINK).scalar() or GENESIS)
    row: dict = {"at": to_ms(at), "who": who, "what": what, "kind": kind, "subject_id": subject_id, "detail": detail}
    digest = hashlib.sha256(prev.encode() + plain(row)).hexdigest()
    connection.execute(ADD_LINK, row | {"at": at, "prev": prev, "hash": digest})
    carry(connection, "audit", digest)


def carried(connection: Connection | Session, name: str, read: Callable[[], Any]) -> Any:
    """What the writer's transaction already knows, for nobody else may write meanwhile; a desk's own reads it anew."""
    known = _known(connection)
    if name not in known:
        known[name] = read()
    return known[name]


def carry(connection: Connection | Session, name: str, value: Any) -> None:
    _known(connection)[name] = value


def _known(connection: Connection | Session) -> dict:
    return {} if isinstance(connection, Session) else connection.get_execution_options().get("carried", {})
