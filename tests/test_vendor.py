"""Third-party files are exactly the ones that VENDOR.md vouches for."""

import hashlib
import re
from pathlib import Path

import pytest

VENDOR = Path(__file__).parent.parent / "static" / "vendor"
COLUMNS = ("file", "version", "source", "sha256", "licence", "licence_text", "made")


def listed():
    lines = (VENDOR / "VENDOR.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [dict(zip(COLUMNS, row, strict=True)) for row in cells[2:]]


def is_a_paper(name):
    return name == "VENDOR.md" or name.startswith("LICENSE-")


ROWS = listed()
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])


def test_the_list_and_the_folder_name_the_same_files():
    present = {path.name for path in VENDOR.iterdir() if not is_a_paper(path.name)}
    assert {row["file"] for row in ROWS} == present
    assert len(ROWS) == len(present)


def test_every_licence_text_belongs_to_a_file():
    present = {path.name for path in VENDOR.iterdir() if path.name.startswith("LICENSE-")}
    assert {row["licence_text"] for row in ROWS} == present


@each_row
def test_the_bytes_are_those_vouched_for(row):
    assert hashlib.sha256((VENDOR / row["file"]).read_bytes()).hexdigest() == row["sha256"]


@each_row
def test_the_name_and_the_source_carry_the_version(row):
    assert re.fullmatch(r"\d+\.\d+\.\d+", row["version"])
    assert f"-{row['version']}." in row["file"]
    assert row["source"].endswith(f"@{row['version']}")


@each_row
def test_the_licence_is_named_and_its_text_is_beside_the_file(row):
    assert row["licence"]
    assert (VENDOR / row["licence_text"]).read_text(encoding="utf-8").strip()
