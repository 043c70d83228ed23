"""一览: what a leader who looks after an area finds first. Sums of its units, never a person, never a home."""

from flask import Response

from ...db import db, local_day, utc_now
from ...domain import load_pack
from ...figures.rollup import rollup
from ...figures.tallies import up_to_date
from ...periods import month_of, year_of
from .. import guard
from ..pages import show
from . import station
from .scope import units_in_scope


@station.get("/overview")
@guard.only("station_clerk", "supervisor", "village_clerk")
@guard.also("lead_view")
def overview() -> Response:
    today, pack, units = local_day(utc_now()), load_pack(), units_in_scope()
    up_to_date(pack)
    periods = [month_of(today), year_of(today)]
    return show("station/overview.html", area=guard.person().unit.area,
                sums=[(period, rollup(db.session(), pack, units, period, today)) for period in periods])  # fmt: skip
