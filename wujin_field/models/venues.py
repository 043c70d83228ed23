"""Venues (场所) and the codes that hang on their doors."""

from datetime import datetime

from sqlalchemy import ForeignKey, Select, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Key, Ref, utc_now
from ..domain import Pack, load_pack
from .organisation import Area


class Venue(Base):
    """A place that can be visited. Positions are WGS-84 in 1e-7 degrees, radius and accuracy in metres.

    A household's name is its group and number ("三组12户"), never a person's.
    """

    __tablename__ = "venue"
    id: Mapped[Key]
    zh: Mapped[str]
    place_type: Mapped[str]
    venue_kind: Mapped[str]
    area_id: Mapped[Ref] = mapped_column(ForeignKey("area.id"))
    address: Mapped[str | None]
    lat_e7: Mapped[int | None]
    lon_e7: Mapped[int | None]
    point_accuracy_m: Mapped[int | None]
    point_source: Mapped[str] = mapped_column(default="none")  # on_site, imported, none
    point_at: Mapped[datetime | None]
    radius_m: Mapped[int]
    focus: Mapped[bool] = mapped_column(default=False)
    privacy: Mapped[str] = mapped_column(default="open")  # open, strict
    contact_note: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    merged_into_id: Mapped[Ref | None] = mapped_column(ForeignKey("venue.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    opening: Mapped[str] = mapped_column(default="", server_default="")  # 固定场所: when it is open (R142)
    keeper: Mapped[str] = mapped_column(default="", server_default="")  # a role, never a person's name
    team_size: Mapped[int | None]  # 微型消防站: how many stand ready
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    area: Mapped[Area] = relationship()
    codes: Mapped[list["VenueCode"]] = relationship(order_by="VenueCode.version", back_populates="venue")

    @property
    def code(self) -> str | None:
        """The code that hangs there now; None when every poster is lost or retired."""
        return next((row.code for row in reversed(self.codes) if row.state in ("printed", "active")), None)


class VenueCode(Base):
    """One printed poster: a reprint is a new version with a new code, the old one then says that it is retired."""

    __tablename__ = "venue_code"
    id: Mapped[Key]
    venue_id: Mapped[Ref] = mapped_column(ForeignKey("venue.id"))
    code: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str] = mapped_column(default="venue")  # venue, public_poster, kit
    state: Mapped[str] = mapped_column(default="printed")  # printed, active, lost, retired
    printed_at: Mapped[datetime] = mapped_column(default=utc_now)
    venue: Mapped[Venue] = relationship(back_populates="codes")


def venues_of_areas(paths: list[str]) -> Select:
    """Every active venue in the subtrees of these area paths."""
    inside = or_(*(Area.path.startswith(path, autoescape=True) for path in paths))
    return select(Venue).join(Area).where(Venue.active, inside).order_by(Area.path, Venue.zh)


def place_type_of(pack: Pack, kind: str, area: Area) -> str:
    """Under which of the five a venue of this kind counts there, unless somebody says otherwise."""
    entry = pack["venue_kind"][kind]
    if entry.get("place_type_from_area"):
        return "community" if area.settlement == "town" or area.area_kind in ("community", "estate") else "village"
    return entry["place_type"]


def radius_of(pack: Pack, place_type: str) -> int:
    """Metres around the point within which a photo was taken there."""
    return pack["place_type"][place_type].get("default_radius_m", 150)


def is_home(venue: Venue | None, place_type: str) -> bool:
    """Also one that stands on no list yet: its name and its inside leave in no list and on no paper (C4.14, C4.23)."""
    told = venue.privacy if venue else load_pack()["place_type"].get(place_type, {}).get("privacy")
    return told == "strict"
