"""/healthz: red exactly when a write would fail, quick when it would not, and never a load of its own."""

import http.client
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from patience import until

from wujin_field import create_app
from wujin_field.cast import phone, picture, sealed, settle, visit_claim
from wujin_field.cast.claims import sha256
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, sqlite, utc_now, writing
from wujin_field.web.public import health

SERVE = """
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.serving import run
from wujin_field.web import limits, logs
from wujin_field.web.public import health
def ready(server):
    print(server.LISTENERS[0].sock.getsockname()[1], flush=True)
app = prepared(read_settings())
{prelude}
run(app, "127.0.0.1", 0, when_ready=ready)
"""


class Served:
    """A town in `folder` behind the real gunicorn; `log` is its stderr. prelude: Python that runs before it serves."""

    def __init__(self, folder, log, prelude="", **env):
        self.folder, self.log = folder, log
        app = prepared(read_settings(env={}, data_dir=folder))
        with app.app_context(), writing() as session:
            town = settle(session)
            self.device, self.token = phone(session, town.person("陈大山"))
            self.other, self.other_token = phone(session, town.person("唐玉梅"))
        with app.app_context():
            db.engine.dispose()
        self.mill = town.venue("禾丰粮油加工厂")
        env = {"WUJIN_DATA_DIR": str(folder), "PATH": os.environ["PATH"], **env}
        code = SERVE.replace("{prelude}", prelude)
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, stderr=log.open("wb"), start_new_session=True
        )
        self.port = int(self.process.stdout.readline())

    def stop(self):
        os.killpg(self.process.pid, 9)
        self.process.wait()
        self.process.stdout.close()

    def ask(self, method, path, body=b"", **headers):
        """Status, headers and body of the answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        cookie = {"Cookie": f"wujin_device={self.token}"}
        line.request(method, path, body or None, cookie | {name.replace("_", "-"): v for name, v in headers.items()})
        answer = line.getresponse()
        try:
            return answer.status, answer.headers, answer.read()
        finally:
            line.close()

    def health(self):
        status, _, body = self.ask("GET", "/healthz")
        return status, [reason["code"] for reason in json.loads(body)["reasons"]]

    def send_photo(self, number):
        body = picture(number, utc_now(), 295_512_000, 1_062_034_000)
        return self.ask("PUT", f"/sync/photos/{sha256(body)}", body)

    def send_visit(self, **fields):
        return self.ask("PUT", *visit(self.device, self.mill, **fields))

    def files(self):
        return [path.name for path in (self.folder / "photos").rglob("*") if path.is_file()]

    def fill(self, leave):
        """Fill the disk until `leave` bytes are free."""
        with (self.folder / "filler").open("ab") as file:
            while (room := shutil.disk_usage(self.folder).free - leave) > 4096:
                with suppress(OSError):  # the server took some of it meanwhile: how much is left is asked again
                    os.posix_fallocate(file.fileno(), file.tell(), room - 4096)
                file.seek(0, 2)


def visit(device, venue, **fields):
    """Address, body and headers' worth of a claim."""
    claim = visit_claim(device, venue, **fields)
    return f"/sync/visits/{claim['id']}", sealed(claim)


def content_digest(body):
    import base64
    import hashlib

    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


@contextmanager
def held(path):
    """Somebody who writes to the database and does not finish. Two SQLite libraries in one process see no lock of each other."""
    line = sqlite.connect(path, isolation_level=None, check_same_thread=False)
    line.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        line.rollback()
        line.close()


@contextmanager
def disk(at, megabytes):
    at.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(at)], check=True)
    try:
        yield at / "data"
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


@contextmanager
def breakable_disk(image, at):
    """A disk that `remount,abort` makes read-only under the programs that write to it, as a failing one does to itself."""
    at.mkdir()
    with image.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    subprocess.run(["mount", "-o", "loop", str(image), str(at)], check=True)
    try:
        yield at / "data"
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


def codes(app):
    answer = app.test_client().get("/healthz")
    return answer.status_code, [reason["code"] for reason in answer.json["reasons"]]


@pytest.fixture
def impatient(monkeypatch):
    """Every question is a new try."""
    monkeypatch.setattr(health, "FRESH_S", 0)


@pytest.fixture
def on_sqlite(app, settings):
    if not settings.on_sqlite:
        pytest.skip("says something about SQLite")
    return Path(settings.data_dir / "wujin.db")


def test_it_is_green_while_a_write_would_succeed(app):
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "reasons": [], "version": app.config["ASSETS"].version}
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_leaves_nothing_behind(app, settings, impatient):
    before = sorted(path.name for path in settings.data_dir.rglob("*"))
    for _ in range(3):
        assert codes(app) == (200, [])
    assert sorted(path.name for path in settings.data_dir.rglob("*")) == before
    with app.app_context(), db.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM instance").scalar() == 1


def test_it_says_that_the_database_is_held(app, on_sqlite, impatient):
    with held(on_sqlite):
        assert codes(app) == (503, ["database_held"])
    assert codes(app) == (200, [])


def test_askers_do_not_queue_up_while_it_is_held(app, on_sqlite, impatient, monkeypatch):
    codes(app)
    tries, really = [], health.Health._database
    monkeypatch.setattr(health.Health, "_database", lambda asked: tries.append(1) or really(asked))
    with held(on_sqlite), ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda _: codes(app), range(40)))
    assert len(tries) < 5
    assert (503, ["database_held"]) in answers
    assert {status for status, _ in answers} <= {200, 503}


def test_two_questions_in_half_a_second_are_one_try(app, monkeypatch):
    tries = []
    monkeypatch.setattr(health, "FRESH_S", 60)  # however long five questions take here
    monkeypatch.setattr(health.Health, "_database", lambda _self: tries.append(1) or [])
    for _ in range(5):
        codes(app)
    assert len(tries) == 1


def test_a_try_that_never_ends_is_told(app, monkeypatch, impatient):
    codes(app)
    monkeypatch.setattr(health, "STUCK_S", 0.2)
    stuck, go_on = threading.Event(), threading.Event()
    monkeypatch.setattr(health.Health, "_spool", lambda _self: stuck.set() or (go_on.wait(20) and []))
    with ThreadPoolExecutor(1) as threads:
        threads.submit(codes, app)
        stuck.wait(10)
        until(lambda: codes(app) == (503, ["no_answer"]))
        go_on.set()


def test_it_says_disk_full_while_there_is_still_room_for_the_database(app, monkeypatch, impatient):
    monkeypatch.setattr(health.limits, "_is_crowded", lambda _disk: True)
    assert codes(app) == (503, ["disk_full"])


@pytest.mark.parametrize(("total", "free", "crowded"), [
    (100e9, 201 * 2**20, False), (100e9, 199 * 2**20, True), (2e9, 110e6, False), (2e9, 90e6, True),
    (64 * 2**20, 17 * 2**20, False), (64 * 2**20, 15 * 2**20, True),
])  # fmt: skip
def test_nearly_full_is_200_mb_or_less_on_a_small_disk_and_never_less_than_two_uploads(total, free, crowded):
    disk = shutil._ntuple_diskusage(int(total), int(total - free), int(free))
    assert health.limits._is_crowded(disk) is crowded


def test_it_says_so_when_the_place_for_photos_is_gone(app, settings, impatient):
    if settings.photo_store != "file:":
        pytest.skip("says something about a folder")
    shutil.rmtree(settings.photo_dir)
    assert codes(app) == (503, ["store_away"])


def test_it_says_so_when_everything_is_gone(app, settings, on_sqlite, impatient):
    with app.app_context():
        db.engine.dispose()
    shutil.rmtree(settings.data_dir)
    status, found = codes(app)
    assert status == 503
    assert found


def test_it_says_so_when_postgresql_is_away(tmp_path, impatient):
    pytest.importorskip("psycopg")
    address = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    app = create_app(read_settings(env={}, data_dir=tmp_path / "data", database_url=address))
    assert codes(app) == (503, ["database_away"])
    client = app.test_client()
    client.set_cookie("wujin_device", "x")
    assert client.get("/healthz").status_code == client.get("/sync/pack").status_code == 503
    assert client.get("/supervisor/").status_code == 503


@pytest.mark.needs("postgres")
def test_it_says_so_when_postgresql_is_held_or_only_reads(database, tmp_path, impatient):
    from wujin_field.db import WRITERS_LOCK

    app = prepared(read_settings(env={}, data_dir=tmp_path / "data", database_url=database))
    assert codes(app) == (200, [])
    with app.app_context():
        with db.engine.connect() as other:
            other.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")
            assert codes(app) == (503, ["database_held"])
        with db.engine.connect() as other:
            name = other.exec_driver_sql("SELECT current_database()").scalar()
            other.exec_driver_sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
            other.commit()
        app.extensions["health"]._engine.dispose()
        assert codes(app) == (503, ["read_only"])
        app.extensions["health"]._engine.dispose()
        db.engine.dispose()


def test_the_sentences_are_in_the_readers_language(app):
    with app.test_request_context():
        assert health.sentence("disk_full") == "磁盘快满了。"
    with app.test_request_context(headers={"Cookie": "lang=en"}):
        assert health.sentence("disk_full") == "The disk is nearly full."


def test_it_answers_and_reads_go_on_while_phones_wait_for_a_held_database(tmp_path):
    server = Served(tmp_path / "data", tmp_path / "log")
    try:
        claims = [visit(server.device, server.mill) for _ in range(30)]
        with ThreadPoolExecutor(30) as phones:
            with held(tmp_path / "data" / "wujin.db"):
                sent = [phones.submit(server.ask, "PUT", path, body, Content_Digest=content_digest(body))
                        for path, body in claims]  # fmt: skip
                while server.health() != (503, ["database_held"]):
                    time.sleep(0.1)
                assert server.ask("GET", "/sync/pack")[0] == 200
                assert not any(one.done() and one.result()[0] == 201 for one in sent)
            answers = [future.result() for future in sent]
        assert {status for status, _, _ in answers} <= {201, 429, 503}
        assert all(headers["Retry-After"] for status, headers, _ in answers if status != 201)
        while server.health() != (200, []):
            time.sleep(0.1)
    finally:
        server.stop()
