"""`wujin sweep`: what nobody knows goes once it is old; what is young or known stays."""

import hashlib
import os
from datetime import UTC, datetime, timedelta

import pytest


def age(path, **gone):
    then = (datetime.now(UTC) - timedelta(**gone)).timestamp()
    os.utime(path, (then, then))


@pytest.fixture
def stray(station):
    """stray(body, days) → the digest of a stored file that no row knows."""

    def make(body, days):
        sha256 = hashlib.sha256(body).hexdigest()
        with station.vault.incoming() as file:
            file.write(body)
            station.vault.keep(file, sha256)
        age(station.vault.path(sha256), days=days)
        return sha256

    return make


def test_old_strays_go_and_young_ones_stay(station, stray):
    old, young = stray(b"old", 31), stray(b"young", 29)
    output = station.run("sweep").output.splitlines()
    assert output[0].startswith("removed 1 stored files")
    assert output[1].startswith("kept 1 ")
    assert (station.vault.has(old), station.vault.has(young)) == (False, True)


def test_what_a_row_knows_stays_however_old_it_is(station):
    for sha256 in station.photos():
        age(station.vault.path(sha256), days=4000)
    assert station.run("sweep").output.startswith("removed 0 stored files")
    assert station.verify() == (0, set())


def test_a_dry_run_counts_and_touches_nothing(station, stray):
    old = stray(b"old", 31)
    assert station.run("sweep", "--dry-run").output.startswith("would remove 1 stored files")
    assert station.vault.has(old)


def test_uploads_cut_more_than_a_day_ago_go(station):
    incoming = station.folder / "photos" / "incoming"
    for name, hours in (("cut", 25), ("running", 23)):
        (incoming / name).write_bytes(b"half a photo")
        age(incoming / name, hours=hours)
    assert station.run("sweep").output.splitlines()[2] == "removed 1 uploads that were cut more than a day ago"
    assert [path.name for path in incoming.iterdir()] == ["running"]


def test_a_second_sweep_finds_nothing(station, stray):
    stray(b"old", 31)
    station.run("sweep")
    assert station.run("sweep").output.startswith("removed 0 stored files")
