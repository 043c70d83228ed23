"""隐患 from found to verified: by the desk, by the owner's page, by a second look; nobody sees what is not theirs."""

import re
from collections import Counter
from datetime import timedelta
from io import BytesIO

import pytest
from docx import Document
from sqlalchemy import select

from wujin_field.cast import phone, photo_line, picture, sealed, settle, visit_claim
from wujin_field.db import db, local_day, to_ms, utc_now, uuid7, writing
from wujin_field.keeping.verify import verify
from wujin_field.models import AuditRow, Hazard, HazardAlert, HazardStep, Photo
from wujin_field.sync.gate import Header
from wujin_field.sync.intake import Sender
from wujin_field.web.owner import token_of

NOW = utc_now()
DAY = local_day(NOW).isoformat()


class Desk:
    """罗静 supervises, 何敏 keeps the station's books, 赵春兰 her village's; 陈大山 found it."""

    def __init__(self, app):
        self.app = app
        with app.app_context(), writing() as session:
            self.town = settle(session)
            names = ("陈大山", "周小禾", "罗静", "何敏", "赵春兰", "马骁")
            self.phones = {name: phone(session, self.town.person(name)) for name in names}

    def at(self, name="罗静"):
        client = self.app.test_client()
        if name:
            client.set_cookie("wujin_device", self.phones[name][1])
        return client

    def visit(self, name="陈大山", place="禾丰粮油加工厂", **fields):
        device = self.phones[name][0]
        claim = visit_claim(device, self.town.venue(place)) | fields
        self.send(device, claim)
        return claim

    def send(self, device, claim, revision=None):
        claim = claim | ({"revision": revision} if revision else {})
        sender = Sender(device.id, device.person_id)
        taken = self.app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), sender)
        assert taken.status == 201, taken
        return claim

    def photo(self, number, name="陈大山"):
        """The line of a picture that the vault has."""
        body = picture(number, NOW)
        line, vault = photo_line(body, NOW), self.app.extensions["vault"]
        with vault.incoming() as file:
            file.write(body)
            vault.keep(file, line["sha256"])
        device = self.phones[name][0]
        self.app.extensions["intake"].take_photo(
            line["sha256"], len(body), Header("image/jpeg", 800, 600), Sender(device.id, device.person_id)
        )
        return line

    def found(self, place="禾丰粮油加工厂", name="陈大山", photo=True, **fields):
        """A visit that found one hazard; its id."""
        line = self.photo(len(place) + len(fields), name) if photo else None
        hazard = hazard_line(photo=line["sha256"] if line else None, **fields)
        self.visit(name, place, photos=[line] if line else [], hazards=[hazard])
        return hazard["id"]

    def step(self, hazard_id, step, name="罗静", face="supervisor", **form):
        return self.at(name).post(f"/{face}/hazards/{hazard_id}/steps", data={"step": step} | form)

    def state(self, hazard_id):
        with self.app.app_context():
            return db.session.scalar(select(Hazard.state).where(Hazard.id == hazard_id))

    def steps(self, hazard_id):
        with self.app.app_context():
            rows = select(HazardStep).where(HazardStep.hazard_id == hazard_id).order_by(HazardStep.recorded_at)
            return [row.step for row in db.session.scalars(rows)]

    def owners(self, hazard_id, place="禾丰粮油加工厂"):
        with self.app.app_context():
            return f"/v/{self.town.venue(place).codes[-1].code}/hazards/{token_of(hazard_id)}"


def hazard_line(**fields):
    return {"id": uuid7(), "severity": "general", "category": "electric", "text": "配电箱前堆了纸箱",
            "found_at": to_ms(NOW) - 60_000} | fields  # fmt: skip


def upload(number=3):
    return {"photo": (BytesIO(picture(number, NOW)), "image.jpg")}


@pytest.fixture
def desk(app):
    return Desk(app)


def test_it_goes_from_found_to_verified_and_each_step_says_who(desk):
    hazard_id = desk.found()
    assert desk.state(hazard_id) == "open"
    assert desk.step(hazard_id, "notified", how="paper").status_code == 303
    assert desk.step(hazard_id, "rectified", "何敏", "station", note="纸箱清走了", **upload()).status_code == 303
    assert desk.step(hazard_id, "verified", how="picture").status_code == 303
    assert desk.state(hazard_id) == "verified"
    text = desk.at().get(f"/supervisor/hazards/{hazard_id}").text
    assert [name for name in ("陈大山", "罗静", "何敏", "纸箱清走了", "留了告知单") if name not in text] == []
    assert desk.steps(hazard_id) == ["notified", "rectified", "verified"]


def test_whoever_reports_it_fixed_does_not_verify_it(desk):
    hazard_id = desk.found()
    desk.step(hazard_id, "rectified", **upload())
    assert "要请另一个人来复查" in desk.at().get(f"/supervisor/hazards/{hazard_id}").text
    assert desk.step(hazard_id, "verified", how="on_site").status_code == 422
    assert desk.state(hazard_id) == "rectified"
    assert desk.step(hazard_id, "verified", "马骁", how="on_site").status_code == 303


def test_the_same_picture_before_and_after_proves_nothing(desk):
    hazard_id = desk.found()
    with desk.app.app_context():
        before = db.session.scalar(select(Hazard.photo).where(Hazard.id == hazard_id))
        body = desk.app.extensions["vault"].open(before).read()
    desk.step(hazard_id, "rectified", "何敏", "station", photo=(BytesIO(body), "a.jpg"))
    answer = desk.step(hazard_id, "verified", how="picture")
    assert (answer.status_code, "两张不同的照片" in answer.text) == (422, True)
    assert desk.step(hazard_id, "verified", how="on_site").status_code == 303


def test_pictures_that_nearly_match_prove_nothing_either(desk):
    hazard_id = desk.found()
    desk.step(hazard_id, "rectified", "何敏", "station", **upload())
    with desk.app.app_context(), writing() as session:
        for row, dhash in zip(session.scalars(select(Photo)), ("ff00ff00ff00ff00", "ff00ff00ff00ff07"), strict=True):
            row.dhash = dhash
    assert desk.step(hazard_id, "verified", how="picture").status_code == 422


def test_fixed_on_the_spot_waits_for_a_second_person(desk):
    before, after = desk.photo(1) | {"role": "before"}, desk.photo(2) | {"role": "after", "item": "NS-08"}
    hazard = hazard_line(item="NS-08", photo=before["sha256"], fixed_on_spot=True)
    desk.visit(photos=[before, after], hazards=[hazard])
    assert desk.state(hazard["id"]) == "rectified"
    text = desk.at().get(f"/supervisor/hazards/{hazard['id']}").text
    assert before["sha256"] in text
    assert after["sha256"] in text
    assert desk.step(hazard["id"], "verified", how="picture").status_code == 303


def test_a_step_that_does_not_follow_is_refused_with_the_newest_state(desk):
    hazard_id = desk.found()
    answer = desk.step(hazard_id, "verified", how="on_site")
    assert (answer.status_code, "别人刚刚更新过" in answer.text) == (409, True)
    assert desk.step(hazard_id, "reopened").status_code == 409
    assert desk.step(hazard_id, "nonsense").status_code == 409
    assert desk.steps(hazard_id) == []


@pytest.mark.parametrize("step", ["void", "handed_over"])
def test_what_leaves_the_list_says_why_or_to_whom(desk, step):
    hazard_id = desk.found()
    assert desk.step(hazard_id, step).status_code == 422
    assert desk.step(hazard_id, step, note="已是消防部门在办", party="县消防救援大队").status_code == 303
    assert "已是消防部门在办" in desk.at().get(f"/supervisor/hazards/{hazard_id}").text


def test_handed_over_stays_visible_and_can_come_back(desk):
    hazard_id = desk.found()
    desk.step(hazard_id, "handed_over", party="县消防救援大队", reference="消移〔2026〕3号")
    assert hazard_id in desk.at().get("/supervisor/hazards?view=handed_over").text
    assert "消移〔2026〕3号" in desk.at().get(f"/supervisor/hazards/{hazard_id}").text
    assert desk.step(hazard_id, "reopened", note="退回镇里办").status_code == 303
    assert desk.state(hazard_id) == "notified"


def test_overdue_is_read_from_the_day_and_never_stored(desk):
    hazard_id = desk.found(found_at=to_ms(NOW - timedelta(days=40)))
    assert "过期未改" in desk.at().get("/supervisor/hazards").text
    assert hazard_id in desk.at().get("/supervisor/hazards?overdue=1").text
    desk.step(hazard_id, "rectified", **upload())
    assert "过期未改" not in desk.at().get(f"/supervisor/hazards/{hazard_id}").text


def test_the_due_day_follows_how_bad_it_is_and_may_be_moved(desk):
    hazard_id = desk.found(severity="serious")
    with desk.app.app_context():
        row = db.session.get_one(Hazard, hazard_id)
        assert row.due - local_day(row.found_at) == timedelta(days=3)
    form = {"party": "厂长", "measure": "清空配电箱前一米", "due": "2026-12-24"}
    assert desk.at().post(f"/supervisor/hazards/{hazard_id}/details", data=form).status_code == 303
    assert "2026-12-24" in desk.at().get(f"/supervisor/hazards/{hazard_id}").text
    assert desk.at().post(f"/supervisor/hazards/{hazard_id}/details", data=form | {"due": "bald"}).status_code == 422


def test_the_ledger_is_filtered_by_state_due_area_severity_and_venue(desk):
    late = desk.found(found_at=to_ms(NOW - timedelta(days=40)))
    serious = desk.found("石桥页岩矿", "陈大山", severity="serious")

    def listed(query):
        return set(re.findall(r'<a href="/supervisor/hazards/([0-9a-f-]{36})">', desk.at().get(query).text))

    assert listed("/supervisor/hazards") == {late, serious}
    assert listed("/supervisor/hazards?severity=serious") == {serious}
    assert listed("/supervisor/hazards?area=liuxi") == {late}
    assert listed("/supervisor/hazards?name=页岩") == {serious}
    assert listed("/supervisor/hazards?overdue=1") == {late}
    desk.step(late, "void", note="写错了")
    assert listed("/supervisor/hazards") == {serious}
    assert listed("/supervisor/hazards?view=void") == {late}
    assert desk.at().get("/supervisor/hazards?view=x").status_code == 404


def test_the_ledger_goes_on_page_by_page_and_shows_each_once(desk):
    sent = []
    for _ in range(3):
        sent += [hazard_line() for _ in range(25)]
        desk.visit(hazards=sent[-25:])
    shown, page = [], "/supervisor/hazards"
    while page:
        text = desk.at().get(page).text
        shown += re.findall(r'<a href="/supervisor/hazards/([0-9a-f-]{36})">', text)
        onward = re.search(r'href="([^"]*after=[^"]+)"', text)
        page = onward and onward[1].replace("&amp;", "&")
    assert sorted(shown) == sorted(line["id"] for line in sent)
    assert desk.at().get("/supervisor/hazards?after=2026-01-01_x").status_code == 404


def test_hazards_are_numbered_by_station_and_year(desk):
    first, second = desk.found(), desk.found("石桥页岩矿")
    with desk.app.app_context():
        labels = [db.session.get_one(Hazard, hazard_id).label for hazard_id in (first, second)]
    assert labels == [f"{local_day(NOW).year}-0001", f"{local_day(NOW).year}-0002"]


def test_a_village_clerk_sees_her_own_village_alone(desk):
    mine, other = desk.found(), desk.found("石桥页岩矿")
    text = desk.at("赵春兰").get("/station/hazards").text
    assert (mine in text, other in text) == (True, False)
    assert desk.at("赵春兰").get(f"/station/hazards/{other}").status_code == 404
    assert desk.step(other, "void", "赵春兰", "station", note="x").status_code == 404


# what the phone says


def test_withdrawn_by_a_correction_it_does_not_stay_open(desk):
    hazard, other = hazard_line(), hazard_line(text="另一处")
    claim = desk.visit(hazards=[hazard, other])
    desk.at().post(f"/supervisor/visits/{claim['id']}/rulings", data={"result": "unclear", "reason": "看不清"})
    desk.send(desk.phones["陈大山"][0], claim | {"hazards": [other]}, 2)
    assert (desk.state(hazard["id"]), desk.state(other["id"])) == ("void", "open")
    assert "走访人改正记录时去掉了" in desk.at().get(f"/supervisor/hazards/{hazard['id']}").text
    desk.at().post(f"/supervisor/visits/{claim['id']}/rulings", data={"result": "unclear", "reason": "还是有的"})
    desk.send(desk.phones["陈大山"][0], claim | {"hazards": [hazard, other]}, 3)
    assert desk.state(hazard["id"]) == "open"


# at once


def test_a_serious_one_stands_on_every_desk_page_and_waits_to_be_told(desk):
    hazard_id = desk.found(severity="serious")
    for page in ("/supervisor/", "/station/venues"):
        assert 'aria-label="严重隐患 1 处"' in desk.at().get(page).text
    with desk.app.app_context():
        assert db.session.scalar(select(HazardAlert.hazard_id)) == hazard_id
    desk.step(hazard_id, "void", note="写错了")
    assert "严重隐患" not in desk.at().get("/supervisor/").text


def test_what_was_fixed_at_once_or_is_not_serious_wakes_nobody(desk):
    desk.found(severity="serious", fixed_on_spot=True)
    desk.found()
    with desk.app.app_context():
        assert db.session.scalar(select(HazardAlert.id)) is None


# the owner's page


def test_the_owner_sees_what_to_do_by_when_and_nothing_of_anybody(desk):
    hazard_id, other = desk.found(), desk.found(text="别的隐患")
    desk.step(hazard_id, "notified", how="paper", note="跟王老板说过")
    page = desk.at(None).get(desk.owners(hazard_id))
    assert page.status_code == 200
    assert "配电箱前堆了纸箱" in page.text
    assert not [word for word in ("陈大山", "罗静", "王老板", "别的隐患", other, "<script") if word in page.text]
    shown = re.search(r'src="([^"]+page\.jpg)"', page.text)[1]
    assert desk.at(None).get(shown).headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_the_owner_reports_with_a_photo_and_the_station_looks_again(desk):
    hazard_id = desk.found()
    address = desk.owners(hazard_id)
    assert desk.at(None).post(address, data={}).status_code == 422
    answer = desk.at(None).post(address, data=upload() | {"note": "清走了"})
    assert answer.status_code == 303
    assert "收到了，谢谢" in desk.at(None).get(answer.headers["Location"]).text
    assert desk.state(hazard_id) == "rectified"
    assert "场所负责人（自己的页面）" in desk.at().get(f"/supervisor/hazards/{hazard_id}").text
    assert desk.step(hazard_id, "verified", how="picture").status_code == 303
    assert "已经复查合格" in desk.at(None).get(address).text
    with desk.app.app_context():
        assert [found.code for found in verify(desk.app, Counter())] == []


def test_the_owners_page_takes_no_more_than_a_few_reports_a_day(desk):
    hazard_id = desk.found()
    for number in range(5):
        assert desk.at(None).post(desk.owners(hazard_id), data=upload(number)).status_code == 303
        desk.step(hazard_id, "reopened", note="没改好")
    answer = desk.at(None).post(desk.owners(hazard_id), data=upload(6))
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)


def test_a_stranger_fills_no_disk_with_pictures_that_report_nothing(desk):
    """Once it is reported a further picture is no report, and so it is not kept either."""
    hazard_id = desk.found()
    answers = [desk.at(None).post(desk.owners(hazard_id), data=upload(number)).status_code for number in range(4)]
    assert answers == [303] * 4
    with desk.app.app_context():
        assert len(list(desk.app.extensions["vault"].blobs())) == 2  # the finder's, and the first one of the owner


@pytest.mark.parametrize("body", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + bytes(100)])
def test_what_is_no_photo_is_refused_in_words(desk, body):
    hazard_id = desk.found()
    answer = desk.at(None).post(desk.owners(hazard_id), data={"photo": (BytesIO(body), "photo.jpg")})
    assert (answer.status_code, "这个文件不是照片" in answer.text) == (422, True)
    assert desk.state(hazard_id) == "open"


def test_only_both_the_code_and_the_token_open_it(desk):
    hazard_id, other = desk.found(), desk.found("石桥页岩矿")
    mill, mine = desk.owners(hazard_id), desk.owners(other, "石桥页岩矿")
    code, token = mill.split("/")[2], mine.split("/")[4]
    for address in (f"/v/{code}/hazards/{token}", f"/v/{code}/hazards/x", f"{mill}x", f"/v/{code}/hazards/{'é' * 20}"):
        assert desk.at(None).get(address).status_code == 404, address
        assert desk.at(None).post(address, data=upload()).status_code == 404, address


def test_a_wrong_record_no_longer_troubles_the_owner(desk):
    hazard_id = desk.found()
    desk.step(hazard_id, "void", note="写错了")
    answer = desk.at(None).get(desk.owners(hazard_id))
    assert (answer.status_code, "配电箱" in answer.text) == (410, False)


def test_the_note_carries_the_way_to_the_page(desk):
    text = desk.at().get(f"/supervisor/hazards/{desk.found()}/notice").text
    assert "<svg" in text
    assert "责令" not in text


# pictures


def test_the_original_is_for_few_and_each_look_is_noted(desk):
    line = desk.photo(1)
    visit = desk.visit(photos=[line], hazards=[hazard_line(photo=line["sha256"])])
    hazard = f"hazards/{visit['hazards'][0]['id']}/photos/{line['sha256']}/original"
    answer = desk.at().post(f"/supervisor/visits/{visit['id']}/photos/{line['sha256']}/original")
    assert answer.status_code == 200
    assert answer.data == picture(1, NOW)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert desk.at("何敏").post(f"/station/{hazard}").status_code == 200
    assert desk.at("赵春兰").post(f"/station/{hazard}").status_code == 403
    with desk.app.app_context():
        rows = db.session.scalars(select(AuditRow.who).where(AuditRow.what == "saw_original")).all()
    assert rows == [desk.town.person(name).id for name in ("罗静", "何敏")]


def test_a_hazards_photo_is_shown_under_its_own_hazard_only(desk):
    mine, other = desk.photo(1), desk.photo(2)
    visit = desk.visit(photos=[mine, other], hazards=[hazard_line(photo=mine["sha256"])])
    pictures = f"/supervisor/hazards/{visit['hazards'][0]['id']}/photos"
    answer = desk.at().get(f"{pictures}/{mine['sha256']}/page.jpg")
    assert answer.status_code == 200
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert desk.at().get(f"{pictures}/{other['sha256']}/page.jpg").status_code == 404


def test_what_somebody_typed_is_text_and_nothing_else(desk):
    words = "<script>alert(1)</script>\u202e'\"{{7*7}}"
    hazard_id = desk.found(text=words)
    desk.step(hazard_id, "notified", how="spoken", note=words)
    pages = [desk.at().get(f"/supervisor/{page}") for page in ("hazards", f"hazards/{hazard_id}")]
    for answer in [*pages, desk.at(None).get(desk.owners(hazard_id))]:
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "&lt;script&gt;alert" in answer.text


def test_the_printed_ledger_says_what_the_page_says(desk):
    hazard_id = desk.found(responsible_party="粮油厂", measure="搬走纸箱")
    gone, home = desk.found(place="柳溪小学", text="记错的一处"), desk.found(place="三组12户", text="插线板老化")
    desk.step(hazard_id, "rectified", "何敏", "station", note="纸箱清走了", **upload())
    desk.step(hazard_id, "verified", how="picture")
    desk.step(gone, "void", note="看错了")
    page = desk.at("何敏").get(f"/station/hazards/{hazard_id}").text
    [first, second, third] = printed(desk)
    label = re.search(r"20\d\d-\d{4}", page)[0]
    assert (first[0], first[5], first[6], first[8]) == (label, "粮油厂", "搬走纸箱\n纸箱清走了", DAY)
    assert (first[9], first[10], first[11].count("图片")) == ("罗静", "复查合格（看照片）", 0)
    assert "复查合格" in page and "看照片" in page
    assert second[10] == "记录作废（看错了）"
    assert (third[2], third[11]) == ("柳溪村住户", "住户照片不印"), home


def printed(desk):
    body = desk.at("何敏").get(f"/station/reports/station/{DAY[:7]}/hazard_ledger.docx").data
    document = Document(BytesIO(body))
    assert sum("<pic:pic" in cell._tc.xml for row in document.tables[0].rows[1:] for cell in row.cells) == 2
    return [[cell.text for cell in row.cells] for row in document.tables[0].rows[1:]]


def test_a_look_at_the_next_visit_takes_it_on_or_opens_it_again(desk):
    """Scanning the same code: put right is reported by one, closed by a second person, and open again when it came back."""
    hazard_id = desk.found()

    def look(name, result, minutes):
        line = {"hazard": hazard_id, "result": result, "at": to_ms(NOW) + minutes * 60_000, "note": "又看了"}
        desk.visit(name, ended_at=to_ms(NOW) + 3_600_000, sent_clock=to_ms(NOW) + 3_600_000, rechecks=[line])
        return desk.state(hazard_id)

    assert look("陈大山", "pending", 1) == "open"
    assert look("陈大山", "rectified", 2) == "rectified"
    assert look("陈大山", "rectified", 3) == "rectified"  # whoever reported it does not close it
    assert look("周小禾", "rectified", 4) == "verified"
    assert look("陈大山", "worse", 5) == "notified"
    assert desk.steps(hazard_id) == ["looked", "rectified", "looked", "verified", "reopened"]
    with desk.app.app_context():
        counts = Counter()
        assert [one.text for one in verify(desk.app, counts, hashing=False) if one.level == "broken"] == []
        assert counts["hazards"] == 1
