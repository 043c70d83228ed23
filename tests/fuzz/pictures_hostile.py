"""Five hundred pictures that wish us ill, each made by a few lines, each with what must become of it.

gate: what sync.gate says, `taken` or a code; copy: what evidence.pictures may do, `copy`, `unreadable`, `either` (no
decoder can tell), or `-` (it never gets that far). See reference table in docs: I4–I11 of the fault model.
"""

import io
import random
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw

SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
SEED = 2026


@dataclass(frozen=True)
class Hostile:
    name: str
    body: bytes
    gate: str
    copy: str


TAKEN, REFUSED, TOO_MANY = "taken", "not_a_picture", "too_many_pixels"


def everything() -> list[Hostile]:
    """All of them, always the same ones."""
    return [one for family in FAMILIES for one in family()]


@cache
def few() -> list[bytes]:
    """A handful for those who only need a body: a good one first."""
    return [
        jpeg(),
        jpeg()[:400],
        jpeg() + SCRIPT,
        SVG,
        b"",
        b"\xff",
        encoded("GIF"),
        png(20_000, 20_000),
        heic(),
        jpeg(exif=b"MM"),
    ]


@cache
def scene(mode: str = "RGB", size: tuple[int, int] = (120, 90)) -> Image.Image:
    """Something with edges and noise, so that every coder has work to do."""
    image, dice = Image.new("RGB", size, "white"), random.Random(SEED)
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        corner = dice.randrange(size[0]), dice.randrange(size[1])
        draw.rectangle((*corner, corner[0] + 20, corner[1] + 12), fill=tuple(dice.randbytes(3)))
    return image.convert(mode)


@cache
def encoded(kind: str, mode: str = "RGB", size: tuple[int, int] = (120, 90), **more) -> bytes:
    out = io.BytesIO()
    scene(mode, size).save(out, kind, **more)
    return out.getvalue()


def jpeg(exif: bytes = b"", **more) -> bytes:
    body = encoded("JPEG", **more)
    return with_segment(body, 0xE1, b"Exif\0\0" + exif) if exif else body


def with_segment(body: bytes, marker: int, content: bytes) -> bytes:
    return body[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content + body[2:]


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_with(*chunks: bytes) -> bytes:
    body = encoded("PNG")
    return body[:33] + b"".join(chunks) + body[33:]


@cache
def png(width: int, height: int, depth: int = 1, color: int = 0, rows: bool = True) -> bytes:
    """A PNG of any size in a few kilobytes, row after row of nothing; without rows, only its promise."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    data = squeezed_zeros((1 + (width * depth * samples + 7) // 8) * (height if rows else 1))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    table = chunk(b"PLTE", bytes(6)) if color == 3 else b""
    return b"\x89PNG\r\n\x1a\n" + head + table + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def squeezed_zeros(count: int) -> bytes:
    """A zlib stream of so many zero bytes, made from one squeezed megabyte said again and again."""
    whole, rest = divmod(count, 2**20)
    middle, end = zlib.compressobj(9, wbits=-15), zlib.compressobj(9, wbits=-15)
    block = middle.compress(bytes(2**20)) + middle.flush(zlib.Z_FULL_FLUSH)
    adler = struct.pack(">I", (count % 65_521) << 16 | 1)
    return b"\x78\xda" + block * whole + end.compress(bytes(rest)) + end.flush() + adler


def heic(brand: bytes = b"heic") -> bytes:
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1" + brand + bytes(200)


def sized(width: int, height: int) -> bytes:
    """A JPEG whose frame header tells another size than it holds."""
    body = bytearray(encoded("JPEG"))
    at = body.index(b"\xff\xc0") + 5
    body[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(body)


def tiff(*entries: tuple[int, int, int, bytes], after: int = 0, order: str = "<") -> bytes:
    """An Exif block by hand: (tag, type, count, four bytes of value)."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    lines = b"".join(struct.pack(order + "HHI", *entry[:3]) + entry[3].ljust(4, b"\0") for entry in entries)
    return head + struct.pack(order + "H", len(entries)) + lines + struct.pack(order + "I", after)


# families


def wearing_two_hats() -> Iterator[Hostile]:
    """A picture in front, something that runs behind: taken, and only ever shown as pixels."""
    tails = {
        "html": b"<!doctype html>" + SCRIPT,
        "svg": SVG,
        "pdf": b"%PDF-1.7\n1 0 obj<</S/JavaScript/JS(app.alert(1))>>",
        "zip": b"PK\x03\x04" + bytes(60),
        "php": b"<?php system($_GET[0]);?>",
        "elf": b"\x7fELF" + bytes(60),
        "second jpeg": encoded("JPEG", size=(40, 30)),
        "null": bytes(5000),
    }
    for kind in ("JPEG", "PNG", "WEBP"):
        for name, tail in tails.items():
            yield Hostile(f"{kind} with {name} behind", encoded(kind) + tail, TAKEN, "copy")
    for marker in (0xFE, 0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xEC, 0xE5):
        for name, text in (("script", SCRIPT), ("svg", SVG), ("html", b"/*" + SCRIPT + b"*/=1;")):
            yield Hostile(
                f"JPEG, {name} in segment {marker:x}", with_segment(encoded("JPEG"), marker, text), TAKEN, "either"
            )
    for name in (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"iCCP", b"prVw", b"tIME", b"sPLT"):
        yield Hostile(f"PNG, script in {name.decode()}", png_with(chunk(name, b"Comment\0" + SCRIPT)), "any", "either")


def wearing_the_wrong_hat() -> Iterator[Hostile]:
    """Something else in front: refused, whatever hides behind it."""
    heads = {
        "html": b"<!doctype html>" + SCRIPT,
        "svg": SVG,
        "xml svg": b"<?xml version='1.0'?>" + SVG,
        "pdf": b"%PDF-1.7\n",
        "gif head": b"GIF89a",
        "zip": b"PK\x03\x04" + bytes(40),
        "elf": b"\x7fELF" + bytes(40),
        "ps": b"%!PS-Adobe-3.0 EPSF-3.0\n",
        "bom": b"\xef\xbb\xbf" + SVG,
        "nothing": b"\0" * 16,
        "rar": b"Rar!\x1a\x07\0",
        "mp4": b"\0\0\0\x18ftypisom",
        "text": "照片".encode(),
        "script": b"#!/bin/sh\n",
        "docx": b"PK\x03\x04\x14\0\x06\0",
        "ico": b"\0\0\1\0",
        "bmp": b"BM",
        "riff": b"RIFF\0\0\0\0AVI ",
        "psd": b"8BPS",
        "ppm": b"P6 9 9 255\n",
        "jxl": b"\xff\x0a",
        "jxl box": b"\0\0\0\x0cJXL \r\n\x87\n",
        "jp2": b"\0\0\0\x0cjP  \r\n\x87\n",
        "wmf": b"\xd7\xcd\xc6\x9a",
        "dds": b"DDS ",
    }
    for name, head in heads.items():
        yield Hostile(f"{name} alone", head, REFUSED, "-")
        yield Hostile(f"{name}, then a JPEG", head + encoded("JPEG"), REFUSED, "-")
    for kind in (
        "GIF",
        "BMP",
        "TIFF",
        "ICO",
        "PPM",
        "TGA",
        "PCX",
        "SGI",
        "JPEG2000",
        "DDS",
        "PDF",
        "EPS",
        "ICNS",
        "AVIF",
    ):
        try:
            yield Hostile(f"a real {kind}", encoded(kind, size=(128, 128)), REFUSED, "-")
        except (OSError, KeyError, ValueError):  # this Pillow cannot write it
            yield Hostile(f"no {kind}", b"", REFUSED, "-")
    for brand in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"jxl ", b"crx "):
        yield Hostile(f"HEIF {brand.decode()}", heic(brand), REFUSED, "-")
    yield Hostile("animated GIF", animated("GIF"), REFUSED, "-")


def moving() -> Iterator[Hostile]:
    """Many frames: the first is shown."""
    yield Hostile("animated WebP", animated("WEBP"), TAKEN, "copy")
    yield Hostile("animated PNG", animated("PNG"), TAKEN, "copy")
    yield Hostile("MPO", animated("MPO"), TAKEN, "copy")
    yield Hostile("animated WebP, a thousand frames", animated("WEBP", 1000, (16, 16)), TAKEN, "copy")
    yield Hostile("animated PNG, a thousand frames", animated("PNG", 1000, (16, 16)), TAKEN, "copy")
    liar = bytearray(animated("PNG"))
    at = liar.index(b"acTL") + 4
    liar[at : at + 4] = b"\x7f\xff\xff\xff"
    yield Hostile("animated PNG that promises two thousand million", bytes(liar), "any", "either")
    for share in (0.3, 0.6, 0.9):
        for kind in ("WEBP", "PNG", "MPO"):
            body = animated(kind)
            yield Hostile(f"animated {kind} cut at {share}", body[: int(len(body) * share)], "any", "either")


@cache
def animated(kind: str, frames: int = 5, size: tuple[int, int] = (60, 40)) -> bytes:
    out = io.BytesIO()
    shown = [Image.new("RGB", size, (n % 256, 90, n // 256)) for n in range(frames)]
    shown[0].save(out, kind, save_all=True, append_images=shown[1:])
    return out.getvalue()


def cut() -> Iterator[Hostile]:
    """Whole headers, half a picture: let in by the header, never shown."""
    for kind, more in (
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
    ):
        body = encoded(kind, size=(400, 300), **more)
        for share in (30, 40, 50, 60, 70, 80, 90):
            yield Hostile(f"{kind} {more} cut to {share} %", body[: len(body) * share // 100], "any", "unreadable")
        for length in (1, 2, 3, 4, 8, 12, 16, 20, 24, 29, 33, 40):
            yield Hostile(f"{kind} {more} cut to {length} bytes", body[:length], "any", "unreadable")


def flipped() -> Iterator[Hostile]:
    """One byte changed somewhere: no decoder can always tell; the digest does."""
    dice = random.Random(SEED)
    for kind in ("JPEG", "PNG", "WEBP"):
        for number in range(34):
            body = bytearray(encoded(kind))
            body[dice.randrange(min(200, len(body)) if number % 2 else len(body))] ^= dice.randrange(1, 256)
            yield Hostile(f"{kind} flipped {number}", bytes(body), "any", "either")


def bombs() -> Iterator[Hostile]:
    """Refused by what the header promises; what is promised small and turns out large is cut off by the decoder."""
    for size in ((10_000, 10_000), (13_000, 13_000), (20_000, 20_000)):
        yield Hostile(f"PNG {size}", png(*size), TOO_MANY, "-")
    for size in (
        (60_000, 60_000),
        (2**31 - 1, 1),
        (1, 2**31 - 1),
        (2**31 - 1, 2**31 - 1),
        (40_000_001, 1),
        (6400, 6400),
        (0, 0),
        (0, 9),
    ):
        yield Hostile(f"PNG promising {size}", png(*size, rows=False), "any refusal", "-")
    for size in ((65_535, 65_535), (65_535, 700), (9_000, 9_000)):
        yield Hostile(f"JPEG promising {size}", sized(*size), TOO_MANY, "-")
    for size in (
        (1, 1),
        (6000, 6000),
        (65_535, 1),
        (1, 65_535),
        (20_000, 1),
        (1, 20_000),
        (119, 91),
        (8000, 5000),
        (0, 10),
    ):
        yield Hostile(f"JPEG telling {size}", sized(*size), "any", "either")
    for depth, color in ((1, 0), (8, 0), (16, 0), (8, 2), (16, 2), (8, 3), (8, 4), (16, 4), (8, 6), (16, 6)):
        yield Hostile(f"PNG 40 megapixels, depth {depth}, colour {color}", png(8000, 5000, depth, color), TAKEN, "copy")
        yield Hostile(
            f"PNG 8000×5000 with one row, {depth} {color}", png(8000, 5000, depth, color, False), TAKEN, "either"
        )
    for width, height in ((40_000_000, 1), (1, 40_000_000), (400_000, 100)):
        yield Hostile(f"PNG {width} × {height}", png(width, height), TOO_MANY, "-")
    squeezed = zlib.compress(bytes(60_000_000), 9)
    for name, head in ((b"zTXt", b"a\0\0"), (b"iTXt", b"a\0\1\0\0\0"), (b"iCCP", b"a\0\0")):
        yield Hostile(f"PNG, 60 MB in a {name.decode()}", png_with(chunk(name, head + squeezed)), "any", "either")
    yield Hostile(
        "PNG, 65 texts of 1 MB",
        png_with(*[chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000)))] * 65),
        "any",
        "either",
    )
    yield Hostile("PNG, ten thousand chunks", png_with(*[chunk(b"tEXt", b"a\0b")] * 10_000), TAKEN, "copy")
    yield Hostile("JPEG, a thousand comments", many_segments(0xFE, 1000, b"x" * 100), TAKEN, "copy")
    yield Hostile(
        "JPEG, 200 APP2 of 64 KB", many_segments(0xE2, 200, b"ICC_PROFILE\0\1\xc8" + bytes(65_000)), TAKEN, "either"
    )
    yield Hostile("JPEG, fill bytes", encoded("JPEG")[:2] + b"\xff" * 500_000 + encoded("JPEG")[2:], "any", "either")


def many_segments(marker: int, count: int, content: bytes) -> bytes:
    body, segment = encoded("JPEG"), bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content
    return body[:2] + segment * count + body[2:]


def hostile_exif() -> Iterator[Hostile]:
    """Exif is what a stranger wrote: bounded reading, nothing of it shown."""
    turn, long_text = 0x0112, b"A" * 60_000
    blocks = {
        "nothing": b"",
        "two letters": b"MM",
        "no entries": tiff(),
        "next is itself": tiff(after=8),
        "next is far": tiff(after=2**31),
        "65535 entries": b"II*\0\x08\0\0\0\xff\xff",
        "offset beyond": tiff((0x010F, 2, 50, struct.pack("<I", 2**31))),
        "count of a billion": tiff((0x010F, 2, 2**30, b"\x20\0\0\0")),
        "type nonsense": tiff((turn, 99, 1, b"\6\0")),
        "sub is itself": tiff((0x8769, 4, 1, struct.pack("<I", 8))),
        "gps is itself": tiff((0x8825, 4, 1, struct.pack("<I", 8))),
        "sub and gps cross": tiff((0x8769, 4, 1, b"\x08"), (0x8825, 4, 1, b"\x08")),
        "maker note loop": tiff((0x927C, 7, 4, b"\x08")),
        "zero over zero": tiff((0x011A, 5, 1, b"\x26\0\0\0")) + bytes(8),
        "long text": tiff((0x010F, 2, 60_000, b"\x1a")) + long_text,
        "script": tiff((0x0110, 2, len(SCRIPT), b"\x1a")) + SCRIPT,
        "big endian": tiff((turn, 3, 1, b"\0\6"), order=">"),
    }
    for name, block in blocks.items():
        for kind in ("JPEG", "PNG", "WEBP"):
            yield Hostile(f"{kind}, Exif: {name}", exif_in(kind, block), "any", "either")
    for value in (0, 2, 3, 4, 5, 6, 7, 8, 9, 255, 65_535):
        yield Hostile(f"orientation {value}", jpeg(tiff((turn, 3, 1, struct.pack("<H", value)))), TAKEN, "copy")
        with_more = tiff((turn, 3, 1, struct.pack("<H", value)), (0x010F, 99, 1, b"x"), (0x011A, 5, 1, b"\xff\xff"))
        yield Hostile(f"orientation {value} beside nonsense", jpeg(with_more), TAKEN, "either")
    for kind, count in ((1, 1), (2, 4), (4, 1), (5, 1), (7, 4), (9, 1), (10, 1), (12, 1), (3, 2), (3, 0), (13, 1)):
        yield Hostile(
            f"orientation of type {kind} × {count}", jpeg(tiff((turn, kind, count, b"\6\0\0\0"))), TAKEN, "either"
        )
    dice = random.Random(SEED)
    for number in range(60):
        entries = [
            (
                dice.choice((turn, 0x8769, 0x8825, 0x010F, 0x011A, 0x0201, dice.randrange(65_536))),
                dice.randrange(14),
                dice.choice((0, 1, 2, 4, 1000)),
                dice.randbytes(4) if number % 2 else b"\6\0\0\0",
            )
            for _ in range(dice.randrange(1, 9))
        ]
        yield Hostile(
            f"Exif by chance {number}",
            jpeg(tiff((turn, 3, 1, b"\6\0"), *entries) + dice.randbytes(60)),
            "any",
            "either",
        )


def exif_in(kind: str, block: bytes) -> bytes:
    if kind == "JPEG":
        return with_segment(encoded("JPEG"), 0xE1, b"Exif\0\0" + block)
    if kind == "PNG":
        return png_with(chunk(b"eXIf", block))
    return encoded("WEBP", exif=b"Exif\0\0" + block) if block else encoded("WEBP")


def of_every_kind() -> Iterator[Hostile]:
    """Rare but honest: each becomes an upright copy."""
    for mode in ("L", "CMYK", "RGB"):
        for more in ({}, {"progressive": True}, {"quality": 100}, {"subsampling": 2}, {"restart_marker_rows": 1}):
            yield Hostile(f"JPEG {mode} {more}", encoded("JPEG", mode, **more), TAKEN, "copy")
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
        yield Hostile(f"PNG {mode}", encoded("PNG", mode), TAKEN, "copy")
    for depth, color in ((16, 0), (16, 2), (16, 4), (16, 6), (2, 0), (4, 3)):
        yield Hostile(f"PNG of depth {depth}, colour {color}", png(50, 40, depth, color), TAKEN, "copy")
    yield Hostile("PNG with a text", png_with(chunk(b"tEXt", b"Comment\0" + SCRIPT)), TAKEN, "copy")
    for mode in ("RGB", "RGBA"):
        for more in ({"lossless": True}, {"quality": 1}, {"exact": True, "lossless": True}):
            yield Hostile(f"WebP {mode} {more}", encoded("WEBP", mode, **more), TAKEN, "copy")
    for size in ((1, 1), (1, 3000), (3000, 1), (2, 2), (401, 1), (7, 1281)):
        for kind in ("JPEG", "PNG", "WEBP"):
            yield Hostile(f"{kind} of {size}", encoded(kind, size=size), TAKEN, "copy")


def of_no_size() -> Iterator[Hostile]:
    for name, body in {
        "nothing": b"",
        "one byte": b"\xff",
        "one zero": b"\0",
        "start only": b"\xff\xd8",
        "start and end": b"\xff\xd8\xff\xd9",
        "png name": b"\x89PNG\r\n\x1a\n",
        "riff": b"RIFF\0\0\0\0WEBP",
        "riff vp8": b"RIFF\xff\xff\xff\xffWEBPVP8 \0\0\0\0",
        "riff vp8x": b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0" + b"\xff" * 10,
        "noise": random.Random(SEED).randbytes(4000),
    }.items():
        yield Hostile(name, body, "any refusal", "-")


FAMILIES = [
    wearing_two_hats,
    wearing_the_wrong_hat,
    moving,
    cut,
    flipped,
    bombs,
    hostile_exif,
    of_every_kind,
    of_no_size,
]
