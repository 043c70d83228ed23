"""How many of two this week, and which village has what for its monthly paper."""

from datetime import date

from flask import Response

from ...db import db, local_day, utc_now
from ...domain import load_pack
from ...figures.week import this_week
from .. import guard
from ..pages import show
from . import station
from .reports import month_lines


@station.get("/")
def home() -> Response:
    today: date = local_day(utc_now())
    due_day = load_pack()["deadline"]["monthly_report"]["due_day"]
    return show(
        "station/week.html", week=this_week(db.session(), load_pack(), guard.scope_path(guard.person()), today),
        today=today, lines=month_lines(today.year, today.month), due_day=due_day, days_left=due_day - today.day,
        period=f"{today:%Y-%m}",
    )  # fmt: skip
