"""Long work with its progress: a thread does it, a row says how far it is, a page asks that row."""

import logging
import shutil
import threading
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from flask import Flask, Response, abort, current_app, redirect, request, send_file
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, utc_now, uuid7, writing
from ...models import Job
from ...models.jobs import KEPT, SILENT
from ...sync.envelope import Refused
from .. import guard, limits
from ..pages import language, show
from . import station

Tell = Callable[[int, int], None]
TELL_S = 0.3
AT_ONCE = 4  # of one person: each holds what was sent, and what it makes of it, in memory
LOG = logging.getLogger(__name__)


def start(kind: str, title: str, work: Callable[[Tell], dict]) -> AnyResponse:
    """Begin `work` beside the requests and lead to its page; title: what is being done, in the reader's language.

    work(tell) returns plain data: {"onward": address} to go on to, or {"file": (bytes or file, name, media type)} to download.
    It calls tell(done, total) as it goes, but never inside a write transaction of its own: one writer at a time.
    """
    job_id, app, tongue = uuid7(), current_app._get_current_object(), language()  # type: ignore[attr-defined]
    if limits.crowded(app.config["SETTINGS"]):
        raise Refused(507, "disk_full")
    with writing() as session:
        if _going(session, guard.caller().person_id) >= AT_ONCE:
            raise Refused(429, "too_many_at_once")
        session.add(Job(id=job_id, kind=kind, title=title, who_id=guard.caller().person_id, result={}))
    threading.Thread(target=_run, args=(app, job_id, work, tongue), name=f"job-{kind}", daemon=True).start()
    return redirect(f"/station/jobs/{job_id}", 303)


def _going(session: Session, person_id: str) -> int:
    mine = Job.who_id == person_id, Job.state.in_(("waiting", "running")), Job.told_at > utc_now() - SILENT
    return session.scalar(select(func.count(Job.id)).where(*mine)) or 0


def _run(app: Flask, job_id: str, work: Callable[[Tell], dict], tongue: str) -> None:
    with app.app_context():
        teller = _Teller(job_id)
        try:
            result = work(teller)
            if "file" in result:
                body, name, media_type = result.pop("file")
                size = _keep(_folder(app) / job_id, body)
                result |= {"name": name, "media_type": media_type, "bytes": size}
            _note(job_id, state="done", result=result, told_at=utc_now())
        except Cancelled:
            db.session.rollback()
            _folder(app).joinpath(job_id).unlink(missing_ok=True)
        except Exception:  # whatever it was, the page must not wait for ever
            LOG.exception("job %s failed", job_id)
            db.session.rollback()
            _note(job_id, state="failed", told_at=utc_now())
        finally:
            db.session.remove()


def _keep(path: Path, body: bytes | BinaryIO) -> int:
    """How many bytes; a large one comes as a file and is never whole in memory."""
    with path.open("wb") as out:
        shutil.copyfileobj(BytesIO(body) if isinstance(body, bytes) else body, out)
        return out.tell()


class Cancelled(Exception):
    """Whoever asked for it wants it no more; raised by `tell`, out of the work."""


class _Teller:
    """Writes progress down, a few times a second at most."""

    def __init__(self, job_id: str):
        self._job_id, self._at = job_id, 0.0

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._at > TELL_S:
            if not _note(self._job_id, state="running", done=done, total=total, told_at=utc_now()):
                raise Cancelled
            self._at = time.monotonic()


def _note(job_id: str, **values: object) -> bool:
    """False when the job was cancelled meanwhile: then nothing more is written about it."""
    with db.engine.connect().execution_options(writing=True) as connection, connection.begin():
        going = update(Job).where(Job.id == job_id, Job.state != "cancelled").values(**values)
        return connection.execute(going).rowcount == 1


def _folder(app: Flask) -> Path:
    folder = app.config["SETTINGS"].data_dir / "jobs"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        if time.time() - old.stat().st_mtime > KEPT.total_seconds():
            old.unlink(missing_ok=True)
    return folder


@station.get("/jobs/<uuid:job_id>")
def job(job_id: object) -> AnyResponse:
    found = _mine(str(job_id))
    if found.state == "done" and "onward" in found.result:
        return _onward(found.result["onward"])
    return show("station/jobs/job.html", "station/jobs/_state.html", job=found, lost=found.is_lost(utc_now()))


def _onward(address: str) -> AnyResponse:
    """htmx swaps what it is led to into the page; it is told to open it instead."""
    response = redirect(address, 303)
    if request.headers.get("HX-Request"):
        response = Response(status=200, headers={"HX-Redirect": address})
    return response


@station.post("/jobs/<uuid:job_id>/end")
def cancel_job(job_id: object) -> AnyResponse:
    found = _mine(str(job_id))
    if found.state in ("waiting", "running"):
        _note(found.id, state="cancelled", told_at=utc_now())
    return redirect(f"/station/jobs/{found.id}", 303)


@station.get("/jobs/<uuid:job_id>/file")
def job_file(job_id: object) -> AnyResponse:
    found = _mine(str(job_id))
    path = _folder(current_app) / found.id  # type: ignore[arg-type]
    if found.state != "done" or not path.exists():
        abort(404)
    response = send_file(path, mimetype=found.result["media_type"])
    plain = f"{found.kind}{Path(found.result['name']).suffix}"
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(found.result['name'])}"
    )
    return response


def _mine(job_id: str) -> Job:
    rows = select(Job).where(Job.id == job_id, Job.who_id == guard.caller().person_id)
    return db.session.scalar(rows) or abort(404)
