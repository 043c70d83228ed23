"""The examiner: what it finds reaches the phone, what kills it costs nothing, and it never outlives its server."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, insert, select, text
from test_examine import bomb, stuck_on

from wujin_field.cast import phone, photo_line, picture, sealed, settle, visit_claim
from wujin_field.db import db, utc_now, writing
from wujin_field.evidence.examine import Darkroom, Limits
from wujin_field.evidence.examiner import Examiner, gone
from wujin_field.models import Photo
from wujin_field.sync.intake import Sender

WITHIN_S = 60  # measured: under two seconds on an idle machine; a deadline, not a wait
EXAMINER = [sys.executable, "-m", "wujin_field.evidence.examiner"]
SERVE = """
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.serving import run
run(prepared(read_settings()), "127.0.0.1", 0, when_ready=lambda _server: print("up", flush=True))
"""


def until(true, within_s=WITHIN_S):
    """Waits until `true()` says something; fails when it never does."""
    deadline = time.monotonic() + within_s
    while not (answer := true()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
    return answer


@pytest.fixture
def cut():
    whole = picture(1, utc_now())
    return whole[: len(whole) // 2]


@pytest.fixture
def keep(app):
    """keep(body) → its digest: in the vault and in the table, as after a receipt."""

    def kept(body):
        sha256, vault = hashlib.sha256(body).hexdigest(), app.extensions["vault"]
        with vault.incoming() as file:
            file.write(body)
            vault.keep(file, sha256)
        with app.app_context(), writing() as session:
            session.execute(insert(Photo).values(
                sha256=sha256, bytes=len(body), media_type="image/jpeg", width=1, height=1, received_at=utc_now(),
            ))  # fmt: skip
        return sha256

    return kept


@pytest.fixture
def photos(keep):
    """photos(n) → the digests of n different good photos that wait."""
    return lambda n: [keep(picture(number, utc_now()) + number.to_bytes(4, "big")) for number in range(n)]


@pytest.fixture
def examiner(app):
    """One in this process, so that a test may look at it; its child is a real one."""
    with app.app_context():
        one = Examiner(db.engine, app.extensions["vault"], app.extensions["pictures"], Darkroom())
    yield one
    one._darkroom.close()


@pytest.fixture
def run(settings, stores):
    """run() → a real examiner on the test's stores; its stdin is its life."""
    started = []

    def start():
        env = os.environ | {"WUJIN_DATA_DIR": str(settings.data_dir)} | stores
        started.append(subprocess.Popen(EXAMINER, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=env, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stderr.close()


@pytest.fixture
def row(app):
    def read(sha256):
        with app.app_context():
            return db.session.get_one(Photo, sha256)

    return read


@pytest.fixture
def waiting(app):
    def count():
        with app.app_context():
            return db.session.scalar(select(func.count()).where(Photo.examined_at.is_(None)))

    return count


def thumb(app, sha256):
    return app.extensions["pictures"].path(sha256, "thumb")


# ------------------------------------------------------------------ what it finds


def test_a_good_photo_gets_its_thumbnail_its_hash_and_a_time(app, examiner, photos, row):
    [sha256] = photos(1)
    assert examiner.examine_oldest() == 1
    photo = row(sha256)
    assert photo.examined_at and photo.fault is None and len(photo.dhash) == 16
    with Image.open(thumb(app, sha256)) as copy:
        assert max(copy.size) == 400


def test_nothing_is_examined_twice(examiner, photos):
    photos(3)
    assert [examiner.examine_oldest(), examiner.examine_oldest()] == [3, 0]


def test_the_oldest_come_first_and_many_share_a_transaction(app, examiner, photos, waiting, monkeypatch):
    monkeypatch.setattr("wujin_field.evidence.examiner.GROUP_MAX", 3)
    first = photos(5)[:3]
    examiner.examine_oldest()
    with app.app_context():
        assert set(db.session.scalars(select(Photo.sha256).where(Photo.examined_at.is_not(None)))) == set(first)
        assert len(set(db.session.scalars(select(Photo.examined_at)))) > 1
    assert waiting() == 2


def test_a_cut_photo_leaves_a_fault_and_no_copy(app, examiner, keep, cut, row):
    sha256 = keep(cut)
    examiner.examine_oldest()
    assert (row(sha256).fault, row(sha256).dhash) == ("unreadable", None)
    assert not thumb(app, sha256).exists()


def test_a_photo_that_the_vault_lost_is_missing(app, examiner, photos, row):
    lost, other = photos(2)
    app.extensions["vault"].remove(lost)
    examiner.examine_oldest()
    assert (row(lost).fault, row(other).fault) == ("missing", None)


def test_a_vault_that_does_not_answer_accuses_nobody(app, examiner, photos, waiting, monkeypatch):
    def away(_sha256):
        raise OSError("the bucket does not answer")

    photos(1)
    monkeypatch.setattr(app.extensions["vault"], "open", away)
    with pytest.raises(OSError, match="bucket"):
        examiner.examine_oldest()
    assert waiting() == 1


def test_a_file_that_never_ends_is_a_timeout_and_its_neighbours_are_examined(app, keep, photos, row, monkeypatch):
    monkeypatch.setattr("wujin_field.evidence.examine.examine", stuck_on(b"hostile"))
    hostile, [good] = keep(b"hostile"), photos(1)
    with app.app_context():
        darkroom = Darkroom(Limits(wall_s=3))
        examiner = Examiner(db.engine, app.extensions["vault"], app.extensions["pictures"], darkroom)
        assert examiner.examine_oldest() == 2
    assert (row(hostile).fault, row(good).fault) == ("timeout", None)
    assert row(good).dhash


def test_a_photo_that_kills_its_child_twice_is_unreadable(examiner, photos, row, monkeypatch):
    monkeypatch.setattr("wujin_field.evidence.examine.examine", lambda _file: os.kill(os.getpid(), signal.SIGKILL))
    [sha256] = photos(1)
    examiner.examine_oldest()
    assert row(sha256).fault == "unreadable"


def test_a_photo_whose_child_died_once_is_tried_again(examiner, photos, row):
    [sha256] = photos(1)
    examiner._darkroom.develop(b"")
    os.kill(examiner._darkroom.pid, signal.SIGKILL)
    examiner.examine_oldest()
    assert row(sha256).fault is None and row(sha256).dhash


# ------------------------------------------------------------------ what the phone learns


def test_the_phone_that_sent_it_is_told_in_its_next_pack_and_no_other(app, examiner, cut):
    with app.app_context(), writing() as session:
        town = settle(session)
        device, token = phone(session, town.person("陈大山"))
        _, other_token = phone(session, town.person("唐玉梅"))
    good = picture(2, utc_now())
    claim = visit_claim(device, town.venue("禾丰粮油加工厂"), photos=[photo_line(b, utc_now()) for b in (cut, good)])
    mine, others = client_of(app, token), client_of(app, other_token)
    for body in (cut, good):
        sha256 = hashlib.sha256(body).hexdigest()
        assert mine.put(f"/sync/photos/{sha256}", data=body).status_code == 201
    with app.app_context():
        app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), Sender(device.id, device.person_id))
    before = mine.get("/sync/pack")
    assert before.json["faults"] == {}
    examiner.examine_oldest()
    after = mine.get("/sync/pack", headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, after.json["faults"]) == (200, {hashlib.sha256(cut).hexdigest(): "unreadable"})
    assert mine.get("/sync/pack", headers={"If-None-Match": after.headers["ETag"]}).status_code == 304
    assert others.get("/sync/pack").json["faults"] == {}


def client_of(app, token):
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    return client


@pytest.mark.parametrize(
    ("query", "index"),
    [("SELECT sha256 FROM photo WHERE examined_at IS NULL ORDER BY received_at LIMIT 32", "ix_photo_unexamined"),
     ("SELECT sha256 FROM photo WHERE fault IS NOT NULL", "ix_photo_fault")],
)  # fmt: skip
def test_neither_question_reads_all_photos(app, query, index):
    with app.app_context():
        if db.engine.dialect.name == "postgresql":  # for a table without rows it would rather read them all
            db.session.execute(text("SET enable_seqscan = off"))
            plan = " ".join(db.session.scalars(text(f"EXPLAIN {query}")))
        else:
            plan = " ".join(row.detail for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {query}")))
    assert index in plan and not any(sorting in plan for sorting in ("TEMP B-TREE", "Sort"))


# ------------------------------------------------------------------ a process of its own


def test_it_works_off_what_waited_for_it_and_then_what_comes(app, run, photos, keep, waiting, row):
    backlog = photos(40)
    run()
    until(lambda: waiting() == 0)
    assert all(thumb(app, sha256).exists() for sha256 in backlog)
    late = keep(picture(5, utc_now()))
    assert until(lambda: row(late).dhash)


def test_a_bomb_leaves_it_small(run, keep, photos, waiting):
    keep(bomb())
    photos(1)
    process = run()
    until(lambda: waiting() == 0)
    assert resident(process.pid) < 200 * 1024 * 1024  # all libraries loaded, no pixel of it


def resident(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_killed_in_the_middle_it_loses_nothing(app, run, photos, waiting):
    everything = photos(100)
    for _ in range(2):
        before, process = waiting(), run()
        until(lambda before=before: waiting() < before)
        process.kill()
        process.wait()
        assert waiting() > 0
    run()
    until(lambda: waiting() == 0)
    with app.app_context():
        rows = db.session.execute(select(Photo.dhash, Photo.fault)).all()
    assert len(rows) == 100 and all(row.dhash and not row.fault for row in rows)
    assert all(thumb(app, sha256).stat().st_size for sha256 in everything)


def test_its_child_goes_with_it(run, photos, waiting):
    photos(1)
    process = run()
    until(lambda: waiting() == 0)
    [child] = children(process.pid)
    process.kill()
    process.wait()
    until(lambda: ended(child))


def test_it_stops_at_once_when_told_to(run, photos, waiting):
    photos(1)
    process = run()
    until(lambda: waiting() == 0)
    process.terminate()
    assert process.wait(WITHIN_S) == -signal.SIGTERM
    assert process.stderr.read() == ""


def test_it_ends_with_the_pipe_that_it_hangs_on(run, photos, waiting):
    photos(1)
    process = run()
    until(lambda: waiting() == 0)
    process.stdin.close()
    assert process.wait(WITHIN_S) == 0


def test_a_byte_on_the_pipe_wakes_it_and_an_end_is_an_end():
    ours, theirs = os.pipe()
    assert not gone(ours)
    os.write(theirs, b"!")
    assert not gone(ours, 30)
    os.close(theirs)
    assert gone(ours, 30)
    os.close(ours)


def test_it_waits_for_a_database_that_somebody_else_writes(settings, run, photos, waiting, app):
    with app.app_context():
        db.engine.dispose()
    [sha256] = photos(1)
    with app.app_context(), writing() as session:
        session.execute(text("UPDATE photo SET bytes = bytes"))
        run()
        until(thumb(app, sha256).exists)  # the work is done, and waits to be written down
    until(lambda: waiting() == 0)


def test_a_failed_transaction_is_taken_again(app, examiner, photos, waiting, monkeypatch):
    monkeypatch.setattr("wujin_field.evidence.examiner.PAUSE_S", 0)
    photos(2)
    with app.app_context():
        refused = "CHECK (full_disk IS NULL AND examined_at IS NULL)"  # as a full disk would, on either database
        with writing() as session:
            session.execute(text(f"ALTER TABLE photo ADD COLUMN full_disk INTEGER {refused}"))
        ours, theirs = os.pipe()
        assert examiner._pause(ours) == 0 and waiting() == 2
        with writing() as session:
            session.execute(text("ALTER TABLE photo DROP COLUMN full_disk"))
    examiner._pause(ours)
    assert waiting() == 0
    os.close(ours), os.close(theirs)


# ------------------------------------------------------------------ with its server


@pytest.fixture
def serve(settings, stores):
    env = os.environ | {"WUJIN_DATA_DIR": str(settings.data_dir)} | stores
    server = subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, env=env, text=True)
    assert server.stdout.readline() == "up\n"
    yield server
    server.kill()
    server.wait()


def test_a_server_has_one_that_is_replaced_when_killed_and_ends_with_it(app, serve, keep, photos, row, waiting):
    photos(1)
    until(lambda: waiting() == 0)
    first = until(lambda: examiners(serve.pid))[0]
    os.kill(first, signal.SIGKILL)
    late = keep(picture(6, utc_now()))
    assert until(lambda: row(late).dhash)
    [second] = examiners(serve.pid)
    assert second != first
    serve.terminate()
    assert serve.wait(30) == 0
    until(lambda: ended(second))


def test_it_does_not_outlive_a_killed_worker(serve, photos, waiting):
    photos(1)
    until(lambda: waiting() == 0)
    [worker], [examiner] = children(serve.pid), examiners(serve.pid)
    os.kill(worker, signal.SIGKILL)
    until(lambda: ended(examiner))
    until(lambda: examiners(serve.pid))  # gunicorn's next worker has its own


def test_what_looks_at_photos_holds_no_line_to_the_phones(serve, photos, waiting):
    photos(1)
    until(lambda: waiting() == 0)
    [worker], [examiner] = children(serve.pid), examiners(serve.pid)
    [darkroom] = children(examiner)
    assert listening(worker) and not listening(examiner) and not listening(darkroom)


def listening(pid):
    """The sockets of this process that somebody could connect to."""
    open_now = {os.readlink(handle) for handle in Path(f"/proc/{pid}/fd").iterdir()}
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return open_now & {f"socket:[{line[9]}]" for line in lines if line[3] == "0A"}


def examiners(server):
    return [pid for worker in children(server) for keeper in children(worker) for pid in children(keeper)]


def children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()] or by_parent(pid)
    except FileNotFoundError:
        return by_parent(pid)


def by_parent(pid):
    """The child that a thread of `pid` started is not among its first thread's children."""
    return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/stat") if parent_of(path) == pid]


def parent_of(path):
    try:
        state, parent = path.read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else int(parent)


def ended(pid):
    path = Path(f"/proc/{pid}/stat")
    return not path.exists() or parent_of(path) is None
