"""Plan tables as they stand; printed as annex 1."""

import re

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from ...db import db, local_day, utc_now
from ...models import Area, PlanTable, Unit
from .. import guard
from ..pages import show
from . import station


@station.get("/plans")
def plans() -> Response:
    typed = request.args.get("year", "")
    year = int(typed) if re.fullmatch("2[0-9]{3}", typed) else local_day(utc_now()).year
    rows = select(PlanTable).join(Unit).join(Area, Unit.area_id == Area.id).where(PlanTable.year == year)
    rows = rows.where(guard.within_scope(guard.person())).order_by(Area.path)
    whole = joinedload(PlanTable.unit), selectinload(PlanTable.rows)
    return show("station/plans.html", tables=db.session.scalars(rows.options(*whole)).all(), year=year)
