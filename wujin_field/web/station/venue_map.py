"""A map of venues without a map: their places in metres, north up, with a scale. No tiles, no borders, no datum to guess."""

from dataclasses import dataclass
from datetime import date
from math import cos, radians

from ...db import local_day, utc_now
from ...models import Venue

METRES_PER_DEGREE = 111_195
SCALES_M = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
LONG_AGO_DAYS = 90


@dataclass(frozen=True)
class Dot:
    """east, north in metres from the middle. state: seen (lately), long (ago), never."""

    venue: Venue
    east: int
    north: int
    state: str


@dataclass(frozen=True)
class Chart:
    half_m: int
    scale_m: int
    dots: tuple[Dot, ...]


def drawn(venues: list[Venue], seen: dict[str, date]) -> Chart | None:
    """None when nothing has a position."""
    points = [(venue, venue.lat_e7 / 1e7, venue.lon_e7 / 1e7) for venue in venues
              if venue.lat_e7 is not None and venue.lon_e7 is not None]  # fmt: skip
    if not points:
        return None
    lats, lons = [lat for _, lat, _ in points], [lon for _, _, lon in points]
    lat0, lon0 = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    today = local_day(utc_now())
    dots = tuple(
        Dot(venue, round((lon - lon0) * METRES_PER_DEGREE * cos(radians(lat0))), round((lat - lat0) * METRES_PER_DEGREE),
            _state(seen.get(venue.id), today))
        for venue, lat, lon in points
    )  # fmt: skip
    half = max(100, round(1.1 * max(max(abs(dot.east), abs(dot.north)) for dot in dots)))
    return Chart(half, max((one for one in SCALES_M if one <= half * 2 / 3), default=SCALES_M[0]), dots)


def _state(day: date | None, today: date) -> str:
    if day is None:
        return "never"
    return "seen" if (today - day).days <= LONG_AGO_DAYS else "long"
