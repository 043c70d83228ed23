"""What leaves the desk for people who do not trust us, and what a changed threshold would have flagged."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import delete, func, select

from wujin_field.cast import phone, sealed, visit_claim
from wujin_field.db import db, writing
from wujin_field.evidence.checkpoints import is_signed
from wujin_field.keeping.bundle_verifier import check
from wujin_field.keeping.verify import verify
from wujin_field.models import AuditRow, Finding
from wujin_field.serving import keep_house
from wujin_field.sync.intake import Sender
from wujin_field.sync.receipt import from_base64url

HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def desk(app, town):
    """A browser of 罗静's and the id of a visit that took two minutes for twelve items."""
    with writing() as session:
        device, _ = phone(session, town.person("陈大山"))
        _, token = phone(session, town.person("罗静"))
    start = datetime.now(UTC) - HALF_HOUR
    answers = {f"NS-{n:02}": {"value": "ok"} for n in range(1, 13)}
    end = round((start + timedelta(seconds=120)).timestamp() * 1000)
    claim = visit_claim(device, town.venues["禾丰粮油加工厂"], at=start, answers=answers, ended_at=end, sent_clock=end)
    app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), Sender(device.id, device.person_id))
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    return client, claim["id"]


def test_the_bundle_of_a_visit_verifies_with_the_stations_key(app, desk):
    client, visit_id = desk
    answer = client.get(f"/supervisor/visits/{visit_id}/bundle.zip")
    assert answer.mimetype == "application/zip"
    wrong, open_points, lines = check(BytesIO(answer.data), app.extensions["signer"].public_key)
    assert (wrong, [line.split()[0] for line in lines]) == ([], ["integrity", "identity", "plausibility"])
    assert open_points == ["claims/visit-1.json was not signed by its phone"]


def test_a_checkpoint_is_downloaded_as_it_was_signed(app, desk):
    client, _ = desk
    assert "还没有存根" in client.get("/supervisor/checkpoints").text
    keep_house(app)
    page = client.get("/supervisor/checkpoints").text
    address = page.split('href="/supervisor/checkpoints/')[1].split('"')[0]
    body = json.loads(client.get(f"/supervisor/checkpoints/{address}").data)
    assert is_signed(body, from_base64url(app.extensions["signer"].public_key))


def test_the_county_keeps_a_checkpoint_that_the_command_compares_with(app, town, tmp_path):
    with writing() as session:
        _, token = phone(session, town.person("高原"))
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    keep_house(app)
    page = client.get("/county/checkpoints").text
    address = page.split('href="/county/checkpoints/')[1].split('"')[0]
    (tmp_path / "kept.json").write_bytes(client.get(f"/county/checkpoints/{address}").data)
    against = json.loads((tmp_path / "kept.json").read_text())
    assert f"{against['count']:,} 条" in page
    assert [one.code for one in verify(app, Counter(), hashing=False, against=against)] == []
    with writing() as session:
        session.execute(delete(AuditRow).where(AuditRow.seq == select(func.max(AuditRow.seq)).scalar_subquery()))
    assert "chain_shorter" in [one.code for one in verify(app, Counter(), hashing=False, against=against)]


def test_a_changed_threshold_shows_what_it_would_flag_and_changes_nothing(desk):
    client, visit_id = desk
    assert (
        "现在提示 1 次，改后提示 0 次" in client.get("/supervisor/flags/too_short?only_if_items_answered_min=50").text
    )
    page = client.get("/supervisor/flags/too_short?only_if_items_answered_min=50").text
    assert f"/supervisor/visits/{visit_id}" in page and "不再提示" in page
    assert db.session.query(Finding).count() == 0


def test_an_unknown_flag_is_not_found_and_nonsense_is_the_number_in_force(desk):
    client, _ = desk
    assert client.get("/supervisor/flags/nothing").status_code == 404
    page = client.get("/supervisor/flags/too_short?only_if_items_answered_min=ten")
    assert page.status_code == 200
    assert "改后提示" not in page.text
    assert client.get("/supervisor/flags").status_code == 200
