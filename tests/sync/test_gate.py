"""What counts as a picture, told from its header alone: a few kilobytes may hold a hundred megapixels."""

import io
import struct
import zlib

import pytest
from PIL import Image

from wujin_field.sync.envelope import Refused
from wujin_field.sync.gate import PIXELS_MAX, Header, read_header


def encoded(kind, size=(40, 30), mode="RGB", **more):
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **more)
    return out.getvalue()


def png(width, height):
    """A whole PNG of any size in a few bytes, row after row of nothing."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    squeezer = zlib.compressobj(9)
    rows = b"".join(squeezer.compress(bytes(1 + width // 8 + 1)) for _ in range(height)) + squeezer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture
def header(tmp_path):
    def read(body):
        path = tmp_path / "incoming"
        path.write_bytes(body)
        return read_header(path)

    return read


@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_it_lets_pictures_in_by_their_content(header, kind, media_type):
    assert header(encoded(kind)) == Header(media_type, 40, 30)


def refusal(header, body):
    with pytest.raises(Refused) as raised:
        header(body)
    return raised.value.status, raised.value.code


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"<!doctype html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%PDF-1.7\n%\xe2\xe3",
        b"PK\x03\x04" + bytes(200),
        b"\x00\x00\x00\x18ftypheic" + bytes(200),
        b"\x00\x00\x00\x1cftypavif" + bytes(200),
        "照片".encode() * 100,
        b"GIF89a" + bytes(100),
        encoded("GIF"),
        encoded("BMP"),
        encoded("TIFF"),
        encoded("ICO"),
    ],
)  # fmt: skip
def test_it_refuses_what_is_no_picture_of_ours(header, body):
    assert refusal(header, body) == (415, "not_a_picture")


@pytest.mark.parametrize(
    "size", [(10_000, 10_000), (13_000, 13_000), (20_000, 20_000), (PIXELS_MAX + 1, 1), (60_000, 1_000)]
)
def test_it_refuses_a_hundred_megapixels_in_a_few_kilobytes(header, size):
    body = png(*size) if max(size) < 30_000 else png_head(*size)
    assert len(body) < 200_000
    assert refusal(header, body) == (413, "too_many_pixels")


def png_head(width, height):
    body = png(8, 1)
    head = body[:8] + body[8:12] + b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return head + struct.pack(">I", zlib.crc32(head[12:])) + body[33:]


def test_the_largest_camera_passes(header):
    assert header(png_head(8000, 5000)) == Header("image/png", 8000, 5000)


def test_a_picture_with_a_page_behind_it_is_taken_and_only_ever_shown_as_a_copy(header):
    assert header(encoded("JPEG") + b"<script>alert(1)</script>").media_type == "image/jpeg"


def test_a_phones_two_frame_picture_is_a_jpeg(header):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (40, 30))])
    assert header(out.getvalue()) == Header("image/jpeg", 40, 30)
