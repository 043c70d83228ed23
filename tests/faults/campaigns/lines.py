"""The phone's line: cut at any step of the protocol (C14), a hotel's network (N5), 2G (N4); two tabs at once (C15); a new
release in the middle of a visit (C7), and one that arrives by half (C8)."""

import itertools
import random
import shutil
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from audit import Findings, Verdict
from playwright.sync_api import Error
from pocket import Pocket, browsers, enrol, holds
from sqlalchemy import func, select
from wire import Behind

from campaigns.pockets import CHROMIUM
from wujin_field.db import db
from wujin_field.models import Activity, Photo, SetAside, Visit


@contextmanager
def enrolled(folder: Path):
    """(station behind a wire, a phone of it, its first screen)."""
    station = Behind(folder / "station").start()
    try:
        with browsers() as playwright:
            pocket = Pocket(playwright, CHROMIUM, folder / "profile")
            page = pocket.open(station.link_for("陈大山"))
            enrol(page)
            yield station, pocket, page
            pocket.close()
    finally:
        station.stop()
        shutil.rmtree(folder, ignore_errors=True)


def toggles(count: int, folder: Path, seed: int = 4) -> Verdict:
    """`count` times the line dies at a random byte of a request or an answer, and comes back."""
    chance, found = random.Random(seed), Findings()
    with enrolled(folder) as (station, pocket, page):
        pocket.work(page, pace=40)
        page.evaluate("() => pocket.sendOften()")
        while station.wire.cuts < count:
            way = chance.choice(("gets", "gives"))
            station.wire.arm(way, chance.randrange(40_000) if way == "gets" else chance.randrange(1_500))
            until(page, lambda before=station.wire.cuts: station.wire.cuts > before, seconds=8)
            page.wait_for_timeout(chance.uniform(10, 80))
            station.wire.off = False
        page.evaluate("() => pocket.stop()")
        settle(page, seconds=900)
        arrived(station, pocket.book, holds(page), found)
    return Verdict("phone's line cut and back", {"cuts": count}, found)


def settle(page, seconds: float) -> None:
    """Raises TimeoutError with how much is left, and how much it was."""
    page.evaluate("() => void pocket.send()")
    before = waiting(page)
    if not until(page, lambda: not waiting(page), seconds, every=1000):
        raise TimeoutError(f"of {before} items that waited {waiting(page)} still do after {seconds} s")


def waiting(page) -> int:
    return sum(item["state"] == "waiting" for item in holds(page)["outbox"])


def arrived(station: Behind, book: list[dict], held: dict, found: Findings) -> None:
    """What was shown as saved is at the station, once."""
    with station.app.app_context():
        visits, photos = set(db.session.scalars(select(Visit.id))), set(db.session.scalars(select(Photo.sha256)))
        counts = [db.session.scalar(select(func.count()).select_from(table)) for table in (Visit, Activity, SetAside)]
    finished = {line["claim"] for line in book if "claim" in line}
    wanted = {line["photo"] for line in book if "photo" in line and line["visit"] in finished}
    found.acknowledged += len(finished) + len(wanted)
    found.lost += [f"visit {one}" for one in finished - visits] + [f"photo {one}" for one in wanted - photos]
    found.lost += [f"{item['key']} is {item['state']}" for item in held["outbox"] if item["state"] != "receipted"]
    claims = len({item["id"] for item in held["outbox"] if item["kind"] == "visit"})
    if counts != [claims, claims, 0]:
        found.duplicates.append(f"visits, activities, set aside: {counts}, claims on the phone: {claims}")


def portal(count: int, folder: Path) -> Verdict:
    """A hotel answers `count` deliveries with 200 and its own page, a redirect, or 511: none of them is a receipt."""
    found = Findings()
    with enrolled(folder) as (station, pocket, page):
        station.wire.portal = True
        pocket.work(page, pace=20)
        until(page, lambda: sum("claim" in line for line in pocket.book) >= 3, 30)
        page.evaluate("() => pocket.stop()")
        page.evaluate("() => pocket.sendOften()")
        until(page, lambda: station.wire.portals["PUT"] >= count, 600)
        false = sum(item["state"] != "waiting" for item in holds(page)["outbox"])
        kept = page.evaluate("""async () => { let hits = 0;
          for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys())
            hits += (await (await caches.match(request)).text()).includes('Hotel Wi-Fi');
          return hits; }""")
        asked, station.wire.portal = station.wire.portals["PUT"], False
        settle(page, seconds=120)
        arrived(station, pocket.book, holds(page), found)
    return Verdict(
        "hotel's network", {"answers to deliveries": asked}, found, {"believed": false, "kept in the cache": kept}
    )


def two_tabs(count: int, folder: Path) -> Verdict:
    """Two tabs finish `count` visits each at the same time: every claim has a number of its own, without a gap."""
    with enrolled(folder) as (station, pocket, page):
        station.wire.off = True
        other = pocket.context.new_page()
        other.goto(f"{station.url}/field/")
        other.locator("wujin-app[ready]").wait_for(state="attached")
        for tab in (page, other):  # neither waits for the other
            tab.evaluate("(how) => pocket.begin(pocket.capture, how)", {"count": count})
        for tab in (page, other):
            tab.wait_for_function("() => globalThis.done", timeout=600_000)
        seqs = sorted(holds(page)["seqs"])
    found = Findings(acknowledged=len(seqs))
    found.duplicates += [f"number {one} twice" for one, next_one in itertools.pairwise(seqs) if one == next_one]
    found.lost += [f"number {one}" for one in set(range(1, len(seqs) + 1)) - set(seqs)]
    return Verdict("two tabs", {"captures": 2 * count, "distinct numbers": len(set(seqs))}, found)


def until(page, ready: Callable[[], bool], seconds: float, every: float = 30) -> bool:
    """Ask again until it is so; the page goes on meanwhile."""
    end = time.monotonic() + seconds
    while not ready() and time.monotonic() < end:
        page.wait_for_timeout(every)
    return ready()


def install(folder: Path, count: int) -> Verdict:
    """A new release is cut off at each of its files (the first `count`): the old one stays, and opens with no signal."""
    broken, opened = 0, 0
    with enrolled(folder) as (station, _pocket, page):
        page.reload()
        page.locator("wujin-app[ready]").wait_for(state="attached")
        paths = [path.split("/", 3)[3] for path in station.app.config["ASSETS"].shell()][:count]
        # For good: the browser looks for a new release by itself too, when the line is back.
        station.wire.deny = frozenset(f"/static/half{number}/{path}".encode() for number, path in enumerate(paths))
        for number in range(len(paths)):
            station.release(f"half{number}")
            states = (page.evaluate("() => pocket.update()") for _ in range(4))  # a busy machine asks once more
            state = next((state for state in states if state != "no new worker"), "no new worker")
            station.wire.off = True
            page.goto(f"{station.url}/field/")
            page.locator("wujin-app[ready]").wait_for(state="attached")
            opened += until(page, page.get_by_text("扫码开始").first.is_visible, 20)
            broken += state != "redundant" or "/static/r0/" not in script_of(page)
            station.wire.off = False
    zeros = {"half installed": broken, "did not open without signal": len(paths) - opened}
    return Verdict("release cut off", {"files": len(paths)}, Findings(), zeros)


def update(count: int, folder: Path) -> Verdict:
    """`count` releases arrive while a visit is open: it goes on undisturbed, is there after a reload, and the new release
    comes when it is finished."""
    disturbed, stale = [], 0
    with enrolled(folder) as (station, _pocket, page):
        for number in range(1, count + 1):
            arrive(page, f"{station.url}/v/{code_of(station)}")
            page.locator("wujin-item").first.wait_for()
            old = page.evaluate(
                "() => { globalThis.mine = true; return document.querySelector('script[type=module]').src; }"
            )
            station.release(f"r{number}")
            state = page.evaluate("() => pocket.update()")
            page.locator(".answer.is-ok").first.click()
            page.locator(".saved.ok").wait_for()
            same = page.evaluate("() => globalThis.mine && document.querySelector('script[type=module]').src") == old
            page.reload()
            page.locator(".answer.is-ok input:checked").first.wait_for(state="attached")
            if state != "installed" or not same:
                disturbed.append(f"release {number}: {state}, same page: {same}")
            page.get_by_role("tab", name="收尾").click()
            page.get_by_role("button", name="完成", exact=True).click()
            stale += not came(page, station, f"/static/r{number}/")
            page.locator("wujin-app[ready]").wait_for(state="attached")
    return Verdict(
        "release during a visit", {"releases": count}, Findings(broken=disturbed), {"did not come afterwards": stale}
    )


def came(page, station: Behind, release: str) -> bool:
    """By itself on the first screen; or, where the browser lets the old worker end its work, when that is opened next."""
    if not until(page, lambda: release in script_of(page), 5):
        arrive(page, f"{station.url}/field/")
    return until(page, lambda: release in script_of(page), 20)


def arrive(page, address: str) -> None:
    """Opened by hand; a page that just then turns into its new release comes in between, and it is opened once more."""
    try:
        page.goto(address)
    except Error as error:
        if "ERR_ABORTED" not in str(error):
            raise
        page.goto(address)


def script_of(page) -> str:
    try:
        return page.evaluate("() => document.querySelector('script[type=module]')?.src ?? ''")
    except Exception:  # between two pages
        return ""


def code_of(station: Behind) -> str:
    here = station.town.areas["liuxi"].path
    venues = station.town.venues.values()
    return next(v.code for v in venues if v.area.path.startswith(here) and v.privacy == "open" and v.code)


def slow(count: int, folder: Path, photo_bytes: int = 280_000) -> Verdict:
    """A visit with five photos on 2G, `count` times, each with one break of the line: all of it arrives, little goes twice."""
    found, waste, took = Findings(), [], []
    for number in range(count):
        with enrolled(folder / str(number)) as (station, _pocket, page):
            station.wire.off = True
            page.evaluate("(how) => pocket.fivePhotos(how)", {"size": photo_bytes})
            station.wire.off, station.wire.slow, station.wire.sent, began = False, True, 0, time.monotonic()
            page.evaluate("() => void pocket.send()")
            station.wire.arm("gets", photo_bytes // 2)
            until(page, lambda wire=station.wire: wire.cuts > 0, 120)
            page.wait_for_timeout(2_000)
            station.wire.off = False
            until(page, lambda: all(item["state"] == "receipted" for item in holds(page)["outbox"]), 900, every=500)
            took.append(time.monotonic() - began)
            waste.append(station.wire.sent / holds(page)["weight"] - 1)
            arrived(station, [], holds(page), found)
            found.acknowledged += sum(item["state"] == "receipted" for item in holds(page)["outbox"])
    notes = [f"{min(waste):.0%} to {max(waste):.0%} sent for nothing", f"{min(took):.0f} to {max(took):.0f} s"]
    return Verdict(
        "2G",
        {"visits of five photos": count},
        found,
        {"with more than a quarter for nothing": sum(share > 0.25 for share in waste)},
        notes,
    )
