"""The decision table of field data.

    unknown id → stored · same digest → already · other digest → conflict, kept aside · bad → refused before we get here

One transaction holds the claim's bytes, its rows, the audit link and the receipt.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update

from ..config import CLAIM_BYTES_MAX, SET_ASIDE_MAX
from ..db import to_ms, utc_now, uuid7
from ..domain import Pack
from ..models import Claim, Device, Instance, Photo, Receipt, SetAside, Visit, VisitPhoto
from ..models.journal import append_audit
from . import rows
from .envelope import AnyClaim, Refused, VisitClaim, read_claim
from .gate import Header
from .receipt import Signer, verifies
from .writer import Writer


@dataclass(frozen=True)
class Sender:
    """The enrolled phone at the other end. clock: its own time as it sent this, if it said so."""

    device_id: str
    person_id: str
    clock: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """status: the HTTP answer; receipt for 200 and 201; code for a conflict; missing: digests still to come."""

    status: int
    receipt: dict = field(default_factory=dict)
    code: str = ""
    missing: tuple[str, ...] = ()


class Intake:
    def __init__(self, writer: Writer, signer: Signer, pack: Pack):
        self._writer, self._signer, self._pack = writer, signer, pack

    def take_claim(
        self,
        kind: str,
        subject_id: str,
        body: bytes,
        sender: Sender,
        signature: bytes | None = None,
        now: datetime | None = None,
    ) -> Outcome:
        """Take in an activity or a visit. Raises Refused; then nothing is stored."""
        if len(body) > CLAIM_BYTES_MAX:
            raise Refused(413, "claim_too_large")
        claim = read_claim(kind, subject_id, body, self._pack)
        digest = hashlib.sha256(body).hexdigest()
        arrival = _Arrival(sender, now or utc_now(), kind, claim, body, digest, signature)
        return self._writer.write(lambda connection: self._decide(connection, arrival))

    def take_photo(
        self, sha256: str, size: int, header: Header, sender: Sender, now: datetime | None = None
    ) -> Outcome:
        """Acknowledge a photo that the vault has made durable."""
        now = now or utc_now()
        return self._writer.write(lambda connection: self._photo(connection, sha256, size, header, sender, now))

    def _decide(self, connection: Connection, arrival: "_Arrival") -> Outcome:
        known = connection.execute(
            select(Claim.digest).where(
                Claim.kind == arrival.kind,
                Claim.subject_id == arrival.claim.id,
                Claim.revision == arrival.claim.revision,
            )
        ).scalar()
        if known == arrival.digest:
            return self._answer(connection, arrival, 200, _receipt_of(connection, arrival))
        refusal = "conflict" if known else _why_not(connection, arrival)
        return _set_aside(connection, arrival, refusal) if refusal else self._store(connection, arrival)

    def _store(self, connection: Connection, arrival: "_Arrival") -> Outcome:
        key = connection.execute(select(Device.public_key).where(Device.id == arrival.claim.device)).scalar()
        signed = bool(key and arrival.signature and verifies(key, arrival.signature, arrival.body))
        connection.execute(insert(Claim).values(id=uuid7(), **arrival.as_claim()))
        rows.write(connection, self._pack, arrival.claim, rows.Facts(
            arrival.digest, arrival.sender.person_id, arrival.offset(self._pack), signed, arrival.now,
        ))  # fmt: skip
        receipt = self._receipt(
            connection, arrival.kind, arrival.claim.id, arrival.claim.revision, arrival.digest, arrival
        )
        return self._answer(connection, arrival, 201, receipt)

    def _answer(self, connection: Connection, arrival: "_Arrival", status: int, receipt: dict) -> Outcome:
        return Outcome(status, receipt, missing=_missing(connection, arrival.claim))

    def _photo(
        self, connection: Connection, sha256: str, size: int, header: Header, sender: Sender, now: datetime
    ) -> Outcome:
        _heal(connection, sha256)
        earlier = photo_receipt(connection, sha256, sender.device_id)
        if earlier:
            return Outcome(200, earlier)
        if not connection.execute(select(Photo.sha256).where(Photo.sha256 == sha256)).scalar():
            connection.execute(insert(Photo).values(sha256=sha256, bytes=size, received_at=now, **vars(header)))
            _count_missing(connection, sha256)
        receipt = self._receipt(connection, "photo", sha256, 1, sha256, _Delivery(sender, now))
        return Outcome(201, receipt)

    def _receipt(
        self, connection: Connection, kind: str, subject_id: str, revision: int, digest: str, delivery: "_Delivery"
    ) -> dict:
        line = {"kind": kind, "subject_id": subject_id, "revision": revision, "digest": digest}
        added = insert(Receipt).values(**line, device_id=delivery.sender.device_id, received_at=delivery.now, body={})
        server_seq = connection.execute(added).inserted_primary_key[0]  # type: ignore[index]
        statement = {
            "kind": kind, "id": subject_id, "revision": revision, "digest": digest, "server_seq": server_seq,
            "received_at": to_ms(delivery.now), "instance": connection.execute(select(Instance.id)).scalar_one(),
        }  # fmt: skip
        body = self._signer.signed(statement)
        connection.execute(update(Receipt).where(Receipt.server_seq == server_seq).values(body=body))
        append_audit(connection, delivery.now, delivery.sender.person_id, "took_in", kind, subject_id, digest=digest)
        return body


@dataclass(frozen=True)
class _Delivery:
    sender: Sender
    now: datetime


@dataclass(frozen=True)
class _Arrival(_Delivery):
    kind: str
    claim: AnyClaim
    body: bytes
    digest: str
    signature: bytes | None

    def as_claim(self) -> dict:
        return {
            "kind": self.kind, "subject_id": self.claim.id, "revision": self.claim.revision, "digest": self.digest,
            "body": self.body, "signature": self.signature, "device_id": self.claim.device, "seq": self.claim.seq,
            "prev": self.claim.prev, "received_at": self.now,
        }  # fmt: skip

    def offset(self, pack: Pack) -> timedelta:
        """Server minus phone, when the phone's clock is wrong by more than the pack allows; else nothing."""
        if not self.sender.clock:
            return timedelta()
        offset = self.now - self.sender.clock
        wrong = abs(offset.total_seconds()) > pack["flag"]["clock_wrong"]["correct_when_over_s"]
        return offset if wrong else timedelta()


def photo_receipt(connection: Connection, sha256: str, device_id: str) -> dict | None:
    """The receipt this phone got for this photo; None when it never sent it (and nobody learns who else did)."""
    mine = (Receipt.kind == "photo") & (Receipt.subject_id == sha256) & (Receipt.device_id == device_id)
    return connection.execute(select(Receipt.body).where(mine)).scalar()


def _receipt_of(connection: Connection, arrival: _Arrival) -> dict:
    claim = arrival.claim
    same = (Receipt.kind == arrival.kind) & (Receipt.subject_id == claim.id) & (Receipt.revision == claim.revision)
    return connection.execute(select(Receipt.body).where(same)).scalar_one()


def _why_not(connection: Connection, arrival: _Arrival) -> str:
    """A reason to keep this claim aside, or nothing: it belongs to somebody else, or corrects what nobody returned."""
    owner = connection.execute(select(Device.person_id).where(Device.id == arrival.claim.device)).scalar()
    if owner != arrival.sender.person_id:
        return "other_person"
    if arrival.claim.revision > 1:
        return rows.why_no_revision(connection, arrival.kind, arrival.claim, arrival.sender.person_id)
    return ""


def _set_aside(connection: Connection, arrival: _Arrival, reason: str) -> Outcome:
    same = (
        (SetAside.kind == arrival.kind)
        & (SetAside.subject_id == arrival.claim.id)
        & (SetAside.digest == arrival.digest)
    )
    if not connection.execute(select(SetAside.id).where(same)).scalar():
        _room_aside(connection, arrival.sender.device_id)
        line = {key: value for key, value in arrival.as_claim().items() if key not in ("signature", "seq", "prev")}
        connection.execute(
            insert(SetAside).values(id=uuid7(), **line | {"device_id": arrival.sender.device_id}, reason=reason)
        )
        append_audit(connection, arrival.now, arrival.sender.person_id, "set_aside", arrival.kind, arrival.claim.id,
                     digest=arrival.digest, reason=reason)  # fmt: skip
    return Outcome(409, code=reason)


def _room_aside(connection: Connection, device_id: str) -> None:
    """Raises Refused: a hostile phone must not fill the disk with conflicts."""
    mine = select(func.count()).where(SetAside.device_id == device_id)
    if connection.execute(mine).scalar_one() >= SET_ASIDE_MAX:
        raise Refused(429, "too_many_aside")


def _missing(connection: Connection, claim: AnyClaim) -> tuple[str, ...]:
    if not isinstance(claim, VisitClaim):
        return ()
    listed = [photo.sha256 for photo in claim.photos]
    held = set(connection.execute(select(Photo.sha256).where(Photo.sha256.in_(listed))).scalars())
    return tuple(sha256 for sha256 in listed if sha256 not in held)


def _heal(connection: Connection, sha256: str) -> None:
    """Our copy had gone bad and the phone has sent its own again: look at it anew."""
    lost = (Photo.sha256 == sha256) & Photo.fault.in_(("damaged", "missing"))
    connection.execute(update(Photo).where(lost).values(fault=None, examined_at=None))


def _count_missing(connection: Connection, sha256: str) -> None:
    """A photo arrived: the visits that wait for it wait for one less."""
    waiting = select(VisitPhoto.visit_id).where(VisitPhoto.sha256 == sha256)
    connection.execute(update(Visit).where(Visit.id.in_(waiting)).values(missing=Visit.missing - 1))
