"""The outlines of a town's villages, as somebody uploaded them: a picture under the dots, never a boundary in law."""

from datetime import datetime

from sqlalchemy import ForeignKey, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Key, Ref, utc_now
from .organisation import Area


class Outline(Base):
    """One shape of the file. town_id: the area whose picture it belongs to; area_id: the village it was matched to, if any.

    polygons: [[ring, …], …], a ring being [[lon, lat], …] in 1e-7 degrees, WGS-84; the first ring is the outside.
    """

    __tablename__ = "outline"
    id: Mapped[Key]
    town_id: Mapped[Ref] = mapped_column(ForeignKey("area.id"))
    area_id: Mapped[Ref | None] = mapped_column(ForeignKey("area.id"))
    name: Mapped[str]
    polygons: Mapped[list]
    added_at: Mapped[datetime] = mapped_column(default=utc_now)
    added_by_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    area: Mapped[Area | None] = relationship(foreign_keys=[area_id])
