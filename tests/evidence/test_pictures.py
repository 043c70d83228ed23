"""The copies that people look at: upright, in the right colours, and with nothing of the original but its pixels."""

import hashlib
import io
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from wujin_field.evidence.pictures import SIZES, Pictures, Unreadable
from wujin_field.sync.vault import FolderVault

ORIENTATION = 0x0112
CORNERS = {"red": (0.1, 0.1), "lime": (0.9, 0.1), "blue": (0.1, 0.9), "yellow": (0.9, 0.9)}
COLOURS = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0)}
TURNS = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_90",
         7: "TRANSVERSE", 8: "ROTATE_270"}  # fmt: skip  # what a phone does to the pixels before it writes the tag


@pytest.fixture
def pictures(tmp_path):
    return Pictures(FolderVault(tmp_path / "photos"), tmp_path / "copies")


@pytest.fixture
def look(pictures):
    """look(body) → the opened copy of that picture."""

    def at(body, size="page"):
        return Image.open(pictures.copy(kept(pictures, body), size))

    return at


def kept(pictures, body):
    sha256 = hashlib.sha256(body).hexdigest()
    with pictures._vault.incoming() as file:
        file.write(body)
        pictures._vault.keep(file, sha256)
    return sha256


def four_corners(size=(200, 120)):
    image = Image.new("RGB", size, "white")
    half = size[0] // 2, size[1] // 2
    for name, (x, y) in CORNERS.items():
        image.paste(
            name, (half[0] * (x > 0.5), half[1] * (y > 0.5), half[0] * (1 + (x > 0.5)), half[1] * (1 + (y > 0.5)))
        )
    return image


def encoded(image, kind="JPEG", **more):
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def assert_upright(copy, tolerance=40):
    for name, (x, y) in CORNERS.items():
        assert near(copy.getpixel((int(copy.width * x), int(copy.height * y))), COLOURS[name], tolerance), name


def near(pixel, wanted, tolerance=40):
    return all(abs(one - other) <= tolerance for one, other in zip(pixel, wanted, strict=True))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_stands_upright_whichever_way_the_phone_was_held(look, orientation):
    exif, turn = Image.Exif(), TURNS.get(orientation)
    exif[ORIENTATION] = orientation
    stored = four_corners().transpose(Image.Transpose[turn]) if turn else four_corners()
    copy = look(encoded(stored, exif=exif, quality=95, subsampling=0))
    assert copy.size == (200, 120)
    assert_upright(copy)


def test_nothing_travels_with_the_pixels(look):
    exif = Image.Exif()
    exif[0x010F] = "手机厂商"
    exif[0x0110] = "<script>alert(1)</script>"
    exif.get_ifd(0x8825)[2] = (30.0, 6.0, 0.0)
    body = encoded(four_corners(), exif=exif, comment="柳溪村三组 张大爷".encode(), xmp=b"<x:xmpmeta>home</x:xmpmeta>",
                   icc_profile=b"profile" * 20)  # fmt: skip
    body += b"<script>alert(2)</script>"
    assert b"script" in body
    assert "张大爷".encode() in body
    copy = look(body)
    raw = Path(copy.filename).read_bytes()
    assert not dict(copy.getexif())
    assert not {"exif", "comment", "xmp", "icc_profile", "photoshop"} & set(copy.info)
    for secret in (b"script", b"xmp", b"profile", "张大爷".encode(), "手机厂商".encode()):
        assert secret not in raw


@pytest.mark.parametrize("size", SIZES)
def test_it_is_no_larger_than_it_says(look, size):
    copy = look(encoded(four_corners((3000, 2000))), size)
    assert max(copy.size) == SIZES[size]
    assert copy.size[0] / copy.size[1] == pytest.approx(1.5, abs=0.01)
    assert_upright(copy)


def test_a_small_picture_is_not_blown_up(look):
    assert look(encoded(four_corners((64, 48)))).size == (64, 48)


def test_a_transparent_picture_lies_on_white(look):
    image = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 30, 60))
    copy = look(encoded(image, "PNG"))
    assert near(copy.getpixel((50, 30)), (255, 255, 255))
    assert near(copy.getpixel((10, 30)), (255, 0, 0))


def test_a_transparent_palette_lies_on_white_too(look):
    image = Image.new("P", (60, 60), 0)
    image.putpalette([0, 0, 0, 255, 0, 0])
    image.paste(1, (0, 0, 30, 60))
    copy = look(encoded(image, "PNG", transparency=0))
    assert near(copy.getpixel((50, 30)), (255, 255, 255))
    assert near(copy.getpixel((10, 30)), (255, 0, 0))


@pytest.mark.parametrize(
    ("kind", "mode", "more"),
    [
        ("PNG", "P", {}),
        ("JPEG", "CMYK", {"quality": 95}),
        ("JPEG", "RGB", {"progressive": True, "quality": 95}),
        ("WEBP", "RGB", {"lossless": True}),
        ("WEBP", "RGBA", {"lossless": True}),
    ],
)
def test_colours_are_right_however_they_were_stored(look, kind, mode, more):
    assert_upright(look(encoded(four_corners().convert(mode), kind, **more)))


def test_a_grey_transparent_picture_keeps_its_grey(look):
    assert near(look(encoded(Image.new("LA", (40, 40), (90, 255)), "PNG")).getpixel((20, 20)), (90, 90, 90), 3)


@pytest.mark.parametrize("level", [0, 64, 128, 200, 255])
def test_sixteen_bits_a_pixel_keep_their_grey(look, level):
    image = Image.new("I;16", (40, 40), level * 257)
    assert near(look(encoded(image, "PNG")).getpixel((20, 20)), (level,) * 3, 3)


def test_of_a_moving_picture_the_first_frame_is_shown(look):
    red, blue = Image.new("RGB", (40, 40), "red"), Image.new("RGB", (40, 40), "blue")
    copy = look(encoded(red, "WEBP", save_all=True, append_images=[blue], lossless=True))
    assert near(copy.getpixel((20, 20)), (255, 0, 0))


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95])
def test_a_cut_jpeg_is_called_unreadable(pictures, share):
    noisy = Image.effect_noise((400, 300), 90).convert("RGB")
    whole = encoded(noisy)
    with pytest.raises(Unreadable):
        pictures.copy(kept(pictures, whole[: int(len(whole) * share)]), "page")


def test_what_is_no_picture_is_called_unreadable(pictures):
    for body in (b"", b"<html>", b"\xff\xd8\xff\xe0" + bytes(100), b"%PDF-1.7"):
        with pytest.raises(Unreadable):
            pictures.copy(kept(pictures, body), "thumb")


def test_a_failed_copy_leaves_no_file(pictures, tmp_path):
    with pytest.raises(Unreadable):
        pictures.copy(kept(pictures, b"no picture"), "thumb")
    assert [path for path in (tmp_path / "copies").rglob("*") if path.is_file()] == []


def test_a_picture_that_never_came_is_not_found(pictures):
    with pytest.raises(FileNotFoundError):
        pictures.copy("0" * 64, "thumb")


def test_the_original_is_never_touched_and_a_lost_copy_is_made_again(pictures):
    body = encoded(four_corners())
    sha256 = kept(pictures, body)
    pictures.copy(sha256, "thumb").unlink()
    assert pictures.copy(sha256, "thumb").exists()
    assert pictures._vault.path(sha256).read_bytes() == body


def test_however_many_look_at_once_one_picture_is_unfolded_at_a_time(pictures, monkeypatch):
    """A file of two kilobytes may hold forty megapixels; side by side a few of them would fill the memory."""
    from wujin_field.evidence import pictures as module

    unfolding, together, encode = [], [], module._encode

    def watched(*given):
        unfolding.append(1)
        together.append(len(unfolding))
        time.sleep(0.02)
        body = encode(*given)
        unfolding.pop()
        return body

    monkeypatch.setattr(module, "_encode", watched)
    digests = [kept(pictures, encoded(Image.new("RGB", (40, 30), (n * 60, 0, 0)))) for n in range(4)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda sha256: pictures.copy(sha256, "thumb"), digests * 2))
    assert together == [1] * 4  # and nothing is made twice
