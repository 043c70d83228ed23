"""Before what cannot be taken back (a role given, an export, an erasure) the password is asked anew: @asks_again."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from ..db import db, utc_now, writing
from ..models import Credential, Device
from ..models.credentials import forget_tries, is_right, subject, take_try
from . import guard
from .pages import say, show

FRESH = timedelta(minutes=10)
FIELD = "again_password"


def asks_again_when(needed: Callable[[], bool]) -> Callable:
    """Under a route. Whoever has no password passes: there is nothing to ask. Fields of the form are kept, files are not."""

    def guarded(view: Callable) -> Callable:
        @wraps(view)
        def confirmed(*args: Any, **named: Any) -> Any:
            return (_ask() if needed() else None) or view(*args, **named)

        return confirmed

    return guarded


asks_again = asks_again_when(lambda: True)  # an export, an erasure, a key, a link that opens a desk: always


def _ask() -> AnyResponse | None:
    credential = db.session.get(Credential, guard.caller().person_id)
    if credential is None or _is_fresh():
        return None
    typed = request.form.get(FIELD)
    if typed is not None and confirm(credential, typed):
        return None
    fields = [(name, value) for name, values in request.form.lists() if name != FIELD for value in values]
    wrong = say("密码不对，或者试得太多了。") if typed else None
    return show("account/again.html", status=403, fields=fields, wrong=wrong, came=_came_from())


def _came_from() -> str:
    """The page of ours that a file was asked for on, where the reader will want to be once they have it; / otherwise."""
    asked = urlsplit(request.referrer or "")
    return asked.path if asked.netloc == request.host and asked.path != request.path else "/"


def _is_fresh() -> bool:
    last = guard.caller().confirmed_at
    return last is not None and utc_now() - last < FRESH


def confirm(credential: Credential, typed: str) -> bool:
    """Is this the password of whoever is signed in? Ten tries an hour in this browser."""
    who, device_id = subject("again", guard.caller().id), guard.caller().id
    with writing() as session:
        open_still = take_try(session, who, utc_now())
    if not open_still or not is_right(db.session.get(Credential, credential.person_id), typed):
        return False
    with writing() as session:
        forget_tries(session, who)
        session.get_one(Device, device_id).confirmed_at = utc_now()
    return True
