"""The bytes of a picture as a paper prints it: a small upright copy, with its stamp where one is wanted."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from ..evidence.pictures import Pictures, Unreadable, jpeg
from .faces import face_file
from .media import Bytes
from .paper import Picture

QUALITY = 80
SHARE = 30  # the letters are a thirtieth of the picture's long edge


def printed(pictures: Pictures) -> Bytes:
    """What the writers ask. None when the bytes cannot be had: the paper then says so in the picture's place."""

    def copy(shown: Picture) -> bytes | None:
        try:
            body = pictures.copy(shown.sha256, "paper").read_bytes()
        except (FileNotFoundError, Unreadable):
            return None
        return stamped(body, shown.stamp) if shown.stamp else body

    return copy


def stamped(body: bytes, lines: tuple[str, ...]) -> bytes:
    """A copy with `lines` on a dark band at its foot; the original is never touched. The same input is the same output."""
    with Image.open(BytesIO(body)) as opened:
        picture = opened.convert("RGB")
        size = max(picture.size) // SHARE
        face, text = ImageFont.truetype(face_file("sans"), size), "\n".join(lines)
        band = round(size * 1.5 * len(lines) + size * 0.6)
        shaded = Image.new("RGB", (picture.width, band), (24, 24, 24))
        foot = picture.crop((0, picture.height - band, picture.width, picture.height))
        picture.paste(Image.blend(foot, shaded.resize(foot.size), 0.62), (0, picture.height - foot.height))
        pen = ImageDraw.Draw(picture)
        pen.multiline_text((size * 0.6, picture.height - band + size * 0.3), text, "white", face, spacing=size * 0.4)
        return jpeg(picture, QUALITY)
