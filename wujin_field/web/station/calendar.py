"""The year's days: key days, stages, what is due and who has not sent it; receipts; a calendar to subscribe to."""

import re
import secrets
from datetime import date, timedelta

from flask import Response, abort, current_app, redirect, request
from sqlalchemy import select, update
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, local_day, utc_now, uuid7, writing
from ...domain import load_pack
from ...figures.calendar import events_of_year, is_known
from ...figures.deadlines import Standing, dues_of_year, standings
from ...figures.tallies import up_to_date
from ...models import CalendarFeed, Submission
from ...models.journal import append_audit
from ...models.people import token_hash
from .. import guard
from ..pages import show
from . import station
from .scope import unit_of, units_in_scope


@station.get("/calendar")
def calendar() -> Response:
    return _shown()


@station.post("/calendar/feed")
def make_feed() -> Response:
    """A new secret address for one's own unit; the old one falls silent. It is shown once."""
    token, unit_id = secrets.token_urlsafe(18), guard.person().unit_id
    with writing() as session:
        old = CalendarFeed.unit_id == unit_id, CalendarFeed.revoked_at.is_(None)
        session.execute(update(CalendarFeed).where(*old).values(revoked_at=utc_now()))
        session.add(CalendarFeed(id=uuid7(), unit_id=unit_id, token_hash=token_hash(token)))
        append_audit(session, utc_now(), guard.person().id, "made", "feed", unit_id)
    return _shown(feed=f"{current_app.config['SETTINGS'].public_url}/calendar/{token}.ics")


@station.post("/calendar/receipts")
def note_receipt() -> AnyResponse:
    """A paper or a file came in today, or on the day that was typed; `gone` takes the note back."""
    unit, form = unit_of(request.form.get("unit", "")), request.form
    way, code = form.get("way", ""), form.get("deadline", "")
    if (
        way not in ("paper", "electronic")
        or code not in load_pack()["deadline"]
        or not re.fullmatch(r"[\w/-]{4,40}", form.get("period", ""))
    ):
        abort(404)
    if guard.person().access not in ("station_clerk", "supervisor"):
        abort(403)
    day = None if form.get("gone") else _day(form.get("day", ""))
    with writing() as session:
        same = Submission.unit_id == unit.id, Submission.deadline == code, Submission.period == form["period"]
        row = session.scalar(select(Submission).where(*same))
        if row is None:
            row = Submission(
                id=uuid7(), unit_id=unit.id, deadline=code, period=form["period"], noted_by_id=guard.person().id
            )
            session.add(row)
        setattr(row, f"{way}_at", day and (getattr(row, f"{way}_at") or day))  # the first time counts (D)
        append_audit(session, utc_now(), guard.person().id, "received", "submission", row.id)
    return redirect(f"/station/calendar?year={form.get('year', '')}#{code}-{form['period']}")


def _shown(feed: str = "") -> Response:
    pack, today = load_pack(), local_day(utc_now())
    up_to_date(pack)
    typed = request.args.get("year", "")
    year = int(typed) if re.fullmatch("20[2-9][0-9]", typed) else today.year
    grouped: dict[tuple[str, str], list[Standing]] = {}
    for one in standings(db.session(), pack, dues_of_year(pack, year), units_in_scope()):
        grouped.setdefault((one.due.code, one.due.period.key), []).append(one)
    events = events_of_year(pack, year)
    lines = sorted([(event.first, 0, event) for event in events] + [(found[0].due.due, 1, found) for found in grouped.values()],
                   key=lambda line: line[:2])  # fmt: skip
    months = [(date(year, month, 1), [line for line in lines if line[0].month == month]) for month in range(1, 13)]
    return show("station/calendar.html", year=year, today=today, months=months, feed=feed, known=is_known(pack, year),
                soon=today + timedelta(days=14), has_feed=_has_feed())  # fmt: skip


def _has_feed() -> bool:
    mine = CalendarFeed.unit_id == guard.person().unit_id, CalendarFeed.revoked_at.is_(None)
    return db.session.scalar(select(CalendarFeed.id).where(*mine)) is not None


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return local_day(utc_now())
