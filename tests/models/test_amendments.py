"""The pack in force: what is shipped, with what the station published laid over it. Published versions never change."""

import copy

import pytest
from sqlalchemy import select

from wujin_field.db import db, utc_now, writing
from wujin_field.domain import PackError, load_pack, shipped_pack
from wujin_field.models import Amendment, Checklist
from wujin_field.models.amendments import LivingPack, begin_draft, publish, versions_of


@pytest.fixture
def clerk(town):
    return town.person("何敏").id


def published(app, clerk, table, code, body):
    with writing() as session:
        row = begin_draft(session, table, code, body, clerk)
        session.flush()
        publish(session, [row])
    app.extensions["living_pack"].forget()
    return row


def renamed(table, code, name):
    return copy.deepcopy(load_pack()[table][code]) | {"zh": name}


def test_a_draft_changes_nothing(app, clerk):
    with writing() as session:
        begin_draft(session, "topic", "gas", renamed("topic", "gas", "燃气"), clerk)
    app.extensions["living_pack"].forget()
    assert load_pack()["topic"]["gas"]["zh"] == "燃气安全"


def test_what_is_published_is_in_force_in_its_old_place(app, clerk):
    before = list(load_pack()["topic"])
    published(app, clerk, "topic", "gas", renamed("topic", "gas", "瓶装燃气"))
    assert load_pack()["topic"]["gas"]["zh"] == "瓶装燃气"
    assert list(load_pack()["topic"]) == before
    assert shipped_pack()["topic"]["gas"]["zh"] == "燃气安全"


def test_another_worker_hears_of_it_within_a_second(app, clerk):
    other = LivingPack(db.engine)
    assert other.now()["topic"]["gas"]["zh"] == "燃气安全"
    published(app, clerk, "topic", "gas", renamed("topic", "gas", "瓶装燃气"))
    other.forget()  # as a second does
    assert other.now()["topic"]["gas"]["zh"] == "瓶装燃气"


def test_back_to_shipped_is_one_more_version(app, clerk):
    published(app, clerk, "topic", "gas", renamed("topic", "gas", "瓶装燃气"))
    published(app, clerk, "topic", "gas", None)
    assert load_pack()["topic"]["gas"] == shipped_pack()["topic"]["gas"]
    assert [row.version for row in versions_of(db.session, "topic", "gas")] == [2, 1]


def test_a_checklist_is_kept_in_every_version_that_was_in_force(app, clerk):
    body = copy.deepcopy(load_pack()["template"]["small_shop"])
    body["item"][0]["zh"] = "本地写法"
    published(app, clerk, "template", "small_shop", body)
    now = load_pack()["template"]["small_shop"]
    assert (now["version"], now["item"][0]["zh"]) == (1001, "本地写法")
    kept = db.session.scalars(select(Checklist).where(Checklist.code == "small_shop").order_by(Checklist.version)).all()
    assert [(row.version, row.body["item"][0]["zh"]) for row in kept] == [
        (1, shipped_pack()["template"]["small_shop"]["item"][0]["zh"]),
        (1001, "本地写法"),
    ]


def test_a_pack_that_would_not_be_whole_is_not_published(app, clerk):
    body = renamed("venue_kind", "street_shop", "门面") | {"template": "no_such_list"}
    with pytest.raises(PackError, match="street_shop"):
        published(app, clerk, "venue_kind", "street_shop", body)
    assert load_pack()["venue_kind"]["street_shop"]["zh"] == "临街门面"


def test_a_new_entry_of_the_stations_own(app, clerk):
    published(app, clerk, "topic", "tea_drying", {"code": "tea_drying", "zh": "茶叶烘干"})
    assert list(load_pack()["topic"])[-1] == "tea_drying"


def test_what_an_upgrade_took_the_ground_from_is_left_out_and_the_rest_counts(app, clerk):
    published(app, clerk, "topic", "gas", renamed("topic", "gas", "瓶装燃气"))
    with writing() as session:
        body = renamed("venue_kind", "street_shop", "门面") | {"template": "gone_with_the_upgrade"}
        session.add(Amendment(table_name="venue_kind", code="street_shop", version=1, body=body, changed_by_id=clerk,
                              published_at=utc_now()))  # fmt: skip
    app.extensions["living_pack"].forget()
    assert load_pack()["topic"]["gas"]["zh"] == "瓶装燃气"
    assert load_pack()["venue_kind"]["street_shop"]["zh"] == "临街门面"
