"""gunicorn with the settings that we measured and trust. Loads no app: the master stays small, the worker makes its own.

python -m wujin_field.serving HOST PORT WORKERS
"""

import gc
import os
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from gunicorn.app.base import BaseApplication
from gunicorn.http.unreader import SocketUnreader

from . import create_app
from .config import ConfigError

if TYPE_CHECKING:
    from flask import Flask

# One process, many threads: SQLite has one writer anyway, and sixty phones on a slow line hold a thread each.
OPTIONS = {"worker_class": "gthread", "threads": 96, "timeout": 120, "graceful_timeout": 75, "keepalive": 15,
           "accesslog": None, "errorlog": "-", "loglevel": "warning",
           "control_socket_disable": True}  # it would let anybody with the user's home add workers behind our back  # fmt: skip
SocketUnreader.max_body_chunk = 64 * 1024  # a phone on a slow line holds a buffer of this size, not of its whole photo


class Server(BaseApplication):
    def __init__(self, load: "Callable[[], Flask]", options: dict[str, Any]):
        self._load, self._options = load, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> "Flask":
        app = self._load()
        gc.collect()
        gc.freeze()  # what is swept is written to, and then every worker has a copy of its own
        return app


def replace_us(host: str, port: int, workers: int) -> NoReturn:
    """Become the server: whoever migrated and looked around has loaded much that nobody serves with."""
    os.execv(sys.executable, [sys.executable, "-m", "wujin_field.serving", host, str(port), str(workers)])


def run(load: "Callable[[], Flask]", host: str, port: int, workers: int = 1, **more: Any) -> None:
    """Serve until stopped. load: makes the app, in the one worker, or before several are forked that share its memory.

    more: gunicorn settings, such as when_ready.
    """
    bound = {"bind": f"{host}:{port}", "workers": workers, "preload_app": workers > 1, "post_worker_init": _beside}
    Server(load, {**OPTIONS, **bound, **more}).run()


def _beside(worker: Any) -> None:
    from .beside import start

    start(worker.app.wsgi())


def check_port(host: str, port: int) -> None:
    """Raises ConfigError when nobody can listen there: gunicorn would try five times and print a screenful."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise ConfigError(f"port {port} cannot be used ({error.strerror}); choose another with --port") from error


if __name__ == "__main__":
    run(create_app, sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
