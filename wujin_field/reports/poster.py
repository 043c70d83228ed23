"""The A4 poster of one venue: a large QR, the name, the typed code, one line for residents."""

from dataclasses import dataclass
from importlib.resources import files

import qrcode
from qrcode.image.svg import SvgPathImage

QR_MM = 110  # contract asks for at least 40; at 110 an old phone reads it from two metres
GROUPS = 4  # the code is printed 4 + 4, as people read it out


@dataclass(frozen=True)
class Poster:
    station: str
    venue: str
    area: str
    code: str
    address: str

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
    """One A4 page, the Chinese face embedded as a subset. Raises nothing for long names: they shrink to fit."""
    from fpdf import FPDF  # its font tools cost 15 MB of memory, which only a printing server should pay

    page = FPDF(format="A4")
    page.set_auto_page_break(False)
    page.add_font("sc", fname=str(files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf"))
    page.add_page()
    _line(page, 26, 20, poster.station)
    _line(page, 40, 34, poster.venue)
    _squares(page, matrix(poster.address), 62)
    _line(page, 186, 16, VOLUNTEERS)
    _line(page, 200, 44, poster.spaced_code)
    _line(page, 222, 13, poster.address)
    page.set_draw_color(179, 38, 30)
    page.set_line_width(0.8)
    page.line(25, 240, 185, 240)
    _line(page, 250, 17, RESIDENTS)
    page.set_title(f"{poster.venue} {poster.code}")
    return bytes(page.output())


def _line(page, top_mm: float, size_pt: float, text: str) -> None:
    page.set_font("sc", size=size_pt)
    while page.get_string_width(text) > 180 and size_pt > 8:
        size_pt -= 1
        page.set_font("sc", size=size_pt)
    page.set_xy(15, top_mm)
    page.cell(180, size_pt * 0.45, text, align="C")


def _squares(page, modules: list[list[bool]], top_mm: float) -> None:
    side = QR_MM / len(modules)
    left = (210 - QR_MM) / 2
    page.set_fill_color(0, 0, 0)
    for row, line in enumerate(modules):
        for column, dark in enumerate(line):
            if dark:
                page.rect(left + column * side, top_mm + row * side, side, side, style="F")
