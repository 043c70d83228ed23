"""A station with its town, served by the real command, and phones: real Chromium with a profile on disk."""

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager, nullcontext, suppress
from functools import cache
from io import BytesIO
from pathlib import Path

import qrcode
from PIL import Image
from playwright.sync_api import Error, sync_playwright

from wujin_field import cast, create_app
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, writing
from wujin_field.models.people import invite

sys.path.append(str(Path(__file__).resolve().parents[1]))

from patience import PATIENCE_S, until
from ports import free_port

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run",
         "--disable-component-update", "--disable-sync", "--disable-quic"]  # fmt: skip
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "zh-CN",
}
DESK = {"viewport": {"width": 1440, "height": 900}, "locale": "zh-CN"}


_driven: list = []


@contextmanager
def browsers():
    """Playwright, of which a process bears one at a time: whoever comes while it runs has the same."""
    with nullcontext(_driven[0]) if _driven else sync_playwright() as play:
        _driven.append(play)
        try:
            yield play
        finally:
            _driven.pop()


@cache
def settled() -> tuple[Path, cast.Town]:
    """A data folder with the cast in it, made once for a process: every station begins as a copy."""
    folder = Path(tempfile.mkdtemp(prefix="wujin-town-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "demo").touch()  # the cast brings its own station
    app = prepared(read_settings(env={}, data_dir=folder))
    with app.app_context():
        with writing() as session:
            town = cast.settle(session)
        db.engine.dispose()
    return folder, town


class Station:
    """A data folder with the cast in it, and `wujin serve` over it; stops and starts on the same port."""

    def __init__(self, folder: Path):
        self.folder, self.port, self._process = folder, free_port(), None
        self.url = f"http://localhost:{self.port}"
        home, self.town = settled()
        shutil.copytree(home, folder, dirs_exist_ok=True)
        self.settings = read_settings(env={}, data_dir=folder, public_url=self.url)
        self.app = create_app(self.settings)

    def link_for(self, name: str) -> str:
        """A fresh enrolment link for somebody of the cast."""
        with self.app.app_context(), writing() as session:
            row, token = invite(self.town.person(name))
            session.add(row)
        return f"{self.url}/enrol/{token}"

    def start(self) -> "Station":
        self._process = subprocess.Popen(self.command(), env=self.environment())
        until(self._answers, 3 * PATIENCE_S)
        return self

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(f"the station ended with {self._process.returncode}")
        return urllib.request.urlopen(f"http://localhost:{self.port}/healthz", timeout=10).status == 200

    def command(self) -> list[str]:
        return [sys.executable, "-m", "wujin_field", "serve", "--port", str(self.port)]

    def environment(self) -> dict[str, str]:
        return os.environ | {"WUJIN_DATA_DIR": str(self.folder), "WUJIN_PUBLIC_URL": self.url}

    def stop(self) -> None:
        """Really stopped: no request is answered, no socket is kept."""
        if self._process:
            self._process.terminate()
            self._process.wait(60)
            self._process = None

    def report(self, kind: str, unit: str, period: str, out: Path) -> Path:
        command = [
            sys.executable,
            "-m",
            "wujin_field",
            "report",
            kind,
            "--unit",
            unit,
            "--period",
            period,
            "-o",
            str(out),
        ]
        env = os.environ | {"WUJIN_DATA_DIR": str(self.folder), "WUJIN_PUBLIC_URL": self.url}
        subprocess.run(command, env=env, check=True)
        return out

    def verify(self) -> int:
        """The exit code of `wujin verify`: 0 clean, 1 warnings, 2 tampered or missing."""
        env = os.environ | {"WUJIN_DATA_DIR": str(self.folder), "WUJIN_PUBLIC_URL": self.url}
        return subprocess.run([sys.executable, "-m", "wujin_field", "verify"], env=env).returncode


def poster_film(address: str, folder: Path) -> Path:
    """What the camera sees: the poster on a wall, as MJPEG for Chromium's fake camera."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, box_size=8)
    code.add_data(address)
    sheet = code.make_image().convert("RGB")
    wall = Image.new("RGB", (1280, 720), (188, 182, 170))
    wall.paste(sheet, ((1280 - sheet.width) // 2, (720 - sheet.height) // 2))
    film = folder / "poster.mjpeg"
    film.write_bytes(b"".join(_frame(wall, shade) for shade in range(0, 240, 8)))
    return film


def _frame(wall: Image.Image, shade: int) -> bytes:
    """Light moves over the wall: no two pictures of it are the same, as outside."""
    wall = wall.copy()
    wall.paste((shade, 255 - shade, 120), (shade * 4, 0, shade * 4 + 160, 60))
    out = BytesIO()
    wall.save(out, "JPEG", quality=90)
    return out.getvalue()


class Phone:
    """One browser profile on disk, so that it can be closed, killed and started again with everything it kept."""

    def __init__(
        self, playwright, chromium: str, profile: Path, film: Path | None = None, look: dict = PHONE, **options
    ):
        self._playwright, self._chromium, self._profile, self._film = playwright, chromium, profile, film
        self._options = look | {"geolocation": {"latitude": 29.5, "longitude": 106.2, "accuracy": 9}} | options
        self.context = None

    def open(self, path_or_url: str):
        """Start the browser (again) on this page."""
        camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        film = [f"--use-file-for-fake-video-capture={self._film}"] if self._film else []
        self.context = self._playwright.chromium.launch_persistent_context(
            str(self._profile), executable_path=self._chromium, args=[*FLAGS, *camera, *film], headless=True,
            permissions=["geolocation", "camera"], **self._options,
        )  # fmt: skip
        self.context.set_default_timeout(PATIENCE_S * 1000)
        page = self.context.pages[0] if self.context.pages else self.context.new_page()
        page.goto(path_or_url)
        return page

    def close(self) -> None:
        if self.context:
            with suppress(Exception):
                self.context.close()
            self.context = None
        all_gone(self._profile)


def processes_of(profile: Path, kind: str = "") -> list[int]:
    """Every process of this browser, by the profile in its command line; kind: only those with this flag."""
    found, mine = [], f"--user-data-dir={profile} ".encode()
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            line = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
            if mine in line.replace(b"\0", b" ") + b" " and kind.encode() in line:
                found.append(int(entry.name))
    return found


def all_gone(profile: Path) -> None:
    """Until nothing of it lives: a second browser beside the dying one would find the store half put away, and empty it."""
    end = time.monotonic() + 20
    while left := processes_of(profile):
        time.sleep(0.02)
        for pid in left if time.monotonic() > end else []:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def send_now(page) -> None:
    """Press 现在交 on 待交; or the phone was quicker and has sent all of it by itself, before the press or under it."""
    now, done = page.get_by_role("button", name="现在交"), page.get_by_text("都交上去了")
    while not done.is_visible():
        with suppress(Error):
            now.click(timeout=1000)
            return


def outbox_of(page) -> list[dict]:
    """What the phone's own store holds, as a person with developer tools would see it."""
    return json.loads(
        page.evaluate("""async () => {
      const who = localStorage.getItem('wujin.who');
      const settled = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
      const db = await settled(indexedDB.open('wujin-' + who));
      const rows = await settled(db.transaction('outbox').objectStore('outbox').getAll());
      db.close();
      return JSON.stringify(rows.map(({ kind, id, state, reason }) => ({ kind, id, state, reason })));
    }""")
    )
