"""The villages' outlines: put in as GeoJSON, matched by name, drawn under the dots, taken away; bad files get a sentence."""

import json
from io import BytesIO

import pytest
from test_figures import Desk


@pytest.fixture
def desk(app):
    return Desk(app)


def square(name, west=106.20, south=29.55, side=0.01, **more):
    ring = [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]
    return {
        "type": "Feature",
        "properties": {"name": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    } | more


def town(*features, **more):
    return json.dumps({"type": "FeatureCollection", "features": features} | more).encode()


def upload(desk, body, who="何敏"):
    return desk.as_(who).post("/station/outlines", data={"outlines": (BytesIO(body), "村界.geojson")})


def drawing(page, name):
    return page.split(f'class="{name}"')[1].split("</svg>")[0]


def test_the_outlines_lie_under_the_dots_of_both_maps_until_they_are_taken_away(desk):
    assert upload(desk, town(square("柳溪村"), square("石桥村委会", 106.18))).status_code == 303
    page = desk.as_("何敏").get("/station/outlines").text
    assert "一共 2 块，2 块对上了" in page
    assert "底图里没有的村（社区）：" in page
    sketch = drawing(desk.as_("何敏").get("/station/coverage").text, "gap-map")
    assert sketch.index('class="village blank"') < sketch.index("<circle" if "<circle" in sketch else "quiet")
    assert "柳溪村" in drawing(desk.as_("何敏").get("/station/venues/map").text, "places")
    desk.as_("何敏").post("/station/outlines/remove")
    assert "village" not in drawing(desk.as_("何敏").get("/station/coverage").text, "gap-map")
    assert "还没有底图" in desk.as_("何敏").get("/station/outlines").text


def test_a_second_file_replaces_the_first_and_a_bad_one_changes_nothing(desk):
    upload(desk, town(square("柳溪村")))
    upload(desk, town(square("石桥村", 106.18), square("茶亭村", 106.22)))
    assert upload(desk, b"{").status_code == 422
    assert "一共 2 块" in desk.as_("何敏").get("/station/outlines").text


def test_what_is_not_ours_is_named_and_dashed(desk):
    upload(desk, town(square("青禾镇柳溪村"), square("隔壁村", 106.3)))
    page = desk.as_("何敏").get("/station/outlines").text
    assert "没有对上的：隔壁村。" in page
    assert "village stranger" in page


def test_a_place_outside_its_own_village_is_told(desk):
    upload(desk, town(square("柳溪村", 107.0)))
    assert "个场所的点不在自己的村里" in desk.as_("何敏").get("/station/outlines").text
    upload(desk, town(square("柳溪村", 106.1, 29.4, 0.3)))
    assert "个场所的点不在自己的村里" not in desk.as_("何敏").get("/station/outlines").text


def test_a_village_reads_its_own_outline_and_uploads_none(desk):
    upload(desk, town(square("柳溪村"), square("石桥村", 106.18)))
    sketch = drawing(desk.as_("赵春兰").get("/station/coverage").text, "gap-map")
    assert "柳溪村" in sketch
    assert "石桥村" not in sketch
    assert upload(desk, town(square("柳溪村")), "赵春兰").status_code == 403


LINE = {"geometry": {"type": "LineString", "coordinates": [[106, 29], [107, 30]]}}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"PK\x03\x04", "这不是 GeoJSON 文件"),
        (b'{"type": "Feature"}', "FeatureCollection"),
        (town(), "一个村也没有"),
        (town(square("柳溪村"), crs={"properties": {"name": "EPSG:4490-GK"}}), "不是 WGS-84"),
        (town(square("柳溪村", **LINE)), "第 1 块不是面"),
        (town(square("")), "第 1 块没有名称"),
        (town(square("柳溪村", 36_000_000)), "坐标不是国内的经纬度"),
        (town(square("柳溪村", 29.55, 106.20)), "坐标不是国内的经纬度"),
        (town(*[square("柳溪村")] * 501), "最多 500 块"),
        (b" " * (4 << 20) + b" ", "超过 4 MB"),
        (
            b'{"type": "FeatureCollection", "features": [{"geometry": {"type": "Polygon", "coordinates": [[NaN]]}}]}',
            "不是面",
        ),
    ],
)
def test_a_file_that_cannot_be_drawn_says_why(desk, body, said):
    answer = upload(desk, body)
    assert answer.status_code == 422
    assert said in answer.text
