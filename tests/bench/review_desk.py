"""The desk over 100,000 visits: server time of the review page, and how long a ruling takes to turn it in a browser.

    .venv/bin/python tests/bench/review_desk.py [--visits 100000] [--no-browser]

Rows are written straight into the tables (executemany), for what is measured here is reading. Prints milliseconds; the
ratio to a database of a hundredth of the size says whether a query grows with it.
"""

import argparse
import gc
import hashlib
import shutil
import statistics
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import insert, select
from werkzeug.serving import make_server

from wujin_field.cast import phone, picture, settle
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, local_day, utc_now, uuid7, writing
from wujin_field.domain import load_pack
from wujin_field.evidence.examination import Examination, whole
from wujin_field.models import (
    Activity,
    Batch,
    BatchVisit,
    Finding,
    Hazard,
    HazardStep,
    Photo,
    Ruling,
    Visit,
    VisitPhoto,
)
from wujin_field.sync.receipt import from_base64url

NOW = utc_now()
DRAWN = 34
ROUNDS = 4
TARGET_MS, TURN_MS, EXAMINED_MS = 60, 150, 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visits", type=int, default=100_000)
    parser.add_argument("--no-browser", action="store_true")
    asked = parser.parse_args()
    small = measure(asked.visits // 100, browser=False)
    large = measure(asked.visits, browser=not asked.no_browser)
    for name, times in large.items():
        grown = f"  ×{p50(times) / p50(small[name]):.1f} of a hundredth" if name in small else ""
        print(f"{name:28} p50 {p50(times):6.1f} ms  p95 {p95(times):6.1f} ms{grown}")
    print(
        f"targets: review page p95 {TARGET_MS} ms on the server, turn {TURN_MS} ms in the browser, examination {EXAMINED_MS} ms"
    )


def measure(visits: int, browser: bool) -> dict[str, list[float]]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "demo").touch()  # the cast brings its own station
        app = prepared(read_settings(env={}, data_dir=folder, public_url="http://localhost"))
        began = time.perf_counter()
        token, batch_id, drawn = filled(app, visits)
        print(f"{visits:,} visits in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        found = pages(app, token, batch_id, drawn) | {"examination, CPU": examinations(app, drawn)}
        if browser and shutil.which("chromium"):
            found |= turns(app, token, drawn)
        with app.app_context():
            db.engine.dispose()
    return found


def pages(app, token: str, batch_id: str, drawn: list[str]) -> dict[str, list[float]]:
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    visits = [f"/supervisor/visits/{visit_id}" for visit_id in drawn]
    asked = {"review page": visits * ROUNDS, "batch": [f"/supervisor/batches/{batch_id}"] * 20,
             "first page": ["/supervisor/"] * 20, "hazard ledger": ["/supervisor/hazards"] * 20,
             "closed hazards": ["/supervisor/hazards?view=verified"] * 20,
             "spot-check figures": ["/station/spot-checks"] * 10}  # fmt: skip
    found: dict[str, list[float]] = {}
    for name, paths in asked.items():
        client.get(paths[0])  # templates are compiled and statements planned once in a server's life
        both = [server_ms(client, path) for path in paths]
        found |= {name: [wall for wall, _ in both], f"{name}, CPU": [spent for _, spent in both]}
    return found


def examinations(app, drawn: list[str]) -> list[float]:
    """CPU of all checks over one visit with three photos, the pictures decoded before; the hashes are in memory once."""
    with app.app_context():
        pack, looking = load_pack(), Examination(db.engine, from_base64url(app.extensions["signer"].public_key))
        looking.catch_up(db.session(), pack, NOW)
        visits = db.session.scalars(whole(select(Visit).where(Visit.id.in_(drawn)))).unique().all()
        gc.collect()
        gc.freeze()  # a hundred thousand rows that this bench made stand in no examiner's memory
        found = []
        for visit in [*visits[:3], *visits]:  # the first ones plan the statements
            began = time.thread_time()
            looking.look(db.session(), visit, pack)
            found.append((time.thread_time() - began) * 1000)
        return found[3:]


def server_ms(client, path: str) -> tuple[float, float]:
    """Wall time as the server tells it, and this thread's CPU: what neighbours on the machine do not change."""
    began = time.thread_time()
    answer = client.get(path)
    spent = (time.thread_time() - began) * 1000
    assert answer.status_code == 200, path
    return float(answer.headers["Server-Timing"].removeprefix("app;dur=")), spent


def turns(app, token: str, drawn: list[str]) -> dict[str, list[float]]:
    """From the key to the next visit's heading and picture on the screen, with a real browser and a real server."""
    from playwright.sync_api import sync_playwright

    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "wujin_device", "value": token, "url": url}])
        page = context.new_page()
        page.goto(f"{url}/supervisor/visits/{drawn[0]}")
        found = []
        for _ in range(20):
            page.locator("visit-desk[ready]").wait_for()
            page.wait_for_load_state("networkidle")
            found.append(page.evaluate(TURN))
        browser.close()
    server.shutdown()
    return {"turn, heading": [one[0] for one in found], "turn, picture": [one[1] for one in found]}


TURN = """() => new Promise((done) => {
  const before = document.querySelector('visit-desk'), began = performance.now();
  let heading;
  const look = () => {
    const desk = document.querySelector('visit-desk');
    if (desk !== before) {
      heading ??= performance.now() - began;
      const image = desk.querySelector('figure.photo img');
      if (image?.complete && image.naturalWidth) return requestAnimationFrame(() => done([heading, performance.now() - began]));
    }
    requestAnimationFrame(look);
  };
  document.dispatchEvent(new KeyboardEvent('keydown', { key: '1', bubbles: true }));
  look();
})"""


def filled(app, many: int) -> tuple[str, str, list[str]]:
    """The cast's town with so many visits; the supervisor's token, the open batch, and what it drew."""
    rng = Random(7)
    with app.app_context(), writing() as session:
        town = settle(session)
        _, token = phone(session, town.person("罗静"))
        crew = [(one.id, phone(session, one)[0].id) for one in town.people.values()]  # some 300 visits a month each
        venues = list(town.venues.values())
        lines = Lines(crew, town.units["liuxi"].id, rng)
        for number in range(many):
            lines.add(number, many, venues[number % len(venues)])
        for table, rows in lines.rows.items():
            for start in range(0, len(rows), 20_000):
                session.execute(insert(table.__table__), rows[start : start + 20_000])
        batch_id, drawn = one_batch(session, town, lines.drawn)
    real_pictures(app, lines.drawn_photos)
    return token, batch_id, drawn


class Lines:
    """Rows by table. Nearly everything was ruled on; the newest, and what is drawn, was not."""

    def __init__(self, crew: list[tuple[str, str]], unit: str, rng: Random):
        """crew: id of person and phone; they take turns."""
        self.crew, self.unit, self.rng = crew, unit, rng
        self.author, self.device = crew[0]
        tables = (Activity, Visit, Photo, VisitPhoto, Ruling, Finding, Hazard, HazardStep)
        self.rows: dict = {table: [] for table in tables}
        self.drawn: list[str] = []
        self.drawn_photos: list[str] = []

    def add(self, number: int, many: int, venue) -> None:
        at = NOW - timedelta(minutes=(many - number) * 5)
        visit_id, activity_id = uuid7(), uuid7()
        self.author, self.device = self.crew[number % len(self.crew)]
        drawn = number >= many - 200 and len(self.drawn) < DRAWN and number % 5 == 0
        common = {"revision": 1, "digest": "0" * 64, "author_id": self.author, "area_id": venue.area_id,
                  "place_type": venue.place_type, "started_at": at, "ended_at": at + timedelta(minutes=12),
                  "day": local_day(at), "received_at": at + timedelta(hours=1)}  # fmt: skip
        self.rows[Activity].append(common | {"id": activity_id, "unit_id": self.unit, "delivery": "door_to_door",
            "form": "safety_lecture", "context": "dedicated", "activity_kind": "home_visit", "topics": ["fire_safety"],
            "audiences": {}, "people": 6, "participants": {}, "channels": {}})  # fmt: skip
        answers = {f"NS-{n:02}": {"value": "ok", "note": "", "photos": []} for n in range(1, 21)}
        self.rows[Visit].append(common | {"id": visit_id, "activity_id": activity_id, "device_id": self.device,
            "venue_id": venue.id, "venue_kind": venue.venue_kind, "clock_offset_ms": 0, "template": "small_shop",
            "template_version": 1, "answers": answers, "team": [], "materials": {}, "enforcement": {},
            "examined_at": at, "ruled_revision": int(number < many - 200)})  # fmt: skip
        self._photos(number, visit_id, venue, at, drawn)
        if drawn:
            self.drawn.append(visit_id)
        elif number < many - 200:
            self.rows[Ruling].append({"id": uuid7(), "visit_id": visit_id, "revision": 1, "result": "pass", "kind": "first",
                "decided_by_id": self.author, "decided_at": at + timedelta(days=1)})  # fmt: skip
        if number % 10 == 0:
            self.rows[Finding].append({"id": uuid7(), "visit_id": visit_id, "revision": 1, "code": "far_from_venue",
                "level": "medium", "detail": {"metres": 300}, "made_at": at, "rules": "x"})  # fmt: skip
        if number % 7 == 0:
            self._hazard(number, visit_id, venue, at)

    def _photos(self, number: int, visit_id: str, venue, at, drawn: bool) -> None:
        for place in range(3):
            sha256 = real_digest(len(self.drawn_photos)) if drawn else f"{number * 3 + place:064x}"
            if drawn:
                self.drawn_photos.append(sha256)
            dhash = f"{self.rng.getrandbits(64):016x}"
            self.rows[Photo].append({"sha256": sha256, "bytes": 300_000, "media_type": "image/jpeg", "width": 1600,
                "height": 1200, "received_at": at, "examined_at": at, "dhash": dhash})  # fmt: skip
            self.rows[VisitPhoto].append({"visit_id": visit_id, "sha256": sha256, "position": place, "role": "overview",
                "taken_at": at, "lat_e7": venue.lat_e7, "lon_e7": venue.lon_e7, "accuracy_m": 12, "age_ms": 500,
                "capture": "camera"})  # fmt: skip

    def _hazard(self, number: int, visit_id: str, venue, at) -> None:
        hazard_id, severity = uuid7(), "serious" if number % 70 == 0 else "general"
        self.rows[Hazard].append({"id": hazard_id, "visit_id": visit_id, "venue_id": venue.id, "category": "electric",
            "severity": severity, "text": "线路老化", "found_at": at, "found_by_id": self.author, "measure": "",
            "responsible_party": "", "due": local_day(at) + timedelta(days=15), "year": 2026,
            "state": "verified" if number % 10 else "notified"})  # fmt: skip
        for step, state in (("notified", "notified"), ("rectified", "rectified"), ("verified", "verified")):
            if number % 10 or step == "notified":
                self.rows[HazardStep].append({"id": uuid7(), "hazard_id": hazard_id, "step": step, "state": state, "at": at,
                    "recorded_at": at + timedelta(days=1 + len(step)), "by_id": self.author})  # fmt: skip


def one_batch(session, town, drawn: list[str]) -> tuple[str, list[str]]:
    area, batch = town.areas["qinghe"], uuid7()
    session.add(Batch(id=batch, number="bench-1", unit_id=town.units["station"].id, area_id=area.id, period="2026-W01",
                      draw_number=1, seed="bench-1", rules="x", sample_digest="0" * 64, drawn_at=NOW))  # fmt: skip
    session.flush()
    session.add_all(BatchVisit(batch_id=batch, visit_id=visit_id, place=n, stratum="x", reason="random")
                    for n, visit_id in enumerate(drawn, 1))  # fmt: skip
    return batch, drawn


_BODIES: list[bytes] = []


def _body(number: int) -> bytes:
    while len(_BODIES) <= number:
        _BODIES.append(picture(len(_BODIES), NOW - timedelta(seconds=len(_BODIES))))
    return _BODIES[number]


def real_digest(number: int) -> str:
    return hashlib.sha256(_body(number)).hexdigest()


def real_pictures(app, digests: list[str]) -> None:
    for number, sha256 in enumerate(digests):
        with app.extensions["vault"].incoming() as file:
            file.write(_body(number))
            app.extensions["vault"].keep(file, sha256)


def p50(times: list[float]) -> float:
    return statistics.median(times)


def p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


if __name__ == "__main__":
    main()
