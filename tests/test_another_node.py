"""Two nodes over one database: the second one must sign with the first one's key."""

import hashlib

import pytest

from wujin_field.beginnings import refuse_another_key
from wujin_field.cast import phone, picture, settle
from wujin_field.config import ConfigError
from wujin_field.db import db, utc_now, uuid7, writing
from wujin_field.models import Instance
from wujin_field.sync.receipt import Signer


@pytest.fixture
def other(tmp_path):
    return Signer(tmp_path / "other.pem")


@pytest.fixture
def receipted(app):
    with app.app_context(), writing() as session:
        _, token = phone(session, settle(session).person("陈大山"))
    client, body = app.test_client(), picture(1, utc_now())
    client.set_cookie("wujin_device", token)
    assert client.put(f"/sync/photos/{hashlib.sha256(body).hexdigest()}", data=body).status_code == 201
    with app.app_context():
        yield app


def test_before_the_first_receipt_any_key_will_do(app, other):
    with app.app_context():
        refuse_another_key(db.session(), other)


def test_our_own_key_is_welcome_and_another_is_refused_in_one_sentence(receipted, other):
    refuse_another_key(db.session(), receipted.extensions["signer"])
    with pytest.raises(ConfigError, match=r"signing-key\.pem") as raised:
        refuse_another_key(db.session(), other)
    assert "\n" not in str(raised.value)


def test_after_a_restore_phones_ask_anew_and_a_new_key_may_begin(receipted, other):
    with writing() as session:
        session.query(Instance).update({"id": uuid7()})
    refuse_another_key(db.session(), other)
