"""A paper as PDF from pip packages alone: fpdf2, and Chinese faces of two wheels, embedded as subsets.

Serif stands for 仿宋 and 小标宋, sans for 黑体. A character that neither face has is printed as 〓 and named at the end:
nothing becomes an empty box, nothing is left out unsaid.
"""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any, BinaryIO

import msgspec

from .docx import KEPT_WITH_PICTURES, PHOTOS_ABREAST, STYLES
from .faces import dress
from .media import Bytes
from .paper import Heading, Paper, Photos, Picture, Seal, Table, Text
from .pdf_ink import LOOKS, UNKNOWN, Ink
from .pdf_table import beginning, draw
from .seal import qr_png

NAMED = "{mark} 处的字不在本文件的字库里：{codes}。Word 版中可见原字。"
ADDED = f"— 0123456789ABCDEF U+、　{UNKNOWN}{NAMED}"  # printed beside the paper's own letters
UPRIGHT, ACROSS = (28, 37, 26, 35), (25, 28, 25, 26)  # millimetres: left, top, right, bottom
PHOTO = 50
FOOT = 20  # a blank line and one of the foot


def write(paper: Paper, picture: Bytes, out: BinaryIO) -> None:
    """The same content is the same file. `picture` as in docx.write."""
    out.write(Page(paper, picture).pdf())


class Page:
    """One document while it is drawn, from its mark to its seal."""

    def __init__(self, paper: Paper, picture: Bytes):
        from fpdf import FPDF  # its font tools cost 15 MB of memory, which only a printing server should pay

        class Numbered(FPDF):
            def footer(self) -> None:
                self.set_y(-20 if paper.across else -27)
                self.set_font("serif", size=14)
                self.cell(0, 6, f"— {self.page_no()} —", align="C")

        self.paper = paper
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
        self.ink = Ink(self.page, picture)

    def pdf(self) -> bytes:
        self._top()
        for number in range(len(self.paper.blocks)):
            self._block(number)
        self._end()
        from .codes import Producer

        return bytes(self.page.output(output_producer_class=Producer))

    def _top(self) -> None:
        if self.paper.mark:
            self.ink.say("Mark", self.paper.mark)
            self.page.ln(9.9)
        for line in self.paper.title_lines:
            self.ink.say("Title", line)
        self.page.ln(5 if self.paper.across else 9.9)
        for line in self.paper.head:
            self.ink.say("Head", line)

    def _block(self, number: int) -> None:
        block = self.paper.blocks[number]
        if isinstance(block, Heading):
            self.ink.room(min(self._together(number), self.page.eph))
            self.ink.say(f"Heading{block.level}", block.text)
        elif isinstance(block, Text):
            for line in block.text.split("\n"):
                self.ink.say(STYLES[block.style], line)
        elif isinstance(block, Photos):
            self._photos(block.pictures)
        else:
            draw(self.ink, block, self._foot if number == len(self.paper.blocks) - 1 else 0)

    @property
    def _foot(self) -> float:
        """Millimetres of the lines below a table that ends the paper."""
        lines = len(self.paper.foot)
        return 2 + FOOT - (6 if self.paper.across else 0) + 9.9 * (lines - 1) if lines else 0

    def _together(self, number: int) -> float:
        """Millimetres from this block on that must not part: a heading, what it heads, its first row or its pictures."""
        if number == len(self.paper.blocks):
            return 0
        block = self.paper.blocks[number]
        if isinstance(block, Text):  # a sentence, over its picture
            above = any(isinstance(shown, Photos) for shown in self.paper.blocks[number + 1 : number + 2])
            return 4 * LOOKS["Text"][2] + PHOTO + 9 if above else 20
        if not isinstance(block, Heading):
            return beginning(self.ink, block) if isinstance(block, Table) else PHOTO + 9
        face, size, line, indent, _ = LOOKS[f"Heading{block.level}"]
        self.page.set_font(face, size=size)
        own = line * sum(
            1 for _ in self.ink.broken("　" * indent + self.ink.printable(block.text), self.page.epw - 0.1)
        )
        kept = block.kept and len(block.text) <= KEPT_WITH_PICTURES
        return own + self._together(number + 1) if kept else min(own, 3 * line)

    def _end(self) -> None:
        if self.paper.foot:
            self.ink.room(FOOT)
            self.page.ln(4 if self.paper.across else 9.9)
        for line in self.paper.foot:
            self.ink.say("FillIn", line)
        if self.paper.closing:
            self.ink.say("Closing", self.paper.closing)
        if self.paper.seal:
            self._seal(self.paper.seal)
        if self.ink.unknown:
            codes = "、".join(f"U+{ord(letter):04X}" for letter in self.ink.unknown)
            self.ink.say("Seal", NAMED.format(mark=UNKNOWN, codes=codes))

    def _photos(self, pictures: tuple[Picture, ...]) -> None:
        abreast = min(PHOTOS_ABREAST, len(pictures))
        width = self.page.epw / PHOTOS_ABREAST
        left = self.page.l_margin + (self.page.epw - width * abreast) / 2
        for start in range(0, len(pictures), abreast):
            self.ink.room(PHOTO + 9)
            top = self.page.get_y() + 1
            for n, shown in enumerate(pictures[start : start + abreast]):
                self.ink.photo(shown, left + n * width, top, width, PHOTO)
            self.page.set_xy(self.page.l_margin, top + PHOTO + 8)

    def _seal(self, seal: Seal) -> None:
        self.ink.room(30)
        top = self.page.get_y() + 3
        self.page.image(BytesIO(qr_png(seal.address)), self.page.l_margin, top, 24, 24)
        self.page.set_y(top + 2)
        for line in (*seal.lines, seal.address):
            self.ink.in_box("Seal", line, self.page.l_margin + 27, self.page.get_y(), self.page.epw - 27)
            self.page.ln(LOOKS["Seal"][2])
        self.page.set_y(max(self.page.get_y(), top + 25))
