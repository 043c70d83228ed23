"""The clerk's papers: one file for one village, one zip for all of them."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from wujin_field.cast import phone, settle
from wujin_field.db import writing


@pytest.fixture
def town(app):
    with app.app_context(), writing() as session:
        return settle(session)


def desk(app, town, name):
    with app.app_context(), writing() as session:
        _, token = phone(session, town.person(name))
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    return client


def papers(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    with ZipFile(BytesIO(answer.data)) as bundle:
        assert bundle.testzip() is None
        return {name: bundle.read(name) for name in bundle.namelist()}


def test_all_villages_come_in_one_file(app, town):
    found = papers(desk(app, town, "何敏"), "/station/reports/2026-11/annex2_monthly.zip")
    assert len(found) == 11
    assert any(name.startswith("柳溪村村民委员会2026-11") for name in found)
    assert all(body.startswith(b"PK") for body in found.values())


def test_a_village_clerk_gets_their_own_alone(app, town):
    found = papers(desk(app, town, "赵春兰"), "/station/reports/2026-11/annex2_monthly.zip")
    assert len(found) == 1


@pytest.mark.parametrize(
    "path", ["2026-13/annex2_monthly", "never/annex2_monthly", "2026-11/novel", "1999/annex1_plan"]
)
def test_what_cannot_be_printed_is_not_found(app, town, path):
    assert desk(app, town, "何敏").get(f"/station/reports/{path}.zip").status_code == 404
