"""What somebody who does not trust us takes away: one visit as a bundle that checks itself, and the signed checkpoints."""

import json
from io import BytesIO

from flask import Response, abort, current_app, send_file
from sqlalchemy import select

from ...db import db, utc_now, writing
from ...evidence.bundle import bundle
from ...models import Checkpoint
from ...models.journal import append_audit
from .. import guard
from ..again import asks_again
from ..pages import show
from . import supervisor
from .visits import find


@supervisor.get("/visits/<uuid:visit_id>/bundle.zip")
@asks_again
def evidence_bundle(visit_id: object) -> Response:
    """The originals leave with it, so it is written down who took it."""
    subject = find(str(visit_id))
    with writing() as session:
        visit, now = find(subject.id), utc_now()
        body = bundle(session, current_app.extensions["signer"], visit, _original, now)
        append_audit(session, now, guard.caller().person_id, "took_bundle", "bundle", subject.id)
    return send_file(BytesIO(body), "application/zip", as_attachment=True, download_name=f"wujin-{subject.id[:8]}.zip")


@supervisor.get("/checkpoints")
def checkpoints() -> Response:
    rows = db.session.scalars(select(Checkpoint).order_by(Checkpoint.at.desc()).limit(60)).all()
    return show("supervisor/checkpoints.html", rows=rows, key=current_app.extensions["signer"].public_key)


@supervisor.get("/checkpoints/<uuid:checkpoint_id>.json")
def checkpoint(checkpoint_id: object) -> Response:
    row = db.session.get(Checkpoint, str(checkpoint_id))
    if row is None:
        abort(404)
    body = BytesIO(json.dumps(row.body, ensure_ascii=False).encode())
    return send_file(body, "application/json", as_attachment=True, download_name=f"wujin-{row.at:%Y%m%d}.json")


def _original(sha256: str) -> tuple[bytes, bool] | None:
    try:
        with current_app.extensions["vault"].open(sha256) as file:
            return file.read(), False
    except FileNotFoundError:
        return None
