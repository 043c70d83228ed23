"""An evidence bundle: made here, checked on a machine without the server, three verdicts apart."""

import subprocess
import sys
import zipfile
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, writing
from wujin_field.evidence.bundle import bundle
from wujin_field.keeping.bundle_verifier import G, N, signed_by, times
from wujin_field.models import Visit
from wujin_field.sync.receipt import Signer, from_base64url


@pytest.fixture
def packed(station, tmp_path):
    """(path of the bundle, the station's key)"""
    app = prepared(read_settings(env={}, data_dir=station.folder))

    def original(sha256):
        with app.extensions["vault"].open(sha256) as file:
            return file.read(), False

    with app.app_context(), writing() as session:
        visit = session.scalars(select(Visit).where(Visit.photos.any()).order_by(Visit.received_at.desc())).first()
        body = bundle(session, app.extensions["signer"], visit, original, datetime.now(UTC))
    with app.app_context():
        db.engine.dispose()
    (tmp_path / "bundle.zip").write_bytes(body)
    return tmp_path / "bundle.zip", app.extensions["signer"].public_key


def alone(path, *more):
    """The verifier out of the bundle, in a Python that has nothing but its library."""
    script = path.with_name("verify.py")
    script.write_bytes(zipfile.ZipFile(path).read("verify.py"))
    return subprocess.run([sys.executable, "-I", "-S", script, path, *more], capture_output=True, text=True)


def test_it_verifies_where_nothing_of_ours_is_installed(packed):
    path, key = packed
    told = alone(path, key)
    assert told.returncode == 0, told.stdout + told.stderr
    assert [line.split()[0] for line in told.stdout.splitlines()] == ["integrity", "identity", "plausibility"]
    assert "whole" in told.stdout


def test_without_a_key_to_compare_it_says_what_it_could_not_check(packed):
    told = alone(packed[0])
    assert told.returncode == 1
    assert "compare it with one you know" in told.stdout


def test_the_command_checks_it_against_this_stations_key(station, packed):
    assert station.run("verify", "--bundle", packed[0]).exit_code == 0


def test_another_stations_bundle_is_no_bundle_of_ours(packed, elsewhere):
    elsewhere.folder.mkdir()
    Signer(elsewhere.folder / "signing-key.pem")
    told = elsewhere.run("verify", "--bundle", packed[0])
    assert told.exit_code == 2
    assert "another station" in told.output


@pytest.mark.parametrize("name", ["claims/", "photos/", "bundle.json"])
def test_one_altered_byte_is_found(packed, name):
    path, key = packed
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    part = next(part for part in parts if part.startswith(name))
    parts[part] = parts[part][:-9] + bytes([parts[part][-9] ^ 1]) + parts[part][-8:]
    with zipfile.ZipFile(path, "w") as archive:
        for part, body in parts.items():
            archive.writestr(part, body)
    assert alone(path, key).returncode == 2


def test_what_is_no_bundle_ends_in_a_sentence(station, tmp_path):
    (tmp_path / "x.zip").write_bytes(b"PK nonsense")
    assert station.run("verify", "--bundle", tmp_path / "x.zip").exit_code == 2


def test_its_own_arithmetic_agrees_with_the_library(tmp_path):
    signer = Signer(tmp_path / "key.pem")
    said = signer.signed({"kind": "x", "n": 7})
    key, signature, body = from_base64url(signer.public_key), from_base64url(said["sig"]), b'{"kind":"x","n":7}'
    assert signed_by(key, signature, body)
    assert not signed_by(key, signature, body + b" ")
    assert times(N, G) is None
