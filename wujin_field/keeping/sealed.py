"""Rows of ours that the audit chain knows by their digest: rulings, batches, answers, findings, hazards, sealed values."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, cast, func, select
from sqlalchemy import Text as SqlText

from ..canonical import plain
from ..models import (
    AuditRow,
    Batch,
    BatchVisit,
    CallBack,
    HazardAudit,
    LearntPicture,
    Ruling,
    SealedValue,
    Visit,
    VisitorAnswer,
)
from ..models import Finding as Found
from ..models.hazards import digest_of_hazard, hazards_with_steps
from ..models.journal import commitment_of, row_digest
from .findings import Finding, finding
from .reading import bare, ms, stream

SEALED: tuple[Any, ...] = (Ruling, Batch, CallBack, HazardAudit, VisitorAnswer, LearntPicture)
_DIGEST = AuditRow.detail["digest"].as_string()


def check(connection: Connection, counts: Counter) -> Iterator[Finding]:
    for model in SEALED:
        yield from _rows(connection, counts, model)
    yield from _samples(connection)
    yield from _findings(connection, counts)
    yield from _hazards(connection, counts)
    yield from _values(connection, counts)
    yield from _ruled(connection)


def _rows(connection: Connection, counts: Counter, model: Any) -> Iterator[Finding]:
    """Each row against the newest link that names it, and each link against its row."""
    kind, names = model.__tablename__, [column.key for column in model.__table__.columns]
    known, [key] = newest(kind), model.__table__.primary_key.columns
    rows = select(model.__table__, known.c.digest.label("sealed")).outerjoin(known, known.c.subject == bare(key))
    for row in stream(connection, rows):
        counts[f"{kind}{'es' if kind.endswith('h') else 's'}"] += 1
        if row.sealed is None or row.sealed != row_digest(row, names):
            yield finding("sealed_altered", f"{kind} {getattr(row, key.key)}")
    gone = select(known.c.subject).where(known.c.subject.not_in(select(bare(key))))
    for row in stream(connection, gone):
        yield finding("sealed_gone", f"{kind} {row.subject}")


def newest(kind: str) -> Any:
    """subject without dashes → digest in the newest audit row about it."""
    last = (
        select(func.max(AuditRow.seq)).where(AuditRow.kind == kind, _DIGEST.is_not(None)).group_by(AuditRow.subject_id)
    )
    rows = select(func.replace(cast(AuditRow.subject_id, SqlText), "-", "").label("subject"), _DIGEST.label("digest"))
    return rows.where(AuditRow.seq.in_(last)).subquery()


def _samples(connection: Connection) -> Iterator[Finding]:
    """A batch's lines are sealed as one: whoever adds or takes away a visit afterwards is found."""
    for batch in connection.execute(select(Batch.id, Batch.number, Batch.sample_digest)).all():
        lines = select(
            BatchVisit.visit_id, BatchVisit.stratum, BatchVisit.reason, ms(BatchVisit.second), BatchVisit.place
        )
        rows = connection.execute(lines.where(BatchVisit.batch_id == batch.id).order_by(BatchVisit.place)).all()
        told = [[row.visit_id, row.stratum, row.reason, _truth(row.second)] for row in rows]
        in_order = [row.place for row in rows] == list(range(1, len(rows) + 1))
        if not in_order or hashlib.sha256(plain(told)).hexdigest() != batch.sample_digest:
            yield finding("sealed_altered", f"sample of batch {batch.number}")


def _truth(stored: int) -> bool | int:
    """1 and 0 are yes and no; any other number was put there by somebody else."""
    return bool(stored) if stored in (0, 1) else stored


def _findings(connection: Connection, counts: Counter) -> Iterator[Finding]:
    """All findings of one visit are sealed together, in the link of its newest examination."""
    known, names = newest("finding"), [column.key for column in Found.__table__.columns]
    sealed = {row.subject: row.digest for row in connection.execute(select(known))}
    digests: list[str] = []
    subject = None
    for row in stream(connection, select(Found.__table__).order_by(Found.visit_id, Found.id)):
        counts["findings"] += 1
        if subject and row.visit_id != subject:
            yield from _sealed_together(subject, digests, sealed)
            digests = []
        subject = row.visit_id
        digests.append(row_digest(row, names))
    if subject:
        yield from _sealed_together(subject, digests, sealed)
    for lost in sealed:
        yield finding("sealed_gone", f"findings of visit {lost}")


def _sealed_together(visit_id: str, digests: list[str], sealed: dict[str, str]) -> Iterator[Finding]:
    if sealed.pop(visit_id.replace("-", ""), None) != hashlib.sha256(plain(digests)).hexdigest():
        yield finding("sealed_altered", f"findings of visit {visit_id}")


def _hazards(connection: Connection, counts: Counter) -> Iterator[Finding]:
    """Each hazard together with its steps, in the newest link that names it."""
    sealed = {row.subject: row.digest for row in connection.execute(select(newest("hazard")))}
    for hazard_id, rows in groupby(stream(connection, hazards_with_steps()), lambda row: row.id):
        counts["hazards"] += 1
        if sealed.pop(str(hazard_id).replace("-", ""), None) != digest_of_hazard(list(rows)):
            yield finding("sealed_altered", f"hazard {hazard_id}")
    for lost in sealed:
        yield finding("sealed_gone", f"hazard {lost}")


def _ruled(connection: Connection) -> Iterator[Finding]:
    """visit.ruled_revision keeps a visit out of the queue: no ruling, no such number."""
    newest = func.coalesce(func.max(Ruling.revision), 0)
    about = (Ruling.visit_id == Visit.id) & (Ruling.kind != "second")
    rows = select(Visit.id, Visit.ruled_revision, newest.label("true")).outerjoin(Ruling, about)
    for row in stream(connection, rows.group_by(Visit.id, Visit.ruled_revision).having(Visit.ruled_revision != newest)):
        yield finding("ruling_miscounted", row.id, said=row.ruled_revision, true=row.true)


def _values(connection: Connection, counts: Counter) -> Iterator[Finding]:
    """What is still readable must be what was committed to; what was erased is gone without a trace to check."""
    for row in stream(connection, select(SealedValue.commitment, SealedValue.salt, SealedValue.value)):
        counts["sealed_values"] += 1
        if commitment_of(row.salt, row.value) != row.commitment:
            yield finding("sealed_altered", f"value {row.commitment}")
