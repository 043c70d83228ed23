"""S1: SIGKILL of worker, master or both, at any moment, while eight phones hand over their day."""

import random
import threading
import time
from pathlib import Path

from audit import Verdict, audit
from ledger import day_of_work, tally, work
from station import KINDS_OF_KILL, Station


def run(count: int, folder: Path, seed: int = 1, phones: int = 8) -> Verdict:
    """`count` kills; after each the station comes back with nobody's hand on it."""
    chance, slowest = random.Random(seed), 0.0
    station, stop = Station(folder / "data", folder / "outside", phones), threading.Event()
    try:
        station.start()
        for phone in station.phones:
            phone.meet()
        threads = work(station.phones, stop, day_of_work)
        for number in range(count):
            some_work(station, chance.randint(10, 48))
            time.sleep(chance.uniform(0, 0.3))
            slowest = max(slowest, killed(station, KINDS_OF_KILL[number % 3]))
        stop.set()
        for thread in threads:
            thread.join(120)
        hung = sum(thread.is_alive() for thread in threads)
        failed = [phone.failure for phone in station.phones if hasattr(phone, "failure")]
        station.a_day_later()
    finally:
        stop.set()
        station.stop()
    found = audit(station.folder, station.ledger.entries())
    zeros = {"answers 500": tally(station.phones)[500], "phones stuck": hung + len(failed)}
    return Verdict("kill", {"kills": count}, found, zeros, [f"back after at most {slowest:.1f} s"])


def some_work(station: Station, receipts: int) -> None:
    """Wait until the phones believe so many more, on a slow machine as on a fast one; a minute at most."""
    end, wanted = time.monotonic() + 60, sum(phone.believed for phone in station.phones) + receipts
    while sum(phone.believed for phone in station.phones) < wanted and time.monotonic() < end:
        time.sleep(0.005)


def killed(station: Station, what: str) -> float:
    """Kill, and wait until it serves again; seconds that took."""
    began, before = time.monotonic(), station.workers()
    station.kill(what)
    if what == "worker":
        while station.workers() == before or not station.workers():
            time.sleep(0.01)
    else:
        station.start(wait=False)
    station.await_health()
    return time.monotonic() - began
