"""Figures of the places: importing 5,000 and 50,000 venues, 300 posters in one PDF with every QR read again.

    .venv/bin/python tests/bench/places.py

Prints seconds and bytes beside what the issue allows; nothing is asserted here, the suite asserts what is read.
"""

import io
import sys
import tempfile
import time
from pathlib import Path

import pypdfium2
import zxingcpp
from openpyxl import Workbook

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))

from wujin_field.cast import settle
from wujin_field.cast.town import code_of
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, writing
from wujin_field.domain import load_pack
from wujin_field.models import SheetImport
from wujin_field.reports.poster import Poster, address, write_posters
from wujin_field.sheets import check, import_rows, undo


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = prepared(read_settings(env={}, data_dir=Path(folder) / "data"))
        with app.app_context():
            with writing() as session:
                settle(session)
            for count in (5_000, 50_000):
                imports(count)
            db.engine.dispose()
    posters(300)


def imports(count: int) -> None:
    areas, book = ["柳溪村", "高坪村", "石桥村"], Workbook(write_only=True)
    page = book.create_sheet()
    page.append(["名称", "村（社区）", "场所类型", "地址", "纬度", "经度", "重点"])
    for n in range(count):
        page.append(
            [f"{count}-{n}号铺", areas[n % 3], "临街门面", f"街上 {n} 号", 29.5 + n / 1e5, 106.2 + n / 1e5, "否"]
        )
    body = io.BytesIO()
    book.save(body)
    del book, page
    before = peak_mb(anew=True)
    told: list[int] = []
    start = time.perf_counter()
    sheet = check(db.session(), load_pack(), "venues", body, "表.xlsx", "", None, lambda done, total: told.append(done))
    checked = time.perf_counter() - start
    assert not sheet.problems, sheet.problems[:3]
    with writing() as session:
        session.add(sheet)
        session.flush()
        sheet_id = sheet.id
    del sheet
    db.session.remove()
    with writing() as session:
        import_rows(session, load_pack(), session.get_one(SheetImport, sheet_id), None)
    whole, imported = time.perf_counter() - start, peak_mb()
    with writing() as session:
        undo(session, session.get_one(SheetImport, sheet_id), None)
    print(
        f"import of {count} venues: {whole:.1f} s ({checked:.1f} s of it checking, {len(told)} reports of progress; allowed "
        f"10 s for 5,000), at most {imported} MB ({before} MB before), taken back in {time.perf_counter() - start - whole:.1f} s"
    )


def peak_mb(anew: bool = False) -> int:
    """The most memory this process held (Linux), counted anew from here if asked."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) // 1024


def posters(count: int) -> None:
    names = [f"永安南货铺{n}" for n in range(count)]
    sheets = [Poster("青禾镇消防工作站", name, "柳溪村", code_of(name), address("https://wujin.example.org", code_of(name)))
              for name in names]  # fmt: skip
    start = time.perf_counter()
    pdf = write_posters(sheets, "海报")
    spent = time.perf_counter() - start
    print(f"{count} posters as one PDF: {spent:.1f} s, {len(pdf) / 1e6:.1f} MB, allowed 20 s and 20 MB")
    read = [[found.text for found in zxingcpp.read_barcodes(page.render(scale=100 / 72).to_pil())]
            for page in pypdfium2.PdfDocument(pdf)]  # fmt: skip
    print(
        f"read again from the rendered pages: {sum(texts == [one.address] for texts, one in zip(read, sheets, strict=True))}"
    )


if __name__ == "__main__":
    main()
