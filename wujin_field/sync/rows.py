"""From a claim to table rows. Core statements only: a visit costs a handful of inserts, however many ticks it holds."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from ..db import from_ms, local_day
from ..domain import Pack
from ..models import (
    Activity,
    ActivityOrganiser,
    Area,
    Hazard,
    Person,
    Photo,
    Ruling,
    Unit,
    Venue,
    VenueCode,
    Visit,
    VisitPhoto,
)
from .envelope import ActivityClaim, AnyClaim, HazardLine, PhotoLine, VisitClaim

SAME_NAMED = ("place_type", "delivery", "form", "context", "activity_kind", "topics", "people", "audiences", "participants",
              "observers", "channels", "registrations", "online", "hands_on", "title", "entry_text", "needs")  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What the server adds to a claim. offset: server minus phone clock, zero while the phone's clock is good."""

    digest: str
    author_id: str
    offset: timedelta
    signed: bool
    now: datetime

    def at(self, ms: int) -> datetime:
        """The corrected UTC moment of a phone's time in ms (invariant C4.8)."""
        return from_ms(ms) + self.offset


def write(connection: Connection, pack: Pack, claim: AnyClaim, facts: Facts) -> None:
    if isinstance(claim, ActivityClaim):
        _write_activity(connection, claim, facts)
    else:
        _write_visit(connection, pack, claim, facts)


def why_no_revision(connection: Connection, kind: str, claim: AnyClaim, person_id: str) -> str:
    """A correction is the next revision, by the author, of what was returned (contract, sync protocol)."""
    table = Activity if kind == "activity" else Visit
    current = connection.execute(select(table.revision, table.author_id).where(table.id == claim.id)).first()
    if current is None or claim.revision != current.revision + 1:
        return "not_the_next_revision"
    if current.author_id != person_id:
        return "other_person"
    return "" if _was_returned(connection, kind, claim.id, current.revision) else "not_returned"


def _was_returned(connection: Connection, kind: str, subject_id: str, revision: int) -> bool:
    mine = Visit.activity_id == subject_id if kind == "activity" else Visit.id == subject_id
    about = select(Visit.id, Visit.revision).where(mine).subquery()
    newest = (
        select(Ruling.result)
        .join(about, (Ruling.visit_id == about.c.id) & (Ruling.revision == about.c.revision))
        .order_by(Ruling.decided_at.desc())
        .limit(1)
    )
    return connection.execute(newest).scalar() == "unclear"


def _write_activity(connection: Connection, claim: ActivityClaim, facts: Facts) -> None:
    values = {name: getattr(claim, name) for name in SAME_NAMED} | _common(claim, facts)
    unit_id = _unit_of(connection, facts.author_id)
    values |= {"unit_id": unit_id, "area_id": _area(connection, claim.area, unit_id)}
    _put(connection, Activity, claim.id, claim.revision, values)
    connection.execute(delete(ActivityOrganiser).where(ActivityOrganiser.activity_id == claim.id))
    known = select(Unit.id).where(Unit.id.in_([*claim.organisers, unit_id]))
    lines = [{"activity_id": claim.id, "unit_id": unit} for unit in connection.execute(known).scalars()]
    connection.execute(insert(ActivityOrganiser), lines)


def _write_visit(connection: Connection, pack: Pack, claim: VisitClaim, facts: Facts) -> None:
    values = _common(claim, facts) | _place(connection, claim, facts) | {
        "activity_id": claim.activity, "device_id": claim.device, "scanned_code": claim.scanned_code,
        "template": claim.template, "template_version": claim.template_version,
        "answers": msgspec.to_builtins(claim.answers), "team": claim.team, "materials": claim.materials,
        "enforcement": claim.enforcement, "refused": claim.refused, "note": claim.note, "signed": facts.signed,
        "clock_offset_ms": facts.offset // timedelta(milliseconds=1), "missing": _count_absent(connection, claim),
    }  # fmt: skip
    _put(connection, Visit, claim.id, claim.revision, values)
    connection.execute(delete(VisitPhoto).where(VisitPhoto.visit_id == claim.id))
    if claim.photos:
        lines = [_photo_line(claim.id, place, photo, facts) for place, photo in enumerate(claim.photos)]
        connection.execute(insert(VisitPhoto), lines)
    for hazard in claim.hazards:
        _write_hazard(connection, pack, claim, hazard, values["venue_id"], facts)


def _place(connection: Connection, claim: VisitClaim, facts: Facts) -> dict:
    """Where it was: the venue named, or the one whose code was scanned though the phone did not know it, or only words."""
    said = {
        "venue_id": None,
        "place_text": claim.place_text,
        "place_type": claim.place_type,
        "venue_kind": claim.venue_kind,
    }
    columns = select(Venue.id, Venue.area_id, Venue.place_type, Venue.venue_kind)
    named = connection.execute(columns.where(Venue.id == claim.venue)).first()
    scanned = connection.execute(columns.join(VenueCode).where(VenueCode.code == claim.scanned_code)).first()
    if named:
        return said | {"venue_id": named.id, "area_id": named.area_id}
    if scanned and claim.venue is None:
        known = {"place_type": scanned.place_type, "venue_kind": scanned.venue_kind}
        return said | known | {"venue_id": scanned.id, "area_id": scanned.area_id}
    return said | {"area_id": _area(connection, claim.area, _unit_of(connection, facts.author_id))}


def _common(claim: AnyClaim, facts: Facts) -> dict:
    started = facts.at(claim.started_at)
    return {
        "digest": facts.digest, "author_id": facts.author_id, "received_at": facts.now,
        "started_at": started, "ended_at": facts.at(claim.ended_at), "day": local_day(started),
    }  # fmt: skip


def _put(
    connection: Connection, table: type[Activity] | type[Visit], subject_id: str, revision: int, values: dict
) -> None:
    if revision == 1:
        connection.execute(insert(table).values(id=subject_id, revision=1, **values))
    else:
        connection.execute(update(table).where(table.id == subject_id).values(revision=revision, **values))


def _area(connection: Connection, claimed: str, unit_id: str) -> str:
    """The claimed area where it lies in the author's own; else the author's own, so that no count strays to a neighbour."""
    own = connection.execute(
        select(Area.id, Area.path).join(Unit, Unit.area_id == Area.id).where(Unit.id == unit_id)
    ).one()
    path = connection.execute(select(Area.path).where(Area.id == claimed)).scalar() or ""
    return claimed if path.startswith(own.path) else own.id


def _unit_of(connection: Connection, person_id: str) -> str:
    return connection.execute(select(Person.unit_id).where(Person.id == person_id)).scalar_one()


def _count_absent(connection: Connection, claim: VisitClaim) -> int:
    listed = [photo.sha256 for photo in claim.photos]
    return len(listed) - len(connection.execute(select(Photo.sha256).where(Photo.sha256.in_(listed))).all())


def _photo_line(visit_id: str, place: int, photo: PhotoLine, facts: Facts) -> dict:
    where = msgspec.structs.asdict(photo.position) if photo.position else {}
    return {
        "visit_id": visit_id, "sha256": photo.sha256, "position": place, "role": photo.role, "caption": photo.caption,
        "item": photo.item, "taken_at": facts.at(photo.taken_at), "no_position": photo.no_position,
        "capture": photo.capture, **dict.fromkeys(("lat_e7", "lon_e7", "accuracy_m", "age_ms")), **where,
    }  # fmt: skip


def _write_hazard(
    connection: Connection, pack: Pack, claim: VisitClaim, hazard: HazardLine, venue_id: str | None, facts: Facts
) -> None:
    found = facts.at(hazard.found_at)
    days = next(row["days"] for row in pack.files["quotas"]["hazard_due"] if row["severity"] == hazard.severity)
    values = msgspec.structs.asdict(hazard) | {
        "found_at": found, "visit_id": claim.id, "venue_id": venue_id, "found_by_id": facts.author_id,
        "due": local_day(found) + timedelta(days=days),
    }  # fmt: skip
    known = connection.execute(select(Hazard.visit_id).where(Hazard.id == hazard.id)).scalar()
    if known is None:
        connection.execute(insert(Hazard).values(**values, measure="", responsible_party=""))
    elif known == claim.id:
        connection.execute(update(Hazard).where(Hazard.id == hazard.id).values(**values))
