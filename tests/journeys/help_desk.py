"""The desk's pictures of the manual: real screens of the demo's town, made anew by

    .venv/bin/python tests/journeys/help_desk.py

Writes static/help/<language>-<person>-<step>.webp: 640 px wide, some twenty kilobytes each.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

OUT = Path(__file__).resolve().parents[2] / "static" / "help"
SIZE, WIDTH, WIDE = (640, 400), 860, 1240
# name: (role, address, what is pressed there, where the picture begins, how wide the window is)
SCREENS = {
    "supervisor-1": ("supervisor", "/supervisor/", "", "main", WIDTH),
    "supervisor-2": ("supervisor", "/supervisor/", "main a.main", "main", WIDTH),
    "supervisor-3": ("supervisor", "/supervisor/hazards", "", "main", WIDTH),
    "village-1": ("village_clerk", "/station/", "", "main", WIDTH),
    "village-2": ("village_clerk", "/station/reports", "", "main", WIDTH),
    "station-1": ("station_clerk", "/station/", "", "main", WIDTH),
    "station-2": ("station_clerk", "/station/plans", "", "main", WIDTH),
    "papers-1": ("station_clerk", "/station/reports", "", "main table", WIDTH),
    "papers-2": ("station_clerk", "/station/reports", "main tbody tr:has(td .state.wait) a", ".one-report", WIDE),
    "reporter-1": ("reporter", "/station/registers", "", "main", WIDTH),
    "county-1": ("coordinator", "/county/", "", "main", WIDE),
}


def take(browser: Browser, demo: dict, lang: str) -> None:
    for role in {screen[0] for screen in SCREENS.values()}:
        context = browser.new_context()
        context.add_cookies([{"name": "lang", "value": lang, "url": demo["url"]}])
        page = context.new_page()
        page.goto(demo["sign_in"][role])
        page.locator("main form button").first.click()
        page.wait_for_url(lambda address: "/enrol/" not in address)
        for name, (whose, address, press, begin, width) in SCREENS.items():
            if whose == role:
                page.set_viewport_size({"width": width, "height": 620})
                page.goto(demo["url"] + address)
                if press:
                    page.locator(press).first.click()
                page.wait_for_load_state("networkidle")
                keep(page, begin, width, OUT / f"{lang[:2]}-{name}.webp")
        context.close()


def keep(page: Page, begin: str, width: int, path: Path) -> None:
    """From where it begins: the head of the page is the same everywhere."""
    page.evaluate("scrollTo(0, 0)")
    box, bottom = page.locator(begin).first.bounding_box(), page.evaluate("document.documentElement.scrollHeight")
    left = max(box["x"] - 20, 0)
    height = (width - left) * SIZE[1] / SIZE[0]
    clip = {"x": left, "y": max(min(box["y"], bottom - height), 0), "width": width - left, "height": height}
    picture = Image.open(BytesIO(page.screenshot(clip=clip, full_page=True))).convert("RGB")
    picture.resize(SIZE, Image.Resampling.LANCZOS).save(path, quality=60, method=6)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="wujin-help-"))
    command = [sys.executable, "-m", "wujin_field", "demo", "--port", "8399", "--dir", str(folder / "demo"), "--json"]
    town = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        demo = json.loads(town.stdout.readline())
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for lang in ("zh_Hans_CN", "en"):
                take(browser, demo, lang)
            browser.close()
    finally:
        town.terminate()
        town.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
