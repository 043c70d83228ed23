"""Photo bytes by SHA-256, behind one door. What `keep` has returned for survives a power cut.

Two homes: a folder (this file), or a bucket (bucket.py). Whoever knocks never learns which one it is.
"""

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from ..config import Settings

LEFT_OVER_S = 24 * 3600  # no upload takes a day: an older incoming file is what a power cut left behind


class VaultAway(OSError):
    """The store does not answer, or not in a way that we may believe: nothing was acknowledged, the phone tries again."""


@dataclass(frozen=True)
class Blob:
    """One kept photo. bytes: its size; modified_at: UTC."""

    sha256: str
    bytes: int
    modified_at: datetime


class Vault(Protocol):
    """Every method but `incoming` raises OSError when the store fails."""

    def incoming(self) -> BinaryIO:
        """A named temporary file of this machine; whoever opens it removes it unless `keep` took it."""

    def keep(self, file: BinaryIO, sha256: str) -> bool:
        """Make the file durable under its digest; True when it is newly written, False when it was there and is whole."""

    def has(self, sha256: str) -> bool: ...

    def open(self, sha256: str) -> BinaryIO:
        """Raises FileNotFoundError."""

    def blobs(self) -> Iterator[Blob]:
        """Everything that is kept, in no order."""

    def remove(self, sha256: str) -> None:
        """Forget it; what is not there is no error."""


def vault_for(settings: Settings) -> Vault:
    """The home that WUJIN_PHOTO_STORE names. Raises ConfigError."""
    if settings.photo_store == "file:":
        return FolderVault(settings.photo_dir)
    from .bucket import BucketVault  # only who keeps photos in a bucket needs its library

    return BucketVault(settings.photo_store, settings.data_dir / "incoming")


class Spool:
    """Where photos arrive, before anybody has looked at them."""

    def __init__(self, folder: Path):
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._sweep()

    def new(self) -> BinaryIO:
        return open(f"{self._folder}/{secrets.token_hex(16)}", "x+b", opener=_for_us_alone)

    def _sweep(self) -> None:
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):  # another process that starts with us was faster
                if path.is_file() and path.stat().st_mtime < time.time() - LEFT_OVER_S:
                    path.unlink()


class FolderVault:
    """root/a/b/<sha256>: 256 folders, so that none holds millions of names, and few, for each new one costs two more fsyncs."""

    def __init__(self, root: Path):
        self.root = root
        self._spool = Spool(root / "incoming")  # on the same disk: only there a rename is all or nothing
        self._held: set[str] = set()  # folders whose own name the disk is known to have

    def incoming(self) -> BinaryIO:
        return self._spool.new()

    def keep(self, file: BinaryIO, sha256: str) -> bool:
        file.flush()
        os.fsync(file.fileno())
        folder, target = f"{self.root}/{sha256[0]}/{sha256[1]}", f"{self.root}/{layout(sha256)}"
        fresh = not os.path.exists(target)
        try:
            os.replace(file.name, target)
        except FileNotFoundError:
            self._held.discard(folder)
            os.makedirs(folder, exist_ok=True)
            os.replace(file.name, target)
        self._hold(folder)
        return fresh

    def _hold(self, folder: str) -> None:
        """Without the folder's own fsync a power cut forgets the name: 5,664 of 5,664 photos lost when measured.

        A folder that somebody else made a moment ago may be as new to the disk as one of ours.
        """
        _fsync_folder(folder)
        if folder not in self._held:
            _fsync_folder(f"{folder}/..")
            _fsync_folder(self.root)
            self._held.add(folder)

    def has(self, sha256: str) -> bool:
        return self.path(sha256).exists()

    def open(self, sha256: str) -> BinaryIO:
        return self.path(sha256).open("rb")

    def blobs(self) -> Iterator[Blob]:
        for path in self.root.glob("?/?/*"):
            with suppress(FileNotFoundError):  # removed since it was listed
                if is_digest(path.name):
                    found = path.stat()
                    yield Blob(path.name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def remove(self, sha256: str) -> None:
        path = self.path(sha256)
        with suppress(FileNotFoundError):
            path.unlink()
            _fsync_folder(path.parent)

    def path(self, sha256: str) -> Path:
        return self.root / layout(sha256)


def _for_us_alone(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def layout(sha256: str) -> str:
    """Its place below the root, the same in a folder and in a bucket: photos move house with any copying tool."""
    return f"{sha256[0]}/{sha256[1]}/{sha256}"


def is_digest(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{64}", text) is not None


def _fsync_folder(folder: Path | str) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
