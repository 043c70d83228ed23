"""What the server writes down: enough to find a fault, and nothing that belongs to somebody."""

import json
import time

import pytest
from patience import until
from sqlalchemy import text
from test_health import Served, content_digest, visit

from wujin_field.cast import phone, sealed, settle, visit_claim
from wujin_field.db import db, writing
from wujin_field.web import logs


@pytest.fixture
def town(app):
    with app.app_context(), writing() as session:
        town = settle(session)
        town.device, town.token = phone(session, town.person("陈大山"))
        return town


@pytest.fixture
def client(app, town):
    client = app.test_client()
    client.set_cookie("wujin_device", town.token)
    return client


@pytest.fixture
def lines(capsys):
    """What was written since the last time."""
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_what_goes_well_is_not_worth_a_line(client, app, monkeypatch, lines):
    monkeypatch.setattr(logs, "SLOW_MS", 60_000)  # slow is another test's
    for path in ("/", "/sync/pack", "/healthz", f"{app.config['ASSETS'].base}/icons/sprite.svg"):
        assert client.get(path).status_code in (200, 302)
    assert lines() == []


def test_a_refusal_is_one_line(client, town, lines):
    client.put("/sync/photos/" + "ab" * 32, data=b"no picture")
    (line,) = lines()
    assert line["level"] == "warning"
    assert (line["method"], line["route"], line["status"]) == ("PUT", "/sync/photos/<sha256>", 422)
    assert (line["code"], line["in"]) == ("digest_differs", 10)
    assert line["device"] == logs.mark(town.device.id)
    assert len(line["device"]) == 8
    assert line["device"] not in town.device.id
    assert line["out"] > 0
    assert line["ms"] >= 0
    assert line["at"].endswith("+00:00")


def test_an_address_that_is_nowhere_is_told_without_the_address(client, lines):
    client.get("/陈大山/500234199001011234?name=陈大山")
    (line,) = lines()
    assert (line["route"], line["status"], line["code"]) == ("-", 404, "not_found")
    assert "陈" not in json.dumps(line, ensure_ascii=False)
    assert "5002341" not in json.dumps(line)


def test_the_slow_are_told(client, app, monkeypatch, lines):
    monkeypatch.setattr(logs, "SLOW_MS", 20)
    app.view_functions["public.offline"] = lambda: time.sleep(0.05) or "slow"
    client.get("/offline")
    (line,) = lines()
    assert (line["level"], line["status"]) == ("warning", 200)
    assert line["ms"] >= 50


def test_an_unexpected_error_is_told_by_its_place_not_by_its_words(client, app, town, lines):
    def fail(*_given):
        raise ValueError("陈大山 13800138000")

    app.extensions["intake"].take_claim = fail
    body = sealed(claim := visit_claim(town.device, town.venue("禾丰粮油加工厂")))
    answer = client.put(f"/sync/visits/{claim['id']}", data=body, headers={"Content-Digest": content_digest(body)})
    assert answer.status_code == 500
    (line,) = lines()
    assert line["fault"] == "ValueError"
    assert any("claims.py" in place for place in line["where"])
    assert (line["level"], line["status"], line["code"]) == ("error", 500, "broken")
    assert "陈" not in json.dumps(line, ensure_ascii=False)
    assert "138001" not in json.dumps(line)


def test_a_database_error_is_told_by_name_and_without_its_values(client, app, town, lines):
    def fail(*_given):
        with db.engine.connect() as connection:
            connection.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": "陈大山"})

    app.extensions["intake"].take_claim = fail
    body = sealed(claim := visit_claim(town.device, town.venue("禾丰粮油加工厂")))
    client.put(f"/sync/visits/{claim['id']}", data=body, headers={"Content-Digest": content_digest(body)})
    told = json.dumps(written := lines(), ensure_ascii=False)
    assert (written[0].get("cause") or written[0]["fault"]).startswith(("SQLITE_", "ProgrammingError"))
    assert "陈" not in told
    assert "nowhere" not in told


def test_nothing_personal_is_in_the_log_of_a_real_server(tmp_path):
    server = Served(tmp_path / "data", tmp_path / "log", "logs.SLOW_MS = -1")  # every request gets its line
    try:
        path, body = visit(server.device, server.mill, note="张桂兰 13800138000 二楼住着八十岁老人")
        server.ask("PUT", path, body, Content_Digest=content_digest(body))
        server.ask("PUT", path, body + b" ", Content_Digest=content_digest(body + b" "), Wujin_Signature="Secret12")
        for address in ("/sync/pack?name=%E9%99%88%E5%A4%A7%E5%B1%B1", f"/v/{server.mill.code}", "/v/5285ABCD?who=13800138000",
                        "/enrol/secret-token-of-somebody", f"/supervisor{path.removeprefix('/sync')}", "/nowhere/13800138000",
                        "/supervisor/?all=1&name=13800138000"):  # fmt: skip
            server.ask("GET", address, User_Agent="Phone of Chen", Referer="http://x/13800138000")
        server.ask("POST", "/language", b"lang=13800138000", Content_Type="application/x-www-form-urlencoded")
        server.ask("POST", "/enrol/secret-token-of-somebody")
        server.ask("GET", "/healthz", Host="evil 13800138000")
        until(lambda: len([line for line in server.log.read_text("utf-8").splitlines() if line.startswith("{")]) >= 12)
    finally:
        server.stop()
    told = server.log.read_text("utf-8")
    written = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    assert len(written) >= 10
    ours = (server.token, path.rpartition("/")[2], server.device.id, server.device.person_id, server.mill.code)
    said = ("13800138000", "张桂兰", "陈大山", "八十岁", "%E9%99", "禾丰", "5285ABCD")
    for secret in (*ours, *said, "secret-token", "Secret12", "Phone of Chen", "127.0.0.1"):
        assert secret not in told, secret
    assert {line["route"] for line in written} >= {"/sync/visits/<uuid:subject>", "/v/<code>", "/enrol/<token>", "-"}
