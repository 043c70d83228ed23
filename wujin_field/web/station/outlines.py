"""村界底图: the villages' outlines from a GeoJSON, drawn under the dots of our own maps; put in, replaced, taken away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Response, redirect, request
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session, aliased, joinedload
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, writing
from ...domain import load_pack
from ...models import Area, Venue
from ...models.outlines import Outline
from ...sheets.outlines import BadOutline, Shape, inside, match, read_outlines
from ...sheets.sentences import OUTLINES
from .. import guard
from ..pages import say, show
from . import station
from .scope import areas_in_scope, audit
from .sketch import Frame, frame_around

FORM_OVERHEAD = 64 * 1024
VILLAGES = ("village", "community")
Project = Callable[[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Drawn:
    """d: an SVG path; x, y: where the name stands; area_id: None for a shape that is no area of ours."""

    name: str
    area_id: str | None
    d: str
    x: int
    y: int


@station.get("/outlines")
@guard.only("station_clerk")
def outlines() -> Response:
    return _page()


@station.post("/outlines")
@guard.only("station_clerk")
def take_outlines() -> AnyResponse:
    """The file replaces what was there; a bad one changes nothing."""
    rules = load_pack().files["sheets"]["outline"]
    request.max_content_length = rules["file_bytes_max"] + FORM_OVERHEAD
    file = request.files.get("outlines")
    if not file or not file.filename:
        return _page(422, say("请先选一个 GeoJSON 文件。"))
    try:
        shapes = read_outlines(file.stream.read(), rules)
    except BadOutline as error:
        return _page(422, say(OUTLINES[error.code], **error.values))
    with writing() as session:
        _replace(session, match(shapes, _villages(), rules))
    return redirect("/station/outlines", 303)


@station.post("/outlines/remove")
@guard.only("station_clerk")
def remove_outlines() -> AnyResponse:
    with writing() as session:
        _replace(session, [])
    return redirect("/station/outlines", 303)


def held() -> list[Outline]:
    """The shapes of the reader's own area and of all below it; a village reads its own alone."""
    path, matched = guard.scope_path(guard.person()), aliased(Area)
    rows = (
        select(Outline)
        .join(Area, Area.id == Outline.town_id)
        .join(matched, matched.id == Outline.area_id, isouter=True)
    )
    mine = or_(Area.path.startswith(path, autoescape=True), matched.path.startswith(path, autoescape=True))
    return list(db.session.scalars(rows.where(mine).order_by(Outline.id).options(joinedload(Outline.area))))


def drawn(shapes: Sequence[Outline], project: Project) -> list[Drawn]:
    """project: (lon, lat in 1e-7 degrees) → whole (x, y). Points that fall on the one before are left out."""
    return [_drawn(shape, project) for shape in shapes]


def corners(shapes: Sequence[Outline]) -> list[tuple[int, int]]:
    return [(lon, lat) for shape in shapes for polygon in shape.polygons for lon, lat in polygon[0]]


def _drawn(shape: Outline, project: Project) -> Drawn:
    rings = [[project(lon, lat) for lon, lat in ring] for polygon in shape.polygons for ring in polygon]
    widest = max(rings, key=lambda ring: max(x for x, _ in ring) - min(x for x, _ in ring))
    xs, ys = [x for x, _ in widest], [y for _, y in widest]
    return Drawn(
        shape.name, shape.area_id, "".join(map(_path, rings)), (min(xs) + max(xs)) // 2, (min(ys) + max(ys)) // 2
    )


def _path(ring: list[tuple[int, int]]) -> str:
    kept = [point for point, before in zip(ring, [None, *ring], strict=False) if point != before]
    return "M" + "L".join(f"{x} {y}" for x, y in kept) + "Z"


def _replace(session: Session, matched: Sequence[tuple[Shape, Area | None]]) -> None:
    town, who = guard.person().unit.area_id, guard.caller().person_id
    session.execute(delete(Outline).where(Outline.town_id == town))
    session.add_all(
        Outline(
            town_id=town, area_id=area.id if area else None, name=shape.name, polygons=shape.polygons, added_by_id=who
        )
        for shape, area in matched
    )
    audit(session, "drawn", "area", town, shapes=len(matched))


def _villages() -> list[Area]:
    return [area for area in areas_in_scope() if area.area_kind in VILLAGES]


def _page(status: int = 200, wrong: str = "") -> Response:
    mine = Outline.town_id == guard.person().unit.area_id
    shapes = list(
        db.session.scalars(select(Outline).where(mine).order_by(Outline.id).options(joinedload(Outline.area)))
    )
    known = {shape.area_id for shape in shapes}
    frame: Frame | None = frame_around(corners(shapes))
    return show(
        "station/outlines.html", status=status, wrong=wrong, shapes=shapes, frame=frame,
        drawn=drawn(shapes, frame.at) if frame else [], strangers=[shape.name for shape in shapes if not shape.area_id],
        bare=[area.zh for area in _villages() if area.id not in known] if shapes else [], outside=_outside(shapes),
        rules=load_pack().files["sheets"]["outline"],
    )  # fmt: skip


def _outside(shapes: Sequence[Outline]) -> list[Venue]:
    """Places that lie outside their own village on this picture: the picture may have another datum, or the point is off."""
    by_path = [(shape.area.path, shape.polygons) for shape in shapes if shape.area]
    rows = select(Venue).join(Area).where(guard.within_scope(guard.person()), Venue.active, Venue.privacy == "open")
    placed = db.session.scalars(rows.where(Venue.lat_e7.is_not(None)).options(joinedload(Venue.area)))
    return [venue for venue in placed if any(_is_off(venue, *one) for one in by_path)]


def _is_off(venue: Venue, path: str, polygons: list) -> bool:
    return venue.area.path.startswith(path) and not inside(polygons, venue.lon_e7 or 0, venue.lat_e7 or 0)
