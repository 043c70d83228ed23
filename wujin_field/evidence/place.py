"""Was the photo taken at the venue? Distances in metres between WGS-84 points, as phones gave them."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from ..domain import load_pack
from ..models import Venue, VisitPhoto
from .case import Case, Flag
from .datum import blames_the_venue

EARTH_M = 6_371_008  # mean radius; at a kilometre the sphere is off by less than three metres
E7 = 10_000_000
COARSE_M = 500  # far_from_venue.skip_if: a mast, not a satellite
AT_HOME = {"indoors", "household", "household_privacy"}


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


def allowed_m(photo: VisitPhoto, venue: Venue, slack_m: int | None = None) -> int:
    """radius + photo accuracy + venue accuracy + slack; accuracy is a 95 % radius, so a coarse fix accuses nobody."""
    slack = load_pack()["flag"]["far_from_venue"]["slack_m"] if slack_m is None else slack_m
    return venue.radius_m + (photo.accuracy_m or 0) + (venue.point_accuracy_m or 0) + slack


def check(case: Case) -> Iterator[Flag]:
    """far_from_venue (or datum_shift_suspected, which blames the venue), stale_position, no_position, poor_accuracy."""
    photos = case.visit.photos
    yield from _stale(case, photos)
    yield from _without(case, photos)
    yield from _coarse(case, photos)
    yield from _far(case, [photo for photo in photos if _usable(case, photo)])


def _usable(case: Case, photo: VisitPhoto) -> bool:
    """Fine enough and fresh enough to say anything: over 500 m, or ten minutes old, it accuses nobody."""
    if photo.lat_e7 is None:
        return False
    old_ms = case.rule("stale_position")["treat_as_none_over_s"] * 1000
    return (photo.accuracy_m or 0) <= COARSE_M and (photo.age_ms or 0) <= old_ms


def _far(case: Case, photos: list[VisitPhoto]) -> Iterator[Flag]:
    """One finding a visit, on the photo that is farthest out."""
    venue, rule = case.venue, case.rule("far_from_venue")
    if venue is None or venue.lat_e7 is None or venue.lon_e7 is None or not photos:
        return
    away = [(_away(photo, venue), allowed_m(photo, venue, rule["slack_m"]), photo) for photo in photos]
    out = [(far, allowed, photo) for far, allowed, photo in away if far > allowed]
    if not out:
        return
    far, allowed, photo = max(out, key=lambda line: line[0] - line[1])
    said: dict = {"photo": photo.sha256, "metres": far, "allowed": allowed, "photos": len(out), "of": len(photos)}
    if blames_the_venue(case, photo):
        yield case.flag("datum_shift_suspected", **said, venue=venue.id)
    else:
        very = far > rule["strong_over_m"] and far > rule["strong_over_factor"] * allowed
        yield case.flag("far_from_venue", "strong" if very else None, **said)


def _away(photo: VisitPhoto, venue: Venue) -> int:
    return round(distance_m(photo.lat_e7, photo.lon_e7, venue.lat_e7, venue.lon_e7))  # type: ignore[arg-type]


def _stale(case: Case, photos: list[VisitPhoto]) -> Iterator[Flag]:
    most = case.rule("stale_position")["age_s_over"] * 1000
    old = [photo for photo in photos if photo.lat_e7 is not None and (photo.age_ms or 0) > most]
    if old:
        oldest = max(old, key=lambda photo: photo.age_ms or 0)
        yield case.flag("stale_position", photo=oldest.sha256, minutes=round((oldest.age_ms or 0) / 60_000))


def _without(case: Case, photos: list[VisitPhoto]) -> Iterator[Flag]:
    """A home is indoors and private: its missing position is no flag (F1)."""
    private = case.visit.place_type == "household" or (case.venue is not None and case.venue.privacy == "strict")
    reasons = {photo.no_position for photo in photos}
    if photos and not private and all(photo.lat_e7 is None for photo in photos) and not reasons & AT_HOME:
        yield case.flag("no_position", photos=len(photos), reason=sorted(filter(None, reasons))[:1])


def _coarse(case: Case, photos: list[VisitPhoto]) -> Iterator[Flag]:
    """A note that accuses nobody: why the distance on this record means little."""
    radii = [photo.accuracy_m or 0 for photo in photos if photo.lat_e7 is not None]
    if radii and min(radii) > case.rule("poor_accuracy")["accuracy_m_over"]:
        yield case.flag("poor_accuracy", metres=min(radii))
