"""The clerk's month: from the evening of the 25th to 17:00 on the 28th (domain.md G), at two desks, in a real browser."""

import io
import re
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from harness import Station
from playwright.sync_api import expect
from test_the_desk import signed_in

sys.path.insert(0, str(Path(__file__).parent.parent / "web"))
from papers import LAST, MONTH, Village
from test_health import held

from wujin_field.config import STATION_ZONE
from wujin_field.db import utc_now

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]
AT = f"/station/reports/liuxi/{MONTH}/annex2_monthly"
# The served program asks utc_now() for the time; here it reads how far that is away from a file.
CLOCKED = (
    "import sys, wujin_field.db; from datetime import timedelta; db = sys.modules['wujin_field.db'];"
    "db.timedelta = timedelta; db.CLOCK = sys.argv.pop(1);"
    "db.utc_now.__code__ = (lambda: datetime.now(UTC) + timedelta(seconds=float(open(CLOCK).read()))).__code__;"
    "from wujin_field.cli import main; main()"
)


class Clocked(Station):
    """A station whose clock a test puts."""

    def command(self):
        self.put(25, 19, 30)
        return [sys.executable, "-c", CLOCKED, str(self.folder / "clock"), "serve", "--port", str(self.port)]

    def put(self, day, hour, minute):
        then = datetime(LAST.year, LAST.month, day, hour, minute, tzinfo=STATION_ZONE)
        (self.folder / "clock.new").write_text(str((then - utc_now()).total_seconds()))
        (self.folder / "clock.new").replace(self.folder / "clock")  # whoever looks meanwhile sees one or the other


@pytest.fixture
def station(tmp_path):
    station = Clocked(tmp_path / "station")
    yield station.start()
    station.stop()


def test_a_month_is_made_handed_in_returned_corrected_and_received(station, new_desk):
    village = Village(station.app, station.town)
    first, photos = village.outing(6, "讲解用电", photos=4)
    village.outing(13, "讲解用气", photos=1)

    clerk = signed_in(station, new_desk, "赵春兰", "station")  # the 25th, after work
    clerk.goto(f"{station.url}/station/reports?period={MONTH}")
    line = clerk.get_by_role("row", name=re.compile("柳溪村村民委员会"))
    expect(line).to_contain_text("未开始")
    line.get_by_text("1处").click()
    expect(line).to_contain_text("只有1张照片")
    line.get_by_role("link", name="柳溪村村民委员会", exact=True).click()

    for width, beside, least in ((1100, True, 480), (820, False, 600)):  # beside the words only where both fit
        clerk.set_viewport_size({"width": width, "height": 768})
        words, sheet = (clerk.locator(part).bounding_box() for part in ("#words", "#beside .paper"))
        assert (sheet["x"] > words["x"] + words["width"]) == beside and sheet["width"] >= least
    clerk.set_viewport_size({"width": 1440, "height": 900})
    drag(clerk, first, 0, 2)
    expect_order(clerk, [photos[1], photos[2], photos[0]])
    clerk.locator(f"#words li:has(input[name='photo:{first}'])").nth(1).press("ArrowLeft")
    expect_order(clerk, [photos[2], photos[1], photos[0]])
    clerk.locator(f"[name='text:{first}']").fill("到粮油厂讲解安全用电")
    clerk.get_by_label("审核人").click()
    expect(clerk.locator("#beside")).to_contain_text("（一）消防宣传进企业（到粮油厂讲解安全用电）")
    clerk.get_by_text("印这一条").nth(1).click()
    expect(clerk.locator("#beside")).not_to_contain_text("讲解用气")
    clerk.get_by_text("公开，印“此件公开发布”").click()
    hand_in(clerk)  # at once: the press brings along what was chosen last

    station.put(27, 10, 0)
    superior = signed_in(station, new_desk, "何敏", "station")
    superior.goto(f"{station.url}{AT}")
    superior.get_by_label("哪里要改").fill("写明去了几家，用气的那次也要印")
    superior.get_by_role("button", name="退回").click()
    expect(superior.locator(".headline")).to_contain_text("退回")

    station.put(28, 16, 30)
    clerk.reload()
    expect(clerk.locator("main")).to_contain_text("写明去了几家，用气的那次也要印")
    clerk.get_by_role("button", name="改一版").click()
    expect(clerk.locator(".headline")).to_contain_text("第2版")
    expect_order(clerk, [photos[2], photos[1], photos[0]])
    clerk.get_by_text("印这一条").nth(1).click()
    expect(clerk.locator("#beside")).to_contain_text("（二）消防宣传进企业（讲解用气）")
    hand_in(clerk)
    clerk.get_by_text("这一版改了").click()
    expect(clerk.locator("main")).to_contain_text("增加：（二）消防宣传进企业（讲解用气）")

    station.put(28, 17, 0)
    superior.goto(f"{station.url}{AT}")
    expect(superior.locator(".headline")).not_to_contain_text("迟报")
    for way in ("纸质哪天收到", "电子哪天收到"):
        superior.get_by_label(way).fill(f"{LAST:%Y-%m}-28")
    superior.get_by_role("button", name="收到", exact=True).click()
    expect(superior.locator(".headline")).to_contain_text("收到")
    station.put(28, 23, 0)
    all_as_one(superior, station)


def drag(page, entry, start, end):
    """With the mouse held down, as a hand does it."""
    page.locator("photo-order:defined").first.wait_for()
    items = page.locator(f"#words li:has(input[name='photo:{entry}']) img")
    items.nth(start).scroll_into_view_if_needed()
    from_box, to_box = items.nth(start).bounding_box(), items.nth(end).bounding_box()
    page.mouse.move(from_box["x"] + 20, from_box["y"] + 20)
    page.mouse.down()
    page.mouse.move(to_box["x"] + to_box["width"] - 10, to_box["y"] + 20, steps=8)
    page.mouse.up()


def expect_order(page, digests):
    """Of the preview, which the server made: what will be printed."""
    shown = page.locator("#beside article .paper-photos").first.locator("img")
    for n, sha256 in enumerate(digests):
        expect(shown.nth(n)).to_have_attribute("src", re.compile(sha256))


def hand_in(page):
    page.get_by_role("button", name="报送", exact=True).click()
    expect(page.locator(".headline")).to_contain_text("已报")


def all_as_one(page, station):
    """Every village in one zip; a second one is stopped on the way."""
    page.goto(f"{station.url}/station/reports?period={MONTH}")
    expect(page.get_by_role("row", name=re.compile("柳溪村村民委员会"))).to_contain_text("收到")
    page.get_by_role("button", name="11个单位的打成一个压缩包").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("下载")).click()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as papers:
        assert len(papers.namelist()) == 11
        assert papers.testzip() is None
    page.goto(f"{station.url}/station/reports?period={MONTH}")
    page.get_by_label("文件格式").select_option("pdf")
    page.get_by_role("button", name="11个单位的打成一个压缩包").click()
    page.wait_for_url("**/station/jobs/*")
    with held(station.folder / "wujin.db"):  # the work stands still at its next unit
        expect(page.get_by_role("progressbar")).to_be_visible()
        page.get_by_role("button", name="不做了").click(no_wait_after=True)
    expect(page.locator("main")).to_contain_text("已取消")
