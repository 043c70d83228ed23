"""The line between a phone and its station, held in our hands: cut at a byte, switched off, a hotel's network, 2G."""

import random
import socket
import struct
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "journeys"))

from campaigns.store import Line
from harness import Station

SEGMENT = 1400  # bytes
HANG_UP = struct.pack("ii", 1, 0)
PAGE = b"Content-Type: text/html\r\nContent-Length: 21\r\n\r\n<h1>Hotel Wi-Fi</h1>\n"
PORTALS = (
    b"HTTP/1.1 200 OK\r\n" + PAGE,
    b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/login\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 511 Network Authentication Required\r\n" + PAGE,
)


class Wire(Line):
    """off: nobody answers. deny: paths whose answer is cut off. portal: a hotel answers everything. slow: 50 kbit/s, 400 ms
    each way, one segment in twenty lost and sent again a second later. sent: bytes of the phone, the lost ones too."""

    def __init__(self, upstream: int, seed: int = 3):
        super().__init__(upstream)
        self.off, self.deny, self.portal, self.slow = False, frozenset[bytes](), False, False
        self.cuts, self.portals, self.sent, self._next = 0, Counter(), 0, None
        self._dice = random.Random(seed)

    def arm(self, way: str, at: int) -> None:
        """The next connection that carries more than `at` bytes this way is cut there, and the line is off."""
        self._next = (way, at)

    def _serve(self, client: socket.socket) -> None:
        if self.off:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HANG_UP)
            client.close()
            return
        super()._serve(client)

    def _pass_on(self, part: bytes, passed: int, source: socket.socket, target: socket.socket, way: str) -> bool:
        if self.off or (way == "gets" and part.split(b" ", 2)[1:2] and part.split(b" ", 2)[1] in self.deny):
            return False
        if self.portal and way == "gets":
            self.portals[part.partition(b" ")[0].decode("ascii", "replace")] += 1
            source.sendall(PORTALS[sum(self.portals.values()) % 3])
            return False
        if self._next and way == self._next[0] and passed + len(part) > self._next[1]:
            target.sendall(part[: max(0, self._next[1] - passed)])
            self._next, self.off, self.cuts = None, True, self.cuts + 1
            return False
        self.sent += len(part) if way == "gets" else 0
        return self._slowly(part, target, way) if self.slow else target.sendall(part) is None

    def _slowly(self, part: bytes, target: socket.socket, way: str) -> bool:
        time.sleep(0.4)
        for at in range(0, len(part), SEGMENT):
            segment = part[at : at + SEGMENT]
            time.sleep(len(segment) / 6_250)
            if self._dice.random() < 0.05:
                self.sent += len(segment) if way == "gets" else 0
                time.sleep(1)
            target.sendall(segment)
            if self.off:
                return False
        return True


# A release without a new build: what the phone knows a release by is read from a file at every request.
RELEASES = """
import os, pathlib
from wujin_field.web.assets import Assets
Assets.version = property(lambda kept: pathlib.Path(os.environ["WUJIN_DRILL_RELEASE"]).read_text(), lambda kept, value: None)
import sys
from wujin_field.cli import main
sys.argv[0] = 'wujin'
main()
"""


class Behind(Station):
    """A station that phones reach through a wire alone. release(name): from now on it serves this release."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.wire = Wire(self.port)
        self.url = f"http://localhost:{self.wire.port}"
        self._file = folder / "release"
        self.release("r0")

    def release(self, name: str) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(name)
        new.replace(self._file)  # it is read at every request

    def command(self) -> list[str]:
        return [sys.executable, "-c", RELEASES, "serve", "--port", str(self.port)]

    def environment(self) -> dict[str, str]:
        return super().environment() | {"WUJIN_DRILL_RELEASE": str(self._file)}

    def stop(self) -> None:
        self.wire.close()
        super().stop()
