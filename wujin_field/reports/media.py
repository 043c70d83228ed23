"""The pictures of an Office file: stored in its zip as they are, each once, before the text that shows them."""

import io
import zipfile
from collections.abc import Callable

from PIL import Image as Pillow

from wujin_field.reports.ooxml import Image
from wujin_field.reports.paper import Paper, Picture

# gives the upright JPEG or PNG bytes to print, or None; asked once for each picture
Bytes = Callable[[Picture], bytes | None]
# MPO is what many phones call a JPEG with a second picture behind it
EXTENSIONS = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png"}


class Media:
    """add: (name, bytes, compression) of a part; folder: the part of the file that shows them, word or xl."""

    def __init__(self, add: Callable[[str, bytes, int], None], folder: str):
        self._add, self._folder = add, folder
        self.names: list[str] = []

    def add(self, data: bytes | None) -> Image | None:
        """None when they are no JPEG or PNG, for Word would refuse the whole file."""
        try:
            with Pillow.open(io.BytesIO(data or b""), formats=["JPEG", "PNG"]) as picture:
                extension, (width, height) = EXTENSIONS[picture.format or ""], picture.size
        except (OSError, Pillow.DecompressionBombError):
            return None
        name = f"media/image{len(self.names) + 1}.{extension}"
        self.names.append(name)
        self._add(f"{self._folder}/{name}", data or b"", zipfile.ZIP_STORED)
        return Image(f"rIdImage{len(self.names)}", width, height)

    def of(self, paper: Paper, picture: Bytes) -> dict[Picture, Image | None]:
        """Those of a paper; the same picture under two entries is stored once."""
        stored: dict[tuple, Image | None] = {}
        images: dict[Picture, Image | None] = {}
        for shown in paper.pictures:
            same = shown.sha256, shown.stamp
            if same not in stored:
                stored[same] = self.add(picture(shown))
            images[shown] = stored[same]
        return images
