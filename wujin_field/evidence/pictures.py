"""Copies to look at: re-encoded from pixels, so that no EXIF, comment or hidden script travels with them.

The examiner makes the thumbnail of a photo soon after its receipt; everything else is made when first needed, and
rebuilt whenever it is gone. The original is never touched.
"""

import os
import re
import tempfile
import threading
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from PIL import ExifTags, Image

from ..sync.gate import MEDIA_TYPES
from ..sync.vault import Vault, VaultAway

SIZES = {"thumb": 400, "paper": 800, "page": 1280}  # long edge in pixels; paper: 50 mm at 400 dots an inch
QUALITY = {"thumb": 70, "paper": 80, "page": 80}
_Turn = Image.Transpose
TURNS = {2: _Turn.FLIP_LEFT_RIGHT, 3: _Turn.ROTATE_180, 4: _Turn.FLIP_TOP_BOTTOM, 5: _Turn.TRANSPOSE,
         6: _Turn.ROTATE_270, 7: _Turn.TRANSVERSE, 8: _Turn.ROTATE_90}  # fmt: skip  # Exif orientation → upright
SCAN = re.compile(rb"\xff\xda")  # a third of the time that bytes.count needs
# Each scan of a JPEG walks over all its pixels: 57 KB with 2,000 scans took 6.8 s of CPU. Usual are one to twelve.
PIXELS_WALKED_MAX = 3_000_000_000
BOMBS = Image.DecompressionBombError, Image.DecompressionBombWarning


class Unreadable(Exception):
    """The bytes are what the phone sent, but no picture comes out of them."""


class Pictures:
    def __init__(self, vault: Vault, folder: Path):
        self._vault, self._folder = vault, folder
        # A WebP of 1.6 KB unfolds to 40 megapixels: twelve readers at once took 8.7 GB before there was a queue.
        self._one_at_a_time = threading.Lock()

    def path(self, sha256: str, size: str) -> Path:
        """Where that copy lies, or will lie."""
        return self._folder / size / sha256[:2] / f"{sha256}.jpg"

    def copy(self, sha256: str, size: str) -> Path:
        """Path of a JPEG copy, upright, at most SIZES[size] px. Raises FileNotFoundError, Unreadable, VaultAway."""
        path = self.path(sha256, size)
        if not _whole(path):
            with self._one_at_a_time:
                if not _whole(path):  # whoever stood before us in the queue may have made it
                    self._make(sha256, size, path)
        return path

    def place(self, sha256: str, size: str, body: bytes) -> None:
        """Put a copy where `copy` finds it: all of it, or nothing."""
        _place(body, self.path(sha256, size))

    def forget(self, sha256: str) -> None:
        """Every copy of an erased picture."""
        for size in SIZES:
            self.path(sha256, size).unlink(missing_ok=True)

    def _make(self, sha256: str, size: str, path: Path) -> None:
        try:
            with self._vault.open(sha256) as file, opened(file) as image:
                body = _encode(image, SIZES[size], QUALITY[size])
        except (FileNotFoundError, VaultAway):
            raise
        except (OSError, ValueError, SyntaxError, *BOMBS) as error:
            raise Unreadable(sha256) from error
        _place(body, path)


def opened(file: BinaryIO) -> Image.Image:
    """The header is read, the pixels are not. Raises what Pillow raises, ValueError for a JPEG with too many scans."""
    body = file.read()
    image = Image.open(BytesIO(body), formats=list(MEDIA_TYPES))
    if image.format in ("JPEG", "MPO") and _walks_too_far(image, body):
        raise ValueError("too many scans")
    return image


def _walks_too_far(image: Image.Image, body: bytes) -> bool:
    most = PIXELS_WALKED_MAX // (image.width * image.height)
    return any(islice(SCAN.finditer(body), most, None))


def _encode(image: Image.Image, edge: int, quality: int) -> bytes:
    return jpeg(upright(image, edge), quality)


def upright(image: Image.Image, edge: int) -> Image.Image:
    """All pixels decoded once, shrunk to `edge` px at most, turned upright, on white; nothing else is taken along."""
    _skip_detail(image, edge)
    small = _mixable(image)
    small.thumbnail((edge, edge), Image.Resampling.BILINEAR, reducing_gap=1.0)  # before anything copies it whole
    turned = _turned(small, image)
    plain = Image.new("RGB", turned.size, "white")
    rgba = turned.convert("RGBA") if turned.mode in ("RGBA", "LA", "PA") else None
    plain.paste(rgba or turned.convert("RGB"), mask=rgba)
    return plain


def jpeg(image: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _skip_detail(image: Image.Image, edge: int) -> None:
    """Let the JPEG decoder skip what a copy cannot show; asked for a square, it would skip only half as much."""
    long = max(image.size)
    image.draft("RGB", (max(1, edge * image.width // long), max(1, edge * image.height // long)))


def _mixable(image: Image.Image) -> Image.Image:
    """Pixels that may be averaged: palettes resolved, sixteen bits scaled."""
    if image.mode.startswith("I"):  # Pillow cuts sixteen bits off at 255: every grey would turn white
        return image.point(lambda level: level * (1 / 257)).convert("L")
    if image.mode == "P":
        return image.convert("RGBA" if "transparency" in image.info else "RGB")
    return image.convert("L") if image.mode == "1" else image


def _turned(small: Image.Image, original: Image.Image) -> Image.Image:
    try:
        turn = TURNS.get(original.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # damaged Exif raises whatever it likes, and the picture is still a picture
        turn = None
    return small if turn is None else small.transpose(turn)


def _whole(path: Path) -> bool:
    """Copies are not synced to the disk: a power cut may leave a name with nothing behind it."""
    return path.exists() and path.stat().st_size > 0


def _place(body: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.write(body)
            file.flush()
            os.replace(file.name, path)
        except OSError:
            os.unlink(file.name)
            raise
