"""The shipped OpenAPI file says what the server does: current, complete, and naming no code that has no sentence."""

import base64
import hashlib
import json
import re

import pytest
from describe import FILE, TAKING, codes, description, written

from wujin_field.cast import phone, picture, sealed, settle, visit_claim
from wujin_field.cast.claims import sha256
from wujin_field.db import utc_now, writing
from wujin_field.web.problems import SENTENCES

RENEW = "the protocol changed; if that is meant: python tests/fuzz/describe.py, and commit sync.openapi.json"


@pytest.fixture
def enrolled(app):
    with app.app_context(), writing() as session:
        town = settle(session)
        device, token = phone(session, town.person("陈大山"))
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    return client, device, town


def operations():
    return [(path, method, operation) for path, methods in description()["paths"].items()
            for method, operation in methods.items()]  # fmt: skip


def described_codes():
    return {code for _, _, operation in operations() for answer in operation["responses"].values()
            for content in answer.get("content", {}).values() for part in content["schema"].get("allOf", ())
            for code in part.get("properties", {}).get("code", {}).get("enum", ())}  # fmt: skip


def schema(name):
    return description()["components"]["schemas"][name]


def test_the_file_is_current():
    assert FILE.read_text("utf-8") == written(), RENEW


def test_every_door_of_sync_is_described(app):
    doors = {(re.sub(r"<[^>]*>", "{}", rule.rule), method) for rule in app.url_map.iter_rules()
             if rule.rule.startswith("/sync/") for method in rule.methods - {"OPTIONS"}}  # fmt: skip
    told = {(re.sub(r"{[^}]*}", "{}", path), method.upper()) for path, method, _ in operations()}
    assert doors - {("/sync/pack", "HEAD")} == told


def test_every_code_it_names_has_a_sentence_and_every_refusal_is_named():
    raised = codes("web/field/photos", "sync/envelope", "sync/strict_json", "sync/gate", *TAKING)
    assert described_codes() <= set(SENTENCES)
    assert {code for names in raised.values() for code in names} <= described_codes()


def test_a_real_pack_and_real_receipts_have_the_fields_it_tells_of(enrolled):
    client, device, town = enrolled
    assert set(client.get("/sync/pack").json) >= set(schema("Pack")["required"])
    body, claim = picture(1, utc_now()), visit_claim(device, town.venue("禾丰粮油加工厂"))
    answers = [
        client.put(f"/sync/photos/{sha256(body)}", data=body),
        client.put(f"/sync/visits/{claim['id']}", data=sealed(claim), headers=announced(sealed(claim))),
    ]
    for answer in answers:
        assert answer.status_code == 201
        assert set(answer.json) == set(schema("Receipt")["properties"])


def announced(body):
    return {"Content-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"}


def test_it_is_plain_json_without_anything_of_the_machine_that_made_it():
    assert json.loads(FILE.read_text("utf-8")) == description()
    assert not re.search(r"/(home|work|tmp|root|Users)/", FILE.read_text("utf-8"))
