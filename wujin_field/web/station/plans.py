"""The plans of a year: a table a unit and kind, and the way to begin one."""

import re

from flask import Response, abort, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, local_day, utc_now, uuid7, writing
from ...domain import load_pack
from ...figures.plans import standing_of
from ...figures.tallies import up_to_date
from ...models import Area, PlanTable, Unit
from ...models.journal import append_audit
from ...models.plans import KINDS
from .. import guard
from ..again import asks_again
from ..pages import show
from . import station
from .scope import committees, unit_of
from .sheets import exported


@station.get("/plans")
def plans() -> Response:
    up_to_date(load_pack())
    year, kind, today = _year(), _kind(), local_day(utc_now())
    rows = select(PlanTable).join(Unit).join(Area, Unit.area_id == Area.id).where(PlanTable.year == year)
    rows = rows.where(guard.within_scope(guard.person())).order_by(Area.path, PlanTable.kind)
    rows = rows.where(PlanTable.kind == kind) if kind else rows
    tables = db.session.scalars(rows.options(joinedload(PlanTable.unit), selectinload(PlanTable.rows))).all()
    states = {table.id: _states(table, today) for table in tables}
    without = [] if not kind else [unit for unit in committees() if unit.id not in {table.unit_id for table in tables}]
    return show("station/plans.html", tables=tables, year=year, kind=kind, states=states, without=without, kinds=KINDS)


@station.get("/plans/export.xlsx")
@asks_again
def export_plans() -> Response:
    """The rows of the year and kind (of one unit: ?unit=), in the columns that the import reads."""
    return exported("plan")


@station.post("/plans")
def begin_plan() -> AnyResponse:
    """A new empty table; where there is one already, that one."""
    unit, year, kind = unit_of(request.form.get("unit", "")), _year(), _kind()
    same = select(PlanTable.id).where(PlanTable.unit_id == unit.id, PlanTable.year == year, PlanTable.kind == kind)
    with writing() as session:
        known = session.scalar(same)
        if known is None:
            table = PlanTable(id=uuid7(), unit_id=unit.id, year=year, kind=kind)
            session.add(table)
            append_audit(session, utc_now(), guard.person().id, "began", "plan", table.id)
            known = table.id
    return redirect(f"/station/plans/{known}")


def _states(table: PlanTable, today) -> dict[str, int]:
    """state → how many rows."""
    found: dict[str, int] = {}
    for one in standing_of(db.session(), load_pack(), table, today)[0]:
        found[one.state] = found.get(one.state, 0) + 1
    return found


def _year() -> int:
    typed = request.values.get("year", "")
    return int(typed) if re.fullmatch("2[0-9]{3}", typed) else local_day(utc_now()).year


def _kind() -> str:
    """Empty: all kinds beside each other (R43)."""
    kind = request.values.get("kind", "fire")
    return kind if kind in KINDS or (not kind and request.method == "GET") else abort(404)
