"""A spreadsheet that was read: its rows until they are imported, what it brought, and whether that was taken back."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Key, utc_now
from .people import Person


class SheetImport(Base):
    """kind: venues, people, plan. state: checked, imported, undone, dropped. rows: plain values, emptied once imported.

    problems: [{row, column, sentence, values}] with the row's Excel number; a sheet with one is never imported.
    """

    __tablename__ = "sheet_import"
    id: Mapped[Key]
    kind: Mapped[str]
    name: Mapped[str]
    state: Mapped[str] = mapped_column(default="checked")
    rows: Mapped[list]
    problems: Mapped[list]
    new: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    who_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    imported_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    who: Mapped[Person | None] = relationship()
