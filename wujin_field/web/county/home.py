"""How the units below stand this year: one line each, in administrative order."""

from flask import Response, request
from sqlalchemy import select

from ...db import db, local_day, utc_now
from ...domain import load_pack
from ...figures.assessment import sheet_period
from ...figures.rollup import OFFICES, rollup
from ...figures.tallies import up_to_date
from ...models import Area, RegisterEntry, Unit
from ...periods import Period, quarter_of, year_of
from .. import guard
from ..pages import show
from . import county


@county.get("/")
def home() -> Response:
    today = local_day(utc_now())
    period, pack = _period(request.args.get("period", ""), year_of(today)), load_pack()
    up_to_date(pack)
    rows = select(Unit).join(Area).where(Unit.active, Unit.unit_kind.in_(OFFICES), guard.within_scope(guard.person()))
    units = sorted(
        db.session.scalars(rows.order_by(Area.path, Unit.code)), key=lambda unit: OFFICES.index(unit.unit_kind)
    )
    return show(
        "county/home.html", period=period, lines=rollup(db.session(), pack, units, period, today), tasks=_tasks(),
        choices=[year_of(today).key, quarter_of(today).key], today=today.isoformat(),
    )  # fmt: skip


def _tasks() -> list[RegisterEntry]:
    """Handed down and not closed, the first due first."""
    rows = (
        select(RegisterEntry)
        .join(Unit)
        .join(Area)
        .where(RegisterEntry.kind == "task", RegisterEntry.void_reason.is_(None))
    )
    rows = rows.where(RegisterEntry.state != "closed", guard.within_scope(guard.person()))
    return sorted(db.session.scalars(rows), key=lambda task: task.values["due"])


def _period(typed: str, otherwise: Period) -> Period:
    try:
        return sheet_period(typed) if typed else otherwise
    except ValueError:
        return otherwise
