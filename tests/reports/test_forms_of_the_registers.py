"""The work and case forms are filled from the register, not typed a second time (R200, R203, R204)."""

from datetime import date

import pytest

from wujin_field.db import db, writing
from wujin_field.domain import load_pack
from wujin_field.figures import tallies
from wujin_field.models import RegisterEntry, Unit
from wujin_field.reports.ask import Ask
from wujin_field.reports.kinds import case_form, half_year_table, work_form
from wujin_field.reports.paper import Table

WORK = {
    "work_type": "poster",
    "topic": ["winter_heating"],
    "origin": "own",
    "summary": "给老人看的大字海报",
    "rights": "自绘，无人像",
}
CASE = {
    "place_type": "household",
    "where": "柳溪村三组",
    "problem": "灶口堆柴",
    "way": "一户一户看",
    "result": "改好17处",
}


@pytest.fixture
def liuxi(town):
    tallies.up_to_date(load_pack())
    yield Desk(town)
    db.session.rollback()


class Desk:
    def __init__(self, town):
        self.town = town

    def keep(self, kind, title, day, values, state="accepted", unit="liuxi"):
        with writing() as session:
            entry = RegisterEntry(
                kind=kind, unit_id=self.town.units[unit].id, title=title, day=day, values=values, state=state
            )
            entry.author_id = self.town.person("何敏").id
            session.add(entry)
            session.flush()
            return entry.id

    def form(self, module, kind, period="2024", about="", unit="liuxi"):
        whose = db.session.query(Unit).filter_by(code=unit).one()
        made = module.paper(Ask(db.session(), load_pack(), kind, whose, period, about=about))
        return made, next(block for block in made.blocks if isinstance(block, Table))


def test_the_newest_work_of_the_year_fills_the_form(liuxi):
    liuxi.keep("work_submission", "旧海报", date(2024, 3, 1), WORK)
    liuxi.keep("work_submission", "三句话", date(2024, 5, 1), WORK)
    rows = dict(liuxi.form(work_form, "work_form")[1].rows)
    assert rows["作品名称"] == "三句话"
    assert "■海报" in rows["作品类型"] and "□短视频" in rows["作品类型"]
    assert rows["作品简介（200字内）"] == "给老人看的大字海报"
    assert rows["原创或转载"] == "原创"


def test_one_work_is_asked_for_by_itself_and_nobody_else_s_is_found(liuxi):
    old = liuxi.keep("work_submission", "旧海报", date(2023, 3, 1), WORK)
    theirs = liuxi.keep("work_submission", "别村的", date(2024, 3, 1), WORK, unit="shiqiao")
    assert dict(liuxi.form(work_form, "work_form", about=old)[1].rows)["作品名称"] == "旧海报"
    assert dict(liuxi.form(work_form, "work_form", about=theirs)[1].rows)["作品名称"] == ""


def test_without_an_entry_the_form_is_there_for_a_pen(liuxi):
    rows = dict(liuxi.form(work_form, "work_form")[1].rows)
    assert rows["报送单位"] == "柳溪村村民委员会" and rows["作品名称"] == "" and "■" not in rows["作品类型"]


def test_a_case_is_told_in_its_own_words(liuxi):
    liuxi.keep("case_submission", "院落会", date(2024, 5, 1), CASE)
    rows = dict(liuxi.form(case_form, "case_form")[1].rows)
    assert (rows["案例名称"], rows["主要做法"], rows["成效（数据）"]) == ("院落会", "一户一户看", "改好17处")
    assert f"■{load_pack().name('place_type', 'household')}" in rows["五进类别"]


def test_the_half_year_table_counts_works_cases_and_pilots_of_all_below(liuxi):
    liuxi.keep("work_submission", "三句话", date(2024, 5, 1), WORK, state="submitted")
    liuxi.keep("work_submission", "还在写", date(2024, 5, 1), WORK, state="draft")
    liuxi.keep("demonstration_site", "宣传室", date(2024, 2, 1), {"place_type": "village"}, state="cultivating")
    made, table = liuxi.form(half_year_table, "half_year_table", period="2024-H1", unit="station")
    pilots = {row[0]: row[-1] for row in table.rows}
    assert sum(value for name, value in pilots.items() if name != "合计") == pilots["合计"] == 1
    assert pilots[load_pack().name("place_type", "village")] == 1
    below = next(block.text for block in made.blocks if "作品" in getattr(block, "text", ""))
    assert "作品" in below and "1" in below
