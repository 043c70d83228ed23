"""The few words of WordprocessingML that our papers need, as strings: paragraph, picture, table.

Lengths: twips (1/1440 inch) for the page and its tables, EMU (1/36000 mm) for pictures.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
# XML 1.0 knows no escape for these; one of them and Word refuses the whole file.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

EMU_PER_MM = 36000
TEXT_WIDTH = 8845  # 156 mm: A4 less the margins of an official paper
TEXT_WIDTH_ACROSS = 14004  # 247 mm: a wide table turns the page
# GB/T 9704: text block 156 by 225 mm, 37 mm above and 28 mm to the left; the page number 7 mm below the block
UPRIGHT = (
    '<w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587" w:header="851" w:footer="1247" w:gutter="0"/>'
)
ACROSS = (
    '<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>'
    '<w:pgMar w:top="1587" w:right="1417" w:bottom="1474" w:left="1417" w:header="851" w:footer="851" w:gutter="0"/>'
)


def section(across: bool) -> str:
    """The page: upright as GB/T 9704 has it, or turned for a wide table; numbered in its footer."""
    page = ACROSS if across else UPRIGHT
    return f'<w:sectPr><w:footerReference w:type="default" r:id="rIdFooter"/>{page}</w:sectPr>'


def text_width(across: bool) -> int:
    """Twips."""
    return TEXT_WIDTH_ACROSS if across else TEXT_WIDTH


CELL_MARGINS = '<w:tblCellMar><w:left w:w="57" w:type="dxa"/><w:right w:w="57" w:type="dxa"/></w:tblCellMar>'  # 1 mm


@dataclass(frozen=True)
class Image:
    """A stored picture: its part's relationship id and its size in pixels."""

    rid: str
    width: int
    height: int

    def fitted(self, box_mm: tuple[float, float]) -> tuple[int, int]:
        """Width and height in EMU, as large as the box allows, never out of shape."""
        scale = min(box_mm[0] / self.width, box_mm[1] / self.height) * EMU_PER_MM
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))


def plain(text: str) -> str:
    """The text without what XML cannot hold."""
    return ILLEGAL.sub("", text)


def paragraph(style: str, content: str, keep_next: bool = False) -> str:
    keep = "<w:keepNext/>" if keep_next else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{keep}</w:pPr>{content}</w:p>'


def run(text: str) -> str:
    """The hint lets “ ” — … take the Chinese face; without it Word sets them half as wide, in the Latin one."""
    return (
        f'<w:r><w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr><w:t xml:space="preserve">{escape(plain(text))}</w:t></w:r>'
    )


def drawing(image: Image, number: int, alt: str, box_mm: tuple[int, int]) -> str:
    """A picture in the line of text; `number` is unique in the document, `alt` is read out to who cannot see it."""
    width, height = image.fitted(box_mm)
    name = f'id="{number}" name="图片 {number}" descr={quoteattr(plain(alt))}'
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/>'
        f'<wp:docPr {name}/><wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
        f"<pic:nvPicPr><pic:cNvPr {name}/><pic:cNvPicPr/></pic:nvPicPr>"
        f'<pic:blipFill><a:blip r:embed="{image.rid}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r>"
    )


def table(widths: Iterable[int], rows: Iterable[str], borders: bool) -> str:
    """A centred table of fixed column widths (twips)."""
    widths = list(widths)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>{_borders(borders)}'
        f'<w:tblLayout w:type="fixed"/>{CELL_MARGINS}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )


def row(cells: Iterable[str], least_height: int = 0, head: bool = False) -> str:
    """A row that no page break splits; a head row stands again on every page."""
    height = f'<w:trHeight w:val="{least_height}" w:hRule="atLeast"/>' if least_height else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{height}{'<w:tblHeader/>' if head else ''}</w:trPr>{''.join(cells)}</w:tr>"


def cell(width: int, paragraphs: str, align: str = "center") -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="{align}"/></w:tcPr>{paragraphs}</w:tc>'


def _borders(drawn: bool) -> str:
    if not drawn:
        return ""
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    lines = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for side in sides)
    return f"<w:tblBorders>{lines}</w:tblBorders>"
