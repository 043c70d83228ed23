"""A sheet's life: checked, imported whole or not at all, undone where nobody has touched it since."""

import pytest
from books import PEOPLE, PLAN, VENUES, book, shop
from sqlalchemy import func, select

from wujin_field.db import db, local_day, utc_now, writing
from wujin_field.domain import load_pack
from wujin_field.models import CodeScan, Equipment, Person, PlanRow, PlanTable, Venue, VenueCode
from wujin_field.models.changes import change
from wujin_field.sheets import check, import_rows, undo


@pytest.fixture
def clerk(town):
    return town.person("何敏").id


def checked(kind, file):
    return check(db.session(), load_pack(), kind, file, "表.xlsx", "", None)


def imported(kind, file, clerk=None):
    sheet = checked(kind, file)
    assert sheet.problems == []
    with writing() as session:
        session.add(sheet)
        session.flush()
        import_rows(session, load_pack(), sheet, clerk)
    return sheet


def taken_back(sheet, clerk):
    with writing() as session:
        return undo(session, session.merge(sheet), clerk)


def faults(kind, file):
    return [(one["row"], one["column"], one["code"]) for one in checked(kind, file).problems]


def named(name):
    return db.session.scalar(select(Venue).where(Venue.zh == name))


def test_a_venue_arrives_with_a_code_and_the_packs_own_radius(town, clerk):
    imported("venues", book(VENUES, shop("桥头小卖部", 纬度="２９．５", 经度=106.25, 重点="是")), clerk)
    venue = named("桥头小卖部")
    assert (venue.lat_e7, venue.lon_e7, venue.point_source, venue.focus) == (
        295_000_000,
        1_062_500_000,
        "imported",
        True,
    )
    assert (venue.venue_kind, venue.area.zh, len(venue.code)) == ("street_shop", "柳溪村", 8)
    assert venue.radius_m == load_pack()["place_type"][venue.place_type]["default_radius_m"]


def test_one_bad_row_and_nothing_is_imported(town, clerk):
    sheet = checked("venues", book(VENUES, shop("桥头小卖部"), shop("桥尾小卖部", area="没有这个村")))
    assert [(one["row"], one["column"], one["code"]) for one in sheet.problems] == [(3, "村（社区）", "no_such")]
    assert sheet.rows == []


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (shop(""), "名称", "required"),
        (shop("桥头小卖部", kind="小卖铺子"), "场所类型", "no_such"),
        (shop("桥头小卖部", 重点="也许"), "重点", "yes_or_no"),
        (shop("桥头小卖部", 纬度="北纬29度", 经度="106"), "纬度", "not_a_degree"),
        (shop("桥头小卖部", 纬度="106.2", 经度="29.5"), "纬度", "swapped"),
        (shop("桥头小卖部", 纬度="29.5"), "纬度", "half_a_point"),
        (shop("桥头小卖部", 编号="52852588"), "编号", "no_such_code"),
        (shop("王大爷家", kind="普通家庭"), "名称", "household_name"),
        (shop("三组12户", kind="普通家庭", 地址="村口"), "地址", "household_address"),
        (shop("店" * 61), "名称", "too_long"),
    ],
)
def test_every_bad_cell_is_named_by_row_and_column(town, row, column, code):
    assert (2, column, code) in faults("venues", book(VENUES, row))


def test_the_same_name_twice_names_the_other_row(town):
    sheet = checked("venues", book(VENUES, shop("桥头小卖部"), shop("桥头小卖部")))
    assert [(one["row"], one["code"], one["values"]) for one in sheet.problems] == [(3, "name_twice", {"row": 2})]


def test_a_name_that_is_taken_says_its_code(town):
    there = town.venue("禾丰粮油加工厂")
    sheet = checked("venues", book(VENUES, shop(there.zh, area=there.area.zh, 地址="新地址")))
    assert [(one["code"], one["values"]) for one in sheet.problems] == [("name_taken", {"code": there.code})]


def test_the_same_file_again_changes_nothing(town, clerk):
    rows = [shop("桥头小卖部"), shop("桥尾小卖部")]
    imported("venues", book(VENUES, *rows), clerk)
    again = checked("venues", book(VENUES, *rows))
    assert (again.new, again.changed, again.same, again.problems) == (0, 0, 2, [])


def test_a_code_changes_the_place_it_hangs_at(town, clerk):
    there = town.venue("禾丰粮油加工厂")
    kind = load_pack().name("venue_kind", there.venue_kind)
    typed = f"{there.code[:4].lower()} {there.code[4:].lower()}"
    sheet = imported(
        "venues", book(VENUES, shop(there.zh, area=there.area.zh, kind=kind, 编号=typed, 地址="桥头 3 号")), clerk
    )
    assert (sheet.new, sheet.changed) == (0, 1)
    assert db.session.get(Venue, there.id, populate_existing=True).address == "桥头 3 号"


def test_an_import_is_taken_back_whole(town, clerk):
    before = db.session.scalar(select(func.count(Venue.id))), db.session.scalar(select(func.count(VenueCode.id)))
    sheet = imported("venues", book(VENUES, shop("桥头小卖部"), shop("桥尾小卖部")), clerk)
    assert taken_back(sheet, clerk) == []
    assert (
        db.session.scalar(select(func.count(Venue.id))),
        db.session.scalar(select(func.count(VenueCode.id))),
    ) == before


def test_what_somebody_used_meanwhile_stays_and_is_named(town, clerk):
    sheet = imported("venues", book(VENUES, shop("桥头小卖部"), shop("桥尾小卖部")), clerk)
    with writing() as session:
        change(session, named("桥头小卖部"), {"address": "改过了"}, clerk)
    assert taken_back(sheet, clerk) == ["桥头小卖部"]
    assert named("桥尾小卖部") is None


def test_a_place_with_equipment_or_a_scanned_poster_stays_too(town, clerk):
    sheet = imported(
        "venues", book(VENUES, *(shop(name) for name in ("桥头小卖部", "桥尾小卖部", "桥下小卖部"))), clerk
    )
    with writing() as session:
        session.add(Equipment(venue_id=named("桥头小卖部").id, kind="hydrant"))
        session.add(CodeScan(code_id=named("桥尾小卖部").codes[0].id, day=local_day(utc_now()), count=1))
    assert sorted(taken_back(sheet, clerk)) == ["桥头小卖部", "桥尾小卖部"]
    assert named("桥下小卖部") is None


def test_a_week_that_was_edited_since_stays(town, clerk):
    unit, year = town.units["liuxi"], max(db.session.scalars(select(PlanTable.year))) + 1
    sheet = imported(
        "plan", book(PLAN, [unit.zh, f"{year}-03-02", f"{year}-03-08", "柳溪村委会", "春季防火", "陈大山"]), clerk
    )
    with writing() as session:
        change(session, session.scalar(select(PlanRow).where(PlanRow.focus == "春季防火")), {"person": "赵春兰"}, clerk)
    assert taken_back(sheet, clerk) == ["春季防火"]


def test_a_sheet_of_nothing_but_bad_rows_names_the_first_five_hundred(town):
    sheet = checked("venues", book(VENUES, *(shop("", kind="什么都不是") for _ in range(400))))
    assert [one["row"] for one in sheet.problems] == [row for row in range(2, 252) for _ in range(2)]


def test_people_and_plans_have_a_most_of_their_own(town):
    rows = [["某人", "柳溪村村民委员会", "消防志愿者"]] * 5001
    assert faults("people", book(PEOPLE, *rows)) == [(0, "", "too_many")]


def test_a_changed_place_gets_its_old_values_back(town, clerk):
    there = town.venue("禾丰粮油加工厂")
    kind = load_pack().name("venue_kind", there.venue_kind)
    row = shop(there.zh, area=there.area.zh, kind=kind, 编号=there.code, 地址="桥头 3 号")
    sheet = imported("venues", book(VENUES, row), clerk)
    taken_back(sheet, clerk)
    assert db.session.get(Venue, there.id, populate_existing=True).address is None


def test_people_come_with_the_access_of_their_role_and_no_id_numbers(town, clerk):
    unit = town.units["liuxi"].zh
    imported("people", book(PEOPLE, ["赵小禾", unit, "消防志愿者", None, "高坪村"]), clerk)
    person = db.session.scalar(select(Person).where(Person.name == "赵小禾"))
    assert (person.field_role, person.access) == ("volunteer", "field")
    assert faults("people", book(PEOPLE, ["钱小禾510122199001011234", unit, "消防志愿者"])) == [
        (2, "姓名", "id_number")
    ]
    assert faults("people", book(PEOPLE, ["赵小禾", unit, "消防志愿者"])) == [(2, "姓名", "person_taken")]


def test_plan_rows_make_the_years_table(town, clerk):
    unit = town.units["liuxi"]
    year = max(db.session.scalars(select(PlanTable.year))) + 1
    rows = [[unit.zh, f"{year}-03-02", f"{year}年3月8日", "柳溪村委会、高坪村委会", "春季防火", "陈大山"],
            [unit.zh, f"{year}-03-09", f"{year}-03-15", "柳溪村委会", "用电", "陈大山"]]  # fmt: skip
    sheet = imported("plan", book(PLAN, *rows), clerk)
    table = db.session.scalar(select(PlanTable).where(PlanTable.unit_id == unit.id, PlanTable.year == year))
    assert [(row.cycle_no, row.targets, row.focus) for row in table.rows] == [
        (1, ["柳溪村委会", "高坪村委会"], "春季防火"),
        (2, ["柳溪村委会"], "用电"),
    ]
    assert checked("plan", book(PLAN, *rows)).same == 2
    rows[0][4] = "春季防火、用电"
    again = imported("plan", book(PLAN, *rows), clerk)
    assert (again.changed, again.new, table.rows[0].focus) == (1, 0, "春季防火、用电")
    assert taken_back(again, clerk) == []
    assert table.rows[0].focus == "春季防火"
    assert taken_back(sheet, clerk) == ["春季防火"]  # somebody has been at it since
    assert db.session.scalar(select(func.count(PlanRow.id)).where(PlanRow.plan_table_id == table.id)) == 1
