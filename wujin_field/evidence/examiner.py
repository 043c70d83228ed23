"""Image work after the receipt, in a process of its own: a bad photo may cost a thumbnail and never a record.

    examiner   the server's child; reads what is unexamined, writes what was found; decodes nothing
    darkroom   the examiner's child; decodes one photo at a time within its limits; has no database and touches no file

Between photos the examiner looks at the visits (examination.py).

Whichever of them dies, the photo stays unexamined and is taken again. `serving` forks the examiner and keeps it up;
without it the copies are made when first needed. On its stdin hangs the server's life: the end of that pipe is its own,
and any byte on it wakes it before its time.
"""

import errno
import os
import select
import signal
import sys
from contextlib import suppress

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from ..config import Settings, read_settings
from ..db import db, init_db, utc_now
from ..models import Photo
from ..models.amendments import LivingPack
from ..sync.receipt import Signer, from_base64url
from ..sync.vault import Vault, vault_for
from .examination import Examination
from .examine import Darkroom, Died, Finding
from .pictures import Pictures

POLL_S = 0.3  # a phone that waits for a verdict is not kept longer than a second
PAUSE_S = 2.0  # after a busy database or a full disk
GROUP_MAX = 32  # about a fifth of a second of work for each transaction
NICE = 19  # whoever is sending comes first
TRIES = 2  # the first death may have had another cause


class Examiner:
    def __init__(
        self, engine: sa.Engine, vault: Vault, pictures: Pictures, darkroom: Darkroom, visits: Examination | None = None,
    ):  # fmt: skip
        self._engine, self._vault, self._pictures = engine, vault, pictures
        self._darkroom, self._visits = darkroom, visits

    def work(self, life: int) -> None:
        """Until the other end of the pipe `life` is gone."""
        while not gone(life, self._pause(life)):
            pass

    def examine_oldest(self, life: int | None = None) -> int:
        """One group, one transaction; how many there were. Raises SQLAlchemyError, OSError: then none of it counts."""
        waiting, found = self._waiting(), []
        if waiting:
            self._engine.dispose()  # the child that may have to be forked meanwhile must not inherit a connection
        for sha256 in waiting:
            if life is not None and gone(life):
                return 0
            found.append(self._examined(sha256))
        if found:
            self._record(found)
        return len(found)

    def _pause(self, life: int) -> float:
        try:
            return 0 if self.examine_oldest(life) or self._examine_visits() else POLL_S
        except (SQLAlchemyError, OSError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__  # its words may quote a value
            print(f"wujin: examiner: {why}; trying again", file=sys.stderr, flush=True)
            return PAUSE_S

    def _examine_visits(self) -> int:
        """After the photos, for the checks ask what those look like."""
        return self._visits.examine_waiting() if self._visits else 0

    def _waiting(self) -> list[str]:
        oldest = sa.select(Photo.sha256).where(Photo.examined_at.is_(None)).order_by(Photo.received_at)
        with self._engine.connect() as connection:
            return list(connection.scalars(oldest.limit(GROUP_MAX)))

    def _examined(self, sha256: str) -> dict:
        finding = self._finding(sha256)
        if finding.thumb:
            self._pictures.place(sha256, "thumb", finding.thumb)
        return {
            "photo": sha256,
            "at": utc_now(),
            "dhash": finding.dhash,
            "pixels": finding.pixels,
            "fault": finding.fault,
        }

    def _finding(self, sha256: str) -> Finding:
        try:
            with self._vault.open(sha256) as file:
                body = file.read()
        except OSError as error:
            if isinstance(error, FileNotFoundError) or error.errno == errno.EIO:
                return Finding(fault="missing")
            raise  # the store is away, not this photo
        return self._developed(body)

    def _developed(self, body: bytes) -> Finding:
        for _ in range(TRIES):
            try:
                return self._darkroom.develop(body)
            except Died as death:
                fault = death.fault
        return Finding(fault=fault)

    def _record(self, found: list[dict]) -> None:
        seen = sa.update(Photo).where(Photo.sha256 == sa.bindparam("photo"), Photo.examined_at.is_(None))
        named: dict = {name: sa.bindparam(name) for name in ("dhash", "pixels", "fault")}
        seen = seen.values(examined_at=sa.bindparam("at"), **named)
        with self._engine.connect().execution_options(writing=True) as connection, connection.begin():
            connection.execute(seen, found)


def gone(life: int, within_s: float = 0) -> bool:
    """Waits that long at most; less when somebody wakes us."""
    readable, _, _ = select.select([life], [], [], within_s)
    return bool(readable) and not os.read(life, 4096)


def main(settings: Settings) -> None:
    os.nice(NICE)
    darkroom = Darkroom()
    with suppress(OSError):  # it is tried again with the first photo
        darkroom.open()  # before we write on anything that it needs not: that would be in memory twice
    app = Flask("examiner")
    init_db(app, settings)
    with app.app_context():
        app.extensions["living_pack"] = LivingPack(db.engine)  # the station's own thresholds, not the shipped ones
    vault, key = vault_for(settings), Signer(settings.data_dir / "signing-key.pem").public_key
    with app.app_context():
        visits, pictures = Examination(db.engine, from_base64url(key)), Pictures(vault, settings.data_dir / "copies")
        Examiner(db.engine, vault, pictures, darkroom, visits).work(0)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C ends us with our server, without a traceback
    main(read_settings())
