"""A visitor sees the flags on their own visits in the next pack, in words, and answers them; nobody else's."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from wujin_field.cast import phone, sealed, visit_claim
from wujin_field.db import db, utc_now, uuid7, writing
from wujin_field.models import Finding, Visit, VisitorAnswer
from wujin_field.models.journal import append_audit
from wujin_field.sync import flags as told
from wujin_field.sync.intake import Sender


@pytest.fixture
def his(app, town):
    """陈大山's visit with a flag on it, and browsers of his and of another's."""
    clients = []
    with writing() as session:
        devices = [phone(session, town.person(name)) for name in ("陈大山", "何长生")]
    for _, token in devices:
        client = app.test_client()
        client.set_cookie("wujin_device", token)
        clients.append(client)
    device = devices[0][0]
    claim = visit_claim(device, town.venues["禾丰粮油加工厂"])
    app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), Sender(device.id, device.person_id))
    with writing() as session:
        row = Finding(visit_id=claim["id"], revision=1, code="far_from_venue", level="medium", rules="x",
                      detail={"metres": 900, "allowed": 180}, made_at=datetime.now(UTC))  # fmt: skip
        session.add(row)
        session.flush()
        append_audit(session, utc_now(), None, "examined", "finding", claim["id"])
        finding = row.id
    return *clients, claim["id"], finding


def test_a_flag_stands_in_the_pack_in_plain_words_of_its_own_visitor_only(his):
    mine, other, visit, finding = his
    (flag,) = mine.get("/sync/pack").json["flags"]
    assert (flag["id"], flag["visit"], flag["level"], flag["answer"]) == (finding, visit, "medium", None)
    assert "900" in flag["text"] and "900" in flag["text_en"]
    assert flag["place"] and flag["day"], "which visit it is about"
    assert other.get("/sync/pack").json["flags"] == []


def test_an_answer_may_arrive_twice_and_is_kept_once(his):
    mine, _, visit, finding = his
    answer, body = uuid7(), {"visit": visit, "finding": finding, "text": "门口在修路，从后门进的"}
    assert [mine.put(f"/sync/answers/{answer}", json=body).status_code for _ in range(2)] == [201, 200]
    assert mine.get("/sync/pack").json["flags"][0]["answer"] == "门口在修路，从后门进的"
    assert db.session.scalars(select(VisitorAnswer.text)).all() == ["门口在修路，从后门进的"]


def test_nobody_answers_for_another_and_nobody_learns_what_there_is(his):
    _, other, visit, finding = his
    for body in ({"visit": visit, "finding": finding}, {"visit": visit, "finding": uuid7()}, {"visit": uuid7()}):
        assert other.put(f"/sync/answers/{uuid7()}", json=body | {"text": "x"}).status_code == 404
    assert db.session.scalars(select(VisitorAnswer)).all() == []


@pytest.mark.parametrize("body", [b"", b"[]", b'{"text":5}', b'{"text":"  "}', b'{"text":"a\\u0000b"}', b"[" * 9000])
def test_what_is_no_answer_ends_in_a_sentence(his, body):
    mine, *_ = his
    answer = mine.put(f"/sync/answers/{uuid7()}", data=body)
    assert answer.status_code == 422
    assert answer.json["code"] == "wrong_shape"


def test_a_long_answer_is_refused_and_so_is_one_too_many(his, monkeypatch):
    mine, _, visit, finding = his
    body = {"visit": visit, "finding": finding, "text": "从后门进的"}
    assert mine.put(f"/sync/answers/{uuid7()}", json=body | {"more": "x" * 20_000}).json["code"] == "claim_too_large"
    monkeypatch.setattr(told, "A_DAY", 2)
    ids = [uuid7() for _ in range(3)]
    assert [mine.put(f"/sync/answers/{one}", json=body).status_code for one in ids] == [201, 201, 429]
    assert mine.put(f"/sync/answers/{ids[0]}", json=body).status_code == 200, "what was kept keeps its answer"


def test_a_flag_changes_nothing_by_itself(his):
    assert db.session.scalars(select(Visit.revision)).all() == [1]
