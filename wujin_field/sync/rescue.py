"""A phone's backup, handed in at a desk: through the same gate, vault and intake as if the phone had sent it.

A claim is taken in only under its own phone's signature: who carries a file to the station proves nothing by it.
Photos bear no signature; one is taken in when a claim that we have from the same phone lists its digest.
"""

import binascii
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Engine, select

from ..config import CLAIM_BYTES_MAX, PHOTO_BYTES_MAX
from ..domain import Pack
from . import statements as ask
from .backup_file import BackupFile, ClaimItem
from .envelope import AnyClaim, Refused, VisitClaim, read_claim
from .gate import read_header
from .intake import Intake, Outcome, Sender
from .receipt import from_base64url, verifies
from .vault import Vault

SIGNER = select(ask.device.c.person_id, ask.device.c.public_key, ask.device.c.revoked_at).where(
    ask.device.c.id == ask.asked("device_id")
)


@dataclass(frozen=True)
class Line:
    """What became of one file. outcome: taken, already, aside; reason: a code, for what was set aside."""

    kind: str
    outcome: str
    reason: str = ""
    claim: AnyClaim | None = None


class Rescue:
    def __init__(self, engine: Engine, intake: Intake, vault: Vault, pack: Pack):
        self._engine, self._intake, self._vault, self._pack = engine, intake, vault, pack

    def take(self, file: BinaryIO, clerk: Sender) -> Iterator[Line]:
        """clerk: who hands it in; what cannot be taken in is kept aside under their name. Raises Refused, OSError."""
        backup = BackupFile(file)
        sent_by: dict[str, str] = {}
        for item in backup.claims():
            line = self._claim(backup, item, clerk)
            if line.outcome != "aside" and isinstance(line.claim, VisitClaim):
                sent_by |= dict.fromkeys((photo.sha256 for photo in line.claim.photos), line.claim.device)
            yield line
        for photo in backup.photos():
            yield self._photo(backup, photo.id, photo.file, sent_by.get(photo.id))

    def _claim(self, backup: BackupFile, item: ClaimItem, clerk: Sender) -> Line:
        claim = None
        try:
            body = backup.read(item.file, CLAIM_BYTES_MAX)
            if hashlib.sha256(body).hexdigest() != item.digest:
                raise Refused(422, "file_damaged")
            claim = read_claim(item.kind, item.id, body, self._pack)
            outcome = self._signed(item, claim, body, clerk)
            return Line(item.kind, _word(outcome), outcome.code, claim)
        except Refused as refused:
            return Line(item.kind, "aside", refused.code, claim)

    def _signed(self, item: ClaimItem, claim: AnyClaim, body: bytes, clerk: Sender) -> Outcome:
        signature = _signature(item)
        with self._engine.connect() as connection:
            name = {"kind": item.kind, "subject_id": item.id, "revision": claim.revision}
            known = connection.execute(ask.DIGEST_OF_CLAIM, name).scalar() == item.digest
            signer = connection.execute(SIGNER, {"device_id": claim.device}).first()
        if known:
            return Outcome(200)
        reason = _why_not(signer, signature, body)
        if reason or signer is None:
            return self._intake.keep_aside(item.kind, item.id, body, clerk, reason)
        return self._intake.take_claim(item.kind, item.id, body, Sender(claim.device, signer.person_id), signature)

    def _photo(self, backup: BackupFile, sha256: str, name: str, device_id: str | None) -> Line:
        try:
            if device_id is None:
                raise Refused(422, "nobody_lists_it")
            body = backup.read(name, PHOTO_BYTES_MAX)
            if hashlib.sha256(body).hexdigest() != sha256:
                raise Refused(422, "file_damaged")
            return Line("photo", _word(self._keep(sha256, body, device_id)))
        except Refused as refused:
            return Line("photo", "aside", refused.code)

    def _keep(self, sha256: str, body: bytes, device_id: str) -> Outcome:
        with self._engine.connect() as connection:
            signer = connection.execute(SIGNER, {"device_id": device_id}).one()
        with self._vault.incoming() as file:
            try:
                file.write(body)
                file.flush()
                header = read_header(Path(file.name))
                fresh = self._vault.keep(file, sha256)
            finally:
                Path(file.name).unlink(missing_ok=True)
        still = None if fresh else partial(self._vault.has, sha256)
        return self._intake.take_photo(sha256, len(body), header, Sender(device_id, signer.person_id), still=still)


def _why_not(signer, signature: bytes | None, body: bytes) -> str:  # type: ignore[no-untyped-def]
    """Why this is not proven to be from the phone that it names; nothing when it is."""
    if signer is None:
        return "unknown_phone"
    if signer.revoked_at is not None:
        return "revoked_phone"
    if signer.public_key is None or signature is None:
        return "unsigned"
    return "" if verifies(signer.public_key, signature, body) else "foreign_signature"


def _signature(item: ClaimItem) -> bytes | None:
    try:
        return from_base64url(item.signature or "") or None
    except (ValueError, binascii.Error):
        return None


def _word(outcome: Outcome) -> str:
    return {201: "taken", 200: "already"}.get(outcome.status, "aside")
