"""The papers as another program lays them out: whole, in order, on the pages one expects."""

import subprocess
from datetime import date, timedelta
from io import BytesIO

import msgspec
import pytest
from pypdf import PdfReader

from wujin_field.reports import docx, pdf
from wujin_field.reports.content import month_paper, monthly_report, plan_paper, plan_table
from wujin_field.reports.facts import PlanFacts, PlanRowFact

pytestmark = pytest.mark.needs("libreoffice")


@pytest.fixture
def pages(tmp_path):
    """pages(write) → the text of each page of what `write` wrote, blanks removed."""

    def printed(write):
        with open(tmp_path / "paper.docx", "wb") as out:
            write(out)
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), out.name]
        subprocess.run(convert, check=True, capture_output=True, timeout=120)
        text = subprocess.run(["pdftotext", "-layout", tmp_path / "paper.pdf", "-"], check=True, capture_output=True)
        return ["".join(page.split()) for page in text.stdout.decode().split("\f")[:-1]]

    return printed


def test_the_monthly_report_prints_every_entry_and_label_in_order(pages, month, monthly_layout, outing, jpeg):
    told = tuple(outing(f"2026-11-{day:02}", text=f"第{day}日", pictures=3) for day in (3, 5, 10, 12, 17, 19, 24, 26))
    report = monthly_report(month(2026, 11, activities=told, carried=(outing("2026-10-29"),)), monthly_layout)
    text = "".join(pages(lambda out: docx.write(month_paper(report), lambda picture: jpeg(), out)))
    entries = [entry.heading for section in report.sections for entry in section.entries]
    order = ["附件2", "青禾镇柳溪村2026年11月", *entries, "（此件公开发布）"]
    assert [text.count(words) for words in order] == [1] * len(order)
    assert sorted(order, key=text.index) == order
    assert text.count("图片1图片2图片3") == 8


def test_every_page_has_its_number_and_no_entry_leaves_its_pictures(pages, month, monthly_layout, outing, jpeg):
    told = tuple(outing(f"2026-11-{day:02}", pictures=3) for day in range(1, 9))
    report = monthly_report(month(2026, 11, activities=told), monthly_layout)
    printed = pages(lambda out: docx.write(month_paper(report), lambda picture: jpeg(size=(30, 40)), out))
    assert all(page.endswith(f"—{number}—") for number, page in enumerate(printed, 1))
    assert all(page.count("消防宣传进企业") == page.count("图片1") for page in printed)


def test_a_missing_picture_is_seen_on_paper(pages, month, monthly_layout, outing):
    report = monthly_report(month(2026, 11, activities=(outing("2026-11-03", pictures=2),)), monthly_layout)
    assert (
        "图片1（照片缺失）图片2（照片缺失）"
        in pages(lambda out: docx.write(month_paper(report), lambda picture: None, out))[0]
    )


def test_a_plan_of_ten_weeks_stands_on_one_page(pages, plan_layout):
    days = [date(2026, 10, 1) + timedelta(weeks=week) for week in range(10)]
    focus = "柳溪村三组、五组村民小组"  # two lines
    rows = tuple(
        PlanRowFact(n, day, day + timedelta(days=6), ("柳溪村委会",), focus, "陈大山") for n, day in enumerate(days, 1)
    )
    paper = plan_paper(plan_table(PlanFacts("青禾镇", "柳溪村", 2026, rows), plan_layout))
    whole = msgspec.structs.replace(paper, foot=("报送：青禾镇消防工作站",))
    assert len(pages(lambda out: docx.write(whole, None, out))) == 1
    with BytesIO() as out:
        pdf.write(whole, lambda shown: None, out)
        assert len(PdfReader(out).pages) == 1


def test_a_plan_of_a_year_repeats_its_head_on_every_page(pages, plan_layout):
    days = [date(2023, 1, 1) + timedelta(weeks=week) for week in range(52)]
    rows = tuple(
        PlanRowFact(n, day, day + timedelta(days=6), ("柳溪社区",), "用电", "周敏") for n, day in enumerate(days, 1)
    )
    table = plan_table(PlanFacts("青禾镇", "柳溪村", 2023, rows), plan_layout)
    printed = pages(lambda out: docx.write(plan_paper(table), None, out))
    assert len(printed) > 2
    assert all(page.count("活动周期计划“五进”村社宣传重点负责人") == 1 for page in printed)
    assert "第五十二周" in printed[-1]
