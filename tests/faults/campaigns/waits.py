"""S5, S6: somebody holds the database; phones that send so slowly that they hold the server."""

import random
import socket
import struct
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from audit import Verdict, audit
from ledger import Phone, day_of_work, tally, work
from station import HOST, Station

from campaigns.cuts import names, read_answer
from campaigns.deliveries import raw_request
from campaigns.disks import LONGEST_S

AT_ONCE = 12


def lock(folder: Path, longest: float = 20, requests: int = 0, longest_s: float = LONGEST_S) -> Verdict:
    """Hold the write lock for 1, 5 and 20 s (up to `longest`) while eight phones work; at least `requests` of them asked."""
    requests, slowest, held, stop = requests or (2400 if longest >= 20 else 100), 0.0, 0.0, threading.Event()
    holds = [seconds for seconds in (1, 5, 20) if seconds <= longest]
    with Station(folder / "data", folder / "outside") as station:
        for phone in station.phones:
            phone.meet()
        threads, number = work(station.phones, stop, day_of_work), 0
        try:
            while number < len(holds) or sum(tally(station.phones).values()) < requests:
                seconds = holds[number] if number < len(holds) else 1
                time.sleep(0.7)
                _hold(station, seconds)
                slowest, held, number = max(slowest, _all_believe(station.phones)), held + seconds, number + 1
        finally:
            stop.set()
        for thread in threads:
            thread.join(90)
        said = tally(station.phones)
        station.a_day_later()
    found = audit(station.folder, station.ledger.entries())
    zeros = {"answers 500": said[500], f"slower than {longest_s:g} s to recover": int(slowest > longest_s),
             "phones stuck": sum(thread.is_alive() for thread in threads)}  # fmt: skip
    notes = [f"{said[503]:,} × 503", f"recovered in at most {slowest:.1f} s"]
    counts = {f"requests, lock held {number} times up to {max(holds)} s": sum(said.values())}
    return Verdict("lock", counts, found, zeros, notes)


def _hold(station: Station, seconds: float) -> None:
    from wujin_field.db import sqlite

    holder = sqlite.connect(str(station.folder / "wujin.db"), timeout=30, isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        holder.execute("ROLLBACK")
    finally:
        holder.close()


def _all_believe(phones: list[Phone]) -> float:
    """Seconds until every phone has one more receipt than now; 60 at most."""
    began, before = time.monotonic(), [phone.believed for phone in phones]
    while time.monotonic() - began < 60:
        if all(phone.believed > had for phone, had in zip(phones, before, strict=True)):
            break
        time.sleep(0.02)
    return time.monotonic() - began


def slow(
    count: int, folder: Path, seed: int = 5, drip_s: float = 4, crowd_s: float = 8, longest_s: float = LONGEST_S
) -> Verdict:
    """`count` bodies that drip in; half of them whole in the end, the others given up without a goodbye. One phone
    works on beside them. Then more slow phones than the server has hands: it must be itself again when they leave."""
    chance, stop = random.Random(seed), threading.Event()
    with Station(folder / "data", folder / "outside") as station:
        for phone in station.phones:
            phone.meet()
        brisk, others = station.phones[0], station.phones[1:]
        waited: list[float] = []
        threads = work([brisk], stop, lambda phone: _timed(phone, waited))
        with ThreadPoolExecutor(AT_ONCE) as hands:
            ends = list(
                hands.map(
                    lambda number: _drip(others[number % len(others)], number, chance.uniform(1, drip_s)), range(count)
                )
            )
        beside = max(waited, default=0)
        left = time.monotonic() + crowd_s
        with ThreadPoolExecutor(40) as hands:
            list(hands.map(lambda number: _drip(others[number % len(others)], 1, left - time.monotonic()), range(40)))
        before, began = brisk.believed, time.monotonic()
        while brisk.believed < before + 2 and time.monotonic() - began < 60:
            time.sleep(0.01)
        recovered = time.monotonic() - began
        stop.set()
        threads[0].join(60)
        said, left_over = tally(station.phones), [name for name in names(station) if "incoming" in name]
        station.stop()
    found = audit(station.folder, station.ledger.entries())
    fates = Counter(ends)
    zeros = {"answers 500": said[500] + fates["500"], "whole ones refused": fates["refused"],
             "cut ones believed": fates["false"], "incoming files left": len(left_over),
             f"slower than {longest_s:g} s to recover": int(recovered > longest_s)}  # fmt: skip
    notes = [f"{fates['believed']} whole and believed", f"a brisk phone waited at most {beside:.1f} s beside {AT_ONCE} slow ones",
             f"{max(waited):.1f} s beside 40", f"recovered in {recovered:.1f} s"]  # fmt: skip
    return Verdict("slow body", {"slow bodies": count}, found, zeros, notes)


def _timed(phone: Phone, waited: list[float]) -> None:
    for item in phone.outing(photo_bytes=(2_000, 5_000)):
        began = time.monotonic()
        phone.hand_over([item])
        waited.append(time.monotonic() - began)


def _drip(phone: Phone, number: int, seconds: float) -> str:
    """Send a photo or a claim in twenty drops. Even numbers come to an end, odd ones break off."""
    item = phone.outing(photo_bytes=(8_000, 20_000))[number // 2 % 3]
    raw, whole = raw_request(phone, item), number % 2 == 0
    raw = raw if whole else raw[: len(raw) * 2 // 3]
    try:
        with socket.create_connection((HOST, phone.port), timeout=90) as line:
            for at in range(0, len(raw), len(raw) // 20 + 1):
                line.sendall(raw[at : at + len(raw) // 20 + 1])
                time.sleep(max(0, seconds) / 20)
            if not whole and number % 4 == 1:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return "gone"
            line.shutdown(socket.SHUT_WR)
            parts = []
            while part := line.recv(65536):
                parts.append(part)
    except OSError:
        return "refused" if whole else "gone"
    answer = read_answer(b"".join(parts))
    if answer and answer.status == 500:
        return "500"
    believed = bool(answer and phone.judge(item, answer))
    if whole:
        return "believed" if believed else "refused"
    return "false" if believed else "gone"
