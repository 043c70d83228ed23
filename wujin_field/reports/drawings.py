"""The pictures of a sheet: each hangs on the cell it belongs to, as SpreadsheetML wants them, in strings.

Lengths: EMU (1/36000 mm). A column of n characters is taken for 7 n + 5 pixels, the least that Excel and WPS make of it.
"""

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from .ooxml import EMU_PER_MM, Image, plain
from .wordfile import RELATION, XML

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
MAIN = "http://schemas.openxmlformats.org/drawingml/2006/main"
PIXEL_MM = 25.4 / 96
TYPES = (
    b'<Default Extension="jpeg" ContentType="image/jpeg"/><Default Extension="png" ContentType="image/png"/>'
    b'<Override PartName="/xl/drawings/drawing1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawing+xml"/>'
)


def width_mm(characters: float) -> float:
    return (7 * characters + 5) * PIXEL_MM


def anchor(
    image: Image, number: int, alt: str, at: tuple[int, int], box_mm: tuple[float, float], down_mm: float
) -> str:
    """at: column and row, from 0; box_mm: the space it may fill, centred across, `down_mm` below the cell's top."""
    width, height = image.fitted(box_mm)
    aside = max(0, round(box_mm[0] * EMU_PER_MM) - width) // 2
    name = f'id="{number + 1}" name="图片 {number}" descr={quoteattr(plain(alt))}'
    return (
        f"<xdr:oneCellAnchor><xdr:from><xdr:col>{at[0]}</xdr:col><xdr:colOff>{aside}</xdr:colOff>"
        f"<xdr:row>{at[1]}</xdr:row><xdr:rowOff>{round(down_mm * EMU_PER_MM)}</xdr:rowOff></xdr:from>"
        f'<xdr:ext cx="{width}" cy="{height}"/><xdr:pic><xdr:nvPicPr><xdr:cNvPr {name}/>'
        '<xdr:cNvPicPr><a:picLocks noChangeAspect="1"/></xdr:cNvPicPr></xdr:nvPicPr>'
        f'<xdr:blipFill><a:blip r:embed="{image.rid}"/><a:stretch><a:fillRect/></a:stretch></xdr:blipFill>'
        f'<xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr></xdr:pic><xdr:clientData/></xdr:oneCellAnchor>'
    )


OPENING = f'{XML}<xdr:wsDr xmlns:xdr="{DRAWING}" xmlns:a="{MAIN}" xmlns:r="{RELATION}">'
CLOSING = "</xdr:wsDr>"


def links(names: Sequence[str]) -> dict[str, str]:
    """name of a part → its XML: the drawing's links to the pictures, the sheet's link to the drawing."""
    images = ((f"rIdImage{number}", "image", f"../{name}") for number, name in enumerate(names, 1))
    return {
        "xl/drawings/_rels/drawing1.xml.rels": _links(images),
        "xl/worksheets/_rels/sheet1.xml.rels": _links([("rId1", "drawing", "../drawings/drawing1.xml")]),
    }


def _links(links) -> str:  # type: ignore[no-untyped-def]
    each = "".join(f'<Relationship Id="{rid}" Type="{RELATION}/{kind}" Target="{to}"/>' for rid, kind, to in links)
    return f'{XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{each}</Relationships>'
