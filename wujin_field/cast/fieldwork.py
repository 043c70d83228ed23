"""A month and a bit of visits, sent through the real intake as phones send them, then the checks and the rulings."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from sqlalchemy.orm import Session

from ..db import local_day, utc_now, writing
from ..models import Device, Person
from ..sync.gate import read_header
from ..sync.intake import Sender
from ..sync.receipt import ALGORITHM
from .claims import phone, sealed, sha256
from .followups import follow_hazards
from .oddities import bend
from .outings import Outing, outings
from .records import Shot, record
from .spot_checks import spot_checks
from .town import COMMITTEES, Town

PHONES_AT_ONCE = 8  # the writer commits for all who wait, so a few waiting together save most of the syncs


@dataclass
class Handset:
    """One person's phone: its key, and where its chain of claims stands."""

    device: Device
    key: ec.EllipticCurvePrivateKey
    seq: int = 0
    prev: str | None = None

    def freeze(self, claim: dict) -> tuple[str, str, bytes, bytes]:
        """kind, id, bytes and signature of the claim, now the next link of this phone's chain."""
        self.seq += 1
        body = sealed(claim | {"seq": self.seq, "prev": self.prev})
        self.prev = sha256(body)
        r, s = decode_dss_signature(self.key.sign(body, ALGORITHM))
        return claim["kind"], claim["id"], body, r.to_bytes(32, "big") + s.to_bytes(32, "big")


@dataclass(frozen=True)
class Parcel:
    """What one phone sends after one outing, and when it got through."""

    sender: Sender
    received: datetime
    shots: dict[str, Shot] = field(default_factory=dict)
    claims: list[tuple[str, str, bytes, bytes]] = field(default_factory=list)


def fieldwork(app: Flask, town: Town, today: date | None = None, now: datetime | None = None) -> None:
    """Last month and this month up to `today` (a local day) and `now` (UTC); nothing lies in the future."""
    now, rng = now or utc_now(), Random("青禾镇")
    made = outings(town, today or local_day(now), rng)
    with app.app_context(), writing() as session:
        handsets = {name: _handset(session, town.people[name], made[0].start) for name in _names(made)}
    parcels = [parcel for outing in made if (parcel := _parcel(town, outing, handsets[outing.author.name], now, rng))]
    with ThreadPoolExecutor(PHONES_AT_ONCE) as pool:
        list(pool.map(lambda parcel: _send(app, parcel), parcels))
    with app.app_context(), writing() as session:
        follow_hazards(session, town, now, Random("隐患"))
    spot_checks(app, town, {digest: shot for parcel in parcels for digest, shot in parcel.shots.items()}, now, rng)


def _names(made: list[Outing]) -> list[str]:
    return list(dict.fromkeys(outing.author.name for outing in made))


def _handset(session: Session, person: Person, first_use: datetime) -> Handset:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return Handset(phone(session, person, public, first_use - timedelta(days=3))[0], key)


def _parcel(town: Town, outing: Outing, handset: Handset, now: datetime, rng: Random) -> Parcel | None:
    """None when it would not be over yet."""
    written = record(outing, handset.device, _team(town, outing, rng), rng)
    if written.ended > now:
        return None
    bend(written, outing, now)
    received = min(now, written.ended + timedelta(minutes=rng.randint(4, 400)))
    sender = Sender(handset.device.id, outing.author.id, received)
    return Parcel(sender, received, written.shots, [handset.freeze(claim) for claim in written.claims])


def _team(town: Town, outing: Outing, rng: Random) -> list[Person]:
    """Sometimes the village's volunteer comes along."""
    other = town.people[COMMITTEES[outing.unit.code]["volunteer"]]
    return [other] if other is not outing.author and rng.random() < 0.5 else []


def _send(app: Flask, parcel: Parcel) -> None:
    """Photos first, as the phone does: they travel while the visit is still being written."""
    for digest, shot in parcel.shots.items():
        _send_photo(app, digest, shot.body(), parcel)
    for kind, subject_id, body, signature in parcel.claims:
        outcome = app.extensions["intake"].take_claim(kind, subject_id, body, parcel.sender, signature, parcel.received)
        assert outcome.status == 201, outcome


def _send_photo(app: Flask, digest: str, body: bytes, parcel: Parcel) -> None:
    vault, intake = app.extensions["vault"], app.extensions["intake"]
    with vault.incoming() as file:
        file.write(body)
        file.flush()
        header = read_header(Path(file.name))
        vault.keep(file, digest)
    intake.take_photo(digest, len(body), header, parcel.sender, parcel.received)
