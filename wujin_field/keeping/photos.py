"""Every stored photo read again and hashed (bit rot), and stored files that no row knows."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import BinaryIO

from sqlalchemy import Engine, Row, select

from ..models import Photo
from ..sync.vault import Blob, Vault, VaultAway
from .claims import erasures
from .findings import Finding, finding
from .reading import AT_ONCE

GRACE = timedelta(days=30)  # a phone that was away this long may still send the visit to a photo that came first
DAMAGED, MISSING = "damaged", "missing"  # photo.fault: the phone is told and offers its own copy again
CHUNK = 256 * 1024


def check(engine: Engine, vault: Vault, counts: Counter, hashing: bool) -> Iterator[Finding]:
    """hashing: read every byte; else only ask whether the file is there. A row's `bytes` is its announced length."""
    with engine.connect() as connection:
        erased = erasures(connection, "photo")
    for row in known(engine):
        counts["photos"] += 1
        counts["photo_bytes"] += row.bytes
        if row.sha256 in erased and not vault.has(row.sha256):
            counts["erased"] += 1
        elif wrong := _reread(vault, row) if hashing else _look(vault, row):
            yield wrong
        elif hashing and row.fault in (DAMAGED, MISSING):
            yield finding("photo_healed", row.sha256)


def known(engine: Engine) -> Iterator[Row]:
    """Every photo row, page by page: hashing takes hours, and one long read would hold the write-ahead log."""
    last = ""
    while rows := _page(engine, last):
        yield from rows
        last = rows[-1].sha256


def orphans(engine: Engine, vault: Vault, counts: Counter, now: datetime) -> Iterator[Blob]:
    """Stored files older than the grace that no row knows. Younger ones are only counted."""
    for blob in strangers(engine, vault):
        young = now - blob.modified_at < GRACE
        counts["young_orphans" if young else "old_orphans"] += 1
        if not young:
            yield blob


def strangers(engine: Engine, vault: Vault) -> Iterator[Blob]:
    blobs = iter(vault.blobs())
    while some := list(islice(blobs, AT_ONCE)):
        with engine.connect() as connection:
            mine = select(Photo.sha256).where(Photo.sha256.in_([blob.sha256 for blob in some]))
            held = set(connection.execute(mine).scalars())
        yield from (blob for blob in some if blob.sha256 not in held)


def digest(file: BinaryIO) -> tuple[str, int]:
    """SHA-256 and length of what is left to read."""
    total, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK):
        total.update(chunk)
        size += len(chunk)
    return total.hexdigest(), size


def _page(engine: Engine, after: str) -> list[Row]:
    with engine.connect() as connection:
        rows = select(Photo.sha256, Photo.bytes, Photo.fault).where(Photo.sha256 > after)
        return list(connection.execute(rows.order_by(Photo.sha256).limit(AT_ONCE)))


def _reread(vault: Vault, row: Row) -> Finding | None:
    try:
        with vault.open(row.sha256) as file:
            found, size = digest(file)
    except FileNotFoundError:
        return finding("photo_gone", row.sha256)
    except VaultAway:  # says nothing about the photo
        raise
    except OSError:  # a sector that the disk cannot read any more
        return finding("photo_damaged", row.sha256)
    if found != row.sha256:
        return finding("photo_damaged", row.sha256)
    return None if size == row.bytes else finding("photo_row_altered", row.sha256, true=size, said=row.bytes)


def _look(vault: Vault, row: Row) -> Finding | None:
    return None if vault.has(row.sha256) else finding("photo_gone", row.sha256)
