"""The audit chain: each row's hash over its content, each row naming the one before it.

A tail that was cut off leaves a shorter chain that is whole; only a checkpoint kept elsewhere can tell.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator

import rfc8785
from sqlalchemy import Connection, Row, select

from ..models import AuditRow
from ..models.journal import GENESIS
from .findings import Finding, finding
from .reading import ms, parsed, stream, text

ROWS = select(
    AuditRow.seq, ms(AuditRow.at), AuditRow.who, AuditRow.what, AuditRow.kind, AuditRow.subject_id,
    text(AuditRow.detail), AuditRow.prev, AuditRow.hash,
).order_by(AuditRow.seq)  # fmt: skip


def check(connection: Connection, counts: Counter) -> Iterator[Finding]:
    before = GENESIS
    for row in stream(connection, ROWS):
        counts["audit_rows"] += 1
        if row.prev != before:
            yield finding("audit_cut", row.seq)
        if _hash(row) != row.hash:
            yield finding("audit_altered", row.seq)
        before = row.hash


def _hash(row: Row) -> str:
    said = {"at": row.at, "who": row.who, "what": row.what, "kind": row.kind, "subject_id": row.subject_id}
    try:
        return hashlib.sha256(row.prev.encode() + rfc8785.dumps(said | {"detail": parsed(row.detail)})).hexdigest()
    except (TypeError, ValueError, AttributeError, rfc8785.CanonicalizationError):
        return ""
