"""A whole snapshot into a folder that holds no living database. The database comes last: a restore that was cut short
has not happened, and can be run again.
"""

import os
import shutil
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Engine, MetaData, inspect, make_url, update
from sqlalchemy.orm import Session

from .. import create_app
from ..beginnings import begin
from ..config import ConfigError, Settings
from ..db import db, sqlite, utc_now, uuid7, writing
from ..domain import shipped_pack
from ..migrations import upgrade
from ..models import Instance
from ..models.journal import append_audit
from ..sync.vault import Vault
from . import postgres
from .backup import Told, copy_photo
from .photos import digest, known
from .snapshot import DATABASE, DUMP, Snapshot, newest, sync_folder, write_durably

# One row in any of these is somebody's work; a station that was begun and never used has none.
LIVES = {"person", "venue", "visit", "activity", "receipt"}


@dataclass(frozen=True)
class Restored:
    """instance: the new id. absent: photos that the snapshot could not give."""

    snapshot: Snapshot
    instance: str
    absent: int


def restore(settings: Settings, folder: Path, tell: Told, partial: bool = False) -> Restored:
    """partial: also from a backup that has lost photos. Raises ConfigError; then the target is as dead as before."""
    snapshot = newest(folder)
    if snapshot.manifest.database != (DATABASE if settings.on_sqlite else DUMP):
        here = "SQLite" if settings.on_sqlite else "PostgreSQL"
        raise ConfigError(f"{snapshot.folder} holds no {here} database, and WUJIN_DATABASE_URL names one")
    return (_into_file if settings.on_sqlite else _into_server)(settings, snapshot, tell, partial)


def _into_file(settings: Settings, snapshot: Snapshot, tell: Told, partial: bool) -> Restored:
    target = Path(str(make_url(settings.database_url).database))
    _refuse_living(target)
    _refuse_broken(snapshot, partial)
    _copy_keys(snapshot, settings.data_dir)
    waiting = _copy_database(snapshot, target)
    kept = replace(settings, database_url=f"sqlite:///{waiting}")
    absent, instance = _bring_up(snapshot, snapshot.photos(), kept, tell, partial)
    _put_in_place(waiting, target)
    return Restored(snapshot, instance, absent)


def _into_server(settings: Settings, snapshot: Snapshot, tell: Told, partial: bool) -> Restored:
    """The database comes first here, for only it knows the photos; when one of them fails it is emptied again."""
    app = create_app(settings)
    with app.app_context():
        _refuse_living_server()
        _refuse_broken(snapshot, partial)
        _copy_keys(snapshot, settings.data_dir)
        db.engine.dispose()
        postgres.load(make_url(settings.database_url), snapshot.database)
        try:
            photos = ((row.sha256, row.bytes) for row in known(db.engine))
            absent, instance = _bring_up(snapshot, photos, settings, tell, partial)
        except BaseException:
            _empty(db.engine)
            raise
        finally:
            db.engine.dispose()
    return Restored(snapshot, instance, absent)


def _empty(engine: Engine) -> None:
    tables = MetaData()
    tables.reflect(engine)
    tables.drop_all(engine)


def _refuse_living_server() -> None:
    tables = set(inspect(db.engine).get_table_names()) & LIVES
    with db.engine.connect() as connection:
        if any(connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in tables):
            raise ConfigError("WUJIN_DATABASE_URL names a living database; make an empty one and name that")


def _refuse_living(target: Path) -> None:
    if not target.exists():
        return
    try:
        with closing(sqlite.connect(target, timeout=1, isolation_level=None)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            counts = [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
                      for name in LIVES & tables]  # fmt: skip
            if any(counts):
                raise ConfigError(f"{target} is a living database; restore into another WUJIN_DATA_DIR")
            connection.execute("PRAGMA journal_mode=DELETE")  # possible only while nobody else has it open
    except sqlite.OperationalError as error:
        raise ConfigError(f"{target} is in use; stop the server first") from error
    except sqlite.DatabaseError as error:
        raise ConfigError(f"{target} is there but cannot be read; move it away first") from error


def _refuse_broken(snapshot: Snapshot, partial: bool) -> None:
    faults = snapshot.faults()
    if faults and not (
        partial and snapshot.database.exists() and all(fault.startswith("missing or cut") for fault in faults)
    ):
        raise ConfigError(f"the backup {snapshot.folder} is not whole: {'; '.join(faults)}")


def _copy_keys(snapshot: Snapshot, data_dir: Path) -> None:
    """Before the app is made: with its own key again the station is the one that the phones know."""
    for name in snapshot.manifest.files:
        write_durably(data_dir / name, (snapshot.folder / name).read_bytes())


def _copy_database(snapshot: Snapshot, target: Path) -> Path:
    waiting = target.with_name(f"{target.name}.partial")
    for leftover in target.parent.glob(f"{waiting.name}*"):
        leftover.unlink()
    shutil.copyfile(snapshot.database, waiting)
    return waiting


def _bring_up(
    snapshot: Snapshot, photos: Iterable[tuple[str, int]], settings: Settings, tell: Told, partial: bool
) -> tuple[int, str]:
    """Photos into the store, the database to this version and under a new id. → photos not had, the id"""
    app = create_app(settings)
    upgrade(app)  # first: a newer version's database is refused before a photo is copied
    absent = _copy_photos(snapshot, photos, app.extensions["vault"], tell, partial)
    with app.app_context():
        with writing() as session:
            begin(session, settings, shipped_pack())
            instance = _renew(session, snapshot.manifest.made_at)
        db.session.remove()
        db.engine.dispose()
    return absent, instance


def _copy_photos(snapshot: Snapshot, photos: Iterable[tuple[str, int]], vault: Vault, tell: Told, partial: bool) -> int:
    gone = set(snapshot.manifest.absent)
    absent = len(gone)
    for number, (sha256, _) in enumerate(photos):
        tell(f"photos {number}")
        if sha256 in gone:
            continue
        if _holds(vault, sha256) or copy_photo(snapshot.vault, vault, sha256):
            continue
        if not partial:
            raise ConfigError(f"the backup's photo {sha256} is damaged; with --partial the rest is restored without it")
        absent += 1
    return absent


def _holds(vault: Vault, sha256: str) -> bool:
    """It may be there already, from a restore that was cut short or in a bucket that outlived the machine."""
    try:
        with vault.open(sha256) as file:
            whole = digest(file)[0] == sha256
    except FileNotFoundError:
        return False
    if not whole:
        vault.remove(sha256)  # a bucket takes nothing under a name that it has
    return whole


def _renew(session: Session, made_at: str) -> str:
    """A new instance id: phones that see it offer again everything they still hold."""
    before, instance = session.query(Instance.id).scalar(), uuid7()
    session.execute(update(Instance).values(id=instance, made_at=utc_now()))
    append_audit(session, utc_now(), None, "restored", "instance", instance, before=before, backup_of=made_at)
    return instance


def _put_in_place(waiting: Path, target: Path) -> None:
    with closing(sqlite.connect(waiting)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")  # all of it in the one file that is renamed
    with waiting.open("rb") as file:
        os.fsync(file.fileno())
    for beside in ("-wal", "-shm"):
        target.with_name(target.name + beside).unlink(missing_ok=True)
    os.replace(waiting, target)
    sync_folder(target.parent)
