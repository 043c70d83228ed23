"""A .xlsx written row after row straight into its zip: a hundred thousand rows need no more memory than ten.

openpyxl's write-only mode took ten times as long (tests/bench/papers.py). Texts are stored as texts, never as formulas.
"""

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO
from xml.sax.saxutils import escape, quoteattr

from .drawings import CLOSING, OPENING, TYPES, anchor, links
from .media import Media
from .ooxml import Image, plain
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
BODY, TITLE, HEAD, CENTRED, NOTE, LINED, LABEL, PICTURED = range(8)
ROWS_MAX = 1_048_576
LINE_PT, HIGH_MAX_PT = 15, 409
SPOOL = 1 << 20  # bytes of anchors in memory, 1,500 pictures; more lie on the disk
DRAWN = '<drawing xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1"/>'
TEXT_MAX = 32_767  # characters in one cell


class Sheet:
    """First the pictures (`media`, where `pictured`), then rows, then `close`. `widths`: characters per column."""

    def __init__(
        self,
        out: BinaryIO,
        title: str,
        dated: str,
        widths: Iterable[float] = (),
        across: bool = True,
        pictured: bool = False,
    ):
        self._zip, self._stamp, self._across = zipfile.ZipFile(out, "w"), zip_stamp(dated), across
        self._merged: list[str] = []
        self._anchors, self._shown = SpooledTemporaryFile(SPOOL), 0  # noqa: SIM115
        self.rows, self._repeat = 0, 0
        for name, part in FIXED.items():
            body = (PARTS / part).read_bytes()
            types = pictured and name == "[Content_Types].xml"
            self._add(name, body.replace(b"</Types>", TYPES + b"</Types>") if types else body)
        self.media, self._pictured = Media(self._add, "xl"), pictured
        self._title, self._widths = title, list(widths)
        self._opened: IO[bytes] | None = None

    def add(self, cells: Iterable, style: int | Sequence[int] = BODY, repeat: bool = False, across: int = 0,
            lines: int = 1, high_mm: float = 0) -> None:  # fmt: skip
        """One row of str, int, float, bool or None. style: of all its cells, or one of each; across: how many columns its first
        cell reaches over; lines: its height, or high_mm; repeat: it stands again on every page."""
        self.rows += 1
        if self.rows > ROWS_MAX:
            raise ValueError(f"a sheet ends at row {ROWS_MAX}")
        high = min(high_mm * 72 / 25.4, HIGH_MAX_PT) if high_mm else LINE_PT * lines + 3 if lines > 1 else 0
        self._sheet.write(_row(self.rows, cells, style, high).encode())
        if repeat:
            self._repeat = self.rows
        self.join(0, across)

    def join(self, first: int, after: int) -> None:
        """The cells of the last row from the column `first` to the one before `after` are one."""
        if after - first > 1:
            self._merged.append(f"{column_name(first)}{self.rows}:{column_name(after - 1)}{self.rows}")

    def show(self, image: Image, alt: str, column: int, box_mm: tuple[float, float], down_mm: float = 1) -> None:
        """A picture over the row that is added next."""
        self._shown += 1
        self._anchors.write(anchor(image, self._shown, alt, (column, self.rows), box_mm, down_mm).encode())

    def close(self) -> None:
        self._sheet.write(_closing(self._merged, self._across, self._pictured).encode())
        self._sheet.close()
        if self._pictured:
            self._draw()
        self._add("xl/workbook.xml", _workbook(self._title, self._repeat).encode())
        self._zip.close()

    def _draw(self) -> None:
        with self._zip.open(self._info("xl/drawings/drawing1.xml"), "w") as part, self._anchors:
            part.write(OPENING.encode())
            self._anchors.seek(0)
            copyfileobj(self._anchors, part)
            part.write(CLOSING.encode())
        for name, body in links(self.media.names).items():
            self._add(name, body.encode())

    @property
    def _sheet(self) -> IO[bytes]:
        """A zip writes one part after the other: this one begins when the pictures are in."""
        if self._opened is None:
            self._opened = self._zip.open(self._info("xl/worksheets/sheet1.xml"), "w")
            self._opened.write(_opening(self._widths).encode())
        return self._opened

    def _add(self, name: str, data: bytes, compression: int = zipfile.ZIP_DEFLATED) -> None:
        info = self._info(name)
        info.compress_type = compression
        self._zip.writestr(info, data)

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


def _row(number: int, cells: Iterable, style: int | Sequence[int], high: float) -> str:
    """high: in points, 0 as the program likes."""
    tall = f' ht="{high:g}" customHeight="1"' if high else ""
    if isinstance(style, int):
        return f'<row r="{number}"{tall}>{"".join([_cell(value, style) for value in cells])}</row>'
    return f'<row r="{number}"{tall}>{"".join(map(_cell, cells, style))}</row>'


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


def _closing(merged: list[str], across: bool, pictured: bool) -> str:
    cells = "".join(f'<mergeCell ref="{ref}"/>' for ref in merged)
    merges = f'<mergeCells count="{len(merged)}">{cells}</mergeCells>' if merged else ""
    turn = "landscape" if across else "portrait"
    return (
        f'</sheetData>{merges}<pageMargins left="0.6" right="0.6" top="0.8" bottom="0.8" header="0.3" footer="0.4"/>'
        f'<pageSetup paperSize="9" orientation="{turn}" fitToHeight="0"/>'
        "<headerFooter><oddFooter>&amp;C— &amp;P —</oddFooter></headerFooter>"
        f"{DRAWN if pictured else ''}</worksheet>"
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
