"""What a phone sends, as plain dicts with sensible defaults: a test bends a field, `sealed` makes the bytes."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ..canonical import canonical
from ..db import to_ms, utc_now, uuid7
from ..domain import load_pack
from ..models import Area, Device, Person, Venue
from ..models.journal import append_audit
from ..models.people import token_hash

HOUR = timedelta(hours=1)


def phone(
    session: Session, person: Person, public_key: bytes | None = None, at: datetime | None = None
) -> tuple[Device, str]:
    """An enrolled device of this person, and the token that its cookie holds; the caller commits."""
    token = secrets.token_urlsafe(32)
    device = Device(id=uuid7(), person_id=person.id, token_hash=token_hash(token), public_key=public_key,
                    label="Demo Phone", enrolled_at=at or utc_now(), last_seen_at=utc_now())  # fmt: skip
    session.add(device)
    session.flush()
    append_audit(session, device.enrolled_at, person.id, "enrolled", "device", device.id)
    session.expunge(device)
    return device, token


def activity_claim(device: Device, area: Area, at: datetime | None = None, **fields: object) -> dict:
    """One outing in this area; `at` is its start (default: two hours ago). `fields` win."""
    claim = _claim("activity", device, at) | {
        "area": area.id, "place_type": "village" if area.area_kind in ("village", "group") else "community",
        "delivery": "door_to_door", "form": "safety_lecture", "context": "dedicated", "activity_kind": "home_visit",
        "topics": ["fire_safety"], "people": 6, "audiences": {"rural_resident": 6}, "participants": {"volunteer": 1},
        "channels": {"leaflet": 6}, "entry_text": "组织志愿者上门讲解冬季用火用电常识，帮助住户查找身边隐患，发放宣传资料6份。",
    }  # fmt: skip
    return claim | fields


def visit_claim(
    device: Device, venue: Venue, activity: str | None = None, at: datetime | None = None, **fields: object
) -> dict:
    """One stop at this venue, its code scanned, its checklist empty. `activity` is an id, known or not. `fields` win."""
    template = load_pack()["venue_kind"][venue.venue_kind]["template"]
    claim = _claim("visit", device, at) | {
        "activity": activity or uuid7(), "area": venue.area_id, "venue": venue.id, "place_type": venue.place_type,
        "venue_kind": venue.venue_kind, "scanned_code": venue.code, "template": template,
        "template_version": load_pack()["template"][template]["version"], "answers": {}, "photos": [], "hazards": [],
    }  # fmt: skip
    return claim | fields


def photo_line(body: bytes, taken_at: datetime, role: str = "overview", **fields: object) -> dict:
    """How a visit lists a picture; a position is {lat_e7, lon_e7, accuracy_m, age_ms}."""
    line = {"sha256": sha256(body), "role": role, "taken_at": to_ms(taken_at),
            "mono_ms": to_ms(taken_at) % 86_400_000, "capture": "camera"}  # fmt: skip
    return line | ({} if "position" in fields else {"no_position": "no_signal"}) | fields


def sealed(claim: dict) -> bytes:
    """The canonical bytes that are sent, signed and kept."""
    return canonical(claim)


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _claim(kind: str, device: Device, at: datetime | None) -> dict:
    start = at or utc_now() - 2 * HOUR
    end = start + HOUR / 4
    return {"kind": kind, "id": uuid7(), "revision": 1, "device": device.id, "seq": 1, "prev": None,
            "started_at": to_ms(start), "ended_at": to_ms(end), "sent_clock": to_ms(end)}  # fmt: skip
