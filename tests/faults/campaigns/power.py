"""S2: the power goes. The data folder lies on an ext4 image of its own; at a random moment the server is stopped
and the image copied: what only the kernel's memory held is not in the copy. The copy is mounted (its journal is
replayed), a station started on it, and audited. The careless arm, with synchronous=NORMAL and no fsync, must lose.
"""

import random
import shutil
import subprocess
import threading
import time
from pathlib import Path

from audit import Findings, Verdict, audit
from ledger import Phone, tally, work
from mounts import disk, new_image
from station import CARELESS, Station, free_port

from campaigns.kill import some_work

MEGABYTES = 384
CUTS_PER_IMAGE = 10


def run(count: int, folder: Path, seed: int = 2, careless: bool = False) -> Verdict:
    """`count` cuts. acknowledged: receipts believed between one cut and the one before, summed."""
    chance, found, done, fives = random.Random(seed), Findings(), 0, 0
    while done < count:
        cuts = min(CUTS_PER_IMAGE, count - done)
        place = folder / f"image-{done}"
        fives += _one_image(place, cuts, chance, found, careless)
        shutil.rmtree(place, ignore_errors=True)
        done += cuts
    name = "power cut, careless arm" if careless else "power cut"
    return Verdict(name, {"cuts": count}, found, {} if careless else {"answers 500": fives}, must_lose=careless)


def _one_image(folder: Path, cuts: int, chance: random.Random, found: Findings, careless: bool) -> int:
    image, stop = new_image(folder / "disk.img", MEGABYTES), threading.Event()
    with disk(image, folder / "disk") as mounted:
        station = Station(mounted / "data", folder / "outside", prelude=CARELESS if careless else "")
        subprocess.run(["sync", "-f", str(mounted)], check=True)  # the town was there long before
        try:
            station.start()
            for phone in station.phones:
                phone.meet()
            threads, seen = work(station.phones, stop, _busy), 0
            for number in range(cuts):
                some_work(station, 10)
                time.sleep(chance.uniform(0.4, 2.0))
                copy, seen = folder / f"cut-{number}.img", _cut(station, image, folder, number, seen, found, careless)
                copy.unlink(missing_ok=True)
            stop.set()
            for thread in threads:
                thread.join(60)
        finally:
            stop.set()
            station.stop()
    return tally(station.phones)[500]


def _busy(phone: Phone) -> None:
    items = phone.outing(photo_bytes=(1_000, 12_000))
    phone.chance.shuffle(items)
    phone.hand_over(items)


def _cut(station: Station, image: Path, folder: Path, number: int, seen: int, found: Findings, careless: bool) -> int:
    copy = folder / f"cut-{number}.img"
    station.pause()
    try:
        subprocess.run(["cp", "--sparse=always", str(image), str(copy)], check=True)
        time.sleep(0.05)  # answers already on the line reach the book
        entries = station.ledger.entries()
    finally:
        station.go_on()
    with disk(copy, folder / f"cut-{number}") as mounted:
        now = _after(station, mounted / "data", entries, careless)
    found.acknowledged += len({_name(device, receipt) for device, receipt in entries}) - seen
    for name in ("lost", "duplicates", "orphans", "files", "broken"):
        known = {line.partition(": ")[2] for line in getattr(found, name)}  # lost in one cut may be lost in the next
        getattr(found, name).extend(f"cut {number}: {line}" for line in getattr(now, name) if line not in known)
    return len({_name(device, receipt) for device, receipt in entries})


def _name(device: str, receipt: dict) -> tuple:
    return device if receipt["kind"] == "photo" else "", receipt["kind"], receipt["id"]


def _after(station: Station, data: Path, entries: list, careless: bool) -> Findings:
    """The machine is on again: a station starts by itself on what the disk kept."""
    try:
        if not careless:
            again = _Again(station, data)
            try:
                again.a_day_later()
            finally:
                again.stop()
        return audit(data, entries)
    except Exception as error:
        return Findings(broken=[f"{type(error).__name__}: {error}"], lost=[receipt["id"] for _, receipt in entries])


class _Again(Station):
    """A server on the copy, beside the one that was cut; no new town."""

    def __init__(self, first: Station, folder: Path):
        self.folder, self.log, self.prelude, self.process, self.more = folder, first.log, "", None, first.more
        self.port = free_port()
