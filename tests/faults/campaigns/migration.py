"""S11: the upgrade is killed before each of its statements, from every version there ever was. Old or new, never between;
and whoever starts it once more has the new one, with every row of the old.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from audit import Findings, Verdict
from sqlalchemy import Connection, MetaData, Table, create_engine
from statements import rows, state
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
    versions = [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()][::-1]
    olds = [None, *versions[:-1]] if every == 1 else [None, versions[0], versions[-2]]
    made = [_made(folder / f"from {version or 'nothing'}", version) for version in olds]
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each beginning is a program of its own
        found = list(pool.map(lambda number: _from(made[number], every, 1 + number % every), range(len(olds))))
    findings = Findings(lost=[line for one in found for line in one["fewer"]])
    findings.broken += [line for one in found for line in one["between"][:3] + one["stuck"][:3]]
    zeros = {
        "between": sum(len(one["between"]) for one in found),
        "stuck after a second start": sum(len(one["stuck"]) for one in found),
    }
    notes = [f"from {len(olds)} beginnings: {', '.join(version or 'nothing' for version in olds)}"]
    return Verdict("migration", {"statements killed at": sum(one["kills"] for one in found)}, findings, zeros, notes)


def _from(old: Path, every: int, start: int) -> dict:
    """One beginning: how often it was killed, and what was then neither old nor new, not upgraded by a second start, lost."""
    name, whole, held = old.name, state(old), rows(old)
    runs = _runs(old, old.with_name(f"work {name}"), every, start)
    new = runs[-1]["state"]
    return {
        "kills": sum(run["died"] for run in runs),
        "between": [f"{name}, killed at {run['at']}: {run['state']}" for run in runs if run["state"] not in (whole, new)],
        "stuck": [f"{name}, killed at {run['at']}, again: {run['again']}" for run in runs if run["again"]["state"] != new],
        "fewer": [f"{name}, killed at {run['at']}: {table} {held[table]} → {run['again']['rows'].get(table, 0)}"
                  for run in runs for table in held if run["again"]["rows"].get(table, 0) < held[table]],
    }  # fmt: skip


def _runs(old: Path, work: Path, every: int, start: int) -> list[dict]:
    arguments = [sys.executable, str(STATEMENTS), str(old), str(work), str(every), str(start)]
    done = subprocess.run(arguments, capture_output=True, text=True, env=environment(work, 1), timeout=1800)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def _made(folder: Path, version: str | None) -> Path:
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
