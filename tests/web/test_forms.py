"""The superior's own form: tried before it is kept, filled in place, and refused with a sentence when it is dangerous."""

import io
import zipfile

import pytest
from docx import Document
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName
from papers import LAST, Village

from wujin_field.reports import form_gate

OUT = "<a><b TargetMode='External' Type='x/attachedTemplate' Target='http://evil/hyperlink'/></a>"


@pytest.fixture
def village(app):
    village = Village(app)
    village.outing(6, "讲解用电", people=17, audiences={"enterprise_staff": 17})
    return village


@pytest.fixture
def station(village):
    return village.at("何敏")


def word(*lines):
    document, out = Document(), io.BytesIO()
    for line in lines:
        document.add_paragraph(line)
    document.save(out)
    return out.getvalue()


def with_part(body, name, data=b"x"):
    out = io.BytesIO(body)
    with zipfile.ZipFile(out, "a") as parts:
        parts.writestr(name, data)
    return out.getvalue()


def with_footnote(text):
    """Not only what stands in the text is filled in."""
    document, out = Document(io.BytesIO(word("x"))), io.BytesIO()
    notes = PackURI("/word/footnotes.xml")
    xml = f'<w:footnotes xmlns:w="{document.element.nsmap["w"]}"><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:footnotes>'
    document.part.relate_to(Part(notes, form_gate.FOOTNOTES, xml.encode(), document.part.package), "notes")
    document.save(out)
    return out.getvalue()


def entitled(text):
    document, out = Document(), io.BytesIO()
    document.core_properties.title = text
    document.save(out)
    return out.getvalue()


def sheet(**cells):
    book, out = Workbook(), io.BytesIO()
    for place, value in cells.items():
        book.active[place] = value
    book.save(out)
    return out.getvalue()


def merged_to_the_end():
    """Fifty bytes of a sheet that would make seventeen billion cells."""
    body, out = sheet(A1="x"), io.BytesIO()
    merge = b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    with zipfile.ZipFile(io.BytesIO(body)) as parts, zipfile.ZipFile(out, "w") as changed:
        for name in parts.namelist():
            changed.writestr(name, parts.read(name).replace(b"</sheetData>", merge))
    return out.getvalue()


def upload(station, name, body, kind="half_year_table", **more):
    return station.post("/station/forms", data={"kind": kind, "file": (io.BytesIO(body), name), **more})


def test_the_columns_of_a_superiors_table_are_filled_in_place(village, station):
    book, out = Workbook(), io.BytesIO()
    book.active["B2"], book.active["C2"], book.active["A1"] = (
        "{{企业_安全宣讲}}",
        "{{合计_场次合计}}",
        "填报单位：{{填报单位}}",
    )
    book.save(out)
    assert upload(station, "区里的表.xlsx", out.getvalue()).status_code == 303
    form_id = station.get("/station/forms").text.split("/station/forms/")[1].split("/")[0]
    station.post(f"/station/forms/{form_id}/choice")
    answer = station.get(f"/station/reports/station/{LAST.year}-H2/half_year_table/own.xlsx")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert (sheet["B2"].value, sheet["C2"].value, sheet["A1"].value) == (1, 1, "填报单位：青禾镇消防工作站")


def test_a_table_whose_rows_and_columns_are_named_as_ours_needs_no_names_in_its_cells(village, station):
    book, out = Workbook(), io.BytesIO()
    for line in (
        ["统计表"],
        ["类别", "安全宣讲", "场次合计", "受众（人次）"],
        ["企业"],
        ["合 计", None, None, "另报"],
        ["火星"],
    ):
        book.active.append(line)
    book.save(out)
    assert upload(station, "县里的表.xlsx", out.getvalue()).status_code == 303
    form_id = station.get("/station/forms").text.split("/station/forms/")[1].split("/")[0]
    station.post(f"/station/forms/{form_id}/choice")
    answer = station.get(f"/station/reports/station/{LAST.year}-H2/half_year_table/own.xlsx")
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(answer.data)).active.iter_rows(min_row=3)]
    assert rows[0][:3] == ["企业", 1, 1] and isinstance(rows[0][3], int)
    assert rows[1] == ["合 计", 1, 1, "另报"] and rows[2] == ["火星", None, None, None]


def test_cells_that_bear_a_name_are_filled_in_place(village, station):
    book, out = Workbook(), io.BytesIO()
    book.active.title = "统计"
    book.active["A1"] = "场次"
    for name, place in (("合计_场次合计", "'统计'!$B$1"), ("填报单位", "'统计'!$A$3:$C$3"), ("企业_安全宣讲", "#REF!")):
        book.defined_names[name] = DefinedName(name, attr_text=place)
    book.active.merge_cells("A3:C3")
    book.save(out)
    assert upload(station, "区里的表.xlsx", out.getvalue()).status_code == 303
    form_id = station.get("/station/forms").text.split("/station/forms/")[1].split("/")[0]
    station.post(f"/station/forms/{form_id}/choice")
    answer = station.get(f"/station/reports/station/{LAST.year}-H2/half_year_table/own.xlsx")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert [sheet[place].value for place in ("A1", "B1", "A3")] == ["场次", 1, "青禾镇消防工作站"]


def test_a_loop_over_a_month_without_entries_prints_nothing(village, station):
    body = word("{% for r in 条目 %}有{{ r.标题 }}{% endfor %}完")
    assert upload(station, "表.docx", body, kind="annex2_monthly").status_code == 303
    form_id = station.get("/station/forms").text.split("/station/forms/")[1].split("/")[0]
    station.post(f"/station/forms/{form_id}/choice")
    empty = station.get("/station/reports/shiqiao/2031-01/annex2_monthly/own.docx")
    assert Document(io.BytesIO(empty.data)).paragraphs[0].text == "完"


def test_a_word_form_takes_names_and_loops(village, station):
    assert (
        upload(
            station, "表.docx", word("单位：{{ 填报单位 }}，{% for r in 行 %}{{ r.类别 }}、{% endfor %}")
        ).status_code
        == 303
    )
    form_id = station.get("/station/forms").text.split("/station/forms/")[1].split("/")[0]
    filled = Document(io.BytesIO(station.get(f"/station/forms/{form_id}/trial").data)).paragraphs[0].text
    assert filled == "单位：青禾镇消防工作站，企业、农村、社区、学校、家庭、合计、"


def test_a_dry_run_names_what_nobody_knows(village, station):
    answer = upload(station, "表.docx", word("{{ 填报单位 }}{{ 火星 }}"))
    assert answer.status_code == 422
    assert "火星" in answer.text
    assert "还没有模板" in answer.text
    assert upload(station, "表.docx", word("{{ 火星 }}"), anyway="on").status_code == 303


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("表.docm", word("x"), "文件里带宏"),
        ("表.docx", with_part(word("x"), "word/vbaProject.bin"), "文件里带宏"),
        ("表.doc", word("x"), "只收 .docx 和 .xlsx"),
        ("表.docx", b"PK but no zip", "这个文件打不开"),
        ("表.docx", word("{% for r in 火星 %}{% endfor %}"), "循环“火星”没有对应的数据"),
        ("表.docx", word("{% for r in %}{% endfor %}"), "花括号没有写对"),
        ("表.docx", word("{{ ''.__class__.__mro__() }}"), "模板里只能写名字"),
        ("表.docx", word("{{ range(10**9) }}"), "模板里只能写名字"),
        ("表.docx", word("{{ 单位.__class__.__mro__ }}"), "模板里只能写名字"),
        ("表.docx", word("{{ " + "(" * 3000 + "单位" + ")" * 3000 + " }}"), "模板里只能写名字"),
        ("表.docx", word("{% for a in 行 %}{% for b in 行 %}{% endfor %}{% endfor %}"), "循环里面不能再套循环"),
        ("表.docx", with_footnote("{% for a in range(99999) %}{% endfor %}"), "模板里只能写名字"),
        ("表.docx", entitled("{{ range(99999) }}"), "模板里只能写名字"),
        ("表.docx", word("{% for r in 行 %}{{ r.火星 }}{% endfor %}"), "行.火星"),
        ("表.docx", with_part(word("x"), "word/evil.dat", b" <!DOCTYPE a>"), "文件引用了外面的内容"),
        ("表.xlsx", merged_to_the_end(), "表里的格子太多"),
        ("表.docx", with_part(word("x"), "word/_rels/a.xml.rels", OUT.encode()), "文件引用了外面的内容"),
        ("表.docx", with_part(word("x"), "word/_rels/a.xml.rels", OUT.encode("utf-16")), "文件引用了外面的内容"),
        ("表.docx", with_part(word("x"), "word/evil.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]>"), "文件引用了外面的内容"),
    ],
)
def test_what_is_dangerous_or_broken_is_refused_with_a_sentence(village, station, name, body, sentence):
    answer = upload(station, name, body)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_an_honest_sheet_may_have_a_lonely_cell_far_away_and_its_printers_settings(village, station):
    body = with_part(
        sheet(A1="共{{ 合计_试点个 }}个", XFD1048576="x"), "xl/printerSettings/printerSettings1.bin", b"\0\1"
    )
    assert upload(station, "a/b/表.xlsx", body).status_code == 303
    page = station.get("/station/forms").text
    form_id = page.split("/station/forms/")[1].split("/")[0]
    filled = load_workbook(io.BytesIO(station.get(f"/station/forms/{form_id}/trial").data), read_only=True).active
    assert filled["A1"].value == "共0个" and "a/b" not in page


def test_a_zip_bomb_is_not_unpacked(village, station):
    out = io.BytesIO(word("x"))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("word/media/big.xml", b"0" * 60_000_000)
    assert "展开以后太大" in upload(station, "表.docx", out.getvalue()).text
