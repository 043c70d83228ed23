"""A paper as Excel: its tables with typed numbers, its sentences as lines. A picture is named, and shown in Word and PDF."""

from typing import BinaryIO

from .docx import Bytes
from .paper import Cell, Heading, Paper, Photos, Table, Text
from .sheet import BODY, HEAD, NOTE, TITLE, Sheet

LINE_CHARACTERS = 90


def write(paper: Paper, picture: Bytes, out: BinaryIO) -> None:
    tables = [block for block in paper.blocks if isinstance(block, Table)]
    wide = max((len(table.rows[0]) if table.rows else len(table.columns) for table in tables), default=6)
    sheet = Sheet(out, paper.title, paper.dated, _widths(tables, wide), paper.across)
    for line in (paper.mark, *paper.title_lines):
        if line:
            sheet.add([line], NOTE if line == paper.mark else TITLE, across=wide)
    for line in paper.head:
        sheet.add([line], NOTE, across=wide)
    for block in paper.blocks:
        _block(sheet, block, wide, len(tables) == 1, picture)
    seal = (*paper.seal.lines, paper.seal.address) if paper.seal else ()
    for line in (*paper.foot, paper.closing, *seal):
        if line:
            sheet.add([line], NOTE, across=wide)
    sheet.close()


def _block(sheet: Sheet, block: Heading | Text | Photos | Table, wide: int, only: bool, picture: Bytes) -> None:
    if isinstance(block, Table):
        if any(block.columns):
            sheet.add(block.columns, HEAD, repeat=only)
        for row in block.rows:
            sheet.add([_typed(cell, picture) for cell in row], BODY)
    elif isinstance(block, Photos):
        sheet.add([_typed(block.pictures, picture)], NOTE, across=wide)
    else:
        sheet.add([block.text], NOTE, across=wide)


def _typed(cell: Cell, picture: Bytes) -> str | int | float | None:
    """Pictures by their names; of one that cannot be had, that it is missing, as Word and PDF say it."""
    if not isinstance(cell, tuple):
        return cell
    return "、".join((one.caption or one.label) if picture(one) else one.missing for one in cell)


def _widths(tables: list[Table], wide: int) -> list[float]:
    """Characters; the first table decides, for a sheet has its columns once."""
    if not tables or not tables[0].widths:
        return [LINE_CHARACTERS / wide] * wide
    shares = tables[0].widths
    return [max(6, round(LINE_CHARACTERS * share / sum(shares), 1)) for share in shares]
