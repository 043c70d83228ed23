"""What waits is quickly found: a hazard bears its state, a visit the revision that was ruled on; both are sealed or counted.

From here on the audit chain knows hazards with their steps, and learnt pictures, by their digests (keeping/sealed.py): those
that there are already are sealed as they stand.
"""

import hashlib
import time
from datetime import date
from itertools import groupby

import rfc8785
import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

ID = sa.Uuid(as_uuid=False)
HAZARD = {"id": ID, "visit_id": ID, "venue_id": ID, "item": sa.Text, "category": sa.Text, "severity": sa.Text,
          "text": sa.Text, "photo": sa.Text, "fixed_on_spot": sa.Boolean, "responsible_party": sa.Text, "measure": sa.Text,
          "found_at": sa.BigInteger, "found_by_id": ID, "due": sa.Date, "station_id": ID, "year": sa.Integer,
          "number": sa.Integer, "state": sa.Text}  # fmt: skip
STEP = {"id": ID, "hazard_id": ID, "step": sa.Text, "state": sa.Text, "at": sa.BigInteger, "recorded_at": sa.BigInteger,
        "by_id": ID, "note": sa.Text, "how": sa.Text, "party": sa.Text, "reference": sa.Text, "photo": sa.Text,
        "visit_id": ID}  # fmt: skip
ASIDE = {"id": ID, "kind": sa.Text, "subject_id": ID, "revision": sa.Integer, "digest": sa.Text, "body": sa.LargeBinary,
         "reason": sa.Text, "device_id": ID, "received_at": sa.BigInteger, "signature": sa.LargeBinary,
         "decision": sa.Text, "decided_at": sa.BigInteger, "decided_by_id": ID}  # fmt: skip
LEARNT = {"dhash": sa.Text, "learnt_at": sa.BigInteger, "learnt_by_id": ID}
LINK = {"at": sa.BigInteger, "who": sa.Text, "what": sa.Text, "kind": sa.Text, "subject_id": sa.Text, "detail": sa.JSON,
        "prev": sa.Text, "hash": sa.Text}  # fmt: skip


def upgrade() -> None:
    op.add_column("hazard", sa.Column("state", sa.Text(), nullable=False, server_default="open"))
    op.add_column("visit", sa.Column("ruled_revision", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE hazard SET state = coalesce((SELECT s.state FROM hazard_step s WHERE s.hazard_id = hazard.id "
        "ORDER BY s.recorded_at DESC, s.id DESC LIMIT 1), 'open')"
    )
    op.execute(
        "UPDATE visit SET ruled_revision = coalesce((SELECT max(r.revision) FROM ruling r WHERE r.visit_id = visit.id "
        "AND r.kind <> 'second'), 0)"
    )
    op.create_index("hazard_by_state", "hazard", ["state", "due", "id"])
    op.drop_index("hazard_serious", "hazard")
    _partial("hazard_serious", "hazard", ["state"], "severity = 'serious'")
    _partial("visit_waiting", "visit", ["received_at", "id"], "ruled_revision <> revision")
    _seal_what_there_is()


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _seal_what_there_is() -> None:
    line, chain = op.get_bind(), _Chain()
    hazard, step, learnt = _table("hazard", HAZARD), _table("hazard_step", STEP), _table("learnt_picture", LEARNT)
    steps = {
        hazard_id: [_told(row, STEP) for row in rows]
        for hazard_id, rows in groupby(
            line.execute(sa.select(step).order_by(step.c.hazard_id, step.c.recorded_at, step.c.id)),
            lambda row: row.hazard_id,
        )
    }
    for row in line.execute(sa.select(hazard).order_by(hazard.c.id)).all():
        chain.add("hazard", row.id, [_told(row, HAZARD), *steps.get(row.id, [])])
    for row in line.execute(sa.select(learnt).order_by(learnt.c.dhash)).all():
        chain.add("learnt_picture", row.dhash, _told(row, LEARNT))
    aside = _table("set_aside", ASIDE)
    for row in line.execute(sa.select(aside).where(aside.c.decision.is_not(None)).order_by(aside.c.id)).all():
        chain.add("set_aside", row.id, _told(row, ASIDE))


class _Chain:
    """New links at the end of the audit chain, as models/journal.py made them when this was written."""

    def __init__(self) -> None:
        self._line, self._audit = op.get_bind(), _table("audit", LINK)
        newest = sa.text("SELECT hash FROM audit ORDER BY seq DESC LIMIT 1")
        self._prev, self._now = self._line.execute(newest).scalar() or "0" * 64, time.time_ns() // 1_000_000

    def add(self, kind: str, subject: str, told: list | dict) -> None:
        digest = hashlib.sha256(rfc8785.dumps(told)).hexdigest()
        row = {
            "at": self._now,
            "who": None,
            "what": "sealed",
            "kind": kind,
            "subject_id": subject,
            "detail": {"digest": digest},
        }
        made = hashlib.sha256(self._prev.encode() + rfc8785.dumps(row)).hexdigest()
        self._line.execute(sa.insert(self._audit).values(**row, prev=self._prev, hash=made))
        self._prev = made


def _table(name: str, columns: dict) -> sa.TableClause:
    return sa.table(name, *(sa.column(column, kind) for column, kind in columns.items()))


def _told(row: sa.Row, names: dict) -> dict:
    return {name: _bare(value) for name, value in zip(names, row, strict=True)}


def _bare(value: object) -> object:
    """As it is hashed: days as ISO text, bytes as hex; moments are ms already."""
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, date) else value
