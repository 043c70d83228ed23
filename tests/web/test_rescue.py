"""A phone's backup at the desk: taken in as if the phone had sent it, twice or in pieces, and nobody's under another's name."""

import base64
import hashlib
import io
import json
import re
import struct
import sys
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from wujin_field.cast import phone, sealed
from wujin_field.db import db, utc_now, writing
from wujin_field.models import Claim, Device, Photo, Receipt, SetAside, Visit

sys.path.insert(0, str(Path(__file__).parents[1] / "sync"))

from backups import SigningPhone, zipped


@pytest.fixture
def chen(town):
    return SigningPhone(town, "陈大山")


@pytest.fixture
def desk(app, town):
    """何敏, at the station's desk."""
    with writing() as session:
        _, token = phone(session, town.person("何敏"))
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    return client


def hand_in(desk, body, status=200):
    answer = desk.post("/station/rescue", data={"backup": (io.BytesIO(body), "wujin.zip")})
    assert answer.status_code == status, answer.text
    db.session.rollback()
    return answer.text


def sums(page):
    """(taken, already, aside) as the page says."""
    return tuple(map(int, re.search(r"收下 (\d+) 件，早就有 (\d+) 件，放在一边 (\d+) 件", page).groups()))


def count(table):
    return db.session.scalar(select(func.count()).select_from(table))


def test_everything_that_the_phone_held_is_taken_in(chen, desk):
    visit = chen.visited()
    page = hand_in(desk, chen.exported())
    assert sums(page) == (3, 0, 0)
    assert "禾丰粮油加工厂" in page
    row = db.session.scalars(select(Visit)).one()
    assert (row.id, row.author_id, row.missing, row.signed) == (visit["id"], chen.device.person_id, 0, True)
    assert db.session.scalars(select(Receipt.device_id).distinct()).all() == [chen.device.id]


def test_the_same_file_twice_changes_nothing(chen, desk):
    chen.visited()
    hand_in(desk, chen.exported())
    before = [count(table) for table in (Claim, Receipt, Photo, SetAside, Visit)]
    assert sums(hand_in(desk, chen.exported())) == (0, 3, 0)
    assert [count(table) for table in (Claim, Receipt, Photo, SetAside, Visit)] == before


def test_the_phone_gets_the_same_receipts_later(app, chen, desk):
    visit = chen.visited()
    hand_in(desk, chen.exported())
    kept = db.session.scalars(select(Receipt.body).where(Receipt.kind == "visit")).one()
    client, body = app.test_client(), sealed(visit)
    client.set_cookie("wujin_device", chen.token)
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    answer = client.put(f"/sync/visits/{visit['id']}", data=body, headers={"Content-Digest": f"sha-256=:{digest}:"})
    assert answer.status_code == 200
    assert {key: value for key, value in answer.json.items() if key != "missing"} == kept


def test_a_cut_file_is_refused_whole_and_says_so(chen, desk):
    chen.visited()
    whole = chen.exported()
    for cut in (0, 1, 30, 1000, len(whole) // 2, len(whole) - 1):
        page = hand_in(desk, whole[:cut], 422)
        assert "这个文件不完整" in page or "不是手机导出的备份" in page
    assert count(Claim) == count(Photo) == 0


def test_something_else_is_no_backup(desk):
    for body in (
        b"%PDF-1.7",
        zipped({"a.txt": b"a"}),
        zipped({"manifest.json": b"[" * 100_000}),
        zipped({"manifest.json": b"{}"}),
    ):
        assert "wrong" not in hand_in(desk, body, 422)
    assert "请先选一个手机备份文件" in desk.post("/station/rescue", data={}).text


def test_a_changed_record_or_photo_is_set_aside_and_the_others_go_on(chen, desk):
    chen.visited(1)
    good = chen.visited(2)
    claim, photo = (next(name for name in chen.files if name.startswith(kind)) for kind in ("claims/visit", "photos/"))
    chen.files[claim] = chen.files[claim].replace(b'"started_at":1', b'"started_at":2')
    chen.files[photo] = chen.files[photo][:-1] + b"\0"
    page = hand_in(desk, chen.exported())
    assert sums(page) == (4, 0, 2)  # the changed visit's photo is listed by nobody either
    assert "坏了" in page
    assert db.session.scalars(select(Visit.id)).all() == [good["id"]]


def test_nobody_s_record_is_taken_under_another_s_name(chen, town, desk):
    tang = SigningPhone(town, "唐玉梅")
    chen.items, chen.files = [], {}
    forged = chen.visited()
    chen.items, chen.files = [], {}
    chen.keep(forged, signer=tang)
    page = hand_in(desk, chen.exported())
    assert sums(page) == (0, 0, 1)
    assert "签名和它说的那部手机对不上" in page
    assert (count(Visit), count(SetAside)) == (0, 1)
    hand_in(desk, chen.exported())
    assert count(SetAside) == 1


@pytest.mark.parametrize(
    ("change", "said"), [("unsigned", "没有手机签名"), ("unknown", "不是在这里开通的"), ("revoked", "已经停用")]
)
def test_what_proves_nothing_is_kept_aside(chen, town, desk, change, said):
    visit = chen.visited()
    if change == "unsigned":
        chen.items = [item | {"signature": None} for item in chen.items]
    elif change == "unknown":
        chen.items, chen.files = [], {}
        chen.keep(visit | {"device": "01930c2e-0000-7000-8000-00000000f001"})
    else:
        with writing() as session:
            session.execute(update(Device).values(revoked_at=utc_now()).where(Device.id == chen.device.id))
    page = hand_in(desk, chen.exported())
    assert sums(page)[0] == 0
    assert said in page
    assert count(Visit) == count(Photo) == count(Receipt) == 0
    assert count(SetAside) >= 1


def test_a_photo_that_no_record_lists_is_nobody_s(chen, desk):
    chen.keep_photo(b"\xff\xd8\xff\xe0 no picture, and nobody's")
    assert "没有收下的记录提到这张照片" in hand_in(desk, chen.exported())
    assert count(Photo) == 0


def test_a_bomb_unfolds_nothing(chen, desk):
    """Ten million zeros in ten kilobytes; a listing that claims more than it has; a number of files that nobody took."""
    visit = chen.visited()
    photo = f"photos/{visit['photos'][0]['sha256']}.jpg"
    chen.files[photo] = bytes(10_000_000)
    assert "不是手机导出的备份" in hand_in(desk, chen.exported(packed=zipfile.ZIP_DEFLATED), 422)
    many = zipped({f"photos/{number:064}.jpg": b"" for number in range(6000)})
    assert "太大" in hand_in(desk, many, 413)
    assert "太大" in hand_in(desk, chen.exported()[:-10] + struct.pack("<LLH", 2**31, 0, 0), 413)
    assert count(Claim) == 0


def test_entries_that_share_their_bytes_count_each_for_themselves(chen, desk):
    """Overlapping entries: one stored megabyte, listed five hundred times."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as whole:
        whole.writestr("a", bytes(1_000_000))
        first = whole.infolist()[0]
        for number in range(500):
            twin = zipfile.ZipInfo(f"photos/{number:064}.jpg")
            twin.file_size = twin.compress_size = first.file_size
            twin.CRC, twin.header_offset = first.CRC, first.header_offset
            whole.filelist.append(twin)
        whole._didModify = True
    assert "太大" in hand_in(desk, out.getvalue(), 413)


def test_names_lead_nowhere(chen, desk):
    chen.visited()
    chen.files |= {"../../wujin.db": b"gone", "/etc/passwd": b"root", "photos/../x": b"x"}
    chen.items.append({"kind": "photo", "id": "../../../etc/passwd"})
    assert "不是手机导出的备份" in hand_in(desk, chen.exported(), 422)
    chen.items.pop()
    assert sums(hand_in(desk, chen.exported())) == (3, 0, 0)


def test_a_manifest_may_lie_about_what_is_there(chen, desk):
    chen.visited()
    chen.files = {name: body for name, body in chen.files.items() if not name.startswith("claims/visit")}
    page = hand_in(desk, chen.exported())
    assert sums(page) == (1, 0, 2)
    assert "备份里没有这个文件" in page


def test_a_stranger_and_a_volunteer_hand_in_nothing(app, chen):
    chen.visited()
    client = app.test_client()
    send = {"data": {"backup": (io.BytesIO(chen.exported()), "a.zip")}}
    assert client.post("/station/rescue", **send).headers["Location"] == "/sign-in"
    client.set_cookie("wujin_device", chen.token)
    assert client.post("/station/rescue", data={"backup": (io.BytesIO(chen.exported()), "a.zip")}).status_code == 403
    assert count(Claim) == 0


def test_a_manifest_from_the_future_is_refused(chen, desk):
    body = json.dumps({"format": "wujin-rescue", "version": 2, "items": []}).encode()
    assert "不是手机导出的备份" in hand_in(desk, zipped({"manifest.json": body}), 422)
