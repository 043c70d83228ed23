"""今日抽查: a batch is drawn first and looked at after, by the right people, and what it leads to is followed."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from wujin_field.cast import phone, photo_line, picture, sealed, settle, visit_claim
from wujin_field.db import db, local_day, to_ms, utc_now, uuid7, writing
from wujin_field.models import (
    Batch,
    BatchVisit,
    CallBack,
    Finding,
    Hazard,
    HazardAudit,
    LearntPicture,
    Person,
    Photo,
    Ruling,
    Visit,
    VisitorAnswer,
)
from wujin_field.models.hazards import take_step
from wujin_field.periods import week_before
from wujin_field.sync.gate import Header
from wujin_field.sync.intake import Sender

NOW = utc_now()
LAST_WEEK = NOW - timedelta(days=7)
PLACES = [
    "禾丰粮油加工厂",
    "柳溪小学",
    "柳溪农资经营部",
    "石桥页岩矿",
    "石桥竹木加工坊",
    "茶亭制茶厂",
    "枫林香菌厂",
    "小河加油站",
]


class Desk:
    """罗静 and 马骁 supervise; seven visits came in last week."""

    def __init__(self, app):
        self.app = app
        with app.app_context(), writing() as session:
            self.town = settle(session)
            names = ("陈大山", "何长生", "罗静", "马骁", "何敏")
            self.phones = {name: phone(session, self.town.person(name)) for name in names}

    def at(self, name="罗静"):
        client = self.app.test_client()
        client.set_cookie("wujin_device", self.phones[name][1])
        return client

    def visit(self, name="陈大山", place=PLACES[0], received=LAST_WEEK, number=0, **fields):
        device = self.phones[name][0]
        line = self.photo(device, number) if number else None
        claim = visit_claim(device, self.town.venue(place), photos=[line] if line else []) | fields
        taken = self.app.extensions["intake"].take_claim(
            "visit", claim["id"], sealed(claim), Sender(device.id, device.person_id), now=received
        )
        assert taken.status == 201
        return claim["id"]

    def photo(self, device, number):
        body = picture(number, NOW)
        line, vault = photo_line(body, NOW), self.app.extensions["vault"]
        with vault.incoming() as file:
            file.write(body)
            vault.keep(file, line["sha256"])
        sender = Sender(device.id, device.person_id)
        self.app.extensions["intake"].take_photo(line["sha256"], len(body), Header("image/jpeg", 800, 600), sender)
        return line

    def week(self):
        return [self.visit(place=place, number=n + 1) for n, place in enumerate(PLACES)]

    def draw(self, name="罗静"):
        """The drawn ids in the order of the sheet, and the batch's address."""
        answer = self.at(name).post("/supervisor/batches", data={})
        assert answer.status_code == 303
        with self.app.app_context():
            rows = select(BatchVisit.visit_id).where(BatchVisit.reason.is_not(None)).order_by(BatchVisit.place)
            return list(db.session.scalars(rows)), answer.headers["Location"]

    def rule(self, visit_id, result="pass", name="罗静", turn=True, **form):
        headers = {"Wujin-Turn": "1"} if turn else {}
        return self.at(name).post(
            f"/supervisor/visits/{visit_id}/rulings", data={"result": result} | form, headers=headers
        )

    def examined(self):
        with self.app.app_context(), writing() as session:
            for row in session.scalars(select(Visit)):
                row.examined_at = NOW

    def finding(self, visit_id, code="far_from_venue", level="medium", **detail):
        with self.app.app_context(), writing() as session:
            session.add(Finding(id=uuid7(), visit_id=visit_id, revision=1, code=code, level=level, detail=detail,
                                made_at=NOW, rules="x"))  # fmt: skip


@pytest.fixture
def desk(app):
    return Desk(app)


def test_a_batch_shows_its_number_its_seed_and_how_far_it_is(desk):
    desk.week()
    drawn, address = desk.draw()
    text = desk.at().get(address).text
    year, week = week_before(local_day(NOW)).split("-W")
    number = f"{year} 年第 {int(week)} 周 第 1 批"
    assert number in text
    assert f"{year}-W{week}" not in re.sub("<[^>]*>", "", text), "no code where a person reads"
    assert re.search(r"种子 [0-9a-f]{8}。", text), "made at the draw, and printed"
    assert f"看了 0 / {len(drawn)} 次" in text
    home = desk.at().get("/supervisor/").text
    assert number in home
    assert "开始看" in home


def test_drawing_again_finds_the_batch_that_stands(desk):
    desk.week()
    assert "抽上周的走访" in desk.at().get("/supervisor/").text
    desk.draw()
    desk.draw("马骁")
    with desk.app.app_context():
        assert len(db.session.scalars(select(Batch)).all()) == 1
    assert "抽上周的走访" not in desk.at().get("/supervisor/").text


def test_a_week_without_visits_says_so(desk):
    answer = desk.at().post("/supervisor/batches", data={})
    assert "没有可抽的走访" in desk.at().get(answer.headers["Location"]).text
    assert desk.at().post("/supervisor/batches", data={"period": "soon"}).status_code == 400


def test_the_next_of_the_batch_follows_and_the_last_leads_home(desk):
    desk.week()
    drawn, address = desk.draw()
    for n, visit_id in enumerate(drawn, 1):
        text = desk.at().get(f"/supervisor/visits/{visit_id}").text
        assert f"第 {n} / {len(drawn)} 次" in text
        onward = f'data-onward="/supervisor/visits/{drawn[n]}"' if n < len(drawn) else "data-onward"
        assert (onward in text) == (n < len(drawn))
        assert desk.rule(visit_id).status_code == 204
    assert "看完了，结束这一批" in desk.at().get(address).text


def test_a_batch_closes_when_everything_drawn_was_seen(desk):
    desk.week()
    drawn, address = desk.draw()
    assert desk.at().post(f"{address}/close").status_code == 409
    for visit_id in drawn:
        desk.rule(visit_id)
    assert desk.at().post(f"{address}/close").status_code == 303
    assert "已结束" in desk.at().get(address).text


def test_only_what_nothing_speaks_against_is_accepted_together(desk):
    serious = {"id": uuid7(), "severity": "serious", "category": "ebike", "text": "x", "found_at": to_ms(LAST_WEEK)}
    flagged, hazard = desk.visit(number=1), desk.visit(place=PLACES[1], number=2, hazards=[serious])
    bare, plain = desk.visit(place=PLACES[2]), desk.visit(place=PLACES[3], number=4)
    desk.finding(flagged, metres=900)
    drawn, address = desk.draw()
    assert {flagged, hazard, bare, plain} == set(drawn)
    assert "没有提示项的" not in desk.at().get(address).text  # nobody has examined them yet
    desk.examined()
    assert "没有提示项的 1 次" in desk.at().get(address).text
    desk.at().post(f"{address}/accept", data={"visit": drawn})
    with desk.app.app_context():
        assert list(db.session.scalars(select(Ruling.visit_id))) == [plain]


def test_nobody_is_asked_about_their_own_team(desk):
    mine = desk.visit(team=[desk.town.person("罗静").id], number=1)
    drawn, address = desk.draw()
    assert drawn == [mine]
    assert "没有提示项的" not in desk.at().get(address).text
    assert desk.rule(mine).status_code == 403
    assert "要请别的抽查员来看" in desk.at().get(f"/supervisor/visits/{mine}").text
    assert desk.rule(mine, name="马骁").status_code == 204


def test_the_second_reader_does_not_see_the_first_ruling(desk):
    visit_id = desk.visit(number=1)
    desk.draw()
    with desk.app.app_context(), writing() as session:
        session.scalars(select(BatchVisit)).one().second = True
    desk.rule(visit_id, "pass_with_note", reason="照片偏暗")
    text = desk.at("马骁").get(f"/supervisor/visits/{visit_id}").text
    assert "看不到前一个结论" in text
    assert not [word for word in ("照片偏暗", "已核") if word in text]
    assert "等您复看" in desk.at("马骁").get("/supervisor/batches/" + batch_id(desk)).text
    assert desk.rule(visit_id, "unclear", "马骁", reason="看不清").status_code == 204
    with desk.app.app_context():
        kinds = dict(db.session.execute(select(Ruling.kind, Ruling.result)).all())
    assert kinds == {"first": "pass_with_note", "second": "unclear"}
    assert "第二人复看" in desk.at("马骁").get(f"/supervisor/visits/{visit_id}").text


def batch_id(desk):
    with desk.app.app_context():
        return db.session.scalars(select(Batch.id)).one()


def test_not_as_recorded_waits_for_the_visitor_and_another_person(desk):
    visit_id = desk.visit(number=1)
    desk.rule(visit_id, "not_as_recorded", reason="照片不像是这个场所")
    assert "您提出的" in desk.at().get("/supervisor/followups").text
    assert "等走访人说明" in desk.at("马骁").get("/supervisor/followups").text
    assert "正等走访人说明" in desk.at("马骁").get(f"/supervisor/visits/{visit_id}").text
    assert desk.rule(visit_id, "not_as_recorded", "马骁", reason="确实不是").status_code == 409
    with desk.app.app_context(), writing() as session:
        ruling = session.scalars(select(Ruling)).one()
        session.add(VisitorAnswer(id=uuid7(), visit_id=visit_id, ruling_id=ruling.id, made_at=NOW, text="换了门头",
                                  person_id=desk.town.person("陈大山").id))  # fmt: skip
    assert "可以复核了" in desk.at("马骁").get("/supervisor/followups").text
    assert desk.rule(visit_id, "not_as_recorded", "马骁", reason="确实不是").status_code == 204
    text = desk.at("马骁").get(f"/supervisor/visits/{visit_id}").text
    assert "已经有了最后的结论" in text
    assert "/rulings" not in text


def test_a_return_is_followed_until_it_is_corrected(desk):
    visit_id = desk.visit(number=1)
    with desk.app.app_context():
        sha256 = db.session.get_one(Visit, visit_id).photos[0].sha256
    desk.rule(visit_id, "unclear", reason="看不清压力表", suggestion="走近一点", photo=sha256)
    text = desk.at().get("/supervisor/followups").text
    assert "看不清压力表" in text
    assert "走近一点" in text
    with desk.app.app_context():
        assert db.session.scalars(select(Ruling.photo)).one() == sha256
    desk.visit(number=2, id=visit_id, revision=2)
    assert "退回的都补上了" in desk.at().get("/supervisor/followups").text


def test_a_photo_of_another_visit_cannot_be_the_one_at_fault(desk):
    visit_id = desk.visit(number=1)
    desk.rule(visit_id, "unclear", reason="看不清", photo="ab" * 32)
    with desk.app.app_context():
        assert db.session.scalars(select(Ruling.photo)).one() is None


def test_both_revisions_stay_readable_with_their_own_pictures(desk):
    visit_id = desk.visit(number=1, note="第一次写的")
    with desk.app.app_context():
        first = db.session.get_one(Visit, visit_id).photos[0].sha256
    desk.rule(visit_id, "unclear", reason="看不清")
    desk.visit(number=2, id=visit_id, revision=2, note="第二次写的")
    now, then = (desk.at().get(f"/supervisor/visits/{visit_id}{more}").text for more in ("", "/revisions/1"))
    assert "第二次写的" in now
    assert "第一次写的" in then
    assert desk.at().get(f"/supervisor/visits/{visit_id}/photos/{first}/page.jpg").status_code == 200
    assert desk.at().get(f"/supervisor/visits/{visit_id}/revisions/3").status_code == 404


def test_findings_are_said_in_words_with_the_visitors_answer_and_the_look_alike_beside(desk):
    other, visit_id = desk.visit(number=1), desk.visit("何长生", PLACES[3], number=2)
    with desk.app.app_context():
        here, there = (db.session.get_one(Visit, one).photos[0].sha256 for one in (visit_id, other))
    desk.finding(visit_id, "same_photo_near", "strong", photo=here, other=other, other_photo=there, bits=3)
    with desk.app.app_context(), writing() as session:
        finding = session.scalars(select(Finding)).one()
        session.add(VisitorAnswer(id=uuid7(), visit_id=visit_id, finding_id=finding.id, made_at=NOW, text="两家并排",
                                  person_id=session.scalars(select(Person.id).limit(1)).one()))  # fmt: skip
    text = desk.at().get(f"/supervisor/visits/{visit_id}").text
    assert "要重点看" in text
    assert "两家并排" in text
    assert f"/supervisor/visits/{other}/photos/{there}/page.jpg" in text

    poster = f"/supervisor/visits/{visit_id}/photos/{here}/poster"
    assert poster in text
    assert desk.at().post(poster).location.endswith(visit_id)  # nobody has looked at the picture yet
    with desk.app.app_context(), writing() as session:
        session.get_one(Photo, here).dhash = "0f" * 8
    assert desk.at().post(poster).location.endswith("?learnt=1")
    with desk.app.app_context():
        assert list(db.session.scalars(select(LearntPicture.dhash))) == ["0f" * 8]
        assert db.session.get_one(Visit, visit_id).examined_at is None


def test_the_place_has_a_history(desk):
    older = desk.visit(number=1)
    text = desk.at().get(f"/supervisor/visits/{desk.visit('何长生')}").text
    assert "这个场所以前" in text
    assert older in text


def test_a_call_back_is_noted_once(desk):
    desk.visit(number=1)
    desk.draw()
    with desk.app.app_context():
        row = db.session.scalars(select(CallBack.id)).first()
    if row is None:
        with desk.app.app_context(), writing() as session:
            visit_id = session.scalars(select(Visit.id)).one()
            session.add(CallBack(id=uuid7(), batch_id=batch_id(desk), visit_id=visit_id, due=local_day(NOW)))
        with desk.app.app_context():
            row = db.session.scalars(select(CallBack.id)).one()
    assert desk.at().post(f"/supervisor/callbacks/{row}", data={"outcome": "maybe"}).status_code == 400
    assert (
        desk.at().post(f"/supervisor/callbacks/{row}", data={"outcome": "confirmed", "note": "来过"}).status_code == 303
    )
    assert "没有要回访的" in desk.at().get("/supervisor/followups").text


def closed_hazards(desk, many, by="马骁", received=LAST_WEEK):
    """So many hazards that were put right and closed last week, without a second photo the first one; their ids."""
    found = [{"id": uuid7(), "severity": "general", "category": "electric", "text": f"第 {n} 处", "found_at": to_ms(LAST_WEEK)}
             for n in range(many)]  # fmt: skip
    desk.visit(number=1, hazards=found, received=received)
    with desk.app.app_context(), writing() as session:
        for line in found:
            hazard = session.get_one(Hazard, line["id"])
            photo = None if line is found[0] else "0" * 64
            take_step(
                session,
                hazard,
                "rectified",
                session.get_one(Person, desk.town.person("何敏").id),
                LAST_WEEK,
                photo=photo,
            )
            take_step(
                session, hazard, "verified", session.get_one(Person, desk.town.person(by).id), LAST_WEEK, how="on_site"
            )
    return [line["id"] for line in found]


def test_one_in_five_closed_hazards_is_looked_at_once_more_by_somebody_else(desk):
    hazards = closed_hazards(desk, 11)
    desk.draw()
    with desk.app.app_context():
        audits = {row.hazard_id: (row.id, row.reason) for row in db.session.scalars(select(HazardAudit))}
    assert audits[hazards[0]][1] == "no_second_photo"
    assert [reason for _, reason in audits.values()].count("random") == 2
    other = next(hazard for hazard, (_, reason) in audits.items() if reason == "random")
    answers = f"/supervisor/audits/{audits[other][0]}"
    assert desk.at("马骁").post(answers, data={"outcome": "confirmed"}).status_code == 403
    assert desk.at().post(answers, data={"outcome": "maybe"}).status_code == 400
    assert "销号要复核的隐患 3 处" in desk.at().get("/supervisor/followups").text
    assert desk.at().post(answers, data={"outcome": "not_confirmed", "note": "又堆满了"}).status_code == 303
    assert "销号要复核的隐患 2 处" in desk.at().get("/supervisor/followups").text
    text = desk.at().get(f"/supervisor/hazards/{other}").text
    assert "又堆满了" in text
    assert "待整改" in text


def test_hazards_closed_in_a_week_without_visits_are_drawn_all_the_same(desk):
    closed_hazards(desk, 6, received=LAST_WEEK - timedelta(days=7))
    page = desk.at().get(desk.draw()[1]).text
    assert "这段时间没有走访要看" in page and "/supervisor/followups#audits" in page
    assert "销号要复核的隐患 2 处" in desk.at().get("/supervisor/followups").text
    home = desk.at().get("/supervisor/").text
    assert "上周的抽过了" in home and "抽上周的走访" not in home
    assert "没有可抽的走访" in desk.at().get(desk.draw()[1]).text, "the others are not drawn by drawing again"


def test_figures_of_a_unit_are_rates_from_ten_visits_upward_and_name_nobody(desk):
    for n in range(9):
        desk.visit(number=n + 1, received=NOW, place=PLACES[n % len(PLACES)])
    client, key = desk.at(), f"{local_day(NOW):%Y}"
    before = client.get(f"/station/spot-checks?period={key}").text
    assert "不足 10 次</span>" in before
    assert "%</strong>" not in before
    desk.visit(number=20, received=NOW)
    text = client.get(f"/station/spot-checks?period={key}").text
    assert "<strong>100%</strong>" in text
    assert "72～100%" in text
    assert "陈大山" not in text
    assert "72～100%" in desk.at("何敏").get(f"/station/spot-checks?period={key}").text


def test_the_printed_sheet_bears_number_and_seed_and_what_was_said(desk):
    desk.week()
    drawn, batch = desk.draw()
    desk.finding(drawn[0])
    desk.rule(drawn[0], "pass_with_note", reason="偏暗")
    page = desk.at().get(batch).text
    number, seed = re.search(r"20\d\d 年第 \d+ 周 第 1 批", page)[0], re.search(r"种子 ([0-9a-f]+)", page)[1]
    sheet = desk.at().get(re.search(r'"(/station/reports/[^"]*spot_check_sheet[^"]*)"', page)[1])
    assert f"抽样号 {number.replace(' ', '')}" in sheet.text
    assert f"种子 {seed}；覆盖{len(PLACES)}条，抽中{len(drawn)}条，已看1条" in sheet.text
    lines = [re.findall(r"<td[^>]*>([^<]*)", row) for row in re.findall(r"<tr>(?!<th).*?</tr>", sheet.text, re.S)][
        -len(drawn) :
    ]
    assert [line[0] for line in lines] == [str(n) for n in range(1, len(drawn) + 1)]
    assert lines[0][4:9] == ["照片位置离场所太远", "看记录", "基本属实，有欠缺", "偏暗", "罗静"]
    assert {line[6] for line in lines[1:]} == {"还没看"}
