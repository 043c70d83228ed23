"""Requirements that the shipped data meets by itself, and the data half of some that also need a screen."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

import wujin_field.domain

PACK = Path(wujin_field.domain.__file__).parent / "pack"

STATION_HAZARDS = {
    "EH-02": "heating", "HH-07": "carbon_monoxide", "HH-09": "heating",  # winter heaters
    "HH-11": "ebike", "NS-08": "ebike", "HH-13": "evacuation", "NS-20": "evacuation",  # e-bikes, bars, awnings
}  # fmt: skip


def read(name):
    return tomllib.loads((PACK / name).read_text(encoding="utf-8"))


def by_code(name, kind):
    """The rows of one kind by their code; a code that stands twice is an error of the pack."""
    rows = read(name)[kind]
    codes = [row["code"] for row in rows]
    assert len(codes) == len(set(codes))
    return {row["code"]: row for row in rows}


def checklist_items():
    return {item["code"]: item for template in read("checklists.toml")["template"] for item in template["item"]}


def test_r008_field_roles_are_data():
    roles = by_code("roles.toml", "field_role")
    wanted = {
        "grid_worker": "网格员",
        "forest_ranger": "护林员",
        "geohazard_monitor": "地灾监测员",
        "flood_monitor": "水灾监测员",
        "party_league_member": "在家党团员",
        "militia": "民兵",
        "public_post_worker": "公益岗位人员",
    }
    assert {code: roles[code]["zh"] for code in wanted} == wanted
    assert {roles[code]["access"] for code in wanted} == {"field"}


def test_r014_open_day_camp_and_family_day_are_activity_kinds():
    kinds = by_code("publicity_forms.toml", "activity_kind")
    assert "开放体验日" in kinds["open_day"]["zh"]
    assert "夏（冬）令营" in kinds["camp_family_day"]["zh"] and "亲子日" in kinds["camp_family_day"]["zh"]
    assert {kinds[code]["form"] for code in ("open_day", "camp_family_day")} == {"experiential_education"}


def test_r016_a_seminar_of_halls_is_an_activity_kind_that_asks_which_hall():
    kind = by_code("publicity_forms.toml", "activity_kind")["hall_exchange"]
    assert "场馆" in kind["zh"] and "研讨" in kind["zh"] and "hall" in kind["asks"]


def test_r021_gas_e_bike_electricity_and_carbon_monoxide_are_topics_and_hazard_categories():
    asked, items = {"gas", "ebike", "electric", "carbon_monoxide"}, checklist_items()
    assert asked <= set(by_code("topics.toml", "topic"))
    assert asked <= {item["category"] for item in items.values()}
    assert {item["category"] for item in items.values()} <= set(by_code("checklists.toml", "category"))


def test_r089_crowded_places_and_agencies_are_venue_kinds():
    kinds = by_code("place_types.toml", "venue_kind")
    named = {
        "gas_station": "加油站",
        "mall": "商场",
        "hotel": "宾馆",
        "entertainment": "歌厅",
        "restaurant": "饭店",
        "agency": "机关",
        "hospital": "医院",
        "site": "工地",
        "mine": "矿",
        "passenger_station": "车站",
    }
    assert [code for code, word in named.items() if word not in kinds[code]["zh"]] == []


def test_r100_drills_have_the_trades_of_the_drill_week():
    trades = [trade["zh"] for trade in read("place_types.toml")["trade"]]
    assert trades == ["交通", "校园", "矿山", "危险物品", "商场", "市场", "宾馆", "饭店"]


def test_r202_every_context_says_what_it_means_in_both_languages():
    assert all(context["help"] and context["help_en"] for context in read("publicity_forms.toml")["context"])


def test_r032_forest_slogan_and_topic_are_data():
    assert "forest_fire" in by_code("topics.toml", "topic")
    forest = by_code("checklists.toml", "template")["forest_fire"]
    assert any("带火不进山、进山不用火" in item["zh"] for item in forest["item"])


def test_r034_hot_topics_are_data():
    topics = by_code("topics.toml", "topic")
    hot = {"fire_lane": "消防车道", "ebike": "电动车", "escape_room": "密室逃生", "highrise": "高层", "gas": "燃气"}
    hot["drowning"] = "防溺水"
    assert [code for code, word in hot.items() if word not in topics[code]["zh"]] == []


def test_r104_topics_of_the_safety_month_are_data():
    topics = by_code("topics.toml", "topic")
    asked = {"work_safety", "construction", "quality", "traffic", "fire_safety", "occupational_health"}
    assert asked <= set(topics)
    assert all(topics[code]["zh"] and topics[code]["en"] for code in asked)


def test_r127_every_audience_named_by_the_station_is_data():
    audiences = by_code("audiences.toml", "audience")
    station = {"disabled_elder", "elder_alone", "minor", "farmer"} | {
        "urban_resident",
        "enterprise_staff",
        "leading_cadre",
    }
    assert [code for code in sorted(station) if not audiences[code]["key"]] == []


@pytest.mark.parametrize("code", sorted(STATION_HAZARDS))
def test_r139_hazards_named_by_the_station_are_checklist_items(code):
    assert checklist_items()[code]["category"] == STATION_HAZARDS[code]


def test_r139_a_checklist_asks_for_clear_fire_lanes():
    assert any("消防车道" in item["zh"] or "消防车通道" in item["zh"] for item in checklist_items().values())


def test_r141_a_notice_board_may_be_a_place_of_its_own():
    board = by_code("place_types.toml", "venue_kind")["notice_board"]
    assert board["place_type_from_area"] and "poster" in by_code("publicity_forms.toml", "channel")


def test_r144_experience_hall_is_a_venue_kind_nobody_owes():
    assert "experience_hall" in by_code("place_types.toml", "venue_kind")
    naming = [q for q in read("quotas.toml")["quota"] if "experience_hall" in q.get("filter", {}).get("venue_kind", [])]
    assert naming and all("fixed_education_place" in q["filter"]["venue_kind"] for q in naming)


@pytest.mark.parametrize(
    ("template", "names"),
    [
        pytest.param("demo_six_have", ["阵地", "队伍", "资料", "实操", "载体", "特色"], id="r047_six_haves"),
        pytest.param("demo_village_five_have", ["组织", "窗口", "资料", "广播", "载体"], id="r056_five_haves"),
        pytest.param("demo_school_five_fixed", ["计划", "课时", "师资", "读本", "考核"], id="r057_five_in_place"),
    ],
)
def test_standards_of_demonstration_sites_are_checklists_in_their_order(template, names):
    items = by_code("checklists.toml", "template")[template]["item"]
    assert len(items) == len(names)
    assert all(name in item["zh"] for name, item in zip(names, items, strict=True))


def test_r182_to_r189_seven_forms_in_order_and_an_eighth_with_words():
    forms = sorted(read("publicity_forms.toml")["form"], key=lambda form: form["order"])
    assert [form["zh"] for form in forms] == [
        "安全宣讲", "媒体宣传", "应急疏散演练", "警示曝光",
        "经验推广", "体验式安全宣传教育", "主题宣传活动", "其他形式",
    ]  # fmt: skip
    assert [form["code"] for form in forms if form.get("needs_text")] == ["other"]


def test_r190_traffic_day_and_science_day_are_in_the_calendar():
    assert by_code("calendar.toml", "day")["traffic_safety_day"]["date"] == "12-02"
    # The science day moves from year to year, so the calendar holds the month it falls in.
    science = by_code("calendar.toml", "span")["science_day"]
    start, end = (date.fromisoformat(f"2025-{science[key]}") for key in ("from", "to"))
    assert start < end and start.month == end.month == 9
