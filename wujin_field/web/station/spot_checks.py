"""抽查情况: how much was looked at and what the records bear, by unit."""

from flask import Response, request
from sqlalchemy import select

from ...db import db, local_day, utc_now
from ...domain import load_pack
from ...figures.belief import belief
from ...models import Area, Unit
from ...periods import DAY, Period, month_of, year_of
from .. import guard
from ..pages import show
from . import station


@station.get("/spot-checks")
@guard.also("reporter", "lead_view", "coordinator")
def spot_checks() -> Response:
    """?period=2026-11, or the year; units in administrative order, those without a visit left out."""
    pack, choices = load_pack(), _choices()
    period = next((one for one in choices if one.key == request.args.get("period")), choices[0])
    rows = select(Unit).join(Area, Unit.area_id == Area.id).where(guard.within_units(guard.person()), Unit.active)
    units = list(db.session.scalars(rows.order_by(Area.path, Unit.code)))
    whole, *lines = belief(db.session(), pack, units, period)
    rules = pack.files["spot_check"]["sampling"]
    return show("station/spot_checks.html", period=period, choices=choices, whole=whole, least=rules["min_n_for_rate"],
                lines=[line for line in lines if line.visits])  # fmt: skip


def _choices() -> list[Period]:
    """This month, the one before, this year."""
    month = month_of(local_day(utc_now()))
    return [month, month_of(month.first - DAY), year_of(month.first)]
