"""What became of the villages' monthly reports: last month's all but one are in, this month's stand in every state."""

from datetime import date, datetime, time, timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ..config import STATION_ZONE
from ..db import db, utc_now, writing
from ..domain import load_pack
from ..models import Person, Report, Submission, Unit
from ..reports import handing_in
from ..reports.ask import Ask, Words
from .town import Town

KIND, CLERK = "annex2_monthly", "何敏"
# of this month, by the order of the villages; the others have not begun
STATES = ("received", "submitted", "returned", "begun", "submitted", "begun")
REASON = "第二周只有一条，请把疏散演练补上；照片请换成看得清人的。"


def hand_papers_in(app: Flask, town: Town, today: date) -> None:
    last = today.replace(day=1) - timedelta(days=1)
    with app.app_context():
        with writing() as session:
            _last_month(session, town, f"{last:%Y-%m}")
        with writing() as session:
            for unit, state in zip(town.committees(), STATES, strict=False):
                _this_month(session, town, unit, f"{today:%Y-%m}", state)
        db.session.remove()


def _last_month(session: Session, town: Town, period: str) -> None:
    """Each on the day that stands in the station's list of what came (cast/campaigns.py)."""
    came = select(Submission).where(Submission.deadline == "monthly_report", Submission.period == period)
    for row in session.scalars(came).all():
        ask, who = _ask(session, row.unit_id, period), _person(session, town, CLERK)
        at = datetime.combine(row.electronic_at or row.paper_at or utc_now().date(), time(17), STATION_ZONE)
        handing_in.receive(ask, _handed_in(ask, who, at), who, row.paper_at, row.electronic_at, at)


def _this_month(session: Session, town: Town, unit: Unit, period: str, state: str) -> None:
    ask, now, station = _ask(session, unit.id, period), utc_now(), _person(session, town, CLERK)
    own = [name for name, one in town.people.items() if one.unit_id == unit.id and one.access == "village_clerk"]
    who = _person(session, town, own[0]) if own else station
    if state == "begun":
        handing_in.save(ask, handing_in.draft(ask, who), who, Words(person=who.name), 0)
        return
    report = _handed_in(ask, who, now - timedelta(hours=5))
    if state == "returned":
        handing_in.send_back(session, report, station, REASON, now - timedelta(hours=2))
    elif state == "received":
        handing_in.receive(ask, report, station, None, (now - timedelta(hours=1)).astimezone(STATION_ZONE).date())


def _handed_in(ask: Ask, who: Person, at: datetime) -> Report:
    report = handing_in.draft(ask, who)
    handing_in.save(ask, report, who, Words(person=who.name, public=True), 0)
    handing_in.hand_in(ask, report, who, at)
    return report


def _ask(session: Session, unit_id: str, period: str) -> Ask:
    unit = session.get_one(Unit, unit_id, options=[joinedload(Unit.area)])
    return Ask(session, load_pack(), KIND, unit, period)


def _person(session: Session, town: Town, name: str) -> Person:
    return session.get_one(Person, town.person(name).id)
