"""N1–N3: every request may be lost on the way, its answer may be lost, it may come twice, eight times at once, in any order."""

import random
import socket
import struct
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from audit import Verdict, audit
from ledger import Item, Phone, tally
from station import HOST, Station

TIMES = 6  # deliveries of each item, on average


@dataclass(frozen=True)
class Delivery:
    phone: Phone
    item: Item
    fate: str  # whole, request lost half-way, answer lost, both ends reset


def run(count: int, folder: Path, seed: int = 3, at_once: int = 8) -> Verdict:
    chance, receipts, lock = random.Random(seed), {}, threading.Lock()
    with Station(folder / "data", folder / "outside") as station:
        for phone in station.phones:
            phone.meet()
        plan = _plan(station.phones, count, chance)
        with ThreadPoolExecutor(at_once) as threads:
            list(threads.map(_deliver, plan))
        # One last time, whole: whatever had bad luck each time arrives now, and all the rest gets the receipt it got.
        owed: dict[Phone, list[Item]] = {}
        for delivery in {one.item.id: one for one in plan}.values():
            owed.setdefault(id(delivery.phone), (delivery.phone, []))[1].append(delivery.item)
        end = time.monotonic() + 120
        with ThreadPoolExecutor(at_once) as threads:
            left = list(
                threads.map(lambda pair: pair[0].hand_over(pair[1], lambda: time.monotonic() > end), owed.values())
            )
        said = tally(station.phones)
    for device, receipt in station.ledger.entries():
        with lock:
            receipts.setdefault((device, receipt["kind"], receipt["id"]), set()).add(receipt["sig"])
    found = audit(station.folder, station.ledger.entries())
    unequal = sum(len(signatures) > 1 for signatures in receipts.values())
    zeros = {"unequal receipts": unequal, "never arrived": sum(map(len, left)), "answers 5xx": _fives(said)}
    fates = Counter(delivery.fate for delivery in plan)
    return Verdict("deliveries", {"deliveries": count}, found, zeros, [f"{fates['whole']:,} of them whole"])


def _fives(said: Counter) -> int:
    return sum(times for status, times in said.items() if status >= 500)


def _plan(phones: list[Phone], count: int, chance: random.Random) -> list[Delivery]:
    """`count` deliveries in any order; a third of them in bursts of the same item, so that eight meet in the door."""
    items = [(phone, item) for _ in range(count // TIMES // 4 // len(phones) + 1) for phone in phones
             for item in phone.outing(photos=2, photo_bytes=(1_000, 12_000))]  # fmt: skip
    bursts, plan = [], [Delivery(phone, item, "whole") for phone, item in items][:count]
    while len(plan) + sum(map(len, bursts)) < count:
        phone, item = chance.choice(items)
        size = min(8 if chance.random() < 0.08 else 1, count - len(plan) - sum(map(len, bursts)))
        bursts.append([Delivery(phone, item, _fate(chance)) for _ in range(size)])
    groups = [[one] for one in plan] + bursts
    chance.shuffle(groups)
    return [delivery for group in groups for delivery in group]


def _fate(chance: random.Random) -> str:
    return chance.choices(["whole", "cut", "unread", "reset"], [60, 14, 13, 13])[0]


def _deliver(delivery: Delivery) -> None:
    phone, item = delivery.phone, delivery.item
    if delivery.fate == "whole":
        phone.deliver(item)
        return
    raw = raw_request(phone, item)
    try:
        with socket.create_connection((HOST, phone.port), timeout=30) as line:
            if delivery.fate == "cut":
                line.sendall(raw[: random.Random(raw[-40:]).randrange(1, len(raw))])
            else:
                line.sendall(raw)
            if delivery.fate == "reset":  # gone without a goodbye
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        phone.said[0] += 1


def raw_request(
    phone: Phone, item: Item, method: str = "PUT", path: str = "", body: bytes | None = None, **more: str
) -> bytes:
    """The bytes on the line. `body` replaces the item's; its announced digest stays the item's own."""
    body = item.body if body is None else body
    lines = {"Host": "wujin", "Connection": "close", "Cookie": f"wujin_device={phone.token}", **item.headers()}
    lines |= {"Content-Length": str(len(body))} | {name.replace("_", "-"): value for name, value in more.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path or item.path} HTTP/1.1\r\n{head}\r\n".encode() + body
