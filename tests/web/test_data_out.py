"""Lists leave the house: as files that Excel reads rightly, and through a key that names what it may read."""

import csv
import io
import json
import re
from html import unescape

import pytest
from docx import Document
from papers import LAST, MONTH, Village
from sqlalchemy import select

from wujin_field.db import db, uuid7, writing
from wujin_field.figures.lists import SHELVES
from wujin_field.models import ApiToken, Hazard, Visit

INWARD = {code for code, shelf in SHELVES.items() if not shelf.outward}


@pytest.fixture
def village(app):
    village = Village(app)
    village.outing(6, "=HYPERLINK(1)")
    return village


@pytest.fixture
def station(village):
    return village.at("何敏")


def lines(answer):
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def key(village, station, *scopes):
    page = station.post("/station/data/tokens", data={"name": "县平台", "scope": list(scopes)}).text
    return page.split('<strong class="code digest">')[1].split("<")[0]


def test_a_list_is_csv_that_excel_takes_for_chinese_and_for_no_formula(station):
    head, row = lines(station.get("/station/data/activities.csv"))
    assert head[:4] == ["编号", "日期", "单位", "村（社区）或组"]
    assert row[-1] == "'=HYPERLINK(1)"


def test_filters_cut_the_list_and_a_wrong_one_is_said(station):
    assert len(lines(station.get("/station/data/activities.csv?from=2099-01-01"))) == 1
    assert station.get("/station/data/activities.csv?from=gestern").status_code == 400
    assert station.get("/station/data/activities.csv?place_type=moon").status_code == 400


def test_a_download_that_nobody_reads_holds_no_connection(station, app):
    answer = station.get("/station/data/activities.csv")
    with app.app_context():
        assert db.engine.pool.checkedout() == 0
    assert answer.mimetype == "text/csv" and answer.content_length == len(answer.data)


def test_the_map_file_holds_open_places_with_longitude_first_and_no_home(village, station):
    found = json.loads(station.get("/station/data/venues.geojson").data)["features"]
    placed = [feature for feature in found if feature["geometry"]]
    assert placed and all(feature["geometry"]["coordinates"][0] > 90 for feature in placed)
    homes = {venue.zh for venue in village.town.venues.values() if venue.privacy == "strict"}
    assert homes and not homes & {feature["properties"]["name"] for feature in found}
    assert station.get("/station/data/visits.geojson").status_code == 404


def test_a_key_reads_its_lists_and_no_other(village, station, app):
    client, bearer = app.test_client(), {"Authorization": f"Bearer {key(village, station, 'activities')}"}
    answer = client.get("/api/v1/activities", headers=bearer)
    assert [row["text"] for row in answer.json["rows"]] == ["=HYPERLINK(1)"]
    assert answer.json["next"] is None
    assert client.get("/api/v1/visits", headers=bearer).status_code == 403
    assert client.get("/api/v1/activities").status_code == 401


def test_every_list_is_described_and_people_are_no_list_of_another_platform(village, station, app):
    bearer = {"Authorization": f"Bearer {key(village, station, 'activities', 'people')}"}
    client = app.test_client()
    paths = client.get("/api/v1/openapi.json", headers=bearer).json["paths"]
    assert set(paths) == {f"/api/v1/{code}" for code in SHELVES if code not in INWARD} | {"/api/v1/openapi.json"}
    for answer, status in (
        (client.get("/api/v1/people", headers=bearer), 404),
        (client.get("/api/v1/activities?from=x", headers=bearer), 400),
        (client.post("/api/v1/activities", headers=bearer), 405),
    ):
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_every_list_can_be_had_and_names_no_home(village):
    homes = {venue.zh for venue in village.town.venues.values() if venue.privacy == "strict"}
    full = set()
    for code, shelf in SHELVES.items():
        reader = village.at("罗静" if "supervisor" in shelf.readers else "何敏")
        head, *rows = lines(reader.get(f"/station/data/{code}.csv"))
        assert head == [zh for zh, _ in shelf.columns.values()]
        assert not homes & {cell for row in rows for cell in row}, code
        full |= {code} if rows else set()
    assert full >= {"venues", "codes", "people", "visits", "activities", "coverage", "areas", "week", "calendar", "rollup",
                    "spot_checks", "assessment", "levels", "sums"}  # fmt: skip


def test_a_home_that_is_on_no_list_yet_is_named_in_no_list_and_on_no_paper(village, station):
    with village.app.app_context(), writing() as session:
        visit = session.scalars(select(Visit)).first()
        visit.venue_id, visit.place_type, visit.place_text = None, "household", "王奶奶家"
        session.add(Hazard(id=uuid7(), visit_id=visit.id, category="electric", severity="minor", text="插座烧黑了",
                           state="open", found_at=visit.started_at, found_by_id=visit.author_id, due=visit.day))  # fmt: skip
    assert "王奶奶家" in station.get("/station/pending").text  # to whoever has to find it
    lists = [station.get(f"/station/data/{code}.csv").data.decode() for code in ("visits", "hazards", "pending")]
    ledger = station.get(f"/station/reports/station/{MONTH}/hazard_ledger.docx").data
    told = "".join(cell.text for row in Document(io.BytesIO(ledger)).tables[0].rows for cell in row.cells)
    assert not any("王奶奶家" in one for one in (*lists, told)) and "住户" in told


def test_a_list_is_cut_as_its_page_is(village, station):
    names = [row[1] for row in lines(station.get("/station/data/venues.csv?name=粮油&state=never&area=liuxi"))[1:]]
    assert names == []  # it was visited
    assert len(lines(station.get("/station/data/venues.csv?name=粮油&area=liuxi"))) == 2
    assert len(lines(station.get("/station/data/venues.csv?name=粮油&area=shiqiao"))) == 1
    assert station.get("/station/data/venues.csv?area=moon").status_code == 400
    link = re.search(r'"(/station/data/venues.csv[^"]*)"', station.get("/station/venues?name=粮油&area=liuxi").text)[1]
    assert len(lines(station.get(unescape(link)))) == 2
    people = lines(station.get("/station/data/people.csv?kind=volunteer"))
    assert {row[3] for row in people[1:]} == {"消防志愿者"}
    assert not any("身份证" in head or "电话" in head for head in people[0])


def test_the_pages_behind_a_figure_leave_as_they_are_cut(village, station):
    village.outing(13, "演练", form="evacuation_drill")
    here, unit = f"from={LAST.replace(day=1)}&to={LAST}", village.town.units["liuxi"]
    page = station.get(f"/station/activities?unit=liuxi&{here}&cut=form&code=evacuation_drill").text
    link = unescape(re.search(r'"(/station/data/activities.csv[^"]*)"', page)[1])
    assert [row[-1] for row in lines(station.get(link))[1:]] == ["演练"]
    assert f"unit={unit.id}" in link and len(lines(station.get(link.replace("evacuation_drill", "")))) == 1
    assert station.get(link.replace("cut=form", "cut=moon")).status_code == 400
    assert len(lines(station.get("/station/data/visits.csv?state=waiting"))) == 3


@pytest.mark.parametrize(
    ("quota", "code", "column"), [("key_household_coverage", "liuxi", 1), ("village_coverage", "station", 0)]
)
def test_what_a_quota_asks_for_one_by_one_leaves_too(village, station, quota, code, column):
    page = station.get(f"/station/figures/{quota}?unit={code}&on={LAST}").text
    link = unescape(re.search(r'"(/station/data/reached.csv[^"]*)"', page)[1])
    rows = lines(station.get(link))[1:]
    homes = {venue.zh for venue in village.town.venues.values() if venue.privacy == "strict"}
    assert all(row[column] in page for row in rows)
    assert not homes & {row[1] for row in rows}
    assert bool(rows) == (column == 0)  # homes are no list that leaves the house
    assert lines(station.get(link.replace(quota, "no_such")))[1:] == []


def test_a_key_that_was_taken_back_opens_nothing_and_is_kept_as_a_hash_alone(village, station, app):
    text = key(village, station, "activities")
    [row] = village.held(select(ApiToken))
    assert text.encode() not in row.token_hash
    station.post(f"/station/data/tokens/{row.id}/revocation")
    assert app.test_client().get("/api/v1/activities", headers={"Authorization": f"Bearer {text}"}).status_code == 401
