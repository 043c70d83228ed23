"""The superior's own form: a .docx or .xlsx with {{ names }} in it, filled in place with the figures of a paper.

What may stand in one is a short list (form_gate.py): names, dotted names, loops over our own lists, conditions.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, BinaryIO

from jinja2 import Undefined
from jinja2.sandbox import SandboxedEnvironment

from .form_gate import NAME, cells_of, names_in_word, read_template, read_workbook
from .paper import Heading, Paper, Photos, Table, Text


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
    template = read_template(body)
    names_in_word(template, values)  # what was allowed when it was uploaded is looked at again, with today's rows
    shown = {name: "" if value is None else value for name, value in values.items()}
    template.render(shown, SandboxedEnvironment(undefined=_Seen), autoescape=True)
    template.save(out)


def _fill_sheet(body: bytes, values: Mapping[str, Any], out: BinaryIO) -> None:
    book = read_workbook(body)
    for cell, name in _named_cells(book, values):
        cell.value = _cell(values[name])
    for sheet in book:
        for cell, name in list(_crossings(sheet, values)):
            cell.value = _cell(values[name])
        for cell in cells_of(sheet):
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
    starts, heads = {name.partition("_")[0] for name in values}, dict[int, str]()
    for row, cells in groupby(cells_of(sheet), lambda cell: cell.row):
        names = {cell.column: _plain(cell.value) for cell in cells if isinstance(cell.value, str)}
        heads |= names
        lines = [name for name in names.values() if name in starts]
        for column, head in heads.items() if lines else ():
            known = next((f"{line}_{head}" for line in lines if f"{line}_{head}" in values), None)
            cell: Any = sheet.cell(row, column) if known else None
            if known and cell.value is None and type(cell).__name__ != "MergedCell":
                yield cell, known


def _fill_cell(cell: Any, values: Mapping[str, Any]) -> None:
    whole = NAME.fullmatch(cell.value.strip())
    if whole and whole[1] in values:
        cell.value = _cell(values[whole[1]])
    else:
        cell.value = NAME.sub(lambda found: _words(values.get(found[1], f"〔{found[1]}〕")), cell.value)
    if isinstance(cell.value, str) and cell.value.startswith("="):
        cell.data_type = "s"  # our words are never a formula


def _words(value: Any) -> str:
    return "" if value is None else str(value)


def _cell(value: Any) -> Any:
    return value if isinstance(value, (int, float)) or value is None else str(value)
