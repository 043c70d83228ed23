"""Fixtures every test may use; a missing part of the machine is skipped by name, or fails where it is required."""

import os
import shutil

import pytest

from wujin_field.cli import prepared
from wujin_field.config import read_settings

PARTS = {"chromium": ["chromium", "chromium-browser", "google-chrome"], "libreoffice": ["soffice"], "node": ["node"]}


def has_part(part: str) -> str | None:
    """The path of the part's program, or None."""
    return next((path for name in PARTS[part] if (path := shutil.which(name))), None)


def pytest_collection_modifyitems(items):
    required = {part for part in os.environ.get("WUJIN_TEST_REQUIRE", "").split(",") if part}
    for item in items:
        for marker in item.iter_markers("needs"):
            part = marker.args[0]
            if not has_part(part) and part not in required:
                item.add_marker(pytest.mark.skip(reason=f"{part} is not on this machine"))


def pytest_runtest_setup(item):
    for marker in item.iter_markers("needs"):
        if not has_part(marker.args[0]):
            pytest.fail(f"{marker.args[0]} is required here and missing")


@pytest.fixture
def settings(tmp_path):
    return read_settings(env={}, data_dir=tmp_path / "data", public_url="http://localhost")


@pytest.fixture
def app(settings):
    """A migrated app on a real SQLite file, with the shipped data and nothing else."""
    return prepared(settings)
