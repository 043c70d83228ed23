"""The automatic half of a score sheet, as assessment.toml says. Call tallies.up_to_date first.

What a unit is not asked for, or what nothing can be said of yet, takes no points from it: the rest is scaled to 100.
Finding more hazards never lowers a score; people are never scored (rules of the sheet, invariant C4.13).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import ScoreSheet, Unit
from ..periods import Period, quarter_of, year_of
from .closing import hazards, plan_rows, spot_checks
from .deadlines import dues_of_year, duty_began, standings
from .quota_periods import periods_of
from .quotas import Line, applies, lines_of

KINDS = ("station", "village_committee", "community_committee", "department", "township", "zone", "enterprise_group")
"""Of whom there is a sheet."""
CHECKED = "checked"


@dataclass(frozen=True)
class Mark:
    """One item. points: what can be earned by now, score: what was, both in halves; open: points of what is not due yet.

    done, wanted: the number beside the score; days_late: of papers. asked: False where the item is none of the unit's.
    """

    group: str
    code: str
    points: float = 0
    score: float = 0
    open: float = 0
    done: int = 0
    wanted: int = 0
    days_late: int = 0
    asked: bool = True


@dataclass(frozen=True)
class Asking:
    session: Session
    pack: Pack
    unit: Unit
    period: Period
    today: date


def sheet_period(key: str) -> Period:
    """2026 or 2026-Q3, of this century. Raises ValueError."""
    year, dash, quarter = key.partition("-Q")
    if not 2000 <= int(year) < 2100:
        raise ValueError(key)
    if dash:
        return quarter_of(date(int(year), 3 * int(quarter) - 2, 1))
    return year_of(date(int(year), 1, 1))


def marks(session: Session, pack: Pack, unit: Unit, period: Period, today: date) -> list[Mark]:
    """One mark per item of the sheet, in its order."""
    asking = Asking(session, pack, unit, period, min(today, period.last))
    groups = pack.files["assessment"]["group"]
    return [_mark(asking, group["code"], item) for group in groups for item in group["item"]]


def total(found: list[Mark], checked: Mapping[str, float] | None = None) -> float | None:
    """Out of 100, in halves: earned of what could be earned. checked: item → score that a person gave. None: nothing yet."""
    could = sum(mark.points for mark in found if mark.asked)
    given = checked or {}
    earned = sum(given.get(mark.code, mark.score) for mark in found if mark.asked and mark.points)
    return halves(100 * earned / could) if could else None


def newest_sheet(session: Session, unit_id: str, period: str) -> ScoreSheet | None:
    rows = select(ScoreSheet).where(ScoreSheet.unit_id == unit_id, ScoreSheet.period == period)
    return session.scalars(rows.order_by(ScoreSheet.version.desc()).limit(1)).first()


def published_total(sheet: ScoreSheet) -> float | None:
    """None before it is published: nobody is told a score that may change."""
    if not sheet.published_at:
        return None
    given = {item: line[CHECKED] for item, line in sheet.marks.items() if CHECKED in line}
    return total([Mark(**line) for line in sheet.frozen or []], given)


def grade(pack: Pack, points: float) -> Mapping:
    return next(one for one in pack.files["assessment"]["grade"] if points >= one["min"])


def halves(points: float) -> float:
    return int(points * 2 + 0.5) / 2


def _mark(asking: Asking, group: str, item: Mapping) -> Mark:
    if asking.unit.unit_kind in item.get("not_for", []):
        return Mark(group, item["code"], asked=False)
    if "counts" in item:
        return _counted(asking, group, item)
    return WAYS[item["way"]](asking, group, item)


def _days_late(asking: Asking, group: str, item: Mapping) -> Mark:
    """Full when on time, less each day, nothing when it never came; papers not due yet stay open."""
    dues = [due for due in dues_of_year(asking.pack, asking.period.first.year)
            if due.code == item["deadline"] and due.due in asking.period]  # fmt: skip
    lines = standings(asking.session, asking.pack, dues, [asking.unit])
    if not lines:
        return Mark(group, item["code"], asked=False)
    share, score, points, late = item["points"] / len(lines), 0.0, 0.0, 0
    due_by_now = [line for line in lines if line.state(asking.today) != "open"]
    for line in due_by_now:
        points += share
        score += max(0.0, share - item["per_day"] * line.days_late) if line.sent else 0
        late += line.days_late
    in_time = sum(line.state(asking.today) == "on_time" for line in due_by_now)
    return Mark(group, item["code"], halves(points), halves(score), halves(item["points"] - points), in_time,
                len(due_by_now), late)  # fmt: skip


def _ratio(asking: Asking, group: str, item: Mapping) -> Mark:
    """Weeks that reached their number of full weeks; of other quotas what was done of what was wanted."""
    lines = list(_lines(asking, item))
    whole = [line for line in lines if line.scored and (line.period.last <= asking.today or len(lines) == 1)]
    if not lines:
        return Mark(group, item["code"], asked=False)
    if not whole:
        return Mark(group, item["code"], open=item["points"])
    share = sum(min(line.final / line.wanted, 1.0) if line.wanted else 1.0 for line in whole) / len(whole)
    if "week" in item["code"]:
        share = sum(line.final >= line.wanted for line in whole) / len(whole)
        return _earned(group, item, share, sum(line.final >= line.wanted for line in whole), len(whole))
    return _earned(group, item, share, sum(line.final for line in whole), sum(line.wanted for line in whole))


def _yes_no(asking: Asking, group: str, item: Mapping) -> Mark:
    lines = list(_lines(asking, item))
    if not lines:
        return Mark(group, item["code"], asked=False)
    met = all(line.final >= line.wanted for line in lines)
    return _earned(group, item, float(met), sum(line.final for line in lines), sum(line.wanted for line in lines))


def _per_unit(asking: Asking, group: str, item: Mapping) -> Mark:
    lines = list(_lines(asking, item))
    if not lines:
        return Mark(group, item["code"], asked=False)
    done = sum(line.final for line in lines)
    return _earned(
        group, item, min(done * item["per"], item["cap"]) / item["points"], done, sum(line.wanted for line in lines)
    )


def _counted(asking: Asking, group: str, item: Mapping) -> Mark:
    """Nothing to judge (no plan row due, no hazard found, too few drawn) gives the points to the rest."""
    done, of = COUNTS[item["counts"]](asking.session, asking.unit, asking.period, asking.today)
    if of < item.get("at_least", 1):
        return Mark(group, item["code"], done=done, wanted=of, asked=False)
    return _earned(group, item, done / of, done, of)


def _earned(group: str, item: Mapping, share: float, done: int, wanted: int) -> Mark:
    return Mark(group, item["code"], item["points"], halves(item["points"] * share), 0, done, wanted)


def _lines(asking: Asking, item: Mapping) -> Iterator[Line]:
    """The lines of the item's quotas for every period of theirs that began by today, each once."""
    codes = item["quota"] if isinstance(item["quota"], list) else [item["quota"]]
    for quota in (asking.pack["quota"][code] for code in codes):
        if not quota.get("enabled", True) or not applies(quota, asking.unit):
            continue
        for day in _days(asking, quota):
            yield from lines_of(asking.session, asking.pack, quota, [asking.unit], day)


def _days(asking: Asking, quota: Mapping) -> list[date]:
    """One day in each of the quota's periods since the unit's duty began; of a stock the last day alone."""
    if quota["period"] == "stock":
        return [asking.today]
    began = duty_began(asking.session, asking.unit)
    days: dict[str, date] = {}
    for ordinal in range(asking.period.first.toordinal(), asking.today.toordinal() + 1):
        day = date.fromordinal(ordinal)
        for period in periods_of(asking.pack, quota, day):
            if period.first >= began or asking.today in period:
                days.setdefault(period.key, day)
    return sorted(set(days.values()))


WAYS = {"days_late": _days_late, "ratio": _ratio, "yes_no": _yes_no, "per_unit": _per_unit}
COUNTS = {"plan_rows": plan_rows, "spot_checks": spot_checks, "hazards": hazards}
