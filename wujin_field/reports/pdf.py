"""A paper as PDF from pip packages alone: fpdf2, and Chinese faces of two wheels, embedded as subsets.

Serif stands for 仿宋 and 小标宋, sans for 黑体. A character that neither face has is printed as 〓 and named at the end:
nothing becomes an empty box, nothing is left out unsaid.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, BinaryIO

import msgspec
from PIL import Image

from .docx import KEPT_WITH_PICTURES, PHOTOS_ABREAST, STYLES, said, shared
from .faces import drawable, dress, rare
from .media import Bytes
from .paper import Cell, Heading, Paper, Photos, Picture, Seal, Table, Text
from .seal import qr_png

UNKNOWN, NAMED = "〓", "{mark} 处的字不在本文件的字库里：{codes}。Word 版中可见原字。"
ADDED = f"— 0123456789ABCDEF U+、　{UNKNOWN}{NAMED}"  # printed beside the paper's own letters
MM_PT = 25.4 / 72
PIECES = re.compile("[“‘（《〔【]*(?:[A-Za-z0-9._:/%@+-]+|.)[，。；：、！？）》〕】”’…]*")  # what stays on one line
# style: face, size in points, line in millimetres, first-line indent in characters, align
LOOKS: dict[str, tuple[str, float, float, int, str]] = {
    "Mark": ("sans", 16, 9.9, 0, "L"), "Title": ("serif", 22, 11.3, 0, "C"), "Head": ("serif", 12, 7, 0, "L"),
    "Heading1": ("sans", 16, 9.9, 2, "L"), "Heading2": ("serif", 16, 9.9, 2, "L"), "Text": ("serif", 16, 9.9, 2, "L"),
    "Line": ("serif", 16, 9.9, 0, "L"), "FillIn": ("serif", 16, 9.9, 0, "L"), "Closing": ("serif", 16, 9.9, 0, "R"),
    "Large": ("sans", 26, 14, 0, "L"), "Label": ("serif", 12, 7, 0, "C"), "Seal": ("serif", 9, 5, 0, "L"),
}  # fmt: skip
UPRIGHT, ACROSS = (28, 37, 26, 35), (25, 28, 25, 26)  # millimetres: left, top, right, bottom
CELL, CELL_SMALL = (12, 5.6), (10.5, 4.9)
PAD, PHOTO, CELL_PHOTO, TALL = 1, 50, 28, 13.5
FOOT = 20  # a blank line and one of the foot


def write(paper: Paper, picture: Bytes, out: BinaryIO) -> None:
    """The same content is the same file. `picture` as in docx.write."""
    out.write(Page(paper, picture).pdf())


class Page:
    """One document while it is drawn; `unknown` gathers the characters that no face has."""

    def __init__(self, paper: Paper, picture: Bytes):
        from fpdf import FPDF  # its font tools cost 15 MB of memory, which only a printing server should pay

        class Numbered(FPDF):
            def footer(self) -> None:
                self.set_y(-20 if paper.across else -27)
                self.set_font("serif", size=14)
                self.cell(0, 6, f"— {self.page_no()} —", align="C")

        self.paper, self._picture, self.unknown = paper, picture, dict[str, None]()
        self.page: Any = Numbered(orientation="L" if paper.across else "P", format="A4")
        left, top, right, bottom = ACROSS if paper.across else UPRIGHT
        self.page.set_margins(left, top, right)
        self.page.set_auto_page_break(True, bottom)
        dress(self.page, ADDED + msgspec.json.encode(paper).decode(), "serif", "sans")
        self.page.set_title(paper.title)
        self.page.set_author(paper.unit)
        self.page.set_lang("zh-CN")
        self.page.set_creation_date(datetime.fromisoformat(paper.dated).replace(tzinfo=UTC))
        self.page.add_page()

    def pdf(self) -> bytes:
        self._top()
        for number in range(len(self.paper.blocks)):
            self._block(number)
        self._end()
        from .codes import Producer

        return bytes(self.page.output(output_producer_class=Producer))

    def _top(self) -> None:
        if self.paper.mark:
            self._say("Mark", self.paper.mark)
            self.page.ln(9.9)
        for line in self.paper.title_lines:
            self._say("Title", line)
        self.page.ln(5 if self.paper.across else 9.9)
        for line in self.paper.head:
            self._say("Head", line)

    def _block(self, number: int) -> None:
        block = self.paper.blocks[number]
        if isinstance(block, Heading):
            self._room(min(self._together(number), self.page.eph))
            self._say(f"Heading{block.level}", block.text)
        elif isinstance(block, Text):
            for line in block.text.split("\n"):
                self._say(STYLES[block.style], line)
        elif isinstance(block, Photos):
            self._photos(block.pictures)
        else:
            self._table(block, last=number == len(self.paper.blocks) - 1)

    def _together(self, number: int) -> float:
        """Millimetres from this block on that must not part: a heading, what it heads, its first row or its pictures."""
        if number == len(self.paper.blocks):
            return 0
        block = self.paper.blocks[number]
        if isinstance(block, Text):  # a sentence, over its picture
            above = any(isinstance(shown, Photos) for shown in self.paper.blocks[number + 1 : number + 2])
            return 4 * LOOKS["Text"][2] + PHOTO + 9 if above else 20
        if not isinstance(block, Heading):
            return self._beginning(block) if isinstance(block, Table) else PHOTO + 9
        face, size, line, indent, _ = LOOKS[f"Heading{block.level}"]
        self.page.set_font(face, size=size)
        own = line * sum(1 for _ in self._broken("　" * indent + self._printable(block.text), self.page.epw - 0.1))
        kept = block.kept and len(block.text) <= KEPT_WITH_PICTURES
        return own + self._together(number + 1) if kept else min(own, 3 * line)

    def _end(self) -> None:
        if self.paper.foot:
            self._room(FOOT)
            self.page.ln(4 if self.paper.across else 9.9)
        for line in self.paper.foot:
            self._say("FillIn", line)
        if self.paper.closing:
            self._say("Closing", self.paper.closing)
        if self.paper.seal:
            self._seal(self.paper.seal)
        if self.unknown:
            codes = "、".join(f"U+{ord(letter):04X}" for letter in self.unknown)
            self._say("Seal", NAMED.format(mark=UNKNOWN, codes=codes))

    def _say(self, style: str, text: str) -> None:
        face, size, line, indent, align = LOOKS[style]
        self.page.set_font(face, size=size)
        for part in self._broken("　" * indent + self._printable(text), self.page.epw - 0.1):
            self.page.cell(0, line, part, align=align, new_x="LMARGIN", new_y="NEXT")

    def _printable(self, text: str) -> str:
        return "".join(self._letter(letter) for letter in text)

    def _letter(self, letter: str) -> str:
        if letter == "\n" or ord(letter) in drawable() or ord(letter) in rare():
            return letter
        if unicodedata.category(letter) in ("Cf", "Cc", "Mn", "Cs"):  # joiners and selectors have no shape of their own
            return ""
        self.unknown[letter] = None
        return UNKNOWN

    def _room(self, needed: float) -> None:
        """Turn the page unless so many millimetres are left."""
        if self.page.get_y() + needed > self.page.page_break_trigger:
            self.page.add_page()

    def _photos(self, pictures: tuple[Picture, ...]) -> None:
        abreast = min(PHOTOS_ABREAST, len(pictures))
        width = self.page.epw / PHOTOS_ABREAST
        left = self.page.l_margin + (self.page.epw - width * abreast) / 2
        for start in range(0, len(pictures), abreast):
            self._room(PHOTO + 9)
            top = self.page.get_y() + 1
            for n, shown in enumerate(pictures[start : start + abreast]):
                self._photo(shown, left + n * width, top, width, PHOTO)
            self.page.set_xy(self.page.l_margin, top + PHOTO + 8)

    def _photo(self, shown: Picture, x: float, y: float, width: float, box: float) -> None:
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
        self._in_box("Label", shown.label if drawn else shown.missing, x, y + (side if drawn else side / 2), width)

    def _in_box(self, style: str, text: str, x: float, y: float, width: float) -> None:
        face, size, line, _, align = LOOKS[style]
        self.page.set_font(face, size=size)
        self.page.set_xy(x, y)
        self.page.multi_cell(width, line, self._printable(text), align=align, wrapmode="CHAR")

    def _measures(self, block: Table) -> tuple[list[float], float, float]:
        """Its columns in millimetres, its letters in points, their line in millimetres."""
        widths = [share / 1000 for share in shared(block, round(self.page.epw * 1000))]
        return widths, *(CELL_SMALL if len(widths) > 8 else CELL)

    def _beginning(self, block: Table) -> float:
        """The height of its head and its first row: no head stands alone."""
        rows = (*_head(block), *block.rows[:1])
        return sum(self._height(row, *self._measures(block), block) for row in rows)

    def _table(self, block: Table, last: bool) -> None:
        """last: what stands at the foot of the paper takes the last row along to a new page."""
        widths, size, line = self._measures(block)
        head = _head(block)
        self._room(self._beginning(block))
        for row in head:
            self._row(row, widths, "sans", size, line, block, True)
        for number, row in enumerate(block.rows, 1):
            height = self._height(row, widths, size, line, block)
            if last and self.paper.foot and number == len(block.rows):
                height += 2 + FOOT - (6 if self.paper.across else 0) + 9.9 * (len(self.paper.foot) - 1)
            if self.page.get_y() + height > self.page.page_break_trigger:
                self.page.add_page()
                for again in head:
                    self._row(again, widths, "sans", size, line, block, True)
            self._row(row, widths, "serif", size, line, block)
        self.page.ln(2)

    def _row(self, row: tuple, widths: list[float], face: str, size: float, line: float, block: Table, head=False):
        height, top, x = self._height(row, widths, size, line, block), self.page.get_y(), self.page.l_margin
        for n, (value, width) in enumerate(zip(row, widths, strict=True)):
            self.page.rect(x, top, width, height)
            if isinstance(value, tuple) and value:
                for k, shown in enumerate(value):
                    self._photo(shown, x, top + 1 + k * (CELL_PHOTO + 8), width, CELL_PHOTO)
            else:
                lines = self._lines(said(value), width, face, size)
                align = "L" if n in block.left and not head else "C"
                y = top + (height - line * len(lines)) / 2
                for number, text in enumerate(lines):
                    self.page.set_xy(x + PAD, y + number * line)
                    self.page.cell(width - 2 * PAD, line, text, align=align)
            x += width
        self.page.set_xy(self.page.l_margin, top + height)

    def _height(self, row: tuple[Cell, ...], widths: list[float], size: float, line: float, block: Table) -> float:
        def needs(value: Cell, width: float) -> float:
            if isinstance(value, tuple) and value:
                return len(value) * (CELL_PHOTO + 8) + 2
            return len(self._lines(said(value), width, "serif", size)) * line + 2 * PAD

        tallest = max(needs(value, width) for value, width in zip(row, widths, strict=True))
        return min(max(tallest, TALL if block.tall else 0), self.page.eph - 20)

    def _lines(self, text: str, width: float, face: str, size: float) -> list[str]:
        self.page.set_font(face, size=size)
        return [
            line for part in self._printable(text).split("\n") for line in self._broken(part, width - 2 * PAD - 0.1)
        ]

    def _broken(self, text: str, width: float) -> Iterator[str]:
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

    def _seal(self, seal: Seal) -> None:
        self._room(30)
        top = self.page.get_y() + 3
        self.page.image(BytesIO(qr_png(seal.address)), self.page.l_margin, top, 24, 24)
        self.page.set_y(top + 2)
        for line in (*seal.lines, seal.address):
            self._in_box("Seal", line, self.page.l_margin + 27, self.page.get_y(), self.page.epw - 27)
            self.page.ln(LOOKS["Seal"][2])
        self.page.set_y(max(self.page.get_y(), top + 25))


def _head(block: Table) -> list[tuple[Cell, ...]]:
    return [block.columns] if any(block.columns) else []


def fitted(body: bytes, side: float) -> tuple[float, float]:
    """Width and height of a picture, as large as a square of this side allows. Raises OSError for what is no picture."""
    with Image.open(BytesIO(body)) as picture:
        wide, high = picture.size
    scale = side / max(wide, high)
    return wide * scale, high * scale
