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
        face = ImageFont.truetype(face_file("sans"), size)
        told = [part for line in lines for part in fitted(line, face, picture.width - size * 1.2)]
        band = round(size * 1.5 * len(told) + size * 0.6)
        shaded = Image.new("RGB", (picture.width, band), (24, 24, 24))
        foot = picture.crop((0, picture.height - band, picture.width, picture.height))
        picture.paste(Image.blend(foot, shaded.resize(foot.size), 0.62), (0, picture.height - foot.height))
        pen = ImageDraw.Draw(picture)
        text, above = "\n".join(told), picture.height - band + size * 0.3
        pen.multiline_text((size * 0.6, above), text, "white", face, spacing=size * 0.4)
        return jpeg(picture, QUALITY)


def fitted(line: str, face: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """The line in as few as the width allows, parted at its wide blanks, within a part only where it is too long itself."""
    told = [""]
    for part in line.split("　"):
        longer = f"{told[-1]}　{part}" if told[-1] else part
        if face.getlength(longer) <= width:
            told[-1] = longer
            continue
        told += [""] if told[-1] else []
        for letter in part:
            fits = face.getlength(told[-1] + letter) <= width
            told = [*told[:-1], told[-1] + letter] if fits else [*told, letter]
    return told
