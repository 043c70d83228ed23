"""Does this claim hang on its phone's chain? Two claims of one number mean two phones with one key, or a copied one."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from ..db import utc_now
from ..models import Claim, Device
from .case import Case, Flag

PATIENCE = timedelta(hours=1)  # what a phone sent in another order has come by then


def check(case: Case) -> Iterator[Flag]:
    """chain_fork, chain_gap, not_signed."""
    row = case.claim_row
    if row is None:
        return
    others = select(Claim.digest).where(Claim.device_id == row.device_id, Claim.digest != row.digest)
    if case.session.scalar(others.where(Claim.seq == row.seq).limit(1)):
        yield case.flag("chain_fork", seq=row.seq)
    elif row.seq > 1:
        before = case.session.scalar(others.where(Claim.seq == row.seq - 1).limit(1))
        if before and before != row.prev:
            yield case.flag("chain_fork", seq=row.seq)
        elif not before and utc_now() - row.received_at > PATIENCE:
            yield case.flag("chain_gap", seq=row.seq - 1)
    device = case.session.get(Device, row.device_id)
    if device and device.public_key and not case.visit.signed:
        yield case.flag("not_signed", altered=row.signature is not None)
