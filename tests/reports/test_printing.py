"""What is printed into a photo stands in it whole, also where the picture is narrow and the names are long."""

from io import BytesIO

from PIL import Image, ImageFont

from wujin_field.reports.faces import face_file
from wujin_field.reports.printing import fitted, stamped

LINES = ("2026-11-02 14:09　河滨社区 河滨雅居电动车充电棚", "河滨社区居民委员会　走访 84FCA063　核验 8db1d5e52c06")


def upright(width, height):
    out = BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "JPEG", quality=95)
    return out.getvalue()


def white_at_the_edge(picture):
    edge = picture.crop((picture.width - 4, 0, picture.width, picture.height))
    return edge.convert("L").getextrema()[1] > 150


def test_no_letter_of_a_stamp_is_cut_off_at_the_edge():
    for width, height in ((600, 800), (800, 600), (300, 800)):
        picture = Image.open(BytesIO(stamped(upright(width, height), LINES)))
        assert picture.size == (width, height)
        assert not white_at_the_edge(picture)


def test_a_line_parts_at_its_wide_blanks_and_loses_nothing():
    face = ImageFont.truetype(face_file("sans"), 20)
    assert fitted(LINES[1], face, 10_000) == [LINES[1]]
    assert fitted(LINES[1], face, 400) == ["河滨社区居民委员会　走访 84FCA063", "核验 8db1d5e52c06"]
    assert "".join(fitted("很长的名字" * 9, face, 100)) == "很长的名字" * 9
