"""How much of the machine the intake gets: visits with three photos, and records alone, each beside a bare reference.

    .venv/bin/python tests/bench/intake.py [--rounds 3] [--threads 16] [--seconds 60]

Everything in one run, in alternating rounds, on loopback, bounded in count and time; what counts are the ratios.

    ours     wujin_field.serving with its own settings: SQLite, folder, a signed receipt for every request
    bare     the same gunicorn settings; hashes each body and stores it as one fsynced file; no login, no database
    limit    the same gunicorn settings; a Flask route that does what bare does and commits one row for each request, many
             to a transaction, in our SQLite; no login, no check, no receipt: more than this no Flask app reaches
    obvious  Flask-SQLAlchemy the obvious way: one row per tick, a commit per request, two workers of eight threads;
             no login, no receipt
    nothing  the same gunicorn settings; a Flask route that reads the body, answers 201 and keeps nothing at all

A visit is three PUTs of about 300 KB and one of the visit's JSON; a record is that JSON alone, with 20 ticks.
"""

import argparse
import base64
import hashlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from statistics import median

CLIENTS = (16, 64)
VISITS = {16: 96, 64: 192}  # in one round
RECORDS = {16: 480, 64: 960}
SLOW, SLOW_RATE = 64, 20_000  # sockets, bytes a second
TICK = os.sysconf("SC_CLK_TCK")
PHOTO_BYTES = 300_000
PATIENCE_S = 60
TARGETS = {"bare": 0.8, "obvious": 5.0, "cpu": 10.0, "cpu_images": 25.0, "p99": 500.0, "pss": 250.0, "slow": 1.2}


# the five servers


OURS = """
import os
from wujin_field import cli, create_app  # what `wujin serve` has loaded, too
from wujin_field.serving import run
def ready(server):
    print(server.LISTENERS[0].sock.getsockname()[1], flush=True)
run(create_app(), "127.0.0.1", 0, when_ready=ready, threads=int(os.environ["BENCH_THREADS"]))
"""

BARE = """
import hashlib, itertools, os, tempfile
from pathlib import Path
from wujin_field.serving import OPTIONS, Server
FOLDER, number = Path(os.environ["BENCH_FOLDER"]), itertools.count()
FOLDER.mkdir(parents=True, exist_ok=True)
def app(environ, start_response):
    digest, left = hashlib.sha256(), int(environ["CONTENT_LENGTH"])
    name = FOLDER / f"{next(number)}.part"
    with name.open("wb") as file:
        while left and (chunk := environ["wsgi.input"].read(min(65536, left))):
            digest.update(chunk); file.write(chunk); left -= len(chunk)
        file.flush(); os.fsync(file.fileno())
    name.rename(FOLDER / f"{digest.hexdigest()}-{name.stem}")
    body = digest.hexdigest().encode()
    start_response("201 Created", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
def ready(server):
    print(server.LISTENERS[0].sock.getsockname()[1], flush=True)
Server(app, {**OPTIONS, "bind": "127.0.0.1:0", "workers": 1, "threads": int(os.environ["BENCH_THREADS"]),
             "when_ready": ready}).run()
"""

LIMIT = """
import hashlib, itertools, os, queue, threading
from concurrent.futures import Future
from pathlib import Path
from flask import Flask, request
from wujin_field.db import sqlite
from wujin_field.serving import OPTIONS, Server
FOLDER, number, waiting = Path(os.environ["BENCH_FOLDER"]), itertools.count(), queue.SimpleQueue()
FOLDER.mkdir(parents=True, exist_ok=True)
app = Flask(__name__)
@app.put("/<path:rest>")
def put(rest):
    digest, left, body = hashlib.sha256(), request.content_length, request.environ["wsgi.input"]
    name = FOLDER / f"{next(number)}.part"
    with name.open("wb") as file:
        while left and (chunk := body.read(min(65536, left))):
            digest.update(chunk); file.write(chunk); left -= len(chunk)
        file.flush(); os.fsync(file.fileno())
    name.rename(FOLDER / f"{digest.hexdigest()}-{name.stem}")
    folder = os.open(FOLDER, os.O_RDONLY); os.fsync(folder); os.close(folder)
    stored = Future(); waiting.put((digest.hexdigest(), stored)); stored.result()
    return digest.hexdigest(), 201
def write():
    line = sqlite.connect(FOLDER / "limit.db", isolation_level=None)
    for step in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE IF NOT EXISTS kept (digest, at)"):
        line.execute(step)
    while True:
        group = [waiting.get()]
        while len(group) < 64 and not waiting.empty():
            group.append(waiting.get())
        line.execute("BEGIN IMMEDIATE")
        for digest, _ in group:
            line.execute("INSERT INTO kept VALUES (?, 0)", (digest,))
        line.execute("COMMIT")
        for _, stored in group:
            stored.set_result(True)
def ready(server):
    print(server.LISTENERS[0].sock.getsockname()[1], flush=True)
def begin(worker):
    threading.Thread(target=write, daemon=True).start()
Server(app, {**OPTIONS, "bind": "127.0.0.1:0", "workers": 1, "threads": int(os.environ["BENCH_THREADS"]),
                     "when_ready": ready, "post_worker_init": begin}).run()
"""

OBVIOUS = """
import os
from pathlib import Path
from flask import Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from wujin_field.db import sqlite
from wujin_field.serving import OPTIONS, Server
folder = Path(os.environ["BENCH_FOLDER"]); folder.mkdir(parents=True, exist_ok=True)
app = Flask(__name__)
app.config.update(SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder / 'obvious.db'}",
                  SQLALCHEMY_ENGINE_OPTIONS={"module": sqlite, "connect_args": {"timeout": 30}})
db = SQLAlchemy(app)
class Visit(db.Model):
    id = db.Column(db.String, primary_key=True); activity = db.Column(db.String, index=True)
    venue = db.Column(db.String, index=True)
    started_at = db.Column(db.BigInteger); ended_at = db.Column(db.BigInteger); note = db.Column(db.String)
    ticks = db.relationship("Tick", backref="visit")
class Tick(db.Model):
    id = db.Column(db.Integer, primary_key=True); visit_id = db.Column(db.ForeignKey("visit.id"), index=True)
    code = db.Column(db.String); value = db.Column(db.String); note = db.Column(db.String)
@app.put("/sync/visits/<id>")
def visit(id):
    said = request.get_json(force=True)
    row = Visit(id=id, activity=said["activity"], venue=said["venue"], started_at=said["started_at"],
                ended_at=said["ended_at"], note=said.get("note", ""))
    for code, answer in said["answers"].items():
        row.ticks.append(Tick(code=code, value=answer["value"], note=answer.get("note", "")))
    db.session.add(row)
    db.session.commit()
    return jsonify(id=row.id, ticks=len(row.ticks)), 201
with app.app_context():
    @event.listens_for(db.engine, "connect")
    def pragmas(connection, _):
        for line in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {line}")
    db.create_all()
    db.session.remove(); db.engine.dispose()
def ready(server):
    print(server.LISTENERS[0].sock.getsockname()[1], flush=True)
Server(app, {**OPTIONS, "bind": "127.0.0.1:0", "workers": 2, "threads": 8, "when_ready": ready}).run()
"""


NOTHING = """
import os
from flask import Flask, request
from wujin_field.serving import OPTIONS, Server
app = Flask(__name__)
@app.put("/<path:rest>")
def put(rest):
    request.get_data()
    return "", 201
def ready(server):
    print(server.LISTENERS[0].sock.getsockname()[1], flush=True)
Server(app, {**OPTIONS, "bind": "127.0.0.1:0", "workers": 1, "threads": int(os.environ["BENCH_THREADS"]),
             "when_ready": ready}).run()
"""


ARMS = {"ours": OURS, "bare": BARE, "limit": LIMIT, "obvious": OBVIOUS, "nothing": NOTHING}


class Server:
    """A server process group: its port, its CPU time, its memory."""

    def __init__(self, code: str, folder: Path, threads: int):
        env = os.environ | {"WUJIN_DATA_DIR": str(folder), "BENCH_FOLDER": str(folder), "BENCH_THREADS": str(threads)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, start_new_session=True
        )
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("a server did not start")
        self.port, self.peak_mb = int(line), 0.0
        self._stop = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def stop(self) -> None:
        self._stop.set()
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def tree(self, without: str = "") -> list[int]:
        """All process ids of the tree; `without` leaves out those whose name holds this."""
        parents = {int(path.name): _parent(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
        found = [self.process.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return [pid for pid in found if not without or without not in _name(pid)]

    def cpu_ms(self, without: str = "") -> float:
        """User and system time of the tree, dead children of it included."""
        return sum(_cpu_ticks(pid) for pid in self.tree(without)) * 1000 / TICK

    def _watch(self) -> None:
        while not self._stop.wait(0.5):
            self.peak_mb = max(self.peak_mb, sum(_pss_kb(pid) for pid in self.tree()) / 1024)


def _parent(path: Path) -> int:
    try:
        return int((path / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return ""


def _cpu_ticks(pid: int) -> int:
    try:
        spent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, spent[11:15]))


def _pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


# what is sent


@dataclass
class Town:
    """Phones enrolled in our server's data folder, and places to visit."""

    tokens: list[str]
    devices: list
    venue: object
    area: object


def settled(folder: Path) -> Town:
    from wujin_field.cast import phone, settle
    from wujin_field.cli import prepared
    from wujin_field.config import read_settings
    from wujin_field.db import db, writing

    app = prepared(read_settings(env={}, data_dir=folder))
    with app.app_context(), writing() as session:
        town = settle(session)
        names = ["陈大山", "周小禾", "秦岚", "唐玉梅"]
        phones = [phone(session, town.person(names[n % len(names)])) for n in range(max(CLIENTS) + SLOW)]
    with app.app_context():
        db.engine.dispose()
    return Town(
        [token for _, token in phones],
        [device for device, _ in phones],
        town.venue("禾丰粮油加工厂"),
        town.areas["liuxi"],
    )


def photographs() -> list[bytes]:
    """Sixteen JPEGs of about 300 KB: the shipped photographs, at the size and quality that a phone sends."""
    from PIL import Image

    from wujin_field.cast.pictures import PHOTOS

    return [_about_300_kb(Image.open(path)) for path in PHOTOS[:16]]


def _about_300_kb(image) -> bytes:
    from PIL import Image

    image = image.convert("RGB").resize((1600, 1200))
    image = Image.blend(image, Image.effect_noise((1600, 1200), 60).convert("RGB"), 0.12)  # a sensor's grain
    for quality in range(92, 30, -4):
        out = BytesIO()
        image.save(out, "JPEG", quality=quality)
        if out.tell() <= PHOTO_BYTES * 1.1:
            break
    return out.getvalue()


class Bodies:
    """Requests, whole and ready: nothing is encoded, hashed or signed while the clock runs."""

    def __init__(self, town: Town):
        self.town, self.photos, self._count = town, photographs(), 0

    def visits(self, count: int, clients: int) -> list[list[bytes]]:
        return [self._visit(n % clients) for n in range(count)]

    def records(self, count: int, clients: int) -> list[list[bytes]]:
        return [[self._claim(n % clients)] for n in range(count)]

    def photo(self, who: int) -> bytes:
        body = self._unique()
        return self._request(who, f"/sync/photos/{hashlib.sha256(body).hexdigest()}", body)

    def _visit(self, who: int) -> list[bytes]:
        from wujin_field.cast import photo_line
        from wujin_field.db import utc_now

        bodies = [self._unique() for _ in range(3)]
        puts = [self._request(who, f"/sync/photos/{hashlib.sha256(body).hexdigest()}", body) for body in bodies]
        return [*puts, self._claim(who, photos=[photo_line(body, utc_now()) for body in bodies])]

    def _claim(self, who: int, activity: str | None = None, **fields: object) -> bytes:
        from wujin_field.cast import sealed, visit_claim

        ticks = {
            f"item_{n:02}": {"value": "ok", "note": "已现场查看，整改完成" if n % 5 == 0 else "", "photos": []}
            for n in range(20)
        }
        claim = visit_claim(
            self.town.devices[who], self.town.venue, activity, answers=ticks, note="入户走访" * 100, **fields
        )
        return self._request(who, f"/sync/visits/{claim['id']}", sealed(claim))

    def _unique(self) -> bytes:
        """Another picture to every hash and the same to every decoder: a comment segment with a number."""
        self._count += 1
        body = self.photos[self._count % len(self.photos)]
        return body[:2] + b"\xff\xfe\x00\x12" + f"{os.getpid() % 10**6:06}{self._count:010}".encode() + body[2:]

    def _request(self, who: int, path: str, body: bytes) -> bytes:
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        head = (
            f"PUT {path} HTTP/1.1\r\nHost: wujin\r\nCookie: wujin_device={self.town.tokens[who]}\r\n"
            f"Content-Digest: sha-256=:{digest}:\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


# the load


@dataclass
class Round:
    """One round of one arm. each: seconds of every visit or record; requests: of every request; cpu: ms for each;
    put_off: how often the server said 429 or 503; the client then waits as long as it was told, and that counts.
    """

    rate: float
    each: list[float]
    requests: list[float] = field(default_factory=list)
    cpu: float = 0.0
    put_off: int = 0

    def p(self, share: float, what: str = "each") -> float:
        ordered = sorted(getattr(self, what))
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def load(port: int, visits: list[list[bytes]], clients: int) -> Round:
    """Each client has one keep-alive socket and takes the next visit of its own phone."""
    shares, gate = [visits[n::clients] for n in range(clients)], threading.Barrier(clients + 1)
    each, requests, faults, put_off = [], [], [], []
    told = each, requests, faults, put_off
    threads = [threading.Thread(target=_client, args=(port, share, gate, *told)) for share in shares]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if faults:
        raise SystemExit(f"{len(faults)} refusals, such as {faults[0]!r}")
    return Round(len(each) / (time.perf_counter() - began), each, requests, put_off=len(put_off))


def _client(port, share, gate, each, requests, faults, put_off) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=120) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        gate.wait()
        for visit in share:
            began = time.perf_counter()
            for request in visit:
                asked = time.perf_counter()
                status, again = ask(line, request)
                while status in (429, 503) and time.perf_counter() - asked < PATIENCE_S:
                    put_off.append(status)
                    time.sleep(again)
                    status, again = ask(line, request)
                requests.append(time.perf_counter() - asked)
                if status != 201:
                    faults.append((status, request[:80]))
            each.append(time.perf_counter() - began)


def ask(line: socket.socket, request: bytes) -> tuple[int, int]:
    """Status, and after how many seconds to come again."""
    line.sendall(request)
    head = b""
    while b"\r\n\r\n" not in head:
        part = line.recv(65536)
        if not part:
            return 0, 0
        head += part
    head, _, body = head.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    told = {name: value for name, _, value in (text.partition(b":") for text in lines[1:])}
    while len(body) < int(told[b"content-length"]):
        body += line.recv(65536)
    return int(lines[0].split()[1]), int(told.get(b"retry-after", 0))


def measured(server: Server, visits: list[list[bytes]], clients: int) -> Round:
    before = server.cpu_ms(without="examiner")
    result = load(server.port, visits, clients)
    result.cpu = (server.cpu_ms(without="examiner") - before) / len(visits)
    return result


class SlowPhones:
    """Sockets that send a photo at 20 KB/s each, for as long as the block lasts."""

    def __init__(self, port: int, bodies: Bodies, seconds: float):
        self._port, self._until = port, time.monotonic() + seconds
        self._requests = [bodies.photo(max(CLIENTS) + n) for n in range(SLOW)]
        self._thread = threading.Thread(target=self._send, daemon=True)

    def __enter__(self) -> "SlowPhones":
        self._open = [socket.create_connection(("127.0.0.1", self._port), timeout=30) for _ in self._requests]
        self._thread.start()
        time.sleep(1.5)
        return self

    def __exit__(self, *_: object) -> None:
        self._until = 0
        self._thread.join()
        for line in self._open:
            line.close()

    def _send(self) -> None:
        at, step = 0, SLOW_RATE // 10
        while time.monotonic() < self._until:
            for line, request in zip(self._open, self._requests, strict=True):
                self._some(line, request[at : at + step])
            at += step
            time.sleep(0.1)

    def _some(self, line: socket.socket, part: bytes) -> None:
        try:
            line.send(part, socket.MSG_DONTWAIT)
        except OSError:  # full for the moment, or answered and closed
            return


# the table


@dataclass
class Line:
    what: str
    figures: str
    value: float
    target: str
    good: bool

    def __str__(self) -> str:
        return f"{'PASS' if self.good else 'FAIL'}  {self.what:<46} {self.figures:<62} {self.value:8.2f}  target {self.target}"


def compared(what: str, ours: list[Round], other: list[Round], least: float) -> Line:
    ratio = median(a.rate / b.rate for a, b in zip(ours, other, strict=True))
    figures = f"{rate_and_cpu(ours)} beside {rate_and_cpu(other)}"
    return Line(what, figures, ratio, f">= {least}", ratio >= least)


def rate_and_cpu(rounds: list[Round]) -> str:
    return f"{median(r.rate for r in rounds):6.1f}/s (cpu {median(r.cpu for r in rounds):4.1f} ms)"


def at_most(what: str, value: float, most: float, figures: str = "") -> Line:
    return Line(what, figures, value, f"<= {most:g}", value <= most)


def photo_rounds(ours: Server, bare: Server, limit: Server, bodies: Bodies, rounds: int) -> Iterator[Line]:
    for clients in CLIENTS:
        a, b, c = [], [], []
        for number in range(rounds):
            arms = [(ours, a), (bare, b), (limit, c)]
            for server, results in arms if number % 2 == 0 else reversed(arms):
                results.append(measured(server, bodies.visits(VISITS[clients], clients), clients))
                settle_down(ours)
        yield compared(f"visit + 3 photos, {clients} clients, of bare", a, b, TARGETS["bare"])
        reached = median(r.rate / other.rate for r, other in zip(c, b, strict=True))
        print(
            f"      … the limit, a Flask route that only stores: {rate_and_cpu(c)}, {reached:.2f} of bare", flush=True
        )
        yield at_most(f"  CPU ms per visit, {clients} clients", median(r.cpu for r in a), TARGETS["cpu"], tails(a))
        if clients == 64:
            for name, what in (("request", "requests"), ("whole visit", "each")):
                value = median(r.p(0.99, what) for r in a)
                yield at_most(
                    f"  p99 ms of a {name}, {clients} clients",
                    value,
                    TARGETS["p99"],
                    f"bare {median(r.p(0.99, what) for r in b):.0f} ms",
                )


def tails(rounds: list[Round]) -> str:
    return (
        "p50/p95/p99 of a visit "
        + "/".join(f"{median(r.p(share) for r in rounds):.0f}" for share in (0.5, 0.95, 0.99))
        + f" ms, {sum(r.put_off for r in rounds)} × put off"
    )


def record_rounds(ours: Server, obvious: Server, nothing: Server, bodies: Bodies, rounds: int) -> Iterator[Line]:
    for clients in CLIENTS:
        a, b, c = [], [], []
        for number in range(rounds):
            arms = [(ours, a), (obvious, b), (nothing, c)]
            for server, results in arms if number % 2 == 0 else reversed(arms):
                results.append(measured(server, bodies.records(RECORDS[clients], clients), clients))
        yield compared(f"record alone, {clients} clients, of obvious", a, b, TARGETS["obvious"])
        reached = median(r.rate / other.rate for r, other in zip(c, b, strict=True))
        print(
            f"      … a Flask route that keeps nothing: {rate_and_cpu(c)}, {reached:.2f} times the obvious way",
            flush=True,
        )


def image_lines(ours: Server, bodies: Bodies, count: int = 96) -> Iterator[Line]:
    """All work on a visit's pictures included, then the checks of the visit too: the clock of the CPU stops when nothing
    is left to examine. The records come after their pictures, so that the checks can be told apart.
    """
    visits = bodies.visits(count, 16)
    settle_down(ours, 60)
    began = ours.cpu_ms()
    load(ours.port, [visit[:-1] for visit in visits], 16)
    settle_down(ours, 60)
    pictures, serving = ours.cpu_ms() - began, ours.cpu_ms(without="examiner")
    load(ours.port, [visit[-1:] for visit in visits], 16)
    records = ours.cpu_ms(without="examiner") - serving
    settle_down(ours, 60)
    each, most = "full decode, thumbnail, dHash of each picture", TARGETS["cpu_images"]
    yield at_most("  CPU ms per visit, pictures examined", (pictures + records) / count, most, each)
    print(f"      … and with all checks of the visit {(ours.cpu_ms() - began) / count:.1f} ms", flush=True)


def settle_down(server: Server, seconds: float = 30) -> None:
    """Wait until the examiner has nothing left to do, so that it does not run beside the other arm."""
    until, last = time.monotonic() + seconds, -1.0
    while time.monotonic() < until and (now := server.cpu_ms()) - last > 20:
        last = now
        time.sleep(0.5)


def slow_line(ours: Server, bodies: Bodies, rounds: int, seconds: float) -> Line:
    """Sixteen good phones, with and without sixty-four slow ones beside them."""
    quiet, beside = [], []
    for _ in range(rounds):
        quiet.append(measured(ours, bodies.visits(VISITS[16], 16), 16))
        settle_down(ours)
        visits = bodies.visits(VISITS[16], 16)
        with SlowPhones(ours.port, bodies, seconds):
            beside.append(measured(ours, visits, 16))
        settle_down(ours)
    ratio = median(b.p(0.99) / a.p(0.99) for a, b in zip(quiet, beside, strict=True))
    return at_most(
        f"{SLOW} phones at 20 KB/s: others' p99, ratio",
        ratio,
        TARGETS["slow"],
        f"{median(r.p(0.99) for r in quiet):.0f} ms becomes {median(r.p(0.99) for r in beside):.0f} ms, "
        f"{sum(r.put_off for r in beside)} × put off",
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, help="of each server; what wujin_field.serving says by default")
    parser.add_argument("--seconds", type=float, default=60, help="the slow phones send no longer than this")
    parser.add_argument("--only", choices=["photos", "records", "slow"])
    parser.add_argument("--dir", type=Path, help="where the servers keep their data; a temporary folder by default")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wujin-intake-", dir=chosen.dir) as folder:
        return run(Path(folder), chosen)


def run(folder: Path, chosen: argparse.Namespace) -> int:
    from wujin_field.serving import OPTIONS

    threads = chosen.threads or OPTIONS["threads"]
    bodies = Bodies(settled(folder / "ours"))
    load_now = os.getloadavg()[0]
    print(
        f"{os.cpu_count()} cores, load {load_now:.1f} before the start; {OPTIONS['worker_class']}, {threads} threads; "
        f"{chosen.rounds} alternating rounds, medians; photos of {len(bodies.photos[0]) // 1000} KB",
        flush=True,
    )
    servers = [Server(code, folder / name, threads) for name, code in ARMS.items()]
    ours = servers[0]
    try:
        warm_up(servers, bodies)
        results = list(told(chosen, *servers, bodies))
        results.append(show(at_most("peak PSS of our process tree, MB", ours.peak_mb, TARGETS["pss"])))
    finally:
        for server in servers:
            server.stop()
    print(
        f"{sum(line.good for line in results)} of {len(results)} targets met; load {os.getloadavg()[0]:.1f} at the end"
    )
    return 0 if all(line.good for line in results) else 1


def told(
    chosen: argparse.Namespace, ours: Server, bare: Server, limit: Server, obvious: Server, nothing: Server, bodies: Bodies
) -> Iterator[Line]:  # fmt: skip
    parts: dict[str, Callable[[], Iterator[Line]]] = {
        "photos": lambda: photo_rounds(ours, bare, limit, bodies, chosen.rounds),
        "records": lambda: record_rounds(ours, obvious, nothing, bodies, chosen.rounds),
        "slow": lambda: iter([slow_line(ours, bodies, chosen.rounds, chosen.seconds)]),
    }
    for name, part in parts.items():
        if chosen.only in (None, name):
            yield from map(show, part())
            if name == "photos":
                yield from map(show, image_lines(ours, bodies))


def show(line: Line) -> Line:
    print(line, flush=True)
    return line


def warm_up(servers: list[Server], bodies: Bodies) -> None:
    for server in servers[:3]:
        load(server.port, bodies.visits(32, 16), 16)
    for server in (servers[0], *servers[3:]):
        load(server.port, bodies.records(32, 16), 16)
    settle_down(servers[0])


if __name__ == "__main__":
    sys.exit(main())
