"""Accepted by the rule: covered by a closed draw, not drawn, nothing strong found, and five days gone since the draw."""

from datetime import datetime, timedelta

from sqlalchemy import Select, exists, select, update
from sqlalchemy.orm import Session

from ..db import utc_now
from ..domain import load_pack
from ..models import Batch, BatchVisit, Finding, Ruling, Visit
from ..models.journal import seal
from ..models.rulings import waits

GROUP_MAX = 50  # rulings in one transaction


def accept_by_rule(session: Session, now: datetime | None = None) -> int:
    """One group, oldest draw first; how many there were. The caller commits."""
    now = now or utc_now()
    found = session.execute(_due(now).limit(GROUP_MAX)).all()
    for visit_id, revision, batch_id in found:
        ruling = Ruling(
            visit_id=visit_id, revision=revision, result="pass", kind="rule", batch_id=batch_id, decided_at=now
        )
        session.add(ruling)
        session.execute(update(Visit).where(Visit.id == visit_id).values(ruled_revision=revision))
        seal(session, ruling, now, None, "ruled", visit=visit_id, result="pass", state="accepted", revision=revision)
    return len(found)


def _due(now: datetime) -> Select:
    days = timedelta(days=load_pack().files["spot_check"]["sampling"]["accepted_by_rule_days"])
    strong = exists().where(Finding.visit_id == Visit.id, Finding.revision == Visit.revision, Finding.level == "strong",
                            Finding.withdrawn_at.is_(None))  # fmt: skip
    rows = select(Visit.id, Visit.revision, Batch.id).join(BatchVisit, BatchVisit.visit_id == Visit.id)
    rows = rows.join(Batch, Batch.id == BatchVisit.batch_id)
    over = Batch.closed_at.is_not(None), Batch.drawn_at <= now - days, BatchVisit.reason.is_(None)
    return rows.where(*over, Visit.missing == 0, Visit.examined_at.is_not(None), waits(), ~strong).order_by(
        Batch.drawn_at, Visit.id
    )
