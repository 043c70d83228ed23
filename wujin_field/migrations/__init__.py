"""Alembic, additive; each step is named by what becomes true."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from flask import Flask


def config() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    return settings


def upgrade(app: Flask) -> None:
    """Bring the tables to what this version expects; nothing happens when they are."""
    with app.app_context():
        command.upgrade(config(), "head")
