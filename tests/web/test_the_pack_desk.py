"""清单与数据: a draft, then in force; what was published never changes; phones get it, and faults are sentences."""

import io
import json
import re
import tomllib

import pytest

from wujin_field.cast import phone
from wujin_field.db import writing
from wujin_field.domain import load_pack, shipped_pack


def signed_in(app, town, name):
    with writing() as session:
        _, token = phone(session, town.person(name))
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    return client


@pytest.fixture
def desk(app, town):
    return signed_in(app, town, "何敏")


@pytest.fixture
def pocket(app, town):
    return signed_in(app, town, "陈大山")


def entry(table, code, **changes):
    """The form as the page would send it, with these changes."""
    body, form = load_pack()[table][code] | changes, {}
    for field in load_pack()["editable"][table]["fields"]:
        value = body.get(field["key"])
        if value not in (None, False):
            form[field["key"]] = "1" if value is True else "\n".join(value) if field["kind"] == "lines" else value
    return form


def test_a_topic_is_renamed_for_every_phone_once_it_is_published(desk, pocket):
    assert desk.post("/station/pack/topic/gas", data=entry("topic", "gas", zh="瓶装燃气")).status_code == 303
    assert "瓶装燃气" not in pocket.get("/sync/pack").text
    assert "草稿" in desk.get("/station/pack/topic/gas").text
    desk.post("/station/pack/topic/gas/publish", data={"revision": 1})
    assert "瓶装燃气" in pocket.get("/sync/pack").text
    page = desk.get("/station/pack/topic/gas").text
    assert "<del>燃气安全</del>" in page and "<ins>瓶装燃气</ins>" in page


def test_back_to_shipped(desk):
    desk.post("/station/pack/topic/gas", data=entry("topic", "gas", zh="瓶装燃气"))
    desk.post("/station/pack/topic/gas/publish", data={"revision": 1})
    desk.post("/station/pack/topic/gas/shipped")
    assert load_pack()["topic"]["gas"] == shipped_pack()["topic"]["gas"]


def test_an_item_is_changed_added_moved_and_retired(desk, pocket):
    first, second = (item["code"] for item in load_pack()["template"]["small_shop"]["item"][:2])
    at = "/station/pack/template/small_shop/items"
    desk.post(
        f"{at}/{first}",
        data={"zh": "门口不堆东西", "kind": "hazard", "severity": "serious", "core": "1", "revision": 0},
    )
    new = desk.post(at, data={"zh": "店里有人会用灭火器", "revision": 1}).headers["Location"].rpartition("/")[2]
    desk.post(f"{at}/{second}", data={"act": "up", "revision": 2})
    desk.post("/station/pack/template/small_shop/publish", data={"revision": 3})
    lists = pocket.get("/sync/pack").json["checklists"]["small_shop"]
    assert lists["version"] == 1001
    assert [item["code"] for item in lists["items"]][:2] == [second, first]
    assert lists["items"][1]["zh"] == "门口不堆东西" and lists["items"][-1]["code"] == new
    shown = re.search(r'id="list">(.*?)</script>', desk.get("/station/pack/template/small_shop/preview").text)
    assert json.loads(shown[1])["list"]["items"][-1]["zh"] == "店里有人会用灭火器"


def test_the_second_clerk_sees_that_somebody_was_quicker(desk):
    desk.post("/station/pack/topic/gas", data=entry("topic", "gas", zh="瓶装燃气") | {"revision": 0})
    late = desk.post("/station/pack/topic/gas", data=entry("topic", "gas", zh="管道燃气") | {"revision": 0})
    assert late.status_code == 409 and "刚才有人也改了" in late.text and "管道燃气" in late.text
    assert (
        desk.post("/station/pack/topic/gas", data=entry("topic", "gas", zh="管道燃气") | {"revision": 1}).status_code
        == 303
    )


@pytest.mark.parametrize(
    ("table", "code", "changes", "sentence"),
    [
        ("topic", "gas", {"zh": ""}, "这一格要填。"),
        ("topic", "gas", {"zh": "长" * 90}, "写得太长了。"),
        ("topic", "gas", {"season": "no_such"}, "请从名单里选。"),
        ("quota", "station_weekly_activities", {"min": "两次"}, "请填整数。"),
        ("day", "fire_day", {"date": "13-40"}, "请写成 03-30 这样。"),
        ("moving", "qingming", {"dates": ["清明那天"]}, "请写成 2027-02-06 这样。"),
    ],
)
def test_a_fault_is_named_beside_its_field(desk, table, code, changes, sentence):
    answer = desk.post(f"/station/pack/{table}/{code}", data=entry(table, code, **changes))
    assert answer.status_code == 422 and sentence in answer.text


def test_the_loader_has_the_last_word(desk):
    """A checklist that is still in use cannot lose its name, whatever a file brings."""
    body = io.BytesIO(
        b'[[venue_kind]]\ncode = "street_shop"\nzh = "\xe9\x97\xa8\xe9\x9d\xa2"\ntemplate = "no_such_list"\n'
    )
    desk.post("/station/pack/changes", data={"changes": (body, "a.toml")})
    answer = desk.post("/station/pack/venue_kind/street_shop/publish", data={"revision": 1})
    assert answer.status_code == 422 and "“street_shop”用到了“no_such_list”，但是没有这一条。" in answer.text
    assert load_pack()["venue_kind"]["street_shop"]["template"] == "small_shop"


def test_changes_travel_as_toml_and_arrive_as_drafts(desk):
    desk.post("/station/pack/topic/gas", data=entry("topic", "gas", zh="瓶装燃气"))
    desk.post("/station/pack/topic/gas/publish", data={"revision": 1})
    out = desk.get("/station/pack/changes.toml").data
    assert [row["zh"] for row in tomllib.loads(out.decode())["topic"]] == ["瓶装燃气"]
    desk.post("/station/pack/topic/gas/shipped")
    desk.post("/station/pack/changes", data={"changes": (io.BytesIO(out), "a.toml")})
    assert load_pack()["topic"]["gas"]["zh"] == "燃气安全"
    desk.post("/station/pack/topic/gas/publish")
    assert load_pack()["topic"]["gas"]["zh"] == "瓶装燃气"


@pytest.mark.parametrize("body", [b"", b"not toml [[", b'[[topic]]\nzh = "x"\n', b"topic = 3\n", b"\xff\xfe"])
def test_a_file_that_holds_no_changes(desk, body):
    assert desk.post("/station/pack/changes", data={"changes": (io.BytesIO(body), "a.toml")}).status_code == 422


def test_a_new_entry_gets_a_code_of_its_own(desk):
    where = desk.post("/station/pack/topic", data={"zh": "茶叶烘干"}).headers["Location"]
    desk.post(f"{where}/publish", data={"revision": 1})
    assert load_pack()["topic"][where.rpartition("/")[2]]["zh"] == "茶叶烘干"


def test_seasons_are_chosen_by_month(desk, pocket):
    code = next(iter(load_pack()["season"]))
    desk.post(f"/station/pack/season/{code}", data={"zh": "本地旺季", "months": ["1", "2", "12"]})
    desk.post(f"/station/pack/season/{code}/publish", data={"revision": 1})
    assert pocket.get("/sync/pack").json["seasons"][code] == [1, 2, 12]


def test_whoever_is_no_clerk_of_the_station_does_not_enter(app, town):
    assert signed_in(app, town, "罗静").get("/station/pack").status_code == 403
