"""A town in a data folder, served by the real `wujin serve`, that can be killed and started again on the same port."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from ledger import Ledger, Phone

import wujin_field
from wujin_field import cast
from wujin_field.cli import prepared
from wujin_field.config import read_settings
from wujin_field.db import db, writing
from wujin_field.models import Person, Unit

sys.path.append(str(Path(__file__).resolve().parents[1]))

from ports import free_port

HOST = "127.0.0.1"
KINDS_OF_KILL = ("worker", "master", "both")
# Put in front of the server by the harness alone, to build the arm that must lose: what no setting of ours can do.
CARELESS = """
import os
os.fsync = os.fdatasync = lambda handle: None
from sqlalchemy import Pool, event
@event.listens_for(Pool, "checkout")
def careless(connection, record, proxy):
    connection.execute("PRAGMA synchronous=NORMAL")
"""
SERVE = "import sys\nfrom wujin_field.cli import main\nsys.argv[0] = 'wujin'\nmain()\n"


class Station:
    """folder: the data folder. outside: where the ledger and the server's log go; no fault ever reaches it."""

    def __init__(self, folder: Path, outside: Path, phones: int = 8, prelude: str = "", more: dict | None = None):
        """more: variables for the server alone."""
        self.folder, self.outside, self.port, self.prelude = folder, outside, free_port(), prelude
        self.more = more or {}
        outside.mkdir(parents=True, exist_ok=True)
        self.log = outside / "server.log"
        self.ledger = Ledger(outside / "ledger.jsonl")
        self.process: subprocess.Popen | None = None
        self.phones = self._settle(phones)

    def _settle(self, count: int) -> list[Phone]:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "demo").touch()  # the cast brings its own station
        app = prepared(read_settings(env={}, data_dir=self.folder))
        with app.app_context(), writing() as session:
            town = cast.settle(session)
            people, phones = [(unit, worker_of(town, unit)) for unit in town.committees()], []
            for number in range(count):
                unit, person = people[number % len(people)]
                key = ec.generate_private_key(ec.SECP256R1())
                raw = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
                device, token = cast.phone(session, person, raw)
                venues = [venue for venue in town.venues_of(unit) if venue.privacy == "open"]
                phones.append(Phone(number, self.port, device, token, key, venues, self.ledger))
        with app.app_context():
            db.engine.dispose()
        return phones

    def start(self, wait: bool = True) -> "Station":
        arguments = ["serve", "--host", HOST, "--port", str(self.port)]
        command = [sys.executable, "-c", self.prelude + SERVE, *arguments]
        if not self.prelude:
            command = [sys.executable, "-m", "wujin_field", *arguments]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                env=environment(self.folder, self.port) | self.more,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if wait:
            self.await_health()
        return self

    def await_health(self, seconds: float = 60) -> float:
        """Seconds until it said that a write would succeed. Raises TimeoutError."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.health() == 200:
                return time.monotonic() - began
            if self.process and self.process.poll() is not None:
                raise RuntimeError(f"the server ended: {self.log.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.02)
        raise TimeoutError(f"no health after {seconds} s: {self.log.read_text('utf-8', 'replace')[-2000:]}")

    def health(self, seconds: float = 5) -> int:
        """Its status; 0 when nobody answers."""
        try:
            return urllib.request.urlopen(f"http://{HOST}:{self.port}/healthz", timeout=seconds).status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def workers(self) -> list[int]:
        assert self.process
        try:
            return [
                int(pid)
                for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            ]
        except FileNotFoundError:
            return []

    def kill(self, what: str = "both") -> None:
        """SIGKILL. worker: the master starts another; master: the orphan is left to notice; both: nothing is left."""
        assert self.process
        if what == "worker":
            for pid in self.workers():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return
        if what == "master":
            self.process.kill()
        else:
            self._signal_all(signal.SIGKILL)
        self.process.wait()

    def pause(self) -> None:
        self._signal_all(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal_all(signal.SIGCONT)

    def stop(self) -> None:
        """At once and without a word: a server that needs a goodbye is not safe."""
        if self.process:
            self._signal_all(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def a_day_later(self) -> None:
        """Stop, let what lies in `incoming` grow a day old, start: what a start tidies is tidied now."""
        self.stop()
        yesterday = time.time() - 25 * 3600
        for path in (self.folder / "photos" / "incoming").glob("*"):
            os.utime(path, (yesterday, yesterday))
        self.start()
        self.stop()

    def _signal_all(self, number: int) -> None:
        if self.process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def __enter__(self) -> "Station":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def worker_of(town: cast.Town, unit: Unit) -> Person:
    return next(person for person in town.people.values() if person.unit_id == unit.id and person.access == "field")


def environment(folder: Path, port: int) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WUJIN_")}
    ours = str(Path(wujin_field.__path__[0]).parent)
    return clean | {"PYTHONPATH": ours, "WUJIN_DATA_DIR": str(folder), "WUJIN_PUBLIC_URL": f"http://localhost:{port}"}
