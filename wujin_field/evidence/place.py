"""Was the photo taken at the venue? Distances in metres between WGS-84 points, as phones gave them."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from ..domain import load_pack
from ..models import Venue, VisitPhoto

EARTH_M = 6_371_008  # mean radius; at a kilometre the sphere is off by less than three metres
E7 = 10_000_000


@dataclass(frozen=True)
class Place:
    """distance_m is None when either point is unknown; within compares it with radius + both accuracies + slack (F1)."""

    distance_m: int | None
    accuracy_m: int | None
    within: bool | None
    reason: str | None = None


def distance_m(lat1_e7: int, lon1_e7: int, lat2_e7: int, lon2_e7: int) -> float:
    """Great-circle distance (haversine)."""
    lat1, lon1, lat2, lon2 = (radians(value / E7) for value in (lat1_e7, lon1_e7, lat2_e7, lon2_e7))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_M * asin(sqrt(half))


def place_of(photo: VisitPhoto, venue: Venue | None) -> Place:
    if photo.lat_e7 is None or photo.lon_e7 is None:
        return Place(None, None, None, photo.no_position or "no_signal")
    if venue is None or venue.lat_e7 is None or venue.lon_e7 is None:
        return Place(None, photo.accuracy_m, None, "venue_not_surveyed")
    far = round(distance_m(photo.lat_e7, photo.lon_e7, venue.lat_e7, venue.lon_e7))
    return Place(far, photo.accuracy_m, far <= allowed_m(photo, venue))


def allowed_m(photo: VisitPhoto, venue: Venue) -> int:
    """radius + photo accuracy + venue accuracy + slack; accuracy is a 95 % radius, so a coarse fix accuses nobody."""
    slack = load_pack()["flag"]["far_from_venue"]["slack_m"]
    return venue.radius_m + (photo.accuracy_m or 0) + (venue.point_accuracy_m or 0) + slack
