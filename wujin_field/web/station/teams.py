"""志愿服务小队: a team has a name, a unit it belongs to, and members (R10, R152)."""

import re
from datetime import date

from flask import Response, abort, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, local_day, utc_now, uuid7, writing
from ...figures.service import served
from ...models import Area, Person, Team, Unit
from ...models.naming import clean
from ...periods import year_of
from .. import guard
from ..pages import say, show
from . import station
from .scope import audit, find_unit, people_in_scope, units_in_scope


@station.get("/teams")
def teams() -> Response:
    return _list()


@station.post("/teams")
@guard.only("station_clerk")
def add_team() -> AnyResponse:
    name = clean(request.form.get("zh", ""))
    with writing() as session:
        unit = find_unit(request.form.get("unit", ""))
        if not name:
            return _list(422, say("请写一个名称。"))
        team = Team(id=uuid7(), unit_id=unit.id, zh=name)
        session.add(team)
        audit(session, "added", "team", team.id)
        team_id = team.id
    return redirect(f"/station/teams/{team_id}", 303)


@station.get("/teams/<uuid:team_id>")
def team(team_id: object) -> Response:
    """?year=2026: how often each member went out and for how long, in the order of names, never of hours."""
    found, today = _find(str(team_id)), local_day(utc_now())
    typed = request.args.get("year", "")
    year = year_of(date(int(typed), 1, 1) if re.fullmatch(r"20\d\d", typed) else today)
    hours = served(db.session(), found.unit.area.path, year.first, year.last)
    people = people_in_scope().where(Person.active, Person.access.in_(guard.EVERYBODY)).order_by(Unit.code, Person.name)
    years = range(today.year, today.year - 3, -1)
    return show("station/team.html", team=found, people=db.session.scalars(people.options(joinedload(Person.unit))).all(),
                members={person.id for person in found.members}, hours=hours, year=year.key, years=years,
                total=sum(hours[one.id].hours for one in found.members if one.id in hours))  # fmt: skip


@station.post("/teams/<uuid:team_id>")
@guard.only("station_clerk")
def change_team(team_id: object) -> AnyResponse:
    """Name and members; a team without a tick in `active` is closed and stays in the records."""
    with writing() as session:
        found = _find(str(team_id))
        found.zh = clean(request.form.get("zh", "")) or found.zh
        found.active = bool(request.form.get("active"))
        found.members = _ticked(session)
        audit(session, "changed", "team", found.id, members=len(found.members))
    return redirect("/station/teams", 303)


def _ticked(session: Session) -> list[Person]:
    return list(session.scalars(people_in_scope().where(Person.id.in_(request.form.getlist("member")))))


def _list(status: int = 200, wrong: str = "") -> Response:
    rows = select(Team).join(Unit).join(Area).where(guard.within_units(guard.person())).order_by(Area.path, Team.zh)
    found = db.session.scalars(rows.options(joinedload(Team.unit), selectinload(Team.members))).all()
    return show("station/teams.html", status=status, wrong=wrong, teams=found, units=units_in_scope())


def _find(team_id: str) -> Team:
    rows = select(Team).join(Unit).join(Area).where(Team.id == team_id, guard.within_units(guard.person()))
    return db.session.scalar(
        rows.options(joinedload(Team.unit).joinedload(Unit.area), selectinload(Team.members))
    ) or abort(404)
