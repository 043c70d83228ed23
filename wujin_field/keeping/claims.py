"""Every claim: the bytes are those whose digest we receipted, and the row beside them says what they say."""

import hashlib
from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection, Row, func, select

from ..models import AuditRow, Claim, SetAside
from ..sync import strict_json
from .findings import Finding, finding
from .reading import bare, same, stream

NAMED = ("kind", "revision", "seq", "prev")
CLAIMS = select(
    Claim.kind, bare(Claim.subject_id), Claim.revision, Claim.digest, Claim.body, bare(Claim.device_id), Claim.seq, Claim.prev
).order_by(Claim.device_id, Claim.seq)  # fmt: skip
ASIDE = select(SetAside.kind, bare(SetAside.subject_id), SetAside.revision, SetAside.digest, SetAside.body)


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
    for row in stream(connection, ASIDE):
        counts["set_aside"] += 1
        if hashlib.sha256(row.body).hexdigest() != row.digest:
            yield finding("claim_altered", f"set-aside {row.kind} {row.subject_id}", why="its bytes changed")
    if counts["set_aside"]:
        yield finding("set_aside", connection.execute(select(func.count()).select_from(SetAside)).scalar())


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
