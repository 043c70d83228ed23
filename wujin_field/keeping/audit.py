"""The audit chain: each row's hash over its content, each row naming the one before it.

A tail that was cut off leaves a shorter chain that is whole; only a checkpoint can tell, and one kept
elsewhere when ours went with it.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator

import rfc8785
from sqlalchemy import Connection, Row, select

from ..db import from_ms
from ..evidence.checkpoints import is_signed
from ..models import AuditRow, Checkpoint
from ..models.journal import GENESIS
from .findings import Finding, finding
from .reading import ms, parsed, stream, text

ROWS = select(
    AuditRow.seq, ms(AuditRow.at), AuditRow.who, AuditRow.what, AuditRow.kind, AuditRow.subject_id,
    text(AuditRow.detail), AuditRow.prev, AuditRow.hash,
).order_by(AuditRow.seq)  # fmt: skip

CHECKPOINTS = select(
    Checkpoint.id, ms(Checkpoint.at), Checkpoint.count.label("count_"), Checkpoint.head, Checkpoint.body
).order_by(Checkpoint.at)


def check(connection: Connection, counts: Counter) -> Iterator[Finding]:
    yield from _chain(connection, counts, {})


def checker(station_key: bytes, against: dict | None = None) -> Callable[[Connection, Counter], Iterator[Finding]]:
    """The chain against our own checkpoints, and against one that somebody kept elsewhere (as it was downloaded)."""

    def check(connection: Connection, counts: Counter) -> Iterator[Finding]:
        kept = [(row.id, row.body, row) for row in connection.execute(CHECKPOINTS)]
        good = [body for _, body, row in kept if is_signed(body, station_key) and _same_row(row)]
        yield from (
            finding("checkpoint_altered", name, why="its signature is not this station's, or its row says something else")
            for name, body, row in kept if body not in good
        )  # fmt: skip
        counts["checkpoints"] += len(kept)
        if against is not None and not is_signed(against, station_key):
            yield finding("checkpoint_altered", "from outside", why="its signature is not this station's")
        elif against is not None:
            good.append(against)
        yield from _chain(connection, counts, {body["count"]: body for body in good})

    return check


def _same_row(row: Row) -> bool:
    return (row.at, row.count_, row.head) == (row.body.get("at"), row.body.get("count"), row.body.get("head"))


def _chain(connection: Connection, counts: Counter, checkpoints: dict[int, dict]) -> Iterator[Finding]:
    before, number = GENESIS, 0
    for number, row in enumerate(stream(connection, ROWS), 1):
        counts["audit_rows"] += 1
        if row.prev != before:
            yield finding("audit_cut", row.seq)
        if _hash(row) != row.hash:
            yield finding("audit_altered", row.seq)
        before = row.hash
        if number in checkpoints and checkpoints[number]["head"] != row.hash:
            yield finding("chain_other", "chain", at=_said(checkpoints[number]), said=number)
    for count, body in checkpoints.items():
        if count > number:
            yield finding("chain_shorter", "chain", count=number, at=_said(body), said=count)


def _said(body: dict) -> str:
    return f"{from_ms(body['at']):%Y-%m-%d %H:%M} UTC"


def _hash(row: Row) -> str:
    said = {"at": row.at, "who": row.who, "what": row.what, "kind": row.kind, "subject_id": row.subject_id}
    try:
        return hashlib.sha256(row.prev.encode() + rfc8785.dumps(said | {"detail": parsed(row.detail)})).hexdigest()
    except (TypeError, ValueError, AttributeError, rfc8785.CanonicalizationError):
        return ""
