"""What is changed behind the application's back is found: rows, blobs, claims, order, tail, bundles; and nobody cries wolf.

    .venv/bin/python tests/drills/mutations.py [--count 10000] [--clean 200] [--seed 1]

A month of the demo's town lies in a folder; each mutation is made, looked for by the checks of `wujin verify`, and undone.
"""

import argparse
import hashlib
import io
import json
import sys
import tempfile
import zipfile
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import select

from wujin_field.cast import fieldwork, settle
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, sqlite, writing
from wujin_field.evidence import learning
from wujin_field.evidence.bundle import bundle
from wujin_field.evidence.checkpoints import make_checkpoint
from wujin_field.keeping import audit, books, claims, devices, fields, photos, receipts, sealed
from wujin_field.keeping.bundle_verifier import check as check_bundle
from wujin_field.keeping.verify import _guarded, verify
from wujin_field.models import Claim, Person, SetAside, Visit, VisitorAnswer
from wujin_field.models.journal import append_audit, commit, seal
from wujin_field.sync.erasure import erase_person, erase_visit
from wujin_field.sync.receipt import from_base64url

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)

# table: columns that are evidence, and the checks that may find a change there (all of verify finds what one of them does)
ROWS = {
    "claim": ("kind subject_id revision digest body device_id seq prev", "claims books fields"),
    "receipt": ("kind subject_id revision digest received_at body", "receipts books"),
    "audit": ("at who what kind subject_id detail prev hash", "audit"),
    "visit": ("activity_id revision digest author_id started_at ended_at template answers team materials enforcement "
              "refused note signed missing scanned_code ruled_revision", "fields books sealed"),
    "activity": ("revision digest author_id place_type delivery form context activity_kind topics people audiences "
                 "channels title entry_text", "fields books"),
    "visit_photo": ("sha256 position role caption taken_at lat_e7 lon_e7 accuracy_m age_ms capture", "fields books"),
    "ruling": ("visit_id revision result reason suggestion kind decided_by_id decided_at", "sealed"),
    "finding": ("revision code level detail made_at rules", "sealed"),
    "batch": ("number period draw_number seed sample_digest drawn_at", "sealed"),
    "batch_visit": ("place stratum reason second", "sealed"),
    "call_back": ("due way note", "sealed"),
    "visitor_answer": ("text made_at", "sealed"),
    "hazard": ("visit_id venue_id item category severity text photo fixed_on_spot responsible_party measure found_at "
               "found_by_id due year number state", "sealed"),
    "hazard_step": ("hazard_id step state at recorded_at by_id note how party reference photo visit_id", "sealed"),
    "hazard_audit": ("batch_id hazard_id step_id reason due outcome note done_by_id done_at", "sealed"),
    "learnt_picture": ("dhash learnt_at learnt_by_id", "sealed"),
    "set_aside": ("kind subject_id digest body reason decision decided_at decided_by_id", "aside"),
    "sealed_value": ("commitment salt value", "sealed"),
    "checkpoint": ("at count head body", "audit"),
}  # fmt: skip
GONE = {"claim": "books", "receipt": "books", "audit": "audit", "visit": "books", "activity": "books", "ruling": "sealed",
        "finding": "sealed", "batch_visit": "sealed", "call_back": "sealed", "visitor_answer": "sealed",
        "hazard": "sealed", "hazard_step": "sealed", "hazard_audit": "sealed", "learnt_picture": "sealed", "set_aside": "aside",
        "visit_photo": "fields books", "photo": "books"}  # fmt: skip


class Town:
    """A month in a folder, and what a thief with the database file may do to it."""

    def __init__(self, folder: Path):
        self.settings = read_settings(env={}, data_dir=folder)
        self.app = prepared(self.settings)
        with self.app.app_context(), writing() as session:
            town = settle(session, NOW.date())
        fieldwork(self.app, town, NOW.date(), NOW)
        self._more(town)
        self.connection = sqlite.connect(folder / "wujin.db", isolation_level=None)
        self.connection.execute("PRAGMA foreign_keys=OFF")
        self.connection.execute("PRAGMA synchronous=OFF")
        self.key = self.app.extensions["signer"].public_key

    def _more(self, town) -> None:
        """Answers, sealed values and checkpoints, so that each table has rows."""
        with self.app.app_context(), writing() as session:
            for visit in session.scalars(select(Visit).limit(5)):
                answer = VisitorAnswer(visit_id=visit.id, person_id=visit.author_id, text="那天信号不好", made_at=NOW)
                session.add(answer)
                seal(session, answer, NOW, visit.author_id, "answered")
                commit(session, visit.author_id, {"name": "改名之前"})
            self._asides(session)
            learning.add(session, "00ff00ff00ff00ff", town.person("罗静").id, NOW)
            make_checkpoint(session, self.app.extensions["signer"], NOW)
            seal(session, answer, NOW, None, "looked")
            make_checkpoint(session, self.app.extensions["signer"], NOW + timedelta(days=1))
            self.kept = make_checkpoint(session, self.app.extensions["signer"], NOW + timedelta(days=2)).body
            seal(session, answer, NOW, None, "looked")
            self.latest = make_checkpoint(session, self.app.extensions["signer"], NOW + timedelta(days=3)).body

    def _asides(self, session) -> None:
        """Two records that were kept for a person's decision; one of them was decided."""
        for number, claim in enumerate(session.scalars(select(Claim).where(Claim.kind == "visit").limit(2)).all()):
            body = claim.body + b" "
            row = SetAside(kind="visit", subject_id=claim.subject_id, revision=1, reason="conflict", body=body,
                           digest=hashlib.sha256(body).hexdigest(), device_id=claim.device_id, received_at=NOW)  # fmt: skip
            session.add(row)
            append_audit(session, NOW, None, "set_aside", "visit", row.subject_id, digest=row.digest, reason="conflict")
            if number:
                row.decision, row.decided_at = "dismissed", NOW
                seal(session, row, NOW, None, "aside_dismissed")

    def found(self, which: str) -> bool:
        """Does one of these checks of `wujin verify` name something broken?"""
        with self.app.app_context():
            db.session.remove()
            key = from_base64url(self.key)
            named = {"audit": audit.checker(key), "receipts": receipts.checker(self.key), "claims": claims.check,
                     "books": books.check, "missing": books.check_missing, "activities": fields.activities,
                     "visits": fields.visits, "devices": devices.check, "sealed": sealed.check,
                     "aside": claims.set_aside}  # fmt: skip
            wanted = [name for word in which.split() for name in {"fields": ["visits", "activities"],
                      "books": ["books", "missing"]}.get(word, [word])]  # fmt: skip
            return any(one.level == "broken" for name in wanted for one in _guarded(db.engine, named[name], Counter()))


def mutate_row(town: Town, rng: Random) -> tuple[str, bool]:
    table = rng.choice(list(ROWS))
    column, which = rng.choice(ROWS[table][0].split()), ROWS[table][1]
    rowid, value = rng.choice(town.connection.execute(f"SELECT rowid, {column} FROM {table}").fetchall())
    other = _other(value, rng)
    try:
        town.connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (other, rowid))
    except sqlite.IntegrityError:
        return f"{table}.{column}", True  # the table's own rule is the first answer
    try:
        return f"{table}.{column}", town.found(which)
    finally:
        town.connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, rowid))


def _other(value: object, rng: Random) -> object:
    """Something else of the same kind."""
    if isinstance(value, int):
        return 1 - value if value in (0, 1) and rng.random() < 0.5 else value + rng.choice((-1, 1, 60, 86_400_000))
    if isinstance(value, bytes):
        at = rng.randrange(len(value))
        return value[:at] + bytes([value[at] ^ (1 << rng.randrange(8))]) + value[at + 1 :]
    if isinstance(value, str) and value:
        at = rng.randrange(len(value))
        return value[:at] + rng.choice([c for c in "0a7x" if c != value[at]]) + value[at + 1 :]
    return "x"


def remove_row(town: Town, rng: Random) -> tuple[str, bool]:
    table = rng.choice(list(GONE))
    names = [line[1] for line in town.connection.execute(f"PRAGMA table_info({table})")]
    rows = town.connection.execute(f"SELECT rowid, {', '.join(names)} FROM {table}").fetchall()
    rowid, *values = rng.choice(rows[: -1 if table == "audit" else None])
    town.connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))
    try:
        return f"{table} removed", town.found(GONE[table])
    finally:
        marks = ", ".join("?" * (len(values) + 1))
        named = (
            ", ".join(["rowid", *names])
            if "seq" not in names[:1] and "server_seq" not in names[:1]
            else ", ".join(names)
        )
        marks = marks if named.startswith("rowid") else ", ".join("?" * len(values))
        kept = (rowid, *values) if named.startswith("rowid") else tuple(values)
        town.connection.execute(f"INSERT INTO {table} ({named}) VALUES ({marks})", kept)


def swap_order(town: Town, rng: Random) -> tuple[str, bool]:
    """Two audit rows change places."""
    newest = town.connection.execute("SELECT max(seq) FROM audit").fetchone()[0]
    one, two = sorted(rng.sample(range(1, newest + 1), 2))
    moves = [(-1, one), (one, two), (two, -1)]
    for to, seq in moves:
        town.connection.execute("UPDATE audit SET seq = ? WHERE seq = ?", (to, seq))
    try:
        return "audit order", town.found("audit")
    finally:
        for to, seq in reversed([(seq, to) for to, seq in moves]):
            town.connection.execute("UPDATE audit SET seq = ? WHERE seq = ?", (to, seq))


def cut_tail(town: Town, rng: Random) -> tuple[str, bool]:
    """The newest rows go, and the checkpoints after them too: only one that was kept elsewhere can tell."""
    rows = town.connection.execute("SELECT * FROM audit ORDER BY seq").fetchall()
    points = town.connection.execute("SELECT * FROM checkpoint ORDER BY count").fetchall()
    left = rng.randrange(town.kept["count"] - 400, town.kept["count"])
    town.connection.execute("DELETE FROM audit WHERE seq > ?", (rows[left - 1][0],))
    town.connection.execute("DELETE FROM checkpoint WHERE count > ?", (left,))
    try:
        with town.app.app_context():
            check = audit.checker(from_base64url(town.key), town.kept)
            return "tail cut", any(one.level == "broken" for one in _guarded(db.engine, check, Counter()))
    finally:
        _put_back(town, "audit", rows[left:])
        _put_back(town, "checkpoint", [row for row in points if row[2] > left])


def _put_back(town: Town, table: str, rows: list[tuple]) -> None:
    if rows:
        town.connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def flip_blob(town: Town, rng: Random) -> tuple[str, bool]:
    vault = town.app.extensions["vault"]
    path = rng.choice(sorted(blob.sha256 for blob in vault.blobs()))
    file = vault.path(path)
    body = file.read_bytes()
    broken = bytearray(body)
    broken[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
    file.write_bytes(bytes(broken) if rng.random() < 0.8 else body[: rng.randrange(len(body))])
    try:
        with vault.open(path) as stored:
            return "photo's bytes", photos.digest(stored)[0] != path
    finally:
        file.write_bytes(body)


def mutate_bundle(town: Town, rng: Random, bundles: list[bytes]) -> tuple[str, bool]:
    """One byte of one file inside, a file more or less, two files exchanged: never a byte that no reader looks at."""
    body, how = rng.choice(bundles), rng.choice(["flip", "flip", "flip", "drop", "add", "exchange"])
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = [name for name in parts if name not in ("verify.py", "README.txt") and parts[name]]
    name = rng.choice(names)
    if how == "flip":
        part = bytearray(parts[name])
        part[rng.randrange(len(part))] ^= 1 << rng.randrange(8)
        parts[name] = bytes(part)
    elif how == "drop":
        del parts[name]
    elif how == "add":
        parts["photos/" + "0" * 16 + ".jpg"] = b"more"
    else:
        one, two = rng.sample(names, 2)
        parts[one], parts[two] = parts[two], parts[one]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part_name, part in parts.items():
            archive.writestr(part_name, part)
    return f"bundle {how}", bool(check_bundle(io.BytesIO(out.getvalue()), town.key)[0])


KINDS = {mutate_row: 60, remove_row: 10, swap_order: 5, cut_tail: 5, flip_blob: 10, mutate_bundle: 10}


def some_bundles(town: Town, many: int) -> list[bytes]:
    def original(sha256: str) -> tuple[bytes, bool]:
        with town.app.extensions["vault"].open(sha256) as file:
            return file.read(), False

    with town.app.app_context(), writing() as session:
        visits = session.scalars(select(Visit).order_by(Visit.received_at.desc()).limit(many)).all()
        return [bundle(session, town.app.extensions["signer"], visit, original, NOW) for visit in visits]


def drill(folder: Path, count: int, seed: int) -> tuple[Counter, Counter]:
    """(made, found) by kind of mutation."""
    town, rng = Town(folder), Random(seed)
    bundles, made, seen = some_bundles(town, 5), Counter(), Counter()
    with closing(town.connection):
        for number in range(count):
            kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
            name, was_found = kind(town, rng, bundles) if kind is mutate_bundle else kind(town, rng)
            made[name] += 1
            seen[name] += was_found
            if not was_found:
                print(f"NOT FOUND: number {number}, {name}", file=sys.stderr)
    return made, seen


def clean_sets(folder: Path, count: int, seed: int) -> list[str]:
    """After each of `count` honest days (rulings, erasures, checkpoints): what `wujin verify` calls broken, which is nothing."""
    town, rng, alarms = Town(folder), Random(seed), []
    for number in range(count):
        with town.app.app_context():
            with writing() as session:
                _honest_day(town, session, rng, NOW + timedelta(days=3 + number))
            counts: Counter = Counter()
            alarms += [one.text for one in verify(town.app, counts, hashing=number % 50 == 0) if one.level == "broken"]
    town.connection.close()
    return alarms


def _honest_day(town: Town, session, rng: Random, at: datetime) -> None:
    visits = session.scalars(select(Visit).order_by(Visit.id)).all()
    act = rng.choice(["erase visit", "erase person", "commit", "answer", "checkpoint"])
    if act == "erase visit":
        erase_visit(
            session, town.app.extensions["vault"], town.app.extensions["pictures"], rng.choice(visits).id, None, at
        )
    elif act == "erase person":
        erase_person(session, rng.choice(session.scalars(select(Person.id)).all()), None, at)
    elif act == "commit":
        commit(session, visits[0].author_id, {"name": f"第 {at:%d} 个名字"})
    elif act == "answer":
        answer = VisitorAnswer(visit_id=rng.choice(visits).id, person_id=visits[0].author_id, text="在的", made_at=at)
        session.add(answer)
        seal(session, answer, at, None, "answered")
    make_checkpoint(session, town.app.extensions["signer"], at)


def main() -> None:
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--count", type=int, default=10_000)
    said.add_argument("--clean", type=int, default=200)
    said.add_argument("--seed", type=int, default=1)
    asked = said.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made, seen = drill(Path(folder) / "town", asked.count, asked.seed)
        alarms = clean_sets(Path(folder) / "clean", asked.clean, asked.seed)
    print(json.dumps({"made": made.total(), "found": seen.total(), "clean_sets": asked.clean, "alarms": len(alarms),
                      "missed": {name: made[name] - seen[name] for name in made if made[name] != seen[name]}}))  # fmt: skip
    print("\n".join(alarms[:5]))
    sys.exit(made != seen or bool(alarms))


if __name__ == "__main__":
    main()
