"""Rollups kept exactly true: they follow the audit chain, which every change of a record adds a link to.

The intake pays nothing for them. Whoever reads catches up first: the records that changed since are counted anew, and
of the days they touch every sum. `rebuild` forgets all and counts from the records; the result is the same.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from sqlalchemy import delete, exists, func, insert, select
from sqlalchemy.orm import Session

from ..db import db, writing
from ..domain import Pack
from ..models import (
    Activity,
    ActivityTally,
    AuditRow,
    DayTally,
    Ruling,
    TallyMark,
    TallyUnit,
    VenueState,
    Visit,
    VisitTally,
)
from .counting import rules_of
from .daily import day_lines, state_lines
from .scopes import Trees, trees
from .tallying import activity_lines, visit_lines

FOLLOWED = ("activity", "visit", "ruling")
CHUNK = 400
TALLIES = (ActivityTally, TallyUnit, VisitTally, VenueState, DayTally, TallyMark)


def up_to_date(pack: Pack) -> None:
    """Before reading: everything acknowledged is counted. Commits on its own, and only when something changed."""
    if is_behind(db.session(), pack):
        with writing() as session:
            catch_up(session, pack)


def catch_up(session: Session, pack: Pack) -> None:
    """The same inside a write transaction of the caller's."""
    mark, seq = session.get(TallyMark, 1), _newest(session)
    if mark is None or mark.rules != rules_of(pack):
        rebuild(session, pack)
        return
    changed = _changed(session, mark.audit_seq)
    now = trees(session)
    if changed.keys() - set(FOLLOWED):
        if _moved(session, mark.trees, now.said()):
            rebuild(session, pack)
            return
        mark.trees = now.said()
    visits = changed.get("visit", set()) | _ruled(session, changed.get("ruling", set()))
    _recount(session, pack, now, changed.get("activity", set()), visits)
    mark.audit_seq = seq


def rebuild(session: Session, pack: Pack) -> None:
    """From the records alone. About a minute for a million visits."""
    seq, now = _newest(session), trees(session)
    for table in TALLIES:
        session.execute(delete(table))
    lonely = select(Visit.id).where(Visit.activity_id.not_in(select(Activity.id)))
    for ids in _chunks(session.scalars(lonely)):
        _write_visits(session, pack, set(), ids)
    for ids in _chunks(session.scalars(select(Activity.id))):
        _write_visits(session, pack, ids, set())
        _write_activities(session, pack, now, ids)
    for day in session.scalars(select(ActivityTally.day).distinct()).all():
        _write_day(session, pack, now, day)
    for venues in _chunks(
        session.scalars(select(VisitTally.venue_id).where(VisitTally.venue_id.is_not(None)).distinct())
    ):
        _write_venues(session, pack, venues)
    session.add(TallyMark(id=1, audit_seq=seq, rules=rules_of(pack), trees=now.said()))


def is_behind(session: Session, pack: Pack) -> bool:
    mark = session.execute(select(TallyMark.audit_seq, TallyMark.rules)).first()
    return mark is None or mark.audit_seq < _newest(session) or mark.rules != rules_of(pack)


def _newest(session: Session) -> int:
    return session.scalar(select(func.max(AuditRow.seq))) or 0


def _changed(session: Session, since: int) -> dict[str, set[str]]:
    """kind → ids that the chain named since."""
    found: dict[str, set[str]] = {}
    for kind, subject in session.execute(select(AuditRow.kind, AuditRow.subject_id).where(AuditRow.seq > since)):
        found.setdefault(kind, set()).add(subject)
    return found


def _ruled(session: Session, rulings: set[str]) -> set[str]:
    return {
        visit
        for ids in _chunks(rulings)
        for visit in session.scalars(select(Ruling.visit_id).where(Ruling.id.in_(ids)))
    }


def _moved(session: Session, then: dict, now: dict) -> bool:
    """Whether anything that was known stands elsewhere today, or a committee came or went where something was counted."""
    if any(now[tree].get(key) != ids for tree in ("areas", "units") for key, ids in then[tree].items()):
        return True
    came = {area for area in now["at_home"] | then["at_home"] if now["at_home"].get(area) != then["at_home"].get(area)}
    below = [area for area, above in now["areas"].items() if came & set(above)]
    return bool(session.scalar(select(exists().where(ActivityTally.area_id.in_(below)))))


def _recount(session: Session, pack: Pack, now: Trees, activities: set[str], visits: set[str]) -> None:
    """Old and new are looked at: a visit may have changed its activity, its venue, its day."""
    for ids in _chunks(visits):
        activities |= set(session.scalars(select(Visit.activity_id).where(Visit.id.in_(ids))))
        activities |= set(session.scalars(select(VisitTally.activity_id).where(VisitTally.visit_id.in_(ids))))
    days, venues = set[date](), set[str | None]()
    for ids in _chunks(activities):
        days |= set(session.scalars(select(ActivityTally.day).where(ActivityTally.activity_id.in_(ids))))
        venues |= set(session.scalars(select(VisitTally.venue_id).where(VisitTally.activity_id.in_(ids))))
        session.execute(delete(VisitTally).where(VisitTally.activity_id.in_(ids)))
    for ids in _chunks(activities):
        _write_visits(session, pack, ids, set())
        _write_activities(session, pack, now, ids)
        days |= set(session.scalars(select(ActivityTally.day).where(ActivityTally.activity_id.in_(ids))))
        venues |= set(session.scalars(select(VisitTally.venue_id).where(VisitTally.activity_id.in_(ids))))
    for day in sorted(days):
        _write_day(session, pack, now, day)
    for some in _chunks(venue for venue in venues if venue):
        _write_venues(session, pack, some)


def _write_visits(session: Session, pack: Pack, activities: set[str], visits: set[str]) -> None:
    _add(session, VisitTally, visit_lines(session, pack, activities, visits))


def _write_activities(session: Session, pack: Pack, now: Trees, ids: set[str]) -> None:
    for table in (ActivityTally, TallyUnit):
        session.execute(delete(table).where(table.activity_id.in_(ids)))
    lines, units = activity_lines(session, pack, now, ids)
    _add(session, ActivityTally, lines)
    _add(session, TallyUnit, units)


def _write_day(session: Session, pack: Pack, now: Trees, day: date) -> None:
    session.execute(delete(DayTally).where(DayTally.day == day))
    _add(session, DayTally, day_lines(session, pack, now, day))


def _write_venues(session: Session, pack: Pack, venues: set[str]) -> None:
    session.execute(delete(VenueState).where(VenueState.venue_id.in_(venues)))
    _add(session, VenueState, state_lines(session, pack, venues))


def _add(session: Session, table: type, lines: list[dict]) -> None:
    if lines:
        session.execute(insert(table.__table__), lines)  # type: ignore[attr-defined]


def _chunks(ids: Iterable[str]) -> Iterator[set[str]]:
    held = list(ids)
    for start in range(0, len(held), CHUNK):
        yield set(held[start : start + CHUNK])
