"""The station's places: found, changed by two clerks, merged, moved, retired; found on a visit; their posters and gear."""

import re
import time
from datetime import date

import pytest
from flask import g
from sqlalchemy import select

from wujin_field.cast import phone, photo_line, picture, sealed, visit_claim
from wujin_field.db import db, local_day, utc_now, writing
from wujin_field.domain import load_pack
from wujin_field.models import CodeDoubt, CodeScan, Equipment, Job, Venue, VenueCode, Visit
from wujin_field.models.equipment import dates_of
from wujin_field.sync.intake import Sender
from wujin_field.web import desks

MILL, HALL = "禾丰粮油加工厂", "柳溪小学"


class Desk:
    def __init__(self, app, town):
        self.app, self.town = app, town
        self.client = self.signed_in("何敏")
        with writing() as session:
            self.phone, _ = phone(session, town.person("陈大山"))

    def signed_in(self, name):
        with writing() as session:
            _, token = phone(session, self.town.person(name))
        client = self.app.test_client()
        client.set_cookie("wujin_device", token)
        return client

    def stranger(self):
        """Somebody with no phone of ours; the tests of one context would otherwise remember who asked before."""
        g.pop("caller", None)
        g.pop("device", None)
        return self.app.test_client()

    def page(self, path):
        answer = self.client.get(path)
        assert answer.status_code == 200, path
        return answer.text

    def post(self, path, **form):
        answer = self.client.post(path, data=form)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def visit(self, claim=None, **fields):
        claim = claim or visit_claim(self.phone, self.town.venue(MILL))
        claim |= fields
        sender = Sender(self.phone.id, self.phone.person_id)
        taken = self.app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), sender)
        assert taken.status == 201, taken.code
        db.session.rollback()
        return claim

    def somewhere_unknown(self, name="桥头小卖部", **position):
        at = {"lat_e7": 295_010_000, "lon_e7": 1_062_010_000, "accuracy_m": 8, "age_ms": 900} | position
        shot = photo_line(picture(3, utc_now()), utc_now(), position=at)
        return self.visit(venue=None, scanned_code=None, place_text=name, photos=[shot])

    def form(self, venue, **more):
        kept = {
            "zh": venue.zh,
            "area_id": venue.area_id,
            "venue_kind": venue.venue_kind,
            "place_type": venue.place_type,
        }
        return kept | more

    def finished(self, where):
        """Follow a job to its end."""
        for _ in range(400):
            db.session.rollback()  # a new look at the row, as another request has
            answer = self.client.get(where)
            if answer.status_code == 303:
                return answer.headers["Location"]
            if "/file" in answer.text or "没有做完" in answer.text:
                return answer.text
            time.sleep(0.05)
        raise TimeoutError(where)


@pytest.fixture
def desk(app, town):
    return Desk(app, town)


def venue(name):
    return db.session.scalar(select(Venue).where(Venue.zh == name).execution_options(populate_existing=True))


def test_places_are_found_by_name_code_village_kind_and_state(desk):
    mill = desk.town.venue(MILL)
    for query in (f"name={MILL[:3]}", f"name={mill.code}", f"name={mill.code[:4].lower()}+{mill.code[4:].lower()}",
                  f"kind={mill.venue_kind}", "area=liuxi"):  # fmt: skip
        assert MILL in desk.page(f"/station/venues?{query}"), query
    assert MILL not in desk.page("/station/venues?area=gaoping&kind=elder_home")
    assert "没有符合这些条件的场所" in desk.page("/station/venues?state=retired")


def test_every_place_is_listed_once_over_all_pages(desk):
    names, address = [], "/station/venues"
    while address:
        text = desk.page(address)
        names += re.findall(r'<a href="/station/venues/[0-9a-f-]{36}"><strong>([^<]+)', text)
        onward = re.search(r'href="(/station/venues\?[^"]*after=[^"]+)"', text)
        address = onward[1].replace("&amp;", "&") if onward else None
    assert sorted(names) == sorted(db.session.scalars(select(Venue.zh)))


def test_the_map_draws_what_has_a_position_and_no_home(desk):
    text = desk.page("/station/venues/map")
    homes = db.session.scalars(select(Venue).where(Venue.privacy == "strict")).all()
    assert f"/station/venues/{desk.town.venue(MILL).id}" in text
    assert homes and not [home.zh for home in homes if home.id in text]


def test_a_place_is_added_with_its_code(desk):
    area = desk.town.areas["liuxi"].id
    where = desk.post("/station/venues/new", zh="桥头小卖部", area_id=area, venue_kind="street_shop")
    assert venue("桥头小卖部").code.replace(" ", "")[:4] in desk.page(where)
    again = desk.client.post(
        "/station/venues/new", data={"zh": "桥头小卖部", "area_id": area, "venue_kind": "street_shop"}
    )
    assert again.status_code == 422 and "这里已经有一个" in again.text
    turned = {"zh": "\u202e桥头\u200b小店", "area_id": area, "venue_kind": "street_shop", "team_size": "9" * 30}
    page = desk.client.post("/station/venues/new", data=turned, follow_redirects=True).text
    assert "桥头小店" in page and "\u202e" not in page, "a mark of direction turns nothing round"


def test_the_second_clerk_sees_what_the_first_changed_and_chooses(desk):
    mill = desk.town.venue(MILL)
    desk.post(f"/station/venues/{mill.id}/edit", **desk.form(mill, address="桥头 3 号", revision=1))
    late = desk.client.post(f"/station/venues/{mill.id}/edit", data=desk.form(mill, address="桥尾 9 号", revision=1))
    assert late.status_code == 409
    assert "桥头 3 号" in late.text and "桥尾 9 号" in late.text and "刚才有人先改了" in late.text
    assert venue(MILL).address == "桥头 3 号"
    desk.post(f"/station/venues/{mill.id}/edit", **desk.form(mill, address="桥尾 9 号", revision=2))
    assert venue(MILL).address == "桥尾 9 号"


def test_moving_a_place_leaves_its_old_visits_where_they_were(desk):
    claim, mill, gaoping = desk.visit(), desk.town.venue(MILL), desk.town.areas["gaoping"]
    before = db.session.get(Visit, claim["id"]).area_id
    desk.post(f"/station/venues/{mill.id}/edit", **desk.form(mill, area_id=gaoping.id, revision=1))
    assert venue(MILL).area_id == gaoping.id
    assert db.session.get(Visit, claim["id"], populate_existing=True).area_id == before
    assert "改到另一个村" in desk.page(f"/station/venues/{mill.id}")


def test_merging_takes_history_codes_and_gear_along(desk):
    claim, mill, hall = desk.visit(), desk.town.venue(MILL), desk.town.venue(HALL)
    desk.post(f"/station/venues/{mill.id}/equipment", kind="extinguisher_powder", made_on="2020-01-01")
    old = mill.code
    desk.post(f"/station/venues/{mill.id}/merge", into=hall.id)
    row = db.session.get(Visit, claim["id"], populate_existing=True)
    assert (row.venue_id, row.place_type, row.venue_kind) == (hall.id, mill.place_type, mill.venue_kind)
    assert db.session.scalar(select(VenueCode.venue_id).where(VenueCode.code == old)) == hall.id
    assert db.session.scalar(select(Equipment.venue_id)) == hall.id
    assert not venue(MILL).active and hall.zh in desk.page(f"/station/venues/{mill.id}")


def test_a_phone_that_still_names_the_double_is_led_on(desk):
    mill, hall = desk.town.venue(MILL), desk.town.venue(HALL)
    claim = visit_claim(desk.phone, mill)
    desk.post(f"/station/venues/{mill.id}/merge", into=hall.id)
    assert db.session.get(Visit, desk.visit(claim)["id"]).venue_id == hall.id


def test_a_retired_place_keeps_its_history_and_comes_back(desk):
    mill = desk.town.venue(MILL)
    desk.visit()
    desk.post(f"/station/venues/{mill.id}/retire", reason="搬走了")
    assert MILL not in desk.page("/station/venues?name=禾丰")
    assert MILL in desk.page("/station/venues?state=retired")
    assert "搬走了" in desk.page(f"/station/venues/{mill.id}")
    desk.post(f"/station/venues/{mill.id}/bring-back")
    assert MILL in desk.page("/station/venues?name=禾丰")


def test_a_place_found_on_a_visit_becomes_one_with_the_position_measured_there(desk):
    claim = desk.somewhere_unknown()
    assert "桥头小卖部" in desk.page("/station/pending") and "待确认场所" in desk.page("/station/venues")
    area = desk.town.areas["liuxi"].id
    desk.post(f"/station/pending/{claim['id']}", zh="桥头小卖部", area_id=area, venue_kind="street_shop")
    made = venue("桥头小卖部")
    assert (made.lat_e7, made.lon_e7, made.point_accuracy_m, made.point_source) == (
        295_010_000,
        1_062_010_000,
        8,
        "on_site",
    )
    assert db.session.get(Visit, claim["id"], populate_existing=True).venue_id == made.id
    assert "没有要确认的" in desk.page("/station/pending")


def test_one_that_was_there_already_is_linked_with_all_that_say_the_same(desk):
    claims, mill = [desk.somewhere_unknown("禾丰厂"), desk.somewhere_unknown("禾丰厂")], desk.town.venue(MILL)
    page = desk.page("/station/pending")
    assert "2 次走访" in page and MILL in page
    desk.post(f"/station/pending/{claims[0]['id']}", venue=mill.id)
    assert {db.session.get(Visit, one["id"], populate_existing=True).venue_id for one in claims} == {mill.id}


def test_a_correction_from_the_phone_does_not_undo_the_link(desk):
    from wujin_field import review

    claim, mill = desk.somewhere_unknown(), desk.town.venue(MILL)
    desk.post(f"/station/pending/{claim['id']}", venue=mill.id)
    with writing() as session:
        review.rule(session, session.get(Visit, claim["id"]), desk.town.person("罗静"), "unclear", "看不清", "补一张")
    desk.visit(claim | {"revision": 2, "note": "补了一张"})
    assert db.session.get(Visit, claim["id"], populate_existing=True).venue_id == mill.id


def test_the_point_can_be_the_finest_that_a_phone_measured(desk):
    mill = desk.town.venue(MILL)
    fine = {"lat_e7": mill.lat_e7 + 500, "lon_e7": mill.lon_e7, "accuracy_m": 3, "age_ms": 100}
    shot = photo_line(picture(3, utc_now()), utc_now(), position=fine)
    desk.visit(photos=[shot])
    assert "误差 3 米" in desk.page(f"/station/venues/{mill.id}")
    desk.post(f"/station/venues/{mill.id}/survey")
    assert (venue(MILL).lat_e7, venue(MILL).point_accuracy_m) == (fine["lat_e7"], 3)


@pytest.mark.parametrize(
    ("kind", "made", "serviced", "service_due", "scrap_due", "state"),
    [
        ("extinguisher_powder", "2021-03-01", None, "2026-03-01", "2031-03-01", "service"),
        ("extinguisher_powder", "2021-03-01", "2026-02-01", "2028-02-01", "2031-03-01", "ok"),
        ("extinguisher_water", "2020-05-31", "2026-01-10", "2027-01-10", "2026-05-31", "scrap"),
        ("extinguisher_co2", "2024-02-29", None, "2029-02-28", "2036-02-29", "ok"),
        ("extinguisher_powder", None, None, None, None, "unknown"),
        ("extinguisher_powder", "2021-12-20", None, "2026-12-20", "2031-12-20", "soon"),
        ("hydrant", "2001-01-01", None, None, None, "ok"),
    ],
)
def test_service_and_scrap_dates_follow_gb_50444(kind, made, serviced, service_due, scrap_due, state):
    day = lambda text: date.fromisoformat(text) if text else None  # noqa: E731
    row = Equipment(kind=kind, made_on=day(made), serviced_on=day(serviced))
    dates = dates_of(row, load_pack()["equipment_kind"][kind], date(2026, 11, 25))
    assert (dates.service_due, dates.scrap_due, dates.state) == (day(service_due), day(scrap_due), state)


def test_gear_is_listed_most_urgent_first_and_is_serviced(desk):
    mill = desk.town.venue(MILL)
    desk.post(f"/station/venues/{mill.id}/equipment", kind="extinguisher_powder", made_on="2001-01-01", spot="门口")
    desk.post(f"/station/venues/{mill.id}/equipment", kind="extinguisher_co2", made_on=str(local_day(utc_now())))
    page = desk.page("/station/equipment")
    assert page.index("门口") < page.index("二氧化碳灭火器")
    gear = db.session.scalar(select(Equipment).where(Equipment.spot == "门口"))
    desk.post(f"/station/equipment/{gear.id}", act="gone")
    assert "门口" not in desk.page("/station/equipment")


def test_a_reprint_is_a_new_version_and_the_old_code_says_so(desk):
    mill = desk.town.venue(MILL)
    old = mill.code
    desk.post(f"/station/venues/{mill.id}/codes")
    new = venue(MILL).code
    assert new != old
    stranger = desk.stranger()
    assert (stranger.get(f"/v/{old}").status_code, stranger.get(f"/v/{new}").status_code) == (410, 200)


def test_a_lost_poster_is_marked(desk):
    mill = desk.town.venue(MILL)
    row = mill.codes[-1]
    desk.post(f"/station/venues/{mill.id}/codes/{row.id}", act="lost")
    assert desk.stranger().get(f"/v/{row.code}").status_code == 410
    assert MILL in desk.page("/station/venues?state=no_poster")


def test_anybody_may_say_that_a_poster_looks_wrong_and_the_station_sees_it(desk):
    mill, stranger = desk.town.venue(MILL), desk.stranger()
    assert f"/v/{mill.code}/wrong" in stranger.get(f"/v/{mill.code}").text
    for _ in range(2):
        assert "站里知道了" in stranger.post(f"/v/{mill.code}/wrong", data={"reason": "pasted_over"}).text
    assert [row.count for row in db.session.scalars(select(CodeDoubt))] == [2]
    assert "海报可能有问题" in desk.page("/station/venues")
    desk.post(f"/station/venues/{mill.id}/codes/{mill.codes[-1].id}/fine")
    assert "海报可能有问题" not in desk.page("/station/venues")


def test_scans_are_counted_and_nobody_is_noted(desk):
    mill, stranger = desk.town.venue(MILL), desk.stranger()
    for _ in range(3):
        stranger.get(f"/v/{mill.code}")
    assert [(row.code_id, row.count) for row in db.session.scalars(select(CodeScan))] == [(mill.codes[-1].id, 3)]
    assert {column.name for column in CodeScan.__table__.columns} == {"code_id", "day", "count"}
    assert "居民扫过 3 次" in desk.page(f"/station/venues/{mill.id}")


def test_all_posters_of_a_village_are_one_file(desk):
    import pypdfium2

    wanted = len(
        [
            one
            for one in desk.town.venues.values()
            if one.area.path.startswith("qinghe/liuxi") or "liuxi" in one.area.path
        ]
    )
    text = desk.finished(desk.post("/station/posters", area="liuxi", kind="posters", which="all"))
    job = db.session.scalar(select(Job).execution_options(populate_existing=True))
    answer = desk.client.get(f"/station/jobs/{job.id}/file")
    assert "下载" in text and len(pypdfium2.PdfDocument(answer.data)) == wanted
    assert desk.signed_in("罗静").get(f"/station/jobs/{job.id}").status_code == 404


def test_a_desk_has_no_more_than_four_long_jobs_at_once_and_a_days_measure(desk, monkeypatch):
    who = desk.town.person("何敏").id
    with writing() as session:
        session.add_all(Job(kind="posters", title="x", who_id=who, result={}) for _ in range(4))
    answer = desk.client.post("/station/posters", data={"area": "liuxi", "kind": "posters", "which": "all"})
    assert (answer.status_code, "等做完一件再来" in answer.text) == (429, True)
    monkeypatch.setattr(desks, "BYTES_A_DAY", 1)
    answer = desk.client.post("/station/posters", data={"area": "liuxi"})
    assert (answer.status_code, "请明天再交" in answer.text, "Retry-After" in answer.headers) == (429, True, True)
    assert desk.client.get("/station/venues").status_code == 200


def test_a_spreadsheet_goes_in_over_the_page_and_comes_out_again(desk):
    template = desk.client.get("/station/sheets/venues/template.xlsx")
    assert template.status_code == 200
    import io

    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(template.data))
    book.active.append([None, "桥头小卖部", "柳溪村", "临街门面"])
    body = io.BytesIO()
    book.save(body)
    body.seek(0)
    started = desk.client.post("/station/sheets/venues", data={"sheet": (body, "场所.xlsx")})
    where = desk.finished(started.headers["Location"])
    assert "每一行都对" in desk.page(where) and venue("桥头小卖部") is None
    assert desk.finished(desk.post(where)) == where
    assert "已导入" in desk.page(where) and venue("桥头小卖部").code
    out = load_workbook(io.BytesIO(desk.client.get("/station/sheets/venues/export.xlsx").data)).active
    assert "桥头小卖部" in [row[1] for row in out.iter_rows(values_only=True)]
    desk.client.post(f"{where}/undo")
    assert venue("桥头小卖部") is None


def test_a_bad_row_is_named_on_the_page(desk):
    import io

    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["名称", "村（社区）", "场所类型"])
    book.active.append(["桥头小卖部", "没有这个村", "临街门面"])
    body = io.BytesIO()
    book.save(body)
    body.seek(0)
    started = desk.client.post("/station/sheets/venues", data={"sheet": (body, "场所.xlsx")})
    text = desk.page(desk.finished(started.headers["Location"]))
    assert "第 2 行" in text and "没有“没有这个村”" in text and "什么也没有导入" in text


def test_a_village_clerk_sees_the_own_villages_places_alone(desk):
    elsewhere = next(one for one in desk.town.venues.values() if "gaoping" in one.area.path)
    clerk = next(name for name, person in desk.town.people.items() if person.access == "village_clerk"
                 and "liuxi" in person.unit.code)  # fmt: skip
    client = desk.signed_in(clerk)
    assert client.get(f"/station/venues/{desk.town.venue(MILL).id}").status_code == 200
    for path in ("", "/edit", "/merge", "/poster"):
        assert client.get(f"/station/venues/{elsewhere.id}{path}").status_code == 404
    assert client.post(f"/station/venues/{elsewhere.id}/retire", data={"reason": "x"}).status_code == 404
