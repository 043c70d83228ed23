"""May it be believed, unit by unit: how much was looked at, what was found true, what the records bear. Never by person (C4.13).

A rate is shown only from the pack's min_n_for_rate upward, with its 95 % interval (Wilson).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import BatchVisit, Finding, Hazard, HazardAudit, Ruling, Unit, Visit, VisitPhoto
from ..models.rulings import latest_result
from ..periods import Period
from .closing import FALSE, TRUE

Z = 1.959964  # 95 %, two-sided


@dataclass(frozen=True)
class Share:
    """many of `of`. least: below it there is no rate."""

    many: int
    of: int
    least: int

    @property
    def known(self) -> bool:
        return self.of >= self.least

    @property
    def percent(self) -> int:
        return round(100 * self.many / self.of)

    @property
    def interval(self) -> tuple[int, int]:
        """Whole percents, rounded outwards."""
        low, high = wilson(self.many, self.of)
        return floor(100 * low), ceil(100 * high)


@dataclass(frozen=True)
class Line:
    """unit: None for all together. looked: by a person; true: of those drawn and decided; signed by the phone's key;
    placed: with a position; plain: without a strong or medium flag; closed: closed hazards that an audit confirmed."""

    unit: Unit | None
    visits: int
    looked: Share
    true: Share
    signed: Share
    placed: Share
    plain: Share
    closed: Share


def wilson(many: int, of: int) -> tuple[float, float]:
    """The interval of a share, 0 to 1; everything where nothing is known."""
    if not of:
        return 0.0, 1.0
    share, square = many / of, Z * Z / of
    middle, reach = share + square / 2, Z * sqrt(share * (1 - share) / of + square / (4 * of))
    return max(0.0, (middle - reach) / (1 + square)), min(1.0, (middle + reach) / (1 + square))


def belief(session: Session, pack: Pack, units: Sequence[Unit], period: Period) -> list[Line]:
    """All together first, then each unit in the order given; a visit belongs to the unit it came from."""
    least = pack.files["spot_check"]["sampling"]["min_n_for_rate"]
    counted = _merged(_visits(session, units, period), _audits(session, units, period))
    total = [sum(column) for column in zip(*counted.values(), strict=True)] or [0] * WIDTH
    return [_line(None, total, least), *(_line(unit, counted.get(unit.id, [0] * WIDTH), least) for unit in units)]


WIDTH = 9  # visits, looked, true, decided, signed, placed, plain; audits confirmed, audits decided


def _line(unit: Unit | None, n: Sequence[int], least: int) -> Line:
    visits, looked, true, decided, signed, placed, plain, confirmed, audited = n
    shares = [Share(looked, visits, least), Share(true, decided, least), Share(signed, visits, least),
              Share(placed, visits, least), Share(plain, visits, least), Share(confirmed, audited, least)]  # fmt: skip
    return Line(unit, visits, *shares)


def _visits(session: Session, units: Sequence[Unit], period: Period) -> dict[str, list[int]]:
    drawn = exists().where(BatchVisit.visit_id == Visit.id, BatchVisit.reason.is_not(None))
    result = latest_result().scalar_subquery()
    flagged = exists().where(Finding.visit_id == Visit.id, Finding.revision == Visit.revision,
                             Finding.level.in_(("strong", "medium")), Finding.withdrawn_at.is_(None))  # fmt: skip
    asked: list[Any] = [
        exists().where(Ruling.visit_id == Visit.id, Ruling.decided_by_id.is_not(None)),
        drawn & result.in_(TRUE), drawn & result.in_(TRUE + FALSE), Visit.signed,
        exists().where(VisitPhoto.visit_id == Visit.id, VisitPhoto.lat_e7.is_not(None)), ~flagged,
    ]  # fmt: skip
    rows = select(Visit.unit_id, func.count(), *map(_many, asked)).where(
        Visit.day.between(period.first, period.last), Visit.unit_id.in_([unit.id for unit in units])
    )
    return {row[0]: list(row[1:]) for row in session.execute(rows.group_by(Visit.unit_id))}


def _audits(session: Session, units: Sequence[Unit], period: Period) -> dict[str, list[int]]:
    """Of hazards that this unit's visits of the period found."""
    confirmed = HazardAudit.outcome == "confirmed"
    rows = select(Visit.unit_id, _many(confirmed), func.count()).join(Hazard, Hazard.visit_id == Visit.id)
    rows = rows.join(HazardAudit, HazardAudit.hazard_id == Hazard.id).where(
        Visit.day.between(period.first, period.last), Visit.unit_id.in_([unit.id for unit in units]),
        HazardAudit.outcome.in_(("confirmed", "not_confirmed")),
    )  # fmt: skip
    return {row[0]: list(row[1:]) for row in session.execute(rows.group_by(Visit.unit_id))}


def _merged(visits: dict[str, list[int]], audits: dict[str, list[int]]) -> dict[str, list[int]]:
    return {unit: some + audits.get(unit, [0, 0]) for unit, some in visits.items()}


def _many(which: ColumnElement[bool]) -> Any:
    return func.sum(case((which, 1), else_=0))
