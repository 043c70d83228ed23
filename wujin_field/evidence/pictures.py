"""Copies to look at: re-encoded from pixels, so that no EXIF, comment or hidden script travels with them.

Made when first needed, kept beside the vault, and rebuilt whenever they are gone. The original is never touched.
"""

import os
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from ..sync.vault import FolderVault

SIZES = {"thumb": 400, "page": 1280}  # long edge in pixels
QUALITY = {"thumb": 70, "page": 80}


class Unreadable(Exception):
    """The bytes are what the phone sent, but no picture comes out of them."""


class Pictures:
    def __init__(self, vault: FolderVault, folder: Path):
        self._vault, self._folder = vault, folder

    def copy(self, sha256: str, size: str) -> Path:
        """Path of a JPEG copy, upright, at most SIZES[size] px. Raises FileNotFoundError, Unreadable."""
        path = self._folder / size / sha256[:2] / f"{sha256}.jpg"
        if not path.exists():
            self._make(sha256, size, path)
        return path

    def _make(self, sha256: str, size: str, path: Path) -> None:
        try:
            with self._vault.open(sha256) as file, Image.open(file, formats=["JPEG", "PNG", "WEBP"]) as image:
                body = _encode(image, SIZES[size], QUALITY[size])
        except FileNotFoundError:
            raise
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise Unreadable(sha256) from error
        _place(body, path)


def _encode(image: Image.Image, edge: int, quality: int) -> bytes:
    image.draft("RGB", (edge, edge * 3 // 4))  # let the decoder skip detail: a quarter of the time for a thumbnail
    upright = ImageOps.exif_transpose(_eight_bits(image))
    upright.thumbnail((edge, edge), Image.Resampling.BILINEAR, reducing_gap=1.0)
    plain = Image.new("RGB", upright.size, "white")
    rgba = upright.convert("RGBA") if upright.mode in ("RGBA", "LA", "P") else None
    plain.paste(rgba or upright.convert("RGB"), mask=rgba)
    out = BytesIO()
    plain.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _eight_bits(image: Image.Image) -> Image.Image:
    """Pillow cuts sixteen bits off at 255 instead of scaling them: every grey would turn white."""
    return image.point(lambda level: level * (1 / 257)).convert("L") if image.mode.startswith("I") else image


def _place(body: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(body)
    os.replace(file.name, path)
