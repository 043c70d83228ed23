"""`wujin backup` and `wujin restore`: what was acknowledged is in the copy, and the copy comes back alive (faults S12)."""

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from wujin_field.cast import phone, photo_line, picture, visit_claim
from wujin_field.cast.fieldwork import Handset
from wujin_field.cli import prepared
from wujin_field.config import ConfigError, read_settings
from wujin_field.db import db, sqlite, writing
from wujin_field.keeping import backup as taking
from wujin_field.keeping.snapshot import newest
from wujin_field.models import Person, Venue
from wujin_field.sync.gate import Header
from wujin_field.sync.intake import Sender

START = datetime(2026, 11, 20, 1, tzinfo=UTC)


def failed(result):
    """The one sentence of a command that refused."""
    assert isinstance(result.exception, ConfigError), result.output or result.exception
    return str(result.exception)


def snapshots(folder):
    return sorted(path for path in folder.glob("*Z"))


@pytest.fixture
def kept(station, tmp_path):
    """A finished backup of the station."""
    assert station.run("backup", tmp_path / "backup").exit_code == 0
    return tmp_path / "backup"


# what a backup holds


def test_a_backup_holds_database_photos_keys_and_says_so(station, kept):
    (folder,) = snapshots(kept)
    told = json.loads((folder / "manifest.json").read_text())
    assert {path.name for path in folder.iterdir()} == {"wujin.db", "manifest.json", "signing-key.pem", "secret-key"}
    assert told["counts"]["photos"] == len(station.photos())
    assert told["audit_head"] == station.sql("SELECT hash FROM audit ORDER BY seq DESC LIMIT 1")[0][0]
    assert newest(kept).faults() == []


def test_nobody_else_may_read_keys_database_or_photos(kept):
    (folder,) = snapshots(kept)
    assert kept.stat().st_mode & 0o077 == 0
    assert [path.name for path in (folder, *folder.iterdir()) if path.stat().st_mode & 0o077] == []


def test_a_second_run_adds_a_snapshot_and_copies_no_photo_again(station, kept, monkeypatch):
    copied = []
    monkeypatch.setattr(taking, "copy_photo", lambda *args: copied.append(args))
    monkeypatch.setattr(taking, "utc_now", lambda: datetime.now(UTC) + timedelta(hours=1))
    assert station.run("backup", kept).exit_code == 0
    assert (len(snapshots(kept)), copied) == (2, [])


def test_a_photo_cut_short_in_the_backup_is_copied_again(station, kept, monkeypatch):
    sha256 = station.photos()[0]
    path = newest(kept).vault.path(sha256)
    path.write_bytes(path.read_bytes()[:-1])
    monkeypatch.setattr(taking, "utc_now", lambda: datetime.now(UTC) + timedelta(hours=1))
    assert station.run("backup", kept).exit_code == 0
    assert newest(kept).faults() == []


def test_a_photo_damaged_at_home_is_named_and_never_copied(station, tmp_path):
    sha256 = station.photos()[0]
    station.flip(sha256)
    assert "the snapshot is there without 1 photo, damaged or missing" in failed(
        station.run("backup", tmp_path / "backup")
    )
    whole = newest(tmp_path / "backup")
    assert whole.manifest.absent == [sha256]
    assert whole.faults() == []
    assert not whole.vault.has(sha256)


def test_a_backup_into_the_data_folder_is_refused(station):
    assert "data folder itself" in failed(station.run("backup", station.folder))


def test_there_is_nothing_to_back_up_in_an_empty_folder(elsewhere, tmp_path):
    assert "no database" in failed(elsewhere.run("backup", tmp_path / "backup"))
    assert not (tmp_path / "backup").exists()


def test_a_backup_that_was_cut_short_is_no_backup(station, elsewhere, tmp_path, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    folder = tmp_path / "backup"
    with monkeypatch.context() as patch:
        patch.setattr(taking, "copy_photo", full)
        assert isinstance(station.run("backup", folder).exception, OSError)
    assert snapshots(folder) == []
    assert "no finished backup" in failed(elsewhere.run("restore", folder))
    (cut,) = folder.glob("*.partial")
    yesterday = time.time() - 25 * 3600
    os.utime(cut, (yesterday, yesterday))
    assert station.run("backup", folder).exit_code == 0
    assert list(folder.glob("*.partial")) == [], "it held as much room as the database, for nobody"


# while phones are being served


def handset(name):
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    with writing() as session:
        person = session.query(Person).filter_by(name=name).one()
        return Handset(phone(session, person, public)[0], key), person.id


def send_until(stop, app, one, person_id, venue, number, acknowledged):
    """Photo, then visit, over and over, as a phone does it; `acknowledged` collects what was receipted."""
    sender, intake, vault = Sender(one.device.id, person_id), app.extensions["intake"], app.extensions["vault"]
    for turn in range(10_000):
        if stop.is_set():
            return
        at = START + timedelta(seconds=turn, milliseconds=number)
        body = picture(turn, at)
        line = photo_line(body, at)
        with vault.incoming() as file:
            file.write(body)
            vault.keep(file, line["sha256"])
        intake.take_photo(line["sha256"], len(body), Header("image/jpeg", 1280, 960), sender)
        kind, subject, claim, signature = one.freeze(visit_claim(one.device, venue, at=at, photos=[line]))
        assert intake.take_claim(kind, subject, claim, sender, signature).status == 201
        acknowledged.append((subject, line["sha256"]))


@pytest.fixture
def busy(station):
    """Four phones that never stop; what they got receipts for."""
    app = prepared(read_settings(env={}, data_dir=station.folder))
    stop, acknowledged = threading.Event(), []
    with app.app_context():
        phones = [handset(name) for name in ("陈大山", "周小禾", "陈大山", "周小禾")]
        venue = db.session.query(Venue).filter_by(zh="禾丰粮油加工厂").one()
        assert venue.code
        db.session.expunge_all()
    threads = [threading.Thread(target=send_until, args=(stop, app, *one, venue, number, acknowledged))
               for number, one in enumerate(phones)]  # fmt: skip
    for thread in threads:
        thread.start()
    while len(acknowledged) < 20:
        time.sleep(0.01)
        assert all(thread.is_alive() for thread in threads)
    yield acknowledged
    stop.set()
    for thread in threads:
        thread.join()


def test_a_copy_taken_while_four_phones_send_is_whole_and_holds_all_that_was_acknowledged(
    station, elsewhere, tmp_path, busy, monkeypatch
):
    monkeypatch.setattr(taking, "PAGES", 8)
    before = list(busy)
    assert station.run("backup", tmp_path / "backup").exit_code == 0
    assert len(busy) > len(before), "nobody was served meanwhile"
    assert elsewhere.run("restore", tmp_path / "backup").exit_code == 0
    assert elsewhere.verify() == (0, set())
    held = {key for (key,) in elsewhere.sql("SELECT id FROM visit")}
    assert [subject for subject, _ in before if subject.replace("-", "") not in held] == []
    assert [sha256 for _, sha256 in before if not elsewhere.vault.has(sha256)] == []


def test_the_copy_never_starts_anew_while_others_commit(station, tmp_path, busy, monkeypatch):
    """Without one open read for all of its steps it would: a busy day would never be backed up."""
    monkeypatch.setattr(taking, "PAGES", 4)
    told = []
    taking.copy_sqlite(station.folder / "wujin.db", tmp_path / "copy.db", told.append)
    shares = [int(text.split()[1]) for text in told]
    assert len(shares) > 50
    assert shares == sorted(shares)


# the way back


def test_what_comes_back_is_the_same_under_a_new_instance(station, elsewhere, kept):
    result = elsewhere.run("restore", kept)
    assert (result.exit_code, len(result.output.splitlines())) == (0, 2)
    assert elsewhere.photos() == station.photos()
    assert elsewhere.sql("SELECT * FROM visit ORDER BY id") == station.sql("SELECT * FROM visit ORDER BY id")
    ((before,),), ((after,),) = station.sql("SELECT id FROM instance"), elsewhere.sql("SELECT id FROM instance")
    assert before != after
    ((subject, detail),) = elsewhere.sql("SELECT subject_id, detail FROM audit WHERE what = 'restored'")
    assert subject.replace("-", "") == after
    assert json.loads(detail)["before"].replace("-", "") == before
    assert elsewhere.verify() == (0, set())


def test_the_station_keeps_its_keys(station, elsewhere, kept):
    elsewhere.run("restore", kept)
    for name in ("signing-key.pem", "secret-key"):
        assert (elsewhere.folder / name).read_bytes() == (station.folder / name).read_bytes()
        assert (elsewhere.folder / name).stat().st_mode & 0o777 == 0o600


def test_an_older_snapshot_can_be_named(station, elsewhere, kept, monkeypatch):
    station.sql("INSERT INTO photo (sha256, bytes, media_type, width, height, received_at)"
                " SELECT 'f' || substr(sha256, 2), bytes, media_type, width, height, received_at FROM photo LIMIT 1")  # fmt: skip
    monkeypatch.setattr(taking, "utc_now", lambda: datetime.now(UTC) + timedelta(hours=1))
    station.run("backup", kept)
    assert elsewhere.run("restore", snapshots(kept)[0]).exit_code == 0
    assert len(elsewhere.photos()) == len(station.photos()) - 1


def test_a_living_database_is_never_overwritten(station, kept):
    before = (station.folder / "wujin.db").read_bytes()
    assert "living database" in failed(station.run("restore", kept))
    assert (station.folder / "wujin.db").read_bytes() == before


@pytest.mark.parametrize("kept_of_it", ["person", "venue"])
def test_a_station_that_was_set_up_and_saw_no_visit_yet_is_living_too(station, kept, kept_of_it):
    for table in {"person", "venue", "visit", "activity", "receipt"} - {kept_of_it}:
        station.sql(f"DELETE FROM {table}")
    assert "living database" in failed(station.run("restore", kept))


def test_a_backup_of_a_newer_version_is_refused_before_a_photo_is_copied(elsewhere, kept):
    snapshot = snapshots(kept)[0]
    with closing(sqlite.connect(snapshot / "wujin.db", isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    manifest = json.loads((snapshot / "manifest.json").read_text())
    manifest["database_sha256"] = hashlib.sha256((snapshot / "wujin.db").read_bytes()).hexdigest()
    (snapshot / "manifest.json").write_text(json.dumps(manifest))
    assert "newer version" in failed(elsewhere.run("restore", kept))
    assert not (elsewhere.folder / "wujin.db").exists()
    assert list((elsewhere.folder / "photos").glob("?/?/*")) == []


def test_a_station_that_was_begun_and_never_used_may_be_overwritten(elsewhere, kept):
    env = os.environ | {"WUJIN_DATA_DIR": str(elsewhere.folder)}
    subprocess.run([sys.executable, "-m", "wujin_field", "upgrade"], check=True, env=env)
    assert elsewhere.run("restore", kept).exit_code == 0
    assert elsewhere.verify() == (0, set())


def test_an_empty_one_that_is_being_served_is_not(elsewhere, kept):
    app = prepared(read_settings(env={}, data_dir=elsewhere.folder))
    with app.app_context():
        db.session.query(Venue).count()
        assert "stop the server" in failed(elsewhere.run("restore", kept))
        db.session.remove()
        db.engine.dispose()


def break_database(folder):
    path = folder / "wujin.db"
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def break_photo(folder):
    next(path for path in (folder.parent / "photos").glob("?/?/*")).unlink()


def cut_photo(folder):
    path = next(path for path in (folder.parent / "photos").glob("?/?/*"))
    os.truncate(path, 10)


def flip_photo(folder):
    path = next(path for path in (folder.parent / "photos").glob("?/?/*"))
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])


def lose_key(folder):
    (folder / "signing-key.pem").unlink()


def break_manifest(folder):
    (folder / "manifest.json").write_text("{")


@pytest.mark.parametrize("harm", [break_database, break_photo, cut_photo, flip_photo, lose_key, break_manifest])
def test_a_broken_backup_is_refused_and_leaves_no_database(elsewhere, kept, harm):
    harm(snapshots(kept)[0])
    failed(elsewhere.run("restore", kept))
    assert not (elsewhere.folder / "wujin.db").exists()


@pytest.mark.parametrize("harm", [break_photo, cut_photo, flip_photo])
def test_the_rest_of_a_backup_that_lost_a_photo_comes_back_when_asked(elsewhere, kept, harm):
    harm(snapshots(kept)[0])
    result = elsewhere.run("restore", "--partial", kept)
    assert (result.exit_code, "1 photo could not be had" in result.output) == (0, True)
    code, found = elsewhere.verify()
    assert (code, [name for name, _ in found]) == (2, ["photo_gone"])


def test_a_restore_that_was_cut_short_can_be_run_again(elsewhere, kept, monkeypatch):
    from wujin_field.keeping import restore as bringing

    def cut(*_args):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(bringing, "_put_in_place", cut)
        assert isinstance(elsewhere.run("restore", kept).exception, OSError)
    assert elsewhere.run("restore", kept).exit_code == 0
    assert elsewhere.verify() == (0, set())
    assert list(elsewhere.folder.glob("*.partial*")) == []


def test_a_person_sees_how_far_it_is_and_a_log_does_not(monkeypatch):
    from wujin_field.keeping import commands

    class Terminal(StringIO):
        def isatty(self):
            return True

    for stream, expected in ((Terminal(), True), (StringIO(), False)):
        monkeypatch.setattr("sys.stderr", stream)
        commands._progress()("photos 3")
        assert ("photos 3" in stream.getvalue()) is expected
