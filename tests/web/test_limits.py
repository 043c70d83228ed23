"""No phone, broken or hostile, takes the station from the others; no trouble of the machine is ever a 500."""

import errno
import os
import socket
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from select import select as readable

import pytest
from patience import until
from sqlalchemy import event, func, insert, select
from test_health import Served, breakable_disk, content_digest, disk, held, visit

from wujin_field.cast import phone, picture, sealed, settle, visit_claim
from wujin_field.cast.claims import sha256
from wujin_field.db import db, sqlite, utc_now, writing
from wujin_field.models import Receipt, SetAside
from wujin_field.sync import intake
from wujin_field.sync.envelope import Refused
from wujin_field.web import limits

NOW = utc_now()


class Town:
    def __init__(self, app):
        self.app = app
        with app.app_context(), writing() as session:
            town = settle(session)
            self.device, token = phone(session, town.person("陈大山"))
            self.other, other_token = phone(session, town.person("唐玉梅"))
        self.mill = town.venue("禾丰粮油加工厂")
        self.client, self.neighbour = self._client(token), self._client(other_token)

    def _client(self, token):
        client = self.app.test_client()
        client.set_cookie("wujin_device", token)
        return client

    def photo(self, number, client=None):
        body = picture(number, NOW, 295_512_000, 1_062_034_000)
        return (client or self.client).put(f"/sync/photos/{sha256(body)}", data=body)

    def send(self, claim, client=None):
        body = sealed(claim)
        return (client or self.client).put(
            f"/sync/visits/{claim['id']}", data=body, headers={"Content-Digest": content_digest(body)}
        )

    def claim(self, **fields):
        return visit_claim(self.device, self.mill, **fields)

    def count(self, table, *where):
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(table).where(*where))


@pytest.fixture
def town(app):
    return Town(app)


@pytest.fixture
def on_sqlite(settings):
    if not settings.on_sqlite:
        pytest.skip("says something about SQLite")


def assert_later(answer, status, code, *between):
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"
    low, high = between or (20, 40)
    assert low <= int(answer.headers["Retry-After"]) <= high


def each_connection_says(app, line):
    with app.app_context():
        db.engine.dispose()
        event.listen(db.engine, "connect", lambda connection, _record: connection.execute(line))


# a day's measure


def test_over_a_days_photos_is_429_and_what_was_receipted_keeps_its_answer(town, monkeypatch):
    monkeypatch.setattr(limits, "PHOTOS_A_DAY", 3)
    first = [town.photo(number) for number in range(3)]
    assert [answer.status_code for answer in first] == [201] * 3
    assert_later(town.photo(3), 429, "too_many_today", 1800, 3600)
    again = town.photo(0)
    assert (again.status_code, again.json) == (200, first[0].json)
    assert town.photo(3, town.neighbour).status_code == 201
    assert town.send(town.claim()).status_code == 201


def test_over_a_days_bytes_is_429(town, monkeypatch):
    monkeypatch.setattr(limits, "PHOTO_BYTES_A_DAY", 1)
    assert town.photo(0).status_code == 201
    assert_later(town.photo(1), 429, "too_many_today", 1800, 3600)


def test_over_a_days_claims_is_429_and_photos_still_come(town, monkeypatch):
    monkeypatch.setattr(limits, "CLAIMS_A_DAY", 2)
    claims = [town.claim() for _ in range(3)]
    assert [town.send(claim).status_code for claim in claims] == [201, 201, 429]
    assert town.send(claims[0]).status_code == 200
    assert town.photo(1).status_code == 201


def test_yesterdays_do_not_count(town, app):
    town.photo(1)
    town.send(town.claim())
    with app.app_context():
        connection = db.session.connection()
        assert limits.sent_today(connection, town.device.id, utc_now())[::2] == (1, 1)
        assert limits.sent_today(connection, town.other.id, utc_now()) == (0, 0, 0)
        assert limits.sent_today(connection, town.device.id, utc_now() + timedelta(days=1)) == (0, 0, 0)


def test_counting_is_cheap_among_many_receipts(town, app, settings):
    old = utc_now() - timedelta(days=3)
    line = {"kind": "visit", "revision": 1, "digest": "0" * 64, "device_id": town.device.id, "body": {"x": "y" * 300}}
    with app.app_context(), writing() as session:
        session.execute(insert(Receipt), [line | {"subject_id": str(n), "received_at": old} for n in range(50_000)])
    for number in range(20):
        town.send(town.claim(note=str(number)))
    with app.app_context():
        assert limits.sent_today(db.session.connection(), town.device.id, utc_now()) == (0, 0, 20)


# kept aside


def test_a_phone_may_not_fill_the_shelf_of_what_a_person_must_decide(town, monkeypatch):
    monkeypatch.setattr(intake, "SET_ASIDE_MAX", 3)
    claim = town.claim()
    assert town.send(claim).status_code == 201
    others = [claim | {"note": f"第{number}版"} for number in range(4)]
    assert [town.send(other).status_code for other in others] == [409, 409, 409, 429]
    assert_later(town.send(others[3]), 429, "too_many_aside", 1800, 3600)
    assert_later(town.send(town.claim(revision=2)), 429, "too_many_aside", 1800, 3600)
    assert_later(town.send(visit_claim(town.other, town.mill)), 429, "too_many_aside", 1800, 3600)
    assert town.count(SetAside) == 3
    assert town.send(others[0]).status_code == 409  # lies there already, the same answer as before
    assert (town.send(claim).status_code, town.send(town.claim()).status_code) == (200, 201)
    assert town.send(claim | {"note": "别人的手机"}, town.neighbour).status_code == 409


# at once


def test_five_at_once_from_one_phone_are_one_too_many():
    uploads = limits.Uploads()
    with uploads.one_more("a"), uploads.one_more("a"), uploads.one_more("a"), uploads.one_more("a"):
        with pytest.raises(Refused) as raised, uploads.one_more("a"):
            pass
        assert (raised.value.status, raised.value.code) == (429, "too_many_at_once")
        with uploads.one_more("b"):
            pass
    with uploads.one_more("a"):
        pass


def test_all_together_never_take_the_last_threads(monkeypatch):
    monkeypatch.setattr(limits, "QUEUE_S", 0.05)
    uploads, go_on, full = limits.Uploads(), threading.Event(), threading.Barrier(limits.AT_ONCE + 1)

    def hold(number):
        with uploads.one_more(str(number)):
            full.wait(10)
            go_on.wait(10)

    threads = [threading.Thread(target=hold, args=[number]) for number in range(limits.AT_ONCE)]
    for thread in threads:
        thread.start()
    full.wait(10)
    with pytest.raises(Refused), uploads.one_more("one more"):
        pass
    threading.Timer(0.1, go_on.set).start()
    monkeypatch.setattr(limits, "QUEUE_S", 5)
    with uploads.one_more("whoever waits a moment"):
        pass
    for thread in threads:
        thread.join()


def test_fewer_at_once_than_the_server_has_threads():
    from wujin_field.serving import OPTIONS

    assert OPTIONS["threads"] >= limits.AT_ONCE + 4


# troubles of the machine


def test_a_held_database_is_503(town, app, settings, on_sqlite):
    each_connection_says(app, "PRAGMA busy_timeout=200")
    claim = town.claim()
    with held(settings.data_dir / "wujin.db"):
        assert_later(town.send(claim), 503, "busy")
        assert_later(town.photo(1), 503, "busy")
        assert town.client.get("/sync/pack", headers={"Wujin-Unsent": "7"}).status_code == 200
    assert (town.send(claim).status_code, town.photo(1).status_code) == (201, 201)


def test_a_full_database_is_507(town, app, on_sqlite):
    with app.app_context(), db.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    each_connection_says(app, f"PRAGMA max_page_count={pages}")
    answers = [town.send(town.claim(note="长" * 2000)) for _ in range(30)]
    assert {answer.status_code for answer in answers} <= {201, 507}
    assert_later(answers[-1], 507, "disk_full")
    assert town.client.get("/sync/pack").status_code == 200


def test_a_database_that_may_not_be_written_is_503(town, app, on_sqlite):
    each_connection_says(app, "PRAGMA query_only=ON")
    assert_later(town.send(town.claim()), 503, "out_of_order")
    assert_later(town.photo(1), 503, "out_of_order")
    assert town.client.get("/sync/pack", headers={"Wujin-Unsent": "7"}).status_code == 200


def test_a_broken_database_file_is_503(town, app, settings, on_sqlite):
    with app.app_context():
        db.engine.dispose()
    for name in ("wujin.db-wal", "wujin.db-shm"):
        (settings.data_dir / name).unlink(missing_ok=True)
    (settings.data_dir / "wujin.db").write_bytes(b"not a database at all" * 1000)
    assert_later(town.send(town.claim()), 503, "out_of_order")


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [(errno.ENOSPC, 507, "disk_full"), (errno.EDQUOT, 507, "disk_full"), (errno.EROFS, 503, "out_of_order"),
     (errno.EACCES, 503, "out_of_order"), (errno.EIO, 503, "out_of_order"), (errno.EMFILE, 503, "out_of_order"),
     (errno.ENOENT, 503, "out_of_order")],
    ids=lambda value: errno.errorcode.get(value, "") if isinstance(value, int) else value,
)  # fmt: skip
@pytest.mark.parametrize("where", ["incoming", "keep"])
def test_a_store_that_fails_is_never_500(town, app, monkeypatch, where, number, status, code):
    def fail(*_given):
        raise OSError(number, os.strerror(number), "/somewhere")

    monkeypatch.setattr(app.extensions["vault"], where, fail)
    assert_later(town.photo(1), status, code)
    assert town.count(Receipt) == 0


def test_a_writer_that_does_not_come_to_an_end_is_503(town, app, monkeypatch):
    def fail(*_given):
        raise TimeoutError

    monkeypatch.setattr(app.extensions["intake"], "take_claim", fail)
    assert_later(town.send(town.claim()), 503, "busy")


def test_an_error_of_our_own_is_still_500(town, app, monkeypatch):
    monkeypatch.setattr(app.extensions["intake"], "take_claim", lambda *_given: 1 / 0)
    assert town.send(town.claim()).status_code == 500


def test_a_disk_nearly_full_takes_no_photo_and_still_takes_visits(town, monkeypatch):
    monkeypatch.setattr(limits, "_is_crowded", lambda _disk: True)
    assert_later(town.photo(1), 507, "disk_full")
    assert town.send(town.claim()).status_code == 201


def test_phones_are_not_called_back_all_at_the_same_moment(town, monkeypatch):
    monkeypatch.setattr(limits, "_is_crowded", lambda _disk: True)
    assert len({town.photo(1).headers["Retry-After"] for _ in range(20)}) > 3


@contextmanager
def served(folder, log, prelude=""):
    server = Served(folder, log, prelude)
    try:
        yield server
    finally:
        server.stop()


def send_visit(server, **fields):
    path, body = visit(server.device, server.mill, **fields)
    return server.ask("PUT", path, body, Content_Digest=content_digest(body))


@pytest.mark.needs("mount")
def test_a_disk_that_fills_up_and_is_emptied_again(tmp_path):
    with disk(tmp_path / "disk", 64) as folder, served(folder, tmp_path / "log") as server:
        assert server.send_photo(1)[0] == send_visit(server)[0] == 201
        server.fill(leave=10 * 2**20)
        until(lambda: server.health() == (503, ["disk_full"]))
        assert server.send_photo(2)[0] == 507
        assert send_visit(server)[0] == 201
        server.fill(leave=0)
        answers = [send_visit(server, note="长" * 2000) for _ in range(15)]
        assert {status for status, _, _ in answers} <= {201, 503, 507}
        assert answers[-1][0] == 507
        assert answers[-1][1]["Retry-After"]
        assert server.ask("GET", "/sync/pack", Wujin_Unsent="3")[0] == 200
        receipted = sum(status == 201 for status, _, _ in answers) + 3
        (folder / "filler").unlink()
        until(lambda: server.health() == (200, []))
        assert server.send_photo(2)[0] == send_visit(server)[0] == 201
        line = sqlite.connect(folder / "wujin.db")
        assert line.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert line.execute("SELECT count(*) FROM receipt").fetchone()[0] == receipted + 2
        line.close()
        assert "incoming" not in {path.parent.name for path in (folder / "photos").rglob("*") if path.is_file()}


@pytest.mark.needs("mount")
def test_a_disk_that_turns_read_only_acknowledges_nothing(tmp_path):
    with breakable_disk(tmp_path / "image", tmp_path / "disk") as folder, served(folder, tmp_path / "log") as server:
        assert server.send_photo(1)[0] == send_visit(server)[0] == 201
        subprocess.run(["mount", "-o", "remount,abort", str(tmp_path / "disk")], check=True)
        answers = [server.send_photo(number) for number in (2, 3)] + [send_visit(server) for _ in range(3)]
        assert {status for status, _, _ in answers} == {503}
        assert all(headers["Retry-After"] for _, headers, _ in answers)
        status, found = server.health()
        assert (status, "read_only" in found) == (503, True)
        assert server.ask("GET", "/sync/pack", Wujin_Unsent="3")[0] == 200


# the slow


IMPATIENT = "limits.PATIENCE_S, limits.HEAR_OUT_S, limits.PIECE, limits.BIG_PIECE = 2, 3, 512, 1024"


@pytest.fixture(scope="module")
def impatient(tmp_path_factory):
    folder = tmp_path_factory.mktemp("impatient")
    with served(folder / "data", folder / "log", IMPATIENT) as server:
        yield server


def trickle(server, path, body, token, piece, pause, seconds, **headers):
    """Send the body in pieces until it is whole, the server hangs up, or the time is over; then read the answer."""
    lines = {"Host": "wujin", "Cookie": f"wujin_device={token}", "Content-Length": len(body), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as line:
        line.sendall(f"PUT {path} HTTP/1.1\r\n{head}\r\n".encode())
        began, at = time.monotonic(), 0
        line.settimeout(pause)
        while time.monotonic() - began < seconds:
            try:
                if at < len(body):
                    line.sendall(body[at : at + piece])
                    at += piece
                if answer := line.recv(65536):
                    line.settimeout(1)
                    with suppress(TimeoutError):  # the line may stay open for the next request
                        answer += line.recv(65536)
                    return int(answer.split()[1]), answer
                return 0, b""
            except TimeoutError:
                continue
            except OSError:
                return 0, b""
    raise AssertionError("it waits for ever")


def test_a_body_that_trickles_is_cut_and_leaves_nothing(impatient):
    body, before = picture(1, utc_now(), 295_512_000, 1_062_034_000), impatient.files()
    path = f"/sync/photos/{sha256(body)}"
    status, answer = trickle(impatient, path, body, impatient.token, 20, 0.2, 20)
    assert status == 408
    assert b"too_slow" in answer
    assert impatient.files() == before
    assert impatient.ask("PUT", path, body)[0] == 201


def test_a_body_that_never_begins_is_cut(impatient):
    status, _ = trickle(impatient, f"/sync/photos/{'ab' * 32}", bytes(5000), impatient.token, 0, 0.2, 20)
    assert status == 408


def test_a_stranger_who_trickles_is_cut_too(impatient):
    trickle(impatient, f"/sync/photos/{'ab' * 32}", bytes(500_000), "nobody", 20, 0.2, 20)


def test_a_stranger_is_heard_out_for_a_while_and_no_longer(impatient):
    trickle(impatient, f"/sync/photos/{'ab' * 32}", bytes(8_000_000), "nobody", 4000, 0.2, 20)


def test_a_slow_line_that_keeps_coming_is_borne(impatient):
    body = picture(2, utc_now(), 295_512_000, 1_062_034_000)
    path, whole = f"/sync/photos/{sha256(body)}", len(body)
    status, _ = trickle(impatient, path, body, impatient.token, whole // 25, 0.2, 40)
    assert status == 201


def test_slow_phones_do_not_take_the_station(tmp_path):
    with served(tmp_path / "data", tmp_path / "log") as server:
        lines = []
        for number in range(limits.PER_DEVICE + 4):
            line = socket.create_connection(("127.0.0.1", server.port), timeout=30)
            head = f"Host: wujin\r\nCookie: wujin_device={server.token}\r\nContent-Length: 5000"
            line.sendall(f"PUT /sync/photos/{number:064x} HTTP/1.1\r\n{head}\r\n\r\n".encode())
            lines.append(line)
        until(lambda: server.health()[0] == 200)  # not so while its own first work holds the database
        path, body = visit(server.other, server.mill)
        headers = {"Content_Digest": content_digest(body), "Cookie": f"wujin_device={server.other_token}"}
        assert server.ask("PUT", path, body, **headers)[0] == 201
        assert not readable(lines, [], [], 0)[0]  # the good phone waited for none of these
        for line in lines:
            line.close()


def test_a_phone_that_is_cut_off_counts_no_more(town, app):
    uploads = app.extensions["uploads"]
    for number in range(10):
        town.client.put(f"/sync/photos/{number:064x}", data=b"no picture")
    assert uploads._of.total() == 0
    assert town.photo(1).status_code == 201
