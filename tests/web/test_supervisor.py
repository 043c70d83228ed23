"""The supervisor's desk: every visit passes once, one ruling each, and a return says why."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from wujin_field.cast import phone, photo_line, picture, sealed, settle, visit_claim
from wujin_field.db import db, utc_now, uuid7, writing
from wujin_field.models import AuditRow, Ruling
from wujin_field.sync.intake import Sender

NOW = utc_now()


class Desk:
    """罗静 at her desk; 陈大山 and she herself out in the field."""

    def __init__(self, app):
        self.app = app
        with app.app_context(), writing() as session:
            self.town = settle(session)
            self.phones = {name: phone(session, self.town.person(name)) for name in ("陈大山", "罗静", "马骁")}
        self.client = self.at("罗静")

    def at(self, name):
        client = self.app.test_client()
        client.set_cookie("wujin_device", self.phones[name][1])
        return client

    def visit(self, name="陈大山", place="禾丰粮油加工厂", received=NOW, **fields):
        device = self.phones[name][0]
        claim = visit_claim(device, self.town.venue(place)) | fields
        sender, intake = Sender(device.id, device.person_id), self.app.extensions["intake"]
        taken = intake.take_claim("visit", claim["id"], sealed(claim), sender, now=received)
        assert taken.status == 201
        return claim["id"]

    def rule(self, visit_id, client=None, **form):
        return (client or self.client).post(f"/supervisor/visits/{visit_id}/rulings", data=form)

    def rulings(self, visit_id):
        with self.app.app_context():
            rows = select(Ruling).where(Ruling.visit_id == visit_id).order_by(Ruling.decided_at)
            return [(row.result, row.reason, row.suggestion) for row in db.session.scalars(rows)]

    def listed(self, page="/supervisor/", **more):
        """The visits of one page in their order, and the address of the next."""
        text = self.client.get(page, **more).text
        onward = re.search(r'href="(/supervisor/\?[^"]*after=[^"]+)"', text)
        found = re.findall(r'<a href="/supervisor/visits/([0-9a-f-]{36})">', text)
        return found, onward and onward[1].replace("&amp;", "&")

    def walk(self, page="/supervisor/"):
        pages = []
        while page:
            found, page = self.listed(page)
            pages.append(found)
            assert len(pages) < 20, "the list never ends"
        return pages


@pytest.fixture
def desk(app):
    return Desk(app)


def test_an_empty_desk_says_so(desk):
    text = desk.client.get("/supervisor/").text
    assert "没有等着看的走访" in text


def test_what_came_in_is_listed_with_place_and_person(desk):
    visit_id = desk.visit()
    text = desk.client.get("/supervisor/").text
    assert visit_id in text
    assert "禾丰粮油加工厂" in text
    assert "陈大山" in text


@pytest.mark.parametrize("step_s", [60, 0], ids=["minutes apart", "all at once"])
def test_each_of_seventy_visits_is_shown_once_and_the_newest_first(desk, step_s):
    sent = [desk.visit(received=NOW + timedelta(seconds=step_s * number)) for number in range(70)]
    pages = desk.walk()
    shown = [visit_id for page in pages for visit_id in page]
    assert len(pages) == 3
    assert sorted(shown) == sorted(sent)
    assert len(set(shown)) == 70
    assert not step_s or shown == sent[::-1]


def test_what_arrives_while_somebody_reads_moves_no_page(desk):
    sent = [desk.visit(received=NOW + timedelta(seconds=number)) for number in range(40)]
    first, onward = desk.listed()
    desk.visit(received=NOW + timedelta(hours=1))
    second, _ = desk.listed(onward)
    assert first + second == sent[::-1]


def test_a_fragment_of_the_list_is_the_lists_own_lines(desk):
    for number in range(40):
        desk.visit(received=NOW + timedelta(seconds=number))
    _, onward = desk.listed()
    whole, part = desk.client.get(onward), desk.client.get(onward, headers={"HX-Request": "true"})
    assert "<html" in whole.text
    assert "<html" not in part.text
    assert part.text.strip() in whole.text
    assert "HX-Request" in part.headers["Vary"]


@pytest.mark.parametrize("after", ["x", "_", "1_x_y", "9" * 30 + "_x", "-1_x", "1.5_x", "%00", "nan_x", "9" * 5000])
def test_a_page_that_nobody_gave_out_is_no_accident(desk, after):
    desk.visit()
    assert desk.client.get("/supervisor/", query_string={"after": after}).status_code in (200, 404)


def test_a_ruling_leads_to_the_next_that_waits(desk):
    older, newer = desk.visit(received=NOW), desk.visit(received=NOW + timedelta(minutes=1))
    answer = desk.rule(newer, result="pass")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"/supervisor/visits/{older}")
    assert desk.client.get(answer.headers["Location"]).status_code == 200
    assert desk.rulings(newer) == [("pass", "", "")]


def test_the_last_ruling_leads_back_to_the_list(desk):
    answer = desk.rule(desk.visit(), result="pass")
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/supervisor/")


def test_what_was_ruled_on_leaves_the_queue_and_stays_under_all(desk):
    visit_id, other = desk.visit(), desk.visit()
    desk.rule(visit_id, result="pass")
    assert desk.walk() == [[other]]
    assert sorted(desk.walk("/supervisor/?all=1")[0]) == sorted([visit_id, other])


def test_all_is_paged_too(desk):
    sent = [desk.visit(received=NOW + timedelta(seconds=number)) for number in range(65)]
    desk.rule(sent[0], result="pass")
    assert sorted(visit_id for page in desk.walk("/supervisor/?all=1") for visit_id in page) == sorted(sent)


@pytest.mark.parametrize("result", ["unclear", "not_as_recorded"])
@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_a_return_without_a_reason_comes_back_as_it_was_filled_in(desk, result, reason):
    visit_id = desk.visit()
    answer = desk.rule(visit_id, result=result, reason=reason, suggestion="走近一点 <b>再拍</b>")
    assert answer.status_code == 422
    assert "走近一点 &lt;b&gt;再拍&lt;/b&gt;" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert desk.rulings(visit_id) == []


def test_a_return_with_a_reason_is_recorded_with_what_to_do(desk):
    visit_id = desk.visit()
    assert desk.rule(visit_id, result="unclear", reason=" 看不清 ", suggestion=" 再拍 ").status_code == 303
    assert desk.rulings(visit_id) == [("unclear", "看不清", "再拍")]
    text = desk.client.get(f"/supervisor/visits/{visit_id}").text
    assert "看不清" in text
    assert "再拍" in text


def test_a_second_ruling_stands_beside_the_first(desk):
    visit_id = desk.visit()
    desk.rule(visit_id, result="unclear", reason="看不清")
    desk.rule(visit_id, result="pass")
    assert [line[0] for line in desk.rulings(visit_id)] == ["unclear", "pass"]


def test_a_corrected_visit_waits_again_as_the_newest_with_the_earlier_ruling_below(desk):
    returned = desk.visit(received=NOW)
    desk.rule(returned, result="unclear", reason="看不清压力表")
    other = desk.visit(received=NOW + timedelta(minutes=1))
    assert desk.walk() == [[other]]
    desk.visit(received=NOW + timedelta(minutes=2), id=returned, revision=2, note="补拍了近景")
    assert desk.walk() == [[returned, other]]
    text = desk.client.get(f"/supervisor/visits/{returned}").text
    assert "补拍了近景" in text
    assert "看不清压力表" in text
    assert "针对第 1 版" in text
    assert f'action="/supervisor/visits/{returned}/rulings"' in text
    desk.rule(returned, result="pass")
    assert desk.walk() == [[other]]


def test_nobody_rules_on_their_own_visit(desk):
    visit_id = desk.visit("罗静")
    assert desk.rule(visit_id, result="pass").status_code == 403
    assert desk.rulings(visit_id) == []
    assert "/rulings" not in desk.client.get(f"/supervisor/visits/{visit_id}").text
    assert desk.rule(visit_id, desk.at("马骁"), result="pass").status_code == 303


def test_nobody_rules_on_a_visit_they_went_along_to(desk):
    visit_id = desk.visit(team=[desk.town.person("罗静").id])
    assert desk.rule(visit_id, result="pass").status_code == 403
    assert desk.rulings(visit_id) == []


@pytest.mark.parametrize("result", ["", "perfect", "PASS", "accepted", None])
def test_a_ruling_that_nobody_knows_is_refused(desk, result):
    visit_id = desk.visit()
    form = {} if result is None else {"result": result}
    assert desk.rule(visit_id, **form).status_code == 400
    assert desk.rulings(visit_id) == []


def test_a_visit_that_never_came_is_not_found(desk):
    assert desk.client.get(f"/supervisor/visits/{uuid7()}").status_code == 404
    assert desk.rule(uuid7(), result="pass").status_code == 404
    assert desk.client.get("/supervisor/visits/nonsense").status_code == 404


def test_a_ruling_leaves_a_trace_without_its_words(desk):
    visit_id = desk.visit()
    desk.rule(visit_id, result="unclear", reason="张大爷一个人在家")
    with desk.app.app_context():
        row = db.session.scalars(select(AuditRow).where(AuditRow.what == "ruled")).one()
    assert (row.who, row.detail["visit"], row.detail["result"]) == (desk.town.person("罗静").id, visit_id, "unclear")
    assert "张大爷" not in str(row.detail)


def test_a_photo_still_on_its_way_is_told_and_not_broken(desk):
    line = photo_line(picture(1, NOW), NOW)
    visit_id = desk.visit(photos=[line])
    assert "0/1" in desk.client.get(f"/supervisor/visits/{visit_id}").text
    assert desk.client.get(f"/supervisor/visits/{visit_id}/photos/{line['sha256']}/thumb.jpg").status_code == 404


def test_what_somebody_typed_in_the_field_is_text_and_nothing_else(desk):
    words = "<script>alert(1)</script>\u202e'\"{{7*7}}"
    hazard = {"id": uuid7(), "severity": "serious", "category": "ebike", "text": words, "found_at": 1_790_000_000_000}
    answers = {"NS-08": {"value": "fail", "note": words}}
    unknown = {"venue": None, "scanned_code": None, "place_text": words}
    visit_id = desk.visit(**unknown, note=words, answers=answers, hazards=[hazard])
    for page in ("/supervisor/", f"/supervisor/visits/{visit_id}"):
        text = desk.client.get(page).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text
        assert "{{7*7}}" in text
