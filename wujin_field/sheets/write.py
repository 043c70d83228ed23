"""Templates and exports. Every cell is a typed text; one that a spreadsheet could take for a formula is made inert."""

from io import BytesIO
from typing import Any

LIVE = tuple("=+-@＝＋－＠\t\r\n")  # in Chinese and Japanese settings a spreadsheet takes the wide ones too


def inert(text: str) -> str:
    """A leading apostrophe where a spreadsheet, or a CSV made of it, would calculate; the importer takes it off again."""
    return f"'{text}" if text.startswith(LIVE) else text


def workbook(
    title: str, columns: list[dict], rows: list[dict[str, str]], words: dict[str, list[str]] | None = None
) -> bytes:
    """columns: of sheets.toml; rows: texts by column key; words: lists for a second sheet and for the cells' choices."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill

    book = Workbook()
    page = book.active
    page.title = title[:30]
    for place, column in enumerate(columns, 1):
        cell = page.cell(1, place)
        _say(cell, column["zh"] + ("（必填）" if column.get("required") else ""))
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="F3EFE8")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        page.column_dimensions[cell.column_letter].width = 18
    for number, row in enumerate(rows, 2):
        for place, column in enumerate(columns, 1):
            if text := row.get(column["key"], ""):
                _say(page.cell(number, place), text)
    page.freeze_panes = "A2"
    if words is not None:
        _add_words(book, page, columns, words)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _say(cell: Any, text: str) -> None:
    cell.value = inert(text)
    cell.data_type = "s"  # openpyxl would make a formula of what begins with =
    cell.number_format = "@"


def _add_words(book: Any, page: Any, columns: list[dict], words: dict[str, list[str]]) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    lists = book.create_sheet("填写说明和名单")
    for place, column in enumerate(columns, 1):
        allowed = words.get(column.get("words", ""), [])
        for number, text in enumerate([column["zh"], column.get("help", ""), *allowed], 1):
            _say(lists.cell(number, place), text)
        letter = lists.cell(1, place).column_letter
        lists.column_dimensions[letter].width = 24
        if allowed:
            source = f"'{lists.title}'!${letter}$3:${letter}${len(allowed) + 2}"
            choice = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=False)
            page.add_data_validation(choice)
            choice.add(f"{page.cell(1, place).column_letter}2:{page.cell(1, place).column_letter}5000")
