"""Upgrades a copy of a data folder in a child of this process, which dies by SIGKILL before its n-th statement or commit.

    python statements.py OLD WORK EVERY START    → one line of JSON per kill, the last one for the run that came through
Started as a program of its own by campaigns/migration.py: forking is safe only where there is one thread.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import sys
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine, event

from wujin_field import create_app
from wujin_field.cli import prepare
from wujin_field.config import read_settings
from wujin_field.db import db, sqlite

DIED = -signal.SIGKILL


def main(old: Path, work: Path, every: int, start: int) -> None:
    app = create_app(read_settings(env={}, data_dir=work))
    upgraded(app)  # everything is imported, read and compiled once, for all children
    number, ends = start, {}
    while True:
        shutil.rmtree(work)
        shutil.copytree(old, work)
        died, found, left = in_a_child(app, number) == DIED, state(work), content(work)
        if left not in ends:  # the second start from the same bytes is the same second start
            ends[left] = again(app, work)
        print(json.dumps({"at": number, "died": died, "state": found, "again": ends[left]}), flush=True)
        if not died:
            return
        number += every


def content(folder: Path) -> str:
    """The digest of every file's name and bytes, read after `state` has closed the database."""
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.update(f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()


def again(app: Flask, work: Path) -> dict:
    """State and rows of every table after somebody simply starts it once more."""
    ended = in_a_child(app, 0)
    return {"state": state(work) if ended == 0 else f"ended with {ended}", "rows": rows(work)}


def in_a_child(app: Flask, die_at: int) -> int:
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:
        if die_at:
            count_to(die_at)
        upgraded(app)
        os._exit(0)
    except BaseException as error:
        print(error, file=sys.stderr)
        os._exit(1)


def upgraded(app: Flask) -> None:
    prepare(app)
    with app.app_context():
        db.engine.dispose()


def count_to(die_at: int) -> None:
    left = [die_at]

    def one(*_arguments: object) -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", one)
    event.listen(Engine, "commit", one)


def state(folder: Path) -> str:
    """A short name of the tables as they are, with the version they claim: equal names, equal tables.

    Alembic writes a table anew with its constraints in no order of their own: words are compared, not their order.
    """
    path = folder / "wujin.db"
    if not path.exists():
        return "nothing"
    connection = sqlite.connect(str(path))
    try:
        if connection.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            return "corrupt"
        tables = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        ).fetchall()
        if not tables:
            return "nothing"
        version = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite.DatabaseError as error:
        return f"between: {error}"
    finally:
        connection.close()
    words = [(name, sorted(re.findall(r"[^\s,()]+|[,()]", sql))) for name, sql in tables]
    return f"{version[0][0] if version else '-'} {hashlib.sha256(repr(words).encode()).hexdigest()[:12]}"


def rows(folder: Path) -> dict[str, int]:
    """How many rows each table has; nothing where there is no database."""
    if not (folder / "wujin.db").exists():
        return {}
    connection = sqlite.connect(str(folder / "wujin.db"))
    try:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables}
    finally:
        connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
