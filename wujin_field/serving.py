"""gunicorn with the settings that we measured and trust, and beside it the examiner of photos."""

import ctypes
import fcntl
import gc
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.http.unreader import SocketUnreader

from . import alerts
from .config import ConfigError, Settings
from .db import db, utc_now, writing
from .evidence.checkpoints import checkpoint_if_due
from .evidence.examiner import gone
from .evidence.examiner import main as examine
from .evidence.server_clock import STEADY, ServerClock
from .review import accept_by_rule

# One process, many threads: SQLite has one writer anyway, and sixty phones on a slow line hold a thread each.
OPTIONS = {"worker_class": "gthread", "threads": 96, "timeout": 120, "graceful_timeout": 75, "keepalive": 15,
           "preload_app": False, "accesslog": None, "errorlog": "-", "loglevel": "warning",
           "control_socket_disable": True}  # it would let anybody with the user's home add workers behind our back  # fmt: skip
SocketUnreader.max_body_chunk = 64 * 1024  # a phone on a slow line holds a buffer of this size, not of its whole photo
RESTART_S, LOCK_S = 3, 1
M_ARENA_MAX = -8  # glibc gives threads heaps of their own and keeps them: sixty slow phones would cost 15 MB more
ALERT_S = 5
HOUSE_S, CLOCK_S = 600, 10


class Server(BaseApplication):
    def __init__(self, app: Flask, options: dict[str, Any]):
        self._app, self._options = app, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


def run(app: Flask, host: str, port: int, workers: int = 1, **more: Any) -> None:
    """Serve until stopped. more: gunicorn settings, such as when_ready."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()  # connections do not survive the fork into a worker
    with suppress(Exception):  # not every C library has it
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)
    gc.collect()
    gc.freeze()  # a worker that sweeps our objects would write on each, and every page of them would be there twice
    beside = {"post_worker_init": lambda _worker: _with_company(app)}
    Server(app, {**OPTIONS, "bind": f"{host}:{port}", "workers": workers, **beside, **more}).run()


def check_port(host: str, port: int) -> None:
    """Raises ConfigError when nobody can listen there: gunicorn would try five times and print a screenful."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise ConfigError(f"--host {host!r} is no address of this machine ({error.strerror})") from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise ConfigError(
                f"{host} port {port} cannot be used ({error.strerror}); choose another with --port"
            ) from error


def _with_company(app: Flask) -> None:
    """What runs beside a worker: the examiner of photos, and whoever tells the station of serious hazards."""
    _with_examiner(app.config["SETTINGS"])
    threading.Thread(target=_keep_house, args=[app], name="house", daemon=True).start()
    if app.config["SETTINGS"].alert_url:
        threading.Thread(target=_keep_telling, args=[app], name="alerts", daemon=True).start()


def _keep_telling(app: Flask) -> None:
    while True:
        try:
            with app.app_context():
                alerts.send_due(db.engine, app.config["SETTINGS"])
        except Exception as error:  # a day without a robot is better than a day without a server
            print(f"wujin: alerts: {type(error).__name__}; trying again", file=sys.stderr, flush=True)
        time.sleep(ALERT_S)


def _keep_house(app: Flask) -> None:
    clock, due = ServerClock(), 0.0
    while True:
        try:
            with app.app_context():
                clock.look(utc_now(), time.clock_gettime(STEADY))
                if time.monotonic() >= due:
                    due = time.monotonic() + HOUSE_S
                    keep_house(app)
        except Exception as error:
            print(f"wujin: house: {type(error).__name__}; trying again", file=sys.stderr, flush=True)
        time.sleep(CLOCK_S)


def keep_house(app: Flask, now: datetime | None = None) -> None:
    """What falls due by itself: the day's signed checkpoint, and what the rule accepts. Needs the app's context."""
    with writing() as session:
        checkpoint_if_due(session, app.extensions["signer"], now or utc_now())
    while _accepted(now or utc_now()):
        pass


def _accepted(now: datetime) -> int:
    with writing() as session:
        return accept_by_rule(session, now)


def _with_examiner(settings: Settings) -> None:
    """A child of the worker (gunicorn's master would take it for one of its own when it ends), forked before the worker
    has threads: what they have loaded is in memory once for all of them.
    """
    if sys.platform != "linux":  # its limits are Linux's
        return
    life, _ours = os.pipe()  # nothing but our death closes our end
    _forked(lambda: _keep_examiner(settings, life))
    os.close(life)


def _keep_examiner(settings: Settings, life: int) -> None:
    """One examiner for each data folder, however many workers; it ends when its stdin does, that is, with its worker."""
    _leave_gunicorn(life)
    with (settings.data_dir / "examiner.lock").open("w") as lock:
        while not _locked(lock):
            if gone(0, LOCK_S):
                return
        while not gone(0):
            os.waitpid(_forked(lambda: examine(settings)), 0)
            gone(0, RESTART_S)


def _leave_gunicorn(life: int) -> None:
    """Keep none of its signals, none of its sockets: only what holds our life, on stdin, and stderr."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    os.dup2(life, 0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for handle in {int(name) for name in os.listdir("/proc/self/fd")} - {0, 1, 2}:
        with suppress(OSError):  # the one that listed them is closed already
            os.close(handle)
    with suppress(OSError):  # only so that `top` can tell them apart
        Path("/proc/self/comm").write_text("wujin-examiner")


def _forked(work: Callable[[], None]) -> int:
    """The child that does this work and never comes back into its parent's code."""
    if child := os.fork():
        return child
    try:
        work()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def _locked(file: TextIO) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
