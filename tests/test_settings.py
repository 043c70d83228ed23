"""Every setting is read, has a default that works, and refuses what we cannot run with in one sentence."""

import dataclasses
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from ports import free_port

import wujin_field
from wujin_field.config import ConfigError, read_settings, write_private

README = Path(wujin_field.__path__[0]).parent / "README.md"


def test_nothing_set_is_enough_to_run(tmp_path):
    settings = read_settings(env={}, data_dir=tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path / 'wujin.db'}"
    assert settings.on_sqlite
    assert settings.lang == "zh_Hans_CN"
    assert not settings.demo


@pytest.mark.parametrize(
    ("variable", "field", "value", "read"),
    [
        ("WUJIN_DATABASE_URL", "database_url", "postgresql+psycopg://db/wujin", "postgresql+psycopg://db/wujin"),
        ("WUJIN_PUBLIC_URL", "public_url", "https://wujin.example/", "https://wujin.example"),
        ("WUJIN_SECRET_KEY", "secret_key", "s" * 40, "s" * 40),
        ("WUJIN_STATION", "station", "青禾镇消防工作站", "青禾镇消防工作站"),
        ("WUJIN_LANG", "lang", "en", "en"),
    ],
)
def test_a_variable_decides(tmp_path, variable, field, value, read):
    assert getattr(read_settings(env={variable: value}, data_dir=tmp_path), field) == read


def test_the_data_folder_is_made_where_the_variable_says(tmp_path):
    settings = read_settings(env={"WUJIN_DATA_DIR": str(tmp_path / "new" / "place")})
    assert settings.data_dir.is_dir()
    assert settings.photo_dir.parent == settings.data_dir


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("WUJIN_LANG", "xx"),
        ("WUJIN_PHOTO_STORE", "ftp://photos"),
        ("WUJIN_PUBLIC_URL", "wujin.example"),
        ("WUJIN_PUBLIC_URL", "javascript:alert(1)"),
        ("WUJIN_ALERT_URL", "file:///etc/passwd"),
    ],
)
def test_what_we_cannot_run_with_is_named_in_one_sentence(tmp_path, variable, value):
    with pytest.raises(ConfigError) as raised:
        read_settings(env={variable: value}, data_dir=tmp_path)
    assert variable in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_secret_survives_a_restart_and_is_the_owners_alone(tmp_path):
    first = read_settings(env={}, data_dir=tmp_path).secret_key
    assert read_settings(env={}, data_dir=tmp_path).secret_key == first
    assert len(first) >= 48
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_two_folders_never_share_a_secret(tmp_path):
    assert len({read_settings(env={}, data_dir=tmp_path / name).secret_key for name in "ab"}) == 2


def test_the_first_writer_of_a_key_wins(tmp_path):
    write_private(tmp_path / "key", b"first")
    write_private(tmp_path / "key", b"second")
    assert (tmp_path / "key").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_many_processes_that_start_together_agree_on_one_secret(tmp_path):
    read = "from wujin_field.config import read_settings; print(read_settings().secret_key)"
    env = {"WUJIN_DATA_DIR": str(tmp_path), "PATH": ""}
    started = [subprocess.Popen([sys.executable, "-c", read], env=env, stdout=subprocess.PIPE) for _ in range(6)]
    said = {process.communicate(timeout=120)[0] for process in started}
    assert len(said) == 1
    assert len(said.pop().strip()) >= 48


def test_a_server_that_cannot_prepare_its_tables_says_so_in_one_sentence_and_serves_nobody(tmp_path):
    """They are prepared in a fork of it, whose failure is its own."""
    (tmp_path / "wujin.db").write_bytes(b"no database at all" * 100)
    command = [sys.executable, "-m", "wujin_field", "serve", "--port", str(free_port())]
    env = {"WUJIN_DATA_DIR": str(tmp_path), "PATH": ""}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["wujin: the database refused: file is not a database"]


def test_the_readme_lists_every_variable():
    package = Path(wujin_field.__path__[0])
    known = set(re.findall(r"WUJIN_[A-Z_]+", (package / "config.py").read_text("utf-8"))) - {"WUJIN_"}
    assert known <= set(re.findall(r"WUJIN_[A-Z_]+", README.read_text("utf-8")))


def test_nothing_else_reads_a_setting_from_the_environment():
    """keeping/postgres.py only hands the environment on to a program that it starts."""
    package = Path(wujin_field.__path__[0])
    readers = [path.name for path in package.rglob("*.py") if re.search(r"os\.environ|getenv", path.read_text("utf-8"))]
    assert set(readers) == {"config.py", "postgres.py"}


def test_settings_are_never_changed_after_the_start(tmp_path):
    with pytest.raises(dataclasses.FrozenInstanceError):
        read_settings(env={}, data_dir=tmp_path).lang = "en"
