"""The clerk's month: draft, words, pictures in order, handed in, returned, received; frozen, versioned, checked by anybody."""

import csv
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO, StringIO
from threading import Barrier
from zipfile import ZipFile

import pytest
from papers import AT, MONTH, Village, texts
from PIL import Image
from sqlalchemy import select

from wujin_field.db import local_day, utc_now
from wujin_field.models import Report


@pytest.fixture
def village(app):
    return Village(app)


@pytest.fixture
def clerk(village):
    return village.at("赵春兰")


@pytest.fixture
def station(village):
    return village.at("何敏")


def form_of(client, **changes):
    """What a browser would send back: the fields of the page as it stands, with `changes`."""
    text = client.get(AT).text
    form = {
        "seen": re.search(r'name="seen" value="(\d+)"', text)[1],
        "keep": re.findall(r'name="keep" value="([^"]+)"', text),
    }
    for entry, digest in re.findall(r'name="photo:([^"]+)" value="([0-9a-f]{64})"', text):
        form.setdefault(f"photo:{entry}", []).append(digest)
    return form | changes


def hand_in(client):
    client.post(f"{AT}/words", data=form_of(client, public="yes"))
    return client.post(f"{AT}/submission")


def board_line(client, unit="柳溪村村民委员会"):
    text = client.get(f"/station/reports?period={MONTH}").text
    line = re.search(rf"<tr>\s*<th[^>]*><a[^>]*>{unit}.*?</tr>", text, re.S)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", line).split())


def test_the_board_says_what_each_village_lacks_and_where(village, station):
    village.outing(6, "讲解用电", photos=1)
    village.outing(7, "讲解用气", photos=3, arrived=False)
    line = board_line(station)
    assert "未开始" in line
    assert "只有1张照片 （一）消防宣传进企业（讲解用电）" in line
    assert "图片1、图片2、图片3还没有收到原图 （二）消防宣传进企业（讲解用气）" in line


def test_the_boards_file_says_of_each_village_what_its_page_says(village, station):
    village.outing(6, "讲解用电", photos=1)
    lines = list(
        csv.DictReader(StringIO(station.get(f"/station/reports/list.csv?period={MONTH}").data.decode("utf-8-sig")))
    )
    page = station.get(f"/station/reports?period={MONTH}").text
    assert [line["单位"] for line in lines] == re.findall(r'<th scope="row"><a[^>]*>([^<]+)', page)
    for line in lines:
        shown = board_line(station, line["单位"])
        cells = (line["进度"], line["迟报"], line["活动"], line["照片"], *line["还缺什么"].split("\n"))
        assert all(cell in shown for cell in cells), (cells, shown)
        assert (line["还缺（处）"] == "0") == ("处 只有" not in shown)
    assert any("只有1张照片" in line["还缺什么"] for line in lines)


def test_the_clerk_goes_from_one_paper_to_the_next_that_is_to_be_done(village, station):
    seen, at = [], "/station/reports/liuxi"
    while at and len(seen) < 20 and at not in seen:
        seen.append(at)
        found = re.search(r'href="([^"]+)">下一个没报的', station.get(f"{at}/{MONTH}/annex2_monthly").text)
        at = found and found[1].removesuffix(f"/{MONTH}/annex2_monthly")
    assert len(seen) == len(re.findall(r'<th scope="row"><a', station.get(f"/station/reports?period={MONTH}").text))


def test_this_week_says_that_this_months_report_was_handed_in(village, clerk):
    now = f"{local_day(utc_now()):%Y-%m}"
    assert "都报了" not in clerk.get("/station/").text
    at = f"/station/reports/liuxi/{now}/annex2_monthly"
    assert clerk.post(f"{at}/words", data={"seen": "0", "public": "yes"}).status_code == 303
    assert clerk.post(f"{at}/submission").status_code == 303
    assert "都报了" in clerk.get("/station/").text


def test_a_month_without_visits_is_a_paper_that_says_so(clerk):
    assert "本周无活动" in texts(clerk.get(f"{AT}.docx"))
    assert clerk.get(AT).status_code == 200


def test_the_clerks_words_and_order_are_printed_and_the_rest_stays_the_records(village, clerk):
    first, photos = village.outing(6, "讲解用电", photos=4)
    second, _ = village.outing(7, "讲解用气")
    form = form_of(clerk, **{"person": "赵春兰", "reviewer": "李国强", "public": "no", f"text:{first}": "到企业讲解安全用电",
                             f"photo:{first}": photos[::-1], "keep": [first]})  # fmt: skip
    assert clerk.post(f"{AT}/words", data=form).status_code == 303
    printed = texts(clerk.get(f"{AT}.docx"))
    assert "（一）消防宣传进企业（到企业讲解安全用电）" in printed
    assert not any("讲解用气" in line for line in printed), second
    assert any(line.startswith("填报：赵春兰　审核：李国强") for line in printed)
    assert "（此件公开发布）" not in printed
    shown = re.findall(r'<figure><img src="[^"]*/([0-9a-f]{64})\.jpg"', clerk.get(AT).text)
    assert shown == photos[::-1][:3]


def test_the_document_number_stands_before_the_mark_as_official_papers_have_it(village, clerk):
    village.outing(6, "讲解用电")
    clerk.post(f"{AT}/words", data=form_of(clerk, number="青府发〔2026〕12号"))
    told = texts(clerk.get(f"{AT}.docx"))
    assert told[0] == "青府发〔2026〕12号　附件2"
    assert "报送：青禾镇消防工作站" in told


def test_a_picture_moves_one_place_without_script_too(village, clerk):
    entry, photos = village.outing(6, "讲解用电")
    clerk.post(f"{AT}/words", data=form_of(clerk, move=f"{photos[0]}|1"))
    shown = re.findall(r'<figure><img src="[^"]*/([0-9a-f]{64})\.jpg"', clerk.get(AT).text)
    assert shown == [photos[1], photos[0], photos[2]], entry


def test_a_picture_of_another_entry_cannot_be_slipped_in(village, clerk):
    first, photos = village.outing(6, "讲解用电")
    _, others = village.outing(7, "讲解用气")
    clerk.post(f"{AT}/words", data=form_of(clerk, **{f"photo:{first}": [others[0], *photos]}))
    shown = re.findall(r'<figure><img src="[^"]*/([0-9a-f]{64})\.jpg"', clerk.get(AT).text)
    assert shown[:3] == photos


def test_whether_it_may_be_published_is_decided_before_it_is_handed_in(village, clerk):
    village.outing(6, "讲解用电")
    answer = clerk.post(f"{AT}/submission")
    assert answer.status_code == 409
    assert "请先定下这份报告是否公开发布" in answer.text


def test_what_was_handed_in_never_changes_again(village, clerk, station):
    village.outing(6, "讲解用电")
    assert hand_in(clerk).status_code == 303
    before = clerk.get(f"{AT}.docx").data
    village.outing(8, "后来才交上来的")
    assert clerk.get(f"{AT}.docx").data == before
    assert "记录变了" in station.get(AT).text
    assert "已报" in board_line(station)


def test_what_was_typed_in_the_last_second_is_handed_in_too(village, clerk, station):
    first, _ = village.outing(6, "讲解用电")
    seen = form_of(clerk, public="yes")
    clerk.post(f"{AT}/words", data=seen)  # on its way when the button was pressed
    assert clerk.post(f"{AT}/submission", data=seen | {f"text:{first}": "到粮油厂讲解安全用电"}).status_code == 303
    assert "到粮油厂讲解安全用电" in clerk.get(AT).text
    late = clerk.post(f"{AT}/words", data=seen)  # or it came after the press
    assert (late.status_code, len(village.held(select(Report.id)))) == (409, 1)


def test_what_a_press_brings_along_does_not_cover_somebody_elses_words(village, clerk, station):
    first, _ = village.outing(6, "讲解用电")
    seen = form_of(clerk, public="yes")
    station.post(f"{AT}/words", data=form_of(station, public="yes", **{f"text:{first}": "讲解用电和用气"}))
    answer = clerk.post(f"{AT}/submission", data=seen)
    assert answer.status_code == 409
    assert "何敏刚刚改过这份报告" in answer.text
    foreign = form_of(clerk, **{f"text:{first}": "发放资料650份"})
    assert clerk.post(f"{AT}/submission", data=foreign).status_code == 422
    assert "未开始" not in board_line(station) and "已报" not in board_line(station)


def test_two_clerks_hand_in_at_once_and_it_is_handed_in_once(village, clerk, station):
    village.outing(6, "讲解用电")
    clerk.post(f"{AT}/words", data=form_of(clerk, public="yes"))
    together = Barrier(2)

    def press(desk):
        together.wait()
        return desk.post(f"{AT}/submission")

    with ThreadPoolExecutor(2) as hands:
        answers = sorted(hands.map(press, [clerk, station]), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [303, 409]
    assert re.search("(赵春兰|何敏)已经报送了这一版", answers[1].text)
    assert len(village.held(select(Report.id))) == 1


def test_who_saves_over_somebody_elses_words_is_told_first(village, clerk, station):
    village.outing(6, "讲解用电")
    mine, theirs = form_of(clerk, public="yes"), form_of(station, public="no")
    clerk.post(f"{AT}/words", data=mine)
    answer = station.post(f"{AT}/words", data=theirs)
    assert answer.status_code == 409
    assert "赵春兰刚刚改过这份报告" in answer.text


def test_the_preview_alone_says_it_and_the_later_words_stay_out_until_the_page_is_read_again(village, clerk, station):
    village.outing(6, "讲解用电")
    theirs = form_of(station, public="no")
    clerk.post(f"{AT}/words", data=form_of(clerk, public="yes"))
    answers = [station.post(f"{AT}/words", data=theirs, headers={"HX-Request": "true"}) for _ in range(2)]
    for answer in answers:
        assert (answer.status_code, "<html" in answer.text) == (409, False)
        assert "赵春兰刚刚改过这份报告" in answer.text and f'name="seen" value="{theirs["seen"]}"' in answer.text


def test_words_may_be_changed_but_not_what_was_counted(village, clerk):
    entry, _ = village.outing(6, "讲解用电，受教育群众57人，发放资料65份，走了3号楼")
    better = "讲解用电和用气，受教育群众五十七人，发放资料65份，走了4号楼，是119消防月第一次到千家万户"
    for text, status in ((better, 200), (better.replace("65", "650"), 422), (better.replace("65", "六百五十"), 422),
                         ("近60余人，65份", 422)):  # fmt: skip
        data = form_of(clerk, public="yes", **{f"text:{entry}": text})
        answer = clerk.post(f"{AT}/words", data=data, headers={"HX-Request": "true"})
        assert answer.status_code == status and better in answer.text
    assert "“60余人”不是记录填进来的数" in answer.text


def test_the_figures_of_a_summary_are_not_typed_over_and_the_clerks_own_sentences_are_free(village, clerk):
    village.outing(6, "讲解用电")
    at = f"/station/reports/liuxi/{MONTH[:4]}/annual_summary"
    shown = re.search(r'<textarea[^>]*name="text:basics"[^>]*>(.*?)</textarea>', clerk.get(at).text, re.S)[1]
    for key, text, status in (("basics", shown.replace("{场次}场次", "三十场次"), 422), ("basics", f"{shown}成效明显。", 303),
                              ("problems", "还有3户没有装报警器。", 303)):  # fmt: skip
        seen = re.search(r'name="seen" value="(\d+)"', clerk.get(at).text)[1]
        assert clerk.post(f"{at}/words", data={"seen": seen, f"text:{key}": text}).status_code == status


def test_a_return_has_a_reason_and_a_receipt_a_day(village, clerk, station):
    village.outing(6, "讲解用电")
    hand_in(clerk)
    assert station.post(f"{AT}/receipt", data={}).status_code == 409
    assert "请写明退回的原因" in station.post(f"{AT}/return", data={"reason": " "}).text


def test_the_version_that_came_first_stays_as_it_was(village, clerk):
    entry, _ = village.outing(6, "讲解用电")
    hand_in(clerk)
    clerk.post(f"{AT}/version")
    clerk.post(f"{AT}/words", data=form_of(clerk, public="yes", **{f"text:{entry}": "到粮油厂讲解安全用电"}))
    clerk.post(f"{AT}/submission")
    [first, second] = village.held(select(Report).order_by(Report.version))
    assert (first.version, second.version) == (1, 2)
    assert second.changes == ["（一）消防宣传进企业（讲解用电） → （一）消防宣传进企业（到粮油厂讲解安全用电）"]
    assert "讲解用电）" in "".join(texts(clerk.get(f"{AT}.docx?version=1")))


def test_what_comes_after_the_28th_is_late(village, clerk, station):
    village.outing(6, "讲解用电")
    hand_in(clerk)
    assert "迟报" in board_line(station)  # October's report, handed in on the day of this test


@pytest.mark.parametrize("act", ["return", "receipt"])
def test_only_the_station_returns_and_receives(village, clerk, act):
    village.outing(6, "讲解用电")
    hand_in(clerk)
    assert clerk.post(f"{AT}/{act}", data={"reason": "x", "paper_at": "2026-10-28"}).status_code == 403


def test_a_supervisor_reads_and_writes_nothing(village):
    desk = village.at("罗静")
    assert desk.get(AT).status_code == 200
    assert {desk.post(f"{AT}/{act}").status_code for act in ("words", "submission", "version")} == {403}


def test_a_village_clerk_sees_the_own_village_alone(clerk):
    for path in ("", ".docx", "/words", "/submission"):
        method = clerk.post if path.startswith("/") else clerk.get
        assert method(AT.replace("liuxi", "shiqiao") + path).status_code == 404


def test_anybody_may_check_a_printed_report_and_learns_nothing_personal(village, clerk, app):
    village.outing(6, "讲解用电，陈大山带队")
    hand_in(clerk)
    [report] = village.held(select(Report))
    page = app.test_client().get(f"/p/{report.code}").text
    assert report.digest in page
    assert "条目1个，照片3张" in page
    assert "陈大山" not in page and "赵春兰" not in page
    assert app.test_client().get("/p/NOBODYS").status_code == 404
    assert any(report.code in line for line in texts(clerk.get(f"{AT}.docx")))


def test_the_photos_of_the_page_are_this_units_own(village, clerk):
    _, photos = village.outing(6, "讲解用电")
    assert clerk.get(f"{AT}/photos/{photos[0]}.jpg").mimetype == "image/jpeg"
    assert clerk.get(f"{AT}/photos/{'ab' * 32}.jpg").status_code == 404


@pytest.mark.parametrize("form", ["docx", "pdf", "xlsx"])
def test_it_can_be_had_in_three_forms(village, clerk, form):
    village.outing(6, "讲解用电")
    answer = clerk.get(f"{AT}.{form}")
    assert (answer.status_code, answer.data[:2] in (b"PK", b"%P")) == (200, True)


def test_a_stamped_copy_says_when_where_and_whose_and_the_original_stays(village, clerk):
    _, photos = village.outing(6, "讲解用电")
    plain = clerk.get(f"{AT}.docx").data
    clerk.post(f"{AT}/words", data=form_of(clerk, stamped="on"))
    stamped = clerk.get(f"{AT}.docx").data
    first = [ZipFile(BytesIO(body)).read("word/media/image1.jpeg") for body in (plain, stamped)]
    assert first[0] != first[1]
    assert Image.open(BytesIO(first[0])).size == Image.open(BytesIO(first[1])).size
    with village.app.extensions["vault"].open(photos[0]) as kept:
        assert hashlib.sha256(kept.read()).hexdigest() == photos[0]
