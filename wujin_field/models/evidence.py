"""Photographs, named by their own bytes."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base


def partial_index(name: str, column: str, where: str) -> Index:
    """Over the few rows that somebody looks for, not over all photos."""
    return Index(name, column, sqlite_where=text(where), postgresql_where=text(where))


class Photo(Base):
    """What is in the vault. sha256 is lower-case hex; dhash, pixels and examined_at come after the receipt."""

    __tablename__ = "photo"
    __table_args__ = (
        partial_index("ix_photo_unexamined", "received_at", "examined_at IS NULL"),
        partial_index("ix_photo_fault", "fault", "fault IS NOT NULL"),
    )
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    bytes: Mapped[int]
    media_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    received_at: Mapped[datetime]
    examined_at: Mapped[datetime | None]
    fault: Mapped[str | None]  # set when a full decode failed: the phone is told while it still has the original
    dhash: Mapped[str | None] = mapped_column(String(16))
    pixels: Mapped[str | None] = mapped_column(
        String(64), index=True
    )  # SHA-256 of the small copy's pixels, before JPEG


class LearntPicture(Base):
    """A picture that looks the same everywhere (our poster, a leaflet): its likeness says nothing about a visit.

    Learnt by itself once several people showed it at several places, or by a person who said so.
    """

    __tablename__ = "learnt_picture"
    dhash: Mapped[str] = mapped_column(String(16), primary_key=True)
    learnt_at: Mapped[datetime]
    learnt_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
