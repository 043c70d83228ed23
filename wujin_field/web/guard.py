"""Who may. Deny by default: every face names who enters, every query is cut to what they may see."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, request
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from ..db import db, utc_now, writing
from ..models import Area, Device, Person, Unit
from ..models.people import DEVICE_DAYS, token_hash

COOKIE = "wujin_device"
SAFE = {"GET", "HEAD", "OPTIONS"}

# Which access codes (roles.toml) enter which face; everybody who is signed in may record visits but the onlookers.
ENTERS = {
    "field": {"field", "field_lead", "village_clerk", "reporter", "station_clerk", "supervisor"},
    "supervisor": {"supervisor"},
    "station": {"station_clerk", "village_clerk", "supervisor"},
}
HOME = {
    "supervisor": "/supervisor/",
    "station_clerk": "/station/",
    "village_clerk": "/station/",
}

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def init(app: Flask) -> None:
    app.before_request(_same_origin_only)
    app.before_request(_recognise)
    app.after_request(_headers)


def face(
    name: str, prefix: str, refuse: Callable[[], AnyResponse] | None = None, enters: str | None = None
) -> Blueprint:
    """A parent blueprint with its guard on it. refuse: the answer to a stranger (default: the way in)."""
    blueprint = Blueprint(name, __name__, url_prefix=prefix)

    @blueprint.before_request
    def admit() -> AnyResponse | None:
        if person() is None:
            return (refuse or _way_in)()
        if person().access not in ENTERS[enters or name]:
            abort(403)
        return None

    blueprint.guarded = True  # type: ignore[attr-defined]  # read by tests/test_doors.py
    return blueprint


def person() -> Person:
    """Whoever is signed in; None for a stranger (guarded faces never see None)."""
    return g.device.person if g.device else None  # type: ignore[return-value]


def home_of(who: Person) -> str:
    return HOME.get(who.access) or ("/field/" if who.access in ENTERS["field"] else "/")


def within_scope(who: Person) -> ColumnElement[bool]:
    """Cut a query that joins Area to the subtree of the reader's own unit."""
    return Area.path.startswith(scope_path(who), autoescape=True)


def scope_path(who: Person) -> str:
    return who.unit.area.path


def sign_in(response: Response, token: str) -> Response:
    """Bind this browser: the cookie is the device's secret, the database keeps its hash."""
    days = timedelta(days=400)  # the server's own rule (90 days since last contact) decides; browsers cap at 400
    secure = current_app.config["SETTINGS"].public_url.startswith("https://") and request.is_secure
    response.set_cookie(COOKIE, token, max_age=days, httponly=True, samesite="Lax", secure=secure)
    return response


def touch(device: Device, unsent: int | None = None) -> None:
    """Note the phone's contact, at most every ten minutes, or when its count of unsent items changed."""
    stale = utc_now() - device.last_seen_at > timedelta(minutes=10)
    if stale or (unsent is not None and unsent != device.unsent_count):
        with writing() as session:
            row = session.get_one(Device, device.id)
            row.last_seen_at, row.unsent_count = utc_now(), unsent


def _recognise() -> None:
    g.device, token = None, request.cookies.get(COOKIE)
    if not token or request.endpoint == "public.static_file":
        return
    whole = joinedload(Device.person).joinedload(Person.unit).joinedload(Unit.area)
    device = db.session.scalar(select(Device).where(Device.token_hash == token_hash(token)).options(whole))
    if device and device.is_enrolled(utc_now()):
        g.device = device


def _same_origin_only() -> None:
    """Another site may not speak with our cookie: Fetch Metadata where the browser sends it, Origin otherwise."""
    if request.method in SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        foreign = site not in ("same-origin", "none")
    else:
        ours = {request.host, urlsplit(current_app.config["SETTINGS"].public_url).netloc}
        foreign = origin is not None and urlsplit(origin).netloc not in ours
    if foreign:
        abort(403)


def _way_in() -> AnyResponse:
    return redirect("/sign-in")


def _headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.endpoint == "public.static_file":  # forty small files on a slow line: their headers would weigh a third
        return response
    response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(self), geolocation=(self), microphone=()"
    response.headers.setdefault("Cache-Control", "no-store")
    if current_app.config["SETTINGS"].public_url.startswith("https://"):
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


__all__ = [
    "COOKIE",
    "DEVICE_DAYS",
    "ENTERS",
    "face",
    "home_of",
    "person",
    "scope_path",
    "sign_in",
    "touch",
    "within_scope",
]
