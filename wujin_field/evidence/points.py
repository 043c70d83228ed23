"""Did one exact point stand for several venues? A real receiver never gives the same sixth decimal twice."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, or_

from ..models import VisitPhoto
from .case import Case, Flag


def check(case: Case) -> Iterator[Flag]:
    """repeated_exact_point: among the author's visits of the month; a coarse fix indoors may come out of a cache."""
    rule = case.rule("repeated_exact_point")
    step = 10 ** (7 - rule["decimals"])
    fine = [
        photo
        for photo in case.visit.photos
        if photo.lat_e7 is not None and (photo.accuracy_m or 0) < rule["accuracy_m_under"]
    ]
    if not fine:
        return
    venues = {stop.id: stop.venue_id or stop.id for stop in case.stops}
    points = {_rounded(photo, step) for photo in fine}
    found = case.fixes(list(venues), or_(*(_at(point, step) for point in points)))
    elsewhere = [fix for fix in found if (fix.accuracy_m or 0) < rule["accuracy_m_under"]]
    for point in points:
        same = {venues[fix.visit_id] for fix in elsewhere if _rounded(fix, step) == point}
        same.add(case.visit.venue_id or case.visit.id)
        if len(same) >= rule["venues_min"]:
            yield case.flag("repeated_exact_point", venues=len(same))
            return


def _at(point: tuple[int, int], step: int) -> ColumnElement[bool]:
    """Asked of the database: a busy month holds a thousand points, hardly any of them this one."""
    lat, lon = point[0] * step, point[1] * step
    return VisitPhoto.lat_e7.between(lat, lat + step - 1) & VisitPhoto.lon_e7.between(lon, lon + step - 1)


def _rounded(fix, step: int) -> tuple[int, int]:  # type: ignore[no-untyped-def]
    return fix.lat_e7 // step, fix.lon_e7 // step
