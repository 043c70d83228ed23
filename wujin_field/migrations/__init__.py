"""Alembic, additive; each step is named by what becomes true. Loaded when it is needed: who serves keeps ten megabytes."""

import sys
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

from flask import Flask
from sqlalchemy import Connection

from ..config import ConfigError

if TYPE_CHECKING:
    from alembic.config import Config

SAY_AFTER_S = 5


def config() -> "Config":
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    return settings


def upgrade(app: Flask) -> None:
    """Bring the tables to what this version expects; nothing happens when they are. Raises ConfigError for a newer one's."""
    from alembic import command
    from alembic.util import CommandError

    waiting = Timer(SAY_AFTER_S, _say_so)
    waiting.daemon = True
    waiting.start()
    try:
        with app.app_context():
            command.upgrade(config(), "head")
    except CommandError as error:  # the version that it names is none of ours
        raise ConfigError("the database is of a newer version of Wujin Field; install that version") from error
    finally:
        waiting.cancel()


def _say_so() -> None:
    print("wujin: preparing the database; a large table takes a while, and another program that holds it is waited for",
          file=sys.stderr, flush=True)  # fmt: skip


def is_current(connection: Connection) -> bool:
    """Are the tables what this version expects? Raises DatabaseError."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    version = MigrationContext.configure(connection).get_current_revision()
    return version == ScriptDirectory.from_config(config()).get_current_head()
