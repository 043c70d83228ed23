"""Sums of a day for every unit and area, and the state of a venue: from the tallies of single records."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Integer, Row, case, func, select
from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import ActivityTally, TallyUnit, VisitTally
from .scopes import Trees

CUTS = ("place_type", "delivery", "form", "context", "activity_kind")  # five ways to cut the same number (C4.11)
SUMS = ("progress", "final", "visits", "pictures", "short", "people", "registrations", "reach")
NOTHING = dict.fromkeys(SUMS, 0)


def day_lines(session: Session, pack: Pack, trees: Trees, day: date) -> list[dict]:
    """Lines of day_tally for one local day: every scope that had something to count."""
    units = defaultdict(set)
    for unit, activity in session.execute(select(TallyUnit.unit_id, TallyUnit.activity_id).where(TallyUnit.day == day)):
        units[activity].add(unit)
    enough = pack["quota"]["village_month_entries"]["photos_per_entry_min"]
    alike: dict[
        tuple, list[int]
    ] = {}  # nearly all of a village's activities count for the same scopes: add them up first
    columns = ActivityTally.__table__.c
    for tally in session.execute(select(*columns).where(columns.day == day, columns.progress == 1)):
        scopes = frozenset(units[tally.activity_id]).union(trees.areas.get(tally.area_id, ()))
        for cut, code in cells(tally):
            _add(alike, (scopes, cut, code), _numbers(tally, enough) if cut == "all" else (tally.progress, tally.final))
    sums: dict[tuple, list[int]] = {}
    for (scopes, cut, code), numbers in alike.items():
        for scope in scopes:
            _add(sums, (scope, cut, code), numbers)
    return [
        {"scope_id": scope, "cut": cut, "code": code, "day": day, **NOTHING, **dict(zip(SUMS, numbers, strict=False))}
        for (scope, cut, code), numbers in sums.items()
    ]


def _add(sums: dict[tuple, list[int]], key: tuple, numbers: Sequence[int]) -> None:
    held = sums.get(key)
    sums[key] = list(numbers) if held is None else [have + more for have, more in zip(held, numbers, strict=True)]


def cells(tally: Any) -> Iterator[tuple[str, str]]:
    """(cut, code) of every sum that this activity stands in."""
    yield "all", ""
    for cut in CUTS:
        yield cut, getattr(tally, cut)
    for code in tally.audiences:
        yield "audience", code
    for code in tally.quotas:
        yield "quota", code
        yield "quota", f"{code}/{tally.place_type}"


def _numbers(tally: Row, enough: int) -> tuple[int, ...]:
    short = int(tally.pictures < enough)
    heads = tally.people, tally.registrations, tally.reach
    return tally.progress, tally.final, tally.visits, tally.pictures, short, *heads


def state_lines(session: Session, pack: Pack, venues: set[str]) -> list[dict]:
    """Lines of venue_state for these venues; verified by the checklist that a quota of places asks for."""
    templates = [quota["requires_template"] for quota in pack["quota"].values() if "requires_template" in quota]
    here, checked = VisitTally.reached == 1, VisitTally.template.in_(templates)
    good, sure = here & (VisitTally.progress == 1), here & (VisitTally.final == 1)
    rows = select(
        VisitTally.venue_id, func.sum(case((good, 1), else_=0), type_=Integer()).label("visits"),
        _newest(good).label("last_day"), _newest(sure).label("last_final_day"),
        _newest(good & checked).label("verified_on"), _newest(sure & checked).label("verified_final_on"),
    )  # fmt: skip
    rows = rows.where(VisitTally.venue_id.in_(venues)).group_by(VisitTally.venue_id)
    return [dict(row._mapping) for row in session.execute(rows)]


def _newest(which):
    return func.max(case((which, VisitTally.day)))
