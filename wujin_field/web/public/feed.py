"""The calendar of a unit under its secret address: what is due for it, key days, its plan. No names of people in it."""

from datetime import timedelta

from flask import Response, abort
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ...db import db, local_day, utc_now
from ...domain import load_pack
from ...figures.calendar import between
from ...figures.deadlines import dues_around, standings
from ...models import CalendarFeed, PlanRow, PlanTable, Unit
from ...models.people import token_hash
from ...reports.ics import Day, write_ics
from . import public

AROUND = timedelta(days=60), timedelta(days=400)


@public.get("/calendar/<token>.ics")
def calendar_feed(token: str) -> Response:
    """A year ahead and two months back. 404 for an address that nobody gave out, or that was replaced."""
    rows = select(CalendarFeed).where(CalendarFeed.token_hash == token_hash(token), CalendarFeed.revoked_at.is_(None))
    feed = db.session.scalar(rows.options(joinedload(CalendarFeed.unit).joinedload(Unit.area))) or abort(404)
    body = write_ics(f"{feed.unit.zh} 五进", [*_dues(feed.unit), *_events(), *_plan(feed.unit)], utc_now())
    return Response(body, mimetype="text/calendar")


def _dues(unit: Unit) -> list[Day]:
    pack, today = load_pack(), local_day(utc_now())
    dues = [due for due in dues_around(pack, today) if today - AROUND[0] <= due.due <= today + AROUND[1]]
    return [
        Day(f"due-{one.due.code}-{one.due.period.key}".replace("/", "-"), one.due.due, one.due.due,
            f"截止：{one.due.deadline['zh']} {one.due.period.key}", "已报送" if one.sent else "还没有报送",
            () if one.sent else tuple(one.due.deadline.get("remind_days_before", [3, 1])))
        for one in standings(db.session(), pack, dues, [unit])
    ]  # fmt: skip


def _events() -> list[Day]:
    today = local_day(utc_now())
    found = between(load_pack(), today - AROUND[0], today + AROUND[1])
    return [
        Day(f"{event.code}-{event.first}", event.first, event.last, event.entry["zh"], event.theme) for event in found
    ]


def _plan(unit: Unit) -> list[Day]:
    today = local_day(utc_now())
    rows = select(PlanRow).join(PlanTable).where(PlanTable.unit_id == unit.id, PlanRow.cancelled_reason.is_(None))
    rows = rows.where(PlanRow.last_day >= today - AROUND[0])
    return [
        Day(
            f"plan-{row.id}",
            row.first_day,
            row.last_day,
            f"计划：{row.focus or '、'.join(row.targets)}",
            "、".join(row.targets),
        )
        for row in db.session.scalars(rows.order_by(PlanRow.first_day))
    ]
