"""`wujin serve` started on what a killed one left behind: its fork may still be at work on the tables."""

import os
import signal
import subprocess
import sys
import urllib.request
from contextlib import closing, suppress

from patience import until
from ports import free_port

from wujin_field.db import sqlite

SERVE = "import sys\nfrom wujin_field.cli import main\nsys.argv[0] = 'wujin'\nmain()\n"
# The fork says that it is in the middle of the migrations, and goes on when it is told to.
SLOW = """
import time
from pathlib import Path
from sqlalchemy import Engine, event
@event.listens_for(Engine, "before_cursor_execute")
def wait(connection, cursor, statement, *_):
    if "CREATE TABLE visit " in statement:
        Path("in-the-middle").touch()
        while not Path("go-on").exists():
            time.sleep(0.02)
"""
IMPATIENT = "import wujin_field.migrations\nwujin_field.migrations.SAY_AFTER_S = 0\n"


def serve(folder, port, prelude):
    env = {"WUJIN_DATA_DIR": str(folder / "data"), "PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", prelude + SERVE, "serve", "--port", str(port)]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, env=env, cwd=folder, stderr=log, start_new_session=True)


def healthy(port):
    return urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).status == 200


def test_a_server_killed_while_it_migrates_leaves_an_orphan_and_the_next_one_waits_for_it_and_says_so(tmp_path):
    ports = free_port(), free_port()
    first = serve(tmp_path, ports[0], SLOW)
    second = None
    try:
        until((tmp_path / "in-the-middle").exists)
        first.kill()
        first.wait()
        second = serve(tmp_path, ports[1], IMPATIENT)
        until(lambda: "is waited for" in (tmp_path / "log").read_text())
        assert second.poll() is None
        (tmp_path / "go-on").touch()
        until(lambda: healthy(ports[1]))
        with closing(sqlite.connect(tmp_path / "data" / "wujin.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert connection.execute("SELECT count(*) FROM instance").fetchone() == (1,)
    finally:
        (tmp_path / "go-on").touch()
        for process in filter(None, (first, second)):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
