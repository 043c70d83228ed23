"""`wujin verify`: whatever was changed behind the application's back is named; what nobody changed is clean."""

import hashlib
import json
import os
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from wujin_field.canonical import canonical
from wujin_field.cast import visit_claim
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, sqlite, writing
from wujin_field.evidence.checkpoints import make_checkpoint
from wujin_field.keeping.audit import check as check_audit
from wujin_field.models import Device, Photo, Venue, Visit
from wujin_field.models.journal import append_audit, commit
from wujin_field.serving import keep_house
from wujin_field.sync.erasure import erase_person, erase_visit
from wujin_field.sync.gate import Header
from wujin_field.sync.intake import Sender


@pytest.fixture
def app(station):
    app = prepared(read_settings(env={}, data_dir=station.folder))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def subjects(found, code):
    return {subject for name, subject in found if name == code}


def test_a_month_that_nobody_touched_is_clean(station):
    assert station.verify() == (0, set())


def test_it_counts_what_it_looked_at(station):
    result = station.run("verify")
    assert result.exit_code == 0
    assert f"photos {len(station.photos())}" in result.output
    assert result.output.splitlines()[-1] == "clean: 0 tampered or missing, 0 warnings"


# S14: bit rot, 100 of 100


def test_a_hundred_flipped_bytes_in_photos_are_a_hundred_findings(station):
    broken = station.photos()[:100]
    for number, sha256 in enumerate(broken):
        station.flip(sha256, number * 997)
    assert station.verify() == (2, {("photo_damaged", sha256) for sha256 in broken})


def test_a_hundred_photos_gone_are_named_even_without_reading(station):
    gone = station.photos()[-100:]
    for sha256 in gone:
        station.vault.path(sha256).unlink()
    assert station.verify("--no-photos") == (2, {("photo_gone", sha256) for sha256 in gone})


def test_a_hundred_claims_with_one_byte_changed(station):
    rows = station.sql("SELECT id, kind, subject_id, body FROM claim ORDER BY id LIMIT 100")
    for key, _, _, body in rows:
        at = body.index(b'"ended_at":') + 14
        station.sql("UPDATE claim SET body = ? WHERE id = ?", body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :], key)
    code, found = station.verify("--no-photos")
    assert code == 2
    named = {subject.replace("-", "") for subject in subjects(found, "claim_altered")}
    assert named == {f"{kind} {subject}" for _, kind, subject, _ in rows}


AUDIT_EDITS = [
    "who = NULL", "at = at + 1", "what = 'ruled'", "subject_id = 'x'", "kind = 'venue'", "detail = '{}'", "hash = prev",
    "detail = '{'", "prev = 'x'",
]  # fmt: skip
RECEIPT_EDITS = [
    "digest = 'z'", "received_at = received_at - 60000", "revision = revision + 1",
    "kind = 'photos'", "subject_id = 'x' || server_seq",
    "body = json_set(body, '$.received_at', 1)", "body = json_set(body, '$.digest', 'x')",
    "body = json_set(body, '$.instance', 'x')", "body = json_remove(body, '$.sig')", "body = '{'",
]  # fmt: skip


def edit_a_hundred(station, table, key, changes):
    """Every change ten times, in rows that lie apart; their keys."""
    rows = [str(number) for (number,) in station.sql(f"SELECT {key} FROM {table} ORDER BY {key} LIMIT 200 OFFSET 50")][
        ::2
    ]
    for number, row in enumerate(rows):
        station.sql(f"UPDATE {table} SET {changes[number % len(changes)]} WHERE {key} = ?", row)
    return set(rows)


def test_a_hundred_audit_rows_edited(station):
    rows = edit_a_hundred(station, "audit", "seq", AUDIT_EDITS)
    code, found = station.verify("--no-photos")
    assert (code, len(rows)) == (2, 100)
    assert subjects(found, "audit_altered") == rows


def test_a_hundred_receipts_edited(station):
    rows = edit_a_hundred(station, "receipt", "server_seq", RECEIPT_EDITS)
    code, found = station.verify("--no-photos")
    assert (code, len(rows)) == (2, 100)
    assert subjects(found, "receipt_altered") == rows


# the audit chain as a chain


def test_a_row_removed_from_the_middle_is_found(station):
    station.sql("DELETE FROM audit WHERE seq = 200")
    code, found = station.verify("--no-photos")
    assert code == 2
    assert ("audit_cut", "201") in found


def test_the_first_row_removed_is_found(station):
    station.sql("DELETE FROM audit WHERE seq = 1")
    assert ("audit_cut", "2") in station.verify("--no-photos")[1]


def test_two_rows_that_changed_places_are_found(station):
    for old, new in ((200, 0), (201, 200), (0, 201)):
        station.sql("UPDATE audit SET seq = ? WHERE seq = ?", new, old)
    assert subjects(station.verify("--no-photos")[1], "audit_cut") == {"200", "201", "202"}


def test_a_row_slipped_in_is_found(station):
    station.sql("UPDATE audit SET seq = seq + 100000 WHERE seq > 200")
    station.sql(
        "INSERT INTO audit SELECT 201, at, who, what, kind, subject_id, detail, prev, hash FROM audit WHERE seq = 200"
    )
    assert ("audit_cut", "201") in station.verify("--no-photos")[1]


def test_a_cut_tail_leaves_a_chain_that_is_whole_and_only_the_receipts_miss_it(station):
    """Cut together with what it witnesses, a tail is gone without a trace: only a checkpoint kept elsewhere can tell."""
    station.sql("DELETE FROM audit WHERE seq > (SELECT max(seq) FROM audit WHERE what = 'took_in') - 5")
    code, found = station.verify("--no-photos")
    assert code == 2
    assert {name for name, _ in found} >= {"receipt_unrecorded", "sealed_altered"}


LATER = ("visitor_answer", "learnt_picture", "finding", "hazard_audit", "batch_visit", "call_back", "ruling", "batch")


def test_a_tail_erased_with_everything_it_witnesses_is_found_by_a_checkpoint_kept_elsewhere(station, app, tmp_path):
    with writing() as session:
        kept = make_checkpoint(session, app.extensions["signer"], datetime.now(UTC)).body
    (tmp_path / "kept.json").write_text(json.dumps(kept))
    assert station.verify("--no-photos", "--against", tmp_path / "kept.json") == (0, set())
    station.sql("DELETE FROM audit WHERE seq > (SELECT max(seq) FROM audit WHERE what = 'took_in')")
    for table in ("checkpoint", *LATER):
        station.sql(f"DELETE FROM {table}")
    station.sql("UPDATE visit SET ruled_revision = 0")
    station.sql("DELETE FROM hazard_step WHERE visit_id IS NULL")  # what the desk did; a visit's own steps came with it
    station.sql("UPDATE hazard SET state = CASE WHEN fixed_on_spot THEN 'rectified' ELSE 'open' END")
    assert station.verify("--no-photos") == (0, set())
    assert station.verify("--no-photos", "--against", tmp_path / "kept.json") == (2, {("chain_shorter", "chain")})


def test_a_checkpoint_of_another_station_is_refused(station, app, tmp_path):
    with writing() as session:
        kept = make_checkpoint(session, app.extensions["signer"], datetime.now(UTC)).body
    (tmp_path / "kept.json").write_text(json.dumps(kept | {"count": kept["count"] + 5}))
    assert station.verify("--no-photos", "--against", tmp_path / "kept.json")[1] == {
        ("checkpoint_altered", "from outside")
    }


def test_an_erased_person_and_visit_leave_everything_whole(station, app):
    with writing() as session:
        visit = session.scalars(select(Visit).where(Visit.photos.any()).limit(1)).one()
        author, photos = visit.author_id, [photo.sha256 for photo in visit.photos]
        commit(session, author, {"name": "改名之前"})
        erase_visit(session, app.extensions["vault"], app.extensions["pictures"], visit.id, None, datetime.now(UTC))
        erase_person(session, author, None, datetime.now(UTC))
    assert station.verify() == (0, set())
    assert not any(station.vault.has(sha256) for sha256 in photos)
    assert station.sql("SELECT count(*) FROM sealed_value") == [(0,)]
    assert station.sql("SELECT name FROM person WHERE id = ?", author.replace("-", "")) == [("已注销",)]


SEALED_EDITS = [
    "ruling SET reason = 'x'", "ruling SET result = 'pass_with_note'", "finding SET level = 'none'", "batch SET seed = 'x'",
    "batch_visit SET reason = NULL", "batch_visit SET stratum = 'x'", "call_back SET note = 'x'",
    "hazard SET severity = 'minor'", "hazard SET due = '2030-01-01'", "hazard SET state = 'void'",
    "hazard_step SET note = 'x'", "hazard_step SET by_id = NULL", "learnt_picture SET learnt_at = 1",
]  # fmt: skip


@pytest.mark.parametrize("change", SEALED_EDITS)
def test_a_ruling_a_finding_or_a_sample_that_was_changed_is_named(station, change):
    table = change.split()[0]
    station.sql(f"UPDATE {change} WHERE rowid = (SELECT min(rowid) FROM {table})")
    code, found = station.verify("--no-photos")
    assert (code, {name for name, _ in found}) == (2, {"sealed_altered"})


def test_a_step_of_a_hazard_that_is_gone_is_missed(station):
    ((hazard, step),) = station.sql("SELECT hazard_id, id FROM hazard_step ORDER BY recorded_at DESC LIMIT 1")
    station.sql("DELETE FROM hazard_step WHERE id = ?", step)
    code, found = station.verify("--no-photos")
    assert (code, [name for name, _ in found]) == (2, ["sealed_altered"])
    assert hazard in found.pop()[1].replace("-", "")


def test_a_visit_that_was_taken_out_of_the_queue_is_named(station):
    station.sql(
        "UPDATE visit SET ruled_revision = 1 WHERE id = (SELECT id FROM visit WHERE ruled_revision = 0 LIMIT 1)"
    )
    code, found = station.verify("--no-photos")
    assert (code, {name for name, _ in found}) == (2, {"ruling_miscounted"})


# rows beside the journal


ROW_EDITS = [
    "activity SET people = people + 60", "activity SET form = 'x'", "activity SET audiences = '{}'",
    "activity SET author_id = (SELECT id FROM person WHERE name = '罗静')", "visit SET note = '一切正常'",
    "visit SET answers = json_object('exit', json_object('value', 'ok'))", "visit SET started_at = started_at - 86400000",
    "visit SET signed = NOT signed", "visit SET activity_id = id", "visit SET digest = 'x'",
    "visit SET template_version = 99", "visit SET refused = 'no_entry'",
]  # fmt: skip


def test_a_row_that_differs_from_what_the_phone_said_is_named(station):
    expected = set()
    for number, change in enumerate(ROW_EDITS):
        table = change.split()[0]
        ((key,),) = station.sql(f"SELECT id FROM {table} ORDER BY id LIMIT 1 OFFSET ?", number)
        station.sql(f"UPDATE {change} WHERE id = ?", key)
        expected.add(f"{table} {key}")
    code, found = station.verify("--no-photos")
    assert code == 2
    assert {subject.replace("-", "") for subject in subjects(found, "row_altered")} == expected


def test_a_photo_moved_on_the_map_is_named(station):
    ((key, sha256),) = station.sql("SELECT visit_id, sha256 FROM visit_photo WHERE lat_e7 IS NOT NULL LIMIT 1")
    station.sql("UPDATE visit_photo SET lat_e7 = lat_e7 + 9000 WHERE sha256 = ?", sha256)
    code, found = station.verify("--no-photos")
    assert (code, [(name, subject.replace("-", "")) for name, subject in found]) == (
        2,
        [("row_altered", f"visit {key}")],
    )


BOOK_EDITS = {
    "DELETE FROM claim WHERE id = (SELECT max(id) FROM claim WHERE kind = 'visit')": "claim_gone",
    "DELETE FROM receipt WHERE server_seq = 40": "receipt_gone",
    "DELETE FROM photo WHERE sha256 = (SELECT min(sha256) FROM photo)": "photo_row_gone",
    "DELETE FROM visit WHERE id = (SELECT min(id) FROM visit)": "row_gone",
    "DELETE FROM activity WHERE id = (SELECT min(id) FROM activity)": "row_gone",
    "UPDATE visit SET missing = missing + 1 WHERE id = (SELECT max(id) FROM visit)": "missing_miscounted",
    "UPDATE photo SET bytes = bytes + 1 WHERE sha256 = (SELECT max(sha256) FROM photo)": "photo_row_altered",
}


def test_what_is_in_one_book_and_not_in_the_other_is_named(station):
    for statement in BOOK_EDITS:
        station.sql(statement)
    code, found = station.verify()
    assert code == 2
    assert set(BOOK_EDITS.values()) <= {name for name, _ in found}


@pytest.mark.parametrize("pages", [range(1, 12), range(100, 140)])
def test_a_database_file_with_torn_pages_ends_in_a_sentence(station, pages):
    path = station.folder / "wujin.db"
    body = bytearray(path.read_bytes())
    for page in pages:
        body[page * 4096 : page * 4096 + 2000] = b"\xff" * 2000
    path.write_bytes(body)
    result = station.run("verify", "--no-photos")
    assert result.exit_code == 2
    assert "the database cannot be read" in result.output


@pytest.mark.parametrize(
    "change",
    [
        "receipt SET received_at = 'soon'",
        "audit SET detail = x'ff'",
        "visit SET started_at = NULL",
        "claim SET body = ''",
    ],
)
def test_a_value_that_is_no_value_ends_in_a_finding(station, change):
    try:
        station.sql(f"UPDATE {change} WHERE rowid = 9")
    except sqlite.IntegrityError:
        return  # the table's own rule is the first answer
    assert station.run("verify", "--no-photos").exit_code == 2


def test_another_key_in_the_folder_makes_every_receipt_a_strangers(station):
    (station.folder / "signing-key.pem").unlink()
    prepared(read_settings(env={}, data_dir=station.folder))
    code, found = station.verify("--no-photos")
    assert (code, len(found)) == (2, station.sql("SELECT count(*) FROM receipt")[0][0])


# the phones' own chains: reasons to ask


def claim_of(app, seq, prev, device):
    venue = db.session.query(Venue).filter_by(zh="禾丰粮油加工厂").one()
    at = datetime(2026, 11, 20, 1, tzinfo=UTC)
    claim = visit_claim(Device(id=device), venue, at=at) | {"seq": seq, "prev": prev}
    person = db.session.get(Device, device).person_id
    return app.extensions["intake"].take_claim("visit", claim["id"], canonical(claim), Sender(device, person))


def newest(station):
    """Device with dashes, seq and digest of the longest chain's end."""
    ((body, digest),) = station.sql("SELECT body, digest FROM claim ORDER BY seq DESC LIMIT 1")
    said = json.loads(body)
    return said["device"], said["seq"], digest


def test_a_gap_is_a_warning(station, app):
    device, seq, digest = newest(station)
    assert claim_of(app, seq + 3, digest, device).status == 201
    assert station.verify("--no-photos") == (1, {("device_gap", device)})
    assert f"claims {seq + 1} to {seq + 2} never came" in station.run("verify", "--no-photos").output


def test_a_fork_is_a_warning_that_names_both(station, app):
    device, seq, digest = newest(station)
    first = claim_of(app, seq + 1, digest, device)
    second = claim_of(app, seq + 1, digest, device)
    assert station.verify("--no-photos") == (1, {("device_fork", device)})
    output = station.run("verify", "--no-photos").output
    assert first.receipt["digest"] in output
    assert second.receipt["digest"] in output


def test_a_claim_that_does_not_name_the_one_before_is_a_warning(station, app):
    device, seq, _ = newest(station)
    claim_of(app, seq + 1, "a" * 64, device)
    assert station.verify("--no-photos") == (1, {("device_break", device)})


def test_a_claim_set_aside_is_a_warning_and_a_link_of_its_chain(station, app):
    device, seq, digest = newest(station)
    ((body,),) = station.sql("SELECT body FROM claim WHERE kind = 'visit' AND body LIKE ? LIMIT 1", f"%{device}%")
    changed = canonical(json.loads(body) | {"seq": seq + 1, "prev": digest, "note": "另一个说法"})
    subject, person = json.loads(body)["id"], db.session.get(Device, device).person_id
    outcome = app.extensions["intake"].take_claim("visit", subject, changed, Sender(device, person))
    assert outcome.status == 409
    assert station.verify("--no-photos") == (1, {("set_aside", "1")})


# damage, marked and healed


def test_verify_alone_changes_nothing(station):
    station.flip(station.photos()[0])
    before = station.sql("SELECT count(*) FROM audit"), station.sql("SELECT count(*) FROM photo WHERE fault NOT NULL")
    station.run("verify")
    after = station.sql("SELECT count(*) FROM audit"), station.sql("SELECT count(*) FROM photo WHERE fault NOT NULL")
    assert before == after


def test_mark_tells_the_phone_once_and_leaves_a_trace(station):
    damaged, gone = station.photos()[:2]
    station.flip(damaged)
    station.vault.path(gone).unlink()
    for _ in range(2):
        assert station.run("verify", "--mark").exit_code == 2
    assert station.sql("SELECT sha256, fault FROM photo WHERE fault NOT NULL") == [
        (damaged, "damaged"),
        (gone, "missing"),
    ]
    traces = station.sql(
        "SELECT subject_id FROM audit WHERE what IN ('found_damaged', 'found_missing') ORDER BY subject_id"
    )
    assert traces == [(damaged,), (gone,)]


def test_a_photo_sent_again_heals_and_the_mark_comes_off(station, app):
    sha256 = station.photos()[0]
    body = station.vault.path(sha256).read_bytes()
    station.flip(sha256)
    station.run("verify", "--mark")
    with station.vault.incoming() as file:
        file.write(body)
        station.vault.keep(file, sha256)
    device, _, _ = newest(station)
    sender = Sender(device, db.session.get(Device, device).person_id)
    assert app.extensions["intake"].take_photo(sha256, len(body), Header("image/jpeg", 40, 30), sender).status in (
        200,
        201,
    )
    assert station.vault.open(sha256).read() == body
    assert station.verify()[0] in (0, 1)  # 0 when the intake has taken the mark off already
    station.run("verify", "--mark")
    assert station.sql("SELECT count(*) FROM photo WHERE fault NOT NULL") == [(0,)]
    assert station.verify() == (0, set())


# files that no row knows, and where there is nothing to look at


def test_files_that_no_row_knows_are_a_warning_once_they_are_old(station):
    for body, days in ((b"young", 29), (b"old", 31)):
        with station.vault.incoming() as file:
            file.write(body)
            station.vault.keep(file, hashlib.sha256(body).hexdigest())
        then = (datetime.now(UTC) - timedelta(days=days)).timestamp()
        os.utime(station.vault.path(hashlib.sha256(body).hexdigest()), (then, then))
    assert station.verify("--no-photos") == (1, {("orphans", "1")})


@pytest.mark.parametrize("gone", ["wujin.db", "signing-key.pem"])
def test_nothing_to_verify_is_no_warning(station, gone):
    (station.folder / gone).unlink()
    result = station.run("verify")
    assert (result.exit_code, len(result.output.splitlines())) == (2, 1)
    assert gone in result.output
    assert not (station.folder / gone).exists()


def test_the_json_is_one_object_and_the_lines_say_what_to_do(station):
    station.flip(station.photos()[0])
    told = json.loads(station.run("verify", "--json").stdout)
    assert (told["verdict"], told["broken"], told["warnings"]) == ("tampered or missing", 1, 0)
    assert "wujin verify --mark" in told["findings"][0]["todo"]
    assert told["findings"][0]["todo"] in station.run("verify").output


def test_the_chain_is_read_in_order_whatever_the_writer_added(app):
    with writing() as session:
        append_audit(session, datetime.now(UTC), None, "looked", "photo", "x", n=1)
    with db.engine.connect() as connection:
        assert list(check_audit(connection, Counter())) == []
    assert db.session.query(Photo).count()


def test_the_house_keeps_a_checkpoint_a_day_and_what_the_rule_accepts(app, station):
    at = datetime(2026, 12, 20, 9, tzinfo=UTC)
    for hours in (0, 1, 30):
        keep_house(app, at + timedelta(hours=hours))
    assert station.sql("SELECT count(*) FROM checkpoint") == [(1,)]  # nothing happened since: nothing to sign
    with writing() as session:
        append_audit(session, at, None, "looked", "photo", "x")
    keep_house(app, at + timedelta(hours=30))
    assert station.sql("SELECT count(*) FROM checkpoint") == [(2,)]
    assert station.verify("--no-photos") == (0, set())
