"""S12: back to an older point. Phones see the new instance, offer again what they kept, and nothing is missing.
A restore that is killed has not happened, or has: it is run again until it says that it is done.
"""

import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from audit import Findings, Verdict, audit
from ledger import Item, Ledger, Phone, work
from station import Station, environment


def run(count: int, folder: Path, seed: int = 6, kills: int = 4) -> Verdict:
    """`count` times: back up under load, work on, lose the folder, restore, let the phones offer again."""
    chance, found, forgotten, between, hits = random.Random(seed), Findings(), 0, 0, 0
    for number in range(count):
        forgot, killed, neither, now = _round(folder / str(number), chance, kills)
        forgotten, hits, between = forgotten + forgot, hits + killed, between + neither
        found.acknowledged += now.acknowledged
        for name in ("lost", "duplicates", "orphans", "files", "broken"):
            getattr(found, name).extend(f"round {number}: {line}" for line in getattr(now, name))
    zeros = {"neither old nor new after a kill": between}
    notes = [f"{forgotten:,} newer than the backup", f"restore killed {hits} times"]
    return Verdict("restore", {"restores": count}, found, zeros, notes)


def _round(folder: Path, chance: random.Random, kills: int) -> tuple[int, int, int, Findings]:
    station, kept, stop = Station(folder / "data", folder / "outside", phones=4), {}, threading.Event()

    def each(phone: Phone) -> None:
        items = phone.outing(photo_bytes=(1_000, 9_000))
        phone.hand_over(items)
        kept.setdefault(phone.number, []).extend(items)

    with station:
        for phone in station.phones:
            phone.meet()
        threads = work(station.phones, stop, each)
        time.sleep(1.5)
        saved = _wujin(["backup", str(folder / "backup")], station.folder)
        output = saved.communicate(timeout=120)[0]
        assert saved.returncode == 0, output
        time.sleep(1)
        stop.set()
        for thread in threads:
            thread.join(60)
    before = {(receipt["kind"], receipt["id"]) for _, receipt in station.ledger.entries()}
    killed, neither = _restore(folder, chance, kills)
    old = {phone.number: phone.instance for phone in station.phones}
    station.folder, station.ledger = folder / "again", Ledger(folder / "outside" / "again.jsonl")
    with station:
        forgot = 0
        for phone in station.phones:
            phone.ledger = station.ledger
            phone.meet()
            if phone.instance != old[phone.number]:
                phone.said.clear()
                left = phone.hand_over(_newest_first(kept.get(phone.number, [])), _in(60))
                forgot += phone.said[201]
                neither += len(left)
        station.a_day_later()
    found = audit(station.folder, station.ledger.entries())
    after = {(receipt["kind"], receipt["id"]) for _, receipt in station.ledger.entries()}
    found.lost += [f"{kind} {id_}: acknowledged before, not held now" for kind, id_ in before - after]
    return forgot, killed, neither, found


def _restore(folder: Path, chance: random.Random, kills: int) -> tuple[int, int]:
    """Killed again and again, then left alone. → (kills, times when the folder was neither empty nor whole)"""
    killed = neither = 0
    for _ in range(kills):
        process = _wujin(["restore", str(folder / "backup")], folder / "again")
        time.sleep(chance.uniform(0.3, 2.5))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
        if (folder / "again" / "wujin.db").exists():  # it has happened: then it is whole
            neither += not audit(folder / "again", []).sound
            return killed, neither
    process = _wujin(["restore", str(folder / "backup")], folder / "again")
    output = process.communicate(timeout=120)[0]
    assert process.returncode == 0, output
    return killed, neither


def _newest_first(items: list[Item]) -> list[Item]:
    return items[::-1]


def _in(seconds: float):
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _wujin(arguments: list[str], data: Path) -> subprocess.Popen:
    data.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "wujin_field", *arguments]
    return subprocess.Popen(
        command, env=environment(data, 1), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
