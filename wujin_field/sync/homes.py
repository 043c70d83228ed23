"""What is known of homes goes first: their positions, then pictures and words, then the house number (pack/privacy.toml).

A visit itself stays and stays counted. `due` is the dry run of `purge`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from ..domain import Pack
from ..models import Claim, Hazard, Photo, RecordChange, Venue, VenueCode, Visit, VisitPhoto
from ..models.privacy import HOME
from .erasure import ERASED, erase_claims, erase_visit
from .vault import Vault

AT_ONCE = 500  # each of them rewrites rows and removes files: the rest waits for the next press


@dataclass(frozen=True)
class Hands:
    """Who purges, when, and where pictures lie."""

    by: str | None
    at: datetime
    vault: Vault
    pictures: Any


def is_home(pack: Pack) -> ColumnElement[bool]:
    """A visit to somebody's home, on the list or not."""
    kinds, types = ([code for code, entry in pack[table].items() if entry.get("privacy") == "strict"]
                    for table in ("venue_kind", "place_type"))  # fmt: skip
    listed = Visit.venue_id.in_(select(Venue.id).where(Venue.privacy == "strict"))
    return or_(listed, Visit.venue_kind.in_(kinds), Visit.place_type.in_(types))


def due(session: Session, pack: Pack, code: str, before: datetime) -> int:
    return sum(
        session.scalar(select(func.count()).select_from(rows.subquery())) or 0 for rows in PAST[code](pack, before)
    )


def purge(session: Session, pack: Pack, code: str, before: datetime, hands: Hands) -> int:
    """At most AT_ONCE of each; returns how many. The caller commits, and audits it."""
    found = [list(session.scalars(rows.limit(AT_ONCE))) for rows in PAST[code](pack, before)]
    for act, ids in zip(ACTS[code], found, strict=True):
        for one in ids:
            act(session, one, hands)
    return sum(len(ids) for ids in found)


def _positions(pack: Pack, before: datetime) -> list[Select]:
    known = exists().where(VisitPhoto.visit_id == Visit.id, VisitPhoto.lat_e7.is_not(None))
    told = exists().where(Claim.kind == "visit", Claim.subject_id == Visit.id, Claim.body != b"")
    visits = select(Visit.id).where(is_home(pack), Visit.started_at < before, or_(known, told))
    return [visits.order_by(Visit.id), _quiet_homes(before).where(Venue.lat_e7.is_not(None))]


def _visits(pack: Pack, before: datetime) -> list[Select]:
    """Those with words, or with a picture of their own that is still there."""
    other = aliased(VisitPhoto)
    shared = exists().where(other.sha256 == VisitPhoto.sha256, other.visit_id != VisitPhoto.visit_id)
    there = VisitPhoto.sha256 == Photo.sha256, Photo.fault.is_distinct_from(ERASED), ~shared
    pictures = exists().where(VisitPhoto.visit_id == Visit.id, *there)
    hazards = exists().where(Hazard.visit_id == Visit.id, Hazard.text != "")
    words = or_(Visit.note != "", Visit.place_text != "", pictures, hazards)
    return [select(Visit.id).where(is_home(pack), Visit.started_at < before, words).order_by(Visit.id)]


def _numbers(pack: Pack, before: datetime) -> list[Select]:
    return [_quiet_homes(before).where(Venue.zh != HOME)]


def _quiet_homes(before: datetime) -> Select:
    """On the list since before, and nobody was there after."""
    later = exists().where(Visit.venue_id == Venue.id, Visit.started_at >= before)
    return select(Venue.id).where(Venue.privacy == "strict", Venue.created_at < before, ~later).order_by(Venue.id)


def _forget_place(session: Session, visit_id: str, hands: Hands) -> None:
    """The claim's bytes hold the position too, so they go with it."""
    erase_claims(session, visit_id, hands.by, hands.at)
    nowhere = dict.fromkeys(("lat_e7", "lon_e7", "accuracy_m", "age_ms"))
    session.execute(update(VisitPhoto).where(VisitPhoto.visit_id == visit_id).values(**nowhere))


def _forget_point(session: Session, venue_id: str, hands: Hands) -> None:
    session.execute(update(Venue).where(Venue.id == venue_id).values(
        lat_e7=None, lon_e7=None, point_accuracy_m=None, point_source="none", point_at=None))  # fmt: skip


def _forget_visit(session: Session, visit_id: str, hands: Hands) -> None:
    erase_visit(session, hands.vault, hands.pictures, visit_id, hands.by, hands.at)


def _forget_number(session: Session, venue_id: str, hands: Hands) -> None:
    _forget_point(session, venue_id, hands)
    session.execute(
        update(Venue).where(Venue.id == venue_id).values(zh=HOME, address=None, contact_note=None, active=False)
    )
    session.execute(update(VenueCode).where(VenueCode.venue_id == venue_id).values(state="retired"))
    session.execute(delete(RecordChange).where(RecordChange.kind == "venue", RecordChange.subject_id == venue_id))


PAST: dict[str, Callable[[Pack, datetime], list[Select]]] = {
    "home_positions": _positions, "home_visits": _visits, "home_numbers": _numbers,
}  # fmt: skip
ACTS: dict[str, list[Callable[[Session, str, Hands], None]]] = {
    "home_positions": [_forget_place, _forget_point], "home_visits": [_forget_visit], "home_numbers": [_forget_number],
}  # fmt: skip
