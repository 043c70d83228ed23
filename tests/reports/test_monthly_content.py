from dataclasses import replace
from datetime import date

import pytest

from wujin_field.periods import Span
from wujin_field.reports.content import monthly_report


def headings(section):
    return [entry.heading for entry in section.entries]


def test_the_mark_and_the_two_title_lines_name_village_and_month(month, monthly_layout):
    report = monthly_report(month(2026, 11), monthly_layout)
    assert report.mark == "附件2"
    assert report.title_lines == ("青禾镇柳溪村2026年11月", "消防宣传“五进”工作情况")


def test_a_week_heading_says_the_month_once(month, monthly_layout):
    report = monthly_report(month(2026, 11), monthly_layout)
    assert [week.heading for week in report.weeks] == [
        "一、11月第一周（11月1日—7日）",
        "二、11月第二周（11月8日—14日）",
        "三、11月第三周（11月15日—21日）",
        "四、11月第四周（11月22日—28日）",
        "五、11月第五周（11月29日—30日）",
    ]


def test_a_week_of_one_day_is_no_range(month, monthly_layout):
    weeks = monthly_report(month(2026, 8), monthly_layout).weeks
    assert weeks[0].heading == "一、8月第一周（8月1日）"
    assert weeks[5].heading == "六、8月第六周（8月30日—31日）"


def test_entry_numbers_run_on_through_the_month(month, monthly_layout, outing):
    days = ["02", "04", "09", "11", "16", "18", "23", "25"]
    facts = month(2026, 11, activities=tuple(outing(f"2026-11-{day}", text=day) for day in days))
    first, second, third, fourth, _ = monthly_report(facts, monthly_layout).weeks
    assert headings(first) == ["（一）消防宣传进企业（02）", "（二）消防宣传进企业（04）"]
    assert headings(second) == ["（三）消防宣传进企业（09）", "（四）消防宣传进企业（11）"]
    assert [entry.number for entry in third.entries + fourth.entries] == [5, 6, 7, 8]
    assert headings(fourth)[-1] == "（八）消防宣传进企业（25）"


def test_entries_stand_by_day_then_by_id(month, monthly_layout, outing):
    told = (
        outing("2026-11-05", text="三"),
        outing("2026-11-03", text="二", named="b"),
        outing("2026-11-03", text="一", named="a"),
    )
    week = monthly_report(month(2026, 11, activities=told), monthly_layout).weeks[0]
    assert headings(week) == ["（一）消防宣传进企业（一）", "（二）消防宣传进企业（二）", "（三）消防宣传进企业（三）"]


def test_an_activity_is_one_entry_however_many_pictures(month, monthly_layout, outing):
    facts = month(2026, 11, activities=(outing("2026-11-03", pictures=36),))
    assert sum(len(week.entries) for week in monthly_report(facts, monthly_layout).weeks) == 1


def test_the_first_three_pictures_are_shown_in_their_order(month, monthly_layout, outing):
    facts = month(2026, 11, activities=(outing("2026-11-03", pictures=5, named="a"),))
    pictures = list(monthly_report(facts, monthly_layout).pictures)
    assert [(p.label, p.sha256) for p in pictures] == [("图片1", "a/1"), ("图片2", "a/2"), ("图片3", "a/3")]
    assert pictures[1].missing == "图片2（照片缺失）"


def test_how_many_pictures_is_data(month, monthly_layout, outing):
    facts = month(2026, 11, activities=(outing("2026-11-03", pictures=5),))
    report = monthly_report(facts, {**monthly_layout, "photos_per_entry_expected": 4})
    assert [picture.label for picture in report.pictures] == ["图片1", "图片2", "图片3", "图片4"]


def test_a_week_without_activity_says_so(month, monthly_layout, outing):
    first, second, *_ = monthly_report(month(2026, 11, activities=(outing("2026-11-03"),)), monthly_layout).weeks
    assert (first.empty, first.note) == ("", "")
    assert (second.empty, second.entries) == ("本周无活动", ())


def test_an_entry_without_text_has_no_empty_brackets(month, monthly_layout, outing):
    week = monthly_report(month(2026, 11, activities=(outing("2026-11-03", "学校", " 　\n"),)), monthly_layout).weeks[0]
    assert headings(week) == ["（一）消防宣传进学校"]


def test_a_text_of_many_lines_becomes_one(month, monthly_layout, outing):
    told = outing("2026-11-03", text="讲解\n  演示{1}%s\r\n")
    assert headings(monthly_report(month(2026, 11, activities=(told,)), monthly_layout).weeks[0]) == [
        "（一）消防宣传进企业（讲解 演示{1}%s）"
    ]


def test_days_after_the_due_day_wait_for_the_next_month(month, monthly_layout, outing):
    told = (outing("2026-11-28", text="按时"), outing("2026-11-29", text="以后"))
    report = monthly_report(month(2026, 11, activities=told), monthly_layout)
    assert headings(report.weeks[3]) == ["（一）消防宣传进企业（按时）"]
    assert report.weeks[4].entries == ()


def test_a_week_wholly_after_the_due_day_keeps_its_heading_and_is_not_called_empty(month, monthly_layout):
    last = monthly_report(month(2026, 11), monthly_layout).weeks[-1]
    assert last.heading == "五、11月第五周（11月29日—30日）"
    assert (last.empty, last.note) == ("", "28日以后的活动列入下月补报")


def test_a_week_partly_after_the_due_day_prints_its_days_in_time_and_the_note(month, monthly_layout, outing):
    told = (outing("2026-10-28", text="按时"), outing("2026-10-29", text="以后"))
    last = monthly_report(month(2026, 10, activities=told), monthly_layout).weeks[-1]
    assert headings(last) == ["（一）消防宣传进企业（按时）"]
    assert (last.empty, last.note) == ("", "28日以后的活动列入下月补报")


def test_a_week_partly_after_the_due_day_is_empty_only_until_then(month, monthly_layout, outing):
    last = monthly_report(month(2026, 10, activities=(outing("2026-10-30"),)), monthly_layout).weeks[-1]
    assert (last.empty, last.note) == ("本周截至28日无活动", "28日以后的活动列入下月补报")


def test_a_month_that_ends_on_the_due_day_needs_no_note(month, monthly_layout):
    assert not any(week.note for week in monthly_report(month(2026, 2), monthly_layout).weeks)


def test_what_was_carried_over_follows_the_weeks_and_numbers_on(month, monthly_layout, outing):
    facts = month(
        2026,
        11,
        activities=(outing("2026-11-03"),),
        carried=(outing("2026-10-31", text="二"), outing("2026-10-29", text="一")),
        carried_span=Span(date(2026, 10, 29), date(2026, 10, 31)),
    )
    report = monthly_report(facts, monthly_layout)
    assert report.carried.heading == "上月补报（10月29日—31日）"
    assert headings(report.carried) == ["（二）消防宣传进企业（一）", "（三）消防宣传进企业（二）"]
    assert report.sections[-1] is report.carried


def test_one_carried_day_is_no_range(month, monthly_layout, outing):
    span = Span(date(2028, 2, 29), date(2028, 2, 29))
    facts = month(2028, 3, carried=(outing("2028-02-29"),), carried_span=span)
    assert monthly_report(facts, monthly_layout).carried.heading == "上月补报（2月29日）"


def test_nothing_carried_over_is_no_section(month, monthly_layout):
    span = Span(date(2026, 10, 29), date(2026, 10, 31))
    assert monthly_report(month(2026, 11, carried_span=span), monthly_layout).carried is None


def test_every_activity_prints_in_exactly_one_of_two_months(month, monthly_layout, outing):
    october = tuple(outing(f"2026-10-{day:02}", text=f"{day:02}日") for day in range(1, 32))
    late = tuple(activity for activity in october if activity.day.day > 28)
    reports = [
        monthly_report(month(2026, 10, activities=october), monthly_layout),
        monthly_report(month(2026, 11, carried=late), monthly_layout),
    ]
    printed = [entry.heading for report in reports for section in report.sections for entry in section.entries]
    assert [heading[-4:-1] for heading in printed] == [f"{day:02}日" for day in range(1, 32)]


def test_an_activity_of_another_month_is_refused_rather_than_lost(month, monthly_layout, outing):
    with pytest.raises(ValueError, match="2026-12-01"):
        monthly_report(month(2026, 11, activities=(outing("2026-12-01"),)), monthly_layout)


def test_weeks_that_leave_a_day_out_are_refused(month, monthly_layout):
    facts = month(2026, 11)
    with pytest.raises(ValueError, match="do not cover 2026-11"):
        monthly_report(replace(facts, weeks=facts.weeks[1:]), monthly_layout)


def test_the_footer_says_who_wrote_who_checked_and_when(month, monthly_layout):
    facts = month(2026, 11, person="周敏", reviewer="李国强", submitted_on=date(2026, 11, 27))
    assert monthly_report(facts, monthly_layout).footer == "填报：周敏　审核：李国强　报送日期：2026年11月27日"


def test_what_is_not_known_yet_is_left_to_be_written_by_hand(month, monthly_layout):
    assert (
        monthly_report(month(2026, 11), monthly_layout).footer == "填报：　　　　审核：　　　　报送日期：　　年　月　日"
    )


def test_only_a_public_paper_says_so(month, monthly_layout):
    assert monthly_report(month(2026, 11), monthly_layout).closing == "（此件公开发布）"
    assert monthly_report(month(2026, 11, public=False), monthly_layout).closing == ""
