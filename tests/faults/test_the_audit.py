"""An audit that finds nothing must be one that would have found something; and a phone is not easily made to believe."""

import json
import shutil

import pytest
from audit import audit
from ledger import Answer
from station import Station

from wujin_field.db import sqlite


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    """One phone has handed over one outing; the server is gone."""
    folder = tmp_path_factory.mktemp("audited")
    station = Station(folder / "data", folder / "outside", phones=1)
    phone = station.phones[0]
    with station:
        phone.meet()
        station.items = phone.outing()
        station.answers = [phone.ask("PUT", item.path, item.body, item.headers()) for item in station.items]
        assert phone.hand_over(station.items) == []
    return station


def damaged(station, tmp_path, sql=(), harm=lambda photos: None):
    shutil.copytree(station.folder, tmp_path / "data")
    connection = sqlite.connect(str(tmp_path / "data" / "wujin.db"))
    for line in sql:
        connection.execute(line)
    connection.commit()
    connection.close()
    harm(tmp_path / "data" / "photos")
    return audit(tmp_path / "data", station.ledger.entries())


def only_photo(photos):
    return next(path for path in photos.glob("?/?/*") if path.is_file())


def test_it_finds_nothing_where_nothing_is_wrong(station, tmp_path):
    found = damaged(station, tmp_path)
    assert found.sound, found
    assert found.acknowledged == 3


@pytest.mark.parametrize(
    ("sql", "where"),
    [
        ("DELETE FROM receipt WHERE kind = 'visit'", "lost"),
        ("DELETE FROM claim WHERE kind = 'activity'", "lost"),
        ("DELETE FROM claim WHERE kind = 'activity'", "orphans"),
        ("UPDATE claim SET body = x'7b7d' WHERE kind = 'visit'", "lost"),
        ("UPDATE visit SET digest = 'other'", "lost"),
        ("DELETE FROM photo", "lost"),
        ("DELETE FROM activity_organiser", ""),
        ("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)", "orphans"),
        ("UPDATE audit SET what = 'nothing' WHERE seq = (SELECT max(seq) FROM audit)", "broken"),
        ("UPDATE visit SET missing = 3", "broken"),
        ("UPDATE receipt SET body = json_set(body, '$.received_at', 1)", "duplicates"),
    ],
)
def test_it_finds_what_is_gone_or_changed(station, tmp_path, sql, where):
    found = damaged(station, tmp_path, [sql])
    assert found.sound if not where else getattr(found, where), found


def test_it_finds_a_second_row(station, tmp_path):
    copy = ("DROP TABLE register_file", "CREATE TABLE again AS SELECT * FROM photo", "DROP TABLE photo",
            "ALTER TABLE again RENAME TO photo")  # fmt: skip
    found = damaged(station, tmp_path, [*copy, "INSERT INTO photo SELECT * FROM photo"])
    assert any("photo" in line for line in found.duplicates), found


def test_it_finds_a_photo_that_is_gone(station, tmp_path):
    assert damaged(station, tmp_path, harm=lambda photos: only_photo(photos).unlink()).lost


def test_it_finds_a_photo_of_zeros(station, tmp_path):
    found = damaged(station, tmp_path, harm=lambda photos: only_photo(photos).write_bytes(bytes(5)))
    assert found.lost
    assert found.files


def test_it_finds_a_half_file(station, tmp_path):
    assert damaged(station, tmp_path, harm=lambda photos: (photos / "incoming" / "tmp1").write_bytes(b"x")).files


@pytest.mark.parametrize(
    "change",
    [
        {"status": 202}, {"status": 302}, {"media_type": "text/html"}, {"body": b"<html>"}, {"body": b"[]"}, {"body": b"{}"},
    ],
)  # fmt: skip
def test_a_phone_believes_no_other_answer(station, change):
    phone, item, answer = station.phones[0], station.items[0], station.answers[0]
    assert phone.receipt_in(item, answer)
    assert phone.receipt_in(item, Answer(**vars(answer) | change)) is None


@pytest.mark.parametrize("name", ["kind", "id", "digest", "revision", "server_seq", "received_at", "instance", "sig"])
def test_a_phone_believes_no_receipt_that_was_touched(station, name):
    phone, item, answer = station.phones[0], station.items[0], station.answers[0]
    said = json.loads(answer.body)
    touched = said | {name: said[name] + 1 if isinstance(said[name], int) else said[name][::-1]}
    body = json.dumps(touched).encode()
    assert phone.receipt_in(item, Answer(answer.status, answer.media_type, body)) is None


def test_a_phone_believes_no_receipt_for_another_item(station):
    assert station.phones[0].receipt_in(station.items[1], station.answers[2]) is None
