"""The station's own clock: when it is set by more than a minute, the audit chain says so, for every receipt carries its time."""

import time
from datetime import datetime, timedelta

from sqlalchemy import select

from ..db import db, writing
from ..models import AuditRow, Instance
from ..models.journal import append_audit

JUMP = timedelta(minutes=1)  # NTP moves a clock that it keeps by far less
STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # counts from the machine's start; nobody can set it


class ServerClock:
    """Looks again and again at how far the wall clock stands from the steady one."""

    def __init__(self) -> None:
        self._start: datetime | None = None

    def look(self, wall: datetime, steady_s: float) -> timedelta:
        """wall: UTC now; steady_s: seconds of STEADY. The jump since the last look, noted in the chain; zero when there was none.

        The first look asks the newest row instead: it cannot lie ahead of now unless the clock was set back meanwhile."""
        start = wall - timedelta(seconds=steady_s)
        jump = start - self._start if self._start else min(wall - (_newest() or wall), timedelta())
        if abs(jump) >= JUMP:
            _note(wall, jump)
        self._start = start
        return jump if abs(jump) >= JUMP else timedelta()


def _newest() -> datetime | None:
    return db.session.scalar(select(AuditRow.at).order_by(AuditRow.seq.desc()).limit(1))


def _note(wall: datetime, jump: timedelta) -> None:
    """Once, however many workers saw it."""
    same = select(AuditRow.seq).where(AuditRow.what == "clock_set", AuditRow.at.between(wall - JUMP, wall + JUMP))
    with writing() as session:
        if session.scalar(same.limit(1)) is None:
            instance = session.scalars(select(Instance.id)).one()
            append_audit(session, wall, None, "clock_set", "instance", instance, seconds=round(jump.total_seconds()))
