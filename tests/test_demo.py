"""`wujin demo`, as somebody who has just installed it meets it: a real process, a real port."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from types import SimpleNamespace

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from patience import until
from ports import free_port
from sqlalchemy import text

from wujin_field import create_app
from wujin_field.config import ConfigError
from wujin_field.db import db
from wujin_field.demo import SIGN_IN, Shown, brought_up, demo_settings, open_folder, passing_folder, told
from wujin_field.migrations import config

STARTS_WITHIN_S = 60  # measured: five seconds on two cores


def wujin(*words, **more):
    """A `wujin` command with none of the tester's own settings."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("WUJIN_")} | more.pop("env", {})
    return [sys.executable, "-m", "wujin_field", *words], {"env": env, "text": True, **more}


def get(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.status, answer.read().decode()


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A running demo: said (the JSON line), folder, process."""
    folder = tmp_path_factory.mktemp("demo") / "town"
    words, more = wujin("demo", "--port", str(free_port()), "--dir", str(folder), "--json")
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    line = process.stdout.readline()
    yield SimpleNamespace(said=json.loads(line), folder=folder, process=process)
    process.kill()
    process.communicate()


def test_it_says_in_one_line_where_everything_is(demo):
    assert set(demo.said) == {"url", "data_dir", "poster", "units", "period", "sign_in"}
    assert demo.said["data_dir"] == str(demo.folder)
    assert len(demo.said["units"]) == 11 and "liuxi" in demo.said["units"]
    assert set(demo.said["sign_in"]) == set(SIGN_IN)


def test_it_answers(demo):
    answers = []
    until(
        lambda: answers.append(get(f"{demo.said['url']}/healthz")) or True
    )  # 503 while its own first work holds the database
    assert (answers[-1][0], json.loads(answers[-1][1])["status"]) == (200, "ok")


def test_its_poster_leads_to_a_page(demo):
    status, body = get(demo.said["poster"])
    assert status == 200 and "柳溪村消防宣传室" in body


def test_every_sign_in_link_opens_again_and_again(demo):
    for link in [*demo.said["sign_in"].values()] * 2:
        assert get(link)[0] == 200


def test_other_commands_work_on_its_folder(demo, tmp_path):
    out = tmp_path / "month.docx"
    for kind, period in [("annex2_monthly", demo.said["period"]), ("annex1_plan", demo.said["period"][:4])]:
        words, more = wujin("report", kind, "--unit", "liuxi", "--period", period, "-o", str(out),
                            env={"WUJIN_DATA_DIR": demo.said["data_dir"]})  # fmt: skip
        done = subprocess.run(words, capture_output=True, timeout=120, **more)
        assert (done.returncode, done.stderr) == (0, "")
        assert "word/document.xml" in zipfile.ZipFile(out).namelist()


def test_a_stopped_demo_is_served_again_as_it_was(demo):
    demo.process.send_signal(signal.SIGTERM)
    assert demo.process.wait(60) == 0
    port, begun = free_port(), time.monotonic()
    words, more = wujin("demo", "--port", str(port), "--dir", str(demo.folder), "--json")
    again = subprocess.Popen(words, stdout=subprocess.PIPE, **more)
    try:
        said = json.loads(again.stdout.readline())
        assert time.monotonic() - begun < STARTS_WITHIN_S
        assert said["units"] == demo.said["units"] and said["period"] == demo.said["period"]
        old_link = demo.said["sign_in"]["volunteer"].replace(demo.said["url"], said["url"])
        assert get(old_link)[0] == 200
    finally:
        again.send_signal(signal.SIGTERM)
        assert again.wait(60) == 0


def test_a_town_of_an_older_version_gets_todays_tables(tmp_path):
    settings = demo_settings(tmp_path, 8000)
    with create_app(settings).app_context():
        command.upgrade(config(), "0005")
    brought_up(settings)
    with create_app(settings).app_context():
        stands = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    assert stands == ScriptDirectory.from_config(config()).get_current_head()


def test_without_a_folder_of_its_own_it_leaves_nothing_behind(tmp_path):
    words, more = wujin("demo", "--port", str(free_port()), env={"TMPDIR": str(tmp_path)})
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    until(lambda: list(tmp_path.glob("wujin-demo-*/demo")))
    process.terminate()
    process.wait(60)
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_ends_leaves_the_folder_to_the_demo(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    here, before = os.getpid(), signal.getsignal(signal.SIGTERM)
    try:
        with passing_folder() as folder:
            if not (worker := os.fork()):
                sys.exit(0)  # up through everything, as gunicorn's workers do
            os.waitpid(worker, 0)
            assert folder.is_dir()
        assert not folder.exists()
    finally:
        if os.getpid() != here:
            os._exit(0)
        signal.signal(signal.SIGTERM, before)


def test_it_refuses_a_port_that_is_taken(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        words, more = wujin("demo", "--port", str(taken.getsockname()[1]), "--dir", str(tmp_path / "town"))
        done = subprocess.run(words, capture_output=True, timeout=120, **more)
    assert done.returncode == 1 and "--port" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "town").exists()


def test_it_never_settles_in_a_real_database(tmp_path):
    (tmp_path / "wujin.db").touch()
    with pytest.raises(ConfigError, match="no demo"):
        open_folder(tmp_path)
    assert not (tmp_path / "demo").exists()


def test_it_does_not_serve_half_a_town(tmp_path):
    open_folder(tmp_path)
    (tmp_path / "wujin.db").touch()
    with pytest.raises(ConfigError, match="unfinished"):
        open_folder(tmp_path)


def test_it_keeps_to_its_folder_whatever_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("WUJIN_DATABASE_URL", "postgresql+psycopg://real/one")
    monkeypatch.setenv("WUJIN_DATA_DIR", str(tmp_path / "real"))
    open_folder(tmp_path / "town")
    settings = demo_settings(tmp_path / "town", 8000)
    assert settings.demo and settings.on_sqlite and settings.data_dir == tmp_path / "town"
    assert str(tmp_path / "town") in settings.database_url


@pytest.mark.parametrize("url, has_qr", [("http://127.0.0.1:8000", False), ("https://wujin.example", True)])
def test_a_terminal_qr_only_where_a_phone_could_use_it(url, has_qr):
    links = dict.fromkeys(SIGN_IN, f"{url}/enrol/x")
    text = told(Shown(url, "/town", f"{url}/v/5L6457YA", ["liuxi"], "2026-10", links), as_json=False)
    assert ("█" in text) is has_qr
    assert ("HTTPS" in text and "WUJIN_PUBLIC_URL" in text) is not has_qr
