"""What one phone may ask of the station: how much a day, how many at once, how slowly. Beyond it: 429, and it waits.

What was sent today is read from the receipts, so that several nodes agree and a restart forgets nothing.
"""

import shutil
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from datetime import time as clock_time
from pathlib import Path
from typing import BinaryIO
from weakref import WeakSet

from flask import Flask, current_app, request
from sqlalchemy import Connection, and_, bindparam, func, select

from ..config import PHOTO_BYTES_MAX, STATION_ZONE, Settings
from ..db import db, local_day, utc_now
from ..models import Photo, Receipt
from ..sync.envelope import Refused
from . import guard

PHOTOS_A_DAY, PHOTO_BYTES_A_DAY, CLAIMS_A_DAY = 2000, 1_500_000_000, 3000
PER_DEVICE, AT_ONCE, QUEUE_S = 4, 80, 0.5  # of 96 threads sixteen are always left for readers and for /healthz
ROOM = 200 * 1024 * 1024
PACE, PATIENCE_S, HEAR_OUT_S = 1024, 60, 60  # bytes a second, and for how long we bear less
PIECE, BIG_PIECE = 8192, 64 * 1024  # a slow line is heard in small pieces, so that each of them counts


_receipt, _photo = Receipt.__table__.c, Photo.__table__.c
SENT_SINCE = (
    select(func.count(_photo.sha256), func.coalesce(func.sum(_photo.bytes), 0), func.count())
    .select_from(Receipt.__table__)
    .outerjoin(Photo.__table__, and_(_photo.sha256 == _receipt.digest, _receipt.kind == "photo"))
    .where(_receipt.device_id == bindparam("device_id"), _receipt.received_at >= bindparam("since"))
)


def init(app: Flask) -> None:
    app.extensions["uploads"] = Uploads()
    app.before_request(_count_body)


@contextmanager
def upload(kind: str, subject_id: str) -> Iterator[None]:
    """Stand in this block while a body is read and taken in. Raises Refused (429, 507) before a byte of it is read."""
    device_id = guard.sending().id
    with current_app.extensions["uploads"].one_more(device_id):
        if kind == "photo" and crowded(current_app.config["SETTINGS"]):
            raise Refused(507, "disk_full")
        _within_a_day(kind, subject_id, device_id)
        db.session.remove()  # a body may take minutes: until it is here it holds no connection and no snapshot
        yield


class Uploads:
    """Who is sending right now, in this process: each of them holds a thread."""

    def __init__(self) -> None:
        self._turn, self._of, self._room = threading.Condition(), Counter[str](), Counter[str]()

    @contextmanager
    def one_more(self, device_id: str) -> Iterator[None]:
        with self._turn:
            free = self._turn.wait_for(lambda: self._of.total() < AT_ONCE, QUEUE_S)
            if not free or self._of[device_id] >= PER_DEVICE:
                raise Refused(429, "too_many_at_once")
            self._of[device_id] += 1
        try:
            yield
        finally:
            with self._turn:
                self._of[device_id] -= 1
                if not self._of[device_id]:
                    del self._of[device_id]
                self._turn.notify()

    def has_room(self, device_id: str) -> bool:
        """Far from the day's measure it need not be asked of the database each time."""
        with self._turn:
            self._room[device_id] -= 1
            return self._room[device_id] >= 0

    def leave_room(self, device_id: str, requests: int) -> None:
        """An eighth of what is left: several processes together stay below it. Over midnight room only grows."""
        with self._turn:
            self._room[device_id] = requests


def places(settings: Settings) -> list[Path]:
    """Where we write on this machine."""
    return [settings.data_dir, *([settings.photo_dir] if settings.photo_store == "file:" else [])]


def crowded(settings: Settings) -> bool:
    """Is one of our disks so full that photos must wait, so that the database can go on? Raises OSError."""
    return any(_is_crowded(shutil.disk_usage(place)) for place in places(settings))


def _is_crowded(disk: "shutil._ntuple_diskusage") -> bool:
    """Less than 200 MB (on a small disk 5 % of it), and never less than two uploads of the largest size."""
    two_uploads = min(2 * PHOTO_BYTES_MAX, disk.total // 4)
    return disk.free < max(two_uploads, min(ROOM, disk.total // 20))


def _within_a_day(kind: str, subject_id: str, device_id: str) -> None:
    """Raises Refused over the day's measure. What we have receipted before passes: its answer never changes."""
    if current_app.extensions["uploads"].has_room(device_id):
        return
    connection = db.session.connection()
    photos, size, claims = sent_today(connection, device_id, utc_now())
    over = photos >= PHOTOS_A_DAY or size >= PHOTO_BYTES_A_DAY if kind == "photo" else claims >= CLAIMS_A_DAY
    same = Receipt.kind == kind, Receipt.subject_id == subject_id, Receipt.device_id == device_id
    if over and not connection.execute(select(Receipt.server_seq).where(*same)).first():
        raise Refused(429, "too_many_today")
    most = PHOTOS_A_DAY - photos, (PHOTO_BYTES_A_DAY - size) // PHOTO_BYTES_MAX, CLAIMS_A_DAY - claims
    current_app.extensions["uploads"].leave_room(device_id, min(most) // 8)


def sent_today(connection: Connection, device_id: str, now: datetime) -> tuple[int, int, int]:
    """Photos, their bytes, and claims that this phone got receipts for since the station's midnight."""
    midnight = datetime.combine(local_day(now), clock_time(), STATION_ZONE)
    found = connection.execute(SENT_SINCE, {"device_id": device_id, "since": midnight}).one()
    return found[0], int(found[1]), found[2] - found[0]


def _count_body() -> None:
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        environ = request.environ
        environ["wsgi.input"] = Body(environ["wsgi.input"], environ.get("gunicorn.socket"))


class Body:
    """What is being sent to us, counted; cut when it trickles, for it holds a thread as long as it likes.

    received: bytes so far; waited: seconds that we spent waiting for them. line: the socket, or None in a test.
    """

    def __init__(self, stream: BinaryIO, line: socket.socket | None):
        self._stream, self._line = stream, line
        self.received, self.waited, self.too_slow = 0, 0.0, False
        self._since, self._until = (0.0, 0), float("inf")
        self._waiting: tuple[float, float] | None = None  # seconds waited before this piece, and since when for it
        self._piece = PIECE

    def read(self, size: int | None = -1) -> bytes:
        """Raises Refused: 408 when it was too slow, 400 when the line broke."""
        left, parts = sys.maxsize if size is None or size < 0 else size, []
        while left and (part := self._heard(self._stream.read, min(self._piece, left))):
            parts.append(part)
            left -= len(part)
            self._piece = BIG_PIECE if self._is_fast() else PIECE
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _is_fast(self) -> bool:
        """Would a big piece be here within a second?"""
        return self.received >= BIG_PIECE * self.waited

    def readline(self, size: int | None = -1) -> bytes:
        return self._heard(self._stream.readline, -1 if size is None else size)

    def readlines(self, _hint: int = -1) -> list[bytes]:
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def hurry(self, seconds: float) -> None:
        """From here on it has so many seconds, however fast it comes."""
        self._until = self.waited + seconds

    def look(self, now: float) -> None:
        """Cut the line when it trickles; called once a second by the watch, while somebody waits in read()."""
        waiting = self._waiting
        if not waiting:
            return
        waited, since = waiting
        spent, (then, received) = waited + now - since, self._since
        if spent - then >= PATIENCE_S:
            enough = max(1, PACE * PATIENCE_S - PIECE)  # the piece on its way is not counted yet
            slow = self.received - received < enough
            self._since = spent, self.received
        else:
            slow = spent > self._until
        if slow and self._line:
            self.too_slow = True
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RD)  # the answer still goes out

    def _heard(self, hear: Callable[[int], bytes], size: int) -> bytes:
        """The next piece, with the watch beside it."""
        if not self.received:
            WATCH.over(self)
        since = time.monotonic()
        self._waiting = self.waited, since
        try:
            piece = hear(size)
        except OSError as error:
            raise Refused(400, "cut_short") from error
        finally:
            self._waiting = None
            self.waited += time.monotonic() - since
        if self.too_slow:
            raise Refused(408, "too_slow")
        self.received += len(piece)
        return piece


class Watch:
    """One thread that looks at every body on its way. Started on first use: threads do not survive gunicorn's fork."""

    def __init__(self) -> None:
        self._bodies: WeakSet[Body] = WeakSet()  # a body is forgotten with its request
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def over(self, body: Body) -> None:
        with self._lock:
            self._bodies.add(body)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(1)
            with self._lock:
                bodies = list(self._bodies)
            for body in bodies:
                body.look(time.monotonic())


WATCH = Watch()
