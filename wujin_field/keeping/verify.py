"""All of it recomputed, in constant memory, without changing anything unless asked to mark what is damaged."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from flask import Flask
from sqlalchemy import Connection, Engine, text, update
from sqlalchemy.exc import DatabaseError

from ..db import db, utc_now, writing
from ..models import Photo
from ..models.journal import append_audit
from ..sync.receipt import from_base64url
from ..sync.vault import Vault
from . import audit, books, claims, devices, fields, photos, receipts, sealed
from .findings import BROKEN, WARNING, Finding, finding
from .photos import DAMAGED, MISSING

FAULT = {"photo_damaged": DAMAGED, "photo_gone": MISSING, "photo_healed": None}  # finding → what --mark writes
VERDICT = {0: "clean", 1: "warnings", 2: "tampered or missing"}
Check = Callable[[Connection, Counter], Iterator[Finding]]


def verify(
    app: Flask, counts: Counter, hashing: bool = True, now: datetime | None = None, against: dict | None = None
) -> Iterator[Finding]:
    """Findings as they are met; `counts` fills up on the way. against: a checkpoint kept elsewhere. Needs the app's context."""
    engine, vault = db.engine, app.extensions["vault"]
    for check in (_whole_file, *checks(app.extensions["signer"].public_key, against)):
        yield from _guarded(engine, check, counts)
    yield from _readable(photos.check(engine, vault, counts, hashing))
    yield from _readable(_orphans(engine, vault, counts, now or utc_now()))


def checks(public_key: str, against: dict | None = None) -> list[Check]:
    """One per book, each within one view of the database."""
    return [audit.checker(from_base64url(public_key), against), receipts.checker(public_key), claims.check, books.check,
            books.check_missing, fields.activities, fields.visits, devices.check, sealed.check, claims.set_aside]  # fmt: skip


def exit_code(levels: Counter) -> int:
    """levels: how many findings of each. 0 clean, 1 warnings, 2 tampered or missing."""
    return 2 if levels[BROKEN] else 1 if levels[WARNING] else 0


def mark(found: Finding) -> bool:
    """Tell the phone that its photo is damaged here, or no longer; the audit chain says so too. True when it changed."""
    if found.code not in FAULT:
        return False
    fault = FAULT[found.code]
    with writing() as session:
        other = update(Photo).where(Photo.sha256 == found.subject, Photo.fault.is_distinct_from(fault))
        if changed := bool(session.connection().execute(other.values(fault=fault)).rowcount):
            append_audit(session, utc_now(), None, f"found_{fault or 'healed'}", "photo", found.subject)
    return changed


def _guarded(engine: Engine, check: Check, counts: Counter) -> Iterator[Finding]:
    view = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**view) as connection:
        yield from _readable(check(connection, counts))


def _readable(findings: Iterator[Finding]) -> Iterator[Finding]:
    try:
        yield from findings
    except DatabaseError as error:
        yield finding("database_unreadable", "database", why=str(error.orig).splitlines()[0])
    except (ValueError, TypeError) as error:  # a value of another type than its column's
        yield finding("database_unreadable", "database", why=str(error).splitlines()[0])


def _whole_file(connection: Connection, _counts: Counter) -> Iterator[Finding]:
    """SQLite's own check of its pages; PostgreSQL has checksums of its own."""
    if connection.dialect.name == "sqlite":
        for (line,) in connection.execute(text("PRAGMA quick_check(20)")):
            if line != "ok":
                yield finding("database_unreadable", "database", why=line)


def _orphans(engine: Engine, vault: Vault, counts: Counter, now: datetime) -> Iterator[Finding]:
    for _ in photos.orphans(engine, vault, counts, now):
        pass
    if counts["old_orphans"]:
        yield finding("orphans", counts["old_orphans"])
