"""Breaks the station on purpose and counts what it promised and kept.

    python tests/faults/run.py kill --count 200          one campaign; counts as in its --help
    python tests/faults/run.py all                       the small sample of every campaign
    python tests/faults/run.py all --full                the full counts
Needs nothing but the project and, for `phone-…`, Chromium; `power`, `full`, `readonly` and `phone-power` also need root
and a loop device or tmpfs.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from audit import Verdict
from campaigns import cuts, deliveries, disks, kill, lines, migration, pockets, power, restore, store, waits

Run = Callable[[Path, int], Verdict | list[Verdict]]
# name: (what runs, count of the sample, full count)
CAMPAIGNS: dict[str, tuple[Run, int, int]] = {
    "kill": (lambda folder, count: kill.run(count, folder), 6, 200),
    "power": (lambda folder, count: power.run(count, folder), 2, 40),
    "careless": (lambda folder, count: power.run(count, folder, careless=True), 1, 10),
    "deliveries": (lambda folder, count: deliveries.run(count, folder), 300, 10_000),
    "cuts": (lambda folder, count: cuts.run(count, count // 4, count // 4, folder), 160, 2_000),
    "full": (lambda folder, count: disks.full(count, folder), 2, 12),
    "readonly": (lambda folder, count: disks.read_only(count, folder), 1, 10),
    "lock": (lambda folder, count: waits.lock(folder, count), 1, 20),
    "slow": (lambda folder, count: waits.slow(count, folder), 24, 100),
    "store": (lambda folder, count: store.run(count, folder), 6, 60),
    "migration": (lambda folder, count: migration.run(folder, every=count), 40, 1),
    "restore": (lambda folder, count: restore.run(count, folder), 1, 10),
    "phone-kill": (lambda folder, count: pockets.kill(count, folder), 3, 100),
    "phone-power": (lambda folder, count: pockets.power(count, folder), 2, 30),
    "phone-careless": (lambda folder, count: pockets.power(count, folder, careless=True), 1, 5),
    "phone-line": (lambda folder, count: lines.toggles(count, folder), 12, 500),
    "phone-portal": (lambda folder, count: lines.portal(count, folder), 12, 500),
    "phone-tabs": (lambda folder, count: lines.two_tabs(count, folder), 20, 400),
    "phone-release": (lambda folder, count: lines.update(count, folder), 1, 50),
    "phone-half": (lambda folder, count: lines.install(folder, count), 3, 200),
    "phone-2g": (lambda folder, count: lines.slow(count, folder), 1, 5),
}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("campaign", choices=["all", *CAMPAIGNS])
    options.add_argument("--count", type=int, help="kills, cuts, deliveries, rounds; lock: longest hold in seconds; "
                         "migration: kill at every n-th statement")  # fmt: skip
    options.add_argument("--full", action="store_true", help="the full counts")
    options.add_argument("--keep", type=Path, help="work here and leave it for inspection")
    chosen = options.parse_args()
    names = list(CAMPAIGNS) if chosen.campaign == "all" else [chosen.campaign]
    held = [_run(name, chosen) for name in names]  # every one runs, whatever the one before it found
    return 0 if all(held) else 1


def _run(name: str, chosen: argparse.Namespace) -> bool:
    call, sample, full = CAMPAIGNS[name]
    count, began = chosen.count or (full if chosen.full else sample), time.monotonic()
    base = chosen.keep or Path(tempfile.mkdtemp(prefix="wujin-faults-"))
    try:
        verdicts = call(base / name, count)
    finally:
        if not chosen.keep:
            shutil.rmtree(base, ignore_errors=True)
    held = True
    for verdict in verdicts if isinstance(verdicts, list) else [verdicts]:
        print(f"{datetime.now(UTC):%Y-%m-%d} {verdict} ({time.monotonic() - began:.0f} s)", flush=True)
        if not verdict.holds:
            print(verdict.details(), flush=True)
            held = False
    return held


if __name__ == "__main__":
    sys.exit(main())
