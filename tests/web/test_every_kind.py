"""Every paper of reports.toml, in Word, PDF and Excel from one content: none fails, and their numbers are the same."""

import re
from io import BytesIO
from zipfile import ZipFile

import pypdfium2 as pdfium
import pytest
from docx import Document
from openpyxl import load_workbook
from papers import LAST, MONTH, Village
from pypdf import PdfReader

from wujin_field.db import uuid7, writing
from wujin_field.domain import load_pack
from wujin_field.models import Campaign, CampaignLine, Unit, Venue
from wujin_field.reports.docx import said as cell_said
from wujin_field.reports.faces import drawable, rare
from wujin_field.reports.kinds import KINDS

YEAR, LONG = MONTH[:4], "青禾镇柳溪村" * 10
PERIODS = {"month": MONTH, "year": YEAR, "half_year": f"{YEAR}-H2", "quarter": f"{YEAR}-Q{(LAST.month + 2) // 3}"}
OWN = {"half_year_table": "station", "bulletin": "station", "annex1_plan": "liuxi"}
FIVE = ("企业", "农村", "社区", "学校", "家庭")


@pytest.fixture(scope="module")
def village(tmp_path_factory):
    """One town for all: nothing here changes it."""
    from wujin_field.cli import prepared
    from wujin_field.config import read_settings
    from wujin_field.db import db

    app = prepared(read_settings(env={}, data_dir=tmp_path_factory.mktemp("town"), public_url="http://localhost"))
    village = Village(app)
    village.outing(6, "讲解用电", people=17, audiences={"enterprise_staff": 17})
    village.outing(13, "𠮷先生带头学习灭火🔥，䶮字也要印出来", people=23, audiences={"rural_resident": 23})
    village.outing(20, "疏散演练" * 15, form="evacuation_drill", photos=1)
    village.outing(22, "照片丢了一张", photos=1, arrived=False)
    village.outing(23, "照片九张", photos=9)
    with app.app_context(), writing() as session:
        session.get_one(Venue, village.town.venue("禾丰粮油加工厂").id).zh = LONG
    village.campaign = campaign(village)
    yield village
    with app.app_context():
        db.engine.dispose()


def campaign(village):
    """A joint one over the month, with one work item that is counted."""
    with village.app.app_context(), writing() as session:
        line = CampaignLine(id=uuid7(), kind="item", number=1, text="开展一次疏散演练", lead="李站长", responsible="各村",
                            activity_kind="home_visit")  # fmt: skip
        row = Campaign(id=uuid7(), unit_id=village.town.units["station"].id, zh="消防宣传月", theme="全民消防、生命至上",
                       first_day=LAST.replace(day=1), last_day=LAST, lines=[line])  # fmt: skip
        row.organisers = [session.get_one(Unit, village.town.units[code].id) for code in ("station", "emergency")]
        session.add(row)
        return row.id


def written(village, kind, form, unit=None):
    period = PERIODS[load_pack()["report"][kind]["period"]]
    answer = village.at("何敏").get(f"/station/reports/{unit or OWN.get(kind, 'liuxi')}/{period}/{kind}.{form}")
    assert answer.status_code == 200, (kind, form, answer.status_code)
    return answer.data


def said(form, body):
    """All text of a file in the order of reading, row by row and cell by cell, blanks removed."""
    if form == "docx":
        text = "".join(
            node.text or "" for node in Document(BytesIO(body)).element.body.iter() if node.tag.endswith("}t")
        )
    elif form == "xlsx":
        cells = (cell.value for row in load_workbook(BytesIO(body)).active.iter_rows() for cell in row)
        text = "".join(cell_said(value) for value in cells if value is not None)
    else:
        text = "".join(page.get_textpage().get_text_range() for page in pdfium.PdfDocument(body))
    text = "".join(text.split())
    return re.sub(r"—\d+—", "", text) if form == "pdf" else text  # the numbers of the pages


def once(text, heads):
    """Without the heads that a table repeats on its further pages, and without what no face of the PDF has."""
    for head in heads:
        first, *more = text.split(head)
        text = first + (head + "".join(more) if more else "")
    letters = [letter for letter in text if letter != "〓" and ord(letter) in drawable() | rare()]
    return re.sub(r"处的字不在本文件的字库里：[U+0-9A-F、]+。Word版中可见原字。", "", "".join(letters))


def tables(body):
    return [[cell.text for cell in row.cells] for table in Document(BytesIO(body)).tables for row in table.rows]


def test_every_kind_of_the_pack_can_be_written():
    assert set(KINDS) == set(load_pack()["report"])


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_word_pdf_and_excel_say_the_same_in_the_same_order_and_each_names_the_station(village, kind):
    """Word for word and number for number: two numbers that changed places are seen."""
    files = {form: written(village, kind, form) for form in ("docx", "pdf", "xlsx")}
    heads = {"".join("".join(table.row_cells(0)[n].text.split()) for n in range(len(table.columns)))
             for table in Document(BytesIO(files["docx"])).tables if len(table.rows) > 1}  # fmt: skip
    word, pdf, excel = (once(said(form, body), heads) for form, body in files.items())
    assert "青禾镇消防工作站" in word
    assert pdf == word
    assert excel == word


@pytest.mark.parametrize("kind", ["annex2_monthly", "half_year_table", "annual_summary"])
def test_the_pdf_is_chinese_text_in_embedded_faces(village, kind):
    pdf = PdfReader(BytesIO(written(village, kind, "pdf")))
    text = said("pdf", written(village, kind, "pdf"))
    assert load_pack()["report"][kind]["title_lines"][-1].partition("}")[2][-4:] in text
    simple = "".join(page.extract_text() for page in pdf.pages)  # by a reader that knows no table of codes
    assert sorted(re.sub(r"[\s—\d]", "", simple)) == sorted(re.sub(r"[—\d]", "", text))
    fonts = [font.get_object() for page in pdf.pages for font in page["/Resources"]["/Font"].values()]
    kinds = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() for font in fonts]
    assert all({"/FontFile2", "/FontFile3"} & set(descriptor) for descriptor in kinds)


def test_what_no_face_has_is_marked_and_named_and_nothing_vanishes(village):
    text = said("pdf", written(village, "annex2_monthly", "pdf"))
    assert "𠮷先生带头学习灭火〓，䶮字也要印出来" in text
    assert "U+20BB7" not in text and "U+1F525" in text
    for form in ("docx", "xlsx"):
        assert "𠮷先生带头学习灭火🔥，䶮字也要印出来" in said(form, written(village, "annex2_monthly", form))


def test_the_same_content_is_the_same_file(village):
    for form in ("docx", "pdf", "xlsx"):
        assert written(village, "annex2_monthly", form) == written(village, "annex2_monthly", form)


def test_the_half_year_table_checks_itself(village):
    rows = tables(written(village, "half_year_table", "docx"))
    head, total = rows[0], next(row for row in rows if row[0] == "合计")
    at = head.index("场次合计")
    assert int(total[at]) == sum(int(value) for value in total[1:at]) == sum(int(row[at]) for row in rows[1:-1]) == 5
    assert "三者相等" in said("docx", written(village, "half_year_table", "docx"))


def test_the_annual_summary_is_drafted_from_the_years_figures(village):
    text = said("docx", written(village, "annual_summary", "docx"))
    assert "开展“五进”活动5场次" in text
    assert all(f"（{number}）进{place}。" in text for number, place in zip("一二三四五", FIVE, strict=True))
    assert "四、示范点与作品案例" in text
    assert len(PdfReader(BytesIO(written(village, "annual_summary", "pdf"))).pages) == 2  # E5: about two pages


def test_in_excel_the_head_of_a_list_is_printed_on_every_page_and_nothing_else_is(village):
    titles = {kind: load_workbook(BytesIO(written(village, kind, "xlsx"))).active.print_title_rows for kind in KINDS}
    assert titles["hazard_ledger"] == "$3:$3" and titles["annual_summary"] is None


def test_a_bulletin_names_units_and_nobody(village):
    text = said("docx", written(village, "bulletin", "docx"))
    assert "柳溪村村民委员会" in text
    assert "陈大山" not in text


def test_hours_of_service_are_counted_by_half(village):
    rows = tables(written(village, "service_record", "docx"))
    assert {row[4] for row in rows[1:]} == {"0.5"}


def test_r010_r152_a_teams_members_have_the_hours_that_their_own_record_prints(village):
    chen, zhao, desk = (village.town.person(name) for name in ("陈大山", "赵春兰", "何敏"))
    clerk = village.at(desk.name)
    team = clerk.post("/station/teams", data={"zh": "柳溪小队", "unit": chen.unit_id}).headers["Location"]
    clerk.post(team, data={"zh": "柳溪小队", "active": "1", "member": [chen.id, zhao.id]})
    page = clerk.get(f"{team}?year={YEAR}").text
    lines = re.findall(r"<th scope=\"row\">(\S+) .*?服务次数\">(\d+)<.*?小时\">([\d.]+)<", page, re.S)
    assert sorted(lines) == [("赵春兰", "0", "0"), ("陈大山", "5", "2.5")]
    assert [name for name, _, _ in lines] == sorted(name for name, _, _ in lines)  # by name, never by hours
    address = re.search(r'"(/station/reports/[^"]*service_record\?about=[^"]+)"', page)[1]
    assert "服务5次，共2.5小时" in clerk.get(address).text
    record = said("docx", clerk.get(address.replace("?", ".docx?")).data)
    assert "陈大山" in record and "赵春兰" not in record


def test_a_sign_in_list_asks_for_no_number_of_anybody(village):
    assert tables(written(village, "sign_in_list", "docx"))[0] == ["序号", "姓名", "单位或组别", "签名"]


def test_the_papers_of_a_campaign_say_what_its_page_says(village):
    page = village.at("何敏").get(f"/station/campaigns/{village.campaign}").text
    done = int(re.search(r'week-count"><[^>]*>(\d+) 场', page)[1])
    address = re.search(r'"(/station/reports/[^"]*campaign_plan[^"]*)"', page)[1]
    plan = " ".join(re.sub("<[^>]+>", " ", village.at("何敏").get(address).text).split())
    assert "活动主题：全民消防、生命至上" in plan
    assert "开展一次疏散演练 牵头：李站长 落实：各村" in plan
    summary = written(village, "campaign_summary", "docx", "station")
    assert f"共开展活动{done}场次" in said("docx", summary)
    rows = tables(summary)
    assert [row[:2] for row in rows if row[0].startswith(("青禾镇消防", "合计"))] == [
        ["青禾镇消防工作站", str(done)], ["合计（共同开展的只计一次）", str(done)]]  # fmt: skip
    assert ["开展一次疏散演练", str(done)] in [[row[0], row[2]] for row in rows if len(row) == 4]


@pytest.mark.parametrize("kind", ["annex2_monthly", "venue_history", "annual_summary", "hazard_ledger"])
def test_excel_shows_the_pictures_that_word_shows(village, kind):
    shown = {}
    for form, part, one in (
        ("docx", "word/document.xml", b"<wp:inline"),
        ("xlsx", "xl/drawings/drawing1.xml", b"<xdr:pic>"),
    ):
        with ZipFile(BytesIO(written(village, kind, form))) as file:
            media = {name: file.read(name) for name in file.namelist() if "/media/" in name}
            shown[form] = (file.read(part).count(one) if media else 0, sorted(media.values()))
    assert shown["xlsx"] == shown["docx"] and (shown["xlsx"][0] or kind == "hazard_ledger")


@pytest.mark.parametrize("form", ["docx", "pdf", "xlsx"])
def test_a_picture_that_is_lost_is_named_and_nine_print_as_three(village, form):
    text = said(form, written(village, "annex2_monthly", form))
    assert text.count("图片1（照片缺失）") == 1
    entry = text[text.index("（照片九张）") :]
    assert entry.count("图片3") == 1 and "图片4" not in entry


@pytest.mark.parametrize("form", ["docx", "pdf", "xlsx"])
def test_a_name_of_sixty_characters_is_printed_whole(village, form):
    assert LONG in said(form, written(village, "venue_history", form))
