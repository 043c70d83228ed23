"""What holds for every page: the headers, the times, and no link that a request's Host decided."""

import gzip
import re

import pytest

from wujin_field.cast import phone, settle
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import writing
from wujin_field.web.problems import refuse

OPEN_PAGES = ["/", "/sign-in", "/v/", "/v/52852588", "/enrol/nobody", "/field/", "/field/outbox", "/offline", "/no-such-page",
              "/healthz", "/manifest.webmanifest", "/sw.js"]  # fmt: skip


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.mark.parametrize("page", OPEN_PAGES)
def test_it_says_what_a_browser_may_do_with_it(client, page):
    headers = client.get(page).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert re.fullmatch(r"app;dur=\d+\.\d", headers["Server-Timing"])
    assert headers["Cache-Control"]


@pytest.mark.parametrize("page", ["/", "/sign-in", "/v/", "/v/52852588", "/enrol/nobody", "/no-such-page", "/healthz"])
def test_nothing_personal_is_kept_on_the_way(client, page):
    assert client.get(page).headers["Cache-Control"] == "no-store"


def test_the_worker_is_asked_for_anew_each_time(client):
    assert client.get("/sw.js").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("page", OPEN_PAGES)
def test_a_foreign_host_never_shows_up_in_an_answer(client, page):
    answer = client.get(page, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in answer.text
    assert "evil.example" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("page", ["/", "/sign-in", "/v/", "/enrol/nobody", "/field/", "/offline", "/no-such-page"])
def test_no_page_holds_a_script_or_a_style_of_its_own(client, page):
    text = client.get(page).text
    assert re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>", text) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=", text) == []


@pytest.mark.parametrize("page", ["/", "/sign-in", "/v/", "/field/"])
def test_everything_it_loads_is_ours_and_there(client, page):
    found = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="([^"#]+)', client.get(page).text)
    assert found
    for address in found:
        assert address.startswith("/"), address
        assert client.get(address).status_code == 200, address


def test_a_static_file_may_be_kept_for_good_and_an_old_address_still_answers(client, app):
    base = app.config["ASSETS"].base
    new, old = client.get(f"{base}/icons/sprite.svg"), client.get("/static/000000000000/icons/sprite.svg")
    assert "immutable" in new.headers["Cache-Control"]
    assert old.headers["Cache-Control"] == "no-cache"
    assert new.data == old.data


@pytest.mark.parametrize(
    "name", ["../wujin_field/config.py", "..%2f..%2fpyproject.toml", "%2e%2e/README.md", ".hidden", "", "js"]
)
def test_only_static_files_are_static(client, app, name):
    assert client.get(f"{app.config['ASSETS'].base}/{name}").status_code == 404


def test_a_page_travels_small(client):
    plain, packed = client.get("/sign-in"), client.get("/sign-in", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_over_https_a_browser_is_told_to_stay_there(tmp_path):
    settings = read_settings(env={}, data_dir=tmp_path / "data", public_url="https://wujin.example")
    headers = prepared(settings).test_client().get("/").headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


def test_over_http_it_is_not(client):
    assert "Strict-Transport-Security" not in client.get("/").headers


def test_health_is_good_while_a_write_would_succeed(client):
    assert client.get("/healthz").json["status"] == "ok"


def test_health_is_bad_when_a_write_would_fail(app, client):
    from sqlalchemy import text

    from wujin_field.db import db

    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE instance RENAME TO gone"))
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json["status"]) == (503, "failing")


def test_a_page_in_trouble_speaks_of_the_page_and_a_phone_of_its_records(app):
    with app.test_request_context("/station/venues/new", method="POST"):
        assert "退回上一页还在" in refuse(503, "busy").get_data(as_text=True)
    with app.test_request_context("/sync/pack"):
        assert refuse(503, "out_of_order").json["detail"].startswith("记录都还在手机里")


def test_a_page_that_is_not_there_says_so_in_words(client):
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text


def test_under_sync_every_refusal_is_a_problem_for_a_machine(client):
    for method, path, status in [
        ("GET", "/sync/pack", 401),
        ("GET", "/sync/nowhere", 404),
        ("POST", "/sync/pack", 405),
    ]:
        answer = client.open(path, method=method)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
        assert {"code", "title", "detail", "status"} <= set(answer.json)
        assert (
            answer.json["type"] == f"http://localhost/help#{answer.json['code']}"
        )  # RFC 9457, 4.2.1: a title of its own
    assert answer.allow == {"GET", "HEAD", "OPTIONS"}  # RFC 9110: which ways there are, beside 405


@pytest.mark.parametrize("name", ["陈大山", "罗静", "何敏", "赵春兰"])
@pytest.mark.parametrize("page", ["/", "/sign-in", "/v/", "/v/52852588", "/help", "/no-such-page"])
def test_the_open_pages_open_for_those_who_are_signed_in(app, page, name):
    with app.app_context(), writing() as session:
        _, token = phone(session, settle(session).person(name))
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    assert client.get(page).status_code in (200, 302, 404)


def test_the_kill_switch_is_served_in_the_workers_place_and_knows_no_database(tmp_path):
    settings = read_settings(env={"WUJIN_WORKER": "off"}, data_dir=tmp_path / "data", public_url="http://localhost")
    answer = prepared(settings).test_client().get("/sw.js")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/javascript", "no-cache")
    assert "unregister" in answer.text
    assert "indexedDB" not in answer.text
    assert "fetch" not in answer.text
