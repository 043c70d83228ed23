"""What all the pixels of a photo tell, and the darkroom in which a hostile file is let loose on itself alone."""

import hashlib
import io
import os
import signal
import struct
import zlib
from multiprocessing import get_context
from pathlib import Path

import pytest
from PIL import Image

from wujin_field.cast import picture
from wujin_field.db import utc_now
from wujin_field.evidence.examine import Darkroom, Died, Finding, Limits, dhash, examine
from wujin_field.evidence.pictures import SIZES, TURNS, Pictures
from wujin_field.sync.vault import FolderVault

MB = 1024 * 1024
ORIENTATION = 0x0112
UNTURNED = {6: 8, 8: 6}  # what a phone does to the pixels is undone by the other one; every other turn undoes itself


@pytest.fixture
def darkroom():
    room = Darkroom()
    yield room
    room.close()


@pytest.fixture
def photo():
    return picture(3, utc_now())


def encoded(image, kind="JPEG", **more):
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def found(body):
    return examine(io.BytesIO(body))


def opened(finding):
    return Image.open(io.BytesIO(finding.thumb))


def distance(one, other):
    return (int(one, 16) ^ int(other, 16)).bit_count()


def bomb(width=7200, height=5416):
    """39 megapixels in some forty kilobytes, written chunk by chunk so that the test itself stays small."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + 4 * width)) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in [
            (b"IHDR", struct.pack(">2I5B", width, height, 8, 6, 0, 0, 0)),
            (b"IDAT", rows),
            (b"IEND", b""),
        ]
    )


def endless(scans=60_000):
    """A small progressive JPEG that says the same thing over and over: minutes of work in a megabyte."""
    body = encoded(Image.new("L", (2400, 2400), 128), progressive=True)
    last = body[body.rindex(b"\xff\xda") : -2]
    return body[:-2] + last * scans + body[-2:]


def stuck_on(hostile):
    """examine, with a hole in its decoder that nobody knows of yet."""

    def begins(file):
        while file.getvalue() == hostile:
            pass
        return examine(file)

    return begins


# ------------------------------------------------------------------ what is found


def test_a_good_photo_gives_a_thumbnail_and_a_hash(photo):
    finding = found(photo)
    assert finding.fault is None
    assert len(finding.dhash) == 16 and int(finding.dhash, 16)
    assert opened(finding).format == "JPEG"
    assert max(opened(finding).size) == SIZES["thumb"]


def test_its_thumbnail_is_the_very_copy_that_would_have_been_made_later(photo, tmp_path):
    vault, sha256 = FolderVault(tmp_path / "photos"), hashlib.sha256(photo).hexdigest()
    with vault.incoming() as file:
        file.write(photo)
        vault.keep(file, sha256)
    assert Pictures(vault, tmp_path / "copies").copy(sha256, "thumb").read_bytes() == found(photo).thumb


def test_nothing_but_pixels_is_in_the_thumbnail(photo):
    assert dict(Image.open(io.BytesIO(photo)).getexif())
    thumb = opened(found(photo))
    assert not dict(thumb.getexif())
    assert not {"exif", "comment", "xmp", "icc_profile"} & set(thumb.info)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_photo_stands_upright_and_keeps_its_hash(photo, orientation):
    with Image.open(io.BytesIO(photo)) as image:
        plain = image.convert("RGB")
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    turned = plain.transpose(TURNS[UNTURNED.get(orientation, orientation)])
    upright, finding = found(encoded(plain, quality=90)), found(encoded(turned, quality=90, exif=exif))
    assert opened(finding).size == opened(upright).size
    assert distance(finding.dhash, upright.dhash) <= 3


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_cut_photo_is_unreadable(photo, share):
    assert found(photo[: int(len(photo) * share)]) == Finding(fault="unreadable")


@pytest.mark.parametrize("body", [b"", b"\xff", b"<svg/>", b"\xff\xd8\xff\xe0" + bytes(100), b"%PDF-1.7"])
def test_what_is_no_picture_is_unreadable(body):
    assert found(body) == Finding(fault="unreadable")


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("damage", [b"Exif\0\0" + b"\xff" * 60, b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0"])
def test_damaged_exif_is_no_fault_of_the_picture(damage):
    body = encoded(Image.new("RGB", (80, 60), "red"), exif=damage)
    assert found(body).fault is None


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_forty_one_megapixels_are_too_many():
    body = encoded(Image.new("1", (8200, 5000)), "PNG")
    assert found(body) == Finding(fault="too_many_pixels")


def test_a_jpeg_that_says_the_same_thing_over_and_over_is_not_even_begun():
    assert found(endless()) == Finding(fault="unreadable")
    assert found(endless(scans=40)).fault is None


@pytest.mark.parametrize(
    ("mode", "kind", "more"),
    [("CMYK", "JPEG", {"quality": 95}), ("L", "JPEG", {}), ("P", "PNG", {}), ("LA", "PNG", {}), ("1", "PNG", {}),
     ("RGBA", "WEBP", {}), ("RGB", "JPEG", {"progressive": True})],
)  # fmt: skip
def test_however_the_pixels_are_stored_the_picture_is_the_same(photo, mode, kind, more):
    with Image.open(io.BytesIO(photo)) as image:
        plain = image.convert("RGB")
    finding = found(encoded(plain.convert(mode), kind, **more))
    assert finding.fault is None
    assert distance(finding.dhash, dhash(plain)) <= 6


@pytest.mark.parametrize("level", [0, 64, 200, 255])
def test_sixteen_bits_keep_their_grey(level):
    thumb = opened(found(encoded(Image.new("I;16", (40, 40), level * 257), "PNG")))
    assert abs(thumb.convert("L").getpixel((20, 20)) - level) <= 3


def test_the_hash_says_which_cells_are_darker_than_their_right_neighbours():
    slope = Image.linear_gradient("L").rotate(90)  # darkest at the left
    assert (dhash(slope), dhash(slope.rotate(180)), dhash(Image.new("RGB", (90, 80)))) == ("f" * 16, "0" * 16, "0" * 16)


def test_the_hash_survives_another_compression_and_tells_photos_apart(photo):
    with Image.open(io.BytesIO(photo)) as image:
        again = encoded(image.convert("RGB").resize((1000, 750)), quality=50)
    assert distance(found(photo).dhash, found(again).dhash) <= 5
    assert distance(found(photo).dhash, found(picture(7, utc_now())).dhash) > 10


# ------------------------------------------------------------------ the darkroom


def test_one_child_develops_photo_after_photo(darkroom, photo):
    findings, children = [], set()
    for _ in range(20):
        findings.append(darkroom.develop(photo))
        children.add(darkroom.pid)
    assert findings == [found(photo)] * 20
    assert len(children) == 1


def test_a_bomb_does_not_fill_the_memory(darkroom, photo):
    body = bomb()
    assert len(body) < 200_000
    darkroom.develop(photo)
    inherited = peak(darkroom.pid)  # a child begins with its parent's pages, and pytest is a large parent
    finding = darkroom.develop(body)
    assert finding.fault in (None, "too_many_pixels")
    assert peak(darkroom.pid) - inherited < 512 * MB


def test_who_needs_more_memory_than_allowed_has_too_many_pixels_and_the_next_is_developed(photo):
    with get_context("spawn").Pool(1) as anew:  # what a long run of tests left free in its memory is no allowance
        too_large, fine = anew.apply(developed, (64 * MB, [bomb(), photo]))
    assert too_large == Finding(fault="too_many_pixels")
    assert fine.thumb


def developed(memory, bodies):
    small = Darkroom(Limits(memory=memory))
    try:
        return [small.develop(body) for body in bodies]
    finally:
        small.close()


def peak(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.parametrize("limits", [Limits(wall_s=0.3), Limits(cpu_s=0, wall_s=30)], ids=["wall", "cpu"])
def test_a_file_that_never_ends_is_stopped_and_the_next_is_developed(photo, limits, monkeypatch):
    monkeypatch.setattr("wujin_field.evidence.examine.examine", stuck_on(b"hostile"))
    room = Darkroom(limits)
    try:
        with pytest.raises(Died) as death:
            room.develop(b"hostile")
        assert death.value.fault == "timeout"
        assert not room.pid
        room._limits = Limits()  # a good photo may take its time where other work is going on
        assert room.develop(photo).thumb
    finally:
        room.close()


def test_a_killed_child_is_replaced(darkroom, photo):
    darkroom.develop(photo)
    first = darkroom.pid
    os.kill(first, signal.SIGKILL)
    with pytest.raises(Died):
        darkroom.develop(photo)
    assert darkroom.develop(photo).thumb
    assert darkroom.pid != first


def test_the_child_can_write_no_file(tmp_path, photo, monkeypatch):
    def writes(_file):
        (tmp_path / "written").write_bytes(b"x")
        return Finding()

    monkeypatch.setattr("wujin_field.evidence.examine.examine", writes)
    room = Darkroom()
    with pytest.raises(Died):
        room.develop(photo)
    assert (tmp_path / "written").read_bytes() == b""


def test_a_child_that_answers_nonsense_is_not_believed(photo, monkeypatch):
    monkeypatch.setattr("wujin_field.evidence.examine.examine", lambda _file: {"dhash": "../../etc/passwd"})
    with pytest.raises(Died):
        Darkroom().develop(photo)


def test_a_child_that_cannot_start_accuses_no_photo(photo, monkeypatch):
    def refuses(*_given):
        raise ValueError("not allowed to raise maximum limit")

    monkeypatch.setattr("resource.setrlimit", refuses)
    with pytest.raises(OSError, match="cannot start"):
        Darkroom().develop(photo)
