"""A station on its first day: what to begin with, and nothing that boasts of what is not there."""

import pytest
from sqlalchemy import select

from wujin_field.cast import phone, settle
from wujin_field.cli import _person
from wujin_field.db import writing
from wujin_field.models import Unit


@pytest.fixture
def clerk(app):
    with app.app_context(), writing() as session:
        person = _person("station_clerk", "何敏", session.scalars(select(Unit)).one())
        session.add(person)
        session.flush()
        token = phone(session, person)[1]
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    return client


def test_monday_says_what_to_begin_with_and_leads_there(clerk):
    page = clerk.get("/station/").text
    assert "开张先做三件事" in page
    assert all(f'<a href="/station/{way}">' in page for way in ("areas", "people", "venues"))


def test_nothing_is_enough_or_reached_where_nothing_is(clerk):
    assert "够了" not in clerk.get("/station/").text
    page = clerk.get("/station/coverage").text
    assert "每个村（社区）都有人去过" not in page
    assert "还没有录入区域" in page
    assert "加村和社区" in clerk.get("/station/venues/new").text
    assert "加村和社区" in clerk.get("/station/reports").text


def test_once_it_runs_the_beginning_is_gone(app):
    with app.app_context(), writing() as session:
        town = settle(session)
        token = phone(session, town.person("何敏"))[1]
    client = app.test_client()
    client.set_cookie("wujin_device", token)
    assert "开张先做三件事" not in client.get("/station/").text
