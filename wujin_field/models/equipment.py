"""消防器材: what hangs at a venue, and when it must be serviced or scrapped (GB 50444, numbers in the pack)."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Key, Ref
from .venues import Venue


class Equipment(Base):
    """kind: a code of equipment.toml. Dates are the station's days; service and scrap dates are derived, never stored."""

    __tablename__ = "equipment"
    id: Mapped[Key]
    venue_id: Mapped[Ref] = mapped_column(ForeignKey("venue.id"))
    kind: Mapped[str]
    count: Mapped[int] = mapped_column(default=1)
    spot: Mapped[str] = mapped_column(default="")
    made_on: Mapped[date | None] = mapped_column(Date)
    serviced_on: Mapped[date | None] = mapped_column(Date)
    seen_ok_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    revision: Mapped[int] = mapped_column(default=1)
    venue: Mapped[Venue] = relationship()


@dataclass(frozen=True)
class Dates:
    """service_due, scrap_due: station days, None where the kind has none or the making is unknown.

    state: scrap, service, soon (within the pack's warning days), ok, unknown.
    """

    service_due: date | None
    scrap_due: date | None
    state: str


def dates_of(row: Equipment, kind: dict, today: date) -> Dates:
    """kind: the entry of equipment.toml. First service after so many years, then each few; scrapped by age (GB 50444)."""
    service, scrap = _service_due(row, kind), _after(row.made_on, kind.get("scrap_years"))
    return Dates(service, scrap, _state(service, scrap, kind, today))


def _service_due(row: Equipment, kind: dict) -> date | None:
    if row.serviced_on:
        return _after(row.serviced_on, kind.get("service_then_years"))
    return _after(row.made_on, kind.get("service_first_years"))


def _after(day: date | None, years: int | None) -> date | None:
    if day is None or years is None:
        return None
    return day.replace(year=day.year + years, day=min(day.day, monthrange(day.year + years, day.month)[1]))


def _state(service: date | None, scrap: date | None, kind: dict, today: date) -> str:
    if scrap and scrap <= today:
        return "scrap"
    if service and service <= today:
        return "service"
    first = min(filter(None, (service, scrap)), default=None)
    if first is None:
        return "unknown" if kind.get("scrap_years") or kind.get("service_first_years") else "ok"
    return "soon" if (first - today).days <= kind.get("warn_days", 30) else "ok"
