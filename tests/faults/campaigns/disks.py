"""S3, S4: the disk is full, or refuses every write under the running server."""

import os
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from audit import Verdict, audit
from ledger import Phone, tally, work
from mounts import disk, new_image, repaired, tmpfs, turn_read_only
from station import Station

MEGABYTES = 40
LEFT = (0, 4096, 20_000, 64_000, 300_000, 1_000_000)  # bytes that are still free when it is called full
LONGEST_S = (
    10  # a sample that runs beside other tests may be given more: it asks what is lost, not how busy the machine is
)


def full(count: int, folder: Path, hold: float = 3, longest_s: float = LONGEST_S) -> Verdict:
    """`count` times full for `hold` seconds, each time with other crumbs of space left, then free again."""
    slowest, refused, reads = 0.0, 0, Counter()
    with tmpfs(folder / "disk", MEGABYTES) as mounted, Station(mounted / "data", folder / "outside") as station:
        for phone in station.phones:
            phone.meet()
            phone.hand_over(phone.outing(photo_bytes=(2_000, 12_000)))
        for number in range(count):
            before = tally(station.phones)
            ballast = _fill(mounted, LEFT[number % len(LEFT)])
            held = _try_for(station.phones, hold, reads)
            refused += sum((tally(station.phones) - before)[status] for status in (503, 507))
            ballast.unlink()
            slowest = max(slowest, _recover(station.phones, held))
        said, health = tally(station.phones), _health_of(station)
        station.a_day_later()
        found = audit(station.folder, station.ledger.entries())
    zeros = {"answers 500": said[500], f"slower than {longest_s:g} s to recover": int(slowest > longest_s),
             "reads refused": sum(times for status, times in reads.items() if status != 200),
             "unhealthy after": int(health != 200)}  # fmt: skip
    notes = [f"{refused:,} refused with 507 or 503 ({said[507]:,} × 507)", f"recovered in at most {slowest:.1f} s"]
    return Verdict("disk full", {"times full": count}, found, zeros, notes)


def read_only(count: int, folder: Path, hold: float = 3, longest_s: float = LONGEST_S) -> Verdict:
    """`count` times ext4 turns read-only under the server; then, as after any such fault, the machine starts again:
    the disk is checked, the server started, and no other hand is laid on it."""
    slowest, believed, fives, healthy, refused = 0.0, 0, 0, 0, 0
    image = new_image(folder / "disk.img", 128)
    with disk(image, folder / "disk") as mounted:
        station = Station(mounted / "data", folder / "outside")
    for _ in range(count):
        with disk(image, folder / "disk") as mounted, station:
            began = time.monotonic()
            for phone in station.phones:
                phone.meet()
            outings = [phone.outing(photo_bytes=(2_000, 9_000)) for phone in station.phones]
            slowest = max(slowest, _recover(station.phones, outings, began))
            turn_read_only(mounted)
            before, said = sum(phone.believed for phone in station.phones), tally(station.phones)
            held = _try_for(station.phones, hold, Counter())
            believed += sum(phone.believed for phone in station.phones) - before
            now = tally(station.phones) - said
            fives, refused, healthy = (
                fives + now[500],
                refused + now[503] + now[507],
                healthy + (station.health() == 200),
            )
            station.stop()
        repaired(image)
    with disk(image, folder / "disk") as mounted:
        with station:
            began = time.monotonic()
            slowest = max(slowest, _recover(station.phones, held, began))
        station.a_day_later()
        found = audit(station.folder, station.ledger.entries())
    zeros = {"believed while read-only": believed, "answers 500": fives, "healthy while read-only": healthy,
             f"slower than {longest_s:g} s to recover": int(slowest > longest_s)}  # fmt: skip
    notes = [f"{refused:,} refused with 503 or 507", f"recovered in at most {slowest:.1f} s"]
    return Verdict("read-only", {"times read-only": count}, found, zeros, notes)


def _health_of(station: Station) -> int:
    """What it says in the end: with every phone at work the database may be held just when it is asked."""
    with suppress(TimeoutError):
        station.await_health()
        return 200
    return station.health()


def _fill(mounted: Path, left: int) -> Path:
    ballast = mounted / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(65536))
        except OSError:
            pass
        file.truncate(max(0, os.fstat(file.fileno()).st_size - left))
    return ballast


def _try_for(phones: list[Phone], seconds: float, reads: Counter) -> list[list]:
    """Every phone tries to hand over an outing for so long; what each still holds afterwards."""
    end, stop, held = time.monotonic() + seconds, threading.Event(), [[] for _ in phones]

    def one_try(phone: Phone) -> None:
        items = held[phone.number] or phone.outing(photo_bytes=(2_000, 12_000))
        held[phone.number] = phone.hand_over(items, lambda: time.monotonic() > end)
        answer = phone.ask("GET", "/sync/pack", headers={"Wujin-Unsent": str(len(held[phone.number]))})
        reads[answer.status if answer else 0] += 1
        if time.monotonic() > end:
            stop.set()

    for thread in work(phones, stop, one_try):
        thread.join(seconds + 90)
    return held


def _recover(phones: list[Phone], held: list[list], began: float | None = None) -> float:
    """Seconds until every phone has got rid of what it holds."""
    began = began or time.monotonic()

    def late() -> bool:
        return time.monotonic() > began + 60

    threads = [
        threading.Thread(target=phone.hand_over, args=[items, late]) for phone, items in zip(phones, held, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    return time.monotonic() - began
