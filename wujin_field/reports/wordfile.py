"""A .docx written straight into its zip, part after part: 7,000 pictures need no more memory than seven.

python-docx hashes all earlier pictures again for each new one, and refuses a JPEG without a JFIF or Exif segment.
The same content gives the same bytes: every date in the file is the report's own.
"""

import zipfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape

from wujin_field.reports.media import Media
from wujin_field.reports.ooxml import NAMESPACES, plain, section

PARTS = Path(__file__).parent / "word"
# the content types come first: file managers look there to tell a .docx from a .zip
FIXED = {
    "[Content_Types].xml": "content_types.xml",
    "_rels/.rels": "package.rels",
    "word/styles.xml": "styles.xml",
    "word/settings.xml": "settings.xml",
    "word/fontTable.xml": "fontTable.xml",
    "word/footer.xml": "footer.xml",
}
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class WordFile:
    """First the pictures (`media`), then the text (`write_body`), then it is whole."""

    def __init__(self, out: BinaryIO, title: str, unit: str, dated: str, across: bool = False):
        self._zip, self._across = zipfile.ZipFile(out, "w"), across
        self._stamp = zip_stamp(dated)
        self.media = Media(self._add, "word")
        for name, part in FIXED.items():
            self._add(name, (PARTS / part).read_bytes())
        self._add("docProps/core.xml", _core(title, unit, dated).encode())

    def write_body(self, blocks: Iterable[str]) -> None:
        """Write paragraphs and tables one by one, and close the file."""
        with self._zip.open(self._info("word/document.xml"), "w") as document:
            document.write(f"{XML}<w:document {NAMESPACES}><w:body>".encode())
            for block in blocks:
                document.write(block.encode())
            document.write(f"{section(self._across)}</w:body></w:document>".encode())
        self._add("word/_rels/document.xml.rels", _relations(self.media.names).encode())
        self._zip.close()

    def _add(self, name: str, data: bytes, compression: int = zipfile.ZIP_DEFLATED) -> None:
        self._zip.writestr(self._info(name, compression), data)

    def _info(self, name: str, compression: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._stamp)
        info.create_system, info.external_attr, info.compress_type = 0, 0, compression
        return info


def zip_stamp(dated: str) -> tuple[int, int, int, int, int, int]:
    """The time of every part; a zip knows none before 1980."""
    day = date.fromisoformat(dated)
    return (max(day.year, 1980), day.month, day.day, 0, 0, 0)


def _core(title: str, unit: str, dated: str) -> str:
    moment = f'xsi:type="dcterms:W3CDTF">{dated}T00:00:00Z'
    return (
        f'{XML}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(plain(title))}</dc:title><dc:creator>{escape(plain(unit))}</dc:creator>"
        f"<dc:language>zh-CN</dc:language><cp:lastModifiedBy>{escape(plain(unit))}</cp:lastModifiedBy>"
        f"<dcterms:created {moment}</dcterms:created><dcterms:modified {moment}</dcterms:modified></cp:coreProperties>"
    )


def _relations(media: list[str]) -> str:
    fixed = [("rIdStyles", "styles"), ("rIdSettings", "settings"), ("rIdFonts", "fontTable"), ("rIdFooter", "footer")]
    links = [(rid, kind, f"{kind}.xml") for rid, kind in fixed]
    links += [(f"rIdImage{number}", "image", name) for number, name in enumerate(media, 1)]
    each = "".join(f'<Relationship Id="{rid}" Type="{RELATION}/{kind}" Target="{to}"/>' for rid, kind, to in links)
    return f'{XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{each}</Relationships>'
