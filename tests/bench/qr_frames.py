"""Sixty frames of a camera, twelve kinds of trouble at five degrees, made here; read by our scanner and by the decoder as its
author ships it.

    .venv/bin/python tests/bench/qr_frames.py

Prints how many of the sixty each reads, by kind, and how many wrongly. Ours must not read fewer, and none wrong.
"""

import random
import shutil
import sys
import tempfile
from collections import Counter
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "journeys"))

import qrcode
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

SIZE = (1280, 720)
PAYLOAD = "https://wujin.example.org/v/A2B3C4D{}"
READ = """async ({ base, address }) => {
  const blob = await (await fetch(address)).blob();
  const { decodePicture } = await import(base + '/js/phone/scanner.js');
  const { decodeQR } = await import(base + '/vendor/qr-0.7.0.min.js');
  const bitmap = await createImageBitmap(blob);
  const pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
  pen.drawImage(bitmap, 0, 0);
  let plain = null;
  try { plain = decodeQR(pen.getImageData(0, 0, bitmap.width, bitmap.height)); } catch {}
  return [await decodePicture(blob), plain];
}"""


def code(text: str, side: int) -> Image.Image:
    maker = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=4, box_size=8)
    maker.add_data(text)
    return maker.make_image().convert("RGB").resize((side, side), Image.Resampling.LANCZOS)


def wall(chance: random.Random, sheet: Image.Image, turned: float = 0) -> Image.Image:
    """The poster on a cluttered wall, somewhere near the middle."""
    ground = Image.effect_noise(SIZE, 25).convert("RGB")
    pen = ImageDraw.Draw(ground)
    for _ in range(30):
        x, y = chance.randrange(SIZE[0]), chance.randrange(SIZE[1])
        shade = tuple(chance.randrange(60, 220) for _ in range(3))
        pen.rectangle((x, y, x + chance.randrange(20, 200), y + chance.randrange(10, 90)), fill=shade)
    mask = Image.new("L", sheet.size, 255)
    if turned:
        sheet = sheet.rotate(turned, expand=True, resample=Image.Resampling.BICUBIC)
        mask = mask.rotate(turned, expand=True)
    at = (
        (SIZE[0] - sheet.width) // 2 + chance.randrange(-60, 60),
        (SIZE[1] - sheet.height) // 2 + chance.randrange(-20, 20),
    )
    ground.paste(sheet, at, mask)
    return ground


def motion(frame: Image.Image, length: int) -> Image.Image:
    mixed = frame
    for step in range(1, length):
        mixed = Image.blend(mixed, ImageChops.offset(frame, step, step // 3), 1 / (step + 1))
    return mixed


def dark(frame: Image.Image, degree: int) -> Image.Image:
    dim = ImageEnhance.Brightness(frame).enhance(0.34 - 0.05 * degree)
    return Image.blend(dim, Image.effect_noise(SIZE, 30).convert("RGB"), 0.05 * degree)


def slanted(sheet: Image.Image, degree: int) -> Image.Image:
    w, h, lean = sheet.width, sheet.height, sheet.width * 0.07 * degree
    return sheet.transform(
        (w, h), Image.Transform.QUAD, (-lean, -lean / 2, 0, h, w, h, w + lean, -lean / 2), fillcolor="white"
    )


def damaged(chance: random.Random, sheet: Image.Image, degree: int) -> Image.Image:
    pen = ImageDraw.Draw(sheet)
    for _ in range(degree):
        x, y = chance.randrange(sheet.width * 3 // 4), chance.randrange(sheet.height * 3 // 4)
        pen.ellipse((x, y, x + sheet.width // 8, y + sheet.height // 9), fill=(150, 90, 60))
    return sheet


def moire(frame: Image.Image, degree: int) -> Image.Image:
    lines = Image.new("L", SIZE, 255)
    pen = ImageDraw.Draw(lines)
    for x in range(0, SIZE[0] * 2, 5):
        pen.line((x, 0, x - 90, SIZE[1]), fill=255 - 22 * degree, width=2)
    return ImageChops.multiply(frame, Image.merge("RGB", [lines] * 3))


def glare(frame: Image.Image, degree: int) -> Image.Image:
    light = Image.new("L", SIZE, 0)
    radius = 40 + 28 * degree
    ImageDraw.Draw(light).ellipse((640 - radius, 330 - radius, 640 + radius, 330 + radius), fill=60 + 38 * degree)
    spot = light.filter(ImageFilter.GaussianBlur(40))
    return ImageChops.screen(frame, Image.merge("RGB", [spot] * 3))


def curved(sheet: Image.Image, degree: int) -> Image.Image:
    out, w, h = Image.new("RGB", sheet.size, "white"), sheet.width, sheet.height
    for x in range(w):
        sag = int(degree * 7 * (1 - ((2 * x / w) - 1) ** 2))
        out.paste(sheet.crop((x, 0, x + 1, h)), (x, sag))
    return out


def frames() -> list[tuple[str, str, Image.Image]]:
    """(kind, payload, frame), five of each kind, the same every time."""
    made = []
    for kind in (
        "clean",
        "turned",
        "defocus",
        "motion",
        "dark",
        "slanted",
        "damaged",
        "small",
        "moire",
        "glare",
        "inked",
        "curved",
    ):
        for degree in range(1, 6):
            chance, text = random.Random(f"{kind}{degree}"), PAYLOAD.format(degree)
            made.append((kind, text, _frame(kind, degree, chance, code(text, 300))))
    return made


def _frame(kind: str, degree: int, chance: random.Random, sheet: Image.Image) -> Image.Image:
    ink, paper = (40 + 14 * degree, 20, 90), (230, 240, 200 - 12 * degree)
    on_sheet = {
        "slanted": lambda: slanted(sheet, degree),
        "damaged": lambda: damaged(chance, sheet, degree),
        "small": lambda: sheet.resize((170 - 22 * degree,) * 2, Image.Resampling.LANCZOS),
        "inked": lambda: ImageOps.colorize(ImageOps.grayscale(sheet), ink, paper),
        "curved": lambda: curved(sheet, degree),
    }
    frame = wall(chance, on_sheet.get(kind, lambda: sheet)(), turned=degree * 17 if kind == "turned" else 0)
    on_frame = {
        "defocus": lambda: frame.filter(ImageFilter.GaussianBlur(0.9 * degree)),
        "motion": lambda: motion(frame, 3 * degree),
        "dark": lambda: dark(frame, degree),
        "moire": lambda: moire(frame, degree),
        "glare": lambda: glare(frame, degree),
    }
    return on_frame.get(kind, lambda: frame)()


def read_all(page, url: str, wanted: list[tuple[str, str, Image.Image]]) -> tuple[Counter, Counter, int]:
    """How many of each kind ours reads, how many the plain decoder, and how many anybody reads wrongly."""
    ours, plain, wrong = Counter(), Counter(), 0
    base = page.evaluate("() => document.querySelector('script[type=module]').src.replace('/js/app.js', '')")
    for number, (kind, text, frame) in enumerate(wanted):
        out = BytesIO()
        frame.save(out, "JPEG", quality=90)
        address = f"{url}/frame{number}.jpg"
        page.route(address, shown(out.getvalue()))
        read = page.evaluate(READ, {"base": base, "address": address})
        ours[kind] += read[0] == text
        plain[kind] += read[1] == text
        wrong += read[0] not in (text, None)
    return ours, plain, wrong


def shown(body: bytes):
    return lambda route: route.fulfill(body=body, content_type="image/jpeg")


def main() -> None:
    from harness import Phone, Station
    from playwright.sync_api import sync_playwright
    from test_the_river import enrol

    folder = Path(tempfile.mkdtemp(prefix="wujin-qr-"))
    station = Station(folder / "station").start()
    try:
        with sync_playwright() as play:
            phone = Phone(play, shutil.which("chromium") or "chromium", folder / "phone", service_workers="block")
            page = phone.open(station.link_for("陈大山"))
            enrol(page)
            ours, plain, wrong = read_all(page, station.url, frames())
            phone.close()
    finally:
        station.stop()
        shutil.rmtree(folder, ignore_errors=True)
    for kind in ours:
        print(f"{kind:9} ours {ours[kind]}/5, decoder alone {plain[kind]}/5")
    print(f"of 60 frames ours reads {ours.total()}, the decoder alone {plain.total()}; {wrong} wrong")
    sys.exit(ours.total() < plain.total() or wrong > 0)


if __name__ == "__main__":
    main()
