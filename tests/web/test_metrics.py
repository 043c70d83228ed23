"""/metrics: closed unless somebody opened it; counts, and names nobody."""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from test_health import content_digest

from wujin_field.cast import phone, picture, sealed, settle, visit_claim
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, utc_now, writing
from wujin_field.models import Device
from wujin_field.web import metrics


@pytest.fixture
def app(tmp_path, stores):
    app = prepared(read_settings(env=stores | {"WUJIN_METRICS": "1"}, data_dir=tmp_path / "data"))
    with app.app_context(), writing() as session:
        app.town = settle(session)
        app.device, app.token = phone(session, app.town.person("陈大山"))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app):
    client = app.test_client()
    client.set_cookie("wujin_device", app.token)
    return client


def read(client):
    """{name with its labels: value}"""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
            for line in answer.text.splitlines() if not line.startswith("#")}  # fmt: skip


def send_photo(client, number):
    body = picture(number, utc_now(), 295_512_000, 1_062_034_000)
    return client.put(f"/sync/photos/{hashlib.sha256(body).hexdigest()}", data=body).status_code


def send_visit(app, client, **fields):
    body = sealed(claim := visit_claim(app.device, app.town.venue("禾丰粮油加工厂"), **fields))
    headers = {"Content-Digest": content_digest(body)}
    return client.put(f"/sync/visits/{claim['id']}", data=body, headers=headers).status_code


@pytest.mark.parametrize("env", [{}, {"WUJIN_METRICS": ""}, {"WUJIN_METRICS": "0"}])
def test_it_is_closed_unless_switched_on(tmp_path, env):
    answer = prepared(read_settings(env=env, data_dir=tmp_path / "data")).test_client().get("/metrics")
    assert answer.status_code == 404
    assert "wujin_" not in answer.text


def test_requests_are_counted_by_route_and_status(client):
    for path in ("/v/52852588", "/v/52852589", "/nowhere", "/sync/pack"):
        client.get(path)
    found = read(client)
    assert found['wujin_requests_total{method="GET",route="/sync/pack",status="200"}'] == 1
    assert found['wujin_requests_total{method="GET",route="-",status="404"}'] == 1
    assert found['wujin_request_seconds_count{route="/v/<code>"}'] == 2


def test_receipts_photos_and_what_lies_aside_are_counted(app, client):
    assert [send_photo(client, number) for number in range(3)] == [201] * 3
    claim = visit_claim(app.device, app.town.venue("禾丰粮油加工厂"))
    for note in ("一", "二"):
        body = sealed(claim | {"note": note})
        client.put(f"/sync/visits/{claim['id']}", data=body, headers={"Content-Digest": content_digest(body)})
    found = read(client)
    assert found['wujin_receipts_total{kind="photo"}'] == 3
    assert found['wujin_receipts_total{kind="visit"}'] == 1
    assert found["wujin_photos_waiting"] == 3
    assert found["wujin_set_aside"] == 1
    assert found["wujin_database_up"] == 1


def test_the_writers_groups_are_counted_and_the_desks_writes_are_not(app, client):
    with app.app_context(), writing() as session:
        session.get_one(Device, app.device.id).label = "x"
    before = read(client)["wujin_writer_group_size_count"]
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(lambda _: send_visit(app, _client(app)), range(12))) == {201}
    found = read(client)
    assert found["wujin_writer_group_size_sum"] == 12
    assert before == 0
    assert 1 <= found["wujin_writer_group_size_count"] <= 12


def _client(app):
    client = app.test_client()
    client.set_cookie("wujin_device", app.token)
    return client


def test_what_phones_still_hold_is_told_as_they_told_it(client):
    client.get("/sync/pack", headers={"Wujin-Unsent": "7"})
    assert read(client)["wujin_unsent_items"] == 7


def test_free_room_is_told_for_each_place(app, client):
    found = read(client)
    assert found['wujin_free_bytes{place="data"}'] > 0
    if app.config["SETTINGS"].photo_store == "file:":
        assert found['wujin_free_bytes{place="photos"}'] > 0


def test_without_a_database_the_rest_is_still_told(app, client, monkeypatch):
    from sqlalchemy.exc import OperationalError

    def away(_connection):
        raise OperationalError("SELECT 1", None, Exception("away"))
        yield

    monkeypatch.setattr(metrics, "_counts", away)
    found = read(client)
    assert found["wujin_database_up"] == 0
    assert found['wujin_free_bytes{place="data"}'] > 0


def test_it_names_nobody(app, client):
    send_visit(app, client, note="张桂兰 13800138000")
    client.get("/v/52852588?name=13800138000")
    text = client.get("/metrics").text
    assert not re.findall(r"[一-鿿]|[0-9a-f]{8}-[0-9a-f]{4}|13800138000|52852588", text)


def test_two_apps_in_one_process_do_not_count_for_each_other(app, client, tmp_path):
    other = prepared(read_settings(env={"WUJIN_METRICS": "1"}, data_dir=tmp_path / "other")).test_client()
    client.get("/sync/pack")
    assert not [name for name in read(other) if "/sync/pack" in name]
