"""C1–C3 on the phone: its browser is killed, its tab crashes, its power goes, while it writes."""

import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

from audit import Findings, Verdict
from mounts import disk, new_image
from playwright.sync_api import Error
from pocket import Pocket, Station, browsers, copied, enrol, holds, lost

MEGABYTES = 700
TRIALS_PER_PROFILE = 10
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"


def kill(count: int, folder: Path, seed: int = 1) -> Verdict:
    """`count` ends at random moments, every third one the tab alone; after each the profile is opened again and read."""
    chance, found = random.Random(seed), Findings()
    station = Station(folder / "station").start()
    try:
        with browsers() as playwright:
            for first in range(0, count, TRIALS_PER_PROFILE):
                trials = range(first, min(count, first + TRIALS_PER_PROFILE))
                _one_profile(playwright, station, folder / f"profile{first}", trials, chance, found)
    finally:
        station.stop()
    return Verdict("phone killed", {"kills": count}, found)


def _one_profile(
    playwright, station: Station, profile: Path, trials: range, chance: random.Random, found: Findings
) -> None:
    pocket = Pocket(playwright, CHROMIUM, profile)
    enrol(pocket.open(station.link_for("陈大山")))
    pocket.close()
    for number in trials:
        page = pocket.open(f"{station.url}/field/")
        page.route("**/sync/**", lambda route: route.abort())  # in the valley: nothing leaves
        pocket.work(page)
        page.wait_for_timeout(chance.uniform(300, 1500))
        _end(pocket, page, tab_alone=number % 3 == 2)
        _compare(pocket, pocket.open(f"{station.url}/help"), found, f"kill {number}")
        pocket.close()
    found.acknowledged += len(pocket.book)
    shutil.rmtree(profile, ignore_errors=True)


def _end(pocket: Pocket, page, tab_alone: bool) -> None:
    """The page's own process dies first, as when the camera takes the memory; then all of it."""
    if tab_alone:
        pocket.signal(signal.SIGKILL, "--type=renderer")
        time.sleep(0.05)
    pocket.kill()


def _compare(pocket: Pocket, page, found: Findings, when: str) -> None:
    try:
        found.lost += [f"{when}: {line}" for line in lost(pocket.book, holds(page))]
    except Error as error:  # a store that does not open holds nothing
        found.broken.append(f"{when}: {error}")
        found.lost += [f"{when}: {line}" for line in pocket.book]


def power(count: int, folder: Path, seed: int = 2, careless: bool = False) -> Verdict:
    """The profile lies on a disk image of its own; at a random moment the browser stands still and the image is copied:
    what only memory held is not in the copy. A browser opens the copy and is asked for everything that was shown as saved."""
    chance, found = random.Random(seed), Findings()
    station = Station(folder / "station").start()
    try:
        with browsers() as playwright:
            for first in range(0, count, TRIALS_PER_PROFILE):
                cuts = range(first, min(count, first + TRIALS_PER_PROFILE))
                _one_image(playwright, station, folder / f"image{first}", cuts, chance, found, careless)
    finally:
        station.stop()
    name = "phone's power cut, relaxed durability" if careless else "phone's power cut"
    return Verdict(name, {"cuts": count}, found, must_lose=careless)


def _one_image(
    playwright, station: Station, folder: Path, cuts: range, chance: random.Random, found: Findings, careless: bool
) -> None:
    image = new_image(folder / "disk.img", MEGABYTES)
    with disk(image, folder / "disk") as mounted:
        pocket = Pocket(playwright, CHROMIUM, mounted / "profile", careless)
        enrol(pocket.open(station.link_for("陈大山")))
        pocket.close()
        subprocess.run(["sync", "-f", str(mounted)], check=True)
        page = pocket.open(f"{station.url}/field/")
        page.route("**/sync/**", lambda route: route.abort())
        pocket.work(page, pace=5)
        for number in cuts:
            page.wait_for_timeout(chance.uniform(400, 1500))
            shown = _cut(pocket, image, folder / f"cut{number}.img")
            _look(playwright, station, folder / f"cut{number}.img", shown, found, f"cut {number}")
        found.acknowledged += len(pocket.book)
        pocket.kill()
    shutil.rmtree(folder, ignore_errors=True)


def _cut(pocket: Pocket, image: Path, copy: Path) -> list[dict]:
    """What was shown as saved before the browser stood still; what was on its way to us counts for nothing."""
    shown = list(pocket.book)
    pocket.signal(signal.SIGSTOP)
    try:
        copied(image, copy)
    finally:
        pocket.signal(signal.SIGCONT)
    return shown


def _look(playwright, station: Station, copy: Path, shown: list[dict], found: Findings, when: str) -> None:
    with disk(copy, copy.with_suffix("")) as mounted:
        again = Pocket(playwright, CHROMIUM, mounted / "profile")
        again.book = shown
        again.close()  # the locks of the browser that stood still
        try:
            _compare(again, again.open(f"{station.url}/help"), found, when)
        finally:
            again.kill()
    copy.unlink(missing_ok=True)
