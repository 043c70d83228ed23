"""A paper as Excel: its tables with typed numbers, its sentences as lines. A picture is named, and shown in Word and PDF."""

from collections.abc import Iterable
from math import ceil
from typing import BinaryIO

from .docx import Bytes
from .paper import Cell, Heading, Paper, Photos, Table, Text
from .sheet import HEAD, LINED, NOTE, TITLE, Sheet

LINE_CHARACTERS, ACROSS_CHARACTERS = 90, 130


def write(paper: Paper, picture: Bytes, out: BinaryIO) -> None:
    tables = [block for block in paper.blocks if isinstance(block, Table)]
    wide = max((len(table.rows[0]) if table.rows else len(table.columns) for table in tables), default=6)
    widths = _widths(tables, wide, ACROSS_CHARACTERS if paper.across else LINE_CHARACTERS)
    alone = len(tables) == 1 and not any(isinstance(block, Heading) for block in paper.blocks)
    sheet = Sheet(out, paper.title, paper.dated, widths, paper.across)
    for line in (paper.mark, *paper.title_lines):
        if line:
            sheet.add([line], NOTE if line == paper.mark else TITLE, across=wide, lines=1 if line == paper.mark else 2)
    for line in paper.head:
        sheet.add([line], NOTE, across=wide, lines=_lines([line], [sum(widths)]))
    for block in paper.blocks:
        _block(sheet, block, widths, alone, picture)
    seal = (*paper.seal.lines, paper.seal.address) if paper.seal else ()
    for line in (*paper.foot, paper.closing, *seal):
        if line:
            sheet.add([line], NOTE, across=wide)
    sheet.close()


def _block(
    sheet: Sheet, block: Heading | Text | Photos | Table, widths: list[float], alone: bool, picture: Bytes
) -> None:
    if isinstance(block, Table):
        if any(block.columns):
            sheet.add(block.columns, HEAD, repeat=alone, lines=_lines(block.columns, widths))
        for row in block.rows:
            cells = [_typed(cell, picture) for cell in row]
            sheet.add(cells, LINED, lines=_lines(cells, widths))
    else:
        said = _typed(block.pictures, picture) if isinstance(block, Photos) else block.text
        sheet.add([said], NOTE, across=len(widths), lines=_lines([said], [sum(widths)]))


def _lines(cells: Iterable, widths: list[float]) -> int:
    """How many lines the fullest cell needs: a Chinese character is as wide as two others."""
    return max(
        (_needed(str(cell), width) for cell, width in zip(cells, widths, strict=False) if cell is not None), default=1
    )


def _needed(text: str, width: float) -> int:
    wide = (sum(2 if ord(letter) > 0x2E7F else 1 for letter in part) for part in text.split("\n"))
    return sum(max(1, ceil(one / max(width - 1, 1))) for one in wide)


def _typed(cell: Cell, picture: Bytes) -> str | int | float | None:
    """Pictures by their names; of one that cannot be had, that it is missing, as Word and PDF say it."""
    if not isinstance(cell, tuple):
        return cell
    return "、".join(one.label if picture(one) else one.missing for one in cell)


def _widths(tables: list[Table], wide: int, line: int) -> list[float]:
    """Characters, `line` in all; the first table decides, for a sheet has its columns once."""
    if not tables or not tables[0].widths:
        return [line / wide] * wide
    shares = tables[0].widths
    return [max(6, round(line * share / sum(shares), 1)) for share in shares]
