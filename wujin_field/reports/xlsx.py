"""A paper as Excel: its tables with typed numbers, its sentences as lines, its pictures over the cells they belong to."""

from collections.abc import Iterable
from itertools import pairwise
from math import ceil
from typing import BinaryIO

from .docx import PHOTOS_ABREAST
from .drawings import width_mm
from .media import Bytes
from .ooxml import Image
from .paper import Block, Cell, Heading, Paper, Photos, Picture, Seal, Table
from .seal import qr_png
from .sheet import HEAD, LABEL, LINE_PT, LINED, NOTE, PICTURED, TITLE, Sheet

LINE_CHARACTERS, ACROSS_CHARACTERS = 90, 130
PHOTO_MM, CELL_PHOTO_MM, SEAL_MM, LINE_MM, ROOM_MM = 50, 28, 24, LINE_PT * 25.4 / 72, 140
Images = dict[Picture, Image | None]


def write(paper: Paper, picture: Bytes, out: BinaryIO) -> None:
    tables = [block for block in paper.blocks if isinstance(block, Table)]
    wide = max((len(table.rows[0]) if table.rows else len(table.columns) for table in tables), default=6)
    widths = _widths(tables, wide, ACROSS_CHARACTERS if paper.across else LINE_CHARACTERS)
    alone = len(tables) == 1 and not any(isinstance(block, Heading) for block in paper.blocks)
    pictured = paper.seal is not None or any(True for _ in paper.pictures)
    sheet = Sheet(out, paper.title, paper.dated, widths, paper.across, pictured)
    images = sheet.media.of(paper, picture)
    code = sheet.media.add(qr_png(paper.seal.address)) if paper.seal else None
    for line in (paper.mark, *paper.title_lines):
        if line:
            sheet.add([line], NOTE if line == paper.mark else TITLE, across=wide, lines=1 if line == paper.mark else 2)
    for line in paper.head:
        sheet.add([line], NOTE, across=wide, lines=_lines([line], [sum(widths)]))
    for block in paper.blocks:
        _block(sheet, block, widths, alone, images)
    for line in (*paper.foot, paper.closing):
        if line:
            sheet.add([line], NOTE, across=wide)
    if paper.seal:
        _seal(sheet, paper.seal, code, wide)
    sheet.close()


def _block(sheet: Sheet, block: Block, widths: list[float], alone: bool, images: Images) -> None:
    if isinstance(block, Table):
        if any(block.columns):
            sheet.add(block.columns, HEAD, repeat=alone, lines=_lines(block.columns, widths))
        for row in block.rows:
            _row(sheet, row, widths, images)
    elif isinstance(block, Photos):
        _photos(sheet, block.pictures, widths, images)
    else:
        sheet.add([block.text], NOTE, across=len(widths), lines=_lines([block.text], [sum(widths)]))


def _photos(sheet: Sheet, pictures: tuple[Picture, ...], widths: list[float], images: Images) -> None:
    """Side by side, each over its label, as on paper."""
    abreast = min(PHOTOS_ABREAST, len(pictures), len(widths))
    ends = [len(widths) * n // abreast for n in range(abreast + 1)] if abreast else []
    for start in range(0, len(pictures), max(abreast, 1)):
        line = pictures[start : start + abreast]
        shown = list(zip(pairwise(ends), line, strict=False))
        for (first, after), one in shown:
            if image := images[one]:
                room = sum(width_mm(width) for width in widths[first:after]) - 2
                sheet.show(image, one.caption or one.label, first, (room, PHOTO_MM))
        labels = {first: _label(one, images) for (first, _), one in shown}
        high = PHOTO_MM + LINE_MM + 3 if any(images[one] for one in line) else 0
        sheet.add([labels.get(n) for n in range(len(widths))], LABEL, high_mm=high)
        for (first, after), _one in shown:
            sheet.join(first, after)


def _row(sheet: Sheet, row: tuple[Cell, ...], widths: list[float], images: Images) -> None:
    cells = [_typed(cell, images) for cell in row]
    lines, most = _lines(cells, widths), max((len(cell) for cell in row if isinstance(cell, tuple)), default=0)
    if not most:
        sheet.add(cells, LINED, lines=lines)
        return
    side = min(CELL_PHOTO_MM, ROOM_MM / most - LINE_MM)
    for column, cell in enumerate(row):
        for number, one in enumerate(cell if isinstance(cell, tuple) else ()):
            if image := images[one]:
                box = min(width_mm(widths[column]) - 2, side), side
                sheet.show(image, one.caption or one.label, column, box, 1 + number * (side + 1))
    styles = [PICTURED if isinstance(cell, tuple) and cell else LINED for cell in row]
    sheet.add(cells, styles, high_mm=max(lines * LINE_MM, most * (side + 1 + LINE_MM) + 2))


def _seal(sheet: Sheet, seal: Seal, code: Image | None, wide: int) -> None:
    if code:
        sheet.show(code, seal.address, 0, (SEAL_MM, SEAL_MM))
        sheet.add([""], NOTE, high_mm=SEAL_MM + 2)
    for line in (*seal.lines, seal.address):
        sheet.add([line], NOTE, across=wide)


def _lines(cells: Iterable, widths: list[float]) -> int:
    """How many lines the fullest cell needs: a Chinese character is as wide as two others."""
    return max(
        (_needed(str(cell), width) for cell, width in zip(cells, widths, strict=False) if cell is not None), default=1
    )


def _needed(text: str, width: float) -> int:
    wide = (sum(2 if ord(letter) > 0x2E7F else 1 for letter in part) for part in text.split("\n"))
    return sum(max(1, ceil(one / max(width - 1, 1))) for one in wide)


def _typed(cell: Cell, images: Images) -> str | int | float | None:
    return "\n".join(_label(one, images) for one in cell) if isinstance(cell, tuple) else cell


def _label(one: Picture, images: Images) -> str:
    """Of one that cannot be had, that it is missing, as Word and PDF say it."""
    return one.label if images[one] else one.missing


def _widths(tables: list[Table], wide: int, line: int) -> list[float]:
    """Characters, `line` in all; the first table decides, for a sheet has its columns once."""
    if not tables or not tables[0].widths:
        return [line / wide] * wide
    shares = tables[0].widths
    return [max(6, round(line * share / sum(shares), 1)) for share in shares]
