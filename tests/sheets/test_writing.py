"""What we export can be opened anywhere without calculating anything, and read back in."""

import io

from books import VENUES
from openpyxl import load_workbook

from wujin_field.domain import load_pack
from wujin_field.sheets.read import read
from wujin_field.sheets.write import workbook

COLUMNS = load_pack()["sheet"]["venues"]["columns"]
LIVE = ["=1+1", "+86 1", "-5", "@SUM(A1)", "\t=1", "＝1+1"]


def test_no_cell_is_ever_a_formula():
    body = workbook("场所", [{"key": "zh", "zh": "=名称", "en": ""}], [{"zh": text} for text in LIVE])
    cells = [cell for row in load_workbook(io.BytesIO(body)).active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.value.startswith("'") for cell in cells)


def test_what_was_made_inert_reads_back_as_it_was():
    body = workbook("场所", COLUMNS, [{"zh": name, "area": "柳溪村", "kind": "临街门面"} for name in ("=店", "＝店")])
    sheet = read(io.BytesIO(body), COLUMNS, load_pack().files["sheets"])
    assert (sheet.problems, [line.cells["zh"] for line in sheet.lines]) == ([], ["=店", "＝店"])


def test_the_template_offers_the_allowed_words():
    body = workbook("场所", COLUMNS, [], {"areas": ["柳溪村", "高坪村"]})
    page, lists = load_workbook(io.BytesIO(body)).worksheets
    assert [cell.value.removesuffix("（必填）") for cell in page[1]] == VENUES
    assert [cell.value for cell in lists["C"]][2:4] == ["柳溪村", "高坪村"]
    assert "C2:C5000" in str(page.data_validations.dataValidation[0].sqref)
