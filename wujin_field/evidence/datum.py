"""Is the venue's own point wrong? Chinese web maps are shifted by some hundred metres against satellites (X3, GCJ-02).

When several phones stand off by about the same distance in about the same direction, nobody was elsewhere: the point was
read off a map. The venue is to be surveyed again on the spot; coordinates are never converted.
"""

from math import atan2, cos, degrees, hypot, radians

from sqlalchemy import select

from ..models import Venue, Visit, VisitPhoto
from .case import Case

METRES_PER_E7 = 0.0111195  # along a meridian, on the sphere of place.py


def blames_the_venue(case: Case, photo: VisitPhoto) -> bool:
    """At least min_devices phones off alike, and more of them than phones that stand right."""
    rule, venue = case.rule("datum_shift_suspected"), case.venue
    mine = offset(photo.lat_e7, photo.lon_e7, venue)
    low, high = rule["offset_m"]
    if not low <= hypot(*mine) <= high:
        return False
    alike, right = {case.visit.device_id}, set()
    for device, lat_e7, lon_e7 in _others(case):
        theirs = offset(lat_e7, lon_e7, venue)
        if low <= hypot(*theirs) <= high and _apart(mine, theirs) <= rule["same_bearing_deg"]:
            alike.add(device)
        elif venue is not None and hypot(*theirs) <= venue.radius_m:
            right.add(device)
    return len(alike) >= rule["min_devices"] and len(alike) > len(right - alike)


def offset(lat_e7: int | None, lon_e7: int | None, venue: Venue | None) -> tuple[float, float]:
    """Metres east and north of the venue's point."""
    if venue is None or None in (lat_e7, lon_e7, venue.lat_e7, venue.lon_e7):
        return 0.0, 0.0
    north = (lat_e7 - venue.lat_e7) * METRES_PER_E7  # type: ignore[operator]
    east = (lon_e7 - venue.lon_e7) * METRES_PER_E7 * cos(radians(venue.lat_e7 / 1e7))  # type: ignore[operator]
    return east, north


def _others(case: Case) -> list:
    """One fix of each other phone's newest visits there."""
    rows = select(Visit.device_id, VisitPhoto.lat_e7, VisitPhoto.lon_e7).join(
        VisitPhoto, VisitPhoto.visit_id == Visit.id
    )
    there = Visit.venue_id == case.visit.venue_id, Visit.id != case.visit.id, VisitPhoto.lat_e7.is_not(None)
    rows = rows.where(*there, Visit.device_id != case.visit.device_id).order_by(Visit.received_at.desc()).limit(30)
    return list(case.session.execute(rows))


def _apart(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Degrees between two directions."""
    turn = abs(degrees(atan2(*first) - atan2(*second))) % 360
    return min(turn, 360 - turn)
