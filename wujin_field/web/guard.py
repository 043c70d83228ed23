"""Who may. Deny by default: every face names who enters, every query is cut to what they may see."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from flask import Blueprint, Flask, abort, current_app, g, redirect, request
from sqlalchemy import ColumnElement, Row, bindparam, false, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from ..db import db, utc_now, writing
from ..models import Area, Device, Person, Unit
from ..models.people import DEVICE_DAYS, is_enrolled, token_hash
from ..quick import prepare, quick
from . import fence
from .cookies import COOKIE, known_here, sign_in

HEARD_OUT = timedelta(days=30)
ASK_NOBODY = {"public.static_file", "public.health", "public.metrics"}  # they answer without a database too
NOTING = threading.Lock()

# Which access codes (roles.toml) enter which face; everybody who is signed in may record visits but the onlookers.
EVERYBODY = {
    "field",
    "field_lead",
    "village_clerk",
    "reporter",
    "lead_view",
    "station_clerk",
    "supervisor",
    "coordinator",
}
ENTERS = {
    "account": EVERYBODY,
    "county": {"coordinator"},
    "field": {"field", "field_lead", "village_clerk", "reporter", "station_clerk", "supervisor"},
    "supervisor": {"supervisor"},
    "station": {"station_clerk", "village_clerk", "supervisor"},
}
HOME = {
    "supervisor": "/supervisor/",
    "station_clerk": "/station/",
    "village_clerk": "/station/",
    "reporter": "/station/registers",
    "coordinator": "/county/",
    "lead_view": "/station/overview",
}
UNIT_PAPERS = (
    "reporter",
    "coordinator",
)  # registers and score sheets: a department's own, and those of all below the county

# Most requests are a phone's, and need no more of it than this: one small row, never the objects behind it.
_device, _person = Device.__table__.c, Person.__table__.c
CALLER = (
    select(_device.id, _device.person_id, _device.revoked_at, _device.last_seen_at, _device.signed_in_with,
           _device.confirmed_at, _person.active, _person.access, _person.large_text)
    .join(Person.__table__, _person.id == _device.person_id)
    .where(_device.token_hash == bindparam("token_hash"))
)  # fmt: skip
prepare([CALLER])


def init(app: Flask) -> None:
    fence.init(app)
    app.before_request(_recognise)


def face(
    name: str, prefix: str, refuse: Callable[[], AnyResponse | None] | None = None, enters: str | None = None
) -> Blueprint:
    """A parent blueprint with its guard on it. refuse: the answer to a stranger (default: the way in); None lets by."""
    blueprint = Blueprint(name, __name__, url_prefix=prefix)

    @blueprint.before_request
    def admit() -> AnyResponse | None:
        if caller() is None:
            return (refuse or _way_in)()
        if not _admits(ENTERS[enters or name]):
            abort(403)
        if name != "sync":  # a phone says there how much it has not sent
            touch(caller())
        return None

    blueprint.guarded = True  # type: ignore[attr-defined]  # read by tests/test_doors.py
    return blueprint


def only(*accesses: str) -> Callable:
    """Over a view: of all who enter the face, these alone. `@guard.only("station_clerk")`"""
    return _mark("only", accesses)


def also(*accesses: str) -> Callable:
    """Over a view: beside those who enter the face, these, and only here. `@guard.also("reporter")`"""
    return _mark("also", accesses)


def _mark(name: str, accesses: tuple[str, ...]) -> Callable:
    def marked(view: Callable) -> Callable:
        setattr(view, name, accesses)
        return view

    return marked


def _admits(entering: set[str]) -> bool:
    """May the caller in here? A view's own marks (only, also) are stricter, or wider, than its face."""
    view, access = current_app.view_functions[request.endpoint or ""], caller().access
    return access in getattr(view, "only", entering) or access in getattr(view, "also", ())


def caller() -> Row:
    """The enrolled device that asks (id, person_id, access, large_text); None for a stranger (guarded faces never see None)."""
    return g.get("caller")  # type: ignore[return-value]


def device() -> Device:
    """The same as an object, with its person, unit and area; read when first asked for. None for a stranger."""
    if "device" not in g:
        whole = joinedload(Device.person).joinedload(Person.unit).joinedload(Unit.area)
        g.device = db.session.get(Device, caller().id, options=[whole]) if caller() else None
    return g.device


def person() -> Person:
    """Whoever is signed in; None for a stranger."""
    return device().person if caller() else None  # type: ignore[return-value]


def home_of(who: Person) -> str:
    return HOME.get(who.access) or ("/field/" if who.access in ENTERS["field"] else "/")


def faces_of(access: str) -> list[str]:
    """The faces that somebody with this access enters, and the access itself: some ways are one role's alone.

    unit_papers are the station's pages that two more may see.
    """
    faces = [access, *(name for name, entering in ENTERS.items() if access in entering)]
    return [*faces, "unit_papers"] if "station" in faces or access in UNIT_PAPERS else faces


def within_scope(who: Person) -> ColumnElement[bool]:
    """Cut a query that joins Area to the subtree of the reader's own unit; a department has no subtree."""
    return false() if who.access == "reporter" else Area.path.startswith(scope_path(who), autoescape=True)


def within_units(who: Person) -> ColumnElement[bool]:
    """Cut a query that joins Unit and Area: the subtree, for a department's reporter their own unit."""
    return Unit.id == who.unit_id if who.access == "reporter" else within_scope(who)


def scope_path(who: Person) -> str:
    return who.unit.area.path


def touch(device: Device | Row, unsent: int | None = None) -> None:
    """Note the phone's contact, at most every ten minutes, or when its count of unsent items changed."""
    stale = utc_now() - device.last_seen_at > timedelta(minutes=10)
    # While the database is held one reader waits to write this down, not all; nobody goes without a pack for it.
    if (stale or (unsent is not None and unsent != device.unsent_count)) and NOTING.acquire(blocking=False):
        try:
            with suppress(SQLAlchemyError), writing() as session:
                row = session.get_one(Device, device.id)
                row.last_seen_at = utc_now()
                row.unsent_count = row.unsent_count if unsent is None else unsent
        finally:
            NOTING.release()


def _recognise() -> None:
    for known in ("caller", "device", "revoked"):  # of an earlier request, where a test holds one context open
        g.pop(known, None)
    token = request.cookies.get(COOKIE)
    if not token or request.endpoint in ASK_NOBODY:
        return
    with db.engine.connect() as connection:
        found = quick(connection).execute(CALLER, {"token_hash": token_hash(token)}).first()
    now = utc_now()
    if found and found.active and is_enrolled(found, now):
        g.caller = found
    elif found and found.revoked_at and now - found.revoked_at < HEARD_OUT:
        g.revoked = found


def sending() -> Row:
    """Who hands something in: the caller, or a phone that was stopped lately."""
    return caller() or g.revoked


def revoked() -> Row | None:
    """The device that asks, when it was revoked lately: it sees nothing, what it still sends is kept aside."""
    return g.get("revoked")


def _way_in() -> AnyResponse:
    return redirect("/sign-in")


__all__ = [
    "COOKIE",
    "DEVICE_DAYS",
    "ENTERS",
    "EVERYBODY",
    "UNIT_PAPERS",
    "also",
    "caller",
    "device",
    "face",
    "faces_of",
    "home_of",
    "known_here",
    "only",
    "person",
    "revoked",
    "scope_path",
    "sending",
    "sign_in",
    "touch",
    "within_scope",
    "within_units",
]
