"""What is done to a venue over the years: surveyed, merged with its double, retired, brought back; its posters too."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from ..db import utc_now, uuid7
from ..domain import Pack
from .changes import change, note
from .codes import new_code
from .equipment import Equipment
from .fieldwork import Hazard, Visit, VisitPhoto
from .hazards import seal_hazard
from .journal import append_audit
from .posters import CodeDoubt, CodeScan
from .venues import Venue, VenueCode, radius_of

READING_GOOD_M = 50  # a coarser reading is shown, but nobody should take it for the door


@dataclass(frozen=True)
class Reading:
    """A position that a phone measured at the shutter: WGS-84 in 1e-7 degrees, 95 % radius in metres, UTC."""

    lat_e7: int
    lon_e7: int
    accuracy_m: int
    taken_at: datetime


def best_reading(session: Session, visit_ids: list[str]) -> Reading | None:
    """The finest position among these visits' photos."""
    columns = VisitPhoto.lat_e7, VisitPhoto.lon_e7, VisitPhoto.accuracy_m, VisitPhoto.taken_at
    known = VisitPhoto.lat_e7.is_not(None), VisitPhoto.lon_e7.is_not(None), VisitPhoto.accuracy_m.is_not(None)
    rows = select(*columns).where(VisitPhoto.visit_id.in_(visit_ids), *known)
    row = session.execute(rows.order_by(VisitPhoto.accuracy_m, VisitPhoto.taken_at.desc()).limit(1)).first()
    return Reading(*row) if row else None  # type: ignore[arg-type]  # the query leaves out what has none


def at(reading: Reading | None) -> dict:
    """The columns of a venue that was surveyed there; none when there is no reading."""
    if reading is None:
        return {}
    return {"lat_e7": reading.lat_e7, "lon_e7": reading.lon_e7, "point_accuracy_m": reading.accuracy_m,
            "point_source": "on_site", "point_at": reading.taken_at}  # fmt: skip


def add_venue(session: Session, pack: Pack, values: dict, who: str | None, what: str = "added") -> Venue:
    """A new place with its first code. values: zh, area_id, venue_kind, place_type and whatever else is known."""
    kind, place_type = pack["venue_kind"][values["venue_kind"]], pack["place_type"][values["place_type"]]
    strict = "strict" in (kind.get("privacy"), place_type.get("privacy"))
    venue = Venue(id=uuid7(), revision=1, radius_m=radius_of(pack, values["place_type"]),
                  privacy="strict" if strict else "open", **values)  # fmt: skip
    session.add(venue)
    session.add(VenueCode(id=uuid7(), venue=venue, code=unused_code(session), version=1))
    session.flush()
    note(session, venue, what, {}, who)
    return venue


def unused_code(session: Session) -> str:
    while session.scalar(select(VenueCode.id).where(VenueCode.code == (code := new_code()))):
        pass
    return code


def retire(session: Session, venue: Venue, who: str, seen: int | None, reason: str) -> None:
    """No longer visited; its history and its counts stay."""
    line = change(session, venue, {"active": False}, who, seen, "retired")
    if line and reason:
        line.fields = line.fields | {"reason": [None, reason]}


def bring_back(session: Session, venue: Venue, who: str) -> None:
    if venue.merged_into_id is None:
        change(session, venue, {"active": True}, who, what="brought_back")


def merge(session: Session, double: Venue, into: Venue, who: str) -> int:
    """One place that was entered twice: visits, hazards, codes and gear follow; the copies in old visits stay (C4.3).

    Returns how many visits moved. Phones that still name the double are led on by intake.
    """
    visits = list(session.scalars(select(Visit.id).where(Visit.venue_id == double.id)))
    hazards = list(session.scalars(select(Hazard.id).where(Hazard.venue_id == double.id)))
    for table in (Visit, Hazard, VenueCode, Equipment):
        session.execute(update(table).where(table.venue_id == double.id).values(venue_id=into.id))
    session.execute(update(Venue).where(Venue.merged_into_id == double.id).values(merged_into_id=into.id))
    change(session, double, {"active": False, "merged_into_id": into.id}, who, what="merged")
    if into.lat_e7 is None and double.lat_e7 is not None:
        names = ("lat_e7", "lon_e7", "point_accuracy_m", "point_source", "point_at")
        change(session, into, {name: getattr(double, name) for name in names}, who, what="surveyed")
    into.revision += 1
    note(session, into, "took_over", {"from": [None, double.zh], "visits": [None, len(visits)]}, who)
    _relink(session, visits, hazards, who)
    _one_code(session, into)
    return len(visits)


def link(session: Session, visits: list[Visit], venue: Venue, who: str) -> None:
    """待确认场所: these visits were at this venue. What the phone said stays in its claim, and its kind in the row."""
    ids = [visit.id for visit in visits]
    session.execute(update(Visit).where(Visit.id.in_(ids)).values(venue_id=venue.id, area_id=venue.area_id))
    session.execute(update(Hazard).where(Hazard.visit_id.in_(ids)).values(venue_id=venue.id))
    _relink(session, ids, list(session.scalars(select(Hazard.id).where(Hazard.visit_id.in_(ids)))), who)


def _relink(session: Session, visits: list[str], hazards: list[str], who: str) -> None:
    now = utc_now()
    for visit_id in visits:  # the figures follow the chain, record by record
        append_audit(session, now, who, "linked", "visit", visit_id)
    for hazard_id in hazards:
        seal_hazard(session, hazard_id, now, who, "linked")


def _one_code(session: Session, venue: Venue) -> None:
    """Both doors' posters go on working; the newest counts as the one that hangs there."""
    session.flush()
    rows = list(session.scalars(select(VenueCode).where(VenueCode.venue_id == venue.id).order_by(VenueCode.printed_at)))
    for version, row in enumerate(rows, 1):
        row.version = version


def reprint(session: Session, venue: Venue, who: str) -> VenueCode:
    """A new version with a new code; posters before it then say that they were replaced."""
    for row in venue.codes:
        if row.state in ("printed", "active"):
            row.state = "retired"
    newest = session.scalar(select(func.max(VenueCode.version)).where(VenueCode.venue_id == venue.id)) or 0
    row = VenueCode(id=uuid7(), venue_id=venue.id, code=unused_code(session), version=newest + 1)
    session.add(row)
    _told(session, venue, "reprinted", row, who)
    return row


def set_code(session: Session, venue: Venue, code: VenueCode, state: str, who: str) -> None:
    """state: active (it hangs), lost, retired."""
    code.state = state
    _told(session, venue, f"code_{state}", code, who)


def _told(session: Session, venue: Venue, what: str, code: VenueCode, who: str) -> None:
    venue.revision += 1
    note(session, venue, what, {"code": [None, code.code]}, who)
    if what == "reprinted":
        for row in venue.codes:
            settle(session, row, who)
    settle(session, code, who)


def doubt(session: Session, code: VenueCode, reason: str) -> None:
    """Somebody at the door says that this poster looks wrong; one open row for a code, however often it is said."""
    open_one = CodeDoubt.code_id == code.id, CodeDoubt.settled_at.is_(None)
    row = session.scalar(select(CodeDoubt).where(*open_one))
    if row is None:
        session.add(CodeDoubt(code_id=code.id, reason=reason))
    else:
        row.count += 1


def settle(session: Session, code: VenueCode, who: str) -> None:
    """Somebody has looked."""
    open_ones = CodeDoubt.code_id == code.id, CodeDoubt.settled_at.is_(None)
    session.execute(update(CodeDoubt).where(*open_ones).values(settled_at=utc_now(), settled_by_id=who))


def count_scan(session: Session, code_id: str, day: date) -> None:
    """A number for a code and a day; nobody's visit to a page is kept."""
    mine = CodeScan.code_id == code_id, CodeScan.day == day
    if not session.execute(update(CodeScan).where(*mine).values(count=CodeScan.count + 1)).rowcount:  # type: ignore[attr-defined]
        session.add(CodeScan(code_id=code_id, day=day, count=1))


def pending() -> Select:
    """Visits at places that nobody has entered yet. Join Area to cut it to a scope."""
    return select(Visit).where(Visit.venue_id.is_(None))
