"""PostgreSQL copies itself best: its own tool, when it is on the PATH."""

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import URL

from ..config import ConfigError


def dump(url: URL, target: Path) -> bool:
    """pg_dump into `target`, custom format; False without the tool. Raises ConfigError with its last word."""
    if not shutil.which("pg_dump"):
        return False
    command = ["pg_dump", "--format=custom", "--file", str(target)]
    done = subprocess.run(command, env={**os.environ, **_connection(url)}, capture_output=True, text=True)
    if done.returncode:
        raise ConfigError(f"pg_dump failed: {(done.stderr.strip().splitlines() or [str(done.returncode)])[-1]}")
    return True


def load(url: URL, source: Path) -> None:
    """All of the dump or nothing of it. Raises ConfigError."""
    if not shutil.which("pg_restore"):
        raise ConfigError("pg_restore is not on the PATH; it comes with PostgreSQL's client programs")
    command = ["pg_restore", "--clean", "--if-exists", "--no-owner", "--no-acl", "--single-transaction", "--dbname",
               str(url.database), str(source)]  # fmt: skip
    done = subprocess.run(command, env={**os.environ, **_connection(url)}, capture_output=True, text=True)
    if done.returncode:
        raise ConfigError(f"pg_restore failed: {(done.stderr.strip().splitlines() or [str(done.returncode)])[-1]}")


def _connection(url: URL) -> dict[str, str]:
    """The address holds a password, and a process list is public: it goes through the environment."""
    said = {
        "PGHOST": url.host or url.query.get("host"), "PGPORT": url.port, "PGUSER": url.username,
        "PGPASSWORD": url.password, "PGDATABASE": url.database, "PGSSLMODE": url.query.get("sslmode"),
    }  # fmt: skip
    return {name: str(value) for name, value in said.items() if value}
