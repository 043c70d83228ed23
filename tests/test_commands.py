"""Every command, spoken to wrongly, fails with one sentence on stderr and a code that is not 0; no traceback."""

import shutil
import sys
from contextlib import closing

import pytest

from wujin_field.cli import main
from wujin_field.db import sqlite


@pytest.fixture
def said(monkeypatch, capsys, tmp_path):
    """Run one; → (exit code, lines on stderr)."""

    def run(*args, **env):
        for name, value in ({"WUJIN_DATA_DIR": str(tmp_path / "data")} | env).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["wujin", *map(str, args)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr().err.splitlines()

    return run


@pytest.mark.parametrize(
    ("args", "code", "about"),
    [
        (["bogus"], 2, "bogus"),
        (["serve", "--bogus"], 2, "see wujin serve --help"),
        (["serve", "--port", "99999"], 2, "99999"),
        (["serve", "--workers", "2"], 1, "PostgreSQL"),
        (["serve", "--host", "nowhere.invalid"], 1, "nowhere.invalid"),
        (["restore", "/nowhere"], 2, "/nowhere"),
        (["backup", __file__], 2, __file__),
        (["backup", "/nowhere"], 1, "there is no database"),
        (["verify"], 2, "there is no database"),
        (["verify", "--bundle", "/nowhere"], 2, "/nowhere"),
        (["invite", "--role", "king", "--name", "何敏"], 1, "king"),
        (["invite", "--role", "volunteer", "--name", " "], 1, "--name"),
        (["report", "nonsense", "--unit", "x", "--period", "2026-11", "-o", "x"], 2, "nonsense"),
        (["import", "venues", __file__], 1, "nothing was imported: 1 thing in"),
        (["demo", "--dir", __file__], 2, __file__),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_one_sentence(said, args, code, about):
    ended, lines = said(*args)
    assert (ended, lines[-1].startswith("wujin: "), about in lines[-1]) == (code, True, True)
    assert len(lines) == (2 if args[0] == "import" else 1)  # the rows that need a change have a line each


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("WUJIN_DATABASE_URL", "postgresql+psycopg://wujin:geheim@127.0.0.1:notaport/wujin"),
        ("WUJIN_DATABASE_URL", "sqlite:///:memory:"),
        ("WUJIN_DATABASE_URL", "sqlite:///"),
        ("WUJIN_DATABASE_URL", "sqlite:///file:wujin?mode=memory&uri=true"),
        ("WUJIN_LANG", "fr"),
    ],
)
def test_a_setting_that_cannot_be_run_with_is_named_and_to_verify_it_is_no_warning(said, variable, value):
    for command, code in (("upgrade", 1), ("verify", 2)):
        ended, lines = said(command, **{variable: value})
        assert (ended, len(lines)) == (code, 1)
        assert variable in lines[0] and "geheim" not in lines[0]


@pytest.mark.parametrize("command", ["upgrade", "examine"])
def test_a_newer_versions_database_is_left_alone_and_named(said, migrated, tmp_path, command):
    (tmp_path / "data").mkdir()
    shutil.copy(migrated, tmp_path / "data")
    database = tmp_path / "data" / "wujin.db"
    on(database, "UPDATE alembic_version SET version_num = '9999'")
    assert said(command) == (1, ["wujin: the database is of a newer version of Wujin Field; install that version"])
    assert on(database, "SELECT version_num FROM alembic_version") == [("9999",)]


def on(database, statement):
    with closing(sqlite.connect(database, isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()


def test_the_data_folder_is_the_owners_alone(said, tmp_path):
    said("serve", "--workers", "2")
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
