"""Signed checkpoints of the audit chain: how many rows, the newest one's hash, when. Kept elsewhere, one catches a cut tail.

The examiner makes one a day; reports print the newest, the county downloads them.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..canonical import canonical
from ..db import local_day, to_ms
from ..models import AuditRow, Checkpoint, Instance
from ..models.journal import GENESIS, NEWEST_LINK
from ..sync.receipt import Signer, from_base64url, verifies


def newest_checkpoint(session: Session) -> Checkpoint | None:
    return session.scalars(select(Checkpoint).order_by(Checkpoint.at.desc(), Checkpoint.id.desc()).limit(1)).first()


def checkpoint_if_due(session: Session, signer: Signer, now: datetime) -> bool:
    """One for each of the station's days on which something happened. The caller commits."""
    newest = newest_checkpoint(session)
    if newest and (local_day(newest.at) >= local_day(now) or newest.head == session.execute(NEWEST_LINK).scalar()):
        return False
    make_checkpoint(session, signer, now)
    return True


def make_checkpoint(session: Session, signer: Signer, now: datetime) -> Checkpoint:
    """Over the chain as it stands inside this transaction."""
    count = session.scalar(select(func.count()).select_from(AuditRow)) or 0
    head = session.execute(NEWEST_LINK).scalar() or GENESIS
    instance = session.scalars(select(Instance.id)).one()
    body = signer.signed({"kind": "checkpoint", "instance": instance, "at": to_ms(now), "count": count, "head": head})
    row = Checkpoint(at=now, count=count, head=head, body=body)
    session.add(row)
    session.flush()
    return row


def is_signed(body: object, station_key: bytes) -> bool:
    """Is this a checkpoint that the owner of that key signed?"""
    if not isinstance(body, dict) or body.get("kind") != "checkpoint":
        return False
    try:
        return verifies(
            station_key, from_base64url(body["sig"]), canonical({k: v for k, v in body.items() if k != "sig"})
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
