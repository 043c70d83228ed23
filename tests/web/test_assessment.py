"""考核 at the desk: the unit scores itself, the supervisor checks and publishes, and what was published stays."""

from io import BytesIO

import pytest
from docx import Document

from wujin_field.cast import phone, settle
from wujin_field.db import db, writing
from wujin_field.models import ScoreSheet

SHEET = "/station/assessment/liuxi/2026"


@pytest.fixture
def clients(app):
    with app.app_context(), writing() as session:
        town = settle(session)
        tokens = {name: phone(session, town.person(name))[1] for name in ("何敏", "赵春兰", "罗静", "唐玉梅")}
    made = {name: app.test_client() for name in tokens}
    for name, token in tokens.items():
        made[name].set_cookie("wujin_device", token)
    return made


def marks_of(app):
    with app.app_context():
        return [(sheet.version, sheet.marks, bool(sheet.published_at)) for sheet in db.session.query(ScoreSheet)]


def test_each_writes_the_own_column_and_never_the_other(app, clients):
    assert clients["赵春兰"].post(SHEET, data={"monthly": "17.5"}).status_code == 303
    assert clients["罗静"].post(SHEET, data={"monthly": "15", "monthly-note": "两个月迟报"}).status_code == 303
    assert clients["赵春兰"].post(SHEET, data={"monthly": "16"}).status_code == 303
    assert marks_of(app)[0][1]["monthly"] == {"self": 16.0, "checked": 15.0, "note": "两个月迟报"}
    assert clients["何敏"].post(SHEET, data={"monthly": "18"}).status_code == 403
    assert clients["唐玉梅"].get(SHEET).status_code == 404


def test_more_than_an_item_holds_comes_back_with_a_sentence(clients):
    answer = clients["罗静"].post(SHEET, data={"monthly": "19", "summary": "many"})
    assert answer.status_code == 422
    assert (
        "填 0 到 18 之间的数。" in answer.text
        and "填 0 到 4 之间的数。" in answer.text
        and 'value="many"' in answer.text
    )


def test_a_published_version_stays_and_the_next_stands_beside_it(app, clients):
    clients["罗静"].post(SHEET, data={"monthly": "15"})
    assert clients["赵春兰"].post(f"{SHEET}/publish").status_code == 403
    assert clients["罗静"].post(f"{SHEET}/publish").status_code == 303
    assert clients["罗静"].post(SHEET, data={"monthly": "1"}).status_code == 409
    assert clients["罗静"].post(f"{SHEET}/again").status_code == 303
    clients["罗静"].post(SHEET, data={"monthly": "12"})
    versions = [(version, given["monthly"]["checked"], published) for version, given, published in marks_of(app)]
    assert versions == [(1, 15.0, True), (2, 12.0, False)]


def test_the_printed_sheet_bears_the_scores_and_the_checked_one_only_once_it_is_published(clients):
    def printed():
        body = clients["赵春兰"].get("/station/reports/liuxi/2026/score_sheet.docx").data
        rows = [[cell.text for cell in row.cells] for row in Document(BytesIO(body)).tables[0].rows]
        return next(row[-2:] for row in rows if row[2] == "18")

    clients["赵春兰"].post(SHEET, data={"monthly": "17.5"})
    clients["罗静"].post(SHEET, data={"monthly": "15"})
    assert printed() == ["17.5", ""]
    clients["罗静"].post(f"{SHEET}/publish")
    assert printed() == ["17.5", "15"]


def test_units_stand_in_administrative_order_and_say_how_far_they_are(clients):
    clients["罗静"].post(SHEET, data={"monthly": "15"})
    clients["罗静"].post(f"{SHEET}/publish")
    text = clients["何敏"].get("/station/assessment?period=2026").text
    assert "已公布" in text and "还没评" in text and "不比高低" in text
    own = clients["赵春兰"].get("/station/assessment?period=2026").text
    assert "柳溪村" in own and "石桥村" not in own
