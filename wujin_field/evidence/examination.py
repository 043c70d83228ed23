"""All checks over one visit, and what they found as rows. Runs after the intake has committed; may be run again at any time.

A flag that no longer stands is withdrawn and stays readable; one that still stands keeps its row, its time, its answers.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, Select, exists, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from ..canonical import plain
from ..db import utc_now
from ..domain import Pack, load_pack
from ..models import Finding, Photo, Visit, VisitPhoto
from ..models.journal import append_audit
from . import chain, fullness, moment, numbers, pace, place, points, routine, sameness, speed
from .case import Case, Flag
from .found import current, findings_digest
from .learning import learn
from .likeness import Likeness
from .rules import version

CHECKS: dict[Callable[[Case], Iterator[Flag]], tuple[str, ...]] = {
    place.check: ("far_from_venue", "datum_shift_suspected", "stale_position", "no_position", "poor_accuracy"),
    points.check: ("repeated_exact_point",),
    moment.check: ("time_outside_visit", "clock_moved", "clock_wrong", "late_sync", "night"),
    sameness.check: ("same_photo_exact", "same_photo_near", "self_certified_fix", "twice_recorded"),
    speed.check: ("impossible_speed",),
    pace.check: ("too_short", "burst", "qr_away_from_venue", "month_end_batch"),
    fullness.check: ("incomplete", "picked_from_gallery", "qr_retired"),
    chain.check: ("chain_fork", "chain_gap", "not_signed"),
    numbers.check: ("odd_numbers",),
    routine.check: ("all_ok_streak", "copied_text"),
}
GROUP_MAX = 16  # visits in one transaction, so that nobody waits long for the write lock


@dataclass(frozen=True)
class Looked:
    """What was found on one revision of one visit."""

    visit_id: str
    revision: int
    flags: tuple[Flag, ...]


class Examination:
    """station_key: the raw public key that beacons are signed with."""

    def __init__(self, engine: Engine, station_key: bytes):
        self._engine, self._key = engine, station_key
        self._likeness = Likeness()

    def examine_waiting(self, now: datetime | None = None) -> int:
        """One group of those nobody has looked at, oldest first; how many there were."""
        return self._examine(_waiting(), now or utc_now())

    def examine_again(self, since: datetime, until: datetime, now: datetime | None = None) -> Iterator[int]:
        """Every visit received in that time; how many after each group."""
        ids = select(Visit.id).where(Visit.received_at.between(since, until)).order_by(Visit.received_at, Visit.id)
        with Session(self._engine) as session:
            todo = list(session.scalars(ids))
        for at in range(0, len(todo), GROUP_MAX):
            some = todo[at : at + GROUP_MAX]
            self._examine(
                select(Visit).where(Visit.id.in_(some)).order_by(Visit.received_at, Visit.id), now or utc_now()
            )
            yield at + len(some)

    def look(self, session: Session, visit: Visit, pack: Pack) -> tuple[Flag, ...]:
        """All flags of one visit, nothing written."""
        return tuple(look(Case(session, visit, pack, self._likeness, self._key)))

    def catch_up(self, session: Session, pack: Pack, now: datetime) -> None:
        """Load the hashes that came since; needed once before `look`."""
        self._likeness.catch_up(session, now - timedelta(days=pack["flag"]["same_photo_near"]["window_days"]))

    def _examine(self, which: Select, now: datetime) -> int:
        pack = load_pack()
        with Session(self._engine) as session:
            self.catch_up(session, pack, now)
            visits = list(session.scalars(whole(which)).unique())
            found = [Looked(visit.id, visit.revision, self.look(session, visit, pack)) for visit in visits]
        if found:
            with Session(self._engine.execution_options(writing=True)) as session, session.begin():
                for looked in found:
                    record(session, looked, version(pack), now)
                learn(session, [looked.visit_id for looked in found], self._likeness, pack, now)
        return len(found)


def look(case: Case, checks: dict | None = None) -> Iterator[Flag]:
    """One broken check costs its own findings and nothing else."""
    for check in checks or CHECKS:
        try:
            yield from list(check(case))
        except Exception as error:
            print(
                f"wujin: {check.__module__} on visit {case.visit.id}: {type(error).__name__}",
                file=sys.stderr,
                flush=True,
            )


def record(session: Session, looked: Looked, rules: str, now: datetime) -> None:
    """Bring the rows to what was found now, unless a newer revision came meanwhile."""
    visit = session.get(Visit, looked.visit_id, options=[selectinload(Visit.photos)])
    if visit is None or visit.revision != looked.revision:
        return
    standing = {_name(row.code, row.level, row.detail): row for row in current(session, visit)}
    fresh = {_name(flag.code, flag.level, flag.detail): flag for flag in looked.flags}
    for name in standing.keys() - fresh.keys():
        standing[name].withdrawn_at = now
    for name in fresh.keys() - standing.keys():
        session.add(_row(visit, fresh[name], rules, now))
    visit.examined_at = now
    if standing.keys() != fresh.keys():
        session.flush()
        digest = findings_digest(session, visit.id)
        append_audit(session, now, None, "examined", "finding", visit.id, digest=digest, rules=rules)
    if any(flag.code == "datum_shift_suspected" for flag in looked.flags):
        _look_again_at(session, visit)


def whole(which: Select) -> Select:
    """With all that the checks ask of a visit."""
    return which.options(joinedload(Visit.venue), joinedload(Visit.area), selectinload(Visit.photos))


def _waiting() -> Select:
    """Photos that are here but not yet looked at are waited for; photos still on their way are not."""
    unseen = exists().where(
        VisitPhoto.visit_id == Visit.id, Photo.sha256 == VisitPhoto.sha256, Photo.examined_at.is_(None)
    )
    rows = select(Visit).where(Visit.examined_at.is_(None), ~unseen)
    return rows.order_by(Visit.received_at, Visit.id).limit(GROUP_MAX)


def _name(code: str, level: str, detail: dict) -> bytes:
    return plain([code, level, detail])


def _row(visit: Visit, flag: Flag, rules: str, now: datetime) -> Finding:
    return Finding(visit_id=visit.id, revision=visit.revision, code=flag.code, level=flag.level, detail=flag.detail,
                   made_at=now, rules=rules)  # fmt: skip


def _look_again_at(session: Session, visit: Visit) -> None:
    """Those who were called far from this venue before it turned out to be the venue's fault."""
    blamed = select(Finding.visit_id).where(Finding.code == "far_from_venue", Finding.withdrawn_at.is_(None))
    others = update(Visit).where(Visit.venue_id == visit.venue_id, Visit.id != visit.id, Visit.id.in_(blamed))
    session.execute(others.values(examined_at=None), execution_options={"synchronize_session": False})
