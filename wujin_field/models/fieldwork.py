"""What happened outside: the activity (场次) that is counted, its visits, their photos, the hazards found.

Rows hold the newest revision; every claim ever sent stays in the journal. An activity may arrive after its
visits, so `visit.activity_id` is deliberately no foreign key.
"""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Uuid
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Key, Ref
from .evidence import partial_index
from .organisation import Area, Unit
from .people import Person
from .venues import Venue


class Activity(Base):
    """One countable event. Numbers: people are persons present (人), audiences head counts (人次), channels in their unit.

    day: the station's local day of started_at; it decides week and month (domain.md D).
    """

    __tablename__ = "activity"
    __table_args__ = (Index("activity_by_area_day", "area_id", "day"),)
    id: Mapped[Key]
    revision: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    area_id: Mapped[str] = mapped_column(ForeignKey("area.id"))
    place_type: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    day: Mapped[date] = mapped_column(Date, index=True)
    title: Mapped[str] = mapped_column(default="")
    delivery: Mapped[str]
    form: Mapped[str]
    context: Mapped[str]
    activity_kind: Mapped[str]
    topics: Mapped[list]
    audiences: Mapped[dict]
    people: Mapped[int]
    participants: Mapped[dict]
    observers: Mapped[int] = mapped_column(default=0)
    channels: Mapped[dict]
    registrations: Mapped[int] = mapped_column(default=0)
    online: Mapped[bool] = mapped_column(default=False)
    hands_on: Mapped[bool] = mapped_column(default=False)
    entry_text: Mapped[str] = mapped_column(default="")
    needs: Mapped[str] = mapped_column(default="")
    asked: Mapped[dict] = mapped_column(default=dict)  # sync.envelope.Asked, what was given of it
    plan_row_id: Mapped[Ref | None] = mapped_column(ForeignKey("plan_row.id"))
    void_reason: Mapped[str | None]
    received_at: Mapped[datetime]
    area: Mapped[Area] = relationship()
    unit: Mapped[Unit] = relationship()
    author: Mapped[Person] = relationship()
    labels: Mapped[list["ActivityProgramme"]] = relationship(
        order_by="ActivityProgramme.programme", cascade="all, delete-orphan"
    )
    organisers: Mapped[list[Unit]] = relationship(secondary="activity_organiser", order_by=Unit.code, viewonly=True)


class ActivityOrganiser(Base):
    """A joint activity counts in full for each organiser, and once in the total (invariant C4.21)."""

    __tablename__ = "activity_organiser"
    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), primary_key=True)


class ActivityProgramme(Base):
    """It also serves this programme of publicity_forms.toml (R69): the desk's label, it changes no count of ours."""

    __tablename__ = "activity_programme"
    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    programme: Mapped[str] = mapped_column(primary_key=True)


class Visit(Base):
    """One stop at one venue. area, place_type and venue_kind are copies as of that moment (invariant C4.3).

    unit_id: the author's unit when it first came: who changes unit takes no old visit along.
    answers: {item code: {value, note, severity, photos}}; values ok, fail, na, unseen.
    missing: how many listed photos the vault does not have yet; 0 means complete.
    """

    __tablename__ = "visit"
    __table_args__ = (
        Index("visit_newest", "received_at", "id"),
        Index("visit_by_activity", "activity_id"),
        Index("visit_by_author_time", "author_id", "started_at"),
        partial_index("ix_visit_unexamined", "received_at", "examined_at IS NULL"),
        Index("visit_waiting", "received_at", "id", sqlite_where=sql("ruled_revision <> revision"),
              postgresql_where=sql("ruled_revision <> revision")),
    )  # fmt: skip
    id: Mapped[Key]
    activity_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    revision: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"))
    venue_id: Mapped[Ref | None] = mapped_column(ForeignKey("venue.id"))
    place_text: Mapped[str] = mapped_column(default="")
    area_id: Mapped[Ref] = mapped_column(ForeignKey("area.id"))
    place_type: Mapped[str]
    venue_kind: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    day: Mapped[date] = mapped_column(Date, index=True)
    clock_offset_ms: Mapped[int]  # server minus phone at intake, in ms; raw facts stay as the phone said them
    scanned_code: Mapped[str | None]
    template: Mapped[str | None]
    template_version: Mapped[int | None]
    answers: Mapped[dict]
    team: Mapped[list]
    materials: Mapped[dict]
    enforcement: Mapped[dict]
    refused: Mapped[str] = mapped_column(default="none")
    note: Mapped[str] = mapped_column(default="")
    signed: Mapped[bool] = mapped_column(default=False)
    missing: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime]
    examined_at: Mapped[datetime | None]  # when the checks last looked; none: something new came, look again
    ruled_revision: Mapped[int] = mapped_column(
        default=0
    )  # the newest one that somebody ruled on, so that lists find the rest
    venue: Mapped[Venue | None] = relationship()
    area: Mapped[Area] = relationship()
    author: Mapped[Person] = relationship()
    photos: Mapped[list["VisitPhoto"]] = relationship(order_by="VisitPhoto.position", cascade="all, delete-orphan")
    hazards: Mapped[list["Hazard"]] = relationship(order_by="Hazard.found_at", back_populates="visit")


class VisitPhoto(Base):
    """One picture in one visit, with the reading bound to its digest at the shutter (WGS-84, 1e-7 degrees, metres, ms)."""

    __tablename__ = "visit_photo"
    visit_id: Mapped[str] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    position: Mapped[int]  # order within the visit, from 0
    role: Mapped[str]
    caption: Mapped[str] = mapped_column(default="")
    item: Mapped[str | None]
    taken_at: Mapped[datetime]
    lat_e7: Mapped[int | None]
    lon_e7: Mapped[int | None]
    accuracy_m: Mapped[int | None]
    age_ms: Mapped[int | None]
    no_position: Mapped[str | None]
    capture: Mapped[str]  # camera, file


class Hazard(Base):
    """隐患. What became of it stands in rows beside it (hazards.py). severity: minor, general, serious (never a legal grade).

    number: counts a station's hazards of one year, for the ledger. state: what the newest step made of it, so that
    lists need not ask for the steps of each; sealed with them (hazards.py).
    """

    __tablename__ = "hazard"
    __table_args__ = (
        Index("hazard_number", "station_id", "year", "number", unique=True),
        Index("hazard_by_due", "due", "id"),
        Index("hazard_by_state", "state", "due", "id"),
        Index("hazard_by_found", "found_at", "id"),
        Index("hazard_serious", "state", sqlite_where=sql("severity = 'serious'"),
              postgresql_where=sql("severity = 'serious'")),
    )  # fmt: skip
    id: Mapped[Key]
    visit_id: Mapped[Ref] = mapped_column(ForeignKey("visit.id"))
    venue_id: Mapped[Ref | None] = mapped_column(ForeignKey("venue.id"))
    item: Mapped[str | None]
    category: Mapped[str]
    severity: Mapped[str]
    text: Mapped[str]
    photo: Mapped[str | None] = mapped_column(String(64))
    fixed_on_spot: Mapped[bool] = mapped_column(default=False)
    responsible_party: Mapped[str] = mapped_column(default="")
    measure: Mapped[str] = mapped_column(default="")
    found_at: Mapped[datetime]
    found_by_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"))
    due: Mapped[date] = mapped_column(Date)
    station_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    year: Mapped[int | None]
    number: Mapped[int | None]
    state: Mapped[str] = mapped_column(default="open")
    visit: Mapped[Visit] = relationship(back_populates="hazards")
    venue: Mapped[Venue | None] = relationship()
    found_by: Mapped[Person] = relationship()

    @property
    def label(self) -> str:
        """2026-0012"""
        return f"{self.year}-{self.number:04}" if self.number else ""
