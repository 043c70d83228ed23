"""A phone in a real browser, driven by its own modules: everything that its screen would call 已保存 is written in a book
outside the browser, and compared afterwards with what the browser's disk still holds.

An item is one answer of a checklist, one photo, or one finished visit (a claim in the outbox).
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "journeys"))

from harness import FLAGS, Station, all_gone, browsers, processes_of
from patience import PATIENCE_S

__all__ = ["Pocket", "Station", "browsers", "enrol", "lost"]

SCRIPT = Path(__file__).with_name("pocket.js").read_text("utf-8")
# What the control arm takes away: the word "strict" in every transaction.
RELAXED = """const strict = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (names, mode) { return strict.call(this, names, mode); };"""


class Pocket:
    """One browser profile; open() as often as it was killed. book: what was shown as saved, in order."""

    def __init__(self, playwright, chromium: str, profile: Path, careless: bool = False):
        self.profile, self.book = profile, []
        self._playwright, self._chromium, self._careless = playwright, chromium, careless
        self.context = None

    def open(self, address: str):
        self.context = self._playwright.chromium.launch_persistent_context(
            str(self.profile), executable_path=self._chromium, args=FLAGS, headless=True, locale="zh-CN",
        )  # fmt: skip
        self.context.set_default_timeout(PATIENCE_S * 1000)
        self.context.add_init_script(SCRIPT + (RELAXED if self._careless else ""))
        page = self.context.pages[0] if self.context.pages else self.context.new_page()
        page.on("console", self._told)
        page.goto(address)
        return page

    def _told(self, message) -> None:
        if message.text.startswith("told "):
            self.book.append(json.loads(message.text[5:]))

    def work(self, page, photo_bytes: int = 24_000, pace: int = 0) -> None:
        """Begins and returns: the page goes on by itself."""
        page.locator("wujin-app[ready]").wait_for(state="attached")
        page.evaluate("(how) => pocket.begin(pocket.work, how)", {"photo_bytes": photo_bytes, "pace": pace})

        before = len(self.book)
        while len(self.book) == before:  # on a slow machine as on a fast one: something was shown as saved
            page.wait_for_timeout(20)

    def signal(self, number: int, kind: str = "") -> None:
        """kind: only to processes with this flag."""
        for pid in processes_of(self.profile, kind):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> None:
        """SIGKILL of the whole browser: no goodbye."""
        self.signal(signal.SIGKILL)
        self.close()

    def close(self) -> None:
        if self.context:
            with suppress(Exception):
                self.context.close()
            self.context = None
        all_gone(self.profile)
        for lock in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
            (self.profile / lock).unlink(missing_ok=True)


def enrol(page) -> None:
    page.locator("form[action^='/enrol'] button, form button.main").first.click()
    page.wait_for_url("**/field/**")
    page.locator("wujin-app[ready]").wait_for(state="attached")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")


def holds(page) -> dict:
    return page.evaluate("() => pocket.holds()")


def lost(book: list[dict], held: dict) -> list[str]:
    """Items that were shown as saved and are not there, or not whole."""
    newest = {(line["visit"], line["answer"]): line["note"] for line in book if "answer" in line}
    claims = {item["id"] for item in held["outbox"] if item["kind"] == "visit"}
    gone = [
        f"answer {code} of {visit}"
        for (visit, code), note in newest.items()
        if held["visits"].get(visit, {}).get(code) != note
    ]
    gone += [
        f"photo {line['photo']}" for line in book if "photo" in line and held["photos"].get(line["photo"]) is not True
    ]
    return gone + [f"claim {line['claim']}" for line in book if "claim" in line and line["claim"] not in claims]


def copied(image: Path, copy: Path) -> None:
    subprocess.run(["cp", "--sparse=always", str(image), str(copy)], check=True)
