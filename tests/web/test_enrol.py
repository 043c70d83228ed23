"""One link, one browser: looking consumes nothing, the button does, and whoever comes too late is told what to do."""

import re
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import func, select

from wujin_field.cast import phone, settle
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, utc_now, writing
from wujin_field.models import AuditRow, Device, Invite, Person
from wujin_field.models.people import DEVICE_DAYS, invite, token_hash
from wujin_field.sync.receipt import base64url


@pytest.fixture
def town(app):
    with app.app_context(), writing() as session:
        return settle(session)


@pytest.fixture
def invited(app, town):
    """invited("陈大山") → a link's token."""

    def make(name="陈大山", now=None, **more):
        with app.app_context(), writing() as session:
            row, token = invite(town.person(name), now=now, **more)
            session.add(row)
        return token

    return make


def devices(app):
    with app.app_context():
        return db.session.scalars(select(Device).where(Device.label != "Demo Phone")).all()


def test_looking_at_a_link_consumes_nothing(app, invited):
    client, token = app.test_client(), invited()
    for method in ("GET", "HEAD", "GET", "GET"):
        answer = client.open(f"/enrol/{token}", method=method)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert "陈大山" in answer.text
    assert devices(app) == []
    assert client.post(f"/enrol/{token}").status_code == 302


def test_what_is_told_about_data_is_short_and_whole_in_one_fold_above_the_button(app, invited):
    text = app.test_client().get(f"/enrol/{invited()}").text
    folded, button = re.search("<details.*?</details>", text, re.S), text.index("按下面的按钮，就是知道了上面说的")
    assert all(word in folded[0] for word in ("不排名", "位置不出本站", "监护人同意", "第 1 版"))
    assert " open" not in folded[0].partition(">")[0]
    assert folded.end() < button


def test_the_button_binds_this_browser(app, invited):
    client = app.test_client()
    answer = client.post(f"/enrol/{invited()}")
    assert answer.headers["Location"] == "/field/"
    assert client.get("/sync/pack").json["person"]["name"] == "陈大山"


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("陈大山", "/field/"),
        ("周小禾", "/field/"),
        ("罗静", "/supervisor/"),
        ("何敏", "/station/"),
        ("赵春兰", "/station/"),
        ("高原", "/county/"),
    ],
)
def test_everybody_begins_on_their_own_page(app, invited, name, home):
    client = app.test_client()
    assert client.post(f"/enrol/{invited(name)}").headers["Location"] == home
    assert client.get("/").headers.get("Location", "/") == home


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(app, invited):
    cookie = app.test_client().post(f"/enrol/{invited()}").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_over_https_the_cookie_stays_there(tmp_path):
    app = prepared(read_settings(env={}, data_dir=tmp_path / "data", public_url="https://wujin.example"))
    with app.app_context(), writing() as session:
        row, token = invite(settle(session).person("陈大山"))
        session.add(row)
    assert "Secure" in app.test_client().post(f"/enrol/{token}", base_url="https://wujin.example").headers["Set-Cookie"]


def test_the_database_keeps_no_secret(app, settings, invited):
    token = invited()
    secret = app.test_client().post(f"/enrol/{token}").headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    assert [device.token_hash for device in devices(app)] == [token_hash(secret)]
    stored = b"".join(path.read_bytes() for path in settings.data_dir.glob("wujin.db*"))
    assert token_hash(secret) in stored
    assert secret.encode() not in stored
    assert token.encode() not in stored


def test_a_link_works_once(app, invited):
    token = invited()
    assert app.test_client().post(f"/enrol/{token}").status_code == 302
    for again in (app.test_client().post(f"/enrol/{token}"), app.test_client().get(f"/enrol/{token}")):
        assert again.status_code == 410
        assert "用过了" in again.text
        assert "内勤" in again.text  # who can help
        assert "Set-Cookie" not in again.headers
    assert len(devices(app)) == 1


def test_of_two_who_press_at_once_one_enters(app, invited):
    from concurrent.futures import ThreadPoolExecutor

    token = invited()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: app.test_client().post(f"/enrol/{token}").status_code, range(8)))
    assert sorted(answers) == [302] + [410] * 7
    assert len(devices(app)) == 1


def test_an_expired_link_says_so_and_what_to_do(app, invited):
    token = invited(now=utc_now() - timedelta(days=8))
    for answer in (app.test_client().get(f"/enrol/{token}"), app.test_client().post(f"/enrol/{token}")):
        assert answer.status_code == 410
        assert "过了期限" in answer.text
        assert "内勤" in answer.text
    assert devices(app) == []


@pytest.mark.parametrize("token", ["nobody", "x" * 500, "' OR 1=1", "%00", "柳溪"])
def test_a_link_that_nobody_made_is_closed(app, town, token):
    assert app.test_client().get(f"/enrol/{token}").status_code == 410
    assert app.test_client().post(f"/enrol/{token}").status_code == 410


def test_the_demos_links_can_be_used_again(app, invited):
    token = invited(reusable=True)
    assert [app.test_client().post(f"/enrol/{token}").status_code for _ in range(3)] == [302] * 3
    assert len(devices(app)) == 3


def test_the_phones_key_is_kept(app, invited):
    raw = (
        ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    )
    app.test_client().post(f"/enrol/{invited()}", data={"public_key": base64url(raw)})
    assert devices(app)[0].public_key == raw


@pytest.mark.parametrize("key", ["", "nonsense", "é", "A" * 87, "AA", "=" * 9])
def test_a_phone_without_a_good_key_enters_unsigned(app, invited, key):
    assert app.test_client().post(f"/enrol/{invited()}", data={"public_key": key}).status_code == 302
    assert devices(app)[0].public_key is None


def test_an_enrolment_leaves_a_trace(app, invited, town):
    app.test_client().post(f"/enrol/{invited()}")
    with app.app_context():
        row = db.session.scalars(select(AuditRow).where(AuditRow.what == "enrolled")).one()
        assert (row.who, row.subject_id) == (town.person("陈大山").id, devices(app)[0].id)


@pytest.fixture
def client(app, town):
    """陈大山's browser."""
    with app.app_context(), writing() as session:
        _, token = phone(session, town.person("陈大山"))
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    assert client.get("/sync/pack").status_code == 200
    return client


def change(app, what):
    with app.app_context(), writing() as session:
        what(session.scalars(select(Device)).one())


def test_a_phone_that_was_revoked_is_a_stranger(app, client):
    change(app, lambda device: setattr(device, "revoked_at", utc_now()))
    assert client.get("/sync/pack").status_code == 401


def test_a_phone_not_seen_for_ninety_days_is_a_stranger(app, client):
    change(app, lambda device: setattr(device, "last_seen_at", utc_now() - timedelta(days=DEVICE_DAYS, minutes=1)))
    assert client.get("/sync/pack").status_code == 401


def test_a_phone_seen_eighty_nine_days_ago_is_not_and_is_fresh_again(app, client):
    change(app, lambda device: setattr(device, "last_seen_at", utc_now() - timedelta(days=DEVICE_DAYS - 1)))
    assert client.get("/sync/pack").status_code == 200
    with app.app_context():
        assert utc_now() - db.session.scalars(select(Device.last_seen_at)).one() < timedelta(minutes=1)


def test_somebody_who_left_is_a_stranger(app, client, town):
    with app.app_context(), writing() as session:
        session.get_one(Person, town.person("陈大山").id).active = False
    assert client.get("/sync/pack").status_code == 401


def test_no_invite_is_left_open_by_accident(app, invited):
    invited()
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Invite).where(Invite.reusable)) == 0
