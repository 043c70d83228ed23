"""What is printed can be scanned: every QR is read again from the rendered page."""

import pypdfium2
import pytest
import zxingcpp

from wujin_field.cast.town import code_of
from wujin_field.reports.poster import LABELS, Poster, address, write_labels, write_posters

PLACES = ["柳溪村村委会", "永安南货铺", "第三人民医院住院部二楼东侧护士站旁的微型消防站" * 2, "A & B Café", "三组12户"]


def sheets(count):
    names = [f"{PLACES[n % len(PLACES)]}{n}" for n in range(count)]
    return [Poster("青禾镇消防工作站", name, "柳溪村", code_of(name), address("https://wujin.example.org", code_of(name)))
            for name in names]  # fmt: skip


def scanned(pdf, dpi=100):
    """What a phone would read off each page."""
    for page in pypdfium2.PdfDocument(pdf):
        yield [found.text for found in zxingcpp.read_barcodes(page.render(scale=dpi / 72).to_pil())]


def test_every_poster_is_a_page_whose_code_reads_back():
    posters = sheets(12)
    assert list(scanned(write_posters(posters, "海报"))) == [[poster.address] for poster in posters]


def test_every_label_of_a_sheet_reads_back():
    posters = sheets(LABELS + 2)
    read = [sorted(page) for page in scanned(write_labels(posters, "标签"), dpi=150)]
    wanted = [poster.address for poster in posters]
    assert read == [sorted(wanted[:LABELS]), sorted(wanted[LABELS:])]


@pytest.mark.parametrize("write", [write_posters, write_labels])
def test_it_says_how_far_it_is(write):
    told = []
    write(sheets(25), "海报", lambda done, total: told.append((done, total)))
    assert told and all(total == 25 for _, total in told) and told == sorted(told)


def test_the_text_can_be_searched_and_a_long_name_stays_on_the_page():
    page = pypdfium2.PdfDocument(write_posters(sheets(3)[2:], "海报"))[0]
    text = page.get_textpage().get_text_bounded()
    assert "青禾镇消防工作站" in text and "119" in text and "护士站" in text
