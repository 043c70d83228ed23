"""提示项: what the checks say today, and what they would say if a threshold changed."""

from datetime import timedelta

from flask import Response, abort, current_app, request
from sqlalchemy import func, select

from ...db import db, utc_now
from ...domain import load_pack
from ...domain.editing import numbers_of
from ...evidence.preview import preview
from ...models import Area, Finding, Visit
from ...sync.receipt import from_base64url
from .. import guard
from ..pages import show
from . import supervisor

DAYS = 31


@supervisor.get("/flags")
@guard.also("station_clerk")
def flags() -> Response:
    """Every flag with its weight, and on how many visits of the last month it stands."""
    rows = select(Finding.code, func.count(Finding.visit_id.distinct())).join(Visit, Visit.id == Finding.visit_id)
    rows = rows.join(Area, Area.id == Visit.area_id).where(
        guard.within_scope(guard.person()), Finding.withdrawn_at.is_(None)
    )
    recent = Finding.revision == Visit.revision, Visit.received_at >= utc_now() - timedelta(days=DAYS)
    counts = {row[0]: row[1] for row in db.session.execute(rows.where(*recent).group_by(Finding.code))}
    return show("supervisor/flags.html", flags=load_pack()["flag"], counts=counts, days=DAYS)


@supervisor.get("/flags/<flag_code>")
@guard.also("station_clerk")  # who changes the numbers sees first what they would do
def flag(flag_code: str) -> Response:
    """One flag; with other numbers in the address, what they would have changed."""
    pack = load_pack()
    if flag_code not in pack["flag"]:
        abort(404)
    rule = pack["flag"][flag_code]
    numbers = numbers_of(rule)
    asked = {name: _number(request.args.get(name, ""), value) for name, value in numbers.items()}
    changed = {name: value for name, value in asked.items() if value != numbers[name]}
    told = _preview(pack, flag_code, changed) if changed else None
    places = (
        {visit.id: visit for visit in db.session.scalars(select(Visit).where(Visit.id.in_(told.changed[:20])))}
        if told
        else {}
    )
    names = pack.files["spot_check"].get("threshold_name", {})
    return show("supervisor/flag.html", rule=rule, numbers=numbers, asked=asked, told=told, places=places, names=names,
                days=DAYS)  # fmt: skip


def _preview(pack, code: str, changed: dict):  # type: ignore[no-untyped-def]
    key = from_base64url(current_app.extensions["signer"].public_key)
    since = utc_now() - timedelta(days=DAYS)
    return preview(db.session(), pack, code, changed, guard.within_scope(guard.person()), since, key)


def _number(said: str, now: int | float) -> int | float:
    """What was typed, of the same kind as the number in force; that one when it is none."""
    try:
        return min(max(type(now)(said), 0), 10_000_000)
    except (ValueError, OverflowError):
        return now
