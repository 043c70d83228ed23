"""Enrolment slips: eight to an A4 page, to be cut and handed out. Each bears a link that works once."""

from dataclasses import dataclass
from datetime import date

from .faces import face_file
from .poster import matrix

COLUMNS, ROWS = 2, 4
WIDE_MM, HIGH_MM, MARGIN_MM, QR_MM = 105, 74.25, 7, 42
STEPS = ("1 用走访的手机扫一扫", "2 点“开通这部手机”", "3 以后打开就能用")


@dataclass(frozen=True)
class Slip:
    """address: the link. until: the last day on which it works."""

    name: str
    unit: str
    until: date
    address: str


def write_sheet(slips: list[Slip], station: str) -> bytes:
    """A4 pages with cutting lines, the Chinese face embedded as a subset."""
    from fpdf import FPDF  # its font tools cost 15 MB of memory, which only a printing server should pay

    sheet = FPDF(format="A4")
    sheet.set_auto_page_break(False)
    sheet.add_font("sc", fname=face_file("sans"))
    for number, slip in enumerate(slips):
        row, column = divmod(number % (COLUMNS * ROWS), COLUMNS)
        if not (row or column):
            sheet.add_page()
        _draw(sheet, slip, station, column * WIDE_MM, row * HIGH_MM)
    sheet.set_title("开通单")
    return bytes(sheet.output())


def _draw(sheet, slip: Slip, station: str, left: float, top: float) -> None:
    sheet.set_draw_color(170, 170, 170)
    sheet.set_dash_pattern(dash=1.5, gap=1.5)
    sheet.rect(left, top, WIDE_MM, HIGH_MM)
    sheet.set_dash_pattern()
    words = left + MARGIN_MM + QR_MM + 4
    _squares(sheet, matrix(slip.address), left + MARGIN_MM, top + 20)
    _line(sheet, left + MARGIN_MM, top + 7, WIDE_MM - 2 * MARGIN_MM, 16, slip.name)
    _line(sheet, left + MARGIN_MM, top + 14, WIDE_MM - 2 * MARGIN_MM, 9, slip.unit)
    for number, step in enumerate(STEPS):
        _line(sheet, words, top + 26 + 8 * number, left + WIDE_MM - words - 4, 10, step)
    _line(
        sheet,
        words,
        top + 52,
        left + WIDE_MM - words - 4,
        8,
        f"{slip.until.month}月{slip.until.day}日前有效，只能用一次",
    )
    _line(sheet, words, top + 57, left + WIDE_MM - words - 4, 8, "是本人的凭据，请不要转发")
    _line(sheet, left + MARGIN_MM, top + 65, WIDE_MM - 2 * MARGIN_MM, 8, f"{station} · 五进现场")


def _line(sheet, left: float, top: float, width: float, size_pt: float, text: str) -> None:
    sheet.set_font("sc", size=size_pt)
    while sheet.get_string_width(text) > width and size_pt > 5:
        size_pt -= 0.5
        sheet.set_font("sc", size=size_pt)
    sheet.set_xy(left, top)
    sheet.cell(width, size_pt * 0.45, text)


def _squares(sheet, modules: list[list[bool]], left: float, top: float) -> None:
    side = QR_MM / len(modules)
    sheet.set_fill_color(0, 0, 0)
    for row, line in enumerate(modules):
        for column, dark in enumerate(line):
            if dark:
                sheet.rect(left + column * side, top + row * side, side, side, style="F")
