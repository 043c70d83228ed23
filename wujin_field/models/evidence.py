"""Photographs, named by their own bytes."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base


class Photo(Base):
    """What is in the vault. sha256 is lower-case hex; dhash and examined_at come after the receipt."""

    __tablename__ = "photo"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    bytes: Mapped[int]
    media_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    received_at: Mapped[datetime]
    examined_at: Mapped[datetime | None]
    fault: Mapped[str | None]  # set when a full decode failed: the phone is told while it still has the original
    dhash: Mapped[str | None] = mapped_column(String(16))
