"""What a phone carries: its person, the venues and checklists of its scope, names of all codes, what came back."""

from datetime import date, timedelta

from sqlalchemy import literal, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from ..db import to_ms
from ..domain import Pack
from ..models import Area, Device, Person, Photo, PlanRow, PlanTable, Ruling, Unit, Venue, Visit, VisitPhoto
from ..models.organisation import station_above
from ..models.registers import cases_to_tell, standards
from ..models.rulings import latest_result
from ..models.venues import venues_of_areas
from .flags import disputes, flags
from .lately import found_last, ruled

UNITS_MOST = 80
CASES_MOST, CASE_LETTERS = 30, 120
NAMES = ("place_type", "venue_kind", "delivery", "form", "context", "channel", "activity_kind", "topic", "audience")
# What of an entry the phone works with, beside its names.
CARRIED = (
    "five_entries",
    "place_type",
    "template",
    "unit",
    "unit_en",
    "form",
    "delivery",
    "season",
    "officer_only",
    "privacy",
    "key",
    "requires",
    "asks",
    "extra",
    "carried",
    "played",
    "worry",
    "help",
    "help_en",
)
ITEM = ("code", "zh", "en", "kind", "category", "severity", "guidance", "guidance_en", "core", "season", "photo_always",
        "photo_required_on_fail", "photo_forbidden", "needs_professional")  # fmt: skip


def contents(session: Session, pack: Pack, device: Device, instance: str, server_key: str, today: date) -> dict:
    """Plain data for JSON. Homes (privacy strict) are left out until somebody is sent there."""
    person, unit = device.person, device.person.unit
    return {
        "instance": instance, "server_key": server_key, "device": device.id,
        "person": _person(pack, person),
        "unit": {"id": unit.id, "zh": unit.zh, "area": unit.area_id},
        "units": _units(session, unit), "areas": _areas(session, unit.area.path),
        "venues": _venues(session, unit.area.path, today),
        "names": _names(pack),
        "seasons": {code: season["months"] for code, season in pack["season"].items()},
        "plan": _plan(session, unit.id, today), "checklists": _checklists(pack),
        "cases": _cases(session),
        "returned": _returned(session, person.id), "ruled": ruled(session, person.id, today),
        "faults": _faults(session, device.id),
        "flags": flags(session, pack, person.id, today), "disputes": disputes(session, person.id),
    }  # fmt: skip


def _person(pack: Pack, person: Person) -> dict:
    """context: why somebody of this role mostly comes, where that is not publicity alone (R12, R174 … R176); first: what
    stands first on their screen (R122); large: the clerk noted that they read large type."""
    said = {"id": person.id, "name": person.name, "role": person.field_role, "access": person.access,
            "large": person.large_text}  # fmt: skip
    return said | _kept(pack["field_role"].get(person.field_role, {}), ("context", "first"))


def _names(pack: Pack) -> dict:
    """participant: the roles whose members are counted by head when they take part (R125)."""
    taking_part = [role for role in pack["field_role"].values() if role.get("counted")]
    in_use = {table: [entry for entry in pack[table].values() if not entry.get("retired")] for table in NAMES}
    return {table: [_entry(entry) for entry in entries] for table, entries in in_use.items()} | {
        "participant": [_entry(role) for role in taking_part]
    }


def _entry(entry: dict) -> dict:
    return {"code": entry["code"], "zh": entry["zh"], "en": entry.get("en", entry["zh"])} | _kept(entry, CARRIED)


def _kept(entry: dict, fields: tuple[str, ...]) -> dict:
    return {name: entry[name] for name in fields if entry.get(name) not in (None, False)}


def _areas(session: Session, path: str) -> list[dict]:
    inside = select(Area).where(Area.path.startswith(path, autoescape=True), Area.active).order_by(Area.path)
    return [{"id": area.id, "zh": area.zh, "kind": area.area_kind} for area in session.scalars(inside)]


def _units(session: Session, own: Unit) -> list[dict]:
    """Who may have organised an activity together with the own unit (R1): the units of its township, and those above it."""
    station = station_above(session, own.area)
    path = station.area.path if station else own.area.path
    near = or_(Area.path.startswith(path, autoescape=True), literal(path).startswith(Area.path))
    others = select(Unit).join(Area).where(Unit.id != own.id, Unit.active, near)
    others = others.order_by(Unit.unit_kind, Unit.zh).limit(UNITS_MOST)
    return [{"id": unit.id, "zh": unit.zh} for unit in session.scalars(others)]


def _cases(session: Session) -> list[dict]:
    """What may be told at a door, and its one lesson (R181); shortened, for a phone has it with it everywhere."""
    return [
        {"id": case.id, "zh": case.title[:CASE_LETTERS], "lesson": case.values.get("lesson", "")[:CASE_LETTERS]}
        for case in cases_to_tell(session, CASES_MOST)
    ]


def _venues(session: Session, path: str, today: date) -> list[dict]:
    rows = venues_of_areas([path]).where(Venue.privacy == "open").options(selectinload(Venue.codes))
    found, growing = found_last(session, path, today), standards(session)
    return [_venue(venue) | _also(growing.get(venue.id)) | found.get(venue.id, {}) for venue in session.scalars(rows)]


def _also(standard: str | None) -> dict:
    """The checklist of the standard that a demonstration site grows up to."""
    return {"also": [standard]} if standard else {}


def _venue(venue: Venue) -> dict:
    line = {"id": venue.id, "zh": venue.zh, "code": venue.code, "type": venue.place_type, "kind": venue.venue_kind,
            "area": venue.area_id, "lat": venue.lat_e7, "lon": venue.lon_e7}  # fmt: skip
    old = [row.code for row in venue.codes if row.code != venue.code]
    return line | ({"old": old} if old else {}) | ({"focus": True} if venue.focus else {})


def _plan(session: Session, unit_id: str, today: date) -> list[dict]:
    """The rows that the unit's own plan table has for today and the week to come."""
    near = PlanRow.first_day <= today + timedelta(days=7), PlanRow.last_day >= today, PlanRow.cancelled_reason.is_(None)
    rows = session.scalars(
        select(PlanRow).join(PlanTable).where(PlanTable.unit_id == unit_id, *near).order_by(PlanRow.first_day)
    )
    return [
        {"first": str(row.first_day), "last": str(row.last_day), "targets": row.targets, "focus": row.focus}
        for row in rows
    ]


def _checklists(pack: Pack) -> dict:
    """The version in force of each template."""
    return {code: template_for_phone(body) for code, body in pack["template"].items() if not body.get("retired")}


def template_for_phone(body: dict) -> dict:
    """A checklist as the phone gets it; body: as it stands in the domain pack."""
    head = {"version": body["version"], "zh": body["zh"], "en": body.get("en", ""), "intro": body.get("intro", ""),
            "intro_en": body.get("intro_en", "")}  # fmt: skip
    return head | {"items": [_kept(item, ITEM) for item in body.get("item", []) if not item.get("retired")]}


def _returned(session: Session, person_id: str) -> list[dict]:
    """My visits that came back, with the sentence at fault and what to do (R77)."""
    mine = select(Visit).where(Visit.author_id == person_id, latest_result().scalar_subquery() == "unclear")
    rows = session.scalars(mine.options(joinedload(Visit.venue)).order_by(Visit.received_at)).unique()
    return [_returned_line(session, visit) for visit in rows]


def _returned_line(session: Session, visit: Visit) -> dict:
    newest = select(Ruling).where(Ruling.visit_id == visit.id).order_by(Ruling.decided_at.desc()).limit(1)
    ruling = session.scalars(newest).one()
    return {"id": visit.id, "revision": visit.revision, "place": visit.venue.zh if visit.venue else visit.place_text,
            "venue": visit.venue_id, "reason": ruling.reason,
            "suggestion": ruling.suggestion, "photo": ruling.photo, "at": to_ms(ruling.decided_at)}  # fmt: skip


def _faults(session: Session, device_id: str) -> dict[str, str]:
    """Photos of this phone that we cannot use, and why, told while it still holds the originals."""
    sent = select(VisitPhoto.sha256).join(Visit).where(Visit.device_id == device_id)
    faulty = select(Photo.sha256, Photo.fault).where(
        Photo.fault.is_not(None), Photo.fault != "erased", Photo.sha256.in_(sent)
    )
    return {
        row.sha256: row.fault for row in session.execute(faulty.order_by(Photo.sha256))
    }  # in any other order the ETag would not hold
