"""How long Monday's page takes when the station has 10,000 visits, and when it has a million.

    .venv/bin/python tests/bench/monday.py [--visits 10000 1000000]

Fills a database with that many visits of one station's eleven villages over two years (three to an activity), counts
them once, then opens /station/ as the station head again and again, with one new visit before each tenth opening.
Prints p50 and p95 in ms, of the clock and of the processor (which neighbours do not change), and the ratio of the two
p95. The worst case on purpose: all of it is one station's.
"""

import argparse
import random
import shutil
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from wujin_field.cast import activity_claim, phone, sealed, settle, visit_claim
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, local_day, utc_now, uuid7, writing
from wujin_field.domain import load_pack
from wujin_field.figures import tallies
from wujin_field.models import Activity, ActivityOrganiser, Ruling, Visit
from wujin_field.sync.intake import Sender

OPENINGS, STOPS, CHUNK = 60, 3, 20_000


def fill(town, device, visits):
    """Rows as the intake would have written them, without photos; half of the visits accepted."""
    rng, now = random.Random(1), utc_now()
    venues, supervisor = list(town.venues.values()), town.person("罗静").id
    people = {
        unit.id: next((p for p in town.people.values() if p.unit_id == unit.id), None) for unit in town.committees()
    }
    homes = {unit.area_id: unit for unit in town.committees()}
    by_area = {code: [v for v in venues if v.area.path.startswith(unit.area.path)] for code, unit in homes.items()}
    batches = {Activity: [], ActivityOrganiser: [], Visit: [], Ruling: []}
    for _ in range(visits // STOPS):
        unit = rng.choice(list(homes.values()))
        at = now - timedelta(minutes=rng.randrange(60, 60 * 24 * 730))
        activity, author = uuid7(), people[unit.id]
        plain = {"revision": 1, "digest": "0" * 64, "author_id": author.id, "received_at": at, "started_at": at,
                 "ended_at": at + timedelta(minutes=20), "day": local_day(at), "area_id": unit.area_id}  # fmt: skip
        batches[Activity].append(plain | {
            "id": activity, "unit_id": unit.id, "place_type": "village", "delivery": "door_to_door", "form": "safety_lecture",
            "context": "dedicated", "activity_kind": rng.choice(["home_visit", "evacuation_drill"]), "topics": ["fire_safety"],
            "audiences": {"farmer": 6}, "people": 6, "participants": {"property_manager": 1}, "channels": {"leaflet": 6},
        })  # fmt: skip
        batches[ActivityOrganiser].append({"activity_id": activity, "unit_id": unit.id})
        for venue in rng.choices(by_area[unit.area_id], k=STOPS):
            visit = uuid7()
            batches[Visit].append(plain | {
                "id": visit, "activity_id": activity, "unit_id": unit.id, "device_id": device.id, "venue_id": venue.id,
                "area_id": venue.area_id,
                "place_type": venue.place_type, "venue_kind": venue.venue_kind, "template": "fixed_place", "clock_offset_ms": 0,
                "answers": {}, "team": [], "materials": {}, "enforcement": {},
            })  # fmt: skip
            if rng.random() < 0.5:
                ruling = {
                    "id": uuid7(),
                    "visit_id": visit,
                    "revision": 1,
                    "result": "pass",
                    "decided_by_id": supervisor,
                }
                batches[Ruling].append(ruling)
        if len(batches[Visit]) >= CHUNK:
            store(batches)
    store(batches)


def store(batches):
    with writing() as session:
        for table, rows in batches.items():
            if rows:
                session.execute(insert(table), rows)
                rows.clear()


def measured(folder, visits, database=""):
    (folder / "demo").touch()
    env = {"WUJIN_DATABASE_URL": database} if database else {}
    app = prepared(read_settings(env=env, data_dir=folder, public_url="http://localhost"))
    with app.app_context():
        with writing() as session:
            town = settle(session)
            device, _ = phone(session, town.person("陈大山"))
            token = phone(session, town.person("何敏"))[1]
        began = time.perf_counter()
        fill(town, device, visits)
        filled = time.perf_counter()
        with writing() as session:
            tallies.rebuild(session, load_pack())
        counted = time.perf_counter()
        print(
            f"{visits:>9,} visits: filled in {filled - began:.0f} s, counted from scratch in {counted - filled:.0f} s"
        )
        db.session.remove()
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    times = [opening(app, client, town, device, number) for number in range(OPENINGS)][10:]
    wall, cpu = (sorted(each) for each in zip(*times, strict=True))
    p95 = wall[int(len(wall) * 0.95)]
    print(f"{visits:>9,} visits: Monday's page p50 {wall[len(wall) // 2]:.0f} ms, p95 {p95:.0f} ms", end="; ")
    print(f"processor time p50 {cpu[len(cpu) // 2]:.0f} ms, p95 {cpu[int(len(cpu) * 0.95)]:.0f} ms")
    with app.app_context():
        db.engine.dispose()
    return p95


def opening(app, client, town, device, number):
    if number % 10 == 0:
        claim = activity_claim(device, town.areas["liuxi"], utc_now())
        for sent in (claim, visit_claim(device, town.venue("柳溪小学"), claim["id"], utc_now())):
            app.extensions["intake"].take_claim(
                sent["kind"], sent["id"], sealed(sent), Sender(device.id, device.person_id)
            )
    began, spent = time.perf_counter(), time.process_time()
    assert client.get("/station/").status_code == 200
    return (time.perf_counter() - began) * 1000, (time.process_time() - spent) * 1000


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--visits", type=int, nargs="+", default=[10_000, 1_000_000])
    asked.add_argument("--folder", type=Path, help="where the databases are made (default: a temporary folder)")
    given, found = asked.parse_args(), []
    for visits in given.visits:
        folder = Path(tempfile.mkdtemp(prefix="wujin-monday-", dir=given.folder))
        found.append(measured(folder, visits))
        shutil.rmtree(folder, ignore_errors=True)
    if len(found) > 1:
        print(f"p95 at {given.visits[-1]:,} is {found[-1] / found[0]:.2f} × that at {given.visits[0]:,}")


if __name__ == "__main__":
    main()
