"""A paper as a Word file on official paper: how it looks, nothing about what it says.

Word first: the clerk may still change words, and the Chinese faces come from her own computer.
"""

from collections.abc import Iterator
from itertools import count, zip_longest
from typing import BinaryIO

from wujin_field.reports.media import Bytes
from wujin_field.reports.ooxml import Image, cell, drawing, paragraph, row, run, table, text_width
from wujin_field.reports.paper import Block, Cell, Heading, Paper, Photos, Picture, Seal, Table, Text
from wujin_field.reports.seal import qr_png
from wujin_field.reports.wordfile import WordFile

PHOTOS_ABREAST = 3
PHOTO_BOX_MM = (50, 50)
CELL_BOX_MM = (28, 28)
SEAL_BOX_MM = (24, 24)
# four lines; a longer text may part from its pictures, or half a page would stay empty above it
KEPT_WITH_PICTURES = 110
TALL_ROW = 765  # twips, 13.5 mm: two lines by hand
CROWDED = 8  # columns, from which on the letters are smaller
STYLES = {"text": "Text", "line": "Line", "signed": "FillIn", "large": "Large"}


def write(paper: Paper, picture: Bytes, out: BinaryIO) -> None:
    """The bytes of pictures go in unchanged: whoever wants a small file hands over small pictures."""
    Writer(paper, picture, WordFile(out, paper.title, paper.unit, paper.dated, paper.across)).write()


class Writer:
    def __init__(self, paper: Paper, picture: Bytes, file: WordFile):
        self._paper, self._picture, self._file = paper, picture, file
        self._images: dict[Picture, Image | None] = {}
        self._numbers, self._width = count(1), text_width(paper.across)

    def write(self) -> None:
        self._images = self._file.media.of(self._paper, self._picture)
        code = self._file.media.add(qr_png(self._paper.seal.address)) if self._paper.seal else None
        self._file.write_body(self._body(code))

    def _body(self, code: Image | None) -> Iterator[str]:
        yield from self._top()
        for block, following in zip_longest(self._paper.blocks, self._paper.blocks[1:]):
            last = following is None and bool(self._paper.foot)
            yield from self._block(block, last or (isinstance(block, Text) and isinstance(following, Photos)))
        yield from self._end(code)

    def _top(self) -> Iterator[str]:
        """GB/T 9704: the mark of the annex in the first line, a blank line, the title, a blank line."""
        if self._paper.mark:
            yield paragraph("Mark", run(self._paper.mark)) + paragraph("Mark", "")
        yield from (paragraph("Title", run(line)) for line in self._paper.title_lines)
        yield paragraph("Mark", "")
        yield from (paragraph("Head", run(line)) for line in self._paper.head)

    def _end(self, code: Image | None) -> Iterator[str]:
        closing, seal = self._paper.closing, self._paper.seal
        for number, line in enumerate(self._paper.foot):  # one blank line above them all, as in the PDF
            yield paragraph("Line" if number else "FillIn", run(line), keep_next=bool(closing or seal))
        if closing:
            yield paragraph("Closing", run(closing))
        if seal:
            yield from self._seal(seal, code)

    def _block(self, block: Block, last: bool) -> Iterator[str]:
        """last: what follows (the foot of the paper, a sentence's picture) takes this along to a new page."""
        if isinstance(block, Heading):
            kept = block.kept and len(block.text) <= KEPT_WITH_PICTURES
            yield paragraph(f"Heading{block.level}", run(block.text), keep_next=kept)
        elif isinstance(block, Text):
            yield from (paragraph(STYLES[block.style], run(line), last) for line in block.text.split("\n"))
        elif isinstance(block, Photos):
            yield self._photos(block.pictures)
        else:
            yield self._table(block, last) + paragraph("AfterTable", "", last)

    def _photos(self, pictures: tuple[Picture, ...]) -> str:
        """Side by side, each over its label, so that the order stays 图片1 图片2 图片3 for the eye and for the text."""
        abreast = min(PHOTOS_ABREAST, len(pictures))
        lines = [pictures[start : start + abreast] for start in range(0, len(pictures), abreast)]
        width = self._width // PHOTOS_ABREAST
        rows = [
            row(cell(width, self._photo(p, PHOTO_BOX_MM, line is not lines[-1]), "bottom") for p in line)
            for line in lines
        ]
        return table([width] * abreast, rows, borders=False)

    def _photo(self, picture: Picture, box_mm: tuple[int, int], keep_next: bool = False) -> str:
        image = self._images[picture]
        if image is None:
            return paragraph("PhotoMissing", run(picture.missing), keep_next)
        shown = drawing(image, next(self._numbers), picture.caption or picture.label, box_mm)
        return paragraph("Photo", shown, keep_next) + paragraph("PhotoLabel", run(picture.label), keep_next)

    def _table(self, block: Table, last: bool) -> str:
        widths = shared(block, self._width)
        small = "Small" if len(widths) > CROWDED else ""
        styles = [f"TableLeft{small}" if n in block.left else f"TableCell{small}" for n in range(len(widths))]
        height = TALL_ROW if block.tall else 0
        rows = [self._row(block.columns, widths, [f"TableHead{small}"] * len(widths), height, True)]
        rows = rows if any(block.columns) else []
        keeping = {len(block.rows)} if last else set()
        rows += [
            self._row(cells, widths, styles, height, keep=number in keeping)
            for number, cells in enumerate(block.rows, 1)
        ]
        return table(widths, rows, borders=True)

    def _row(
        self, cells: tuple[Cell, ...], widths: list[int], styles: list[str], height: int, head=False, keep=False
    ) -> str:
        filled = zip(widths, cells, styles, strict=True)
        return row([cell(width, self._cell(value, style, keep)) for width, value, style in filled], height, head)

    def _cell(self, value: Cell, style: str, keep: bool) -> str:
        if isinstance(value, tuple) and value:
            return "".join(self._photo(picture, CELL_BOX_MM, keep) for picture in value)
        return "".join(paragraph(style, run(line), keep) for line in said(value).split("\n"))

    def _seal(self, seal: Seal, code: Image | None) -> Iterator[str]:
        left, told = 1500, "".join(paragraph("SealLine", run(line)) for line in (*seal.lines, seal.address))
        shown = paragraph("Photo", drawing(code, next(self._numbers), seal.address, SEAL_BOX_MM)) if code else ""
        yield paragraph("AfterTable", "")
        yield table([left, self._width - left], [row([cell(left, shown), cell(self._width - left, told)])], False)
        yield paragraph("AfterTable", "")


def said(value: Cell) -> str:
    """A cell as all writers print it: nothing for None, 0.5 as 0.5, 3.0 as 3."""
    if value is None or isinstance(value, tuple):
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def shared(block: Table, width: int) -> list[int]:
    """The columns' widths, in the unit of `width`."""
    shares = block.widths or (1,) * (len(block.columns) or len(block.rows[0]))
    return [width * share // sum(shares) for share in shares]
