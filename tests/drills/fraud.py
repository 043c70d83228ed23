"""Fourteen ways to make a visit up, and a thousand honest ones with bad GPS, late sync and wrong clocks.

    .venv/bin/python tests/drills/fraud.py [--honest 1000] [--seed 1]

Everything goes through the real intake; the pictures are real JPEGs; the checks are the server's own.
Asked for: at least 12 of 14 flagged (strong or medium) or refused, at most 2 % of the honest flagged so.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from scenes import jpeg, off_a_screen, scene
from sqlalchemy import select

from wujin_field.canonical import canonical
from wujin_field.cast import phone, photo_line, settle, visit_claim
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, to_ms, writing
from wujin_field.domain import load_pack
from wujin_field.evidence.checkpoints import make_checkpoint
from wujin_field.evidence.examination import Examination
from wujin_field.evidence.examine import examine
from wujin_field.keeping import audit
from wujin_field.models import AuditRow, Checkpoint, Finding, Person, Photo, Venue
from wujin_field.sync.intake import Sender
from wujin_field.sync.receipt import ALGORITHM, from_base64url

MONDAY = datetime(2026, 11, 2, 1, tzinfo=UTC)  # nine in the morning
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
METRE_E7 = 90  # along a meridian
ACCUSING = ("strong", "medium")


@dataclass
class Handset:
    device: object
    key: ec.EllipticCurvePrivateKey
    seq: int = 0
    prev: str | None = None


class Drill:
    """青禾镇 with an empty book, and phones to make things up on."""

    def __init__(self, folder: Path, seed: int):
        self.app, self.rng = prepared(read_settings(env={}, data_dir=folder)), Random(seed)
        with self.app.app_context():
            with writing() as session:
                town = settle(session, MONDAY.date())
            session = db.session
            self.venues = list(session.scalars(select(Venue).where(Venue.lat_e7.is_not(None)).order_by(Venue.zh)))
            self.people = list(session.scalars(select(Person).where(Person.active).order_by(Person.name)))
            _ = [venue.codes for venue in self.venues]
            session.expunge_all()
        self.town, self.hands = town, {}
        self.engine_key = from_base64url(self.app.extensions["signer"].public_key)
        self.examination = None

    def hand(self, name: str) -> Handset:
        if name not in self.hands:
            key = ec.generate_private_key(ec.SECP256R1())
            public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            with self.app.app_context(), writing() as session:
                person = session.scalars(select(Person).where(Person.name == name)).one()
                self.hands[name] = Handset(phone(session, person, public, MONDAY - DAY)[0], key)
        return self.hands[name]

    def photo(self, picture: bytes, at: datetime, venue: Venue, off_m=None, accuracy=8, **more) -> dict:
        """A line whose bytes are in the book, looked at."""
        self._keep(picture, at)
        east, north = (
            off_m if off_m is not None else (self.rng.gauss(0, accuracy / 2.4), self.rng.gauss(0, accuracy / 2.4))
        )
        where = {"lat_e7": round(venue.lat_e7 + north * METRE_E7), "lon_e7": round(venue.lon_e7 + east * METRE_E7 * 1.15),
                 "accuracy_m": accuracy, "age_ms": 900}  # fmt: skip
        fields = {"position": where} if accuracy else {}
        return photo_line(picture, at, **(fields | more))

    def _keep(self, picture: bytes, at: datetime) -> None:
        sha256, look = hashlib.sha256(picture).hexdigest(), examine(BytesIO(picture))
        with self.app.app_context(), writing() as session:
            if session.get(Photo, sha256) is None:
                session.add(Photo(sha256=sha256, bytes=len(picture), media_type="image/jpeg", width=160, height=120,
                                  received_at=at, examined_at=at, dhash=look.dhash, pixels=look.pixels))  # fmt: skip

    def fresh(self) -> bytes:
        return jpeg(scene(self.rng))

    def visit(self, name: str, venue: Venue, start: datetime, *, long=12 * MINUTE, photos=None, late=20 * MINUTE,
              clock=timedelta(), ok=None, hand=None, bend=None, seq=None, **more):  # fmt: skip
        """Send one visit; clock: how far the phone is off. (outcome, id)"""
        hand = hand or self.hand(name)
        if photos is None:
            photos = [self.photo(self.fresh(), start + MINUTE * n, venue) for n in (2, 4, 6)]
        answers = self._answers(venue, ok)
        end = to_ms(start + long)
        fields = {"ended_at": end, "sent_clock": end, "answers": answers, "photos": photos} | more
        claim = visit_claim(hand.device, venue, at=start, **fields)
        claim = _shifted(claim, clock)
        hand.seq = hand.seq + 1 if seq is None else seq
        body = canonical(claim | {"seq": hand.seq, "prev": hand.prev})
        r, s = decode_dss_signature(hand.key.sign(body, ALGORITHM))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        sent = bend(body) if bend else body
        received = start + long + late
        sender = Sender(hand.device.id, hand.device.person_id, received - clock)
        hand.prev = hashlib.sha256(body).hexdigest()
        outcome = self.app.extensions["intake"].take_claim("visit", claim["id"], sent, sender, signature, received)
        return outcome, claim["id"]

    def _answers(self, venue: Venue, ok) -> dict:
        items = load_pack()["template"][load_pack()["venue_kind"][venue.venue_kind]["template"]]["item"]
        draw = (lambda: "ok") if ok else (lambda: self.rng.choices(["ok", "na", "unseen", "fail"], [84, 7, 5, 4])[0])
        return {item["code"]: {"value": draw()} for item in items}

    def look(self) -> None:
        with self.app.app_context():
            self.examination = self.examination or Examination(db.engine, self.engine_key)
            while self.examination.examine_waiting():
                pass

    def flags(self, visit_id: str) -> set[str]:
        self.look()
        with self.app.app_context():
            rows = select(Finding.code).where(Finding.visit_id == visit_id, Finding.level.in_(ACCUSING))
            return set(db.session.scalars(rows.where(Finding.withdrawn_at.is_(None))))


def _shifted(claim: dict, clock: timedelta) -> dict:
    """As a phone says it whose clock is off by that much (server minus phone)."""
    off = round(clock.total_seconds() * 1000)
    moved = {name: claim[name] - off for name in ("started_at", "ended_at", "sent_clock")}
    return claim | moved | {"photos": [line | {"taken_at": line["taken_at"] - off} for line in claim["photos"]]}


# the fourteen, each on a day of its own


def old_photo_again(drill: Drill, day: datetime) -> bool:
    picture, venue, other = drill.fresh(), *drill.venues[:2]
    drill.visit("陈大山", venue, day, photos=[drill.photo(picture, day + MINUTE, venue)])
    later = day + 3 * DAY
    _, visit = drill.visit("陈大山", other, later, photos=[drill.photo(picture, later + MINUTE, other)])
    return "same_photo_exact" in drill.flags(visit)


def screenshot_of_a_photo(drill: Drill, day: datetime) -> bool:
    picture, venue, other = scene(drill.rng), *drill.venues[2:4]
    drill.visit("何长生", venue, day, photos=[drill.photo(jpeg(picture), day + MINUTE, venue)])
    later = day + 2 * DAY
    copy = jpeg(off_a_screen(picture, drill.rng), 70)
    _, visit = drill.visit("何长生", other, later, photos=[drill.photo(copy, later + MINUTE, other)])
    return "same_photo_near" in drill.flags(visit)


def gallery_file(drill: Drill, day: datetime) -> bool:
    """Out of the album, taken three days before."""
    venue = drill.venues[4]
    photos = [drill.photo(drill.fresh(), day - 3 * DAY, venue, capture="file", accuracy=0)]
    _, visit = drill.visit("廖定邦", venue, day, photos=photos)
    return "time_outside_visit" in drill.flags(visit)


def wrong_place(drill: Drill, day: datetime) -> bool:
    venue = drill.venues[5]
    photos = [drill.photo(drill.fresh(), day + MINUTE, venue, off_m=(2500, 1200))]
    _, visit = drill.visit("向有田", venue, day, photos=photos)
    return "far_from_venue" in drill.flags(visit)


def mock_fix(drill: Drill, day: datetime) -> bool:
    """One false point for three places."""
    visits = []
    for n, venue in enumerate(drill.venues[6:9]):
        line = drill.photo(drill.fresh(), day + n * HOUR + MINUTE, drill.venues[6], off_m=(0, 0), accuracy=5)
        visits.append(drill.visit("余水生", venue, day + n * HOUR, photos=[line])[1])
    return "repeated_exact_point" in drill.flags(visits[-1])


def poster_at_a_desk(drill: Drill, day: datetime) -> bool:
    """Three copied codes, scanned within two minutes."""
    visits = [
        drill.visit("陈大山", venue, day + n * MINUTE / 2, photos=[])[1] for n, venue in enumerate(drill.venues[9:12])
    ]
    return "qr_away_from_venue" in drill.flags(visits[-1])


def cloned_phone(drill: Drill, day: datetime) -> bool:
    """Two phones with one key go on from the same claim."""
    drill.visit("蒋小琴", drill.venues[12], day)
    hand = drill.hand("蒋小琴")
    _, visit = drill.visit("蒋小琴", drill.venues[13], day + 3 * HOUR, hand=hand, seq=hand.seq)
    return "chain_fork" in drill.flags(visit)


def clock_moved(drill: Drill, day: datetime) -> bool:
    """Set back to yesterday for the visit, and right again for sending; the pack of this morning betrays it."""
    beacon = drill.app.extensions["signer"].signed({"kind": "beacon", "at": to_ms(day - HOUR), "instance": "x"})
    yesterday = day - DAY
    _, visit = drill.visit("唐玉梅", drill.venues[14], yesterday, late=DAY, beacon=beacon)
    return "clock_moved" in drill.flags(visit)


def impossible_speed(drill: Drill, day: datetime) -> bool:
    far = drill.venues[15]
    near = [drill.photo(drill.fresh(), day + 2 * MINUTE, far, off_m=(0, 0))]
    drill.visit("彭秀芳", far, day, photos=near)
    later = day + 15 * MINUTE
    photos = [drill.photo(drill.fresh(), later + MINUTE, far, off_m=(60_000, 0))]
    _, visit = drill.visit("彭秀芳", drill.venues[16], later, photos=photos)
    return "impossible_speed" in drill.flags(visit)


def month_in_one_evening(drill: Drill, day: datetime) -> bool:
    """Eight visits of the month, all typed on the evening of the 27th."""
    evening = datetime(2026, 11, 27, 12, tzinfo=UTC)
    for n in range(8):
        start = datetime(2026, 11, 3 + 3 * n, 2, tzinfo=UTC)
        sent = evening + n * 6 * MINUTE
        _, visit = drill.visit("龚丽华", drill.venues[17 + n % 3], start, photos=[], late=sent - start - 12 * MINUTE,
                               sent_clock=to_ms(sent))  # fmt: skip
    return "month_end_batch" in drill.flags(visit)


def edited_bytes(drill: Drill, day: datetime) -> bool:
    """A number changed on the way: the phone's signature no longer fits."""
    _, visit = drill.visit(
        "赵春兰", drill.venues[20], day, bend=lambda body: body.replace(b'"note":""', b'"note":"x"'), note=""
    )
    return "not_signed" in drill.flags(visit)


def others_photo(drill: Drill, day: datetime) -> bool:
    """Another person's picture, sent as one's own an hour later."""
    picture, venue, other = drill.fresh(), *drill.venues[21:23]
    drill.visit("何长生", venue, day, photos=[drill.photo(picture, day + MINUTE, venue)])
    later = day + HOUR
    _, visit = drill.visit("廖定邦", other, later, photos=[drill.photo(picture, later + MINUTE, other)])
    return "same_photo_exact" in drill.flags(visit)


def cut_log_tail(drill: Drill, _day: datetime) -> bool:
    """The audit's newest rows are taken away with our checkpoints; one was kept elsewhere."""
    with drill.app.app_context():
        with writing() as session:
            kept = make_checkpoint(session, drill.app.extensions["signer"], MONDAY + 60 * DAY).body
        with writing() as session:
            rows = session.scalars(select(AuditRow).order_by(AuditRow.seq.desc()).limit(3)).all()
            kept_rows = [
                {column.key: getattr(row, column.key) for column in AuditRow.__table__.columns} for row in rows
            ]
            for row in [*rows, *session.scalars(select(Checkpoint))]:
                session.delete(row)
        with db.engine.connect() as connection:
            found = {one.code for one in audit.checker(drill.engine_key, kept)(connection, Counter())}
        with writing() as session:
            session.connection().execute(AuditRow.__table__.insert(), kept_rows[::-1])
    return "chain_shorter" in found


def recorded_by_two(drill: Drill, day: datetime) -> bool:
    venue = drill.venues[23]
    drill.visit("向有田", venue, day)
    _, visit = drill.visit("彭秀芳", venue, day + 4 * MINUTE)
    return "twice_recorded" in drill.flags(visit)


FRAUDS = [
    old_photo_again, screenshot_of_a_photo, gallery_file, wrong_place, mock_fix, poster_at_a_desk, cloned_phone,
    clock_moved, impossible_speed, month_in_one_evening, edited_bytes, others_photo, cut_log_tail, recorded_by_two,
]  # fmt: skip


def frauds(folder: Path, seed: int) -> dict[str, bool]:
    drill = Drill(folder, seed)
    return {fraud.__name__: fraud(drill, MONDAY + n * DAY) for n, fraud in enumerate(FRAUDS)}


def honest(folder: Path, count: int, seed: int) -> tuple[int, Counter]:
    """Four to six stops a day for a dozen people; noise as phones have it. (visits, those flagged by code)"""
    drill, done, day = Drill(folder, seed), 0, MONDAY
    names = [person.name for person in drill.people[:12]]
    wrong = {name: drill.rng.choice([timedelta()] * 8 + [timedelta(minutes=7), timedelta(days=-1), timedelta(days=400)])
             for name in names}  # fmt: skip
    while done < count:
        for n, name in enumerate(names):
            done += _honest_round(
                drill, name, day + n * 3 * MINUTE, wrong[name], min(5, count - done), (n * 7 + day.day * 3)
            )
            if done >= count:
                break
        day += DAY
    drill.look()
    with drill.app.app_context():
        rows = select(Finding.visit_id, Finding.code).where(Finding.level.in_(ACCUSING), Finding.withdrawn_at.is_(None))
        flagged = db.session.execute(rows).all()
    return len({row.visit_id for row in flagged}), Counter(row.code for row in flagged)


def _honest_round(drill: Drill, name: str, start: datetime, clock: timedelta, stops: int, first: int) -> int:
    at, rng = start, drill.rng
    for n in range(stops):
        venue = drill.venues[(first + n * 5) % len(drill.venues)]
        long = timedelta(minutes=rng.uniform(6, 20))
        late = rng.choice([MINUTE * 5, HOUR * 5, DAY * 2, DAY * 6])
        photos = [_honest_photo(drill, venue, at + long * part) for part in (0.2, 0.5, 0.8)][: rng.randint(1, 3)]
        drill.visit(name, venue, at, long=long, photos=photos, late=late, clock=clock)
        at += long + timedelta(minutes=rng.uniform(4, 15))
    return stops


def _honest_photo(drill: Drill, venue: Venue, at: datetime) -> dict:
    """Out of doors 5 m, in the street 30 m, indoors 200 m or from a mast, or nothing at all; one in twenty worse than it says."""
    how = drill.rng.random()
    if how < 0.12:
        return drill.photo(
            drill.fresh(), at, venue, accuracy=0, no_position=drill.rng.choice(["no_signal", "refused", "indoors"])
        )
    accuracy = drill.rng.choice([5, 8, 12, 20, 35]) if how < 0.8 else drill.rng.choice([80, 200, 900])
    return drill.photo(
        drill.fresh(), at, venue, accuracy=accuracy, capture="file" if drill.rng.random() < 0.05 else "camera"
    )


def main() -> None:
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--honest", type=int, default=1000)
    said.add_argument("--seed", type=int, default=1)
    asked = said.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        caught = frauds(Path(folder) / "frauds", asked.seed)
        flagged, codes = honest(Path(folder) / "honest", asked.honest, asked.seed)
    print(json.dumps({"caught": sum(caught.values()), "of": len(caught), "missed": [n for n, was in caught.items() if not was],
                      "honest": asked.honest, "flagged": flagged, "share": flagged / asked.honest, "codes": codes}))  # fmt: skip
    sys.exit(sum(caught.values()) < 12 or flagged > 0.02 * asked.honest)


if __name__ == "__main__":
    main()
