"""The drawing beside a visit: metres around the venue, never a map."""

import pytest

from wujin_field.evidence.place import distance_m
from wujin_field.evidence.sketch import sketch_of
from wujin_field.models import Venue, VisitPhoto


@pytest.fixture
def shop():
    return Venue(zh="柳溪小卖部", lat_e7=300_000_000, lon_e7=1_060_000_000, radius_m=60)


def photo(north_e7=0, east_e7=0, accuracy_m=12):
    return VisitPhoto(lat_e7=300_000_000 + north_e7, lon_e7=1_060_000_000 + east_e7, accuracy_m=accuracy_m)


def test_it_places_a_photo_in_metres_east_and_north(shop):
    (point,) = sketch_of([photo(north_e7=9_000, east_e7=-9_000)], shop).points
    assert (point.east_m, point.north_m) == (-87, 100)


def test_it_agrees_with_the_distance_shown_in_words(shop):
    (point,) = sketch_of([photo(north_e7=20_000, east_e7=35_000)], shop).points
    far = distance_m(300_020_000, 1_060_035_000, shop.lat_e7, shop.lon_e7)
    assert abs((point.east_m**2 + point.north_m**2) ** 0.5 - far) < 2


def test_the_venue_and_every_photo_fit_in(shop):
    drawn = sketch_of([photo(), photo(north_e7=60_000)], shop)
    assert drawn.half_m > max(shop.radius_m, drawn.points[1].north_m + 12)
    assert drawn.scale_m <= drawn.half_m


def test_a_coarse_ring_does_not_shrink_everything_else_to_a_dot(shop):
    assert sketch_of([photo(accuracy_m=5_000)], shop).half_m < 300


def test_photos_keep_their_numbers_when_one_has_no_position(shop):
    drawn = sketch_of([VisitPhoto(lat_e7=None, lon_e7=None), photo()], shop)
    assert [point.number for point in drawn.points] == [2]


@pytest.mark.parametrize("venue", [None, Venue(zh="新场所", lat_e7=None, lon_e7=None, radius_m=60)])
def test_there_is_nothing_to_draw_around_an_unsurveyed_place(venue):
    assert sketch_of([photo()], venue) is None


def test_there_is_nothing_to_draw_without_a_position(shop):
    assert sketch_of([VisitPhoto(lat_e7=None, lon_e7=None)], shop) is None
