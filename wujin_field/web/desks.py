"""What a signed-in browser may send to the pages in a day, beside what its phone hands in through /sync (limits.py)."""

import threading
from collections import Counter
from datetime import date

from flask import Flask, Response, current_app, request

from ..db import local_day, utc_now
from ..sync.envelope import Refused
from . import guard
from .limits import Body

# Ten backups of phones by hand (sync/backup_file.py); a sheet or a picture is nothing beside one.
BYTES_A_DAY = 4_000_000_000


def init(app: Flask) -> None:
    app.extensions["desks"] = Desks()
    app.before_request(_within_a_day)
    app.after_request(_note)


class Desks:
    """Bytes by device since the station's midnight. In memory: a restart forgets, and the disk has a guard of its own."""

    def __init__(self) -> None:
        self._lock, self._day, self._sent = threading.Lock(), date.min, Counter[str]()

    def sent(self, device_id: str, more: int = 0) -> int:
        with self._lock:
            if self._day != (today := local_day(utc_now())):
                self._day, self._sent = today, Counter()
            self._sent[device_id] += more
            return self._sent[device_id]


def _within_a_day() -> None:
    if _at_a_desk() and current_app.extensions["desks"].sent(guard.caller().id) >= BYTES_A_DAY:
        raise Refused(429, "too_many_today")


def _note(response: Response) -> Response:
    body = request.environ.get("wsgi.input")
    if _at_a_desk() and isinstance(body, Body):
        current_app.extensions["desks"].sent(guard.caller().id, body.received)
    return response


def _at_a_desk() -> bool:
    return request.method == "POST" and guard.caller() is not None
