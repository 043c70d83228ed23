"""A table on a page of a PDF: its head again on every page, a row never torn, pictures in its cells."""

from .docx import said, shared
from .paper import Cell, Table
from .pdf_ink import Ink

CELL, CELL_SMALL = (12, 5.6), (10.5, 4.9)  # points, millimetres of a line
PAD, CELL_PHOTO, TALL = 1, 28, 13.5


def _measures(ink: Ink, block: Table) -> tuple[list[float], float, float]:
    """Its columns in millimetres, its letters in points, their line in millimetres."""
    widths = [share / 1000 for share in shared(block, round(ink.page.epw * 1000))]
    return widths, *(CELL_SMALL if len(widths) > 8 else CELL)


def beginning(ink: Ink, block: Table) -> float:
    """The height of its head and its first row: no head stands alone."""
    rows = (*_head(block), *block.rows[:1])
    return sum(_height(ink, row, *_measures(ink, block), block) for row in rows)


def draw(ink: Ink, block: Table, below: float) -> None:
    """below: millimetres of what takes the last row along to a new page."""
    widths, size, line = _measures(ink, block)
    head = _head(block)
    ink.room(beginning(ink, block))
    for row in head:
        _row(ink, row, widths, "sans", size, line, block, True)
    for number, row in enumerate(block.rows, 1):
        height = _height(ink, row, widths, size, line, block)
        if number == len(block.rows):
            height += below
        if ink.page.get_y() + height > ink.page.page_break_trigger:
            ink.page.add_page()
            for again in head:
                _row(ink, again, widths, "sans", size, line, block, True)
        _row(ink, row, widths, "serif", size, line, block)
    ink.page.ln(2)


def _row(ink: Ink, row: tuple, widths: list[float], face: str, size: float, line: float, block: Table, head=False):
    height, top, x = _height(ink, row, widths, size, line, block), ink.page.get_y(), ink.page.l_margin
    for n, (value, width) in enumerate(zip(row, widths, strict=True)):
        ink.page.rect(x, top, width, height)
        if isinstance(value, tuple) and value:
            for k, shown in enumerate(value):
                ink.photo(shown, x, top + 1 + k * (CELL_PHOTO + 8), width, CELL_PHOTO)
        else:
            lines = _lines(ink, said(value), width, face, size)
            align = "L" if n in block.left and not head else "C"
            y = top + (height - line * len(lines)) / 2
            for number, text in enumerate(lines):
                ink.page.set_xy(x + PAD, y + number * line)
                ink.page.cell(width - 2 * PAD, line, text, align=align)
        x += width
    ink.page.set_xy(ink.page.l_margin, top + height)


def _height(ink: Ink, row: tuple[Cell, ...], widths: list[float], size: float, line: float, block: Table) -> float:
    def needs(value: Cell, width: float) -> float:
        if isinstance(value, tuple) and value:
            return len(value) * (CELL_PHOTO + 8) + 2
        return len(_lines(ink, said(value), width, "serif", size)) * line + 2 * PAD

    tallest = max(needs(value, width) for value, width in zip(row, widths, strict=True))
    return min(max(tallest, TALL if block.tall else 0), ink.page.eph - 20)


def _lines(ink: Ink, text: str, width: float, face: str, size: float) -> list[str]:
    ink.page.set_font(face, size=size)
    return [line for part in ink.printable(text).split("\n") for line in ink.broken(part, width - 2 * PAD - 0.1)]


def _head(block: Table) -> list[tuple[Cell, ...]]:
    return [block.columns] if any(block.columns) else []
