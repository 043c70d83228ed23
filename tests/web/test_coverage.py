"""Where nobody was, what is due and who has not sent it, a calendar under a secret address, campaigns with what was done."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from importlib import import_module

import pytest
from test_figures import NOW, Desk

from wujin_field.db import db, writing
from wujin_field.domain import load_pack
from wujin_field.figures.deadlines import dues_of_year, standings
from wujin_field.figures.quotas import lines_of
from wujin_field.figures.tallies import up_to_date
from wujin_field.models import Unit
from wujin_field.models.amendments import begin_draft, publish


@pytest.fixture
def desk(app, monkeypatch):
    for name in ("week", "activities", "calendar", "coverage", "campaigns"):
        monkeypatch.setattr(import_module(f"wujin_field.web.station.{name}"), "utc_now", lambda: NOW)
    monkeypatch.setattr(import_module("wujin_field.web.public.feed"), "utc_now", lambda: NOW)
    return Desk(app)


def section(page, name):
    return page.split(f'id="{name}"')[1].split("</section>")[0]


def test_r074_what_had_nothing_for_days_is_named(desk):
    desk.out("柳溪小学")
    blind = section(desk.as_("何敏").get("/station/coverage").text, "blind")
    assert "10 个村（社区）30 天没有活动" in blind
    assert "石桥村" in blind
    assert "柳溪村" not in blind.split("没有活动：")[1].split("<")[0]


def test_r073_a_focus_group_that_was_not_reached_is_named(desk):
    desk.out("柳溪小学", audiences={"elder_alone": 3})
    blind = section(desk.as_("何敏").get("/station/coverage").text, "blind")
    assert "未成年人" in blind
    assert "留守独居老人" not in blind


def test_r080_what_reached_whom_is_counted(desk):
    desk.out("柳溪小学", asked={"by_channel": {"leaflet": ["minor", "farmer"]}})
    desk.out("柳溪小学", asked={"by_channel": {"leaflet": ["minor"], "loudspeaker": ["elder_alone"]}})
    ways = re.sub(r"<[^>]+>", "", section(desk.as_("何敏").get("/station/coverage").text, "ways"))
    assert "宣传单、资料未成年人 2、农民 1" in ways
    assert "农村大喇叭留守独居老人 1" in ways


def test_r121_every_trade_says_how_many_of_how_many(desk):
    desk.out("禾丰粮油加工厂")
    kinds = section(desk.as_("何敏").get("/station/coverage").text, "kinds")
    workshop = kinds.split("小生产加工企业（作坊）")[1].split("</tr>")[0]
    assert "1/" in workshop
    assert kinds.index("临街门面") < kinds.index("仓库")  # focus first (R126)


def test_r205_a_group_is_reached_by_a_visit_to_one_of_its_homes(desk):
    desk.out("三组12户")
    areas = section(desk.as_("何敏").get("/station/coverage").text, "areas")
    assert "去过" in areas.split("三组")[1].split("</tr>")[0]
    assert "从来没有" in areas.split("五组")[1].split("</tr>")[0]


def test_no_home_is_drawn(desk):
    page = desk.as_("何敏").get("/station/coverage").text
    drawing = page.split('class="gap-map"')[1].split("</svg>")[0]
    assert "柳溪小学" in drawing
    assert "12户" not in drawing


def test_a_quiet_number_of_days_may_be_chosen(desk):
    desk.out("柳溪小学", at=NOW - timedelta(days=20))
    assert "柳溪村" in section(desk.as_("何敏").get("/station/coverage?days=14").text, "blind")
    assert desk.as_("何敏").get("/station/coverage?days=x").status_code == 200


def test_r070_registrations_run_on(desk):
    desk.out("柳溪小学", registrations=12)
    desk.out("柳溪院落", at=NOW - timedelta(days=40), registrations=5)
    assert "17" in section(desk.as_("何敏").get("/station/coverage").text, "registered")


def test_r160_who_has_not_sent_the_month_and_the_words_to_remind_them(desk):
    desk.out("柳溪小学", at=NOW - timedelta(days=40))
    page = desk.as_("何敏").get("/station/calendar").text
    november = page.split('id="monthly_report-2026-11"')[1].split("</details>")[0]
    assert "请于11月28日前报送" not in november  # ten days before is early enough
    later = page.split('id="monthly_report-2026-10"')[1].split("</details>")[0]
    assert "百合社区：请于10月28日前报送" in later


def test_r115_paper_and_file_have_a_day_each_and_the_first_counts(desk):
    desk.out("柳溪小学", at=NOW - timedelta(days=40))
    clerk, told = desk.as_("何敏"), {"unit": "baihe", "deadline": "monthly_report", "period": "2026-10"}
    clerk.post("/station/calendar/receipts", data=told | {"way": "paper", "day": "2026-10-27"})
    clerk.post("/station/calendar/receipts", data=told | {"way": "electronic"})
    clerk.post("/station/calendar/receipts", data=told | {"way": "paper", "day": "2026-11-03"})
    october = clerk.get("/station/calendar").text.split('id="monthly_report-2026-10"')[1]
    line = october.split("百合社区居民委员会")[1].split("</li>")[0]
    assert "按时" in line
    assert "纸质 10月27日" in line
    assert "电子 11月04日" in line


def test_a_village_notes_no_receipt_of_its_own(desk):
    told = {"unit": "liuxi", "deadline": "monthly_report", "period": "2026-10", "way": "paper"}
    assert desk.as_("赵春兰").post("/station/calendar/receipts", data=told).status_code == 403


def test_r161_no_red_marks_for_months_before_anybody_worked_with_it(desk):
    desk.out("柳溪小学")
    assert 'id="monthly_report-2026-10"' not in desk.as_("何敏").get("/station/calendar").text


def test_the_calendar_is_subscribed_to_under_a_secret_address_that_can_be_changed(desk):
    clerk, stranger = desk.as_("赵春兰"), desk.app.test_client()
    addresses = [
        re.search(r'value="http://localhost(/calendar/[^"]+)"', clerk.post("/station/calendar/feed").text)[1]
        for _ in range(2)
    ]
    assert stranger.get(addresses[0]).status_code == 404
    answer = stranger.get(addresses[1])
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert "截止：月度工作情况（附件2） 2026-11" in answer.text.replace("\r\n ", "")
    assert "全国消防日" in answer.text
    assert "陈大山" not in answer.text
    assert stranger.get("/calendar/nobody.ics").status_code == 404


def test_r131_a_september_activity_counts_in_both_stages_of_the_paper_and_once_in_all(desk):
    desk.out("柳溪小学", at=datetime(2026, 9, 15, 2, tzinfo=UTC))
    clerk = desk.as_("何敏")
    page = re.search(
        r'href="(/station/campaigns/[^"]+)"><strong>青禾镇消防工作站', clerk.get("/station/campaigns").text
    )[1]
    text = clerk.get(page).text
    stages = section(text, "stage")
    assert stages.count("1 场") == 2
    assert re.search(r'big-number"[^>]*>1 场', text)


def test_a_line_without_its_words_is_not_taken(desk):
    clerk = desk.as_("何敏")
    page = re.search(r'href="(/station/campaigns/[^"]+)"><strong>消防宣传月', clerk.get("/station/campaigns").text)[1]
    for kind in ("stage", "item", "deadline", "quota"):
        assert clerk.post(f"{page}/lines", data={"kind": kind}).status_code == 422, kind
    assert clerk.post(f"{page}/lines", data={"kind": "nothing"}).status_code == 404


def test_a_village_reads_the_stations_paper_and_writes_nothing_in_it(desk):
    village = desk.as_("赵春兰")
    page = re.search(r'href="(/station/campaigns/[0-9a-f-]{36})"', village.get("/station/campaigns").text)[1]
    assert village.get(page).status_code == 200
    assert village.post(f"{page}/lines", data={"kind": "item", "text": "x"}).status_code == 403


def test_r075_how_far_the_plan_came_level_by_level(desk):
    desk.out("柳溪小学")
    levels = section(desk.as_("何敏").get("/station/coverage").text, "levels")
    numbers = re.findall(r'class="number">(\d+)', levels.split("柳溪村")[1].split("</tr>")[0])
    planned, sent_down, done, verified = map(int, numbers)
    assert planned == sent_down >= 4
    assert (done, verified) == (1, 0)


def test_r076_the_station_and_the_departments_stand_side_by_side(desk):
    desk.out("柳溪小学")
    departments = section(desk.as_("何敏").get("/station/coverage").text, "departments")
    assert ">1<" in departments.split("青禾镇消防工作站")[1].split("</tr>")[0]
    assert ">0<" in departments.split("百合苑物业服务中心")[1].split("</tr>")[0]


def test_r084_the_theme_of_the_year_and_the_level_are_typed(desk):
    clerk = desk.as_("何敏")
    told = {"zh": "安全生产月", "first_day": "2026-06-01", "last_day": "2026-06-30", "theme": "人人讲安全", "level": "county",
            "organisers": ["station", "baihe-property"], "code": "safety_month"}  # fmt: skip
    page = clerk.get(clerk.post("/station/campaigns", data=told).headers["Location"]).text
    assert "人人讲安全" in page
    assert "县级" in page
    assert "联合" in page


def test_a_campaign_that_ends_before_it_begins_is_not_taken(desk):
    told = {"zh": "倒着的", "first_day": "2026-06-30", "last_day": "2026-06-01"}
    assert desk.as_("何敏").post("/station/campaigns", data=told).status_code == 422


def test_r026_r109_a_joint_campaign_says_who_took_part_and_counts_the_same_activity_once(desk):
    clerk, told = (
        desk.as_("何敏"),
        {"zh": "冬季行动", "first_day": "2026-11-01", "last_day": "2026-11-30", "tag": "清楼道"},
    )
    page = clerk.post("/station/campaigns", data=told | {"organisers": ["liuxi", "shiqiao"]}).headers["Location"]
    both = {"organisers": [desk.town.units["shiqiao"].id], "people": 6, "channels": {"leaflet": 8}}
    desk.out("柳溪小学", "柳溪院落", **both)
    desk.out("柳溪小学", people=4, channels={"leaflet": 2, "poster": 1}, online=True, asked={"reach": 900})
    read = re.sub(r"<[^>]+>|\s+", " ", clerk.get(page).text)
    out = clerk.get("/station/campaigns/list.csv").text
    assert "冬季行动,2026-11-01,2026-11-30,,清楼道,,柳溪村村民委员会、石桥村村民委员会,2,0,1,3,10,10" in out
    read = re.sub(" +", " ", read)
    assert "#清楼道#" in read
    assert "2 场 已核 0 · 线上 1 场" in read
    assert "到场人数 10 人 触达 另触达 900 人次" in read  # R110: apart, never added
    assert "柳溪村村民委员会 2 3 10 石桥村村民委员会 1 2 6 合计 2 3 10" in read
    assert re.search("宣传单、资料 10 ?、 ?海报、宣传画 1", read)


def test_r012_patrols_and_checks_are_counted_apart_by_their_occasion(desk):
    desk.out("柳溪小学", context="patrol")
    contexts = section(desk.as_("何敏").get("/station/coverage").text, "contexts")
    assert re.findall(r'number">(\d)', contexts.split("code=patrol")[1].split("</tr>")[0])[0] == "1"
    assert "巡山" in contexts  # R202: what it means stands beside it


def test_r100_a_drill_counts_once_in_every_trade_it_took_place_at(desk):
    desk.out("柳溪小学", "禾丰粮油加工厂", form="evacuation_drill")
    desk.out("柳溪小学", form="evacuation_drill")
    desk.out("百合商业广场", form="evacuation_drill")
    desk.out("三组12户", form="evacuation_drill")
    desk.out("柳溪小学")  # no drill
    drills = re.sub(r"<[^>]+>|\s+", " ", section(desk.as_("何敏").get("/station/coverage").text, "drills"))
    told = dict(re.findall(r"(\S+) +(\d+)", drills))
    assert (told["校园"], told["商场"], told["其他地方"], told["全部演练"]) == ("2", "1", "1", "4")


def test_r069_an_activity_that_serves_another_programme_is_labelled_counted_and_found(desk):
    served, other = desk.out("柳溪小学"), desk.out("柳溪院落")
    clerk, village, page = desk.as_("何敏"), desk.as_("赵春兰"), f"/station/activities/{served}"
    assert village.post(f"{page}/programmes", data={"programme": ["civilised", "no_such"]}).status_code == 303
    assert desk.as_("唐玉梅").post(f"{page}/programmes", data={"programme": "civilised"}).status_code == 404
    found = section(clerk.get("/station/coverage").text, "programmes")
    assert re.findall(r'number">(\d)', found.split("文明创建")[1].split("</tr>")[0]) == ["1", "0"]
    behind = clerk.get(unescape(re.search(r'href="([^"]*cut=programme&amp;code=civilised)"', found)[1])).text
    assert served in behind and other not in behind and "文明创建" in behind
    village.post(f"{page}/programmes", data={})
    found = section(clerk.get("/station/coverage").text, "programmes")
    assert re.findall(r'number">(\d)', found.split("文明创建")[1].split("</tr>")[0]) == ["0", "0"]


def test_r132_a_trade_that_worries_the_station_comes_first(desk):
    clerk = desk.as_("何敏")
    kinds = section(clerk.get("/station/coverage").text, "kinds")
    assert kinds.index("临街门面") < kinds.index("仓库")
    assert "不放心行业" not in kinds
    with desk.app.app_context(), writing() as session:
        warehouse = load_pack()["venue_kind"]["warehouse"] | {"worry": True}
        publish(session, [begin_draft(session, "venue_kind", "warehouse", warehouse, desk.town.person("何敏").id)])
    desk.app.extensions["living_pack"].forget()
    kinds = section(clerk.get("/station/coverage?focus=1").text, "kinds")
    assert kinds.index("仓库") < kinds.index("临街门面")
    assert "不放心行业" in kinds.split("</tr>")[1]
    page, places = clerk.get("/station/venues").text, []
    while True:
        places += re.findall(r"<strong>([^<]+)</strong>", page)
        if not (more := re.search(r'href="(/station/venues\?[^"]*after=[^"]+)"', page)):
            break
        page = clerk.get(unescape(more[1])).text
    first = [desk.town.venues[place].venue_kind == "warehouse" for place in places]
    assert first[0] and sorted(first, reverse=True) == first
    assert sorted(places) == sorted(desk.town.venues)  # each once over all pages


def test_r178_what_people_asked_for_is_listed_by_village_without_a_name(desk):
    desk.out("柳溪小学", needs="希望多讲电动车充电")
    needs = section(desk.as_("何敏").get("/station/coverage").text, "needs")
    assert "希望多讲电动车充电" in needs
    assert "柳溪村" in needs
    assert "陈大山" not in needs
    assert "希望多讲" not in desk.as_("唐玉梅").get("/station/coverage").text


def test_r179_the_focus_alone_may_be_looked_at(desk):
    page = desk.as_("何敏").get("/station/coverage?focus=1").text
    assert "临街门面" in section(page, "kinds")
    assert "仓库" not in section(page, "kinds")


def test_r188_an_online_activity_of_a_key_day_names_its_campaign_and_the_day(desk):
    at = datetime(2026, 11, 9, 2, tzinfo=UTC)
    activity = desk.out("柳溪小学", at=at, form="themed_campaign", online=True)
    page = desk.as_("何敏").get(f"/station/activities/{activity}").text
    assert "消防宣传月" in page.split("计入方案：")[1].split("</p>")[0]
    assert "消防" in page.split("这一天是：")[1].split("</p>")[0]


def test_r024_r029_campaigns_of_two_count_online_and_offline_for_all_who_are_asked(desk):
    clerk, told = desk.as_("何敏"), {"zh": "联合行动", "first_day": "2026-10-01", "last_day": "2026-11-30"}
    clerk.post("/station/campaigns", data=told | {"organisers": ["station", "baihe-property"]})
    desk.out("柳溪小学", channels={"new_media": 3}, delivery="online", online=True)
    with desk.app.app_context():
        pack = load_pack()
        up_to_date(pack)
        office = [db.session.query(Unit).filter_by(code="county-office").one()]
        online, offline = (lines_of(db.session(), pack, pack["quota"][code], office, NOW.date())[0]
                           for code in ("joint_online_campaigns", "joint_offline_campaigns"))  # fmt: skip
        assert (online.done, online.wanted) == (2, 3)  # and the fire month of the cast
        assert (offline.done, offline.wanted) == (0, 1)


def test_r177_a_social_body_is_added_and_chosen_as_organiser(desk):
    clerk = desk.as_("何敏")
    clerk.post("/station/units", data={"zh": "青禾义工协会", "unit_kind": "social_body"})
    with desk.app.app_context():
        code = db.session.query(Unit).filter_by(zh="青禾义工协会").one().code
    told = {"zh": "义工进村", "first_day": "2026-11-01", "last_day": "2026-11-30", "organisers": ["station", code]}
    page = clerk.get(clerk.post("/station/campaigns", data=told).headers["Location"]).text
    assert "青禾义工协会" in page.split("联合</span>")[0]


def test_r114_who_owes_the_campaigns_summary_of_15_july_is_named(desk):
    with desk.app.app_context(), writing() as session:
        session.query(Unit).filter_by(code="emergency").one().begun_on = datetime(2026, 1, 1, tzinfo=UTC).date()
        pack, unit = load_pack(), session.query(Unit).filter_by(code="emergency").one()
        dues = [due for due in dues_of_year(pack, 2026) if due.code == "safety_month_summary"]
        [line] = standings(session, pack, dues, [unit])
        assert (f"{line.due.due}", line.state(NOW.date())) == ("2026-07-15", "overdue")
