"""From a claim to table rows. Core statements only: a visit costs a handful of inserts, however many ticks it holds."""

from datetime import timedelta

import msgspec
from sqlalchemy import Connection, Row, select

from ..db import local_day
from ..domain import Pack
from ..models import Activity, Ruling, Visit
from . import hazards
from . import statements as ask
from .envelope import ActivityClaim, AnyClaim, PhotoLine, VisitClaim
from .facts import Facts

SAME_NAMED = ("place_type", "delivery", "form", "context", "activity_kind", "topics", "people", "audiences", "participants",
              "observers", "channels", "registrations", "online", "hands_on", "title", "entry_text", "needs")  # fmt: skip


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
    """An activity is open to correction while one of its visits is: they may come in either order."""
    newest = select(Ruling.result).where(Ruling.kind != "second").order_by(Ruling.decided_at.desc()).limit(1)
    if kind == "visit":
        return connection.scalar(newest.where(Ruling.visit_id == subject_id, Ruling.revision == revision)) == "unclear"
    visits = connection.scalars(select(Visit.id).where(Visit.activity_id == subject_id)).all()
    return any(connection.scalar(newest.where(Ruling.visit_id == visit)) == "unclear" for visit in visits)


def _write_activity(connection: Connection, claim: ActivityClaim, facts: Facts) -> None:
    values = {name: getattr(claim, name) for name in SAME_NAMED} | _common(claim, facts)
    values["asked"] = msgspec.to_builtins(claim.asked)
    home = connection.execute(ask.HOME, {"person_id": facts.author_id}).one()
    values |= {"unit_id": _unit(connection, claim, home.unit_id), "area_id": _area(connection, claim.area, home)}
    _put(connection, Activity, claim.id, claim.revision, values)
    connection.execute(ask.LOOK_AGAIN, {"the_id": claim.id})  # some checks ask for the activity
    if claim.revision > 1:
        connection.execute(ask.FORGET_ORGANISERS, {"the_id": claim.id})
    units = _known_units(connection, claim.organisers) | {values["unit_id"]}
    connection.execute(ask.ADD_ORGANISERS, [{"activity_id": claim.id, "unit_id": unit} for unit in sorted(units)])


def _write_visit(connection: Connection, pack: Pack, claim: VisitClaim, facts: Facts) -> None:
    home = connection.execute(ask.HOME, {"person_id": facts.author_id}).one()
    values = _common(claim, facts) | _place(connection, claim, home) | {
        "unit_id": _unit(connection, claim, home.unit_id),
        "activity_id": claim.activity, "device_id": claim.device, "scanned_code": claim.scanned_code,
        "template": claim.template, "template_version": claim.template_version,
        "answers": msgspec.to_builtins(claim.answers), "team": claim.team, "materials": claim.materials,
        "enforcement": claim.enforcement, "refused": claim.refused, "note": claim.note, "signed": facts.signed,
        "clock_offset_ms": facts.offset // timedelta(milliseconds=1), "missing": _count_absent(connection, claim),
        "examined_at": None,
    }  # fmt: skip
    _put(connection, Visit, claim.id, claim.revision, values)
    if claim.revision > 1:
        connection.execute(ask.FORGET_PHOTOS, {"the_id": claim.id})
    if claim.photos:
        lines = [_photo_line(claim.id, place, photo, facts) for place, photo in enumerate(claim.photos)]
        connection.execute(ask.ADD_VISIT_PHOTOS, lines)
    hazards.write_hazards(connection, pack, claim, values, facts)
    hazards.write_rechecks(connection, claim, values, facts)


def _unit(connection: Connection, claim: AnyClaim, now: str) -> str:
    """A correction stays with the unit that the record first came from, wherever its author works now."""
    if claim.revision == 1:
        return now
    table: type[Activity] | type[Visit] = Activity if isinstance(claim, ActivityClaim) else Visit
    return connection.execute(ask.UNIT_OF[table], {"the_id": claim.id}).scalar() or now


def _place(connection: Connection, claim: VisitClaim, home: Row) -> dict:
    """Where it was: the venue named, or the one whose code was scanned though the phone did not know it, or only words."""
    said = {
        "venue_id": None,
        "place_text": claim.place_text,
        "place_type": claim.place_type,
        "venue_kind": claim.venue_kind,
    }
    named = connection.execute(ask.VENUE, {"venue_id": claim.venue}).first() if claim.venue else None
    if named:
        return said | {"venue_id": named.id, "area_id": named.area_id}
    by_code = claim.scanned_code and claim.venue is None
    scanned = connection.execute(ask.VENUE_OF_CODE, {"code": claim.scanned_code}).first() if by_code else None
    if scanned:
        known = {"place_type": scanned.place_type, "venue_kind": scanned.venue_kind}
        return said | known | {"venue_id": scanned.id, "area_id": scanned.area_id}
    linked = connection.execute(ask.VENUE_OF_VISIT, {"the_id": claim.id}).first() if claim.revision > 1 else None
    if linked:  # the station had found out which place it is; a correction from the phone does not know
        return said | {"venue_id": linked.id, "area_id": linked.area_id}
    return said | {"area_id": _area(connection, claim.area, home)}


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
        connection.execute(ask.ADD[table], {"id": subject_id, "revision": 1, **values})
    else:
        connection.execute(ask.CHANGE[table], {"the_id": subject_id, "revision": revision, **values})


def _area(connection: Connection, claimed: str, home: Row) -> str:
    """The claimed area where it lies in the author's own; else the author's own, so that no count strays to a neighbour."""
    if claimed == home.area_id:
        return claimed
    path = connection.execute(ask.PATH_OF_AREA, {"area_id": claimed}).scalar() or ""
    return claimed if path.startswith(home.path) else home.area_id


def _known_units(connection: Connection, claimed: list[str]) -> set[str]:
    return set(connection.execute(ask.KNOWN_UNITS, {"ids": claimed}).scalars()) if claimed else set()


def _count_absent(connection: Connection, claim: VisitClaim) -> int:
    listed = [photo.sha256 for photo in claim.photos]
    return len(listed) - len(connection.execute(ask.KNOWN_PHOTOS, {"listed": listed}).all()) if listed else 0


def _photo_line(visit_id: str, place: int, photo: PhotoLine, facts: Facts) -> dict:
    where = msgspec.structs.asdict(photo.position) if photo.position else {}
    return {
        "visit_id": visit_id, "sha256": photo.sha256, "position": place, "role": photo.role, "caption": photo.caption,
        "item": photo.item, "taken_at": facts.at(photo.taken_at), "no_position": photo.no_position,
        "capture": photo.capture, **dict.fromkeys(("lat_e7", "lon_e7", "accuracy_m", "age_ms")), **where,
    }  # fmt: skip
