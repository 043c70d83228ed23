"""The shape of what a phone sends. Pure: reads bytes and the domain pack, touches no table.

Times are ms since 1970 UTC by the phone's clock; positions WGS-84 in 1e-7 degrees; distances metres.
Unknown extra fields are ignored here and kept in the claim's bytes, so a newer phone is never locked out.
"""

import re
import uuid
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, field

from ..domain import Pack
from . import strict_json

# `(?!\n)$`: Python's `$` alone lets a line end through, and a stored id that is none breaks every page that reads it.
Id = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?!\n)$")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}(?!\n)$")]
Code = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+(?!\n)$")]
TIME_MAX = 4_102_444_800_000  # the year 2100
Time = Annotated[int, Meta(ge=0, le=TIME_MAX)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Line = Annotated[str, Meta(max_length=300)]
Text = Annotated[str, Meta(max_length=2000)]
Day = Annotated[str, Meta(pattern=r"^20\d\d-[01]\d-[0-3]\d(?!\n)$")]
Counts = dict[Code, Count]


class Refused(Exception):
    """This claim cannot be taken in. status: the HTTP answer; code: what is wrong; at: the field."""

    def __init__(self, status: int, code: str, at: str = ""):
        super().__init__(f"{code} {at}".strip())
        self.status, self.code, self.at = status, code, at


class Position(Struct):
    lat_e7: Annotated[int, Meta(ge=-900_000_000, le=900_000_000)]
    lon_e7: Annotated[int, Meta(ge=-1_800_000_000, le=1_800_000_000)]
    accuracy_m: Annotated[int, Meta(ge=0, le=10_000_000)]
    age_ms: Annotated[int, Meta(ge=0, le=864_000_000)]


class PhotoLine(Struct):
    sha256: Sha256
    role: Literal["overview", "close", "interaction", "before", "after", "material", "other"]
    taken_at: Time
    mono_ms: Count
    capture: Literal["camera", "file"]
    position: Position | None = None
    no_position: Code | None = None
    caption: Line = ""
    item: Code | None = None


class Answer(Struct):
    value: Literal["ok", "fail", "na", "unseen"]
    note: Text = ""
    photos: list[Sha256] = []


class HazardLine(Struct):
    id: Id
    severity: Literal["minor", "general", "serious"]
    category: Code
    text: Text
    found_at: Time
    item: Code | None = None
    photo: Sha256 | None = None
    fixed_on_spot: bool = False
    responsible_party: Line = ""
    measure: Line = ""


class Recheck(Struct):
    """What became of a hazard that an earlier visit found here. photo: one of this visit's."""

    hazard: Id
    result: Literal["rectified", "pending", "worse"]
    at: Time
    note: Text = ""
    photo: Sha256 | None = None


class Asked(Struct, omit_defaults=True):
    """What some kinds of activity are asked beside the usual (domain: asks of a form or kind); nothing of it is required.

    case: the accident that was told, case_id: its entry in the station's library (R150, R181); by_channel: the audiences that
    each channel came to (R80); places: where each channel played, its times stand in `channels` (R140); taken, left:
    materials carried out and brought back (R9); plan_by, plan_due: who changes a drill's plan until when (R101);
    reach: 人次 who saw or heard it and were not there (R110).
    """

    case_told: bool = False
    case: Line = ""
    case_id: Id | None = None
    speakers: Line = ""
    criteria_explained: bool = False
    command_practised: bool = False
    hall: Line = ""
    link: Line = ""
    plan_by: Line = ""
    plan_due: Day | None = None
    reach: Count = 0
    places: Counts = {}
    taken: Counts = {}
    left: Counts = {}
    by_channel: dict[Code, Annotated[list[Code], Meta(max_length=30)]] = {}


class Claim(Struct):
    """What both kinds carry: who says it, from which phone, in which order."""

    id: Id
    revision: Annotated[int, Meta(ge=1, le=1000)]
    device: Id
    seq: Annotated[int, Meta(ge=1, le=2**31 - 1)]  # PostgreSQL's integer ends there
    prev: Sha256 | None
    started_at: Time
    ended_at: Time
    sent_clock: Time  # the phone's clock when it froze the claim


class ActivityClaim(Claim, tag="activity", tag_field="kind"):
    area: Id
    place_type: Code
    delivery: Code
    form: Code
    context: Code
    activity_kind: Code
    topics: Annotated[list[Code], Meta(min_length=1, max_length=30)]
    people: Count
    audiences: Counts = {}
    participants: Counts = {}
    observers: Count = 0
    channels: Counts = {}
    registrations: Count = 0
    online: bool = False
    hands_on: bool = False
    title: Line = ""
    entry_text: Line = ""
    needs: Text = ""
    organisers: Annotated[list[Id], Meta(max_length=50)] = []
    asked: Asked = field(default_factory=Asked)


class VisitClaim(Claim, tag="visit", tag_field="kind"):
    activity: Id
    area: Id
    place_type: Code
    venue_kind: Code
    venue: Id | None = None
    place_text: Line = ""
    scanned_code: Annotated[str, Meta(max_length=16)] | None = None
    template: Code | None = None
    template_version: Count | None = None
    answers: dict[Code, Answer] = {}
    photos: Annotated[list[PhotoLine], Meta(max_length=60)] = []
    hazards: Annotated[list[HazardLine], Meta(max_length=60)] = []
    rechecks: Annotated[list[Recheck], Meta(max_length=60)] = []
    materials: Counts = {}
    enforcement: dict[Code, bool] = {}
    team: Annotated[list[Id], Meta(max_length=30)] = []
    refused: Literal["none", "no_photo", "no_entry", "nobody_home"] = "none"
    note: Text = ""
    beacon: dict = field(default_factory=dict)


AnyClaim = ActivityClaim | VisitClaim
# Planned here, once: msgspec (0.22) plans a shape at its first use, and two threads that do so together end the process.
SHAPES = msgspec.json.Decoder(AnyClaim)

CODES = {"place_type": "place_type", "delivery": "delivery", "form": "form", "context": "context",
         "activity_kind": "activity_kind", "venue_kind": "venue_kind", "template": "template"}  # fmt: skip
CODE_LISTS = {"topics": "topic", "audiences": "audience", "channels": "channel", "materials": "channel"}


def read_claim(kind: str, subject_id: str, body: bytes, pack: Pack) -> AnyClaim:
    """The claim in `body`, checked against its address and the pack. Raises Refused."""
    try:
        strict_json.read(body)
        claim = SHAPES.decode(body)
    except strict_json.NotCanonical as error:
        raise Refused(400, str(error)) from error
    except msgspec.ValidationError as error:
        raise Refused(422, "wrong_shape", _at(error)) from error
    if claim.__struct_config__.tag != kind or claim.id != subject_id:
        raise Refused(422, "other_address", "id")
    _check_codes(claim, pack)
    _check_whole(claim)
    return claim


def _at(error: msgspec.ValidationError) -> str:
    """The field's path: `hazards[0].photo`, or the name of the one that is missing in there."""
    said = str(error)
    missing = re.search(r"missing required field `(\w+)`", said)
    where = said.partition("`$.")[2].rstrip("`")
    return ".".join(filter(None, [where, missing[1] if missing else ""])) or said


def _check_codes(claim: AnyClaim, pack: Pack) -> None:
    for name, table in CODES.items():
        code = getattr(claim, name, None)
        if code is not None and code not in pack[table]:
            raise Refused(422, "unknown_code", name)
    for name, table in CODE_LISTS.items():
        if any(code not in pack[table] for code in getattr(claim, name, ())):
            raise Refused(422, "unknown_code", name)
    asked = claim.asked if isinstance(claim, ActivityClaim) else Asked()
    for name in ("places", "taken", "left"):
        if any(code not in pack["channel"] for code in getattr(asked, name)):
            raise Refused(422, "unknown_code", f"asked.{name}")
    for channel, audiences in asked.by_channel.items():
        if channel not in pack["channel"] or any(code not in pack["audience"] for code in audiences):
            raise Refused(422, "unknown_code", "asked.by_channel")


def _check_whole(claim: AnyClaim) -> None:
    if claim.ended_at < claim.started_at:
        raise Refused(422, "ends_before_it_starts", "ended_at")
    if isinstance(claim, VisitClaim):
        _check_photos(claim)


def _check_photos(claim: VisitClaim) -> None:
    listed = [photo.sha256 for photo in claim.photos]
    if len(set(listed)) != len(listed):
        raise Refused(422, "photo_twice", "photos")
    for answer in claim.answers.values():
        if set(answer.photos) - set(listed):
            raise Refused(422, "photo_not_listed", "answers")
    for name, lines in (("hazards", claim.hazards), ("rechecks", claim.rechecks)):
        if any(line.photo and line.photo not in listed for line in lines):
            raise Refused(422, "photo_not_listed", name)
    if len({line.hazard for line in claim.rechecks}) != len(claim.rechecks):
        raise Refused(422, "hazard_twice", "rechecks")


def is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
