"""What a backup folder holds, and whether it is whole.

DIR/photos/a/b/<sha256>         only ever added to, shared by all snapshots
DIR/20261103T010203Z/           wujin.db (or wujin.dump), both keys, manifest.json
DIR/20261103T010203Z.partial/   one that was never finished; nobody takes it for a backup
"""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..config import ConfigError
from ..db import sqlite
from ..sync.vault import FolderVault
from ..words import counted
from .photos import digest

MANIFEST, DATABASE, DUMP = "manifest.json", "wujin.db", "wujin.dump"
KEPT_FILES = ("signing-key.pem", "secret-key", "demo")  # of the data folder, beside database and photos


@dataclass
class Manifest:
    """made_at: ISO 8601 UTC. absent: photos that the database knows and the store could not give, whole, when copied."""

    made_at: str
    instance: str
    database: str
    database_sha256: str
    counts: dict[str, int]
    audit_head: str
    absent: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    format: int = 1

    def write(self, folder: Path) -> None:
        write_durably(folder / MANIFEST, json.dumps(asdict(self), indent=1).encode())


@dataclass(frozen=True)
class Snapshot:
    folder: Path
    manifest: Manifest

    @property
    def database(self) -> Path:
        return self.folder / self.manifest.database

    @property
    def vault(self) -> FolderVault:
        return FolderVault(self.folder.parent / "photos")

    def photos(self) -> Iterator[tuple[str, int]]:
        """Digest and bytes of every photo that should be there."""
        absent = set(self.manifest.absent)
        return (line for line in listed(self.database) if line[0] not in absent)

    def faults(self) -> list[str]:
        """Why it is not whole, one sentence each; photos are looked at, not read."""
        if not self.database.exists() or sha256_of(self.database) != self.manifest.database_sha256:
            return [f"{self.database} is not the file that was backed up"]
        gone = [name for name in self.manifest.files if not (self.folder / name).exists()]
        if self.manifest.database == DUMP:  # what it holds is known once it is loaded
            return [f"{name} is missing" for name in gone]
        short = sum(not has_whole(self.vault, *line) for line in self.photos())
        return [f"{name} is missing" for name in gone] + (
            [f"missing or cut: {counted(short, 'photo')}"] if short else []
        )


def newest(folder: Path) -> Snapshot:
    """The snapshot in `folder`, or the newest of those inside. Raises ConfigError."""
    found = [folder] if (folder / MANIFEST).exists() else sorted(path.parent for path in folder.glob(f"*Z/{MANIFEST}"))
    if not found:
        raise ConfigError(f"{folder} holds no finished backup")
    try:
        manifest = Manifest(**json.loads((found[-1] / MANIFEST).read_bytes()))
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{found[-1] / MANIFEST} is damaged; take another snapshot of {folder}") from error
    return Snapshot(found[-1].resolve(), manifest)


def listed(database: Path) -> Iterator[tuple[str, int]]:
    """Digest and bytes of every photo that this SQLite file knows. Raises ConfigError when it cannot be read."""
    with closing(open_copy(database)) as connection:
        yield from connection.execute("SELECT sha256, bytes FROM photo ORDER BY sha256")


def open_copy(database: Path):  # type: ignore[no-untyped-def]
    """A SQLite file that nobody writes to any more; reading it leaves nothing beside it."""
    return sqlite.connect(f"file:{database}?mode=ro&immutable=1", uri=True)


def has_whole(vault: FolderVault, sha256: str, size: int) -> bool:
    path = vault.path(sha256)
    return path.exists() and path.stat().st_size == size


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return digest(file)[0]


def write_durably(path: Path, content: bytes) -> None:
    """0600; the name appears once the bytes are on the disk."""
    part = path.with_name(f"{path.name}.partial")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        os.fsync(file.fileno())
    os.replace(part, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
