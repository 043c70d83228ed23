"""What a photo turns out to be once all of it has been decoded, and the darkroom in which a hostile file may be decoded."""

import gc
import hashlib
import os
import resource
import signal
from dataclasses import dataclass
from io import BytesIO
from mmap import mmap
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Annotated, BinaryIO, Literal, NoReturn

from msgspec import Meta, MsgspecError, Struct, msgpack
from PIL import Image

from ..config import PHOTO_BYTES_MAX
from ..sync.gate import PIXELS_MAX
from .pictures import BOMBS, QUALITY, SIZES, jpeg, opened, upright

ANSWER_BYTES_MAX = 2 * 1024 * 1024
Fault = Literal["unreadable", "too_many_pixels", "timeout", "missing"]


class Finding(Struct, frozen=True):
    """dhash: 64 bits as hex; thumb: JPEG bytes; fault: why there is neither.

    pixels: SHA-256 of the small picture's, whatever Exif stood around them.

    unreadable: no whole picture comes out · too_many_pixels: over 40 megapixels, or more than the memory allowed ·
    timeout: not decoded in the time allowed · missing: the vault does not have it, or the disk cannot read it.
    """

    dhash: Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$")] | None = None
    pixels: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")] | None = None
    thumb: bytes | None = None
    fault: Fault | None = None


def examine(file: BinaryIO) -> Finding:
    """One scaled decode for everything; it refuses a cut file as surely as a full one (only `load` does, not `verify`)."""
    try:
        with opened(file) as image:
            if image.width * image.height > PIXELS_MAX:
                return Finding(fault="too_many_pixels")
            small = upright(image, SIZES["thumb"])
        pixels = hashlib.sha256(f"{small.size}".encode() + small.tobytes()).hexdigest()
        return Finding(dhash(small), pixels, jpeg(small, QUALITY["thumb"]))
    except (MemoryError, *BOMBS):
        return Finding(fault="too_many_pixels")
    except Exception:  # a decoder of hostile bytes raises whatever it likes
        return Finding(fault="unreadable")


def dhash(image: Image.Image) -> str:
    """Difference hash of an upright picture: is each cell of a 9 × 8 grid darker than its right neighbour (f_dhash)?"""
    grey = image.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = "".join(str(int(grey[at] < grey[at + 1])) for row in range(0, 72, 9) for at in range(row, row + 8))
    return f"{int(bits, 2):016x}"


@dataclass(frozen=True)
class Limits:
    """For each photo. memory: bytes beyond what a child has at its birth (about 120 MB of addresses, 80 MB in memory);
    cpu_s: whole seconds; wall_s only catches a child that hangs, for on a busy machine a good photo takes its time too.
    """

    memory: int = 384 * 1024 * 1024
    cpu_s: int = 2
    wall_s: float = 8.0


class Died(Exception):
    """The darkroom did not survive this photo; fault says what of."""

    def __init__(self, fault: Fault):
        super().__init__(fault)
        self.fault: Fault = fault


class Darkroom:
    """One child, used for photo after photo, replaced when it dies. It is forked: to start one anew costs half a second."""

    def __init__(self, limits: Limits | None = None):
        self._limits = limits or Limits()
        self._table = mmap(-1, PHOTO_BYTES_MAX)  # shared with the child: a pipe would copy each photo twice
        self.pid = 0

    def develop(self, body: bytes) -> Finding:
        """Raises Died, and OSError when no child can be had."""
        if len(body) > len(self._table):  # the intake takes none of that size
            raise Died("unreadable")
        if not self.pid:
            self.open()
        try:
            self._table[: len(body)] = body
            self._door.send_bytes(len(body).to_bytes(8))
            if self._door.poll(self._limits.wall_s):
                return msgpack.decode(self._door.recv_bytes(ANSWER_BYTES_MAX), type=Finding)
        except (EOFError, OSError, MsgspecError):
            raise Died(self.close()) from None
        self.close()
        raise Died("timeout")

    def close(self) -> Fault:
        """Ends the child, if there is one; says what it died of by itself."""
        if not self.pid:
            return "unreadable"
        self._door.close()
        os.kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return "timeout" if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU else "unreadable"

    def open(self) -> None:
        """Raises OSError when no child can be had."""
        self._door, theirs = Pipe()
        gc.freeze()  # what the child does not sweep stays one copy for both
        self.pid = os.fork()
        if not self.pid:
            self._door.close()  # or the child would wait for itself when the examiner is gone
            _develop_for(theirs, self._table, self._limits)
        theirs.close()
        try:
            self._door.recv_bytes(0)
        except EOFError:
            self.close()
            raise OSError("the examiner's child cannot start within its limits") from None


def _develop_for(door: Connection, table: mmap, limits: Limits) -> NoReturn:
    try:
        memory = _addresses() + limits.memory
        for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
            resource.setrlimit(what, (most, most))
        door.send_bytes(b"")
        while True:
            length = int.from_bytes(door.recv_bytes())
            _allow_cpu(limits.cpu_s)
            door.send_bytes(msgpack.encode(examine(BytesIO(table[:length]))))
    finally:
        os._exit(0)  # never back into the examiner's own code


def _addresses() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _allow_cpu(seconds: int) -> None:
    """The limit counts from the child's birth, so each photo moves it on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))
