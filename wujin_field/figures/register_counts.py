"""Quotas that registers answer: works and cases sent in, joint reports, pilots under way (domain.md D, R25, R98, R196, R200)."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import RegisterEntry, Unit
from ..periods import Period, year_of
from .scopes import trees

Counted = dict[tuple[str, str | None], tuple[int, int]]
KIND_OF = {"work": "work_submission", "case": "case_submission"}
SENT, ACCEPTED = ("submitted", "accepted", "selected", "published"), ("accepted", "selected", "published")
UNDER_WAY = ("cultivating", "self_assessed", "accepted", "named", "looked_at_again", "kept")


def submissions(session: Session, _pack: Pack, quota: Mapping, units: Sequence[Unit], period: Period) -> Counted:
    """Works or cases of the period: submitted ones are progress, accepted ones final. Joint reports have no such life."""
    wanted = quota["filter"]
    if "submission" in wanted:
        kinds = [KIND_OF[code] for code in wanted["submission"]]
        return _counted(session, units, period, kinds, lambda entry: (entry.state in SENT, entry.state in ACCEPTED))
    return _counted(session, units, period, ["media_release"], lambda entry: (bool(entry.units),) * 2)


def pilots(session: Session, _pack: Pack, quota: Mapping, units: Sequence[Unit], period: Period) -> Counted:
    """Sites being cultivated or further, chosen by the end of the period; by place type where the quota goes by it."""
    since_ever = Period(date.min, year_of(period.last).last, period.key)
    by_type = "place_type" in quota.get("group_by", [])
    return _counted(session, units, since_ever, ["demonstration_site"], lambda entry: (entry.state in UNDER_WAY,) * 2,
                    (lambda entry: entry.values["place_type"]) if by_type else None)  # fmt: skip


def _counted(
    session: Session, units: Sequence[Unit], period: Period, kinds: list[str],
    good: Callable[[RegisterEntry], tuple[bool, bool]], group: Callable[[RegisterEntry], str] | None = None,
) -> Counted:  # fmt: skip
    """An entry counts for its own unit and for every unit above it, once."""
    rows = select(RegisterEntry).where(RegisterEntry.kind.in_(kinds), RegisterEntry.void_reason.is_(None))
    entries = session.scalars(rows.where(RegisterEntry.day.between(period.first, period.last))).all()
    above, asked = trees(session).units, {unit.id for unit in units}
    progress = Counter[tuple[str, str | None]]()
    final = Counter[tuple[str, str | None]]()
    for entry in entries:
        sent, accepted = good(entry)
        for key in _keys(entry, above, asked, group):
            progress[key] += sent
            final[key] += accepted
    return {key: (progress[key], final[key]) for key in progress}


def _keys(
    entry: RegisterEntry, above: Mapping[str, Iterable[str]], asked: set[str],
    group: Callable[[RegisterEntry], str] | None,
) -> list[tuple[str, str | None]]:  # fmt: skip
    code = group(entry) if group else None
    return [(unit, code) for unit in above.get(entry.unit_id, ()) if unit in asked]
