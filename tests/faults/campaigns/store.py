"""S9: the S3 server answers 500, hangs, hangs up, dribbles or mixes up bytes, behind a line that we hold in our hands."""

import hashlib
import os
import random
import socket
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

from audit import Verdict, audit
from ledger import Phone, tally
from station import HOST, Station

from campaigns.disks import LONGEST_S, _recover, _try_for

sys.path.append(str(Path(__file__).resolve().parents[2] / "backends"))

# The quick ones first: a sample takes no more.
FAULTS = ("answers 500", "hangs up", "mixes up what it gives", "mixes up what it gets", "hangs", "dribbles")
HEAD = 1500  # bytes of a message that are left alone: its head is not the photo
PIECE = 16 * 1024


class Line:
    """A TCP proxy in front of the store. fault: what it does to whatever comes now; None passes everything on."""

    def __init__(self, upstream: int):
        self.fault: str | None = None
        self._upstream, self._chance = upstream, random.Random(9)
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection((HOST, self._upstream)) as store:
            back = threading.Thread(target=self._pump, args=[store, client, "gives"], daemon=True)
            back.start()
            self._pump(client, store, "gets")
            back.join(60)

    def _pump(self, source: socket.socket, target: socket.socket, way: str) -> None:
        with suppress(OSError):
            passed = 0
            while part := source.recv(PIECE):
                if not self._pass_on(part, passed, source, target, way):
                    break
                passed += len(part)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _pass_on(self, part: bytes, passed: int, source: socket.socket, target: socket.socket, way: str) -> bool:
        """False hangs up."""
        if self.fault == "answers 500" and way == "gets":
            source.sendall(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return False
        if self.fault == "hangs":
            while self.fault == "hangs":
                time.sleep(0.05)
            return False
        if self.fault == "hangs up" and passed + len(part) > HEAD:
            return False
        if self.fault == "dribbles":
            time.sleep(len(part) / 100_000)
        if self.fault == f"mixes up what it {way}" and passed + len(part) > HEAD:
            part = self._mixed_up(part)
        target.sendall(part)
        return True

    def _mixed_up(self, part: bytes) -> bytes:
        at = self._chance.randrange(len(part) // 2, len(part))
        return part[:at] + bytes([part[at] ^ 1]) + part[at + 1 :]


def run(count: int, folder: Path, hold: float = 4, longest_s: float = LONGEST_S) -> Verdict:
    """`count` faults in turn, `hold` seconds each, then a store that is well again."""
    from servers import Bucket

    bucket = Bucket(str(Path(sys.executable).parent / "weed"))
    line = Line(int(bucket.variables["AWS_ENDPOINT_URL"].rpartition(":")[2]))
    address, variables = bucket.fresh(), bucket.variables | {"AWS_ENDPOINT_URL": f"http://{HOST}:{line.port}"}
    try:
        station = Station(folder / "data", folder / "outside", more=variables | {"WUJIN_PHOTO_STORE": address})
        with station:
            for phone in station.phones:
                phone.meet()
                phone.hand_over(phone.outing(photo_bytes=(20_000, 90_000)))
            slowest = max(_suffer(line, FAULTS[number % len(FAULTS)], station.phones, hold) for number in range(count))
            said = tally(station.phones)
        _bring_home(bucket, address, folder / "data" / "photos", [receipt for _, receipt in station.ledger.entries()])
        found = audit(station.folder, station.ledger.entries())
    finally:
        line.close()
        bucket.stop()
    zeros = {"answers 500": said[500], f"slower than {longest_s:g} s to recover": int(slowest > longest_s)}
    return Verdict("store", {"faults of the store": count}, found, zeros,
                   [f"{said[503]:,} refused with 503", f"recovered in at most {slowest:.1f} s"])  # fmt: skip


def _suffer(line: Line, fault: str, phones: list[Phone], hold: float) -> float:
    line.fault = fault
    held = _try_for(phones, hold, Counter())
    line.fault = None
    return _recover(phones, held)


def _bring_home(bucket, address: str, photos: Path, receipts: list[dict]) -> None:
    """Straight from the store, past the line: what it really holds, where the audit looks for it."""
    from wujin_field.sync.bucket import BucketVault
    from wujin_field.sync.vault import FolderVault

    with patch.dict(os.environ, bucket.variables):
        store, home = BucketVault(address, photos.parent / "incoming"), FolderVault(photos)
    for sha256 in {receipt["id"] for receipt in receipts if receipt["kind"] == "photo"}:
        with suppress(FileNotFoundError), store.open(sha256) as file, home.incoming() as copy:
            body = file.read()
            copy.write(body)
            assert hashlib.sha256(body).hexdigest() == sha256, f"the store holds other bytes under {sha256}"
            home.keep(copy, sha256)
