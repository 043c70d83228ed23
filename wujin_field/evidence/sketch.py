"""Where the photos lie around their venue, in metres, for a drawing without a map: no tiles, no borders, no datum to guess."""

from dataclasses import dataclass
from math import cos, radians

from ..models import Venue, VisitPhoto
from .place import E7

METRES_PER_DEGREE = 111_195  # on the sphere of place.py
SCALES_M = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
SMALLEST_HALF_M = 60


@dataclass(frozen=True)
class Point:
    """A photo's place, metres east and north of the venue; number counts the visit's photos from 1."""

    number: int
    east_m: int
    north_m: int
    accuracy_m: int | None


@dataclass(frozen=True)
class Sketch:
    """A square of 2 × half_m metres with the venue in its middle; scale_m is the length of the scale bar."""

    half_m: int
    radius_m: int
    scale_m: int
    points: tuple[Point, ...]


def sketch_of(photos: list[VisitPhoto], venue: Venue | None) -> Sketch | None:
    """None when there is nothing to draw: the venue was never surveyed, or no photo has a position."""
    if venue is None or venue.lat_e7 is None or venue.lon_e7 is None:
        return None
    here = venue.lat_e7, venue.lon_e7
    points = tuple(
        _point(n, photo, *here, photo.lat_e7, photo.lon_e7)
        for n, photo in enumerate(photos, 1)
        if photo.lat_e7 is not None and photo.lon_e7 is not None
    )
    if not points:
        return None
    half = max(SMALLEST_HALF_M, round(1.15 * max(venue.radius_m, *map(_reach, points))))
    return Sketch(half, venue.radius_m, _scale(half), points)


def _point(number: int, photo: VisitPhoto, lat0_e7: int, lon0_e7: int, lat_e7: int, lon_e7: int) -> Point:
    north = (lat_e7 - lat0_e7) / E7 * METRES_PER_DEGREE
    east = (lon_e7 - lon0_e7) / E7 * METRES_PER_DEGREE * cos(radians(lat0_e7 / E7))
    return Point(number, round(east), round(north), photo.accuracy_m)


def _reach(point: Point) -> int:
    """How far out this point is drawn; a very coarse ring may leave the picture, or nothing else could be seen."""
    away = max(abs(point.east_m), abs(point.north_m))
    return away + min(point.accuracy_m or 0, max(away, 100))


def _scale(half_m: int) -> int:
    """The longest round length that takes at most a third of the width."""
    return max((scale for scale in SCALES_M if scale <= half_m * 2 / 3), default=SCALES_M[0])
