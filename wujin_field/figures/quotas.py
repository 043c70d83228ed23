"""How a unit stands against its quotas: done, wanted, still missing, days left (domain.md D). Call tallies.up_to_date first.

A figure is never a ranking: lines come in the order of the pack and of the units given.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import Area, DayTally, Unit, Venue, VenueState, VisitTally
from ..periods import Period
from .joint import campaigns_measured
from .quota_periods import periods_of
from .register_counts import pilots, submissions

Numbers = tuple[int, int]
NONE: Numbers = (0, 0)


@dataclass(frozen=True)
class Line:
    """One quota, one unit, one period, and one place type where the quota goes by them.

    done: progress (submitted and accepted); final: accepted alone, for scores. wanted: the number asked for, of a ratio
    what makes it whole; out_of: of a ratio how many there are. most: a plan, never a limit. known: False where nothing
    is kept that could be counted yet.
    """

    quota: Mapping
    unit_id: str
    period: Period
    place_type: str | None
    done: int
    final: int
    wanted: int
    out_of: int | None = None
    known: bool = True

    @property
    def missing(self) -> int:
        return max(0, self.wanted - self.done)

    @property
    def most(self) -> int | None:
        return self.quota.get("max")

    @property
    def scored(self) -> bool:
        """A part week, and a wording that the station has not confirmed, are shown and not scored."""
        return self.period.scored and self.quota["confirmed"] and self.quota.get("scored", True)


def quota_lines(session: Session, pack: Pack, units: Sequence[Unit], day: date) -> list[Line]:
    """Every line of these units for the periods that hold this local day."""
    quotas = [quota for quota in pack["quota"].values() if quota.get("enabled", True)]
    return [line for quota in quotas for line in lines_of(session, pack, quota, units, day)]


def lines_of(session: Session, pack: Pack, quota: Mapping, units: Sequence[Unit], day: date) -> list[Line]:
    """The lines of one quota; empty for units that it does not name."""
    asked = [unit for unit in units if applies(quota, unit)]
    if not asked:
        return []
    return [line for period in periods_of(pack, quota, day) for line in _measured(session, pack, quota, asked, period)]


def applies(quota: Mapping, unit: Unit) -> bool:
    """Communities are asked for a drill, villages are not (R148): a quota names the kinds it means."""
    if "each_unit_code" in quota:
        return unit.code in quota["each_unit_code"]
    kinds = quota.get("each") or ([] if "each_venue" in quota else [quota.get("subject")])
    return unit.unit_kind in ["coordinating_office" if kind == "joint" else kind for kind in kinds]


def _measured(session: Session, pack: Pack, quota: Mapping, units: list[Unit], period: Period) -> list[Line]:
    measure = MEASURES.get(quota["measure"])
    if measure is None:  # pilots, works and cases stand in registers
        counter = COUNTERS.get(quota["measure"])
        counted = counter(session, pack, quota, units, period) if counter else None
        found = _numbered(quota, units, counted or {}, _groups(pack, quota))
        known = counted is not None
        return [_line(quota, unit, period, group, numbers, known) for unit, group, numbers in found]
    return measure(session, pack, quota, units, period)


def _line(quota: Mapping, unit: str, period: Period, group: str | None, numbers: Numbers, known: bool = True) -> Line:
    return Line(quota, unit, period, group, numbers[0], numbers[1], quota["min"], known=known)


def _groups(pack: Pack, quota: Mapping) -> list[str | None]:
    if "place_type" not in quota.get("group_by", []):
        return [None]
    wanted = quota.get("filter", {})
    return wanted.get("place_type") or [code for code, place in pack["place_type"].items() if place.get("five_entries")]


def _numbered(quota: Mapping, units: list[Unit], counted: Mapping, groups: list[str | None]):
    for unit in units:
        for group in groups:
            yield unit.id, group, counted.get((unit.id, group), NONE)


def _activities(session: Session, pack: Pack, quota: Mapping, units: list[Unit], period: Period) -> list[Line]:
    groups = _groups(pack, quota)
    codes = {f"{quota['code']}/{group}" if group else quota["code"]: group for group in groups}
    sums = cell_sums(session, [unit.id for unit in units], "quota", list(codes), period)
    counted = {(scope, codes[code]): numbers for (scope, code), numbers in sums.items()}
    return [
        _line(quota, unit, period, group, numbers) for unit, group, numbers in _numbered(quota, units, counted, groups)
    ]


def cell_sums(
    session: Session, scopes: list[str], cut: str, codes: list[str] | None, period: Period
) -> dict[tuple[str, str], Numbers]:
    """(scope id, code) → (progress, final) of one cut; scopes are units or areas."""
    sums = func.sum(DayTally.progress), func.sum(DayTally.final)
    rows = select(DayTally.scope_id, DayTally.code, *sums).where(DayTally.scope_id.in_(scopes), DayTally.cut == cut)
    rows = rows.where(DayTally.day.between(period.first, period.last)).group_by(DayTally.scope_id, DayTally.code)
    rows = rows if codes is None else rows.where(DayTally.code.in_(codes))
    return {(scope, code): (int(done), int(final)) for scope, code, done, final in session.execute(rows)}


def _areas(session: Session, pack: Pack, quota: Mapping, units: list[Unit], period: Period) -> list[Line]:
    """Areas with at least one activity, of all that there are."""
    lines = []
    for unit in units:
        areas = areas_below(session, unit, quota["filter"]["area_kind"])
        sums = cell_sums(session, [area.id for area in areas], "quota", [quota["code"]], period)
        done, final = (sum(bool(numbers[which]) for numbers in sums.values()) for which in (0, 1))
        wanted = ceil(len(areas) * quota["min_ratio"]) if "min_ratio" in quota else quota["min"]
        lines.append(Line(quota, unit.id, period, None, done, final, wanted, len(areas)))
    return lines


def areas_below(session: Session, unit: Unit, kinds: list[str]) -> list[Area]:
    """Active areas of these kinds inside the unit's own, in administrative order."""
    inside = Area.path.startswith(unit.area.path, autoescape=True)
    return list(session.scalars(select(Area).where(inside, Area.area_kind.in_(kinds), Area.active).order_by(Area.path)))


def _venues(session: Session, pack: Pack, quota: Mapping, units: list[Unit], period: Period) -> list[Line]:
    """Different venues reached in the period, of all that are active there."""
    lines = []
    for unit in units:
        held = session.execute(venues_of_quota(quota, unit).add_columns(*_reached(period))).all()
        done, final = sum(bool(row[1]) for row in held), sum(bool(row[2]) for row in held)
        wanted = ceil(len(held) * quota["min_ratio"]) if "min_ratio" in quota else quota["min"]
        lines.append(Line(quota, unit.id, period, None, done, final, wanted, len(held)))
    return lines


def venues_of_quota(quota: Mapping, unit: Unit):
    """Active venues of the quota's kinds or types inside the unit's area."""
    rows = select(Venue.id).join(Area, Area.id == Venue.area_id)
    wanted = quota["filter"]
    kinds: list[ColumnElement[bool]] = [
        getattr(Venue, column).in_(wanted[column]) for column in ("venue_kind", "place_type") if column in wanted
    ]
    return rows.where(Venue.active, Area.path.startswith(unit.area.path, autoescape=True), *kinds)


def _reached(period: Period) -> list[ColumnElement[bool]]:
    """Since the period began. A period that is over is asked of the visits themselves."""
    inside = (VisitTally.venue_id == Venue.id) & VisitTally.day.between(period.first, period.last)
    here = inside & (VisitTally.reached == 1)
    return [
        select(VisitTally.visit_id).where(here, VisitTally.progress == 1).exists(),
        select(VisitTally.visit_id).where(here, VisitTally.final == 1).exists(),
    ]


def _places(session: Session, pack: Pack, quota: Mapping, units: list[Unit], period: Period) -> list[Line]:
    """A stock: venues that are there and were verified on the spot lately, by the checklist and not in an office."""
    days = quota["filter"].get("verified_within_days")
    since = period.last - timedelta(days=days) if days else date.min
    lines = []
    for unit in units:
        rows = venues_of_quota(quota, unit).add_columns(VenueState.verified_on, VenueState.verified_final_on)
        held = session.execute(rows.join(VenueState, VenueState.venue_id == Venue.id)).all()
        done, final = (sum(bool(row[which] and row[which] >= since) for row in held) for which in (1, 2))
        lines.append(Line(quota, unit.id, period, None, done, final, quota["min"]))
    return lines


MEASURES = {"activities": _activities, "areas": _areas, "venues": _venues, "places": _places}
# measure → counter(session, pack, quota, units, period) → {(unit id, place type or None): (progress, final)}
COUNTERS = {"submissions": submissions, "pilots": pilots, "campaigns": campaigns_measured}


def by_unit(lines: Sequence[Line]) -> dict[str, list[Line]]:
    grouped = defaultdict(list)
    for line in lines:
        grouped[line.unit_id].append(line)
    return dict(grouped)
