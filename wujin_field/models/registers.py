"""The small records (台账): one table for all kinds; which fields a kind has stands in registers.toml.

An entry is never deleted: a mistake becomes void with a reason. Its state is that of its latest step.
"""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, Select, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ..db import Base, Key, Ref, utc_now
from .journal import append_audit
from .organisation import Area, Unit
from .people import Person
from .venues import Venue


class RegisterEntry(Base):
    """kind: a code of registers.toml. values: {field code: str, int, bool or list of codes}; units and venue are beside it.

    day: a local day; it decides the year. revision counts changes, so that two clerks never overwrite each other unseen.
    """

    __tablename__ = "register_entry"
    __table_args__ = (Index("register_by_day", "kind", "day"),)
    id: Mapped[Key]
    kind: Mapped[str]
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"))
    title: Mapped[str]
    day: Mapped[date] = mapped_column(Date)
    values: Mapped[dict]
    venue_id: Mapped[Ref | None] = mapped_column(ForeignKey("venue.id"))
    state: Mapped[str] = mapped_column(default="")
    revision: Mapped[int] = mapped_column(default=1)
    author_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)
    void_reason: Mapped[str | None]
    unit: Mapped[Unit] = relationship()
    venue: Mapped[Venue | None] = relationship()
    author: Mapped[Person] = relationship()
    units: Mapped[list["RegisterUnit"]] = relationship(cascade="all, delete-orphan")
    steps: Mapped[list["RegisterStep"]] = relationship(order_by="RegisterStep.taken_at")
    files: Mapped[list["RegisterFile"]] = relationship(order_by="RegisterFile.added_at")

    def units_of(self, field: str) -> list[Unit]:
        return [line.unit for line in self.units if line.field == field]


class RegisterUnit(Base):
    """A unit that an entry names: released jointly, present at the meeting, asked to answer."""

    __tablename__ = "register_unit"
    entry_id: Mapped[str] = mapped_column(ForeignKey("register_entry.id"), primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), primary_key=True, index=True)
    unit: Mapped[Unit] = relationship()


class RegisterStep(Base):
    """One step of an entry's life: what, who, when, and why where the step wants a reason."""

    __tablename__ = "register_step"
    id: Mapped[Key]
    entry_id: Mapped[Ref] = mapped_column(ForeignKey("register_entry.id"))
    step: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    taken_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime] = mapped_column(default=utc_now)
    taken_by: Mapped[Person] = relationship()


class RegisterFile(Base):
    """A file that somebody attached. Its bytes lie in the vault under their digest; removed_at hides, it deletes nothing."""

    __tablename__ = "register_file"
    id: Mapped[Key]
    entry_id: Mapped[Ref] = mapped_column(ForeignKey("register_entry.id"))
    sha256: Mapped[str] = mapped_column(String(64), ForeignKey("photo.sha256"), index=True)
    name: Mapped[str]
    added_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime] = mapped_column(default=utc_now)
    removed_at: Mapped[datetime | None]
    downloads: Mapped[int] = mapped_column(default=0)


def register_entries(session: Session, kind: str, first: date, last: date, unit_path: str = "") -> list[RegisterEntry]:
    """Entries of one kind on these days (both included) that stand, of the units in an area's subtree."""
    rows = select(RegisterEntry).join(Unit, RegisterEntry.unit_id == Unit.id).join(Area, Unit.area_id == Area.id)
    rows = rows.where(RegisterEntry.kind == kind, RegisterEntry.day.between(first, last))
    rows = rows.where(RegisterEntry.void_reason.is_(None), Area.path.startswith(unit_path, autoescape=True))
    return list(session.scalars(rows.order_by(RegisterEntry.day, RegisterEntry.id)))


def standards(session: Session) -> dict[str, str]:
    """Venue → the checklist of the standard it grows up to, for every demonstration site that was not withdrawn."""
    rows = select(RegisterEntry.venue_id, RegisterEntry.values).where(
        RegisterEntry.kind == "demonstration_site", RegisterEntry.venue_id.is_not(None),
        RegisterEntry.void_reason.is_(None), RegisterEntry.state != "withdrawn",
    )  # fmt: skip
    return {row.venue_id: row[1]["standard"] for row in session.execute(rows.order_by(RegisterEntry.id))}


def cases_to_tell(session: Session, most: int) -> list[RegisterEntry]:
    """The newest entries of the library of accident cases that stand: every unit may tell them (R181)."""
    rows = select(RegisterEntry).where(RegisterEntry.kind == "accident_case", RegisterEntry.void_reason.is_(None))
    return list(session.scalars(rows.order_by(RegisterEntry.day.desc(), RegisterEntry.id.desc()).limit(most)))


def named_sites() -> Select:
    """Venues that are demonstration sites with their plate, as the public may know it."""
    return select(RegisterEntry.venue_id).where(
        RegisterEntry.kind == "demonstration_site", RegisterEntry.venue_id.is_not(None),
        RegisterEntry.void_reason.is_(None), RegisterEntry.state.in_(("named", "looked_at_again", "kept")),
    )  # fmt: skip


def is_named_site(session: Session, venue_id: str) -> bool:
    return session.scalars(named_sites().where(RegisterEntry.venue_id == venue_id).limit(1)).first() is not None


def hall_hours(session: Session) -> dict[str, dict]:
    """Venue → what the register of halls says of its hours and how to book (R13); the newest entry holds."""
    rows = select(RegisterEntry.venue_id, RegisterEntry.values)
    rows = rows.where(
        RegisterEntry.kind == "hall", RegisterEntry.venue_id.is_not(None), RegisterEntry.void_reason.is_(None)
    )
    return {row[0]: row[1] for row in session.execute(rows.order_by(RegisterEntry.day, RegisterEntry.id))}


class NotAllowed(Exception):
    """A step that this state or this person does not admit."""


def steps_open(lifecycle: dict, entry: RegisterEntry, access: str, unit_id: str) -> list[dict]:
    """The steps that somebody may take now. `by` names a field: only the units it names may take that step."""
    return [
        step
        for step in lifecycle.get("steps", [])
        if entry.state in step["from"] and _may(step, entry, access, unit_id) and not entry.void_reason
    ]


def _may(step: dict, entry: RegisterEntry, access: str, unit_id: str) -> bool:
    if "by" in step:
        return unit_id in {unit.id for unit in entry.units_of(step["by"])}
    return access in step["who"]


def take_step(session: Session, lifecycle: dict, entry: RegisterEntry, code: str, reason: str, who: Person) -> None:
    """Write the step and the state it leads to. Raises NotAllowed."""
    step = next((step for step in steps_open(lifecycle, entry, who.access, who.unit_id) if step["code"] == code), None)
    if step is None or (step.get("reason") and not reason):
        raise NotAllowed(code)
    session.add(RegisterStep(entry_id=entry.id, step=code, state=step["to"], reason=reason, taken_by_id=who.id))
    entry.state = step["to"]
    append_audit(session, utc_now(), who.id, "stepped", "register", entry.id, step=code, state=entry.state)
