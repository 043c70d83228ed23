"""N5–N7: requests cut at any byte, bytes changed on the way, portals and proxies that meddle. Nothing is acknowledged."""

import io
import random
import socket
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from audit import Verdict, audit
from ledger import Answer, Item, Phone
from PIL import Image
from station import HOST, Station

from campaigns.deliveries import raw_request

PAGE = "<!doctype html><title>登录上网</title><form action='http://portal.invalid/login'>请先登录</form>".encode()
WRONG_METHODS = ("GET", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
Try = tuple[Phone, Item, bytes, str]  # what goes over the line, and how our end behaves: close, reset


def run(cuts: int, flips: int, portals: int, folder: Path, seed: int = 4) -> list[Verdict]:
    chance = random.Random(seed)
    with Station(folder / "data", folder / "outside") as station:
        for phone in station.phones:
            phone.meet()
        makers = {"cuts": (cuts, _cut), "flips": (flips, _flip), "portals": (portals, _portal)}
        return [_campaign(station, name, count, make, chance) for name, (count, make) in makers.items() if count]


def _campaign(station: Station, name: str, count: int, make: Callable, chance: random.Random) -> Verdict:
    targets = [(phone, item) for phone in station.phones[:4] for item in phone.outing(photo_bytes=(3_000, 30_000))]
    files, rows = names(station), counts(station)
    tries = [make(*targets[number % len(targets)], number, count, chance) for number in range(count)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda one: say(station.port, one[2], one[3]), tries))
    heard = [(*one, answer) for one, answer in zip(tries, answers, strict=True) if answer]
    believed = sum(bool(phone.receipt_in(item, answer)) for phone, item, _, _, answer in heard)
    taken = sum(bool(answer and answer.status in (200, 201) and "json" in answer.media_type) for answer in answers)
    broken = sum(bool(answer and answer.status >= 500) for answer in answers)
    after_files, after_rows = names(station), counts(station)
    zeros = {"believed": believed, "answered as if taken": taken, "answers 5xx": broken,
             "rows added": abs(after_rows - rows), "files added": len(after_files ^ files)}  # fmt: skip
    # The same requests, untouched, are good: it was the fault that kept them out.
    refused = [phone.hand_over([item], give_up=_twice()) for phone, item in targets]
    zeros["untouched ones refused"] = sum(map(len, refused))
    unanswered = sum(answer is None for answer in answers)
    found = audit(station.folder, station.ledger.entries())
    return Verdict(name, {name: count}, found, zeros, [f"{unanswered:,} got no answer at all"])


def _twice() -> Callable[[], bool]:
    left = [None] * 3
    return lambda: not left or left.pop() is not None


def _cut(phone: Phone, item: Item, number: int, count: int, chance: random.Random) -> Try:
    """Evenly over the whole request, header and body, and every border."""
    raw = raw_request(phone, item)
    body_at = raw.index(b"\r\n\r\n") + 4
    borders = [1, body_at - 3, body_at - 1, body_at, body_at + 1, len(raw) - 2, len(raw) - 1]
    at = borders[number // 12 % len(borders)] if number % 10 == 0 else chance.randrange(1, len(raw))
    if number % 5 == 0:
        at = chance.randrange(1, body_at)
    return phone, item, raw[:at], "reset" if number % 3 == 0 else "close"


def _flip(phone: Phone, item: Item, number: int, count: int, chance: random.Random) -> Try:
    body = bytearray(item.body)
    if item.kind == "photo" and number % 4 == 0:
        body = bytearray(_recompressed(item.body, 40 + number % 50))
    else:
        for _ in range(chance.choice((1, 1, 1, 3))):
            body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        if bytes(body) == item.body:
            body[0] ^= 1
    return phone, item, raw_request(phone, item, body=bytes(body)), "close"


def _recompressed(body: bytes, quality: int) -> bytes:
    """As a carrier's proxy does it, to save bytes."""
    out = io.BytesIO()
    Image.open(io.BytesIO(body)).save(out, "JPEG", quality=quality)
    return out.getvalue()


def _portal(phone: Phone, item: Item, number: int, count: int, chance: random.Random) -> Try:
    page = PAGE + chance.randbytes(chance.randrange(200)).hex().encode()
    ways = (
        lambda: raw_request(phone, item, body=page),
        lambda: raw_request(phone, item, body=page, Content_Type="text/html"),
        lambda: raw_request(phone, item, body=chance.randbytes(len(item.body))),
        lambda: raw_request(phone, item, body=b""),
        lambda: raw_request(phone, item, method=WRONG_METHODS[number % len(WRONG_METHODS)]),
        lambda: raw_request(phone, item).partition(b"\r\n\r\n")[0][: chance.randrange(20, 200)],
        lambda: raw_request(phone, item, body=item.body + page, Content_Length=str(len(item.body + page))),
        lambda: raw_request(phone, item, Content_Length=str(len(item.body) + chance.randrange(1, 5000))),
        lambda: raw_request(phone, item, Content_Length=str(chance.randrange(0, len(item.body)))),
        lambda: raw_request(phone, item, path="/" + item.id),
        lambda: raw_request(phone, item).replace(b"HTTP/1.1", b"HTTP/9.9", 1),
        lambda: raw_request(phone, item).replace(phone.token.encode(), b"somebody-elses-token", 1),
        lambda: page,
        lambda: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + chance.randbytes(300),
    )
    return phone, item, ways[number % len(ways)](), "close"


def say(port: int, raw: bytes, end: str) -> Answer | None:
    """Send exactly these bytes, end as told, and hear what there is to hear."""
    try:
        with socket.create_connection((HOST, port), timeout=60) as line:
            line.sendall(raw)
            if end == "reset":
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return None
            line.shutdown(socket.SHUT_WR)
            parts = []
            while part := line.recv(65536):
                parts.append(part)
    except OSError:
        return None
    return read_answer(b"".join(parts))


def read_answer(raw: bytes) -> Answer | None:
    head, _, body = raw.partition(b"\r\n\r\n")
    words = head.split(b"\r\n")[0].split()
    if len(words) < 2 or not words[1].isdigit():
        return None
    lines = [line.decode("latin-1").partition(":") for line in head.split(b"\r\n")[1:]]
    kinds = [value.strip().partition(";")[0] for name, _, value in lines if name.lower() == "content-type"]
    return Answer(int(words[1]), kinds[0] if kinds else "", body)


def names(station: Station) -> set[str]:
    """Every file of the vault once the server has put down what it had in hand."""
    import time

    for _ in range(100):
        found = {str(path) for path in (station.folder / "photos").rglob("*") if path.is_file()}
        if not any("incoming" in name for name in found):
            break
        time.sleep(0.1)
    return found


def counts(station: Station) -> int:
    """Rows of everything that a phone can cause; what the examiner notes of earlier visits is none of it."""
    from wujin_field.db import sqlite

    connection = sqlite.connect(str(station.folder / "wujin.db"))
    try:
        tables = ("claim", "receipt", "visit", "activity", "photo", "set_aside", "audit WHERE who IS NOT NULL")
        return sum(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)
    finally:
        connection.close()
