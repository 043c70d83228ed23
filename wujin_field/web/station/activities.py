"""What stands behind a number, and what the desk says of an activity: accepted, void, taken back."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, local_day, utc_now, writing
from ...domain import load_pack
from ...figures import behind
from ...figures.calendar import between
from ...figures.campaigns import campaigns_of
from ...figures.daily import CUTS
from ...figures.quota_periods import periods_of
from ...figures.quotas import applies, lines_of
from ...figures.tallies import up_to_date
from ...models import Activity, ActivityRuling, ActivityTally, Area, Visit
from ...models.activities import label_activity, rule_activity
from ...models.rulings import latest_result, state_of
from ...periods import Period
from ...sync.envelope import is_id
from .. import guard
from ..filters import read_day
from ..pages import show
from . import station
from .scope import area_of, unit_of


@station.get("/figures/<quota>")
def behind_quota(quota: str) -> Response:
    """?unit=liuxi&on=2026-11-04: the activities, venues or areas that this quota counted."""
    pack = load_pack()
    asked, unit, day = pack["quota"].get(quota) or abort(404), unit_of(request.args.get("unit", "")), _day("on")
    up_to_date(pack)
    lines = lines_of(db.session(), pack, asked, [unit], day)
    period = _period(pack, asked, day)
    if not applies(asked, unit) or period is None:
        abort(404)
    wanted = behind.Wanted(period, unit_id=unit.id, quota=quota)
    found: dict[str, Any] = {
        "venues": behind.venues(db.session(), asked, unit, period)
        if asked["measure"] in ("venues", "places")
        else None,
        "areas": behind.areas(db.session(), asked, unit, period) if asked["measure"] == "areas" else None,
        "page": behind.activities(db.session(), wanted, _after()) if asked["measure"] == "activities" else None,
    }
    return show("station/behind.html", "station/_activity_lines.html", quota=asked, unit=unit, day=day, period=period,
                lines=[line for line in lines if line.period == period], onward=_onward(), **found)  # fmt: skip


@station.get("/activities")
def activities() -> Response:
    """?unit=…&from=…&to=…, or area=…; cut=form&code=safety_lecture."""
    up_to_date(load_pack())
    period = Period(_day("from"), _day("to"))
    unit = unit_of(request.args["unit"]) if request.args.get("unit") else guard.person().unit
    area = (area_of(request.args["area"]) or abort(404)) if request.args.get("area") else None
    cut = request.args.get("cut", "") if request.args.get("cut") in (*CUTS, "programme") else ""
    wanted = behind.Wanted(period, None if area else unit.id, area, "", cut, request.args.get("code", ""))
    page = behind.activities(db.session(), wanted, _after())
    return show("station/activities.html", "station/_activity_lines.html", page=page, unit=unit, area=area, period=period,
                cut=cut, code=wanted.code, onward=_onward())  # fmt: skip


@station.get("/activities/<uuid:activity_id>")
def activity(activity_id: str) -> Response:
    return _activity(_find(str(activity_id)))


@station.post("/activities/<uuid:activity_id>/rulings")
def rule(activity_id: str) -> AnyResponse:
    """Accept what has no visit to accept, call a wrong record void with a reason, take that back."""
    result, reason = request.form.get("result", ""), request.form.get("reason", "")
    if guard.person().access not in ("station_clerk", "supervisor"):
        abort(403)
    try:
        with writing() as session:
            rule_activity(session, _find(str(activity_id)), guard.person(), result, reason)
    except ValueError:
        return _activity(_find(str(activity_id)), 422, wrong=True)
    return redirect(f"/station/activities/{activity_id}")


@station.post("/activities/<uuid:activity_id>/programmes")
@guard.only("station_clerk", "supervisor", "village_clerk")
def label(activity_id: str) -> AnyResponse:
    """Which programmes of others it also serves."""
    chosen = [code for code in request.form.getlist("programme") if code in load_pack()["programme"]]
    with writing() as session:
        label_activity(session, _find(str(activity_id)), guard.person(), chosen)
    return redirect(f"/station/activities/{activity_id}#programmes", 303)


def _activity(found: Activity, status: int = 200, wrong: bool = False) -> Response:
    rows = (
        select(Visit, latest_result().scalar_subquery()).where(Visit.activity_id == found.id).order_by(Visit.started_at)
    )
    visits = [
        (row[0], state_of(row[1]))
        for row in db.session.execute(rows.options(joinedload(Visit.venue), selectinload(Visit.photos)))
    ]
    said = (
        select(ActivityRuling).where(ActivityRuling.activity_id == found.id).order_by(ActivityRuling.decided_at.desc())
    )
    pack = load_pack()
    up_to_date(pack)
    return show("station/activity.html", status=status, activity=found, visits=visits, wrong=wrong,
                said=db.session.scalars(said).all(), programmes=pack["programme"], campaigns=campaigns_of(db.session(), found),
                events=between(pack, found.day, found.day), tally=db.session.get(ActivityTally, found.id))  # fmt: skip


def _find(activity_id: str) -> Activity:
    inside = guard.within_scope(guard.person())
    rows = select(Activity).join(Area, Area.id == Activity.area_id).where(Activity.id == activity_id, inside)
    whole = joinedload(Activity.area), joinedload(Activity.unit), joinedload(Activity.author)
    return db.session.scalar(rows.options(*whole)) or abort(404)


def _period(pack, quota, day: date) -> Period | None:
    """Of overlapping periods the one that ?period= names, else the newest."""
    periods = periods_of(pack, quota, day)
    named = [period for period in periods if period.key == request.args.get("period")]
    return next(iter(named or periods[-1:]), None)


def _day(name: str) -> date:
    try:
        return read_day(request.args.get(name, ""))
    except ValueError:
        return local_day(utc_now())


def _after() -> tuple[date, str] | None:
    day, _, activity_id = request.args.get("after", "").partition("_")
    try:
        return (date.fromisoformat(day), activity_id) if is_id(activity_id) else None
    except ValueError:
        return None


def _onward() -> str:
    """This page's own question, for the link to its next page."""
    return urlencode([(name, value) for name, value in request.args.items() if name != "after"])
