"""Photos in a real S3 server: the same door as the folder's, and nothing acknowledged that the bucket does not hold."""

import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import obstore
import pytest
from sqlalchemy import func, select

from wujin_field.cast import phone, picture, settle
from wujin_field.cli import prepared
from wujin_field.config import ConfigError, read_settings
from wujin_field.db import db, utc_now, writing
from wujin_field.models import Photo, Receipt
from wujin_field.sync.bucket import BucketVault
from wujin_field.sync.vault import FolderVault, VaultAway, layout, vault_for

pytestmark = [pytest.mark.needs("s3"), pytest.mark.timeout(120)]
BODY = "屋檐下的电动车".encode() * 1000
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def vault(bucket, tmp_path):
    return BucketVault(bucket, tmp_path / "incoming")


@pytest.fixture
def away(bucket_server):
    """away() stops the server; it is back for the next test."""
    yield bucket_server.crash
    bucket_server.start()


def put(vault, body=BODY, sha256=None):
    with vault.incoming() as file:
        try:
            file.write(body)
            vault.keep(file, sha256 or hashlib.sha256(body).hexdigest())
        finally:
            Path(file.name).unlink(missing_ok=True)


def read(vault, sha256=SHA256):
    with vault.open(sha256) as file:
        return file.read()


def smuggle(vault, body):
    """Somebody else's hand in the bucket, under the name of our photo."""
    obstore.put(vault._store, layout(SHA256), body)


def test_what_was_kept_can_be_read(vault):
    put(vault)
    assert vault.has(SHA256)
    assert read(vault) == BODY


def test_what_never_came_is_not_there(vault):
    assert not vault.has(SHA256)
    with pytest.raises(FileNotFoundError):
        vault.open(SHA256)


def test_it_lies_where_the_folder_would_have_it(vault, bucket, tmp_path):
    put(vault)
    [[meta]] = obstore.list(vault._store)
    assert meta["path"] == FolderVault(tmp_path).path(SHA256).relative_to(tmp_path).as_posix()


def test_the_same_bytes_twice_are_one_object(vault):
    for _ in range(3):
        put(vault)
    assert [blob.sha256 for blob in vault.blobs()] == [SHA256]
    assert read(vault) == BODY


def test_many_writers_at_once_all_hear_that_it_is_kept(bucket, tmp_path):
    vaults = [BucketVault(bucket, tmp_path / str(number)) for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(put, vaults))
    assert [blob.sha256 for blob in vaults[0].blobs()] == [SHA256]
    assert read(vaults[0]) == BODY


@pytest.mark.parametrize("found", [b"", BODY[:-1], BODY[:100] + b"!" + BODY[101:], b"other"])
def test_wrong_bytes_under_its_name_are_healed_by_the_right_ones(vault, found):
    smuggle(vault, found)
    put(vault)
    assert read(vault) == BODY


def test_a_store_that_damages_what_it_takes_is_found_out(vault, monkeypatch):
    really = obstore.put
    monkeypatch.setattr(obstore, "put", lambda store, path, body, **more: really(store, path, body[:-1] + b"?", **more))
    with pytest.raises(VaultAway, match="other bytes"):
        put(vault)


def test_an_answer_that_got_lost_is_settled_by_reading_back(vault, monkeypatch):
    really = obstore.put

    def lost(*given, **more):
        really(*given, **more)
        raise obstore.exceptions.GenericError("the line broke after the last byte")

    monkeypatch.setattr(obstore, "put", lost)
    put(vault)
    assert read(vault) == BODY


def test_a_put_that_never_arrived_is_an_error(vault, monkeypatch):
    def dead(*_given, **_more):
        raise obstore.exceptions.GenericError("the line broke before the first byte")

    monkeypatch.setattr(obstore, "put", dead)
    with pytest.raises(VaultAway):
        put(vault)
    assert not vault.has(SHA256)


def test_a_server_with_foreign_marks_is_read_back(vault, monkeypatch):
    really, reads = obstore.put, []
    monkeypatch.setattr(obstore, "put", lambda *given, **more: really(*given, **more) | {"e_tag": '"kms-17"'})
    monkeypatch.setattr(vault, "open", lambda sha256: reads.append(sha256) or BucketVault.open(vault, sha256))
    put(vault)
    assert reads == [SHA256]


def test_it_lists_sizes_and_times_and_only_photos(vault):
    bodies = [os.urandom(1000 + number) for number in range(30)]
    for body in bodies:
        put(vault, body)
    obstore.put(vault._store, "README.txt", b"left by somebody")
    blobs = {blob.sha256: blob for blob in vault.blobs()}
    assert {name: blob.bytes for name, blob in blobs.items()} == {
        hashlib.sha256(body).hexdigest(): len(body) for body in bodies
    }
    ages = [datetime.now(UTC) - blob.modified_at for blob in blobs.values()]
    assert all(timedelta(seconds=-5) < age < timedelta(minutes=2) for age in ages)


def test_what_was_removed_is_gone_and_may_come_again(vault):
    put(vault)
    vault.remove(SHA256)
    assert not vault.has(SHA256)
    assert list(vault.blobs()) == []
    vault.remove(SHA256)
    put(vault)
    assert read(vault) == BODY


def test_another_prefix_is_another_house(bucket_server, vault, tmp_path):
    put(vault)
    other = BucketVault(bucket_server.fresh(), tmp_path / "other")
    assert not other.has(SHA256)
    assert list(other.blobs()) == []


def test_a_wrong_key_is_an_error_and_no_absence(vault, bucket, tmp_path, monkeypatch):
    put(vault)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")
    stranger = BucketVault(bucket, tmp_path / "stranger")
    for attempt in (lambda: put(stranger), lambda: stranger.has(SHA256), lambda: stranger.open(SHA256)):
        with pytest.raises(VaultAway):
            attempt()


def test_a_stopped_server_is_an_error_soon(vault, away):
    put(vault)
    away()
    for attempt in (lambda: put(vault), lambda: vault.has(SHA256), lambda: read(vault), lambda: list(vault.blobs())):
        with pytest.raises(VaultAway):
            attempt()


def test_a_phone_hears_503_while_the_bucket_is_away_and_is_stored_when_it_is_back(bucket, bucket_server, tmp_path):
    app = prepared(read_settings(env={"WUJIN_PHOTO_STORE": bucket}, data_dir=tmp_path / "data"))
    with app.app_context(), writing() as session:
        _, token = phone(session, settle(session).person("陈大山"))
    client, body = app.test_client(), picture(1, utc_now(), 295_512_000, 1_062_034_000)
    client.set_cookie("wujin_device", token)
    address = f"/sync/photos/{hashlib.sha256(body).hexdigest()}"
    bucket_server.crash()
    try:
        refused = client.put(address, data=body)
    finally:
        bucket_server.start()
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert rows(app) == [0, 0]
    assert list((tmp_path / "data" / "incoming").iterdir()) == []
    taken = client.put(address, data=body)
    assert (taken.status_code, rows(app)) == (201, [1, 1])
    assert client.head(address).status_code == 200
    assert client.put(address, data=body).json == taken.json


def rows(app):
    with app.app_context():
        return [db.session.scalar(select(func.count()).select_from(table)) for table in (Photo, Receipt)]


@pytest.mark.parametrize("home", ["folder", "bucket"])
def test_what_a_power_cut_left_behind_is_swept_after_a_day(home, bucket, tmp_path):
    store = "file:" if home == "folder" else bucket
    settings = read_settings(env={"WUJIN_PHOTO_STORE": store}, data_dir=tmp_path)
    made = [Path(vault_for(settings).incoming().name) for _ in range(2)]
    before = time.time() - 25 * 3600
    os.utime(made[0], (before, before))
    vault_for(settings)
    assert [path.exists() for path in made] == [False, True]


@pytest.mark.parametrize("address", ["s3://", "s3:/photos", "s3://Photos_1/x", "s3://photos/a b", "s3://photos/x?y=1"])
def test_an_address_that_is_no_bucket_is_refused_in_one_sentence(address, tmp_path):
    with pytest.raises(ConfigError, match="WUJIN_PHOTO_STORE") as raised:
        read_settings(env={"WUJIN_PHOTO_STORE": address}, data_dir=tmp_path)
    assert "\n" not in str(raised.value)


def test_a_missing_library_is_named(tmp_path, bucket, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.delitem(sys.modules, "wujin_field.sync.bucket")
    with pytest.raises(ConfigError, match=r"pip install 'wujin-field\[s3\]'"):
        vault_for(read_settings(env={"WUJIN_PHOTO_STORE": bucket}, data_dir=tmp_path))


def test_both_homes_have_the_same_doors():
    doors = {"incoming", "keep", "has", "open", "blobs", "remove"}
    for home in (FolderVault, BucketVault):
        assert doors <= set(dir(home))


def test_the_folder_lists_and_forgets_alike(tmp_path):
    vault = FolderVault(tmp_path / "photos")
    put(vault)
    [blob] = vault.blobs()
    assert (blob.sha256, blob.bytes) == (SHA256, len(BODY))
    assert datetime.now(UTC) - blob.modified_at < timedelta(minutes=2)
    vault.remove(SHA256)
    vault.remove(SHA256)
    assert list(vault.blobs()) == []
    with suppress(FileNotFoundError):
        vault.open(SHA256)
        pytest.fail("it was forgotten")
