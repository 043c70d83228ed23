"""Two clerks at one record: the second sees what the first changed, and nothing is overwritten."""

import pytest

from wujin_field.db import writing
from wujin_field.models import Venue
from wujin_field.models.changes import Overtaken, change, history


@pytest.fixture
def shop(town):
    return town.venue("禾丰粮油加工厂").id


def edited(town, shop, seen, **values):
    with writing() as session:
        return change(session, session.get(Venue, shop), values, town.person("何敏").id, seen)


def test_what_was_changed_is_written_down_with_what_it_was(town, shop):
    edited(town, shop, 1, address="桥头 3 号")
    with writing() as session:
        (line,) = history(session, session.get(Venue, shop))
    assert (line.revision, line.what, line.fields) == (2, "edited", {"address": [None, "桥头 3 号"]})


def test_the_second_clerk_is_told_and_nothing_is_overwritten(town, shop):
    edited(town, shop, 1, address="桥头 3 号")
    with pytest.raises(Overtaken) as raised:
        edited(town, shop, 1, address="桥尾 9 号")
    assert raised.value.fields == {"address": [None, "桥头 3 号"]}
    edited(town, shop, 2, address="桥尾 9 号")


def test_saving_what_is_there_already_is_no_change(town, shop):
    edited(town, shop, None, address="桥头 3 号")
    assert edited(town, shop, 2, address="桥头 3 号") is None
