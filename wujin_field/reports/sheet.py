"""A .xlsx written row after row straight into its zip: a hundred thousand rows need no more memory than ten.

openpyxl's write-only mode took ten times as long (tests/bench/papers.py). Texts are stored as texts, never as formulas.
"""

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

from .ooxml import plain
from .wordfile import XML, zip_stamp

PARTS = Path(__file__).parent / "excel"
FIXED = {
    "[Content_Types].xml": "content_types.xml",
    "_rels/.rels": "package.rels",
    "xl/_rels/workbook.xml.rels": "workbook.rels",
    "xl/styles.xml": "styles.xml",
}
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
# the cell formats of styles.xml
BODY, TITLE, HEAD, CENTRED, NOTE, LINED = 0, 1, 2, 3, 4, 5
ROWS_MAX = 1_048_576
LINE_PT = 15
TEXT_MAX = 32_767  # characters in one cell


class Sheet:
    """First `SheetFile(...)`, then rows, then `close`. `widths`: characters per column; `repeat`: rows of the head."""

    def __init__(self, out: BinaryIO, title: str, dated: str, widths: Iterable[float] = (), across: bool = True):
        self._zip, self._stamp, self._across = zipfile.ZipFile(out, "w"), zip_stamp(dated), across
        self._merged: list[str] = []
        self._rows, self._repeat = 0, 0
        for name, part in FIXED.items():
            self._zip.writestr(self._info(name), (PARTS / part).read_bytes())
        self._title = title
        self._sheet = self._zip.open(self._info("xl/worksheets/sheet1.xml"), "w")
        self._sheet.write(_opening(list(widths)).encode())

    def add(self, cells: Iterable, style: int = BODY, repeat: bool = False, across: int = 0, lines: int = 1) -> None:
        """One row of str, int, float, bool or None. across: how many columns its first cell reaches over; lines: its height."""
        self._rows += 1
        if self._rows > ROWS_MAX:
            raise ValueError(f"a sheet ends at row {ROWS_MAX}")
        self._sheet.write(_row(self._rows, cells, style, lines).encode())
        if repeat:
            self._repeat = self._rows
        if across > 1:
            self._merged.append(f"A{self._rows}:{column_name(across - 1)}{self._rows}")

    def close(self) -> None:
        self._sheet.write(_closing(self._merged, self._across).encode())
        self._sheet.close()
        self._zip.writestr(self._info("xl/workbook.xml"), _workbook(self._title, self._repeat))
        self._zip.close()

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._stamp)
        info.create_system, info.external_attr, info.compress_type = 0, 0, zipfile.ZIP_DEFLATED
        info._compresslevel = 1  # type: ignore[attr-defined]  # a third of the time for a tenth more bytes
        return info


def column_name(number: int) -> str:
    """0 is A, 26 is AA."""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def _row(number: int, cells: Iterable, style: int, lines: int = 1) -> str:
    high = f' ht="{LINE_PT * lines + 3}" customHeight="1"' if lines > 1 else ""
    return f'<row r="{number}"{high}>{"".join([_cell(value, style) for value in cells])}</row>'


def _cell(value: object, style: int) -> str:
    if value is None or value == "":
        return f'<c s="{style}"/>' if style else "<c/>"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f'<c s="{style}"><v>{value!r}</v></c>'
    text = plain(str(value))[:TEXT_MAX]
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _opening(widths: list[float]) -> str:
    each = "".join(f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(widths, 1))
    columns = f"<cols>{each}</cols>" if each else ""
    fit = '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
    return f'{XML}<worksheet {MAIN}>{fit}<sheetFormatPr defaultRowHeight="18"/>{columns}<sheetData>'


def _closing(merged: list[str], across: bool) -> str:
    cells = "".join(f'<mergeCell ref="{ref}"/>' for ref in merged)
    merges = f'<mergeCells count="{len(merged)}">{cells}</mergeCells>' if merged else ""
    turn = "landscape" if across else "portrait"
    return (
        f'</sheetData>{merges}<pageMargins left="0.6" right="0.6" top="0.8" bottom="0.8" header="0.3" footer="0.4"/>'
        f'<pageSetup paperSize="9" orientation="{turn}" fitToHeight="0"/>'
        "<headerFooter><oddFooter>&amp;C— &amp;P —</oddFooter></headerFooter></worksheet>"
    )


def _workbook(title: str, repeat: int) -> str:
    name = "".join("　" if letter in "[]:*?/\\'" else letter for letter in plain(title))[:31] or "表"
    titles = (
        f'<definedNames><definedName name="_xlnm.Print_Titles" localSheetId="0">{escape(repr(name))}!${repeat}:${repeat}'
        "</definedName></definedNames>"
    )
    return (
        f'{XML}<workbook {MAIN} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
        f'<sheet name={quoteattr(name)} sheetId="1" r:id="rId1"/></sheets>{titles if repeat else ""}</workbook>'
    )
