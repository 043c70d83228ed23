"""How long a phone takes to open with no signal, and what the first opening weighs.

    .venv/bin/python tests/bench/phone_shell.py

Prints: bytes over the line at first opening (Chromium's own count, headers included), and cold starts to the first
usable screen with the server stopped, at 1× and 4× CPU slow-down, with their ratio.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent / "journeys"))

from harness import Phone, Station
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium") or "chromium"
RUNS = 5


def first_opening(play, station: Station, folder: Path) -> int:
    phone = Phone(play, CHROMIUM, folder / "first", service_workers="block")
    page = phone.open(station.link_for("陈大山"))
    watch, sizes = phone.context.new_cdp_session(page), []
    watch.send("Network.enable")
    watch.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    enrol(page)
    phone.close()
    return int(sum(sizes))


def cold_start(page, phone: Phone, address: str, slower: int) -> float:
    phone.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.get_by_role("link", name="扫码开始").wait_for()
    return time.perf_counter() - began


def enrol(page) -> None:
    page.locator("form button.main").first.click()
    page.wait_for_url("**/field/**")
    page.wait_for_selector("wujin-app[ready]", state="attached")


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="wujin-bench-"))
    station = Station(folder / "station").start()
    with sync_playwright() as play:
        print(f"first opening, pack included: {first_opening(play, station, folder):,} bytes")
        phone = Phone(play, CHROMIUM, folder / "kept")
        page = phone.open(station.link_for("周小禾"))
        enrol(page)
        page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        page.goto(f"{station.url}/field/")
        station.stop()
        plain, slow = (
            median(cold_start(page, phone, f"{station.url}/field/", rate) for _ in range(RUNS)) for rate in (1, 4)
        )
        print(f"cold start without signal: {plain:.2f} s, at 4x CPU slow-down {slow:.2f} s, ratio {slow / plain:.1f}")
        phone.close()


if __name__ == "__main__":
    main()
