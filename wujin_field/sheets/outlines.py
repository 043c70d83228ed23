"""A GeoJSON of villages: read, checked, its names matched to our areas. Nothing is guessed: what does not fit is said."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..models import Area

E7 = 10_000_000
WGS84 = ("CRS84", "4326")
Ring = list[list[int]]


class BadOutline(ValueError):
    """Why the file cannot be drawn. code: a key of sentences.py (OUTLINES); values fill its sentence."""

    def __init__(self, code: str, **values: object):
        super().__init__(code)
        self.code, self.values = code, values


@dataclass(frozen=True)
class Shape:
    """One village of the file. polygons as models.outlines.Outline keeps them."""

    name: str
    polygons: list[list[Ring]]


def read_outlines(body: bytes, rules: Mapping) -> list[Shape]:
    """rules: [outline] of sheets.toml. Raises BadOutline."""
    if len(body) > rules["file_bytes_max"]:
        raise BadOutline("too_large", mb=rules["file_bytes_max"] >> 20)
    features = _features(body)
    if len(features) > rules["features_max"]:
        raise BadOutline("too_many_shapes", n=len(features), most=rules["features_max"])
    shapes = [_shape(feature, rules, number) for number, feature in enumerate(features, 1)]
    if sum(len(ring) for shape in shapes for polygon in shape.polygons for ring in polygon) > rules["points_max"]:
        raise BadOutline("too_many_points", most=rules["points_max"])
    return shapes


def _features(body: bytes) -> list[dict]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadOutline("not_json") from error
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
        raise BadOutline("no_collection")
    if (said := content.get("crs")) and not any(one in str(said) for one in WGS84):
        raise BadOutline("other_datum")
    features = content.get("features")
    if not isinstance(features, list) or not features:
        raise BadOutline("nothing_in_it")
    return features


def _shape(feature: Any, rules: Mapping, number: int) -> Shape:
    try:
        kind, held = feature["geometry"]["type"], feature["geometry"]["coordinates"]
        polygons = {"Polygon": lambda: [held], "MultiPolygon": lambda: held}[kind]()
        rings = [[_ring(ring, rules, number) for ring in polygon] for polygon in polygons]
    except (KeyError, TypeError) as error:
        raise BadOutline("no_polygon", n=number) from error
    if not rings or not all(rings):
        raise BadOutline("no_polygon", n=number)
    said = feature.get("properties") or {}
    name = next((str(said[key]).strip() for key in rules["names"] if str(said.get(key) or "").strip()), "")
    if not name:
        raise BadOutline("no_name", n=number)
    return Shape(name[:60], rings)


def _ring(points: list, rules: Mapping, number: int) -> Ring:
    ring = [[_e7(point[0], rules["west"], rules["east"], number), _e7(point[1], rules["south"], rules["north"], number)]
            for point in points if len(point) >= 2]  # fmt: skip
    if len(ring) < 4:
        raise BadOutline("no_polygon", n=number)
    return ring


def _e7(degrees: Any, least: float, most: float, number: int) -> int:
    if isinstance(degrees, bool) or not isinstance(degrees, int | float) or not least <= degrees <= most:
        raise BadOutline("not_here", n=number)
    return round(degrees * E7)


def match(shapes: Sequence[Shape], areas: Sequence[Area], rules: Mapping) -> list[tuple[Shape, Area | None]]:
    """By the whole name; else by the name without its ending, where only one area bears it."""
    return [(shape, _match(shape.name, areas, rules)) for shape in shapes]


def _match(name: str, areas: Sequence[Area], rules: Mapping) -> Area | None:
    whole = [area for area in areas if area.zh == name or name.endswith((f"镇{area.zh}", f"乡{area.zh}"))]
    bare = [area for area in areas if _bare(area.zh, rules) == _bare(name, rules)]
    return next((found[0] for found in (whole, bare) if len(found) == 1), None)


def _bare(name: str, rules: Mapping) -> str:
    ending = next((one for one in rules["endings"] if name.endswith(one) and name != one), "")
    return name.removesuffix(ending)


def inside(polygons: Sequence[Sequence[Ring]], lon_e7: int, lat_e7: int) -> bool:
    """Even-odd: a point in a hole is outside."""
    return sum(_crossings(ring, lon_e7, lat_e7) for polygon in polygons for ring in polygon) % 2 == 1


def _crossings(ring: Ring, x: int, y: int) -> int:
    """How often a ray to the east meets the ring."""
    return sum(
        (y1 > y) != (y2 > y) and x < x1 + (x2 - x1) * (y - y1) / (y2 - y1) for (x1, y1), (x2, y2) in _sides(ring)
    )


def _sides(ring: Ring) -> Iterator[tuple[list[int], list[int]]]:
    return zip(ring, [*ring[1:], ring[0]], strict=True)
