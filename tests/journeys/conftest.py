"""A station and phones for every journey; each test has its own folder, its own server, its own browser profiles."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness import DESK, Phone, Station, browsers, poster_film
from patience import PATIENCE_S
from test_the_river import at, enrol, venue_in


@pytest.fixture(scope="session")
def chromium():
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next(path for path in found if path)


@pytest.fixture(scope="session")
def playwright():
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE_S * 1000)
    with browsers() as play:
        yield play


@pytest.fixture
def station(tmp_path):
    station = Station(tmp_path / "station")
    yield station.start()
    station.stop()


@pytest.fixture
def new_phone(playwright, chromium, tmp_path):
    """new_phone(film=…) → Phone; closed at the end."""
    phones = []

    def new_phone(film=None, **options):
        phones.append(Phone(playwright, chromium, tmp_path / f"profile{len(phones)}", film, **options))
        return phones[-1]

    yield new_phone
    for phone in phones:
        phone.close()


@pytest.fixture
def new_desk(new_phone):
    return lambda **options: new_phone(look=DESK, **options)


@pytest.fixture
def venue(station):
    return venue_in(station, "liuxi")


@pytest.fixture
def page(station, venue, new_phone, tmp_path):
    """陈大山's phone at the venue's door, its poster before the camera."""
    film = poster_film(f"{station.url}/v/{venue.codes[-1].code}", tmp_path)
    page = new_phone(film, geolocation=at(venue), service_workers="block").open(station.link_for("陈大山"))
    enrol(page)
    return page
