"""From an outing to what its author's phone says of it: visits with answers, photos and hazards, then the activity."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from ..db import to_ms, uuid7
from ..domain import load_pack
from ..models import Device, Person, Venue
from .claims import activity_claim, photo_line, visit_claim
from .outings import WORDS, Outing
from .pictures import NAMES, picture
from .sentences import sentence
from .town import COMMITTEES, E7, METRE_E7

SEASONS = {"winter": (11, 12, 1, 2, 3), "summer": (5, 6, 7, 8, 9)}
ROLES = ("overview", "close", "interaction")
ROLE_NAMES = {"overview": "全景", "close": "近景", "interaction": "互动"}
NO_POSITION = ("no_signal", "refused")


@dataclass(frozen=True)
class Shot:
    """How to take a photo again: its bytes are the same each time, and need not be kept."""

    number: int
    taken_at: datetime
    lat_e7: int | None
    lon_e7: int | None

    def body(self) -> bytes:
        return picture(self.number, self.taken_at, self.lat_e7, self.lon_e7)


@dataclass(frozen=True)
class Record:
    """claims in the order in which the phone froze them; ended: when the last stop was over."""

    claims: list[dict]
    shots: dict[str, Shot]
    ended: datetime


def record(outing: Outing, device: Device, team: list[Person], rng: Random) -> Record:
    activity, clock, visits = uuid7(), outing.start, []
    shots: dict[str, Shot] = {}
    for number, venue in enumerate(outing.stops):
        end = clock + timedelta(minutes=rng.randint(8, 19), seconds=rng.randrange(60))
        taken = _shots(outing, number, venue, clock, rng)
        lines = [_photo(shot, role, rng, shots) for role, shot in taken]
        visits.append(_visit(outing, device, venue, activity, clock, end, lines, team, rng))
        clock = end + timedelta(minutes=rng.randint(3, 9))
    ended = clock if outing.stops else clock + timedelta(minutes=30)
    return Record([*visits, _activity(outing, device, activity, visits, ended, team, rng)], shots, ended)


def _activity(
    outing: Outing, device: Device, activity: str, visits: list[dict], ended: datetime, team: list[Person], rng: Random
) -> dict:
    line, stops = outing.line, outing.stops
    reach = _counts(line.get("reach", {}), len(stops), rng)
    people = sum(reach.values())
    fields = {name: line[name] for name in ("activity_kind", "form", "context", "delivery") if name in line}
    fields |= {"topics": _topics(outing, rng), "audiences": reach, "people": people,
               "channels": _counts(line["channels"], max(1, len(stops)), rng),
               "registrations": rng.randint(1, min(6, people)) if people and rng.random() < 0.35 else 0}  # fmt: skip
    if not stops:
        fields |= {"activity_kind": "broadcast", "form": "media_publicity", "context": "dedicated",
                   "online": line["delivery"] == "online",
                   "asked": {"reach": 40 * sum(fields["channels"].values())}}  # fmt: skip
    elif people and outing.start.day % 3 == 0:
        used, who = fields["channels"], sorted(audience for audience, n in reach.items() if n)
        fields["asked"] = {"by_channel": {channel: who for channel, n in used.items() if n}}
    fields["needs"] = line.get("needs", "") if outing.start.day % 4 == 0 else ""
    fixed = sum(hazard["fixed_on_spot"] for visit in visits for hazard in visit["hazards"])
    return activity_claim(
        device, outing.unit.area, outing.start, id=activity, ended_at=to_ms(ended), sent_clock=to_ms(ended),
        place_type=stops[0].place_type if stops else line["place_type"], hands_on=line.get("hands_on", False),
        participants={"volunteer": 1 + len(team)}, entry_text=sentence(outing, fields, fixed, rng), **fields,
    )  # fmt: skip


def _topics(outing: Outing, rng: Random) -> list[str]:
    """One to three; none out of its season."""
    topics, month = load_pack()["topic"], outing.start.month
    fitting = [
        code for code in outing.line["topics"] if month in SEASONS.get(topics[code].get("season", ""), range(1, 13))
    ]
    return rng.sample(fitting, min(len(fitting), rng.randint(1, 3)))


def _counts(ranges: dict[str, list[int]], times: int, rng: Random) -> dict[str, int]:
    drawn = {code: sum(rng.randint(*span) for _ in range(times)) for code, span in ranges.items()}
    return {code: number for code, number in drawn.items() if number}


def _visit(
    outing: Outing, device: Device, venue: Venue, activity: str, start: datetime, end: datetime,
    photos: list[dict], team: list[Person], rng: Random,
) -> dict:  # fmt: skip
    claim = visit_claim(
        device, venue, activity, start, ended_at=to_ms(end), sent_clock=to_ms(end), photos=photos,
        team=[person.id for person in team], refused="none" if photos else "no_photo", scanned_code=_scanned(venue, rng),
    )  # fmt: skip
    items = load_pack()["template"][claim["template"]]["item"]
    failed = _failed(items, photos, rng)
    answers = {item["code"]: _answer(item, failed, outing, photos, rng) for item in items}
    hazards = [_hazard(item, start, photos, rng) for item in failed]
    if outing.line.get("context") == "enforcement":
        claim["enforcement"] = {"violation_corrected": bool(failed), "law_explained": True, "knowledge_taught": True}
    return claim | {"answers": answers, "hazards": hazards}


def _scanned(venue: Venue, rng: Random) -> str | None:
    """Usually the poster; sometimes an old one that still hangs there, sometimes the list on the phone."""
    retired = [row.code for row in venue.codes if row.state == "retired"]
    if retired and rng.random() < 0.4:
        return retired[0]
    return venue.code if rng.random() < 0.8 else None


def _failed(items: list[dict], photos: list[dict], rng: Random) -> list[dict]:
    able = [item for item in items if item["code"] in WORDS["fails"]]
    able = [item for item in able if photos or not item.get("photo_required_on_fail")]
    return rng.sample(able, min(len(able), rng.choices([0, 1, 2], [66, 28, 6])[0]))


def _answer(item: dict, failed: list[dict], outing: Outing, photos: list[dict], rng: Random) -> dict:
    if item in failed:
        shown = {"photos": [photos[-1]["sha256"]]} if photos and item.get("photo_required_on_fail") else {}
        return {"value": "fail", "note": WORDS["fails"][item["code"]]["text"], **shown}
    off_season = outing.start.month not in SEASONS.get(item.get("season", ""), range(1, 13))
    above_me = item.get("needs_professional") and not outing.line.get("officer")
    if off_season or above_me:
        return {"value": "na"}
    return {"value": rng.choices(["ok", "na", "unseen"], [88, 7, 5])[0]}


def _hazard(item: dict, start: datetime, photos: list[dict], rng: Random) -> dict:
    seen = WORDS["fails"][item["code"]]
    return {
        "id": uuid7(), "item": item["code"], "severity": item["severity"], "category": item["category"],
        "text": seen["text"], "found_at": to_ms(start) + rng.randint(120_000, 360_000),
        "photo": photos[-1]["sha256"] if photos and item.get("photo_required_on_fail") else None,
        "fixed_on_spot": seen.get("on_spot", False),
    }  # fmt: skip


def _shots(outing: Outing, number: int, venue: Venue, start: datetime, rng: Random) -> list[tuple[str, Shot]]:
    """Three photos for an activity, dealt out to its stops; a fourth stop has none."""
    scenes, offset = WORDS["scenes"][venue.place_type], outing.start.second
    lat, lon = _spot(outing, venue, rng)
    taken = []
    for turn in range(number, len(ROLES), len(outing.stops)):
        at = start + timedelta(milliseconds=rng.randint(90_000, 110_000) * (turn + 1))
        where = (
            (None, None) if lat is None or lon is None else (lat + rng.randint(-900, 900), lon + rng.randint(-900, 900))
        )
        taken.append((ROLES[turn], Shot(NAMES.index(scenes[(offset + turn) % len(scenes)]), at, *where)))
    return taken


def _spot(outing: Outing, venue: Venue, rng: Random) -> tuple[int | None, int | None]:
    """Near the venue, as a rule; one in thirty far away, one in twelve without a fix."""
    if rng.random() < 1 / 12:
        return None, None
    metres = rng.randint(1500, 4000) if rng.random() < 1 / 30 else rng.randint(2, 35)
    middle = [round(degree * E7) for degree in COMMITTEES[outing.unit.code]["at"]]
    away = metres * METRE_E7 * rng.choice((-1, 1))
    return (venue.lat_e7 or middle[0]) + away, (venue.lon_e7 or middle[1]) + away // 3


def _photo(shot: Shot, role: str, rng: Random, shots: dict[str, Shot]) -> dict:
    caption, capture = f"演示照片：{ROLE_NAMES[role]}", "file" if rng.random() < 0.05 else "camera"
    line = photo_line(shot.body(), shot.taken_at, role, caption=caption, capture=capture, **_fix(shot, rng))
    shots[line["sha256"]] = shot
    return line


def _fix(shot: Shot, rng: Random) -> dict:
    if shot.lat_e7 is None:
        return {"no_position": rng.choice(NO_POSITION)}
    around = {"accuracy_m": rng.randint(4, 28), "age_ms": rng.randint(200, 9000)}
    return {"position": {"lat_e7": shot.lat_e7, "lon_e7": shot.lon_e7, **around}}
