"""A month of the town in a data folder, made once; every test gets a copy that it may break."""

import json
import os
import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from wujin_field.cast import fieldwork, settle
from wujin_field.cli import cli, prepared
from wujin_field.config import read_settings
from wujin_field.db import db, sqlite, writing
from wujin_field.sync.vault import FolderVault

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Station:
    """A data folder and what one does to it from outside, past the application."""

    folder: Path

    @property
    def vault(self):
        return FolderVault(self.folder / "photos")

    def run(self, *args):
        """The command's result; its error is `result.exception`, its output `result.output`."""
        return CliRunner().invoke(cli, [str(arg) for arg in args], env={"WUJIN_DATA_DIR": str(self.folder)})

    def verify(self, *args):
        """Exit code and findings as {(code, subject)}."""
        result = self.run("verify", "--json", *args)
        told = json.loads(result.stdout)
        return result.exit_code, {(one["code"], one["subject"]) for one in told["findings"]}

    def sql(self, statement, *values):
        with closing(sqlite.connect(self.folder / "wujin.db", isolation_level=None)) as connection:
            return connection.execute(statement, values).fetchall()

    def photos(self):
        return [sha256 for (sha256,) in self.sql("SELECT sha256 FROM photo ORDER BY sha256")]

    def flip(self, sha256, at=1000):
        path = self.vault.path(sha256)
        body = bytearray(path.read_bytes())
        body[at % len(body)] ^= 1
        path.unlink()  # the original shares this file
        path.write_bytes(body)


def shared_photos(source, target):
    """Photos are linked, so that a copy costs nothing; the rest is the test's own."""
    (os.link if "photos" in Path(source).parts else shutil.copy2)(source, target)


@pytest.fixture(scope="session")
def month(tmp_path_factory):
    """The original; nobody writes to it."""
    settings = read_settings(env={}, data_dir=tmp_path_factory.mktemp("month") / "data")
    app = prepared(settings)
    with app.app_context(), writing() as session:
        town = settle(session, NOW.date())
    fieldwork(app, town, NOW.date(), NOW)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return settings.data_dir


@pytest.fixture
def station(month, tmp_path):
    return Station(Path(shutil.copytree(month, tmp_path / "station", copy_function=shared_photos)))


@pytest.fixture
def elsewhere(tmp_path):
    """A folder with nothing in it, to restore into."""
    return Station(tmp_path / "elsewhere")
