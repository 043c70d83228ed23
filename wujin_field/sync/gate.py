"""Is this file a picture we take in? Looks at the header alone; a full decode follows after the receipt."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from .envelope import Refused

MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
PIXELS_MAX = 40_000_000  # a 17 KB PNG can unfold to 144 million pixels and 580 MB
EDGE_MAX = 20_000  # beyond any panorama; a strip of 1 × 40,000,000 is few pixels and yet half a gigabyte to scale
Image.MAX_IMAGE_PIXELS = PIXELS_MAX
warnings.simplefilter("error", Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Header:
    media_type: str
    width: int
    height: int


def read_header(file: Path | BinaryIO) -> Header:
    """Type and size in pixels. Raises Refused: 415 when it is no JPEG, PNG or WebP, 413 when it is too large."""
    try:
        with Image.open(file, formats=list(MEDIA_TYPES)) as image:
            width, height, media_type = image.width, image.height, MEDIA_TYPES.get(image.format or "", "image/jpeg")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Refused(413, "too_many_pixels") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        if getattr(error, "errno", None):  # our disk, not their picture: the phone must keep it and come again
            raise
        raise Refused(415, "not_a_picture") from error
    if width * height > PIXELS_MAX or max(width, height) > EDGE_MAX:
        raise Refused(413, "too_many_pixels")
    return Header(media_type, width, height)
