"""What runs beside a worker: the examiner of photos, the house that is kept, whoever tells of serious hazards."""

import fcntl
import os
import subprocess
import sys
import threading
import time
from datetime import datetime

from flask import Flask

from . import alerts
from .config import Settings
from .db import db, utc_now, writing
from .evidence.checkpoints import checkpoint_if_due
from .review import accept_by_rule

EXAMINER = [sys.executable, "-m", "wujin_field.evidence.examiner"]
RESTART_S = 3
ALERT_S = 5
HOUSE_S = 600


def start(app: Flask) -> None:
    """All of it, for the worker that calls; it ends with its worker."""
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
    while True:
        try:
            with app.app_context():
                keep_house(app)
        except Exception as error:
            print(f"wujin: house: {type(error).__name__}; trying again", file=sys.stderr, flush=True)
        time.sleep(HOUSE_S)


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
    # A child of the worker: gunicorn's master would take it for one of its own when it ends. Its limits are Linux's.
    if sys.platform != "linux":
        return
    threading.Thread(target=_keep_examiner, args=[settings], name="examiner", daemon=True).start()


def _keep_examiner(settings: Settings) -> None:
    """One examiner for each data folder, however many workers; it ends when its stdin does, that is, with its worker."""
    env = os.environ | {"WUJIN_DATA_DIR": str(settings.data_dir), "WUJIN_DATABASE_URL": settings.database_url,
                        "WUJIN_PHOTO_STORE": settings.photo_store}  # fmt: skip
    with (settings.data_dir / "examiner.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        while True:
            with subprocess.Popen(EXAMINER, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=env) as examiner:
                examiner.wait()
            time.sleep(RESTART_S)
