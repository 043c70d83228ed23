"""What an operator may count: Prometheus text, off unless WUJIN_METRICS=1. Never a person, a place or an address.

One process counts for itself (wujin_requests, wujin_request_seconds, wujin_writer_group_size); the rest is read from the
database and the disk at the moment of asking, and is the same on every node.
"""

import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from flask import Flask, Response, abort, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.exc import SQLAlchemyError

from ..config import Settings
from ..db import db
from ..models import Device, Photo, Receipt, SetAside
from .limits import places
from .logs import route

SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


def init(app: Flask) -> None:
    if app.config["SETTINGS"].metrics:
        with app.app_context():
            metrics = app.extensions["metrics"] = Metrics(db.engine, app.config["SETTINGS"])
        app.after_request(metrics.note)


def answer() -> Response:
    metrics = current_app.extensions.get("metrics") or abort(404)
    return Response(generate_latest(metrics.registry), content_type=CONTENT_TYPE_LATEST)


class Metrics:
    def __init__(self, engine: Engine, settings: Settings):
        self.registry = CollectorRegistry()
        self._requests = Counter("wujin_requests", "Requests answered", ["method", "route", "status"],
                                 registry=self.registry)  # fmt: skip
        self._seconds = Histogram("wujin_request_seconds", "Time until the answer, the body's journey included",
                                  ["route"], buckets=SECONDS, registry=self.registry)  # fmt: skip
        self._group = Histogram("wujin_writer_group_size", "Claims and photos that shared one durable commit",
                                buckets=(1, 2, 4, 8, 16, 32, 64), registry=self.registry)  # fmt: skip
        self.registry.register(_Stock(engine, settings))
        self._watch_the_writer(engine)

    def note(self, response: Response) -> Response:
        self._requests.labels(request.method, route(), response.status_code).inc()
        self._seconds.labels(route()).observe(time.perf_counter() - g.get("began", time.perf_counter()))
        return response

    def _watch_the_writer(self, engine: Engine) -> None:
        """The writer says how many jobs share its commit; whoever commits without a word is a desk."""

        @event.listens_for(engine, "commit")
        def commit(connection: Connection) -> None:
            if jobs := connection.get_execution_options().get("jobs"):
                self._group.observe(jobs)


class _Stock(Collector):
    """Read anew each time. Without a database the disks are still told, and wujin_database_up says 0."""

    def __init__(self, engine: Engine, settings: Settings):
        self._engine, self._settings = engine, settings

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        free = GaugeMetricFamily("wujin_free_bytes", "Free room where we write", labels=["place"])
        for place in places(self._settings):
            free.add_metric([place.name if place != self._settings.data_dir else "data"], _free(place))
        found = self._rows()
        return [free, GaugeMetricFamily("wujin_database_up", "1 when it answers", value=float(bool(found))), *found]

    def _rows(self) -> list[Metric]:
        try:
            with self._engine.connect() as connection:
                return list(_counts(connection))
        except SQLAlchemyError:
            return []


def _counts(connection: Connection) -> Iterable[Metric]:
    receipts = CounterMetricFamily("wujin_receipts", "Receipts given", labels=["kind"])
    for kind, count in connection.execute(select(Receipt.kind, func.count()).group_by(Receipt.kind)):
        receipts.add_metric([kind], count)
    yield receipts
    for name, what, query in (
        ("wujin_photos_waiting", "Photos that were not examined yet",
         select(func.count()).where(Photo.examined_at.is_(None))),
        ("wujin_set_aside", "Claims kept aside for a person to decide", select(func.count(SetAside.id))),
        ("wujin_unsent_items", "Items that enrolled phones said they still hold",
         select(func.coalesce(func.sum(Device.unsent_count), 0)).where(Device.revoked_at.is_(None))),
    ):  # fmt: skip
        yield GaugeMetricFamily(name, what, value=float(connection.execute(query).scalar_one() or 0))


def _free(place: Path) -> float:
    try:
        return float(shutil.disk_usage(place).free)
    except OSError:
        return float("nan")
