"""清单与数据: a draft, then in force; what was published never changes; phones get it, and faults are sentences."""

import io
import json
import re
import tomllib

import pytest

from wujin_field.cast import phone
from wujin_field.db import writing
from wujin_field.domain import load_pack, shipped_pack
from wujin_field.domain.editing import fields_of


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


def entry(table, code, /, **changes):
    """The form as the page would send it, with these changes."""
    body, form = load_pack()[table][code] | changes, {}
    for field in fields_of(load_pack(), load_pack()["editable"][table], load_pack()[table][code]):
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


def test_a_threshold_is_tried_then_changed_and_never_emptied(desk, app):
    form, page = (
        entry("flag", "far_from_venue", slack_m="250", strong_over_m="1000", strong_over_factor="2.5"),
        "/station/pack/flag/far_from_venue",
    )
    assert "请填数字，如 30 或 0.5。" in desk.post(page, data=form | {"strong_over_factor": "much"}).text
    assert "这一格要填" in desk.post(page, data=form | {"slack_m": ""}).text
    assert desk.post(page, data=form).status_code == 303
    trial = re.search(r'"(/supervisor/flags/far_from_venue[^"]*)"', desk.get(page).text)[1].replace("&amp;", "&")
    assert "现在提示" in desk.get(trial).text
    assert load_pack()["flag"]["far_from_venue"]["slack_m"] == 30
    desk.post(f"{page}/publish", data={"revision": 1})
    changed = load_pack()["flag"]["far_from_venue"]
    assert (changed["slack_m"], changed["strong_over_factor"]) == (250, 2.5)
    assert changed == shipped_pack()["flag"]["far_from_venue"] | {"slack_m": 250, "strong_over_factor": 2.5}


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
        ("topic", "gas", {"zh": "长" * 121}, "写得太长了。"),
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


ADDABLE = ["template", "place_type", "venue_kind", "equipment_kind", "form", "audience", "topic", "channel", "quota", "deadline",
           "day", "span", "season", "moving"]  # fmt: skip


def test_what_the_station_adds_opens_or_is_refused_with_a_sentence_and_breaks_no_page(desk):
    for table in ADDABLE:
        page = desk.post(f"/station/pack/{table}", data={"zh": "站里自己的"}).headers["Location"]
        answer = desk.post(f"{page}/publish", data={"revision": 1})
        assert answer.status_code == (422 if table in ("season", "moving") else 303), table
        assert answer.status_code == 303 or "没有填，或者写法不对" in answer.text
    for page in (
        "/station/",
        "/station/calendar",
        "/station/coverage",
        "/station/plans",
        "/station/pack/quota/local_1",
    ):
        assert desk.get(page).status_code == 200, page
    assert "站里自己的" in desk.get("/station/").text, "the new quota is asked of every village"


@pytest.mark.parametrize(
    "toml",
    [
        '[[quota]]\ncode = "town"\nzh = "每镇"', '[[flag]]\ncode = "far_from_venue"\nzh = "远"\nweight = "medium"',
        '[[span]]\ncode = "winter"\nzh = "冬"\nfrom = "12-1"\nto = "01-31"',
        '[[moving]]\ncode = "local_9"\nzh = "节"\ndates = [7]',
        '[[retention]]\ncode = "invites"\nzh = "链接"\ndays = 0',
    ],
)  # fmt: skip
def test_what_comes_from_elsewhere_and_could_not_be_computed_with_never_comes_into_force(desk, toml):
    table, code = re.search(r"\[(\w+)\]", toml)[1], tomllib.loads(toml)
    code = code[table][0]["code"]
    desk.post("/station/pack/changes", data={"changes": (io.BytesIO(toml.encode()), "changes.toml")})
    assert desk.get(f"/station/pack/{table}/{code}").status_code == 200
    answer = desk.post(f"/station/pack/{table}/{code}/publish", data={"revision": 1})
    assert answer.status_code == 422 and "没有填，或者写法不对" in answer.text
    assert load_pack()[table].get(code) == shipped_pack()[table].get(code)


def test_seasons_are_chosen_by_month(desk, pocket):
    code = next(iter(load_pack()["season"]))
    desk.post(f"/station/pack/season/{code}", data={"zh": "本地旺季", "months": ["1", "2", "12"]})
    desk.post(f"/station/pack/season/{code}/publish", data={"revision": 1})
    assert pocket.get("/sync/pack").json["seasons"][code] == [1, 2, 12]


def test_whoever_is_no_clerk_of_the_station_does_not_enter(app, town):
    assert signed_in(app, town, "罗静").get("/station/pack").status_code == 403
