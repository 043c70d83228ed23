"""Posters and labels: a large QR, the name, the typed code, one line for residents. PDF by packages alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import qrcode
from qrcode.image.svg import SvgPathImage

from .faces import face_file

QR_MM = 110  # contract asks for at least 40; at 110 an old phone reads it from two metres
LABEL_QR_MM = 42
GROUPS = 4  # the code is printed 4 + 4, as people read it out
LABEL_COLUMNS, LABEL_ROWS = 3, 4  # of an A4 sheet: labels of 70 × 74.25 mm, as they are sold
LABELS = LABEL_COLUMNS * LABEL_ROWS


@dataclass(frozen=True)
class Poster:
    station: str
    venue: str
    area: str
    code: str
    address: str
    phone: str = ""  # of the station

    @property
    def contact(self) -> str:
        return f"有事找{self.station}：{self.phone}" if self.phone else ""

    @property
    def spaced_code(self) -> str:
        return f"{self.code[:GROUPS]} {self.code[GROUPS:]}"


RESIDENTS = "居民朋友：扫一扫，看本季消防提醒。发现火情请先拨打 119。"
VOLUNTEERS = "走访人员：扫码开始；扫不出时输入下面八位编号。"


def address(public_url: str, code: str) -> str:
    """Upper case keeps the whole path in one readable form; the shorter the address, the larger the squares."""
    return f"{public_url}/v/{code}"


def matrix(text: str) -> list[list[bool]]:
    """QR modules with a quiet zone of four, error correction Q: a quarter may be torn off."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=4)
    code.add_data(text)
    code.make(fit=True)
    return code.get_matrix()


def qr_svg(text: str) -> str:
    """Inline SVG without size; the style sheet gives it its millimetres."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=4, image_factory=SvgPathImage)
    code.add_data(text)
    image = code.make_image()
    return image.to_string(encoding="unicode")


def write_pdf(poster: Poster) -> bytes:
    """One A4 page. Raises nothing for long names: they shrink to fit."""
    return write_posters([poster], f"{poster.venue} {poster.code}")


def write_posters(
    posters: list[Poster], title: str, tell: Callable[[int, int], None] = lambda done, total: None
) -> bytes:
    """A page each. tell(done, total) after every few pages."""
    paper = _paper(title)
    for number, poster in enumerate(posters, 1):
        paper.add_page()
        _poster(paper, poster)
        if number % 10 == 0 or number == len(posters):
            tell(number, len(posters))
    return bytes(paper.output())


def write_labels(
    posters: list[Poster], title: str, tell: Callable[[int, int], None] = lambda done, total: None
) -> bytes:
    """Twelve to a sheet, with hairlines to cut along."""
    paper = _paper(title)
    for number, poster in enumerate(posters):
        if number % LABELS == 0:
            paper.add_page()
            _hairlines(paper)
            tell(number, len(posters))
        place = number % LABELS
        _label(paper, poster, place % LABEL_COLUMNS * 70, place // LABEL_COLUMNS * 74.25)
    return bytes(paper.output())


def _paper(title: str) -> Any:
    """The Chinese face is embedded as a subset, once for the whole document."""
    from fpdf import FPDF  # its font tools cost 15 MB of memory, which only a printing server should pay

    paper = FPDF(format="A4")
    paper.set_auto_page_break(False)
    paper.add_font("sc", fname=face_file("sans"))
    paper.set_title(title)
    return paper


def _poster(page: Any, poster: Poster) -> None:
    _line(page, 26, 20, poster.station)
    _line(page, 40, 34, poster.venue)
    _squares(page, matrix(poster.address), (210 - QR_MM) / 2, 62, QR_MM)
    _line(page, 186, 16, VOLUNTEERS)
    _line(page, 200, 44, poster.spaced_code)
    _line(page, 222, 13, poster.address)
    page.set_draw_color(179, 38, 30)
    page.set_line_width(0.8)
    page.line(25, 240, 185, 240)
    _line(page, 250, 17, RESIDENTS)
    _line(page, 264, 14, poster.contact)


def _label(page: Any, poster: Poster, left: float, top: float) -> None:
    _line(page, top + 5, 11, poster.venue, left + 4, 62)
    _squares(page, matrix(poster.address), left + (70 - LABEL_QR_MM) / 2, top + 11, LABEL_QR_MM)
    _line(page, top + 54.5, 16, poster.spaced_code, left + 4, 62)
    _line(page, top + 64, 8, poster.station, left + 4, 62)


def _hairlines(page: Any) -> None:
    page.set_draw_color(200, 200, 200)
    page.set_line_width(0.1)
    for column in range(1, LABEL_COLUMNS):
        page.line(column * 70, 0, column * 70, 297)
    for row in range(1, LABEL_ROWS):
        page.line(0, row * 74.25, 210, row * 74.25)


def _line(page: Any, top_mm: float, size_pt: float, text: str, left_mm: float = 15, width_mm: float = 180) -> None:
    """Centred; a long name shrinks, and what would be too small to read is cut short."""
    page.set_font("sc", size=size_pt)
    wide = page.get_string_width(text)
    if wide > width_mm - 2:
        size_pt = max(8 if width_mm > 100 else 6, size_pt * (width_mm - 2) / wide)
        page.set_font("sc", size=size_pt)
        while len(text) > 1 and page.get_string_width(text) > width_mm - 2:
            text = f"{text.rstrip('…')[:-1]}…"
    page.set_xy(left_mm, top_mm)
    page.cell(width_mm, size_pt * 0.45, text, align="C")


def _squares(page: Any, modules: list[list[bool]], left_mm: float, top_mm: float, side_mm: float) -> None:
    """Dark runs as one rectangle each: three times fewer than squares, and no hairlines between them."""
    side = side_mm / len(modules)
    page.set_fill_color(0, 0, 0)
    for row, line in enumerate(modules):
        for first, length in _runs(line):
            page.rect(left_mm + first * side, top_mm + row * side, length * side, side, style="F")


def _runs(line: list[bool]) -> list[tuple[int, int]]:
    runs, start = [], None
    for place, dark in enumerate([*line, False]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            runs.append((start, place - start))
            start = None
    return runs
