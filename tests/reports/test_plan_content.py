from datetime import date

from wujin_field.reports.content import plan_table
from wujin_field.reports.facts import PlanFacts, PlanRowFact


def plan(layout, *rows):
    return plan_table(PlanFacts("青禾镇", "柳溪村", 2023, rows), layout)


def row(number=1, first=(2023, 5, 1), last=(2023, 5, 6), targets=("柳溪社区", "东河村委会"), focus="柳溪小学……"):
    return PlanRowFact(number, date(*first), date(*last), targets, focus, "周敏")


def test_the_mark_and_the_two_title_lines_name_village_and_year(plan_layout):
    table = plan(plan_layout)
    assert table.mark == "附件1"
    assert table.title_lines == ("青禾镇柳溪村2023年消防宣传", "“五进”计划表")


def test_the_four_columns_stand_in_the_order_of_the_form(plan_layout):
    assert plan(plan_layout).columns == ("活动周期", "计划“五进”村社", "宣传重点", "负责人")


def test_a_row_has_its_week_in_two_lines_and_its_targets_in_one_cell(plan_layout):
    assert plan(plan_layout, row()).rows[0] == ("第一周\n（5月1-6日）", "柳溪社区、东河村委会", "柳溪小学……", "周敏")


def test_a_week_over_two_months_names_both(plan_layout):
    table = plan(plan_layout, row(18, (2023, 12, 31), (2024, 1, 6)))
    assert table.rows[0][0] == "第十八周\n（12月31日-1月6日）"


def test_a_week_of_one_day_is_no_range(plan_layout):
    assert plan(plan_layout, row(1, (2023, 5, 6))).rows[0][0] == "第一周\n（5月6日）"


def test_a_short_plan_is_filled_up_with_empty_rows(plan_layout):
    rows = plan(plan_layout, row()).rows
    assert len(rows) == plan_layout["rows_min"]
    assert rows[1:] == (("",) * 4,) * 3


def test_a_whole_year_of_weeks_is_printed_whole(plan_layout):
    table = plan(plan_layout, *(row(number) for number in range(1, 54)))
    assert len(table.rows) == 53
    assert table.rows[52][0].startswith("第五十三周\n")


def test_the_order_of_the_columns_is_data(plan_layout):
    turned = {**plan_layout, "columns": plan_layout["columns"][::-1]}
    assert plan(turned, row()).rows[0][0] == "周敏"
