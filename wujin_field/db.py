"""Engine, session, base class: UUID keys, UTC times, and the settings of SQLite and PostgreSQL that survive a power cut."""

import importlib.util
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, BigInteger, Engine, Integer, Text, TypeDecorator, Uuid, event
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, registry

from .config import STATION_ZONE, ConfigError, Settings

try:
    from pysqlite3 import dbapi2 as sqlite
except ImportError:  # no wheel for this platform: the system's library may still be a safe one
    import sqlite3 as sqlite  # type: ignore[no-redef]

# A connection is held for a query, never while a body comes or the writer works; whoever finds none waits a moment.
POOL = {"pool_size": 18, "max_overflow": 6, "pool_timeout": 10, "pool_use_lifo": True}
LIMITS = {"statement_timeout": "60s", "lock_timeout": "20s"}  # nothing hangs: the phone is told 503
WRITERS_LOCK = 0x57554A494E  # "WUJIN": the advisory lock of every write transaction on PostgreSQL
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc_now() -> datetime:
    return datetime.now(UTC)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 UTC; raises TypeError on a naive time."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=ms)


def local_day(moment: datetime) -> date:
    """The station's calendar day (Asia/Shanghai) of a UTC moment."""
    return moment.astimezone(STATION_ZONE).date()


def uuid7() -> str:
    """A time-ordered id (RFC 9562), as the phone makes them."""
    raw = bytearray((time.time_ns() // 1_000_000).to_bytes(6, "big") + os.urandom(10))
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return str(uuid.UUID(bytes=bytes(raw)))


class UtcTime(TypeDecorator):
    """An aware UTC datetime, stored as whole milliseconds: exact, sortable, equal on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else to_ms(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else from_ms(value)


# The whole numbers of a claim go up to 2^53 (sync/strict_json.py). SQLite's INTEGER holds them, PostgreSQL's does not.
WHOLE = BigInteger().with_variant(Integer(), "sqlite")


@compiles(Integer, "postgresql")
def _wide_column(_type: Integer, _compiler: Any, type_expression: Any = None, **_more: Any) -> str:
    """The migrations say Integer; a column is made wide, a number inside a query is left as it is."""
    return "INTEGER" if type_expression is None else "BIGINT"


class _Typed(DeclarativeBase):
    registry = registry(type_annotation_map={datetime: UtcTime, int: WHOLE, dict: JSON, list: JSON, str: Text})


Key = Annotated[str, mapped_column(Uuid(as_uuid=False), primary_key=True, default=uuid7)]
Ref = Annotated[str, mapped_column(Uuid(as_uuid=False), index=True)]

db = SQLAlchemy(model_class=_Typed)
if TYPE_CHECKING:
    Base = _Typed
else:
    Base = db.Model  # made at run time: the base above, plus the extension's metadata and query


def init_db(app: Flask, settings: Settings) -> None:
    """Bind the database to the app. Raises ConfigError on a SQLite that can corrupt a WAL, or a missing driver."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    options = _sqlite_options() if settings.on_sqlite else _postgres_options()
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = POOL | options
    db.init_app(app)
    with app.app_context():
        (_listen_sqlite if settings.on_sqlite else _listen_postgres)(db.engine)


def _sqlite_options() -> dict:
    refuse_unsafe_sqlite(sqlite.sqlite_version_info)
    return {"module": sqlite, "connect_args": {"timeout": 20, "isolation_level": None, "check_same_thread": False}}


def _postgres_options() -> dict:
    if importlib.util.find_spec("psycopg") is None:
        raise ConfigError("WUJIN_DATABASE_URL names PostgreSQL; run pip install 'wujin-field[postgres]'")
    # A server that is switched off sends no goodbye: ask every ten seconds, give up after twenty.
    line = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2,
            "tcp_user_timeout": 20_000, "application_name": "wujin"}  # fmt: skip
    return {"pool_pre_ping": True, "connect_args": line}


def refuse_unsafe_sqlite(version: tuple[int, int, int]) -> None:
    """The WAL-reset bug corrupts files that two connections write (fixed in 3.51.3, back-ported to 3.50.7 and 3.44.6)."""
    safe = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    if not safe:
        number = ".".join(map(str, version))
        raise ConfigError(
            f"SQLite {number} has the WAL-reset bug and can corrupt the database; "
            "install the package pysqlite3 (3.53 or newer), or use PostgreSQL (WUJIN_DATABASE_URL)"
        )


def _listen_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def pragmas(connection: Any, _record: Any) -> None:
        # NORMAL lost 3,577 of 47,005 acknowledged rows in ten power cuts; FULL lost none.
        for line in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {line}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # A deferred transaction that turns into a writer fails at once with "locked", whatever the time-out.
        writing_now = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing_now else "BEGIN")


def _listen_postgres(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def settings(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        for name, limit in LIMITS.items():
            connection.execute(f"SET {name} = '{limit}'")
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            refuse_forgetful_postgres(name, connection.execute(f"SHOW {name}").fetchone()[0])
        connection.autocommit = False

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # One writer at a time, on every node: receipts are numbered and the audit chain grows in the order of commits.
        if connection.get_execution_options().get("writing"):
            # No time-out for a commit: cut off while it waits for the standby, it would call itself done.
            connection.exec_driver_sql(
                "SELECT set_config('idle_in_transaction_session_timeout', '30s', true), "
                "set_config('statement_timeout', '0', true), "
                f"pg_advisory_xact_lock({WRITERS_LOCK})"
            )

    @event.listens_for(engine, "handle_error")
    def outage(context: Any) -> None:
        # psycopg has other names for a closed line, a standby that only reads and a writer that fell asleep.
        state = getattr(context.original_exception, "sqlstate", None)
        if isinstance(context.sqlalchemy_exception, InterfaceError) or state in ("25006", "25P03"):
            context.is_disconnect = True
            raise OperationalError(context.statement, None, context.original_exception, connection_invalidated=True)


def refuse_forgetful_postgres(name: str, value: str) -> None:
    """A server that answers before the disk has it would make us acknowledge visits that a power cut takes back."""
    if value not in ("on", "remote_apply"):
        raise ConfigError(f"PostgreSQL runs with {name} = {value} and may forget what it has confirmed; set it to on")


@contextmanager
def writing() -> Iterator[Session]:
    """One short write transaction of the desk: commits at the end, rolls back on any error."""
    db.session.rollback()
    db.session.connection(execution_options={"writing": True})
    try:
        yield db.session()
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
