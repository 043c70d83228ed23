"""The county's office: sums and tasks; not one visit, not one home."""

import pytest

from wujin_field.cast import phone, settle
from wujin_field.db import writing


@pytest.fixture
def clients(app):
    with app.app_context(), writing() as session:
        town = settle(session)
        tokens = {name: phone(session, town.person(name))[1] for name in ("高原", "何敏", "赵春兰", "秦岚")}
        units = {code: unit.id for code, unit in town.units.items()}
    made = {name: app.test_client() for name in tokens}
    for name, token in tokens.items():
        made[name].set_cookie("wujin_device", token)
    return made | {"units": units}


def test_the_county_sees_sums_and_hands_down_tasks(clients):
    page = clients["高原"].get("/county/").text
    assert "青禾镇消防工作站" in page and "没有在办的事" in page
    assert page.index("青禾镇消防工作站") < page.index("安和县应急管理局")  # R110: the grass roots first
    task = {"title": "报冬防安排", "day": "2026-11-20", "text": "每周去哪里", "due": "2099-12-01"}
    task["to"] = clients["units"]["station"]
    assert clients["高原"].post("/station/registers/task/new", data=task).status_code == 303
    assert "报冬防安排" in clients["高原"].get("/county/").text
    assert "报冬防安排" in clients["何敏"].get("/station/registers/task?year=2026").text
    assert "报冬防安排" not in clients["赵春兰"].get("/station/registers/task?year=2026").text


def test_nobody_else_enters_and_the_county_enters_no_station_page_with_visits(clients):
    assert clients["何敏"].get("/county/").status_code == 403
    for page in ("/station/", "/station/venues", "/supervisor/", "/station/reports"):
        assert clients["高原"].get(page).status_code == 403


def test_a_department_sees_its_own_registers_and_nobody_else_s(clients, app):
    page = clients["秦岚"].get("/station/registers")
    assert page.status_code == 200 and "台账" in page.text
    work = {
        "title": "短视频",
        "day": "2026-11-20",
        "work_type": "poster",
        "origin": "own",
        "summary": "s",
        "rights": "r",
    }
    added = clients["秦岚"].post("/station/registers/work_submission/new", data=work)
    assert added.status_code == 303
    assert clients["赵春兰"].get(added.headers["Location"]).status_code == 404
    assert clients["秦岚"].get("/station/").status_code == 403
