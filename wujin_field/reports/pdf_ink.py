"""How letters, lines and pictures come onto a page of a PDF: the looks of each style, and where a Chinese line breaks."""

import re
import unicodedata
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image

from .faces import drawable, rare
from .media import Bytes
from .paper import Picture

UNKNOWN = "〓"
PIECES = re.compile("[“‘（《〔【]*(?:[A-Za-z0-9._:/%@+-]+|.)[，。；：、！？）》〕】”’…]*")  # what stays on one line
# style: face, size in points, line in millimetres, first-line indent in characters, align
LOOKS: dict[str, tuple[str, float, float, int, str]] = {
    "Mark": ("sans", 16, 9.9, 0, "L"), "Title": ("serif", 22, 11.3, 0, "C"), "Head": ("serif", 12, 7, 0, "L"),
    "Heading1": ("sans", 16, 9.9, 2, "L"), "Heading2": ("serif", 16, 9.9, 2, "L"), "Text": ("serif", 16, 9.9, 2, "L"),
    "Line": ("serif", 16, 9.9, 0, "L"), "FillIn": ("serif", 16, 9.9, 0, "L"), "Closing": ("serif", 16, 9.9, 0, "R"),
    "Large": ("sans", 26, 14, 0, "L"), "Label": ("serif", 12, 7, 0, "C"), "Seal": ("serif", 9, 5, 0, "L"),
}  # fmt: skip


class Ink:
    """page: the FPDF that is drawn on; `unknown` gathers the characters that no face has."""

    def __init__(self, page: Any, picture: Bytes):
        self.page, self._picture, self.unknown = page, picture, dict[str, None]()

    def say(self, style: str, text: str) -> None:
        face, size, line, indent, align = LOOKS[style]
        self.page.set_font(face, size=size)
        for part in self.broken("　" * indent + self.printable(text), self.page.epw - 0.1):
            self.page.cell(0, line, part, align=align, new_x="LMARGIN", new_y="NEXT")

    def printable(self, text: str) -> str:
        return "".join(self._letter(letter) for letter in text)

    def _letter(self, letter: str) -> str:
        if letter == "\n" or ord(letter) in drawable() or ord(letter) in rare():
            return letter
        if unicodedata.category(letter) in ("Cf", "Cc", "Mn", "Cs"):  # joiners and selectors have no shape of their own
            return ""
        self.unknown[letter] = None
        return UNKNOWN

    def room(self, needed: float) -> None:
        """Turn the page unless so many millimetres are left."""
        if self.page.get_y() + needed > self.page.page_break_trigger:
            self.page.add_page()

    def photo(self, shown: Picture, x: float, y: float, width: float, box: float) -> None:
        body, drawn, alt = self._picture(shown), False, shown.caption or shown.label
        side = min(width - 1, box)
        if body:
            try:
                wide, high = fitted(body, side)
                self.page.image(
                    BytesIO(body), x + (width - wide) / 2, y + side - high, wide, high, alt_text=alt
                )  # on the label, as in Word
                drawn = True
            except (OSError, ValueError):  # no picture comes out of these bytes: say so in its place
                pass
        if not drawn:
            self.page.rect(x + 1, y, width - 2, side)
        self.in_box("Label", shown.label if drawn else shown.missing, x, y + (side if drawn else side / 2), width)

    def in_box(self, style: str, text: str, x: float, y: float, width: float) -> None:
        face, size, line, _, align = LOOKS[style]
        self.page.set_font(face, size=size)
        self.page.set_xy(x, y)
        self.page.multi_cell(width, line, self.printable(text), align=align, wrapmode="CHAR")

    def broken(self, text: str, width: float) -> Iterator[str]:
        """Chinese breaks anywhere but before what closes and after what opens; a number only where it is wider than its line."""
        line, used = "", 0.0
        for piece in PIECES.findall(text):
            wide = self.page.get_string_width(piece)
            for part in [piece] if wide <= width else piece:
                wide = self.page.get_string_width(part)
                if used + wide > width and line:
                    yield line
                    line, used = "", 0.0
                line, used = line + part, used + wide
        yield line


def fitted(body: bytes, side: float) -> tuple[float, float]:
    """Width and height of a picture, as large as a square of this side allows. Raises OSError for what is no picture."""
    with Image.open(BytesIO(body)) as picture:
        wide, high = picture.size
    scale = side / max(wide, high)
    return wide * scale, high * scale
