"""Photo bytes on disk: durable under their digest, and nothing half-taken left behind."""

import hashlib
import os
from pathlib import Path

import pytest

from wujin_field.sync.vault import FolderVault

BODY = "屋檐下的电动车".encode() * 1000
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def vault(tmp_path):
    return FolderVault(tmp_path / "photos")


def put(vault, body=BODY):
    with vault.incoming() as file:
        file.write(body)
        vault.keep(file, hashlib.sha256(body).hexdigest())


def files(vault):
    return sorted(path.relative_to(vault.root).as_posix() for path in vault.root.rglob("*") if path.is_file())


def test_what_was_kept_can_be_read(vault):
    put(vault)
    assert vault.has(SHA256)
    with vault.open(SHA256) as file:
        assert file.read() == BODY


def test_it_lies_two_folders_deep_under_its_own_digest(vault):
    put(vault)
    assert files(vault) == [f"{SHA256[0]}/{SHA256[1]}/{SHA256}"]
    assert vault.path(SHA256) == vault.root / SHA256[0] / SHA256[1] / SHA256


def test_keeping_the_same_bytes_again_changes_nothing(vault):
    for _ in range(3):
        put(vault)
    assert files(vault) == [f"{SHA256[0]}/{SHA256[1]}/{SHA256}"]
    with vault.open(SHA256) as file:
        assert file.read() == BODY


def test_another_opening_of_the_same_folder_finds_it(vault):
    put(vault)
    assert FolderVault(vault.root).has(SHA256)


def test_what_never_came_is_not_there(vault):
    assert not vault.has(SHA256)
    with pytest.raises(FileNotFoundError):
        vault.open(SHA256)


def test_an_incoming_file_is_on_the_same_disk_and_nobody_elses_to_read(vault):
    with vault.incoming() as file:
        path = Path(file.name)
        assert path.parent == vault.root / "incoming"
        assert path.stat().st_mode & 0o077 == 0
        assert path.stat().st_dev == vault.root.stat().st_dev


def test_bytes_and_every_new_folder_are_synced_before_it_returns(vault, monkeypatch):
    synced, really = [], os.fsync

    def fsync(handle):
        synced.append(os.readlink(f"/proc/self/fd/{handle}"))
        really(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    put(vault)
    target = vault.path(SHA256)
    assert synced[0].startswith(str(vault.root / "incoming"))  # the bytes, before they get their name
    assert {str(target.parent), str(target.parent.parent), str(vault.root)} <= set(synced[1:])
