"""Annex 1 and annex 2 as Word files on official paper: how they look, nothing about what they say.

Word first: the clerk may still change words, and the Chinese faces come from her own computer.
"""

from collections.abc import Callable, Iterator
from itertools import count
from typing import BinaryIO

from wujin_field.reports.content import Entry, MonthlyReport, Picture, PlanTable, WeekSection
from wujin_field.reports.ooxml import TEXT_WIDTH, Image, cell, drawing, paragraph, row, run, table
from wujin_field.reports.wordfile import WordFile

Images = dict[str, Image | None]

PHOTOS_ABREAST = 3
PHOTO_BOX_MM = (50, 50)
# four lines; a longer text may part from its pictures, or half a page would stay empty above it
KEPT_WITH_PICTURES = 110
# twips: wide enough for （12月27日-1月2日） in one line; other tables share the width evenly
PLAN_WIDTHS = [2800, 2520, 2315, 1210]
PLAN_ROW_HEIGHT = 900


def write_monthly(report: MonthlyReport, picture: Callable[[str], bytes | None], out: BinaryIO) -> None:
    """Write annex 2; `picture` gives the upright JPEG or PNG bytes of a SHA-256, or None, and is asked once for each.

    The bytes go in unchanged: whoever wants a small file hands over small pictures.
    """
    file = WordFile(out, "".join(report.title_lines), report.unit, report.dated)
    images = _store(report, picture, file)
    file.write_body(_monthly_blocks(report, images))


def write_plan(plan: PlanTable, out: BinaryIO) -> None:
    """Write annex 1."""
    WordFile(out, "".join(plan.title_lines), plan.unit, plan.dated).write_body(_plan_blocks(plan))


def _store(report: MonthlyReport, picture: Callable[[str], bytes | None], file: WordFile) -> Images:
    images: Images = {}
    for shown in report.pictures:
        if shown.sha256 not in images:
            images[shown.sha256] = file.add_image(picture(shown.sha256))
    return images


def _monthly_blocks(report: MonthlyReport, images: Images) -> Iterator[str]:
    yield from _head(report)
    numbers = count(1)
    for section in report.sections:
        yield from _section(section, images, numbers)
    yield paragraph("FillIn", run(report.footer), keep_next=bool(report.closing))
    if report.closing:
        yield paragraph("Closing", run(report.closing))


def _head(paper: MonthlyReport | PlanTable) -> Iterator[str]:
    """GB/T 9704: the mark of the annex in the first line, a blank line, the title, a blank line."""
    yield paragraph("Mark", run(paper.mark))
    yield paragraph("Mark", "")
    yield from (paragraph("Title", run(line)) for line in paper.title_lines)
    yield paragraph("Mark", "")


def _section(section: WeekSection, images: Images, numbers: Iterator[int]) -> Iterator[str]:
    yield paragraph("Heading1", run(section.heading))
    for entry in section.entries:
        yield from _entry(entry, images, numbers)
    yield from (paragraph("Text", run(line)) for line in (section.empty, section.note) if line)


def _entry(entry: Entry, images: Images, numbers: Iterator[int]) -> Iterator[str]:
    kept = bool(entry.pictures) and len(entry.heading) <= KEPT_WITH_PICTURES
    yield paragraph("Heading2", run(entry.heading), keep_next=kept)
    if entry.pictures:
        yield _photos(entry.pictures, images, numbers)


def _photos(pictures: tuple[Picture, ...], images: Images, numbers: Iterator[int]) -> str:
    """Side by side, each over its label, so that the order stays 图片1 图片2 图片3 for the eye and for the text."""
    abreast = min(PHOTOS_ABREAST, len(pictures))
    lines = [pictures[start : start + abreast] for start in range(0, len(pictures), abreast)]
    width = TEXT_WIDTH // PHOTOS_ABREAST
    rows = [
        row(cell(width, _photo(p, images[p.sha256], next(numbers), line is not lines[-1]), "bottom") for p in line)
        for line in lines
    ]
    return table([width] * abreast, rows, borders=False)


def _photo(picture: Picture, image: Image | None, number: int, keep_next: bool) -> str:
    if image is None:
        return paragraph("PhotoMissing", run(picture.missing), keep_next)
    shown = drawing(image, number, picture.caption or picture.label, PHOTO_BOX_MM)
    return paragraph("Photo", shown, keep_next) + paragraph("PhotoLabel", run(picture.label), keep_next)


def _plan_blocks(plan: PlanTable) -> Iterator[str]:
    yield from _head(plan)
    columns = len(plan.columns)
    widths = PLAN_WIDTHS if columns == len(PLAN_WIDTHS) else [TEXT_WIDTH // columns] * columns
    rows = [_plan_row(plan.columns, widths, "TableHead", head=True)]
    rows += [_plan_row(texts, widths, "TableCell") for texts in plan.rows]
    yield table(widths, rows, borders=True)
    yield paragraph("AfterTable", "")


def _plan_row(texts: tuple[str, ...], widths: list[int], style: str, head: bool = False) -> str:
    cells = (cell(width, _lines(text, style)) for text, width in zip(texts, widths, strict=True))
    return row(cells, PLAN_ROW_HEIGHT, head)


def _lines(text: str, style: str) -> str:
    return "".join(paragraph(style, run(line)) for line in text.split("\n"))
