"""A smoke run in the engine of every iPhone: WebKitGTK, by the WebDriver protocol. The journeys proper are Chromium's."""

import json
import os
import subprocess
import urllib.request
from pathlib import Path

import pytest
from harness import Station
from patience import PATIENCE_S, until
from ports import free_port

pytestmark = [pytest.mark.needs("webkit"), pytest.mark.timeout(300)]
BROWSERS = sorted(Path("/usr").glob("lib*/**/webkit2gtk-4.*/MiniBrowser"))
QUIET = {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1", "WEBKIT_DISABLE_COMPOSITING_MODE": "1"}

# Left in the middle of a transaction, a page is frozen with it: the next page must not wait for that.
BUSY = """const { store } = document.querySelector('wujin-app');
(async () => { for (;;) await store.write(['meta', 'outbox', 'visits'], (tx) => tx.meta.put({ key: 'busy' })); })();"""


class WebKit:
    """One browser window; ask(js) runs a function's body in the page."""

    def __init__(self, folder: Path):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        screen = ["Xvfb", "-displayfd", "1", "-screen", "0", "800x1000x24"]  # says its number
        self._screen = subprocess.Popen(screen, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._port, display = free_port(), f":{int(self._screen.stdout.readline())}"
        env = os.environ | QUIET | {"DISPLAY": display, "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)}
        folder.chmod(0o700)
        self._driver = subprocess.Popen(["WebKitWebDriver", f"--port={self._port}"], env=env, **quiet)
        until(lambda: self._call("GET", "/status") is not None)
        options = {"binary": str(BROWSERS[-1]), "args": ["--automation"]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        self._session = f"/session/{self._call('POST', '/session', wanted)['sessionId']}"

    def open(self, address: str) -> None:
        self._call("POST", f"{self._session}/url", {"url": address})

    def ask(self, script: str):
        return self._call("POST", f"{self._session}/execute/sync", {"script": script, "args": []})

    def until(self, condition: str) -> None:
        """Ask again until it is so; a page that is just being left answers nothing."""
        try:
            until(lambda: self.ask(f"return Boolean({condition})"))
        except TimeoutError:
            pytest.fail(f"{condition}: {self.ask('return location.pathname + document.body.innerText')}")

    def press(self, word: str) -> None:
        """The first button, link or label that says this."""
        found = f"[...document.querySelectorAll('button, a, label')].find((one) => one.innerText.includes('{word}'))"
        self.until(f"((one) => one && (one.click(), true))({found})")

    def close(self) -> None:
        for process in (self._driver, self._screen):
            process.terminate()
            process.wait(20)

    def _call(self, method: str, path: str, body: dict | None = None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}{path}", data, method=method)
        return json.loads(urllib.request.urlopen(request, timeout=PATIENCE_S).read())["value"]


@pytest.fixture
def webkit(tmp_path):
    browser = WebKit(tmp_path)
    yield browser
    browser.close()


def test_a_visit_is_begun_kept_finished_and_received(webkit, tmp_path_factory):
    station = Station(tmp_path_factory.mktemp("station")).start()
    try:
        webkit.open(station.link_for("陈大山"))
        webkit.press("开通这部手机")
        webkit.until("document.querySelector('wujin-app[ready]')")
        webkit.ask(BUSY)
        webkit.open(f"{station.url}/v/{station.town.venue('禾丰粮油加工厂').code}")
        webkit.until("location.pathname.startsWith('/field/visits/')")
        webkit.press("合格")
        webkit.until("document.querySelector('.saved.ok')")
        webkit.open(webkit.ask("return location.href"))  # as after a crash: what was kept is there
        webkit.until("document.querySelectorAll('.answer input:checked').length === 1")
        webkit.press("收尾")
        webkit.press("完成")
        webkit.until("document.querySelector('[data-state=received]')")
    finally:
        station.stop()
