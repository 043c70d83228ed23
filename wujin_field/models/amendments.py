"""What a station changed in the domain data: rows beside the shipped pack. A published version never changes (C4.4).

One row is one version of one entry, whole. `body` None means "as shipped again"; a row that is not published is the
draft, of which an entry has at most one.
"""

import logging
import threading
import time
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, ForeignKey, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..db import Base, Key, utc_now
from ..domain import Pack, PackError, checked, file_of, shipped_pack
from ..domain.shape import check_shape
from .checklists import Checklist

FRESH_S = 1.0  # how long another worker may go on with the pack before; who publishes sees it at once
STATIONS_OWN = 1000  # a station's versions of a checklist count on from here, so that a shipped one never meets them
VERSIONED = {"template", "consent"}  # each publishing is a version that somebody was shown
LOG = logging.getLogger(__name__)


class Amendment(Base):
    """version counts from 1 for each table and code; revision counts the saves of a draft (see models/changes.py)."""

    __tablename__ = "amendment"
    __table_args__ = (UniqueConstraint("table_name", "code", "version"),)
    id: Mapped[Key]
    table_name: Mapped[str]
    code: Mapped[str]
    version: Mapped[int]
    body: Mapped[dict | None]
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)
    changed_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]


def draft_of(session: Session, table: str, code: str) -> Amendment | None:
    mine = Amendment.table_name == table, Amendment.code == code, Amendment.published_at.is_(None)
    return session.scalar(select(Amendment).where(*mine))


def versions_of(session: Session, table: str, code: str) -> list[Amendment]:
    """What was published, newest first."""
    mine = Amendment.table_name == table, Amendment.code == code, Amendment.published_at.is_not(None)
    return list(session.scalars(select(Amendment).where(*mine).order_by(Amendment.version.desc())))


def begin_draft(session: Session, table: str, code: str, body: dict | None, who: str) -> Amendment:
    """The entry's draft, new or over the one that is there."""
    row = draft_of(session, table, code)
    if row is None:
        newest = select(func.max(Amendment.version)).where(Amendment.table_name == table, Amendment.code == code)
        row = Amendment(table_name=table, code=code, version=(session.scalar(newest) or 0) + 1, changed_by_id=who)
        session.add(row)
    else:
        row.revision += 1
    row.body, row.changed_at, row.changed_by_id = body, utc_now(), who
    return row


def publish(session: Session, rows: list[Amendment], now: datetime | None = None) -> None:
    """These drafts become what is in force. Raises PackError when the pack would not be whole with them."""
    moment = now or utc_now()
    pack = checked(amended(shipped_pack().files, [*_newest(session), *rows]))
    for row in rows:
        if row.body is not None:
            check_shape(pack, row.table_name, row.body)
    for row in rows:
        row.published_at = moment
        if row.table_name == "template" and row.body is not None:
            body = _dressed(row)
            session.add(Checklist(code=row.code, version=body["version"], body=body, published_at=moment))


def amended(files: dict[str, dict], rows: list[Amendment] | list) -> dict[str, dict]:
    """Files of a pack with these rows laid over them; of two for one entry the later wins."""
    out = {name: dict(content) for name, content in files.items()}
    for row in rows:
        content = out[file_of(row.table_name)]
        ours = _dressed(row) if row.body is not None else _shipped(files, row.table_name, row.code)
        content[row.table_name] = _with(content.get(row.table_name, []), row.code, ours)
    return out


def _with(entries: list[dict], code: str, ours: dict | None) -> list[dict]:
    """In the place where it stood; a new one at the end."""
    if any(entry.get("code") == code for entry in entries):
        kept = [ours if entry.get("code") == code else entry for entry in entries]
        return [entry for entry in kept if entry is not None]
    return [*entries, *([ours] if ours else [])]


def _shipped(files: dict[str, dict], table: str, code: str) -> dict | None:
    return next((entry for entry in files[file_of(table)].get(table, []) if entry.get("code") == code), None)


def _dressed(row: Any) -> dict:
    return row.body | ({"version": STATIONS_OWN + row.version} if row.table_name in VERSIONED else {})


def _newest(session: Any) -> list:
    """The published row that counts, for each entry that has one."""
    columns = Amendment.table_name, Amendment.code, Amendment.version, Amendment.body
    rows = session.execute(
        select(*columns).where(Amendment.published_at.is_not(None)).order_by(Amendment.version, Amendment.id)
    )
    return list({(row.table_name, row.code): row for row in rows}.values())


class LivingPack:
    """The pack in force. One small question a second finds out whether another worker published something."""

    def __init__(self, engine: Engine):
        self._engine, self._asking = engine, threading.Lock()
        self._pack: Pack | None = None
        self._state: object = None
        self._asked_at = 0.0

    def now(self) -> Pack:
        """Whoever finds that somebody else is asking goes on with what is there."""
        if self._pack is None or time.monotonic() - self._asked_at > FRESH_S:
            with self._asking:
                self._ask()
        assert self._pack is not None
        return self._pack

    def forget(self) -> None:
        """Something was published here: the next reader looks."""
        self._asked_at = 0.0

    def _ask(self) -> None:
        if self._pack is not None and time.monotonic() - self._asked_at <= FRESH_S:
            return
        count = select(func.count(), func.max(Amendment.published_at)).where(Amendment.published_at.is_not(None))
        with self._engine.connect() as connection:
            state = tuple(connection.execute(count).one())
            if self._pack is None or state != self._state:
                self._pack, self._state = _whole(_newest(connection)), state
        self._asked_at = time.monotonic()


def _whole(rows: list) -> Pack:
    """An upgrade may have taken away what a row of the station leans on: the others still count, and the log names it."""
    files = shipped_pack().files
    try:
        return checked(amended(files, rows)) if rows else shipped_pack()
    except PackError:
        kept: list = []
        for row in rows:
            try:
                checked(amended(files, [*kept, row]))
            except PackError as error:
                LOG.warning("a change of the station no longer fits and is left out: %s", error)
                continue
            kept.append(row)
        return checked(amended(files, kept))
