"""A plan is written where it stands: weeks as typed, copied, filled, cancelled, undone; activities find their rows."""

import re
from datetime import UTC, date, datetime
from importlib import import_module
from io import BytesIO

import pytest
from sqlalchemy import select
from test_figures import Desk

from wujin_field.db import db
from wujin_field.domain import load_pack
from wujin_field.models import PlanRow, PlanTable, Unit
from wujin_field.reports.gather import plan_facts
from wujin_field.reports.kinds import KINDS, Ask
from wujin_field.reports.superior import fields_of
from wujin_field.sheets import check

NOW = datetime(2026, 11, 4, 2, tzinfo=UTC)


class Plan(Desk):
    """柳溪村's empty plan of 2027, in 赵春兰's hands."""

    def __init__(self, app):
        super().__init__(app)
        self.clerk = self.as_("赵春兰")
        answer = self.clerk.post("/station/plans", data={"unit": "liuxi", "year": "2027", "kind": "fire"})
        self.page = answer.headers["Location"]

    def rows(self, year=2027, unit="liuxi"):
        with self.app.app_context():
            rows = select(PlanRow).join(PlanTable).join(Unit).where(PlanTable.year == year, Unit.code == unit)
            return list(db.session.scalars(rows.order_by(PlanRow.first_day)))

    def post(self, path, **data):
        return self.clerk.post(f"{self.page}{path}", data=data)

    def fill(self, month="2027-03", pattern="村民小组\n学校", **more):
        return self.post("/fill", month=month, pattern=pattern, person="赵春兰", **more)


@pytest.fixture
def plan(app, monkeypatch):
    for name in ("week", "activities", "plan", "plans"):
        monkeypatch.setattr(import_module(f"wujin_field.web.station.{name}"), "utc_now", lambda: NOW)
    return Plan(app)


def typed(row, **changes):
    told = {"first_day": row.first_day, "last_day": row.last_day, "targets": "、".join(row.targets), "focus": row.focus,
            "person": row.person, "seen": row.revision}  # fmt: skip
    return told | changes


def test_a_month_is_filled_from_a_pattern_in_turn(plan):
    plan.fill()
    rows = plan.rows()
    assert [(row.first_day.day, row.last_day.day) for row in rows] == [(1, 6), (7, 13), (14, 20), (21, 27), (28, 31)]
    assert [row.focus for row in rows] == ["村民小组", "学校", "村民小组", "学校", "村民小组"]
    assert [row.cycle_no for row in rows] == [1, 2, 3, 4, 5]


def test_a_week_may_begin_on_monday_and_filling_again_adds_nothing(plan):
    plan.fill(week_start="monday")
    assert [row.first_day.day for row in plan.rows()] == [1, 8, 15, 22, 29]
    plan.fill(week_start="monday")
    assert len(plan.rows()) == 5


def test_r168_a_row_may_have_six_days_or_cross_a_months_end(plan):
    plan.fill()
    row = plan.rows()[-1]
    assert (
        plan.post(f"/rows/{row.id}", **typed(row, last_day="2027-04-03", targets="柳溪村委会、石桥村委会")).status_code
        == 302
    )
    changed = plan.rows()[-1]
    assert changed.last_day == date(2027, 4, 3)
    assert changed.targets == ["柳溪村委会", "石桥村委会"]


@pytest.mark.parametrize(("field", "value"), [("last_day", "2027-02-01"), ("first_day", "x"), ("targets", " 、 ")])
def test_what_cannot_be_is_said_at_its_field_and_not_saved(plan, field, value):
    plan.fill()
    row = plan.rows()[0]
    answer = plan.post(f"/rows/{row.id}", **typed(row, **{field: value}))
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert plan.rows()[0].revision == row.revision


def test_copying_takes_last_months_rows_onto_this_months_weeks_and_one_undo_takes_them_back(plan):
    plan.fill()
    plan.post("/copy", month="2027-04")
    april = [row for row in plan.rows() if row.first_day.month == 4]
    assert [row.focus for row in april] == ["村民小组", "学校", "村民小组", "学校", "村民小组"]
    assert "照抄了上个月" in plan.clerk.get(plan.page).text
    plan.post("/undo")
    assert [row.first_day.month for row in plan.rows()] == [3] * 5


def test_undo_goes_back_step_by_step(plan):
    plan.fill()
    row = plan.rows()[0]
    plan.post(f"/rows/{row.id}", **typed(row, focus="第一次"))
    plan.post(f"/rows/{row.id}", **typed(plan.rows()[0], focus="第二次"))
    plan.post("/undo")
    assert plan.rows()[0].focus == "第一次"
    plan.post("/undo")
    assert plan.rows()[0].focus == "村民小组"
    plan.post("/undo")
    assert plan.rows() == []


def test_a_row_is_cancelled_with_a_reason_and_restored(plan):
    plan.fill()
    row = plan.rows()[0]
    assert plan.post(f"/rows/{row.id}/cancel", reason=" ").status_code == 422
    plan.post(f"/rows/{row.id}/cancel", reason="汛期停办")
    assert plan.rows()[0].cancelled_reason == "汛期停办"
    assert "汛期停办" in plan.clerk.get(plan.page).text
    plan.post(f"/rows/{row.id}/cancel")
    assert plan.rows()[0].cancelled_reason is None


def test_the_second_of_two_clerks_is_told(plan):
    plan.fill()
    row = plan.rows()[0]
    plan.post(f"/rows/{row.id}", **typed(row, focus="我先"))
    answer = plan.post(f"/rows/{row.id}", **typed(row, focus="我后"))
    assert answer.status_code == 409
    assert "有人改过" in answer.text
    assert plan.rows()[0].focus == "我先"


def test_htmx_gets_the_rows_alone(plan):
    plan.fill()
    row = plan.rows()[0]
    piece = plan.clerk.get(f"{plan.page}?edit={row.id}", headers={"HX-Request": "true"}).text
    assert "<html" not in piece
    assert f'value="{row.first_day}"' in piece


def test_an_activity_finds_the_row_of_its_week_and_a_tap_corrects_it(plan):
    activity = plan.out("柳溪小学")
    with plan.app.app_context():
        mine = select(PlanTable.id).join(Unit).where(PlanTable.year == 2026, Unit.code == "liuxi")
        page = f"/station/plans/{db.session.scalar(mine)}"
    first = next(row for row in plan.rows(2026) if row.first_day <= date(2026, 11, 4) <= row.last_day)
    other = next(row for row in plan.rows(2026) if row.first_day > date(2026, 11, 8))
    assert f"/station/activities/{activity}" in row_of(plan.clerk.get(page).text, first.id)
    plan.clerk.post(f"{page}/links", data={"activity": activity, "row": other.id})
    text = plan.clerk.get(page).text
    assert "人选的" in row_of(text, other.id)
    assert activity not in row_of(text, first.id)
    plan.clerk.post(f"{page}/links", data={"activity": activity, "row": "none"})
    assert "没有对上计划的活动，1 场" in plan.clerk.get(page).text
    plan.clerk.post(f"{page}/links", data={"activity": activity, "row": "rule"})
    assert "自动对上的" in row_of(plan.clerk.get(page).text, first.id)


def test_states_follow_from_what_was_done(plan):
    plan.out("柳溪小学")
    text = plan.clerk.get("/station/plans?year=2026").text
    assert "做了" in text
    assert "计划中" in text
    assert "没做" in text  # last month's weeks


def test_nobody_writes_in_a_neighbours_plan(plan):
    theirs = plan.as_("何敏").post("/station/plans", data={"unit": "shiqiao", "year": "2027", "kind": "fire"})
    page = theirs.headers["Location"]
    assert plan.clerk.get(page).status_code == 404
    assert plan.clerk.post(f"{page}/rows").status_code == 404
    assert plan.clerk.post("/station/plans", data={"unit": "shiqiao", "year": "2028"}).status_code == 404


def test_r044_a_forest_plan_stands_beside_the_fire_plan(plan):
    plan.clerk.post("/station/plans", data={"unit": "liuxi", "year": "2027", "kind": "forest"})
    assert len(re.findall("编写计划", plan.clerk.get("/station/plans?year=2027&kind=forest").text)) == 1


def test_r159_sent_in_with_both_receipts(plan):
    plan.fill()
    plan.post("/send")
    plan.post("/send", paper_at="1")
    plan.post("/send", electronic_at="1")
    with plan.app.app_context():
        table = db.session.scalar(select(PlanTable).join(Unit).where(PlanTable.year == 2027, Unit.code == "liuxi"))
        assert table.submitted_at
        assert table.paper_at == table.electronic_at == date(2026, 11, 4)


def row_of(text, row_id):
    return text.split(f'id="row-{row_id}"')[1].split("</li>")[0]


def test_a_plan_that_went_out_as_xlsx_comes_back_in_without_a_change(plan):
    plan.fill()
    plan.clerk.post("/station/plans", data={"unit": "liuxi", "year": "2027", "kind": "forest"})
    body = plan.clerk.get("/station/plans/export.xlsx?year=2027&kind=fire").data
    with plan.app.app_context():
        read = check(db.session(), load_pack(), "plan", BytesIO(body), "计划.xlsx", "", None)
    assert (read.same, read.new, read.changed, read.problems) == (5, 0, 0, [])
    assert "export.xlsx?year=2027" in plan.clerk.get("/station/plans?year=2027").text


def test_a_village_takes_its_own_plan_along_and_no_neighbours(plan):
    own = plan.clerk.get("/station/plans/export.xlsx?year=2026").data
    with plan.app.app_context():
        read = check(db.session(), load_pack(), "plan", BytesIO(own), "计划.xlsx", "anhe/qinghe/liuxi/", None)
    assert read.problems == []
    assert read.same > 3


def test_r043_plans_of_every_kind_stand_beside_each_other(plan):
    plan.clerk.post("/station/plans", data={"unit": "liuxi", "year": "2027", "kind": "safety"})
    page = plan.clerk.get("/station/plans?year=2027&kind=").text
    assert "柳溪村村民委员会 · 消防" in page
    assert "柳溪村村民委员会 · 安全生产" in page


def test_the_paper_that_a_plan_follows_is_written_on_its_page_and_fills_a_superiors_form(plan):
    plan.fill()
    plan.post("/basis", basis_doc="青禾府发〔2027〕3号")
    assert 'value="青禾府发〔2027〕3号"' in plan.clerk.get(plan.page).text
    assert "青禾府发〔2027〕3号" in plan.clerk.get("/station/plans?year=2027").text
    with plan.app.app_context():
        unit = db.session.scalar(select(Unit).where(Unit.code == "liuxi"))
        paper = KINDS["annex1_plan"](Ask(db.session(), load_pack(), "annex1_plan", unit, "2027"))
    assert fields_of(paper)["依据"] == "青禾府发〔2027〕3号"


def test_annex_1_is_the_fire_plan_whatever_other_plans_there_are(plan):
    plan.clerk.post("/station/plans", data={"unit": "liuxi", "year": "2027", "kind": "forest"})
    plan.fill()
    with plan.app.app_context():
        unit = db.session.scalar(select(Unit).where(Unit.code == "liuxi"))
        assert len(plan_facts(db.session(), unit, 2027).rows) == 5
