"""The superior's own form: a .docx or .xlsx with {{ names }} in it, filled in place with the figures of a paper.

What may stand in one is a short list: names, dotted names, loops over our own lists, conditions. No calls, no imports:
a file from outside is read as data, in a sandbox, after its parts were counted.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, BinaryIO
from xml.etree import ElementTree

from jinja2 import TemplateError, Undefined, nodes
from jinja2.sandbox import SandboxedEnvironment

from .paper import Heading, Paper, Photos, Table, Text

BYTES_MAX = 3_000_000
UNPACKED_MAX = 40_000_000
PARTS_MAX = 500
SUFFIXES = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
MACRO = re.compile(r"vbaProject|\.bin$|macrosheets|activeX|/embeddings/", re.I)
NAME = re.compile(r"\{\{\s*([\w.（）()]+)\s*\}\}")
ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const, nodes.For,
    nodes.If, nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or,
)  # fmt: skip
LISTS = {"条目": ("周", "标题", "照片数"), "行": ()}


class BadForm(Exception):
    """This file is not taken. code: a reason of ours; what: the name at fault."""

    def __init__(self, code: str, what: str = ""):
        super().__init__(code)
        self.code, self.what = code, what


def fields_of(paper: Paper) -> dict[str, Any]:
    """Everything a form may name: the paper's own fields, its head, and its content as lists."""
    rows = [
        dict(zip(block.columns, row, strict=True))
        for block in paper.blocks
        if isinstance(block, Table)
        for row in block.rows
    ]
    return {
        "标题": paper.title, "单位": paper.unit, "日期": paper.dated, "正文": _prose(paper), "条目": list(_entries(paper)),
        "行": [{_plain(name): value for name, value in row.items() if name} for row in rows], **paper.fields,
    }  # fmt: skip


def _prose(paper: Paper) -> str:
    return "\n".join(block.text for block in paper.blocks if isinstance(block, Text))


def _entries(paper: Paper) -> Iterator[dict[str, Any]]:
    week, entry = "", None
    for block in paper.blocks:
        if isinstance(block, Heading) and block.level == 1:
            week = block.text
        elif isinstance(block, Heading):
            entry = {"周": week, "标题": block.text, "照片数": 0}
            yield entry
        elif isinstance(block, Photos) and entry:
            entry["照片数"] = len(block.pictures)


def _plain(name: str) -> str:
    """A name that a form can write: brackets stand in no name."""
    return re.sub(r"[（）()\s]", "", name)


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
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise BadForm("broken") from error
    return suffix


def _check_parts(parts: zipfile.ZipFile, suffix: str) -> None:
    lines = parts.infolist()
    if len(lines) > PARTS_MAX or sum(line.file_size for line in lines) > UNPACKED_MAX:
        raise BadForm("bomb")
    parts.getinfo(SUFFIXES[suffix])
    if any(MACRO.search(line.filename) for line in lines):
        raise BadForm("macro")
    left = UNPACKED_MAX
    for line in lines:
        with parts.open(line) as part:  # what the directory says of its size may be a lie
            body = part.read(left + 1)
        left -= len(body)
        if left < 0:
            raise BadForm("bomb")
        _check_part(line.filename, body)


def _check_part(name: str, body: bytes) -> None:
    """Text of another kind than UTF-8 would hide from these looks what a program then reads."""
    if name.endswith((".xml", ".rels")) and (b"<!DOCTYPE" in body or b"<!ENTITY" in body or b"\0" in body):
        raise BadForm("outside")
    if name.startswith("xl/externalLinks/") or (name.endswith(".rels") and any(_leads_out(body))):
        raise BadForm("outside")


def _leads_out(relations: bytes) -> Iterator[bool]:
    """A link that is only followed when somebody taps it may stay; what is fetched by opening the file may not."""
    try:
        for link in ElementTree.fromstring(relations):
            away = link.get("TargetMode", "").lower() == "external"
            yield away and not link.get("Type", "").endswith("/hyperlink")
    except ElementTree.ParseError as error:
        raise BadForm("broken") from error


def unknown_names(suffix: str, body: bytes, known: Mapping[str, Any]) -> list[str]:
    """The dry run: names in the form that we have nothing for. Raises BadForm for what may not stand in a form."""
    names = _names_in_word(body, known) if suffix == "docx" else _names_in_sheet(body)
    return [name for name in dict.fromkeys(names) if name.split(".")[0] not in known]


def _names_in_word(body: bytes, known: Mapping[str, Any]) -> list[str]:
    from docxtpl import DocxTemplate

    template = DocxTemplate(BytesIO(body))
    template.init_docx()
    texts = [template.patch_xml(template.get_xml())]
    texts += [template.patch_xml(xml) for kind in (template.HEADER_URI, template.FOOTER_URI)
              for _, part in template.get_headers_footers(kind) for xml in [part_xml(part)]]  # fmt: skip
    return [name for text in texts for name in _names_in(text, known)]


def part_xml(part: Any) -> str:
    return part.blob.decode("utf-8") if hasattr(part, "blob") else str(part)


def _names_in(text: str, known: Mapping[str, Any]) -> Iterator[str]:
    try:
        tree = SandboxedEnvironment().parse(text)
    except TemplateError as error:
        raise BadForm("syntax", str(error.message or "")) from error
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, ALLOWED):
            raise BadForm("not_allowed", type(node).__name__)
    loops = list(tree.find_all(nodes.For))
    for loop in loops:
        over = loop.iter.name if isinstance(loop.iter, nodes.Name) else ""
        if not isinstance(known.get(over), list):
            raise BadForm("loop", over or "…")
    own = {node.name for loop in loops for node in loop.target.find_all(nodes.Name)} | {
        loop.target.name for loop in loops if isinstance(loop.target, nodes.Name)
    }
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name not in own | {"loop"}:
            yield name.name


def _names_in_sheet(body: bytes) -> list[str]:
    book = _workbook(body)
    cells = (cell.value for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str))
    return [name for value in cells for name in NAME.findall(value)]


def _workbook(body: bytes) -> Any:
    from openpyxl import load_workbook

    try:
        return load_workbook(BytesIO(body))
    except Exception as error:  # whatever a strange file breaks in there
        raise BadForm("broken") from error


class _Seen(Undefined):
    """A name that is not known is printed as itself, for somebody to see; it is never an empty place."""

    def __str__(self) -> str:
        return f"〔{self._undefined_name}〕"


def fill(suffix: str, body: bytes, paper: Paper, out: BinaryIO) -> None:
    """The form with the paper's figures in their places, everything else as the superior made it."""
    values = fields_of(paper)
    if suffix == "docx":
        _fill_word(body, values, out)
    else:
        _fill_sheet(body, values, out)


def _fill_word(body: bytes, values: Mapping[str, Any], out: BinaryIO) -> None:
    from docxtpl import DocxTemplate

    _names_in_word(body, values)  # what was allowed when it was uploaded is looked at again
    template = DocxTemplate(BytesIO(body))
    shown = {name: "" if value is None else value for name, value in values.items()}
    template.render(shown, SandboxedEnvironment(undefined=_Seen), autoescape=True)
    template.save(out)


def _fill_sheet(body: bytes, values: Mapping[str, Any], out: BinaryIO) -> None:
    book = _workbook(body)
    for cell, name in _named_cells(book, values):
        cell.value = _cell(values[name])
    for sheet in book:
        for cell, name in list(_crossings(sheet, values)):
            cell.value = _cell(values[name])
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and "{{" in cell.value:
                    _fill_cell(cell, values)
    book.save(out)


def _named_cells(book: Any, values: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    """The first cell of every range that bears one of our names; a name whose place is gone is passed over."""
    for name, defined in book.defined_names.items():
        for sheet, place in defined.destinations if name in values else ():
            if sheet in book.sheetnames:
                yield book[sheet][place.replace("$", "").split(":")[0]], name


def _crossings(sheet: Any, values: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    """Empty cells between the name of a row and the head of a column as we know them: 企业 and 安全宣讲 need no {{ }}."""
    heads: dict[int, str] = {}
    for row in sheet.iter_rows():
        names = {cell.column: _plain(cell.value) for cell in row if isinstance(cell.value, str)}
        heads |= names
        for cell in row:
            crossing = (f"{name}_{heads.get(cell.column)}" for name in names.values())
            known = next((name for name in crossing if name in values), None)
            if cell.value is None and known and type(cell).__name__ != "MergedCell":
                yield cell, known


def _fill_cell(cell: Any, values: Mapping[str, Any]) -> None:
    whole = NAME.fullmatch(cell.value.strip())
    if whole and whole[1] in values:
        cell.value = _cell(values[whole[1]])
    else:
        cell.value = NAME.sub(lambda found: str(values.get(found[1], f"〔{found[1]}〕") or ""), cell.value)
    if isinstance(cell.value, str) and cell.value.startswith("="):
        cell.data_type = "s"  # our words are never a formula


def _cell(value: Any) -> Any:
    return value if isinstance(value, (int, float)) or value is None else str(value)
