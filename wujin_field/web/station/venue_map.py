"""A map of venues without a map: their places in metres, north up, with a scale. No tiles, no borders, no datum to guess."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, radians

from ...db import local_day, utc_now
from ...models import Venue
from ...models.outlines import Outline
from . import outlines
from .outlines import Drawn

METRES_PER_DEGREE, E7 = 111_195, 10_000_000
SCALES_M = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
LONG_AGO_DAYS = 90


@dataclass(frozen=True)
class Dot:
    """east, south in metres from the middle. state: seen (lately), long (ago), never."""

    venue: Venue
    east: int
    south: int
    state: str


@dataclass(frozen=True)
class Chart:
    half_m: int
    scale_m: int
    dots: tuple[Dot, ...]
    villages: tuple[Drawn, ...]


def drawn(venues: list[Venue], seen: dict[str, date], shapes: Sequence[Outline] = ()) -> Chart | None:
    """None when nothing has a position. shapes: outlines to lie under the dots."""
    placed = [(venue, venue.lon_e7, venue.lat_e7) for venue in venues
              if venue.lat_e7 is not None and venue.lon_e7 is not None]  # fmt: skip
    if not placed:
        return None
    lons, lats = [lon for _, lon, _ in placed], [lat for _, _, lat in placed]
    lon0, lat0 = (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2
    shrunk = cos(radians(lat0 / E7))

    def metres(lon_e7: int, lat_e7: int) -> tuple[int, int]:
        """East, and down: y grows southward in a drawing."""
        return round((lon_e7 - lon0) / E7 * METRES_PER_DEGREE * shrunk), round((lat0 - lat_e7) / E7 * METRES_PER_DEGREE)

    today = local_day(utc_now())
    dots = tuple(Dot(venue, *metres(lon, lat), _state(seen.get(venue.id), today)) for venue, lon, lat in placed)
    half = max(100, round(1.1 * max(max(abs(dot.east), abs(dot.south)) for dot in dots)))
    scale = max((one for one in SCALES_M if one <= half * 2 / 3), default=SCALES_M[0])
    return Chart(half, scale, dots, tuple(outlines.drawn(shapes, metres)))


def _state(day: date | None, today: date) -> str:
    if day is None:
        return "never"
    return "seen" if (today - day).days <= LONG_AGO_DAYS else "long"
