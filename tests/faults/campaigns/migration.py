"""S11: the upgrade is killed before each of its statements, from every version there ever was. Old or new, never between;
and whoever starts it once more has the new one, with every row of the old.
"""

import json
import subprocess
import sys
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from audit import Findings, Verdict
from sqlalchemy import Connection, MetaData, Table, create_engine
from station import environment

from wujin_field import create_app
from wujin_field.config import read_settings
from wujin_field.db import db, sqlite, uuid7
from wujin_field.migrations import config

STATEMENTS = Path(__file__).parents[1] / "statements.py"
TEXT = {"path": "town{}/", "hash": "0" * 64, "prev": "0" * 64}


def run(folder: Path, every: int = 1) -> Verdict:
    """Killed at every `every`-th statement and commit; the beginning and each released version as the old one; in a
    sample (`every` above 1) the beginning, the first and the last but one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    versions = [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()][::-1]
    # SQLite commits each step by itself: a kill between two steps leaves the version between, which was whole once.
    whole = {"nothing", *(_state(_made(folder / f"plain-{version}", version, filled=False)) for version in versions)}
    kills, between, stuck, found = 0, [], [], Findings()
    olds = [None, *versions[:-1]] if every == 1 else [None, versions[0], versions[-2]]
    for number, version in enumerate(olds):
        old = _made(folder / f"from-{version or 'nothing'}", version)
        before, runs = _rows(old), _runs(old, folder / "work", every, 1 + number % every)
        new, name = runs[-1]["state"], f"from {version or 'nothing'}"
        kills += sum(run["died"] for run in runs)
        between += [f"{name}, killed at {run['at']}: {run['state']}" for run in runs if run["state"] not in whole]
        stuck += [f"{name}, killed at {run['at']}, again: {run['again']}" for run in runs if run["again"] != new]
        after = _rows(folder / "work")
        fewer = [table for table in before if after.get(table, 0) < before[table]]
        found.lost += [f"{name}: {table} {before[table]} → {after.get(table, 0)}" for table in fewer]
    found.broken += between[:10] + stuck[:10]
    zeros = {"between": len(between), "stuck after a second start": len(stuck)}
    notes = [f"from {len(olds)} beginnings: {', '.join(version or 'nothing' for version in olds)}"]
    return Verdict("migration", {"statements killed at": kills}, found, zeros, notes)


def _runs(old: Path, work: Path, every: int, start: int) -> list[dict]:
    arguments = [sys.executable, str(STATEMENTS), str(old), str(work), str(every), str(start)]
    done = subprocess.run(arguments, capture_output=True, text=True, env=environment(work, 1), timeout=1800)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def _made(folder: Path, version: str | None, filled: bool = True) -> Path:
    """A data folder at this version, with two rows in every table. None: an empty one."""
    app = create_app(read_settings(env={}, data_dir=folder))
    with app.app_context():
        if version:
            command.upgrade(config(), version)
        db.engine.dispose()
    if not version:
        for path in folder.glob("wujin.db*"):
            path.unlink()
        return folder
    if not filled:
        return folder
    engine = create_engine(f"sqlite:///{folder / 'wujin.db'}", module=sqlite)
    with engine.begin() as connection:
        _fill(connection)
    engine.dispose()
    return folder


def _fill(connection: Connection) -> None:
    metadata, made = MetaData(), {}
    metadata.reflect(connection)
    for table in metadata.sorted_tables:
        if table.name != "alembic_version":
            for number in range(2):
                made[table.name, number] = _row(table, number, made)
                connection.exec_driver_sql(*_insert(table, made[table.name, number]))


def _row(table: Table, number: int, made: dict) -> dict:
    return {column.name: _value(table, column, number, made) for column in table.columns}


def _value(table: Table, column, number: int, made: dict):
    for key in column.foreign_keys:
        other = made.get((key.column.table.name, number))
        return other[key.column.name] if other else None
    kind = str(column.type).upper()
    if column.primary_key and "INT" in kind:
        return number + 1
    if "CHAR(32)" in kind or "UUID" in kind:
        return uuid7().replace("-", "")
    if any(word in kind for word in ("INT", "BOOL")):
        return 0
    if "JSON" in kind:
        return "{}"
    if "DATE" in kind:
        return "2026-01-01"
    if "BLOB" in kind:
        return bytes([number]) * 32
    return TEXT.get(column.name, f"{column.name[:9]}{{}}").format(number)


def _insert(table: Table, row: dict) -> tuple[str, tuple]:
    columns = ", ".join(f'"{name}"' for name in row)
    return f'INSERT INTO "{table.name}" ({columns}) VALUES ({", ".join("?" * len(row))})', tuple(row.values())


def _rows(folder: Path) -> dict[str, int]:
    if not (folder / "wujin.db").exists():
        return {}
    connection = sqlite.connect(str(folder / "wujin.db"))
    try:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables}
    finally:
        connection.close()


def _state(folder: Path) -> str:
    sys.path.insert(0, str(STATEMENTS.parent))
    from statements import state

    return state(folder)
