"""A frame for drawing places without a map: degrees become whole numbers, north up, nothing but our own ink."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

WIDE, EDGE = 1000, 20


@dataclass(frozen=True)
class Frame:
    """west, north in 1e-7 degrees; one: 1e-7 degrees of longitude for the whole width; squeeze: how much shorter they are."""

    west: int
    north: int
    one: int
    squeeze: float
    height: int

    def at(self, lon_e7: int, lat_e7: int) -> tuple[int, int]:
        """x, y in 0…1000, and down to height."""
        inner = WIDE - 2 * EDGE
        return (EDGE + inner * (lon_e7 - self.west) // self.one,
                EDGE + round(inner * (self.north - lat_e7) / self.squeeze / self.one))  # fmt: skip


def frame_around(points: Sequence[tuple[int, int]]) -> Frame | None:
    """A frame that holds all these (lon, lat); None for none."""
    if not points:
        return None
    west, east = min(lon for lon, _ in points), max(lon for lon, _ in points)
    south, north = min(lat for _, lat in points), max(lat for _, lat in points)
    squeeze = cos(radians((south + north) / 2e7))
    one = max(east - west, round((north - south) / squeeze), 1)
    west -= (one - (east - west)) // 2  # a tall town stands in the middle
    frame = Frame(west, north, one, squeeze, 0)
    return Frame(west, north, one, squeeze, max(400, frame.at(west, south)[1] + EDGE))
