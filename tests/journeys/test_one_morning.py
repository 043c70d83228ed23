"""One morning: from an Excel sheet to posters on doors and phones in hands, and the first things that happen out there."""

import re
import sys
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect
from test_the_river import enrol

sys.path.insert(0, str(Path(__file__).parents[1] / "sheets"))

from books import VENUES, book, shop

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(400)]
SHOPS = [shop(f"河街{n}号铺", area="柳溪村" if n < 4 else "石桥村") for n in range(1, 7)]
NEW = "门口一米内不堆东西"


def test_one_morning(station, new_phone, new_desk, tmp_path):
    desk = new_desk().open(station.link_for("何敏"))
    desk.locator("form[action^='/enrol'] button").click()
    desk.wait_for_url("**/station/**")

    imported(desk, station, tmp_path)
    addresses = printed(desk, tmp_path)
    assert len(addresses) == len(SHOPS)

    first, second, third = (enrolled(desk, station, name, new_phone()) for name in ("陈大山", "廖定邦", "何长生"))

    first.goto(addresses[0])  # the poster's code, as the phone's camera opens it
    first.wait_for_url("**/field/visits/*")
    expect(first.get_by_role("heading", level=1)).to_have_text(re.compile("河街"))
    item = first.locator("wujin-item").first
    old = item.locator("legend").inner_text()

    found_on_the_spot(second, station, desk)
    change_first_item(desk, station)

    third.goto(f"{station.url}/field/")
    expect(third.locator("wujin-app[ready]")).to_be_attached()
    third.goto(addresses[-1])
    third.wait_for_url("**/field/visits/*")
    expect(third.locator("wujin-item").first).to_contain_text(NEW)

    first.reload()  # it has the newer pack now, and the visit that is open keeps what it was begun with
    expect(first.locator("wujin-item").first.locator("legend")).to_have_text(old)
    assert NEW not in first.locator("wujin-checklist").inner_text()

    stopped_with_work_in_it(second, station, desk)


def enrolled(desk, station, name, phone):
    """The clerk opens a phone for somebody: its camera reads the code off the clerk's screen, the number is said aloud."""
    desk.goto(f"{station.url}/station/people/{station.town.person(name).id}")
    desk.get_by_role("button", name="开通一部手机").click()
    seen = Image.open(BytesIO(desk.locator(".qr").screenshot()))
    (link,) = [found.text for found in zxingcpp.read_barcodes(seen)]
    page = phone.open(link)
    page.get_by_label("确认号").fill(desk.locator("#number").inner_text())
    enrol(page)
    return page


def imported(desk, station, folder):
    """The sheet goes in: checked first, then imported."""
    sheet = folder / "场所.xlsx"
    sheet.write_bytes(book(VENUES, *SHOPS).read())
    desk.goto(f"{station.url}/station/sheets/venues")
    desk.get_by_label("填好的 .xlsx 文件").set_input_files(sheet)
    desk.get_by_role("button", name="检查一遍").click()
    desk.wait_for_url("**/station/imports/*")
    expect(desk.get_by_text("每一行都对")).to_be_visible()
    desk.get_by_role("button", name="导入", exact=True).click()
    desk.wait_for_url("**/station/imports/*")
    expect(desk.get_by_text("已导入")).to_be_visible()


def printed(desk, folder):
    """The posters of the import as one PDF; the addresses that a camera reads off its pages."""
    desk.get_by_role("link", name="打印这些场所的海报").click()
    desk.get_by_role("button", name="做成一个 PDF").click()
    desk.wait_for_url("**/station/jobs/*")
    with desk.expect_download() as download:
        desk.get_by_role("link", name=re.compile("下载")).click()
    pdf = folder / "posters.pdf"
    download.value.save_as(pdf)
    pages = [page.render(scale=1.4).to_pil() for page in pypdfium2.PdfDocument(pdf)]
    return [found.text for page in pages for found in zxingcpp.read_barcodes(page)]


def found_on_the_spot(page, station, desk):
    """A place that nobody had entered: visited at once, and a place of its own before noon."""
    begun(page, station, "桥头修车铺")
    finished(page)
    page.get_by_role("link", name="待交").click()
    expect(page.get_by_text("都交上去了")).to_be_visible()
    desk.goto(f"{station.url}/station/pending")
    card = desk.locator("article", has_text="桥头修车铺")
    card.locator("details").evaluate("(fold) => (fold.open = true)")  # shut where an old place may be meant
    card.get_by_role("button", name="建新场所").click()
    desk.wait_for_url("**/station/venues/*")
    expect(desk.get_by_role("heading", level=1)).to_have_text("桥头修车铺")


def begun(page, station, name):
    page.goto(f"{station.url}/v/new")
    page.get_by_label("这里叫什么").fill(name)
    page.get_by_role("button", name="开始走访").click()
    page.wait_for_url("**/field/visits/*")


def finished(page):
    page.get_by_role("tab", name=re.compile("收尾")).click()
    page.get_by_label("参加了多少人").fill("3")
    page.get_by_role("button", name="完成", exact=True).click()
    page.wait_for_url("**/field/")


def stopped_with_work_in_it(page, station, desk):
    """A phone is stopped while it still holds a visit: what it sends then waits for the clerk, who takes it over."""
    begun(page, station, "渡口茶馆")
    page.context.set_offline(True)
    finished(page)
    desk.goto(f"{station.url}/station/people/{station.town.person('廖定邦').id}")
    desk.get_by_role("button", name="停用这一部").click()
    expect(desk.get_by_text("已停用").first).to_be_visible()
    with page.expect_response("**/sync/visits/**"):
        page.context.set_offline(False)
    desk.goto(f"{station.url}/station/aside")
    desk.locator("#waiting li", has_text="渡口茶馆").get_by_role("button", name="收下").click()
    expect(desk.get_by_text("收下了，和手机自己交的一样算。")).to_be_visible()
    desk.goto(f"{station.url}/station/pending")
    expect(desk.locator("article", has_text="渡口茶馆")).to_be_visible()


def change_first_item(desk, station):
    desk.goto(f"{station.url}/station/pack/template/small_shop")
    desk.locator("ol li").first.get_by_role("link").click()
    desk.get_by_label("写成“好的样子”").fill(NEW)
    desk.get_by_role("button", name="存成草稿").click()
    desk.get_by_role("link", name="预览手机上的样子").click()
    expect(desk.locator("wujin-item").first).to_contain_text(NEW)
    desk.go_back()
    desk.get_by_role("button", name="发布").click()
    expect(desk.get_by_text("已发布")).to_be_visible()
