"""Pictures that nobody took before: soft random scenes with an edge or two, as small JPEGs."""

import io
from random import Random

from PIL import Image


def scene(rng: Random) -> Image.Image:
    """Light and shade on a coarse grid, as a room or a street has; two of them are never alike."""
    grid = Image.frombytes("L", (7, 6), rng.randbytes(42)).resize((160, 120), Image.Resampling.BICUBIC)
    tint = Image.frombytes("RGB", (3, 2), rng.randbytes(18)).resize((160, 120), Image.Resampling.BICUBIC)
    return Image.blend(grid.convert("RGB"), tint, 0.3)


def jpeg(image: Image.Image, quality: int = 80) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def off_a_screen(image: Image.Image, rng: Random) -> Image.Image:
    """The same picture photographed from a screen: a little less of it, brighter, in other pixels."""
    w, h = image.size
    cut = image.resize((200, 150), Image.Resampling.BILINEAR, box=(2, 2, w - 2, h - 2))
    return cut.point(lambda level: min(255, round(level * 1.05 + 6)))
