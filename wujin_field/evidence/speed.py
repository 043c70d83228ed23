"""Could somebody have come from the last place to this one in that time?"""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Row

from .case import Case, Flag, minutes
from .place import COARSE_M, distance_m

DAY = timedelta(days=1)


def check(case: Case) -> Iterator[Flag]:
    """impossible_speed: straight line less both accuracies, between the fixes next to each other in time."""
    mine = _fine(case.fixes([case.visit.id]))
    near = [stop.id for stop in case.stops if abs(stop.started_at - case.visit.started_at) < DAY]
    others = _fine(case.fixes(near)) if mine and near else []
    before = [fix for fix in others if fix.taken_at <= mine[0].taken_at][-1:]
    after = [fix for fix in others if fix.taken_at >= mine[-1].taken_at][:1]
    pairs = [(fix, mine[0]) for fix in before] + [(mine[-1], fix) for fix in after]
    found = [said for first, second in pairs if (said := _too_fast(case, first, second))]
    if found:
        yield case.flag("impossible_speed", **max(found, key=lambda said: said["metres"]))


def _fine(fixes) -> list[Row]:  # type: ignore[no-untyped-def]
    return [fix for fix in fixes if (fix.accuracy_m or 0) <= COARSE_M]


def _too_fast(case: Case, first: Row, second: Row) -> dict | None:
    rule = case.rule("impossible_speed")
    far = distance_m(first.lat_e7, first.lon_e7, second.lat_e7, second.lon_e7)
    sure = far - (first.accuracy_m or 0) - (second.accuracy_m or 0)
    hours = (second.taken_at - first.taken_at).total_seconds() / 3600
    if sure < rule["min_distance_m"] or sure / 1000 <= rule["kmh_over"] * hours:
        return None
    other = first.visit_id if first.visit_id != case.visit.id else second.visit_id
    return {"metres": round(far), "minutes": minutes(second.taken_at - first.taken_at), "other": other}
