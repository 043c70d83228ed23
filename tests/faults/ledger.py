"""Phones that speak the real protocol, and the book in which they write every receipt that they believed.

The book is a file of its own, one JSON line per receipt, on disk before the phone goes on; no fault ever reaches it.
"""

import base64
import hashlib
import http.client
import io
import json
import os
import random
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from PIL import Image

from wujin_field import cast
from wujin_field.canonical import canonical
from wujin_field.db import to_ms, utc_now
from wujin_field.models import Device, Venue
from wujin_field.sync.receipt import base64url, from_base64url, verifies

HOST = "127.0.0.1"
ADDRESS = {"activity": "activities", "visit": "visits", "photo": "photos"}


@dataclass(frozen=True)
class Item:
    """One thing to hand over: what, under which name, which bytes."""

    kind: str
    id: str
    body: bytes
    signature: str = ""
    revision: int = 1

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    @property
    def path(self) -> str:
        return f"/sync/{ADDRESS[self.kind]}/{self.id}"

    def headers(self) -> dict[str, str]:
        lines = {"Wujin-Clock": str(to_ms(utc_now())), "Content-Length": str(len(self.body))}
        if self.kind == "photo":
            return lines | {"Content-Type": "image/jpeg"}
        digest = base64.b64encode(hashlib.sha256(self.body).digest()).decode()
        signed = {"Wujin-Signature": self.signature} if self.signature else {}
        return lines | {"Content-Type": "application/json", "Content-Digest": f"sha-256=:{digest}:"} | signed


@dataclass(frozen=True)
class Answer:
    status: int
    media_type: str
    body: bytes

    @property
    def json(self) -> dict | None:
        try:
            said = json.loads(self.body)
        except ValueError:
            return None
        return said if isinstance(said, dict) else None


class Ledger:
    """The book. Appending returns when the line is on disk."""

    def __init__(self, path: Path):
        self.path, self._lock = path, threading.Lock()
        self._file = path.open("ab", buffering=0)

    def append(self, device: str, receipt: dict) -> None:
        line = json.dumps({"device": device, "receipt": receipt}).encode() + b"\n"
        with self._lock:
            self._file.write(line)
            os.fsync(self._file.fileno())

    def entries(self) -> list[tuple[str, dict]]:
        """(device, receipt) in the order of belief, repeats included."""
        lines = [json.loads(line) for line in self.path.read_bytes().splitlines()]
        return [(line["device"], line["receipt"]) for line in lines]


@dataclass
class Phone:
    """An enrolled phone. said: how often each status came back, 0 for a line that broke."""

    number: int
    port: int
    device: Device
    token: str
    key: ec.EllipticCurvePrivateKey
    venues: list[Venue]
    ledger: Ledger
    server_key: bytes = b""
    instance: str = ""
    seq: int = 0
    prev: str | None = None
    said: Counter = field(default_factory=Counter)
    believed: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(f"phone {self.number}")

    def meet(self) -> dict:
        """Fetch the pack, as a phone does at enrolment, and keep the station's key."""
        answer = self.ask("GET", "/sync/pack")
        assert answer and answer.status == 200, answer
        pack = answer.json or {}
        self.server_key, self.instance = from_base64url(pack["server_key"]), pack["instance"]
        return pack

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict | None = None, seconds: float = 60
    ) -> Answer | None:
        """None when the line broke before the whole answer was here."""
        line = http.client.HTTPConnection(HOST, self.port, timeout=seconds)
        try:
            line.request(method, path, body or None, {"Cookie": f"wujin_device={self.token}", **(headers or {})})
            response = line.getresponse()
            answer = Answer(response.status, response.headers.get_content_type(), response.read())
        except (OSError, http.client.HTTPException):
            self.said[0] += 1
            return None
        finally:
            line.close()
        self.said[answer.status] += 1
        return answer

    def outing(self, photos: int = 1, photo_bytes: tuple[int, int] = (2_000, 40_000)) -> list[Item]:
        """An activity, one visit of it and the visit's photos, in the order of their making."""
        venue, bodies = self.chance.choice(self.venues), [picture(self.chance, *photo_bytes) for _ in range(photos)]
        activity = self._claim(cast.activity_claim(self.device, venue.area))
        lines = [cast.photo_line(body, utc_now()) for body in bodies]
        visit = self._claim(cast.visit_claim(self.device, venue, activity.id, photos=lines))
        return [Item("photo", hashlib.sha256(body).hexdigest(), body) for body in bodies] + [activity, visit]

    def _claim(self, claim: dict) -> Item:
        self.seq += 1
        body = canonical(claim | {"seq": self.seq, "prev": self.prev})
        self.prev = hashlib.sha256(body).hexdigest()
        r, s = decode_dss_signature(self.key.sign(body, ec.ECDSA(hashes.SHA256())))
        return Item(claim["kind"], claim["id"], body, base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big")))

    def deliver(self, item: Item, seconds: float = 60) -> tuple[int, bool]:
        """One attempt → (status or 0, was it believed). What is believed is in the book before this returns."""
        answer = self.ask("PUT", item.path, item.body, item.headers(), seconds)
        if answer is None:
            return 0, False
        return answer.status, self.judge(item, answer)

    def judge(self, item: Item, answer: Answer) -> bool:
        receipt = self.receipt_in(item, answer)
        if receipt:
            self.believed += 1
            self.ledger.append(self.device.id, receipt)
        return receipt is not None

    def receipt_in(self, item: Item, answer: Answer) -> dict | None:
        """200 or 201, and JSON, and a receipt over our own digest that verifies; anything else means not sent."""
        said = answer.json if answer.status in (200, 201) and answer.media_type == "application/json" else None
        if not said:
            return None
        receipt = {name: value for name, value in said.items() if name != "missing"}
        ours = {"kind": item.kind, "id": item.id, "digest": item.digest, "revision": item.revision}
        if any(receipt.get(name) != value for name, value in ours.items()):
            return None
        return receipt if self._signed_here(receipt) else None

    def _signed_here(self, receipt: dict) -> bool:
        statement = {name: value for name, value in receipt.items() if name != "sig"}
        try:
            return verifies(self.server_key, from_base64url(str(receipt.get("sig", ""))), canonical(statement))
        except ValueError:
            return False

    def hand_over(self, items: list[Item], give_up: Callable[[], bool] = lambda: False) -> list[Item]:
        """Try each until it is believed; return what was not when it was time to give up."""
        waiting = list(items)
        while waiting and not give_up():
            item = waiting.pop(0)
            status, believed = self.deliver(item)
            if not believed:
                waiting.append(item)
                time.sleep(0.03 if status == 0 else 0.1)
        return waiting


def work(phones: list[Phone], stop: threading.Event, each: Callable[[Phone], None]) -> list[threading.Thread]:
    """Every phone in its own thread does `each` again and again until `stop`. A phone's failure is the campaign's."""

    def run(phone: Phone) -> None:
        try:
            while not stop.is_set():
                each(phone)
        except Exception as error:
            phone.failure = error  # type: ignore[attr-defined]
            raise

    threads = [threading.Thread(target=run, args=[phone], daemon=True) for phone in phones]
    for thread in threads:
        thread.start()
    return threads


def day_of_work(phone: Phone) -> None:
    """An outing handed over in any order; now and then something old once more, for the answer got lost."""
    items = phone.outing()
    phone.chance.shuffle(items)
    phone.hand_over(items)
    if phone.chance.random() < 0.2:
        phone.deliver(phone.chance.choice(items))


def tally(phones: list[Phone]) -> Counter:
    return sum((phone.said for phone in phones), Counter())


def picture(chance: random.Random, least: int, most: int) -> bytes:
    """A small real JPEG with `least` to `most` random bytes in its comments: no two alike, none compressible."""
    filling, body = chance.randbytes(chance.randint(least, most)), [b"\xff\xd8"]
    for at in range(0, len(filling), 60_000):
        part = filling[at : at + 60_000]
        body.append(b"\xff\xfe" + struct.pack(">H", len(part) + 2) + part)
    return b"".join([*body, _plain()[2:]])


def _plain() -> bytes:
    global _PLAIN
    if not _PLAIN:
        out = io.BytesIO()
        Image.linear_gradient("L").resize((64, 48)).convert("RGB").save(out, "JPEG")
        _PLAIN = out.getvalue()
    return _PLAIN


_PLAIN = b""
