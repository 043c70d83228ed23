"""An .xlsx as lines of text. A file is looked at before it is opened, and a formula is a fault, never a value."""

import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO

from .write import LIVE

HEADER_ROWS = 10
MERGED_TOLD = 20
PROBLEMS_MAX = 500  # told at once, the first ones; a sheet of which every row is wrong must not fill the memory
CELL_MAX = 2000
# What cannot be seen and changes how a name reads: control characters, zero-width, marks of writing direction.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


@dataclass(frozen=True)
class Problem:
    """row: as Excel counts, 0 for the whole file; column: its heading, or nothing; code: of sentences.py."""

    row: int
    column: str
    code: str
    values: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One row: the cells' text by column key; an empty cell is an empty text."""

    row: int
    cells: dict[str, str]


@dataclass
class Sheet:
    """ignored: headings that we have no column for; cleaned: cells from which unseen characters were taken out."""

    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    cleaned: int = 0


class Unusable(Exception):
    """The file as a whole cannot be read; carries the problem."""

    def __init__(self, code: str, **values: object):
        super().__init__(code)
        self.problem = Problem(0, "", code, values)


def read(
    file: BinaryIO, columns: list[dict], limits: dict, tell: Callable[[int, int], None] = lambda done, total: None
) -> Sheet:
    """columns: of sheets.toml; limits: that file's numbers; tell(rows so far, 0). Raises Unusable."""
    from openpyxl import load_workbook  # half a second and 20 MB that only an importing server should pay

    look(file, limits)
    try:
        book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        page = next(page for page in book.worksheets if page.sheet_state == "visible")
        page.reset_dimensions()  # what the file says of its own size may be a million empty rows
        return _Reader(columns, limits).read(page.iter_rows(), _merged(file, page), tell)
    except Unusable:
        raise
    except Exception as error:  # a damaged file fails in a hundred places of zip, XML and openpyxl
        raise Unusable("broken") from error


def look(file: BinaryIO, limits: dict) -> None:
    """From the outside: size, kind, and what it would unpack to. Raises Unusable."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(8)
    if size > limits["file_bytes_max"]:
        raise Unusable("too_large", mb=limits["file_bytes_max"] // 2**20)
    if not head:
        raise Unusable("empty")
    if head.startswith(b"\xd0\xcf\x11\xe0"):  # OLE: an .xls, or a workbook under a password
        raise Unusable("old_xls")
    if not head.startswith(b"PK\x03\x04"):
        raise Unusable("not_xlsx")
    try:
        with zipfile.ZipFile(file) as archive:
            _judge(archive.infolist(), limits)
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise Unusable("broken") from error


def _judge(entries: list[zipfile.ZipInfo], limits: dict) -> None:
    names, unpacked = {entry.filename for entry in entries}, sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    overlapping = len({entry.header_offset for entry in entries}) < len(entries)
    if len(entries) > 2000 or overlapping or unpacked > limits["unpacked_bytes_max"]:
        raise Unusable("bomb")
    if unpacked > 2**24 and unpacked / packed > limits["ratio_max"]:
        raise Unusable("bomb")
    if "xl/workbook.xml" not in names:
        raise Unusable("not_xlsx")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unusable("macro")


def _merged(file: BinaryIO, page: Any) -> list[tuple[str, int, str, int]]:
    """Ranges of merged cells; openpyxl's read-only mode leaves them out, so we read them from the sheet's own part."""
    with zipfile.ZipFile(file) as archive, archive.open(page._worksheet_path.lstrip("/")) as part:
        tail = b""
        found: list[tuple[str, int, str, int]] = []
        while chunk := part.read(2**20):
            text = tail + chunk
            found += [(a.decode(), int(b), c.decode(), int(d)) for a, b, c, d in MERGE.findall(text)]
            tail = text[text.rfind(b"<") :] if b"<" in text[-200:] else b""
            if len(found) > 10_000:
                break
    return list(dict.fromkeys(found))


class _Reader:
    def __init__(self, columns: list[dict], limits: dict):
        self._columns, self._limits, self._sheet = columns, limits, Sheet()
        self._names = {_plain(name): column for column in columns
                       for name in (column["zh"], column["en"], *column.get("also", []))}  # fmt: skip

    def read(self, rows: Iterator[tuple], merged: list[tuple[str, int, str, int]], tell: Callable) -> Sheet:
        top, places = self._header(rows)
        last = top
        for number, cells in enumerate(rows, top + 1):
            if all(cell.value in (None, "") for cell in cells):
                continue
            if len(self._sheet.lines) >= self._limits["rows_max"]:
                raise Unusable("too_many", most=self._limits["rows_max"])
            self._sheet.lines.append(Line(number, self._line(number, cells, places)))
            last = number
            if len(self._sheet.lines) % 250 == 0:
                tell(len(self._sheet.lines), 0)
        self._note_merged(merged, top, last, places)
        if not self._sheet.lines:
            raise Unusable("nothing")
        return self._sheet

    def _header(self, rows: Iterator[tuple]) -> tuple[int, dict[int, dict]]:
        """The header's row number, and the column that stands at each place (from 0)."""
        wanted = [column for column in self._columns if column.get("required")]
        for number, cells in zip(range(1, HEADER_ROWS + 1), rows, strict=False):
            texts = [_plain(str(cell.value or "")) for cell in cells]
            places = {place: self._names[text] for place, text in enumerate(texts) if text in self._names}
            if len(places) >= min(2, len(wanted)) and any(column in places.values() for column in wanted):
                self._check_header(number, places)
                self._sheet.ignored = [
                    str(cell.value).strip()[:40]
                    for place, cell in enumerate(cells)
                    if cell.value and place not in places
                ]
                return number, places
        raise Unusable("no_header", wanted="、".join(column["zh"] for column in wanted))

    def _check_header(self, number: int, places: dict[int, dict]) -> None:
        there = [column["key"] for column in places.values()]
        for column in self._columns:
            if column.get("required") and column["key"] not in there:
                self._sheet.problems.append(Problem(number, column["zh"], "column_missing"))
            if there.count(column["key"]) > 1:
                self._sheet.problems.append(Problem(number, column["zh"], "column_twice"))

    def _line(self, number: int, cells: tuple, places: dict[int, dict]) -> dict[str, str]:
        texts = dict.fromkeys((column["key"] for column in self._columns), "")
        for place, cell in enumerate(cells):
            if place in places and cell.value is not None:
                texts[places[place]["key"]] = self._text(number, places[place], cell)
        return texts

    def _text(self, number: int, column: dict, cell: Any) -> str:
        if cell.data_type == "f":
            return self._bad(number, column, "formula")
        if cell.data_type == "e":
            return self._bad(number, column, "cell_error", typed=str(cell.value)[:20])
        text = text_of(cell.value)
        seen = UNSEEN.sub("", text).strip()
        self._sheet.cleaned += seen != text.strip()
        if len(seen) > CELL_MAX:
            return self._bad(number, column, "too_long", most=CELL_MAX)
        if not seen and column.get("required"):
            return ""
        return seen[1:] if seen[:1] == "'" and seen[1:2] in LIVE else seen  # as our own export wrote it

    def _bad(self, number: int, column: dict, code: str, **values: object) -> str:
        if len(self._sheet.problems) < PROBLEMS_MAX:
            self._sheet.problems.append(Problem(number, column["zh"], code, values))
        return ""

    def _note_merged(self, merged: list, top: int, last: int, places: dict[int, dict]) -> None:
        """A title over the header may be merged; below it a merged cell leaves rows without their value."""
        for left, first, right, end in merged:
            touched = [column for place, column in places.items() if _place(left) <= place <= _place(right)]
            if end > top and first <= last and touched:
                where = f"{left}{first}:{right}{end}"
                self._sheet.problems.append(Problem(max(first, top), touched[0]["zh"], "merged", {"where": where}))
            if len(self._sheet.problems) > MERGED_TOLD * 10:
                break


def text_of(value: Any) -> str:
    """A cell's value as a person would read it; whole numbers without a point, days as 2026-12-06."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(heading: str) -> str:
    """Without spaces, stars, brackets' notes and full-width letters: 名称＊（必填） is 名称."""
    text = unicodedata.normalize("NFKC", UNSEEN.sub("", heading)).casefold()
    return (
        re.sub(r"\((必填|选填|可空|required)\)|[\s*:：]", "", text).replace('"', "").replace("“", "").replace("”", "")
    )


def _place(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def half_width(text: str) -> str:
    """Full-width digits, signs and letters as they are typed on a keyboard."""
    return unicodedata.normalize("NFKC", text).strip()


def day_of(text: str) -> date | None:
    """2026-12-06, 2026/12/6, 2026年12月6日, 20261206, full-width too, or Excel's count of days; else None."""
    plain = half_width(text)
    if re.fullmatch(r"[3-6]\d{4}(\.0)?", plain):
        return date.fromordinal(date(1899, 12, 30).toordinal() + int(float(plain)))
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?|(\d{4})(\d\d)(\d\d)", plain)
    try:
        return date(*[int(part) for part in found.groups() if part]) if found else None
    except ValueError:
        return None
