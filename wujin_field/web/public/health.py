"""The operator's two doors: does a write succeed right now, and what may be counted."""

import tempfile
import threading
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from flask import Response, current_app, jsonify
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool

from ...config import Settings
from ...db import WRITERS_LOCK, sqlite
from ...sync.vault import Vault
from .. import limits, metrics, problems
from ..pages import say
from . import public

FRESH_S, STUCK_S = 0.5, 3.0
LOCK_S = 1  # longer than any write of ours takes; whoever holds it longer makes phones wait
NOBODYS_PHOTO = "0" * 64


@public.get("/healthz")
def health() -> tuple[Response, int]:
    """200 when a write would succeed, else 503 and why."""
    extensions, settings = current_app.extensions, current_app.config["SETTINGS"]
    found = extensions.setdefault("health", Health(settings, extensions["vault"])).reasons()
    body = {
        "status": "failing" if found else "ok",
        "reasons": [{"code": code, "sentence": sentence(code)} for code in found],
        "version": current_app.config["ASSETS"].version,
    }
    return jsonify(body), 503 if found else 200


@public.get("/metrics", endpoint="metrics")
def count() -> Response:
    return metrics.answer()


def sentence(code: str) -> str:
    return {
        "database_held": say("数据库被别的程序占着，一秒钟内没有等到。"),
        "database_away": say("数据库连不上，或者不能写。"),
        "read_only": say("磁盘变成只读了。"),
        "disk_full": say("磁盘快满了。"),
        "store_away": say("照片存不进去。"),
        "no_answer": say("检查了三秒还没有结果。"),
    }[code]


class Health:
    """Really tries: a spool file, the write lock, a change that is taken back. One try at a time, however many ask."""

    def __init__(self, settings: Settings, vault: Vault):
        self._settings, self._vault = settings, vault
        self._trying, self._began = threading.Lock(), 0.0
        self._last: tuple[float, list[str]] = (-FRESH_S, [])

    def reasons(self) -> list[str]:
        """Codes of what is wrong; empty when a write would succeed."""
        at, known = self._last
        if time.monotonic() - at < FRESH_S:
            return known
        if not self._trying.acquire(timeout=0 if at >= 0 else STUCK_S):  # somebody is at it already
            stuck = time.monotonic() - self._began > STUCK_S
            return sorted({*known, "no_answer"}) if stuck or at < 0 else known
        try:
            self._began = time.monotonic()
            found = sorted({*self._disks(), *self._spool(), *self._database()})
            self._last = time.monotonic(), found
            return found
        finally:
            self._trying.release()

    def _disks(self) -> list[str]:
        try:
            return ["disk_full"] if limits.crowded(self._settings) else []
        except OSError as error:
            return [problems.fault_of(error) or "store_away"]

    def _spool(self) -> list[str]:
        try:
            with tempfile.TemporaryFile(dir=self._settings.data_dir) as file:
                _fill(file)
            with self._vault.incoming() as file:
                try:
                    _fill(file)
                finally:
                    Path(file.name).unlink(missing_ok=True)
            self._vault.has(NOBODYS_PHOTO)  # a folder looks, a bucket is asked
        except OSError as error:
            return [problems.fault_of(error) or "store_away"]
        return []

    def _database(self) -> list[str]:
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql(self._take_the_lock)
                connection.exec_driver_sql("UPDATE instance SET made_at = made_at")
                with suppress(SQLAlchemyError):
                    connection.rollback()
        except SQLAlchemyError as error:
            return [problems.fault_of(error) or "database_away"]
        return []

    @property
    def _take_the_lock(self) -> str:
        return "BEGIN IMMEDIATE" if self._settings.on_sqlite else f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})"

    @cached_property
    def _engine(self) -> Engine:
        """A way of its own to the database: while a writer is stuck every connection of the app waits for it."""
        address = self._settings.database_url
        if self._settings.on_sqlite:
            line: dict = {"timeout": LOCK_S, "isolation_level": None, "check_same_thread": False}
            return create_engine(address, module=sqlite, poolclass=NullPool, connect_args=line)
        bounds = f"-c lock_timeout={LOCK_S}s -c statement_timeout={LOCK_S}s"
        line = {"connect_timeout": 2, "options": bounds, "application_name": "wujin-health"}
        return create_engine(address, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_pre_ping=True,
                             connect_args=line)  # fmt: skip


def _fill(file: object) -> None:
    file.write(bytes(4096))  # type: ignore[attr-defined]
    file.flush()  # type: ignore[attr-defined]
