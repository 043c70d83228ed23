"""What the phone modules ask of a real browser: camera, picture and scanner, with and without workers."""

import base64
import contextlib
import functools
import hashlib
import http.server
import io
import random
import shutil
import threading
from pathlib import Path

import pytest
import qrcode
from patience import until
from PIL import Image, ImageDraw, ImageFilter

pytestmark = pytest.mark.needs("chromium")

STATIC = Path(__file__).parent.parent.parent / "static"
PHOTOS = STATIC.parent / "wujin_field/photos"
POSTER = "https://wujin.example/v/7KQ2M9XD"
FRAME = (1280, 720)
ORIENTATION, MAKE = 0x0112, 0x010F
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]

# Each line turns the page into one that some phone really has.
NO_WORKERS = "delete globalThis.Worker;"
OLD_CANVAS = "delete globalThis.Worker; delete globalThis.OffscreenCanvas;"
DEAD_WORKERS = "globalThis.Worker = class extends Worker { constructor(url) { super(url + '.gone'); } };"
NO_FROM_IMAGE = """
  delete globalThis.Worker;
  const real = createImageBitmap;
  globalThis.createImageBitmap = (source, ...rest) =>
    rest[0]?.imageOrientation ? Promise.reject(new TypeError('no such word')) : real(source, ...rest);
"""
BROKEN_NATIVE = """
  globalThis.BarcodeDetector = class {
    static async getSupportedFormats() { return ['qr_code']; }
    async detect() { throw new DOMException('service unavailable', 'NotSupportedError'); }
  };
"""
GOOD_NATIVE = """
  globalThis.BarcodeDetector = class {
    static async getSupportedFormats() { return ['ean_13', 'qr_code']; }
    async detect() { return [{ rawValue: 'read by the system' }]; }
  };
"""
PNG_WRITER = """
  delete globalThis.Worker;
  OffscreenCanvas.prototype.convertToBlob = async () => new Blob(['\\x89PNG'], { type: 'image/png' });
"""

each_machine = pytest.mark.parametrize(
    "machine", ["", NO_WORKERS, DEAD_WORKERS, OLD_CANVAS], ids=["workers", "no workers", "dead workers", "old canvas"]
)


class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}

    def log_message(self, *args):
        pass

    def do_GET(self):
        if self.path == "/page":
            return self.answer_page()
        return super().do_GET()

    def answer_page(self):
        page = b"<!doctype html><title>phone</title><video></video>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", "default-src 'self'; img-src 'self' blob:")
        self.end_headers()
        self.wfile.write(page)


@pytest.fixture(scope="module")
def origin():
    server = http.server.ThreadingHTTPServer(("localhost", 0), functools.partial(Quiet, directory=STATIC))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser(playwright, tmp_path_factory):
    film = tmp_path_factory.mktemp("camera") / "poster.mjpeg"
    film.write_bytes(b"".join([jpeg(wall())] * 10 + [jpeg(wall(poster()))] * 50))
    camera = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS + camera)
    yield browser
    browser.close()


@pytest.fixture
def open_page(browser, origin):
    with contextlib.ExitStack() as closing:

        def open_page(machine=""):
            context = closing.enter_context(contextlib.closing(browser.new_context(permissions=["camera"])))
            page = context.new_page()
            page.add_init_script(machine)
            page.goto(f"{origin}/page")
            return page

        yield open_page


# Pictures


def poster(text=POSTER, box=6):
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, box_size=box, border=4)
    code.add_data(text)
    return code.make_image().convert("RGB")


def wall(thing=None, size=FRAME, at=None):
    scene = Image.new("RGB", size, (176, 168, 150))
    draw = ImageDraw.Draw(scene)
    for x in range(0, size[0], 80):
        draw.rectangle([x, x % size[1], x + 40, x % size[1] + 60], fill=(90, 60 + x % 120, 70))
    if thing:
        scene.paste(thing, at or tuple((whole - part) // 2 for whole, part in zip(size, thing.size, strict=True)))
    return scene


def jpeg(image, **how):
    file = io.BytesIO()
    image.save(file, "JPEG", **{"quality": 90, **how})
    return file.getvalue()


def sideways_photo():
    """A portrait 3024×4032 as phones store it: landscape pixels and EXIF orientation 6. Its upper left is red."""
    upright = Image.new("RGB", (3024, 4032), (40, 90, 160))
    upright.paste((220, 30, 30), (0, 0, 1512, 2016))
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = 6, "Telltale"
    return jpeg(upright.transpose(Image.Transpose.ROTATE_90), exif=exif, comment=b"Telltale")


def grain(step):
    """A 1600×1200 picture of coloured specks, `step` pixels wide."""
    width, height = 1600 // step, 1200 // step
    specks = Image.frombytes("RGB", (width, height), random.Random(5).randbytes(width * height * 3))
    return specks.resize((1600, 1200), Image.Resampling.BICUBIC)


def coarseness(made):
    return sum(picture_of(made).quantization[0])


def png(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


# Asking the page

SHRINK = """async ([text, type, name, wish]) => {
  const { shrink } = await import('/js/phone/picture.js');
  const { base64 } = await import('/js/phone/digest.js');
  const file = new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], name, { type });
  try {
    const made = await shrink(file, wish);
    return { ...made, bytes: base64(new Uint8Array(made.bytes)) };
  } catch (error) {
    return { reason: error.reason, said: String(error) };
  }
}"""

STILL = """async (text) => {
  const { decodePicture } = await import('/js/phone/scanner.js');
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return decodePicture(new Blob([bytes], { type: 'image/jpeg' }));
}"""

SCAN = """async () => {
  const { openCamera } = await import('/js/phone/camera.js');
  const { scan } = await import('/js/phone/scanner.js');
  const video = document.querySelector('video');
  const camera = await openCamera(video);
  const found = [];
  const late = new AbortController();
  setTimeout(() => late.abort(), 60000);
  await scan(video, { onCode: (text) => found.push(text), signal: late.signal });
  camera.stop();
  await new Promise((passed) => setTimeout(passed, 300));
  return found;
}"""


def shrink(page, data, *, name="photo.jpg", kind="image/jpeg", **wish):
    made = page.evaluate(SHRINK, [text_of(data), kind, name, wish])
    return {**made, "bytes": base64.b64decode(made["bytes"])} if "bytes" in made else made


def code_in(page, photo):
    return page.evaluate(STILL, text_of(photo))


def text_of(data):
    return base64.b64encode(data).decode()


def picture_of(made):
    image = Image.open(io.BytesIO(made["bytes"]))
    image.load()
    return image


def nearly(colour, wanted):
    return all(abs(have - want) < 12 for have, want in zip(colour, wanted, strict=True))


# The picture


@pytest.mark.parametrize(
    "machine",
    ["", NO_WORKERS, DEAD_WORKERS, OLD_CANVAS, NO_FROM_IMAGE],
    ids=["workers", "no workers", "dead workers", "old canvas", "no from-image"],
)
def test_a_sideways_photo_comes_out_upright_small_and_silent(open_page, machine):
    made = shrink(open_page(machine), sideways_photo())
    image = picture_of(made)
    assert (image.format, image.size) == ("JPEG", (1200, 1600))
    assert (made["type"], made["width"], made["height"]) == ("image/jpeg", 1200, 1600)
    assert nearly(image.getpixel((100, 100)), (220, 30, 30))
    assert nearly(image.getpixel((1100, 1500)), (40, 90, 160))
    assert not image.getexif()
    assert b"Telltale" not in made["bytes"]
    assert made["sha256"] == hashlib.sha256(made["bytes"]).hexdigest()


def test_a_busy_picture_gives_up_quality_before_size(open_page):
    page = open_page()
    plain, busy, wild = (shrink(page, jpeg(grain(step))) for step in (40, 5, 1))
    assert (plain["width"], busy["width"], wild["width"]) == (1600, 1600, 1280)
    assert len(busy["bytes"]) <= 400_000
    assert coarseness(busy) > coarseness(plain)


def test_a_small_picture_is_not_enlarged(open_page):
    made = shrink(open_page(), jpeg(wall(size=(320, 200))))
    assert picture_of(made).size == (320, 200)


def test_a_photo_out_of_focus_is_noticed_and_a_sharp_one_or_a_bare_wall_is_not(open_page):
    page = open_page()
    street, market = (Image.open(PHOTOS / name) for name in ("street_evening_1.jpg", "market_spices_2.jpg"))
    soft = market.filter(ImageFilter.GaussianBlur(market.width * 0.005))
    bare = Image.new("RGB", (1600, 1200), (180, 178, 170))
    assert [shrink(page, jpeg(photo))["blurred"] for photo in (street, market, soft, bare)] == [
        False,
        False,
        True,
        False,
    ]


def test_a_wished_edge_is_kept(open_page):
    assert picture_of(shrink(open_page(), jpeg(wall()), edge=640)).size == (640, 360)


def test_a_transparent_picture_lies_on_white(open_page):
    glass = png(Image.new("RGBA", (50, 50), (0, 0, 0, 0)))
    image = picture_of(shrink(open_page(), glass, kind="image/png"))
    assert image.format == "JPEG"
    assert nearly(image.getpixel((25, 25)), (255, 255, 255))


@each_machine
def test_a_file_that_is_no_picture_is_unreadable(open_page, machine):
    page = open_page(machine)
    for data in (b"<!doctype html><h1>Wi-Fi login</h1>", b"", b"\0\0\0\x18ftypheic" + bytes(200)):
        assert shrink(page, data)["reason"] == "unreadable"


def test_an_encoder_that_writes_png_is_found_out(open_page):
    assert shrink(open_page(PNG_WRITER), jpeg(wall()))["reason"] == "not_jpeg"


def test_a_bad_file_does_not_hold_up_the_next(open_page):
    page = open_page()
    sizes = page.evaluate(
        """async ([bad, good]) => {
          const { shrink } = await import('/js/phone/picture.js');
          const blobs = [good, bad, good].map((bytes) => new Blob([Uint8Array.from(bytes)]));
          const made = await Promise.allSettled(blobs.map((blob) => shrink(blob)));
          return made.map(({ value, reason }) => value?.width ?? reason.reason);
        }""",
        [list(b"no"), list(jpeg(wall()))],
    )
    assert sizes == [1280, "unreadable", 1280]


# The camera


def test_a_grabbed_frame_has_the_full_size_and_can_be_shrunk_twice(open_page):
    seen = open_page().evaluate(
        """async () => {
          const { openCamera } = await import('/js/phone/camera.js');
          const { shrink } = await import('/js/phone/picture.js');
          const video = document.querySelector('video');
          const camera = await openCamera(video);
          const frame = await camera.grab();
          const made = [await shrink(frame, { edge: 800 }), await shrink(frame)];
          camera.stop();
          return {
            frame: [frame instanceof ImageBitmap, frame.width, frame.height],
            made: made.map(({ width, height }) => [width, height]),
            torch: 'torch' in camera,
            released: video.srcObject === null,
          };
        }"""
    )
    assert seen == {
        "frame": [True, *FRAME],
        "made": [[800, 450], list(FRAME)],
        "torch": False,
        "released": True,
    }


# The scanner


@each_machine
def test_the_poster_in_front_of_the_camera_is_read_once(open_page, machine):
    assert open_page(machine).evaluate(SCAN) == [POSTER]


def test_a_system_reader_is_preferred(open_page):
    assert open_page(GOOD_NATIVE).evaluate(SCAN) == ["read by the system"]


def test_a_system_reader_without_its_service_gives_way(open_page):
    page = open_page(BROKEN_NATIVE)
    assert page.evaluate(SCAN) == [POSTER]
    assert code_in(page, jpeg(wall(poster()))) == POSTER


def test_the_search_ends_when_it_is_called_off(open_page):
    ended = open_page().evaluate(
        """async () => {
          const { scan } = await import('/js/phone/scanner.js');
          const off = new AbortController();
          setTimeout(() => off.abort(), 100);
          let found = null;
          await scan(document.querySelector('video'), { onCode: (text) => { found = text; }, signal: off.signal });
          return [found, off.signal.aborted];
        }"""
    )
    assert ended == [None, True]


@each_machine
def test_a_still_photo_of_the_poster_is_read(open_page, machine):
    assert code_in(open_page(machine), jpeg(wall(poster()))) == POSTER


def test_a_small_poster_in_a_large_photo_is_read(open_page):
    photo = jpeg(wall(poster(box=5), size=(4032, 3024), at=(3300, 2400)))
    assert code_in(open_page(), photo) == POSTER


def test_a_photo_without_a_code_or_no_photo_gives_nothing(open_page):
    page = open_page()
    assert code_in(page, jpeg(wall())) is None
    assert code_in(page, b"<html>") is None


def test_the_work_is_done_beside_the_page_and_leaves_nothing_behind(open_page):
    page = open_page()
    seen = []
    page.on("worker", lambda worker: seen.append(worker.url.rsplit("/", 1)[1]))
    shrink(page, jpeg(wall()))
    code_in(page, jpeg(wall()))
    until(lambda: page.evaluate("1") and not page.workers)  # that they have left is told a moment later
    assert seen == ["picture-worker.js", "scanner-worker.js"]


def test_the_decoder_travels_only_when_it_is_needed(open_page):
    page = open_page()
    asked = []
    page.context.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[1]))
    shrink(page, jpeg(wall()))
    assert "picture.js" in asked
    assert not [name for name in asked if name.startswith("qr-")]
