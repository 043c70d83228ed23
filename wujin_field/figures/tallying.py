"""From records to what each of them counts: the lines of visit_tally, activity_tally and tally_unit."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session

from ..domain import Pack
from ..models import Activity, ActivityOrganiser, Visit, VisitPhoto, VisitTally
from ..models.activities import activities_accepted
from ..models.rulings import latest_result, state_of
from . import counting
from .scopes import Trees

# A visit names its activity by an id that a phone made up: only one of the same unit may hang itself on it.
SAME_UNIT = or_(Visit.author_id == Activity.author_id, Visit.unit_id == Activity.unit_id)
PLAIN = ("activity_id", "day", "area_id", "delivery", "form", "activity_kind", "people", "registrations")


def visit_lines(session: Session, pack: Pack, activities: set[str], visits: set[str]) -> list[dict]:
    """Of all visits of these activities, and of these visits, whose activity is still on its way."""
    result = latest_result().scalar_subquery()
    rows = (
        select(Visit.id, Visit.activity_id, Visit.venue_id, Visit.day, Visit.template, Visit.refused, result.label("result"),
               Activity.void_reason, Activity.id.label("known"), SAME_UNIT.label("same_unit"))
        .join(Activity, Activity.id == Visit.activity_id, isouter=True)
        .where(or_(Visit.activity_id.in_(activities), Visit.id.in_(visits)))
    )  # fmt: skip
    return [_visit_line(pack, row) for row in session.execute(rows)]


def _visit_line(pack: Pack, row: Row) -> dict:
    alone = row.known is None
    progress, final = counting.visit_counts(state_of(row.result), bool(row.void_reason), alone or row.same_unit)
    return {"visit_id": row.id, "activity_id": row.activity_id, "venue_id": row.venue_id, "day": row.day,
            "template": row.template, "progress": progress, "final": final,
            "reached": counting.reached(pack, row.refused)}  # fmt: skip


def activity_lines(session: Session, pack: Pack, trees: Trees, ids: set[str]) -> tuple[list[dict], list[dict]]:
    """Lines of activity_tally and of tally_unit; visit_tally is right already."""
    stops, organisers, pictures = _stops(session, ids), _organisers(session, ids), _pictures(session, ids)
    accepted = set(session.scalars(activities_accepted().where(Activity.id.in_(ids)).join(Activity)))
    lines, units = [], []
    for row in session.execute(_activities(ids)):
        mine = stops.get(row.activity_id, [])
        line = _activity_line(pack, row._mapping, mine, len(organisers[row.activity_id]), row.activity_id in accepted)
        lines.append(line | {"pictures": pictures.get(row.activity_id, 0)})
        units += [
            {"unit_id": unit, "day": row.day, "activity_id": row.activity_id}
            for unit in trees.units_of(row.area_id, organisers[row.activity_id])
        ]
    return lines, units


def _activities(ids: set[str]):
    columns = [getattr(Activity, name) for name in PLAIN if name != "activity_id"]
    more = Activity.place_type, Activity.context, Activity.void_reason, Activity.participants, Activity.channels
    return select(
        Activity.id.label("activity_id"), *columns, *more, Activity.audiences, Activity.needs, Activity.asked
    ).where(Activity.id.in_(ids))


def _stops(session: Session, ids: set[str]) -> dict[str, list[Row]]:
    rows = select(VisitTally.activity_id, VisitTally.progress, VisitTally.final, Visit.place_type, Visit.enforcement)
    grouped = defaultdict(list)
    for row in session.execute(
        rows.join(Visit, Visit.id == VisitTally.visit_id).where(VisitTally.activity_id.in_(ids))
    ):
        grouped[row.activity_id].append(row)
    return grouped


def _organisers(session: Session, ids: set[str]) -> dict[str, set[str]]:
    grouped = defaultdict(set)
    rows = select(ActivityOrganiser.activity_id, ActivityOrganiser.unit_id).where(
        ActivityOrganiser.activity_id.in_(ids)
    )
    for activity, unit in session.execute(rows):
        grouped[activity].add(unit)
    return grouped


def _pictures(session: Session, ids: set[str]) -> dict[str, int]:
    different = func.count(VisitPhoto.sha256.distinct())
    rows = select(VisitTally.activity_id, different).join(VisitPhoto, VisitPhoto.visit_id == VisitTally.visit_id)
    rows = rows.where(VisitTally.activity_id.in_(ids), VisitTally.progress == 1).group_by(VisitTally.activity_id)
    return {row[0]: row[1] for row in session.execute(rows)}


def _activity_line(pack: Pack, row: Mapping[Any, Any], stops: list[Row], organisers: int, accepted: bool) -> dict:
    counted = [stop for stop in stops if stop.progress]
    place_type = counting.main_place_type(row["place_type"], [stop.place_type for stop in counted])
    required = pack["context"].get("enforcement", {}).get("requires", [])
    context = counting.context_of(row["context"], [stop.enforcement for stop in counted], required)
    good = not row["void_reason"] and counting.counts_as_activity(pack, row["context"])
    pairs = [(stop.progress, stop.final) for stop in stops]
    progress, final = counting.activity_counts(pairs, bool(stops), accepted) if good else (0, 0)
    line = {name: row[name] for name in PLAIN} | {"place_type": place_type, "context": context}
    described = {**row, **line, "organisers": organisers}
    line |= {"heads": sum(row["audiences"].values()), "papers": counting.papers(pack, row["channels"]),
             "reach": row["asked"].get("reach", 0), "needs": int(bool(row["needs"].strip()))}  # fmt: skip
    return line | {"audiences": sorted(code for code, n in row["audiences"].items() if n), "visits": len(counted),
                   "quotas": counting.good_for(pack, described), "progress": progress, "final": final}  # fmt: skip
