"""A dated snapshot, taken while phones are being served: the database first, then every photo that the copy knows.

In that order no photo can be missing: whatever a row names was durable before the row was committed.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import make_url

from ..config import ConfigError, Settings
from ..db import db, sqlite, utc_now
from ..sync.vault import FolderVault, Vault
from . import postgres
from .photos import CHUNK, digest, known
from .snapshot import (
    DATABASE,
    DUMP,
    KEPT_FILES,
    Manifest,
    Snapshot,
    has_whole,
    listed,
    open_copy,
    sha256_of,
    sync_folder,
    write_durably,
)  # fmt: skip

PAGES = 1024  # 4 MB a step, and a breath between steps for whoever waits for the disk
PAUSE_S = 0.002
CUT_S = 24 * 3600  # no backup of ours takes a day
COUNTED = {"visits": "visit", "activities": "activity", "claims": "claim", "receipts": "receipt", "photos": "photo",
           "audit_rows": "audit"}  # fmt: skip
Told = Callable[[str], None]


def backup(app: Flask, settings: Settings, folder: Path, tell: Told, now: datetime | None = None) -> Snapshot:
    """Add a snapshot to `folder`. tell: hears how far it is. Raises ConfigError; then no snapshot was added."""
    if settings.data_dir in (folder.resolve(), folder.resolve() / "photos"):
        raise ConfigError(f"{folder} is the data folder itself; give another, best on another disk")
    made_at = now or utc_now()
    whole = folder / f"{made_at:%Y%m%dT%H%M%SZ}"
    part = _begin(whole)
    manifest = _copy_database(settings, part, tell)
    manifest.made_at = made_at.isoformat(timespec="seconds")
    manifest.files = _copy_keys(settings.data_dir, part)
    manifest.absent = list(_copy_photos(app, settings, part, FolderVault(folder / "photos"), tell))
    manifest.write(part)
    os.rename(part, whole)
    sync_folder(folder)
    return Snapshot(whole.resolve(), manifest)


def copy_sqlite(source: Path, target: Path, tell: Told) -> None:
    """A consistent copy. Writers go on writing: in WAL a reader holds nobody up."""
    ours = sqlite.connect(source, timeout=20, isolation_level=None)
    with closing(ours), closing(sqlite.connect(target)) as copy:
        # One open read for all steps: without it every commit in between would start the copy anew.
        ours.execute("BEGIN")
        ours.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        ours.backup(copy, pages=PAGES, sleep=PAUSE_S, progress=lambda _, left, total: tell(_share(left, total)))
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
        _refuse_torn(copy, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _share(left: int, total: int) -> str:
    return f"database {100 * (total - left) // max(total, 1)} %"


def _refuse_torn(copy: Any, path: Path) -> None:
    """A backup that nobody has read is a hope."""
    answer = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        raise ConfigError(f"the copy {path} does not hold together ({answer}); `wujin verify` looks at the original")


def _begin(whole: Path) -> Path:
    part = whole.with_name(f"{whole.name}.partial")
    whole.parent.mkdir(parents=True, mode=0o700, exist_ok=True)  # with photos of people in it
    _forget_cut_ones(whole.parent)
    try:
        part.mkdir(mode=0o700)
    except FileExistsError as error:
        raise ConfigError(f"{part} is being written by another backup; try again in a second") from error
    if whole.exists():
        part.rmdir()
        raise ConfigError(f"{whole} exists already; try again in a second")
    return part


def _forget_cut_ones(folder: Path) -> None:
    """What a killed backup began is as large as the database, and nobody will take it up again."""
    for part in folder.glob("*Z.partial"):
        if part.stat().st_mtime < time.time() - CUT_S:
            shutil.rmtree(part, ignore_errors=True)


def _copy_database(settings: Settings, part: Path, tell: Told) -> Manifest:
    if not settings.on_sqlite:
        return _dump(settings, part)
    target = part / DATABASE
    copy_sqlite(Path(str(make_url(settings.database_url).database)), target, tell)
    target.chmod(0o600)
    with closing(open_copy(target)) as copy:
        counts = {name: copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for name, table in COUNTED.items()}
        (instance,) = copy.execute("SELECT id FROM instance").fetchone()
        head = copy.execute("SELECT hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return Manifest("", instance, DATABASE, sha256_of(target), counts, head[0] if head else "")


def _dump(settings: Settings, part: Path) -> Manifest:
    """PostgreSQL; without its tool the snapshot holds photos and keys alone, and says so."""
    target = part / DUMP
    done = postgres.dump(make_url(settings.database_url), target)
    return Manifest("", "", DUMP, sha256_of(target), {}, "") if done else Manifest("", "", "", "", {}, "")


def _copy_keys(data_dir: Path, part: Path) -> list[str]:
    names = [name for name in KEPT_FILES if (data_dir / name).exists()]
    for name in names:
        write_durably(part / name, (data_dir / name).read_bytes())
    return names


def _copy_photos(app: Flask, settings: Settings, part: Path, target: FolderVault, tell: Told) -> Iterator[str]:
    """Add what is not there yet; the digests of those that cannot be had whole."""
    store = app.extensions["vault"]
    for number, (sha256, size) in enumerate(_photos(app, settings, part)):
        tell(f"photos {number}")
        if not has_whole(target, sha256, size) and not copy_photo(store, target, sha256):
            yield sha256


def _photos(app: Flask, settings: Settings, part: Path) -> Iterator[tuple[str, int]]:
    if settings.on_sqlite:
        yield from listed(part / DATABASE)
    else:
        with app.app_context():
            yield from ((row.sha256, row.bytes) for row in known(db.engine))


def copy_photo(source: Vault, target: Vault, sha256: str) -> bool:
    """False when the source has it not, or not whole; then the target is left as it was."""
    try:
        with source.open(sha256) as file, target.incoming() as copy:
            try:
                shutil.copyfileobj(file, copy, CHUNK)
                copy.seek(0)
                if digest(copy)[0] != sha256:
                    return False
                target.keep(copy, sha256)
            finally:
                Path(copy.name).unlink(missing_ok=True)
    except FileNotFoundError:
        return False
    return True
