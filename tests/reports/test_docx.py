import io
import zipfile
from datetime import date, datetime

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from wujin_field.reports import docx
from wujin_field.reports.content import month_paper, monthly_report, plan_paper, plan_table
from wujin_field.reports.facts import PlanFacts, PlanRowFact
from wujin_field.reports.ooxml import ILLEGAL


@pytest.fixture
def written(month, monthly_layout):
    """written(picture, activities=…) → the bytes of Liuxi's report of November 2026."""

    def write(picture=lambda sha256: None, **facts):
        out = io.BytesIO()
        docx.write(
            month_paper(monthly_report(month(2026, 11, **facts), monthly_layout)), lambda p: picture(p.sha256), out
        )
        return out.getvalue()

    return write


@pytest.fixture
def plan(plan_layout):
    def write(*rows):
        out = io.BytesIO()
        docx.write(plan_paper(plan_table(PlanFacts("青禾镇", "柳溪村", 2023, rows), plan_layout)), None, out)
        return out.getvalue()

    return write


def told(file):
    """Texts and pictures in reading order; a picture is the bytes it shows."""
    document = Document(io.BytesIO(file))
    for paragraph in document.element.body.iter(qn("w:p")):
        for node in paragraph.iter(qn("w:t"), qn("a:blip")):
            yield node.text if node.tag == qn("w:t") else document.part.related_parts[node.get(qn("r:embed"))].blob


def opened(file):
    return Document(io.BytesIO(file))


def texts(file):
    return [text for text in told(file) if isinstance(text, str)]


def names(file):
    return zipfile.ZipFile(io.BytesIO(file)).namelist()


def test_the_paper_reads_from_the_mark_to_the_closing(written, outing):
    told_of = (outing("2026-11-03", "企业", "检查灭火器"), outing("2026-11-10", "学校", "疏散演练"))
    facts = {"activities": told_of, "carried": (outing("2026-10-29", "家庭", "入户"),)}
    assert texts(written(**facts, person="周敏", reviewer="李国强", submitted_on=date(2026, 11, 27))) == [
        "附件2",
        "青禾镇柳溪村2026年11月",
        "消防宣传“五进”工作情况",
        "一、11月第一周（11月1日—7日）",
        "（一）消防宣传进企业（检查灭火器）",
        "二、11月第二周（11月8日—14日）",
        "（二）消防宣传进学校（疏散演练）",
        "三、11月第三周（11月15日—21日）",
        "本周无活动",
        "四、11月第四周（11月22日—28日）",
        "本周无活动",
        "五、11月第五周（11月29日—30日）",
        "28日以后的活动列入下月补报",
        "上月补报（10月29日）",
        "（三）消防宣传进家庭（入户）",
        "填报：周敏　审核：李国强　报送日期：2026年11月27日",
        "（此件公开发布）",
    ]


def test_three_pictures_stand_in_order_under_their_own_entry(written, outing, jpeg):
    store = {f"{name}/{i}": jpeg((red, i * 60, 0)) for name, red in [("a", 0), ("b", 200)] for i in (1, 2, 3)}
    told_of = (outing("2026-11-03", pictures=3, named="a"), outing("2026-11-04", pictures=3, named="b"))
    first = [store["a/1"], "图片1", store["a/2"], "图片2", store["a/3"], "图片3"]
    second = [store["b/1"], "图片1", store["b/2"], "图片2", store["b/3"], "图片3"]
    headings = ["（一）消防宣传进企业（检查灭火器）", "（二）消防宣传进企业（检查灭火器）"]
    assert list(told(written(store.get, activities=told_of)))[4:18] == [headings[0], *first, headings[1], *second]


def test_the_bytes_of_a_picture_go_in_unchanged(written, outing, jpeg):
    raw = jpeg().replace(b"JFIF\0", b"XXXX\0")
    file = written(lambda sha256: raw, activities=(outing("2026-11-03", pictures=1),))
    assert zipfile.ZipFile(io.BytesIO(file)).read("word/media/image1.jpeg") == raw


def test_a_picture_fills_its_box_and_keeps_its_shape(written, outing, jpeg):
    store = {"a/1": jpeg(size=(400, 300)), "a/2": jpeg(size=(300, 400)), "a/3": jpeg(size=(9, 900))}
    shapes = opened(written(store.get, activities=(outing("2026-11-03", pictures=3, named="a"),))).inline_shapes
    sizes = [(round(shape.width.mm, 1), round(shape.height.mm, 1)) for shape in shapes]
    assert sizes == [(50, 37.5), (37.5, 50), (0.5, 50)]


@pytest.mark.parametrize("lost", [None, b"", b"not a picture", b"\xff\xd8\xff"])
def test_a_picture_that_cannot_be_had_is_named_as_missing(written, outing, jpeg, lost):
    store = {"a/1": jpeg("red"), "a/2": lost, "a/3": jpeg("blue")}
    file = written(store.get, activities=(outing("2026-11-03", pictures=3, named="a"),))
    assert list(told(file))[5:10] == [store["a/1"], "图片1", "图片2（照片缺失）", store["a/3"], "图片3"]


def test_a_png_is_taken_too(written, outing, jpeg):
    file = written(lambda sha256: jpeg(kind="PNG"), activities=(outing("2026-11-03", pictures=1),))
    assert "word/media/image1.png" in names(file)
    assert len(opened(file).inline_shapes) == 1


def test_more_than_three_pictures_go_on_in_a_second_row(month, monthly_layout, outing, jpeg):
    layout = {**monthly_layout, "photos_per_entry_expected": 5}
    out = io.BytesIO()
    facts = month(2026, 11, activities=(outing("2026-11-03", pictures=5),))
    docx.write(month_paper(monthly_report(facts, layout)), lambda picture: jpeg(), out)
    table = opened(out.getvalue()).tables[0]
    assert [len(row.cells) for row in table.rows] == [3, 2]
    assert [text for text in texts(out.getvalue()) if text.startswith("图片")] == [f"图片{i}" for i in range(1, 6)]


def test_a_picture_shown_twice_is_asked_for_and_stored_once(written, outing, jpeg):
    asked = []
    same = tuple(outing("2026-11-03", text=text, pictures=3, named="a") for text in ("一", "二"))
    file = written(lambda sha256: asked.append(sha256) or jpeg(), activities=same)
    assert asked == ["a/1", "a/2", "a/3"]
    assert sum("media/" in name for name in names(file)) == 3
    assert len(opened(file).inline_shapes) == 6


def test_264_pictures_are_each_read_once_and_never_hashed(written, outing, jpeg, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "hashlib.sha1", lambda *_: pytest.fail("python-docx hashes all earlier pictures for each new one")
    )
    told_of = tuple(outing(f"2026-11-{1 + n % 28:02}", pictures=3, named=f"{n:02}") for n in range(88))
    file = written(lambda sha256: asked.append(sha256) or jpeg(), activities=told_of)
    assert len(asked) == len(set(asked)) == sum("media/" in name for name in names(file)) == 264


@pytest.mark.parametrize("text", ["走访独居老人，检查电线；" * 60, "𠮷䶮🔥👩‍🚒", "<w:p>&amp;\"'", "a" * 400])
def test_a_text_is_printed_whole_however_long_or_rare(written, outing, text):
    assert f"（一）消防宣传进企业（{text}）" in texts(written(activities=(outing("2026-11-03", text=text),)))


def test_what_xml_cannot_hold_is_left_out(written, outing):
    bad = "灭\x00火\x08器\ud800\ufffe\uffff"
    assert ILLEGAL.sub("", bad) == "灭火器"
    assert "（一）消防宣传进企业（灭火器）" in texts(
        written(activities=(outing("2026-11-03", text=bad),), person="周\x01敏")
    )


def test_the_page_is_that_of_an_official_paper(written):
    page = opened(written()).sections[0]
    sides = [
        page.page_width,
        page.page_height,
        page.top_margin,
        page.bottom_margin,
        page.left_margin,
        page.right_margin,
    ]
    assert [round(side.mm) for side in sides] == [210, 297, 37, 35, 28, 26]
    assert "".join(page.footer.paragraphs[0].text.split()) == "—1—"


def test_faces_and_sizes_are_those_of_an_official_paper(written):
    document = opened(written())
    default = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:rFonts')}")
    assert default.get(qn("w:eastAsia")) == "仿宋_GB2312"
    assert [face(document, name) for name in ("Title", "附件号", "Heading 1")] == ["方正小标宋简体", "黑体", "黑体"]
    assert document.styles["Title"].font.size == Pt(22)
    assert document.paragraphs[0].style.name == "附件号"


def face(document, style):
    return document.styles[style].element.find(f".//{qn('w:rFonts')}").get(qn("w:eastAsia"))


def test_a_picture_is_not_cut_by_the_exact_spacing_of_the_text(written):
    assert opened(written()).styles["图片"].paragraph_format.line_spacing == 1


def test_the_closing_stands_last_and_to_the_right(written):
    last = opened(written()).paragraphs[-1]
    assert (last.text, last.style.paragraph_format.alignment) == ("（此件公开发布）", 2)


def test_the_file_says_what_it_is_and_nothing_of_how_it_was_made(written):
    file = written(submitted_on=date(2026, 11, 27))
    core = opened(file).core_properties
    assert core.title == "青禾镇柳溪村2026年11月消防宣传“五进”工作情况"
    assert (core.author, core.last_modified_by, core.language) == ("青禾镇柳溪村", "青禾镇柳溪村", "zh-CN")
    assert core.created.replace(tzinfo=None) == datetime(2026, 11, 27)
    assert not any(b"python" in zipfile.ZipFile(io.BytesIO(file)).read(name).lower() for name in names(file))


def test_the_same_content_is_the_same_file(written, outing, jpeg):
    one, two = (written(lambda sha256: jpeg(), activities=(outing("2026-11-03", pictures=3),)) for _ in range(2))
    assert one == two


def test_it_can_be_written_where_nothing_can_be_taken_back(month, monthly_layout, tmp_path):
    class Pipe(io.RawIOBase):
        sent = b""

        def writable(self):
            return True

        def write(self, data):
            self.sent += bytes(data)
            return len(data)

    docx.write(month_paper(monthly_report(month(2026, 11), monthly_layout)), lambda picture: None, pipe := Pipe())
    assert texts(pipe.sent)[0] == "附件2"


def test_the_plan_is_one_table_with_the_columns_of_the_form(plan):
    row = PlanRowFact(1, date(2023, 5, 1), date(2023, 5, 6), ("柳溪社区", "东河村委会"), "柳溪小学……", "周敏")
    document = opened(plan(row))
    assert [p.text for p in document.paragraphs if p.text] == ["附件1", "青禾镇柳溪村2023年消防宣传", "“五进”计划表"]
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert cells[0] == ["活动周期", "计划“五进”村社", "宣传重点", "负责人"]
    assert cells[1] == ["第一周\n（5月1-6日）", "柳溪社区、东河村委会", "柳溪小学……", "周敏"]
    assert len(cells) == 5


def test_the_head_of_the_plan_stands_on_every_page_and_no_row_is_split(plan):
    head, *rows = opened(plan()).tables[0].rows
    assert head._tr.find(f".//{qn('w:tblHeader')}") is not None
    assert all(row._tr.find(f".//{qn('w:cantSplit')}") is not None for row in [head, *rows])
    assert not any(row._tr.findall(f".//{qn('w:tblHeader')}") for row in rows)


def test_tables_are_no_wider_than_the_text(plan, written, outing, jpeg):
    photos = written(lambda sha256: jpeg(), activities=(outing("2026-11-03", pictures=3),))
    for file in (plan(), photos):
        assert sum(column.width for column in opened(file).tables[0].columns) <= Mm(156.1)
