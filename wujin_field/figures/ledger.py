"""The hazards of an area and a span of days, a line each, as the ledger prints them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ..db import local_day
from ..models import Area, Hazard, Venue, Visit
from ..models.rulings import PRINTED, latest_result, state_of


@dataclass(frozen=True)
class HazardLine:
    """`place` never names a home beyond its village. before, after: digests of photos, or None. days are local."""

    id: str
    found: date
    area: str
    area_path: str
    place: str
    private: bool
    category: str
    severity: str
    text: str
    responsible: str
    measure: str
    due: date
    fixed_on_spot: bool
    fixed: date | None
    before: str | None
    after: str | None
    checked_by: str = ""
    result: str = ""


def hazard_lines(session: Session, area_path: str, first: date, last: date) -> list[HazardLine]:
    """Of visits that nobody returned, oldest first."""
    rows = select(Hazard, latest_result().scalar_subquery()).join(Visit, Hazard.visit_id == Visit.id)
    rows = rows.join(Area, Visit.area_id == Area.id).where(Area.path.startswith(area_path, autoescape=True))
    rows = rows.where(Visit.day.between(first, last)).order_by(Hazard.found_at, Hazard.id)
    rows = rows.add_columns(Visit, Venue).outerjoin(Venue, Hazard.venue_id == Venue.id).options(joinedload(Visit.area))
    return [
        _line(hazard, visit, venue)
        for hazard, result, visit, venue in session.execute(rows)
        if state_of(result) in PRINTED
    ]


def _line(hazard: Hazard, visit: Visit, venue: Venue | None) -> HazardLine:
    private = venue is not None and venue.privacy == "strict"
    place = visit.area.zh + "住户" if private else venue.zh if venue else visit.place_text or visit.area.zh
    found = local_day(hazard.found_at)
    after = next((photo.sha256 for photo in visit.photos if photo.role == "after"), None)
    return HazardLine(
        hazard.id, found, visit.area.zh, visit.area.path, place, private, hazard.category, hazard.severity, hazard.text,
        hazard.responsible_party, hazard.measure, hazard.due, hazard.fixed_on_spot,
        found if hazard.fixed_on_spot else None, hazard.photo, after if hazard.fixed_on_spot else None,
    )  # fmt: skip
