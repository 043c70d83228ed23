"""Alembic, additive; each step is named by what becomes true. Loaded when it is needed: who serves keeps ten megabytes."""

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from sqlalchemy import Connection

if TYPE_CHECKING:
    from alembic.config import Config


def config() -> "Config":
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    return settings


def upgrade(app: Flask) -> None:
    """Bring the tables to what this version expects; nothing happens when they are."""
    from alembic import command

    with app.app_context():
        command.upgrade(config(), "head")


def is_current(connection: Connection) -> bool:
    """Are the tables what this version expects? Raises DatabaseError."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    version = MigrationContext.configure(connection).get_current_revision()
    return version == ScriptDirectory.from_config(config()).get_current_head()
