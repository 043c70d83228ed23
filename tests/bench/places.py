"""Figures of the places: importing 5,000 venues, 300 posters in one PDF with every QR read again.

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
from wujin_field.reports.poster import Poster, address, write_posters
from wujin_field.sheets import check, import_rows


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = prepared(read_settings(env={}, data_dir=Path(folder) / "data"))
        with app.app_context():
            with writing() as session:
                settle(session)
            imports(5000)
            db.engine.dispose()
    posters(300)


def imports(count: int) -> None:
    areas, book = ["柳溪村", "高坪村", "石桥村"], Workbook(write_only=True)
    page = book.create_sheet()
    page.append(["名称", "村（社区）", "场所类型", "地址", "纬度", "经度", "重点"])
    for n in range(count):
        page.append([f"{n}号铺", areas[n % 3], "临街门面", f"街上 {n} 号", 29.5 + n / 1e5, 106.2 + n / 1e5, "否"])
    body = io.BytesIO()
    book.save(body)
    told: list[int] = []
    start = time.perf_counter()
    sheet = check(db.session(), load_pack(), "venues", body, "表.xlsx", "", None, lambda done, total: told.append(done))
    checked = time.perf_counter() - start
    assert not sheet.problems, sheet.problems[:3]
    with writing() as session:
        session.add(sheet)
        session.flush()
        import_rows(session, load_pack(), sheet, None)
    whole = time.perf_counter() - start
    print(
        f"import of {count} venues: {whole:.1f} s ({checked:.1f} s of it checking, {len(told)} reports of progress), allowed 10 s"
    )


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
