"""Look-alike search over a million hashes, exact against a full scan. The examination of visits: review_desk.py.

.venv/bin/python tests/bench/likeness.py [--hashes 1000000]
"""

import argparse
import hashlib
import json
import sys
import time
from random import Random

from wujin_field.evidence.likeness import Likeness

MOST = 10


def crowded(rng: Random) -> int:
    """Hashes as real pictures give them: whole rows of a bright sky or a dark floor are alike."""
    rows = [rng.choice((0, 255, 255, rng.randrange(256), rng.randrange(256))) for _ in range(8)]
    return int.from_bytes(bytes(rows), "big")


def filled(count: int, rng: Random) -> tuple[Likeness, list[tuple[str, int]]]:
    photos = [(hashlib.sha256(str(n).encode()).hexdigest(), crowded(rng)) for n in range(count)]
    likeness = Likeness()
    likeness.add(photos)
    return likeness, photos


def full_scan(photos: list[tuple[str, int]], dhash: int) -> set[tuple[str, int]]:
    return {(sha256, apart) for sha256, other in photos if (apart := (other ^ dhash).bit_count()) <= MOST}


def main() -> None:
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--hashes", type=int, default=1_000_000)
    asked, rng = said.parse_args(), Random(1)
    likeness, photos = filled(asked.hashes, rng)
    took = []
    for _ in range(200):
        dhash, begun = crowded(rng), time.perf_counter()
        likeness.near(dhash, MOST)
        took.append((time.perf_counter() - begun) * 1000)
    exact = all(
        set(likeness.near(dhash, MOST)) == full_scan(photos, dhash) for dhash in (crowded(rng) for _ in range(5))
    )
    took.sort()
    print(
        json.dumps(
            {"hashes": asked.hashes, "p50_ms": round(took[100], 2), "p95_ms": round(took[190], 2), "exact": exact}
        )
    )
    sys.exit(not exact)


if __name__ == "__main__":
    main()
