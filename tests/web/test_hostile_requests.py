"""What somebody sends who means no good, or a proxy that says little: no answer leads away, breaks or gives a secret up."""

from urllib.parse import quote

import pytest

from wujin_field.cast import phone, settle
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, writing
from wujin_field.models.people import invite
from wujin_field.reports.kinds import KINDS

EVIL = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
NO_YEARS = ["99999999999999999999999", "-1", "0", "２０２６", "2026\n", "x"]
NO_PERIODS = [
    "9999-12",
    "0001-01",
    "1999-12",
    "２０２６-10",
    "2026-13",
    "2026-00",
    "2026-10\r\nX-Y: 1",
    '2026";x="',
    "9" * 30,
]


@pytest.fixture
def clerk(app):
    with app.app_context(), writing() as session:
        token = phone(session, settle(session).person("何敏"))[1]
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    return client


def test_an_address_with_its_slash_wrong_leads_on_within_this_site(clerk):
    for page in ["/station", "/supervisor", "/field", "/v", "/station//reports", "/v?next=//evil.example"]:
        answer = clerk.get(page, headers=EVIL)
        path = answer.headers["Location"].partition("?")[0]
        assert (answer.status_code, path[:1], path[1:2] == "/") == (308, "/", False), page
        assert "evil.example" not in path
        assert "evil.example" not in answer.text.replace("next=//evil.example", "")


def test_behind_a_proxy_that_ends_https_the_cookie_still_stays_there(tmp_path):
    app = prepared(read_settings(env={}, data_dir=tmp_path / "data", public_url="https://wujin.example"))
    with app.app_context(), writing() as session:
        row, token = invite(settle(session).person("陈大山"))
        session.add(row)
    headers = {"X-Forwarded-Proto": "https", "Host": "wujin.example"}
    answer = app.test_client().post(f"/enrol/{token}", base_url="http://127.0.0.1:8000", headers=headers)
    assert "Secure" in answer.headers["Set-Cookie"]
    with app.app_context():
        db.engine.dispose()


def test_without_https_the_cookie_is_not_marked_or_no_browser_would_send_it(app):
    with app.app_context(), writing() as session:
        row, token = invite(settle(session).person("陈大山"))
        session.add(row)
    assert "Secure" not in app.test_client().post(f"/enrol/{token}").headers["Set-Cookie"]


def test_a_year_that_is_none_shows_this_years_plans(clerk):
    answers = {year: clerk.get("/station/plans", query_string={"year": year}).status_code for year in NO_YEARS}
    assert set(answers.values()) == {200}, answers


def test_a_month_that_is_none_is_named_and_breaks_nothing(clerk):
    pages = {period: clerk.get("/station/reports", query_string={"period": period}) for period in NO_PERIODS}
    assert {period: page.status_code for period, page in pages.items() if page.status_code != 200} == {}


def test_there_is_no_paper_for_a_month_that_is_none(clerk):
    asked = [f"/station/reports/liuxi/{quote(period)}/{kind}.docx" for kind in KINDS for period in NO_PERIODS]
    answers = {path: clerk.get(path).status_code for path in asked}
    assert set(answers.values()) == {404}, answers


def test_a_static_file_that_is_not_there_answers_as_guarded_as_any_page(app):
    headers = app.test_client().get("/static/0/no-such-file").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
