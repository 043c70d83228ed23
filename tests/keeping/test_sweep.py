"""`wujin sweep`: what nobody knows goes once it is old; what is young or known stays."""

import hashlib
import os
from datetime import UTC, datetime, timedelta

import pytest

from wujin_field.cast import phone, picture, settle
from wujin_field.db import utc_now, writing
from wujin_field.keeping import sweep


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
    assert output[0].startswith("removed 1 stored file that")
    assert output[1] == "kept, younger than 30 days: 1"
    assert (station.vault.has(old), station.vault.has(young)) == (False, True)


def test_what_a_row_knows_stays_however_old_it_is(station):
    for sha256 in station.photos():
        age(station.vault.path(sha256), days=4000)
    assert station.run("sweep").output.startswith("removed 0 stored files")
    assert station.verify() == (0, set())


def test_a_dry_run_counts_and_touches_nothing(station, stray):
    old = stray(b"old", 31)
    assert station.run("sweep", "--dry-run").output.startswith("would remove 1 stored file that")
    assert station.vault.has(old)


def test_uploads_cut_more_than_a_day_ago_go(station):
    incoming = station.folder / "photos" / "incoming"
    for name, hours in (("cut", 25), ("running", 23)):
        (incoming / name).write_bytes(b"half a photo")
        age(incoming / name, hours=hours)
    assert station.run("sweep").output.splitlines()[2] == "removed 1 upload cut more than a day ago"
    assert [path.name for path in incoming.iterdir()] == ["running"]


def test_a_second_sweep_finds_nothing(station, stray):
    stray(b"old", 31)
    station.run("sweep")
    assert station.run("sweep").output.startswith("removed 0 stored files")


def test_a_photo_sent_again_while_the_sweep_comes_by_is_put_off_and_not_lost(app, monkeypatch):
    with app.app_context(), writing() as session:
        _, token = phone(session, settle(session).person("陈大山"))
    client, vault, body = app.test_client(), app.extensions["vault"], picture(1, utc_now())
    client.set_cookie("wujin_device", token)
    sha256 = hashlib.sha256(body).hexdigest()
    really_keep = vault.keep

    def keep_and_then_the_sweep(file, digest):
        fresh = really_keep(file, digest)
        with app.app_context():
            assert sweep._remove(vault, digest)  # it had listed the old copy
        return fresh

    with vault.incoming() as file:
        file.write(body)
        vault.keep(file, sha256)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(vault, "keep", keep_and_then_the_sweep)
        assert client.put(f"/sync/photos/{sha256}", data=body).status_code == 503
    assert client.put(f"/sync/photos/{sha256}", data=body).status_code == 201
    assert vault.has(sha256)
