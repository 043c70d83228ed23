"""Which of all our photos look like this one? Exact, by a scan of every difference hash we hold.

A million hashes take about a millisecond, whatever they look like: an index by bands is quicker for random hashes only,
real ones crowd in a few of its buckets. The same scan in the standard library took 38 ms. numpy is loaded by whoever
scans, the examiner: it costs 0.1 s and 110 MB of addresses, which a web process needs for pictures.
"""

from datetime import datetime

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from ..models import Photo

CHUNK = 65_536  # half a megabyte of hashes: stays in the processor's cache
PLAIN_BITS = 4  # a blank wall, the inside of a pocket: nearly all bits alike, and like every other blank wall


class Likeness:
    """The hashes in memory; `catch_up` adds what was examined since it last asked."""

    def __init__(self) -> None:
        import numpy as np

        self._hashes = np.empty(0, np.uint64)
        self._names = bytearray()  # 32 bytes each: a million names as text would take ten times that
        self._after: tuple[datetime, str] | None = None

    def __len__(self) -> int:
        return len(self._hashes)

    def catch_up(self, session: Session, since: datetime) -> None:
        """since: the first time, photos received before it are left out."""
        rows = select(Photo.sha256, Photo.dhash, Photo.examined_at).where(Photo.dhash.is_not(None))
        if self._after:
            rows = rows.where(tuple_(Photo.examined_at, Photo.sha256) > tuple_(*_typed(self._after)))
        else:
            rows = rows.where(Photo.received_at >= since)
        found = session.execute(rows.order_by(Photo.examined_at, Photo.sha256)).all()
        if found:
            self.add([(row.sha256, int(row.dhash, 16)) for row in found])
            self._after = found[-1].examined_at, found[-1].sha256

    def add(self, photos: list[tuple[str, int]]) -> None:
        """(sha256, 64-bit hash) each."""
        import numpy as np

        fresh = np.array([dhash for _, dhash in photos], np.uint64)
        self._hashes = np.concatenate([self._hashes, fresh])
        for sha256, _ in photos:
            self._names += bytes.fromhex(sha256)

    def near(self, dhash: int, most: int) -> list[tuple[str, int]]:
        """(sha256, distance in bits) of every photo at most that far away, the one asked about included."""
        import numpy as np

        found: list[tuple[str, int]] = []
        for start in range(0, len(self._hashes), CHUNK):
            apart = np.bitwise_count(self._hashes[start : start + CHUNK] ^ np.uint64(dhash))
            found += [(self._name(start + int(at)), int(apart[at])) for at in np.flatnonzero(apart <= most)]
        return found

    def _name(self, at: int) -> str:
        return self._names[32 * at : 32 * at + 32].hex()


def tells_nothing(dhash: int) -> bool:
    """A picture without contours: its likeness to another says nothing."""
    return not PLAIN_BITS < dhash.bit_count() < 64 - PLAIN_BITS


def _typed(after: tuple[datetime, str]) -> tuple:
    return literal(after[0], Photo.examined_at.type), literal(after[1], Photo.sha256.type)
