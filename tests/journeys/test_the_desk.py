"""A Monday batch by keyboard alone; one comes back with the photo at fault; a hazard goes the whole way."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update
from test_the_return import add_photo, hand_in, news, recorded, send

from wujin_field import review
from wujin_field.cast import phone, picture, sealed, visit_claim
from wujin_field.db import db, to_ms, utc_now, uuid7, writing
from wujin_field.models import Batch, BatchVisit, Claim, Hazard, Ruling, Visit
from wujin_field.sync.intake import Sender

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]
REASON, ADVICE, ADDED = "看不清压力表", "走近一点再拍", "补拍了压力表"


def test_a_batch_by_keyboard_alone_and_what_it_sends_back(station, venue, page, new_desk, tmp_path):
    mine, others = recorded(station, venue, page), [stop(station, n) for n in range(4)]
    last_week(station)
    desk = signed_in(station, new_desk, "罗静")

    desk.keyboard.press("Tab")  # from here on the mouse rests
    to(desk, "button", "抽上周的走访")
    desk.wait_for_url("**/supervisor/batches/*")
    batch = desk.url
    to(desk, "link", "开始看")
    desk.wait_for_url("**/supervisor/visits/*")
    drawn = in_order(station)
    assert set(drawn) == {mine, *others}
    for visit_id in drawn:
        expect(desk.locator(f"visit-desk[data-id='{visit_id}']")).to_be_visible()
        if visit_id != drawn[-1]:
            desk.locator("visit-desk[ready]").wait_for()
        desk.keyboard.press("ArrowRight")
        if visit_id == mine:
            desk.keyboard.press("3")
            expect(desk.get_by_label("哪里要补")).to_be_focused()
            desk.keyboard.type(REASON)
            desk.keyboard.press("Tab")
            desk.keyboard.type(ADVICE)
            desk.keyboard.press("Control+Enter")
        else:
            desk.keyboard.press("1")
    desk.wait_for_url(re.compile(r"/supervisor/\?ruled="))
    desk.goto(batch)
    to(desk, "button", "看完了，结束这一批")
    expect(desk.get_by_text("已结束")).to_be_visible()
    assert ruled(station) == {visit_id: "unclear" if visit_id == mine else "pass" for visit_id in drawn}

    news(page)
    first = page.locator("main [data-returned]").first
    expect(first).to_contain_text(REASON)
    expect(first).to_contain_text(ADVICE)
    at_fault(station, mine)
    expect(first.get_by_role("img", name="说的是这张照片")).to_be_visible()
    page.get_by_role("button", name="去补").first.click()
    expect(page.locator("[data-state=revising]")).to_have_text("去补中")
    station.stop()  # no signal while it is put right
    add_photo(page, 0.7)
    hand_in(page, ADDED)
    station.start()
    send(page)
    expect(page.locator("[data-state=received]")).to_have_text("已收（第2次）")

    desk.goto(f"{station.url}/supervisor/visits/{mine}")
    expect(desk.get_by_text(ADDED)).to_be_visible()
    expect(desk.locator("main")).to_contain_text("针对第 1 版")
    desk.get_by_role("link", name="看第 1 版").click()
    expect(desk.get_by_role("heading", name="第 1 版")).to_be_visible()
    expect(desk.locator(".thumbs img")).to_have_count(1)
    told = verified_elsewhere(station, desk, mine, tmp_path / "elsewhere")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "3 of 3 claims signed" in told.stdout  # the activity, and both revisions of the visit


def test_a_ruling_is_taken_back_with_one_key_and_a_refused_one_turns_the_page_back(station, new_desk):
    first, second = stop(station, 0), stop(station, 1)
    desk = signed_in(station, new_desk, "罗静")
    desk.goto(f"{station.url}/supervisor/visits/{second}")
    desk.locator("visit-desk[ready]").wait_for()
    desk.keyboard.press("1")
    expect(desk.locator(f"visit-desk[data-id='{first}']")).to_be_visible()
    expect(desk.locator("[data-said]")).to_contain_text("属实")
    desk.keyboard.press("z")
    desk.wait_for_url(f"**/visits/{second}")
    with desk.expect_response("**/rulings"):
        desk.keyboard.press("2")
    desk.wait_for_url(f"**/visits/{first}*")
    assert ruled(station)[second] == "pass_with_note"

    desk.goto(f"{station.url}/supervisor/visits/{first}")
    third = stop(station, 2)
    desk.reload()
    desk.locator("visit-desk[ready]").wait_for()
    desk.route("**/rulings", lambda route: route.fulfill(status=503, body=""))
    desk.keyboard.press("1")
    expect(desk.locator("[data-failed]")).to_be_visible()
    expect(desk.locator(f"visit-desk[data-id='{first}']")).to_be_visible()
    desk.unroute("**/rulings")
    with desk.expect_response("**/rulings"):
        desk.keyboard.press("1")
    expect(desk.locator(f"visit-desk[data-id='{third}']")).to_be_visible()
    assert ruled(station)[first] == "pass"

    last, held = stop(station, 3), []
    desk.reload()
    desk.locator("visit-desk[ready]").wait_for()
    desk.route("**/rulings", lambda route: held.append(route))  # a slow line; nothing overtakes it
    desk.keyboard.press("1")
    expect(desk.locator(f"visit-desk[data-id='{last}']")).to_be_visible()
    desk.keyboard.press("1")
    desk.evaluate("() => fetch('/healthz')")
    assert len(held) == 1
    held.pop().continue_()
    desk.unroute("**/rulings")
    desk.wait_for_url("**/supervisor/?ruled=*")
    assert ruled(station)[third] == ruled(station)[last] == "pass"


def test_a_hazard_goes_the_whole_way_to_verified_by_a_second_person(station, venue, new_desk, new_phone):
    hazard = {"id": uuid7(), "severity": "general", "category": "electric", "text": "配电箱前堆了纸箱",
              "found_at": to_ms(utc_now()) - 60_000}  # fmt: skip
    stop(station, venue=venue, hazards=[hazard])

    desk = signed_in(station, new_desk, "何敏", "station")
    desk.get_by_role("link", name=re.compile("^隐患")).click()
    desk.get_by_role("link", name=venue.zh).first.click()
    desk.get_by_text("留了告知单").click()
    desk.get_by_role("button", name="记下：已告知").click()
    expect(desk.locator(".headline")).to_contain_text("待整改")
    address = desk.locator(".address-line").inner_text()

    owner = new_phone(service_workers="block", java_script_enabled=False).open(address)
    expect(owner.get_by_role("button", name="我已整改")).to_be_visible()
    owner.get_by_label("拍一张现在的样子").set_input_files(picture_file(station))
    owner.get_by_role("button", name="我已整改").click()
    expect(owner.get_by_text("收到了，谢谢")).to_be_visible()

    supervisor = signed_in(station, new_desk, "罗静")
    supervisor.goto(desk.url.replace("/station/", "/supervisor/").partition("?")[0])
    supervisor.get_by_text("到现场看", exact=True).click()
    supervisor.get_by_role("button", name="复查合格", exact=True).click()
    expect(supervisor.locator(".headline")).to_contain_text("复查合格")
    owner.reload()
    expect(owner.get_by_text("已经复查合格")).to_be_visible()
    with station.app.app_context():
        assert set(db.session.scalars(select(Hazard.state))) == {"verified"}
    assert station.verify() == 0


def signed_in(station, new_desk, name, face="supervisor"):
    desk = new_desk(service_workers="block").open(station.link_for(name))
    desk.locator("form[action^='/enrol'] button, form button.main").first.click()
    desk.wait_for_url(f"**/{face}/**")
    return desk


def to(desk, role, name):
    """Reach it by Tab and press Enter, as somebody without a mouse does."""
    wanted = desk.get_by_role(role, name=name).first
    expect(wanted).to_be_visible()
    for _ in range(80):
        if wanted.evaluate("(node) => node === document.activeElement"):
            desk.keyboard.press("Enter")
            return
        desk.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached by keyboard")


def stop(station, number=0, venue=None, **fields):
    """A visit of somebody else, handed in through the intake; its id."""
    venues = [venue for venue in station.town.venues.values() if venue.privacy == "open" and venue.lat_e7]
    with station.app.app_context():
        with writing() as session:
            device, _ = phone(session, station.town.person("何长生"))
        claim = visit_claim(device, venue or venues[number + 3], **fields)
        intake = station.app.extensions["intake"]
        sender = Sender(device.id, device.person_id)
        assert intake.take_claim("visit", claim["id"], sealed(claim), sender).status == 201
    return claim["id"]


def verified_elsewhere(station, desk, visit_id, folder):
    """The visit's bundle on a machine without the server: a bare Python, a folder with nothing of ours in it."""
    folder.mkdir()
    answer = desk.request.get(f"{station.url}/supervisor/visits/{visit_id}/bundle.zip")
    (folder / "bundle.zip").write_bytes(answer.body())
    with zipfile.ZipFile(folder / "bundle.zip") as bundle:
        bundle.extract("verify.py", folder)
    bare = shutil.which("python3", path=os.defpath) or sys._base_executable  # not the one that the tests run in
    line = [bare, "-I", "verify.py", "bundle.zip", station.app.extensions["signer"].public_key]
    return subprocess.run(line, cwd=folder, env={}, capture_output=True, text=True)


def last_week(station):
    """Everything came a week ago: on Mondays the week before is drawn."""
    back = utc_now() - timedelta(days=7)
    with station.app.app_context(), writing() as session:
        session.execute(update(Claim).values(received_at=back))
        session.execute(update(Visit).values(received_at=back))


def in_order(station):
    with station.app.app_context():
        rows = select(BatchVisit.visit_id).join(Batch).where(BatchVisit.reason.is_not(None)).order_by(BatchVisit.place)
        return list(db.session.scalars(rows))


def ruled(station):
    """The newest ruling of each visit."""
    with station.app.app_context():
        rows = db.session.execute(select(Ruling.visit_id, Ruling.result).order_by(Ruling.decided_at, Ruling.id))
        return {row.visit_id: row.result for row in rows}


def at_fault(station, visit_id):
    with station.app.app_context():
        standing = review.standing(db.session(), db.session.get_one(Visit, visit_id))
        assert standing.photo in {photo.sha256 for photo in db.session.get_one(Visit, visit_id).photos}
        return standing.photo


def picture_file(station):
    path = station.folder / "now.jpg"
    path.write_bytes(picture(5, datetime.now().astimezone()))
    return str(path)
