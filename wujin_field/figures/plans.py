"""How a plan stands: each row planned, done, done late, missed or cancelled, derived from the activities that fulfil it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ..domain import Pack
from ..models import Activity, ActivityLink, ActivityTally, PlanRow, PlanTable, TallyUnit

LATE_DAYS = timedelta(days=31)  # how long after a row's end its activity is looked for by a person


@dataclass
class RowStanding:
    """fulfilled: the activities, oldest first; said: those of them that a person chose."""

    row: PlanRow
    state: str = "planned"
    fulfilled: list[Activity] = field(default_factory=list)
    said: set[str] = field(default_factory=set)


def standing_of(
    session: Session, pack: Pack, table: PlanTable, today: date
) -> tuple[list[RowStanding], list[Activity]]:
    """Every row, and the activities of its unit that fulfil none. Call tallies.up_to_date first."""
    rows = {row.id: RowStanding(row) for row in table.rows}
    open_rows = [one.row for one in rows.values() if one.row.cancelled_reason is None]
    links, loose = _links(session, table), []
    for activity in _activities(session, pack, table):
        chosen = links[activity.id] if activity.id in links else proposed(activity, open_rows, rows)
        if chosen in rows:
            rows[chosen].fulfilled.append(activity)
            rows[chosen].said |= {activity.id} & links.keys()
        else:
            loose.append(activity)
    for one in rows.values():
        one.state = state_of_row(one, today)
    return list(rows.values()), loose


def state_of_row(one: RowStanding, today: date) -> str:
    """A clerk may only cancel; everything else follows from what was done (C3)."""
    if one.row.cancelled_reason is not None:
        return "cancelled"
    if any(activity.day <= one.row.last_day for activity in one.fulfilled):
        return "done"
    if one.fulfilled:
        return "done_late"
    return "missed" if today > one.row.last_day else "planned"


def proposed(activity: Activity, rows: list[PlanRow], taken: Mapping[str, RowStanding]) -> str | None:
    """The row whose days hold it: one that names its place or topic before one that has nothing yet, before the first."""
    holding = [row for row in rows if row.first_day <= activity.day <= row.last_day]
    if not holding:
        return None
    return min(
        holding, key=lambda row: (not _speaks_of(row, activity), bool(taken[row.id].fulfilled), row.first_day)
    ).id


def _speaks_of(row: PlanRow, activity: Activity) -> bool:
    named = activity.area.zh in row.focus or any(activity.area.zh in target for target in row.targets)
    return named or bool(set(row.topics) & set(activity.topics))


def _activities(session: Session, pack: Pack, table: PlanTable) -> list[Activity]:
    """Those that count for the unit between the plan's first and last day; of a forest plan those about forest fire."""
    if not table.rows:
        return []
    first, last = min(row.first_day for row in table.rows), max(row.last_day for row in table.rows) + LATE_DAYS
    rows = select(Activity).join(ActivityTally, ActivityTally.activity_id == Activity.id)
    rows = rows.join(TallyUnit, (TallyUnit.activity_id == Activity.id) & (TallyUnit.unit_id == table.unit_id))
    rows = rows.where(TallyUnit.day.between(first, last), ActivityTally.progress == 1).options(
        joinedload(Activity.area)
    )
    kind = next(kind for kind in pack.files["quotas"]["plan_kind"] if kind["code"] == table.kind)
    topics = set(kind.get("topics", []))
    return [
        one
        for one in session.scalars(rows.order_by(Activity.day, Activity.id))
        if not topics or topics & set(one.topics)
    ]


def _links(session: Session, table: PlanTable) -> dict[str, str | None]:
    """activity id → plan row id, or None where a person said: none."""
    mine = TallyUnit.unit_id == table.unit_id
    rows = select(ActivityLink).join(TallyUnit, TallyUnit.activity_id == ActivityLink.activity_id).where(mine)
    return {link.activity_id: link.plan_row_id for link in session.scalars(rows)}
