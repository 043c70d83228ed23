"""May this file be one of the superior's forms? It comes from outside: read as data, and what opening it costs is counted first.

In a form stand names, dotted names, loops over our own lists, conditions. No calls, no sums, no loop within a loop.
"""

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

from jinja2 import TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment

BYTES_MAX = 3_000_000
UNPACKED_MAX, TEXT_MAX = 40_000_000, 12_000_000
PARTS_MAX, CELLS_MAX = 500, 50_000
SUFFIXES = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
MACRO = re.compile(r"vbaProject|\.bin$|macrosheets|activeX|/embeddings/", re.I)
PRINTER = re.compile(r"xl/printerSettings/printerSettings\d+\.bin")
NAME = re.compile(r"\{\{\s*([\w.（）()]+)\s*\}\}")
OTHER_TEXT = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0", b"Lo\xa7\x94")  # how XML begins that is no UTF-8
OTHER_NAME = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["'](?!utf-?8["'])""", re.I)
ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const, nodes.For,
    nodes.If, nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or,
)  # fmt: skip
FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
PROPERTIES = ("author", "comments", "identifier", "language", "subject", "title")


class BadForm(Exception):
    """This file is not taken. code: a reason of ours; what: the name at fault."""

    def __init__(self, code: str, what: str = ""):
        super().__init__(code)
        self.code, self.what = code, what


def check(name: str, body: bytes) -> str:
    """docx or xlsx. Raises BadForm for what is no such file, too big, carries macros or reaches outside."""
    suffix = name.rpartition(".")[2].lower()
    if suffix in ("docm", "xlsm", "dotm", "xlam", "xltm"):
        raise BadForm("macro")
    if suffix not in SUFFIXES:
        raise BadForm("kind")
    if len(body) > BYTES_MAX:
        raise BadForm("big")
    try:
        with zipfile.ZipFile(BytesIO(body)) as parts:
            _check_parts(parts, suffix)
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, NotImplementedError, RuntimeError, EOFError,
            OSError) as error:  # fmt: skip
        raise BadForm("broken") from error
    return suffix


def _check_parts(parts: zipfile.ZipFile, suffix: str) -> None:
    lines = parts.infolist()
    if len(lines) > PARTS_MAX or sum(line.file_size for line in lines) > UNPACKED_MAX:
        raise BadForm("bomb")
    parts.getinfo(SUFFIXES[suffix])
    if any(MACRO.search(line.filename) and not PRINTER.fullmatch(line.filename) for line in lines):
        raise BadForm("macro")
    left, texts, cells = UNPACKED_MAX, TEXT_MAX, CELLS_MAX
    for line in lines:
        with parts.open(line) as part:  # what the directory says of its size may be a lie
            body = part.read(left + 1)
        left -= len(body)
        texts -= len(body) if _is_text(line.filename, body) else 0
        if left < 0 or texts < 0:
            raise BadForm("bomb")
        _check_part(line.filename, body)
        cells -= _cells_in(body) if suffix == "xlsx" else 0
        if cells < 0:
            raise BadForm("cells")


def _is_text(name: str, body: bytes) -> bool:
    return name.endswith((".xml", ".rels")) or body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def _check_part(name: str, body: bytes) -> None:
    """Text of another kind than UTF-8 would hide from these looks what a program then reads, whatever the part is called."""
    text = _is_text(name, body)
    if text and (b"<!DOCTYPE" in body or b"<!ENTITY" in body or b"\0" in body or OTHER_NAME.match(body.lstrip())):
        raise BadForm("outside")
    if body.startswith(OTHER_TEXT) and not name.endswith(".bin"):
        raise BadForm("outside")
    if name.startswith("xl/externalLinks/") or (name.endswith(".rels") and any(_leads_out(body))):
        raise BadForm("outside")


def _leads_out(relations: bytes) -> Iterator[bool]:
    """A link that is only followed when somebody taps it may stay; what is fetched by opening the file may not."""
    for link in _elements(relations):
        away = link.get("TargetMode", "").lower() == "external"
        yield away and not link.get("Type", "").endswith("/hyperlink")


def _elements(body: bytes) -> Iterator[ElementTree.Element]:
    try:
        for _, element in ElementTree.iterparse(BytesIO(body)):
            yield element
            element.clear()
    except ElementTree.ParseError as error:
        raise BadForm("broken") from error


def _cells_in(body: bytes) -> int:
    """How many cells opening this sheet makes: a few bytes of merged range may span billions."""
    if b"sheetData" not in body and b"mergeCell" not in body:
        return 0
    from openpyxl.worksheet.cell_range import CellRange

    sizes = (
        CellRange(element.get("ref")).size if element.tag.endswith("}mergeCell") else {"rows": 1, "columns": 1}
        for element in _elements(body)
        if element.tag.rpartition("}")[2] in ("c", "row", "mergeCell")
    )
    return sum(size["rows"] * size["columns"] for size in sizes)


def unknown_names(suffix: str, body: bytes, known: Mapping[str, Any]) -> list[str]:
    """The dry run: names in the form that we have nothing for. Raises BadForm for what may not stand in a form."""
    names = names_in_word(read_template(body), known) if suffix == "docx" else _names_in_sheet(body)
    return [name for name in dict.fromkeys(names) if not _is_known(name, known)]


def _is_known(name: str, known: Mapping[str, Any]) -> bool:
    """A name, or what is written of a line in a loop: 行.类别. Of a list without lines nobody can tell."""
    first, _, second = name.partition(".")
    if first not in known or not second:
        return first in known
    lines = known[first] if isinstance(known[first], list) else None
    return lines == [] or any(second in line for line in lines or ())


def read_template(body: bytes) -> Any:
    from docxtpl import DocxTemplate

    template = DocxTemplate(BytesIO(body))
    try:
        template.init_docx()
    except Exception as error:  # whatever a strange file breaks in there
        raise BadForm("broken") from error
    return template


def names_in_word(template: Any, known: Mapping[str, Any]) -> list[str]:
    """From everything that docxtpl will fill in: the text, heads and feet of pages, footnotes, the file's own title."""
    return [name for text in _texts(template) for name in _names_in(text, known)]


def _texts(template: Any) -> Iterator[str]:
    yield template.patch_xml(template.get_xml())
    for kind in (template.HEADER_URI, template.FOOTER_URI):
        for _, part in template.get_headers_footers(kind):
            yield template.patch_xml(template.get_part_xml(part))
    for part in template.docx.part.package.parts:
        if part.content_type == FOOTNOTES:
            yield template.patch_xml(part.blob.decode("utf-8"))
    yield from (getattr(template.docx.core_properties, name) for name in PROPERTIES)


def _names_in(text: str, known: Mapping[str, Any]) -> Iterator[str]:
    try:
        tree = SandboxedEnvironment().parse(text)
    except TemplateError as error:
        raise BadForm("syntax", str(error.message or "")) from error
    except RecursionError as error:
        raise BadForm("not_allowed") from error
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, ALLOWED) or (isinstance(node, nodes.Getattr) and node.attr.startswith("_")):
            raise BadForm("not_allowed", type(node).__name__)
    own = dict(_loops(tree, known))
    dotted = {
        id(node.node): f"{own.get(node.node.name, node.node.name)}.{node.attr}"
        for node in tree.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name)
    }
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name != "loop" and (id(name) in dotted or name.name not in own):
            yield dotted.get(id(name), name.name)


def _loops(tree: nodes.Template, known: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """The name that a loop gives to each line, and the list it goes over."""
    left = UNPACKED_MAX
    for loop in tree.find_all(nodes.For):
        over = loop.iter.name if isinstance(loop.iter, nodes.Name) else ""
        if not isinstance(known.get(over), list) or not isinstance(loop.target, nodes.Name):
            raise BadForm("loop", over or "…")
        if next(loop.find_all(nodes.For), None):
            raise BadForm("nested")
        left -= len(known[over]) * sum(len(data.data) for data in loop.find_all(nodes.TemplateData))
        if left < 0:
            raise BadForm("bomb")
        yield loop.target.name, over


def _names_in_sheet(body: bytes) -> list[str]:
    cells = (cell.value for sheet in read_workbook(body) for cell in cells_of(sheet) if isinstance(cell.value, str))
    return [name for value in cells for name in NAME.findall(value)]


def read_workbook(body: bytes) -> Any:
    from openpyxl import load_workbook

    try:
        return load_workbook(BytesIO(body))
    except Exception as error:  # whatever a strange file breaks in there
        raise BadForm("broken") from error


def cells_of(sheet: Any) -> list[Any]:
    """Those that the file names, row by row: asking a sheet for its rows makes every cell up to the farthest one."""
    return [sheet._cells[place] for place in sorted(sheet._cells)]
