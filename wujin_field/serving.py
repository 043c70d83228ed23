"""gunicorn with the settings that we measured and trust."""

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

# One process, many threads: SQLite has one writer anyway, and a slow phone holds a thread, not the server.
OPTIONS = {"worker_class": "gthread", "threads": 16, "timeout": 120, "graceful_timeout": 10, "keepalive": 15,
           "preload_app": False, "accesslog": None, "errorlog": "-", "loglevel": "warning"}  # fmt: skip


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
    from .db import db

    with app.app_context():
        db.session.remove()
        db.engine.dispose()  # connections do not survive the fork into a worker
    Server(app, {**OPTIONS, "bind": f"{host}:{port}", "workers": workers, **more}).run()
