"""Every claim: the bytes are those whose digest we receipted, and the row beside them says what they say."""

import hashlib
from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection, Row, select

from ..models import AuditRow, Claim, SetAside
from ..models.journal import row_digest
from ..sync import strict_json
from .findings import Finding, finding
from .reading import bare, same, stream
from .sealed import newest

NAMED = ("kind", "revision", "seq", "prev")
CLAIMS = select(
    Claim.kind, bare(Claim.subject_id), Claim.revision, Claim.digest, Claim.body, bare(Claim.device_id), Claim.seq, Claim.prev
).order_by(Claim.device_id, Claim.seq)  # fmt: skip
ASIDE = [column.key for column in SetAside.__table__.columns]

TOLD = select(
    AuditRow.kind, AuditRow.subject_id, AuditRow.detail["digest"].as_string().label("digest"),
    AuditRow.detail["reason"].as_string().label("reason"),
).where(AuditRow.what == "set_aside")  # fmt: skip


def check(connection: Connection, counts: Counter) -> Iterator[Finding]:
    erased = erasures(connection, "claim")
    for row in stream(connection, CLAIMS):
        counts["claims"] += 1
        if row.body == b"" and row.digest in erased:
            counts["erased"] += 1
        elif wrong := _wrong(row):
            yield finding("claim_altered", f"{row.kind} {row.subject_id}", why=wrong)


def erasures(connection: Connection, kind: str) -> set[str]:
    """Digests of what was erased on purpose; an audit row says so for each."""
    rows = select(AuditRow.subject_id).where(AuditRow.what == "erased", AuditRow.kind == kind)
    return set(connection.execute(rows).scalars())


def set_aside(connection: Connection, counts: Counter) -> Iterator[Finding]:
    """What waits, and what a person decided of it: each has the link that set it aside, and the one that decided it."""
    told = {(row.kind, row.subject_id.replace("-", ""), row.digest): row.reason for row in connection.execute(TOLD)}
    sealed, waiting = {row.subject: row.digest for row in connection.execute(select(newest("set_aside")))}, 0
    for row in stream(connection, select(SetAside.__table__)):
        counts["set_aside"] += 1
        waiting += row.decision is None
        reason = told.pop((row.kind, row.subject_id.replace("-", ""), row.digest), None)
        if wrong := _wrong_aside(row, reason, sealed.get(row.id.replace("-", ""))):
            yield finding("claim_altered", f"set-aside {row.kind} {row.subject_id}", why=wrong)
    for kind, subject, _ in told:
        yield finding("claim_gone", f"set-aside {kind} {subject}")
    if waiting:
        yield finding("set_aside", waiting)


def _wrong_aside(row: Row, reason: str | None, sealed: str | None) -> str:
    if not isinstance(row.body, bytes) or hashlib.sha256(row.body).hexdigest() != row.digest:
        return "its bytes changed"
    if reason != row.reason:
        return "the audit chain does not say that it was set aside for this reason"
    decided = row.decision is not None or sealed is not None
    return "its decision is not what the audit chain sealed" if decided and sealed != row_digest(row, ASIDE) else ""


def _wrong(row: Row) -> str:
    """What is wrong with this claim, or nothing."""
    if not isinstance(row.body, bytes) or hashlib.sha256(row.body).hexdigest() != row.digest:
        return "the phone's bytes changed"
    try:
        said = strict_json.read(row.body)
    except strict_json.NotCanonical:
        return "its bytes are no claim"
    wrong = [name for name in NAMED if not same(getattr(row, name), said.get(name))]
    ids = {"subject_id": "id", "device_id": "device"}
    wrong += [ours for ours, theirs in ids.items() if getattr(row, ours) != str(said.get(theirs)).replace("-", "")]
    return f"row and bytes differ in {', '.join(wrong)}" if wrong else ""
