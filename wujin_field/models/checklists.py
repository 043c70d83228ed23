"""Checklist templates with versions: a published one never changes, answers name code and version (invariant C4.4)."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, utc_now


class Checklist(Base):
    """body: the template as it stands in the domain pack, items included."""

    __tablename__ = "checklist"
    code: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict]
    status: Mapped[str] = mapped_column(default="published")  # draft, published, retired
    published_at: Mapped[datetime] = mapped_column(default=utc_now)
