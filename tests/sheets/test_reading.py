"""What people really upload: every bad file and row gets a sentence, nothing in it is executed."""

import io
import zipfile
from datetime import date, datetime

import pytest
from books import VENUES, book, shop

from wujin_field.domain import load_pack
from wujin_field.sheets.read import Unusable, day_of, read
from wujin_field.sheets.sentences import SENTENCES


def reading(file, **limits):
    pack = load_pack()
    return read(file, pack["sheet"]["venues"]["columns"], pack.files["sheets"] | limits)


def refusal(file, **limits):
    with pytest.raises(Unusable) as raised:
        reading(file, **limits)
    assert raised.value.problem.code in SENTENCES
    return raised.value.problem.code


def faults(file):
    return [(one.row, one.column, one.code) for one in reading(file).problems]


def test_rows_keep_the_numbers_that_excel_shows():
    sheet = reading(book(VENUES, shop("一号店"), [], shop("二号店"), title=["青禾镇场所表"]))
    assert [(line.row, line.cells["zh"]) for line in sheet.lines] == [(3, "一号店"), (5, "二号店")]


def test_headings_may_be_written_as_people_write_them():
    header = ["场所 名称*", "村社区：", "类型（必填）", "用不上的一列"]
    sheet = reading(book(header, ["一号店", "柳溪村", "临街门面", "x"]))
    assert sheet.lines[0].cells["zh"] == "一号店"
    assert sheet.ignored == ["用不上的一列"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "old_xls"),
        ("名称,村\n一号店,柳溪村\n".encode(), "not_xlsx"),
        (b"<html><table>", "not_xlsx"),
        (b"PK\x03\x04 cut", "broken"),
    ],
    ids=["empty", "xls renamed", "csv renamed", "web page renamed", "cut"],
)
def test_a_file_that_is_no_workbook_says_what_to_do(body, code):
    assert refusal(io.BytesIO(body)) == code


def test_a_zip_that_is_no_workbook():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert refusal(out) == "not_xlsx"


def test_a_workbook_with_macros():
    out = book(VENUES, shop("一号店"))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    assert refusal(out) == "macro"


def test_a_zip_bomb_is_never_unpacked():
    out = book(VENUES, shop("一号店"))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", bytes(40 * 2**20))
    assert refusal(out) == "bomb"


def test_too_many_rows_and_too_large_a_file():
    rows = [shop(f"{n}号店") for n in range(30)]
    assert refusal(book(VENUES, *rows), rows_max=20) == "too_many"
    assert refusal(book(VENUES, *rows), file_bytes_max=100) == "too_large"


def test_a_table_without_a_header_or_without_rows():
    assert refusal(book(["甲", "乙"], ["一号店", "柳溪村"])) == "no_header"
    assert refusal(book(VENUES)) == "nothing"


def test_a_formula_is_a_fault_and_never_a_value():
    sheet = reading(book(VENUES, shop('=HYPERLINK("http://evil","店")'), shop("二号店", 地址="=1+1")))
    assert [(one.row, one.column, one.code) for one in sheet.problems] == [
        (2, "名称", "formula"),
        (3, "地址", "formula"),
    ]
    assert sheet.lines[0].cells["zh"] == ""


def test_merged_cells_are_named_where_they_leave_a_hole():
    assert faults(book(VENUES, shop("一号店"), shop("二号店"), edit=lambda page: page.merge_cells("C2:C3"))) == [
        (2, "村（社区）", "merged")
    ]
    title = book(VENUES, shop("一号店"), title=["青禾镇"], edit=lambda page: page.merge_cells("A1:J1"))
    assert faults(title) == []


def test_a_column_twice_or_missing():
    assert faults(book([*VENUES, "名称"], shop("一号店"))) == [(1, "名称", "column_twice")]
    assert faults(book(["名称", "村（社区）"], ["一号店", "柳溪村"])) == [(1, "场所类型", "column_missing")]


def test_marks_that_nobody_sees_are_taken_out_and_counted():
    sheet = reading(book(VENUES, shop("\u202e一号\u200b店\ufeff")))
    assert (sheet.lines[0].cells["zh"], sheet.cleaned) == ("一号店", 1)


def test_an_excel_error_value_is_named():
    def spoil(page):
        page["B2"].value, page["B2"].data_type = "#REF!", "e"

    assert faults(book(VENUES, shop("一号店"), edit=spoil)) == [(2, "名称", "cell_error")]


def test_numbers_and_dates_become_what_a_person_reads():
    sheet = reading(book(VENUES, shop("一号店", 纬度=29.5, 经度=106, 备注=datetime(2026, 12, 6))))
    assert [sheet.lines[0].cells[key] for key in ("lat", "lon", "contact_note")] == ["29.5", "106", "2026-12-06"]


@pytest.mark.parametrize(
    "typed", ["2026-12-06", "2026/12/6", "2026年12月6日", "20261206", "２０２６－１２－０６", "2026.12.6", "46362"]
)
def test_a_date_as_text(typed):
    assert day_of(typed) == date(2026, 12, 6)


@pytest.mark.parametrize("typed", ["12月6日", "2026-13-01", "2026-02-30", "下周一", "6/12/2026", "99999999"])
def test_what_is_no_date(typed):
    assert day_of(typed) is None
