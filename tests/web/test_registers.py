"""台账 at the desk: one record once, by whoever answers for it, seen by nobody else, never lost."""

import io
import re

import pytest

from wujin_field.cast import activity_claim, phone, picture, sealed, settle
from wujin_field.cast.registers import keep_registers
from wujin_field.cast.town import code_of
from wujin_field.db import db, local_day, utc_now, writing
from wujin_field.domain import load_pack
from wujin_field.models import RegisterEntry
from wujin_field.sync.intake import Sender

HOME = "/station/registers"


class Desk:
    def __init__(self, app):
        self.app = app
        with app.app_context(), writing() as session:
            self.town = settle(session)
            keep_registers(session, self.town, local_day(utc_now()))
            tokens = {name: phone(session, self.town.person(name))[1] for name in ("何敏", "赵春兰", "罗静", "唐玉梅")}
        self.clients = {name: app.test_client() for name in tokens}
        for name, token in tokens.items():
            self.clients[name].set_cookie("wujin_device", token)

    def add(self, who, register, follow=False, **form):
        form = {"title": "一条", "day": "2026-11-20"} | form
        return self.clients[who].post(f"{HOME}/{register}/new", data=form, follow_redirects=follow)

    def entry(self, title):
        with self.app.app_context():
            return db.session.query(RegisterEntry).filter_by(title=title).one()


@pytest.fixture
def desk(app):
    return Desk(app)


def test_what_was_typed_is_found_again_in_words(desk):
    release = {
        "title": "走进院落",
        "reviewer": "站长",
        "outlet": "县报",
        "kind": "feature",
        "medium": "newspaper",
        "times": "2",
    }
    answer = desk.add("何敏", "media_release", follow=True, **release)
    assert all(word in answer.text for word in ("走进院落", "县报", "深度报道", "2 次", "何敏记"))
    assert "走进院落" in desk.clients["何敏"].get(f"{HOME}/media_release?year=2026").text


def test_a_form_with_faults_comes_back_whole_with_a_sentence_at_each(desk):
    answer = desk.add(
        "何敏", "message_batch", title="节前提醒", reviewer="站长", words="小心用火", audience="residents", sent="许多"
    )
    assert answer.status_code == 422
    assert "这里填一个整数。" in answer.text and "小心用火" in answer.text and "许多" in answer.text


def test_a_village_records_for_itself_and_sees_no_neighbour(desk):
    desk.add("赵春兰", "publicist_training", title="柳溪学习", present="9")
    assert desk.entry("柳溪学习").unit_id == desk.town.units["liuxi"].id
    mine = f"{HOME}/publicist_training/{desk.entry('柳溪学习').id}"
    assert desk.clients["赵春兰"].get(mine).status_code == 200
    assert desk.clients["何敏"].get(mine).status_code == 200
    assert desk.clients["唐玉梅"].get(mine).status_code == 404
    elsewhere = desk.add("赵春兰", "publicist_training", present="9", unit=desk.town.units["shiqiao"].id)
    assert elsewhere.status_code == 422


def test_two_clerks_at_once_the_second_is_shown_the_first(desk):
    desk.add("何敏", "contact_log", title="联系物业", **{"with": "百合物业"})
    edit = f"{HOME}/contact_log/{desk.entry('联系物业').id}/edit"
    form = {"title": "联系物业", "day": "2026-11-20", "with": "百合物业", "revision": "1"}
    assert desk.clients["何敏"].post(edit, data=form | {"said": "先来的"}).status_code == 303
    second = desk.clients["罗静"].post(edit, data=form | {"said": "后来的"})
    assert second.status_code == 409 and "刚才别人改过" in second.text and "后来的" in second.text
    assert desk.entry("联系物业").values["said"] == "先来的"
    again = re.search(r'name="revision" value="(\d+)"', second.text)[1]
    assert desk.clients["罗静"].post(edit, data=form | {"said": "后来的", "revision": again}).status_code == 303
    assert desk.entry("联系物业").values["said"] == "后来的"


def test_a_void_entry_no_longer_counts_and_comes_back(desk):
    desk.add("何敏", "exposure", title="记错的", what="x", outlet="y")
    address = f"{HOME}/exposure/{desk.entry('记错的').id}"
    desk.clients["何敏"].post(f"{address}/void", data={"reason": "记重了"})
    assert "记错的" not in desk.clients["何敏"].get(f"{HOME}/exposure?year=2026").text
    assert "记重了" in desk.clients["何敏"].get(address).text
    desk.clients["何敏"].post(f"{address}/void", data={"reason": ""})
    assert "记错的" in desk.clients["何敏"].get(f"{HOME}/exposure?year=2026").text


def test_a_work_goes_up_comes_back_with_a_sentence_and_is_accepted(desk):
    desk.add("赵春兰", "work_submission", title="新海报", work_type="poster", origin="own", summary="s", rights="自绘")
    steps = f"{HOME}/work_submission/{desk.entry('新海报').id}/steps"
    assert desk.clients["赵春兰"].post(steps, data={"step": "accept"}).status_code == 422
    assert desk.clients["赵春兰"].post(steps, data={"step": "submit"}).status_code == 303
    without_reason = desk.clients["何敏"].post(steps, data={"step": "return"})
    assert without_reason.status_code == 422 and "这一步要写一句说明。" in without_reason.text
    desk.clients["何敏"].post(steps, data={"step": "return", "reason": "字太小"})
    assert desk.entry("新海报").state == "returned"
    desk.clients["赵春兰"].post(steps, data={"step": "submit"})
    desk.clients["何敏"].post(steps, data={"step": "accept"})
    assert desk.entry("新海报").state == "accepted"
    assert desk.clients["赵春兰"].get(steps.replace("/steps", "/edit")).status_code == 403


def test_a_task_is_seen_and_answered_by_the_unit_it_was_given_to(desk):
    task = f"{HOME}/task/{desk.entry('报送冬春火灾防控宣传安排').id}"
    assert "答复" in desk.clients["何敏"].get(task).text
    assert (
        desk.clients["何敏"].post(f"{task}/steps", data={"step": "answer", "reason": "已排好，附后"}).status_code == 303
    )
    assert desk.entry("报送冬春火灾防控宣传安排").state == "answered"
    assert desk.clients["赵春兰"].get(task).status_code == 404


def test_files_are_handed_out_as_downloads_counted_and_never_lost(desk):
    desk.add("赵春兰", "work_submission", title="折页", work_type="poster", origin="own", summary="s", rights="自绘")
    address = f"{HOME}/work_submission/{desk.entry('折页').id}"
    client, photo = desk.clients["何敏"], picture(3, utc_now())
    assert client.post(f"{address}/files", data={"file": (io.BytesIO(photo), "../折页.jpg")}).status_code == 303
    link = re.search(rf'href="({address}/files/[0-9a-f-]+)"', client.get(address).text)[1]
    answer = client.get(link)
    assert answer.data == photo
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert desk.clients["唐玉梅"].get(link).status_code == 404
    assert "下载 1 次" in client.get(address).text
    client.post(f"{link}/remove")
    assert "已移除：折页.jpg" in client.get(address).text


@pytest.mark.parametrize(
    ("name", "body"), [("a.exe", b"MZ"), ("a.pdf", b"<html>"), ("a.docm", b"PK\x03\x04"), ("a.jpg", b"x")]
)
def test_what_is_no_paper_and_no_picture_is_refused_with_a_sentence(desk, name, body):
    desk.add("何敏", "library_item", title="折页", issuer="站里", kind="leaflet", origin="own")
    address = f"{HOME}/library_item/{desk.entry('折页').id}/files"
    answer = desk.clients["何敏"].post(address, data={"file": (io.BytesIO(body), name)})
    assert answer.status_code == 422 and "只收照片、PDF" in answer.text


def test_the_library_is_shared_over_village_borders(desk):
    assert "居家消防三清三关" in desk.clients["唐玉梅"].get(f"{HOME}/library_item").text


def test_what_lasts_is_there_when_the_year_turns_until_a_year_is_chosen(desk):
    told = {"issuer": "站里", "kind": "leaflet", "origin": "own"}
    desk.add("何敏", "library_item", title="前年的折页", **told, day=f"{local_day(utc_now()).year - 2}-03-01")
    client, page = desk.clients["何敏"], f"{HOME}/library_item"
    shown = client.get(page).text
    assert "前年的折页" in shown and f"{local_day(utc_now()).year - 2}年03月01日" in shown  # and which year
    assert "前年的折页" in client.get(f"{page}/list.csv").text
    chosen = client.get(f"{page}?year={local_day(utc_now()).year}").text
    assert "前年的折页" not in chosen and "所有年份" in chosen


def test_every_kind_opens_empty_and_filled_in_both_languages(desk):
    client = desk.clients["何敏"]
    for kind in load_pack()["register"]:
        assert client.get(f"{HOME}/{kind}").status_code == 200
        empty = client.get(f"{HOME}/{kind}?year=2031").text
        assert "这一年还没有记" in empty and empty.count(f"{HOME}/{kind}/new") <= 1  # one way to begin, not two
    nobody = client.get(f"{HOME}/media_release?unit=nobody").text
    assert "没有符合这些条件的。" in nobody and "这一年还没有记" not in nobody
    client.set_cookie("lang", "en")
    assert "Joint notices and warnings" in client.get(HOME).text


def test_a_site_shows_its_standard_and_its_plate_hangs_on_the_public_page(desk):
    site = desk.entry("柳溪村消防宣传室")
    page = f"{HOME}/demonstration_site/{site.id}/dossier"
    assert "0/6" in desk.clients["何敏"].get(page).text
    assert desk.clients["唐玉梅"].get(page).status_code == 404
    stranger = desk.app.test_client()
    public = {name: stranger.get(f"/v/{code_of(name)}").text for name in ("百合消防体验馆", "柳溪村消防宣传室")}
    assert "消防安全宣传示范点" in public["百合消防体验馆"]
    assert "消防安全宣传示范点" not in public["柳溪村消防宣传室"], "not named yet: no plate"


def test_the_phone_is_offered_the_standard_a_site_grows_up_to(desk):
    with desk.app.app_context(), writing() as session:
        token = phone(session, desk.town.person("陈大山"))[1]
    client = desk.app.test_client()
    client.set_cookie("wujin_device", token)
    venues = {venue["zh"]: venue for venue in client.get("/sync/pack").json["venues"]}
    assert venues["柳溪村消防宣传室"]["also"] == ["demo_six_have"]
    assert "also" not in venues["禾丰粮油加工厂"]


def test_a_yearly_target_stands_beside_what_was_done(desk):
    text = desk.clients["何敏"].get(f"{HOME}/yearly_target").text
    assert "活动场次：做到 0 / 目标 96" in text


def test_a_register_goes_out_as_the_page_shows_it_with_its_attachments_named_and_no_formula(desk):
    told = {"reviewer": "站长", "outlet": "=县报", "kind": "feature", "medium": "newspaper", "times": "2"}
    desk.add("何敏", "media_release", title="+走进院落", **told)
    desk.add("何敏", "media_release", **told | {"title": "去年的", "day": "2025-11-20"})
    entry = desk.entry("+走进院落").id
    desk.clients["何敏"].post(
        f"{HOME}/media_release/{entry}/files", data={"file": (io.BytesIO(picture(3, utc_now())), "剪报.jpg")}
    )
    out = desk.clients["何敏"].get(f"{HOME}/media_release/list.csv?year=2026").text
    line = next(line for line in out.splitlines() if "走进院落" in line)
    assert all(word in line for word in ("2026-11-20", "'+走进院落", "'=县报", "深度报道", ",2,", "剪报.jpg"))
    assert "去年的" not in out
    assert desk.clients["何敏"].get(f"{HOME}/media_release/list.xlsx?year=2026").data[:2] == b"PK"
    assert "走进院落" not in desk.clients["赵春兰"].get(f"{HOME}/media_release/list.csv?year=2026").text
    assert desk.clients["何敏"].get(f"{HOME}/media_release/list.pdf").status_code == 404


def test_r181_a_case_says_at_how_many_activities_it_was_told(desk):
    case = desk.entry("充电的电瓶放在楼梯口")
    with desk.app.app_context():
        with writing() as session:
            device, _ = phone(session, desk.town.person("陈大山"))
        for _ in range(2):
            claim = activity_claim(device, desk.town.areas["liuxi"])
            claim["asked"] = {"case_told": True, "case": case.title, "case_id": case.id}
            sender = Sender(device.id, device.person_id)
            assert (
                desk.app.extensions["intake"].take_claim("activity", claim["id"], sealed(claim), sender).status == 201
            )
    page = desk.clients["何敏"].get(f"{HOME}/accident_case").text
    assert "讲过 2 场" in page.split(case.title)[1].split("</li>")[0]
    assert page.split("今年讲过")[1].split("</div>")[0].count("2 场") == 1
