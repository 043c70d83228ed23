"""How the phone feels in the hand, measured on the app itself in Chromium.

    .venv/bin/python tests/bench/phone_hand.py

Prints: from the tap to 已保存 with 200 items and 30 photos in the visit, at 1× and 6× CPU slow-down; the longest time that the
page stood still while a 12-megapixel photo was taken in; from 扫码 to the first card with a poster before the camera; what
the tab holds in memory with 50 photos waiting. One number alone says little on a busy machine: each has its 1× beside it.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles

sys.path.insert(0, str(Path(__file__).parent.parent / "journeys"))
sys.path.insert(0, str(Path(__file__).parent.parent / "faults"))

from harness import Phone, Station, poster_film
from PIL import Image
from playwright.sync_api import sync_playwright
from pocket import SCRIPT
from test_the_river import venue_in

CHROMIUM = shutil.which("chromium") or "chromium"
LARGE_VISIT = """async ({ items, photos, size }) => {
  const id = await pocket.large({ items, photos, size });
  history.replaceState(null, '', '/field/visits/' + id);
  dispatchEvent(new PopStateEvent('popstate'));
}"""
TAPS = """async () => {
  const took = [];
  for (const item of [...document.querySelectorAll('wujin-item')].slice(0, 120)) {
    const saved = document.querySelector('.saved');
    const began = performance.now();
    const shown = new Promise((done) => new MutationObserver((_, seen) => (seen.disconnect(), done()))
      .observe(saved, { childList: true }));
    item.querySelector('.answer input').click();
    await shown;
    took.push(performance.now() - began);
  }
  return took;
}"""
WATCH = """() => {
  globalThis.longest = 0;
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    [globalThis.longest, last] = [Math.max(globalThis.longest, now - last - 4), now];
    setTimeout(tick, 4);
  };
  tick();
}"""


def twelve_megapixels(folder: Path) -> Path:
    """On disk, as a camera leaves it: handed over as bytes, the page would have to unpack them first."""
    picture = Image.effect_noise((504, 378), 60).convert("RGB").resize((4032, 3024), Image.Resampling.BICUBIC)
    picture.save(folder / "large.jpg", "JPEG", quality=88)
    return folder / "large.jpg"


def slowed(phone: Phone, page, times: int):
    phone.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": times})


def taps(phone: Phone, page) -> None:
    page.evaluate(LARGE_VISIT, {"items": 200, "photos": 30, "size": 60_000})
    page.locator("wujin-item").nth(199).wait_for(state="attached")
    for times in (1, 6):
        slowed(phone, page, times)
        took = page.evaluate(TAPS)
        p95 = quantiles(took, n=20)[-1]
        middle = sorted(took)[len(took) // 2]
        print(f"tap to 已保存 at {times}×: median {middle:.0f} ms, p95 {p95:.0f} ms, longest {max(took):.0f} ms")
    slowed(phone, page, 1)


def large_photo(page, folder: Path) -> None:
    picture = twelve_megapixels(folder)
    page.get_by_role("tab").nth(1).click()
    page.locator("wujin-photos .actions .main").click()
    page.locator("wujin-camera input[type=file]").wait_for(state="attached")
    page.wait_for_timeout(1500)
    page.evaluate(WATCH)
    page.locator("wujin-camera input[type=file]").set_input_files(picture)
    page.get_by_role("button", name="用这张").wait_for()
    shown, _ = page.evaluate("() => globalThis.longest"), page.evaluate("() => (globalThis.longest = 0)")
    page.get_by_role("button", name="用这张").click()
    page.locator("wujin-camera").wait_for(state="detached")
    kept = page.evaluate("() => globalThis.longest")
    print(
        f"12 MP photo: the page stood still for at most {shown:.0f} ms until it was shown, {kept:.0f} ms until it was kept"
    )


def memory(play, station: Station, folder: Path) -> None:
    """A browser that was just started, as in the evening: fifty photos wait."""
    phone = Phone(play, CHROMIUM, folder / "full")
    page = phone.open(station.link_for("陈大山"))
    page.add_init_script(SCRIPT)
    enrol(page)
    page.reload()
    page.locator("wujin-app[ready]").wait_for(state="attached")
    page.route("**/sync/**", lambda route: route.abort())
    visit = page.evaluate("(how) => pocket.large(how)", {"items": 12, "photos": 50, "size": 300_000})
    for path in (None, "field/outbox", f"field/visits/{visit}"):
        phone.close()
        page = phone.open("about:blank")
        page.route("**/sync/**", lambda route: route.abort())
        if path:
            page.goto(f"{station.url}/{path}")
            page.locator("wujin-app[ready]").wait_for(state="attached")
        if path and "visits" in path:
            page.get_by_role("tab").nth(1).click()
        page.wait_for_timeout(3000)
        heap = {m["name"]: m["value"] for m in metrics(phone, page)}
        name = {None: "an empty page", "field/outbox": "待交"}.get(path, "the visit's photos")
        size, script = tab_megabytes(phone), heap["JSHeapUsedSize"] / 1e6
        print(f"memory with 50 photos waiting, {name}: {size:.0f} MB, JavaScript {script:.0f} MB")
    phone.close()


def metrics(phone: Phone, page) -> list[dict]:
    session = phone.context.new_cdp_session(page)
    session.send("Performance.enable")
    return session.send("Performance.getMetrics")["metrics"]


def tab_megabytes(phone: Phone) -> float:
    """Private memory of the page's process: what no other process shares."""
    largest = 0
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
            if b"--type=renderer" in line and str(phone._profile).encode() in line:
                rows = (entry / "smaps_rollup").read_text().splitlines()
                own = sum(int(row.split()[1]) for row in rows if row.startswith(("Private_Dirty", "Private_Clean")))
                largest = max(largest, own)
        except OSError:
            continue
    return largest / 1000


def scan_to_card(play, station: Station, folder: Path) -> None:
    film = poster_film(f"{station.url}/v/{venue_in(station, 'liuxi').code}", folder)
    phone = Phone(play, CHROMIUM, folder / "scan", film)
    page = phone.open(station.link_for("陈大山"))
    enrol(page)
    began = time.perf_counter()
    page.get_by_role("link", name="扫码开始").click()
    page.locator("wujin-item").first.wait_for()
    print(f"扫码 to the first card, camera start included: {time.perf_counter() - began:.2f} s")
    phone.close()


def enrol(page) -> None:
    page.locator("form button.main").first.click()
    page.wait_for_url("**/field/**")
    page.locator("wujin-app[ready]").wait_for(state="attached")


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="wujin-bench-"))
    station = Station(folder / "station").start()
    try:
        with sync_playwright() as play:
            scan_to_card(play, station, folder)
            phone = Phone(play, CHROMIUM, folder / "hand")
            page = phone.open(station.link_for("陈大山"))
            page.add_init_script(SCRIPT)
            enrol(page)
            page.reload()
            page.locator("wujin-app[ready]").wait_for(state="attached")
            page.route("**/sync/**", lambda route: route.abort())
            taps(phone, page)
            large_photo(page, folder)
            phone.close()
            memory(play, station, folder)
    finally:
        station.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
