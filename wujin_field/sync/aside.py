"""What was set aside, and what the clerk makes of it: taken in under its author's name, or dismissed. The row stays."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ..db import from_ms
from ..domain import Pack
from ..models import Device, Person, SetAside, Venue
from ..models.venues import is_home
from .envelope import Refused, VisitClaim, read_claim
from .intake import Intake, Sender


@dataclass(frozen=True)
class Told:
    """One of them in words. place: where, as the claim says; home: its name leaves the house in no list."""

    row: SetAside
    person: Person
    at: datetime | None
    place: str
    photos: int
    note: str
    home: bool = False


def aside_of(people: Select, decided: bool) -> Select:
    """Newest first; people: a select of the ids that the reader may see."""
    rows = (
        select(SetAside, Person)
        .join(Device, Device.id == SetAside.device_id)
        .join(Person, Person.id == Device.person_id)
    )
    rows = rows.where(Person.id.in_(people))
    return rows.where(SetAside.decision.is_not(None) if decided else SetAside.decision.is_(None)).order_by(
        SetAside.received_at.desc()
    )


def told(session: Session, pack: Pack, row: SetAside, person: Person) -> Told:
    try:
        claim = read_claim(row.kind, row.subject_id, row.body, pack)
    except Refused:
        return Told(row, person, None, "", 0, "")
    at = from_ms(claim.started_at)
    if not isinstance(claim, VisitClaim):
        return Told(row, person, at, claim.title, 0, claim.entry_text)
    venue = session.get(Venue, claim.venue) if claim.venue else None
    home, place = is_home(venue, claim.place_type), venue.zh if venue else claim.place_text
    return Told(row, person, at, place, len(claim.photos), claim.note, home)


def lists_photo(session: Session, device_id: str, sha256: str) -> bool:
    """Does a visit of this phone that waits here speak of this photo? A stopped phone hands in nothing else."""
    waiting = select(SetAside.body).where(
        SetAside.device_id == device_id, SetAside.kind == "visit", SetAside.decision.is_(None)
    )
    return any(sha256.encode() in body for body in session.scalars(waiting))


def take_over(session: Session, intake: Intake, pack: Pack, row: SetAside) -> str:
    """Hand it to the intake again as from the phone it names. Nothing when it is in now, else the code of why not."""
    try:
        claim = read_claim(row.kind, row.subject_id, row.body, pack)
        owner = session.scalar(select(Device.person_id).where(Device.id == claim.device))
        if owner is None:
            return "unknown_phone"
        session.rollback()  # the writer is another connection
        return intake.take_claim(row.kind, row.subject_id, row.body, Sender(claim.device, owner), row.signature).code
    except Refused as refused:
        return refused.code
