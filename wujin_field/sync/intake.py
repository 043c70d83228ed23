"""The decision table of field data.

    unknown id → stored · same digest → already · other digest → conflict, kept aside · bad → refused before we get here

One transaction holds the claim's bytes, its rows, the audit link and the receipt.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ..config import CLAIM_BYTES_MAX, SET_ASIDE_MAX
from ..db import to_ms, utc_now, uuid7
from ..domain import Pack
from ..models.journal import append_audit, carried, carry
from . import rows
from . import statements as ask
from .envelope import AnyClaim, Refused, VisitClaim, read_claim
from .gate import Header
from .receipt import Signer, verifies
from .vault import VaultAway
from .writer import Writer

LOST = ("damaged", "missing")  # faults of our own copy: the phone's heals it


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
    def __init__(self, writer: Writer, signer: Signer, pack: Callable[[], Pack]):
        """pack: asked for anew with every claim, in the thread that brings it."""
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
        pack = self._pack()
        claim = read_claim(kind, subject_id, body, pack)
        digest = hashlib.sha256(body).hexdigest()
        arrival = _Arrival(sender, now or utc_now(), kind, claim, body, digest, signature, pack)
        return self._writer.write(lambda connection: self._decide(connection, arrival))

    def keep_aside(
        self, kind: str, subject_id: str, body: bytes, sender: Sender, reason: str, signature: bytes | None = None
    ) -> Outcome:
        """Keep for a person's decision what nobody proved to be theirs. Raises Refused."""
        pack, digest = self._pack(), hashlib.sha256(body).hexdigest()
        arrival = _Arrival(
            sender, utc_now(), kind, read_claim(kind, subject_id, body, pack), body, digest, signature, pack
        )
        return self._writer.write(lambda connection: _set_aside(connection, arrival, reason))

    def take_photo(
        self, sha256: str, size: int, header: Header, sender: Sender, now: datetime | None = None,
        still: Callable[[], bool] | None = None,
    ) -> Outcome:  # fmt: skip
        """Acknowledge a photo that the vault has made durable.

        still: whether it is there, asked for an old copy that no row knew: the sweep may have taken it this minute.
        Raises VaultAway when it has.
        """
        line = {"sha256": sha256, "bytes": size, "received_at": now or utc_now(), **vars(header)}
        return self._writer.write(lambda connection: self._photo(connection, line, sender, still))

    def take_owners_photo(self, sha256: str, size: int, header: Header, hazard_id: str) -> None:
        """A picture from the page of a venue's owner: no phone of ours sent it, so the audit stands for its receipt."""
        line = {"sha256": sha256, "bytes": size, "received_at": utc_now(), **vars(header)}
        self._writer.write(lambda connection: _owners_photo(connection, line, hazard_id))

    def _decide(self, connection: Connection, arrival: "_Arrival") -> Outcome:
        known = connection.execute(ask.DIGEST_OF_CLAIM, arrival.name).scalar()
        if known == arrival.digest:
            return self._answer(
                connection, arrival, 200, connection.execute(ask.RECEIPT_OF_CLAIM, arrival.name).scalar_one()
            )
        device = connection.execute(ask.DEVICE, {"device_id": arrival.claim.device}).first()
        refusal = "conflict" if known else _why_not(connection, arrival, device.person_id if device else None)
        if refusal or device is None:
            return _set_aside(connection, arrival, refusal)
        return self._store(connection, arrival, device.public_key)

    def _store(self, connection: Connection, arrival: "_Arrival", key: bytes | None) -> Outcome:
        signed = bool(key and arrival.signature and verifies(key, arrival.signature, arrival.body))
        connection.execute(ask.ADD_CLAIM, {"id": uuid7(), **arrival.as_claim()})
        rows.write(connection, arrival.pack, arrival.claim, rows.Facts(
            arrival.digest, arrival.sender.person_id, arrival.offset(), signed, arrival.now,
        ))  # fmt: skip
        receipt = self._receipt(
            connection, arrival.kind, arrival.claim.id, arrival.claim.revision, arrival.digest, arrival
        )
        return self._answer(connection, arrival, 201, receipt)

    def _answer(self, connection: Connection, arrival: "_Arrival", status: int, receipt: dict) -> Outcome:
        return Outcome(status, receipt, missing=_missing(connection, arrival.claim, arrival.sender.person_id))

    def _photo(self, connection: Connection, line: dict, sender: Sender, still: Callable[[], bool] | None) -> Outcome:
        sha256 = line["sha256"]
        known = connection.execute(ask.FAULT_OF_PHOTO, {"the_sha256": sha256}).first()
        if known and known.fault in LOST:  # our copy had gone bad: look anew at what came now
            connection.execute(ask.HEAL_PHOTO, {"the_sha256": sha256})
        earlier = photo_receipt(connection, sha256, sender.device_id)
        if earlier:
            return Outcome(200, earlier)
        if not known:
            if still and not still():
                raise VaultAway("the photo was swept away as it came")
            connection.execute(ask.ADD_PHOTO, line)
            connection.execute(ask.ONE_LESS_MISSING, {"the_sha256": sha256})
        receipt = self._receipt(connection, "photo", sha256, 1, sha256, _Delivery(sender, line["received_at"]))
        return Outcome(201, receipt)

    def _receipt(
        self, connection: Connection, kind: str, subject_id: str, revision: int, digest: str, delivery: "_Delivery"
    ) -> dict:
        server_seq = 1 + carried(connection, "receipt", lambda: connection.execute(ask.NEWEST_RECEIPT).scalar() or 0)
        body = self._signer.signed({
            "kind": kind, "id": subject_id, "revision": revision, "digest": digest, "server_seq": server_seq,
            "received_at": to_ms(delivery.now),
            "instance": carried(connection, "instance", lambda: connection.execute(ask.INSTANCE).scalar_one()),
        })  # fmt: skip
        connection.execute(ask.ADD_RECEIPT, {
            "server_seq": server_seq, "kind": kind, "subject_id": subject_id, "revision": revision, "digest": digest,
            "device_id": delivery.sender.device_id, "received_at": delivery.now, "body": body,
        })  # fmt: skip
        carry(connection, "receipt", server_seq)
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
    pack: Pack

    @property
    def name(self) -> dict:
        """What nobody else is called."""
        return {"kind": self.kind, "subject_id": self.claim.id, "revision": self.claim.revision}

    def as_claim(self) -> dict:
        return {
            "kind": self.kind, "subject_id": self.claim.id, "revision": self.claim.revision, "digest": self.digest,
            "body": self.body, "signature": self.signature, "device_id": self.claim.device, "seq": self.claim.seq,
            "prev": self.claim.prev, "received_at": self.now,
        }  # fmt: skip

    def offset(self) -> timedelta:
        """Server minus phone, when the phone's clock is wrong by more than the pack allows; else nothing."""
        if not self.sender.clock:
            return timedelta()
        offset = self.now - self.sender.clock
        wrong = abs(offset.total_seconds()) > self.pack["flag"]["clock_wrong"]["correct_when_over_s"]
        return offset if wrong else timedelta()


def photo_receipt(connection: Connection, sha256: str, device_id: str) -> dict | None:
    """The receipt this phone got for this photo; None when it never sent it (and nobody learns who else did)."""
    return connection.execute(ask.RECEIPT_OF_PHOTO, {"sha256": sha256, "device_id": device_id}).scalar()


def _why_not(connection: Connection, arrival: _Arrival, owner: str | None) -> str:
    """A reason to keep this claim aside, or nothing: it belongs to somebody else, or corrects what nobody returned."""
    if owner != arrival.sender.person_id:
        return "other_person"
    if arrival.claim.revision > 1:
        return rows.why_no_revision(connection, arrival.kind, arrival.claim, arrival.sender.person_id)
    return ""


def _owners_photo(connection: Connection, line: dict, hazard_id: str) -> None:
    if not connection.execute(ask.FAULT_OF_PHOTO, {"the_sha256": line["sha256"]}).first():
        connection.execute(ask.ADD_PHOTO, line)
        connection.execute(ask.ONE_LESS_MISSING, {"the_sha256": line["sha256"]})
    append_audit(connection, line["received_at"], None, "owner_sent", "photo", line["sha256"], hazard=hazard_id)


def _set_aside(connection: Connection, arrival: _Arrival, reason: str) -> Outcome:
    same = {"kind": arrival.kind, "subject_id": arrival.claim.id, "digest": arrival.digest}
    if not connection.execute(ask.KNOWN_ASIDE, same).scalar():
        _room_aside(connection, arrival.sender.device_id)
        line = {key: value for key, value in arrival.as_claim().items() if key not in ("seq", "prev")}
        line |= {"id": uuid7(), "device_id": arrival.sender.device_id, "reason": reason}
        connection.execute(ask.ADD_ASIDE, line)
        append_audit(connection, arrival.now, arrival.sender.person_id, "set_aside", arrival.kind, arrival.claim.id,
                     digest=arrival.digest, reason=reason)  # fmt: skip
    return Outcome(409, code=reason)


def _room_aside(connection: Connection, device_id: str) -> None:
    """Raises Refused: a hostile phone must not fill the disk with conflicts."""
    if connection.execute(ask.COUNT_ASIDE, {"device_id": device_id}).scalar_one() >= SET_ASIDE_MAX:
        raise Refused(429, "too_many_aside")


def _missing(connection: Connection, claim: AnyClaim, person_id: str) -> tuple[str, ...]:
    """Listed photos that this person has not sent yet: nobody learns here what others did."""
    if not isinstance(claim, VisitClaim) or not claim.photos:
        return ()
    listed = [photo.sha256 for photo in claim.photos]
    sent = set(connection.execute(ask.SENT_PHOTOS, {"listed": listed, "person_id": person_id}).scalars())
    return tuple(sha256 for sha256 in listed if sha256 not in sent)
