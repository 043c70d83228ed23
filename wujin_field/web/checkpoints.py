"""The signed checkpoints of the audit chain, for whoever keeps one elsewhere. Two faces show the same pages."""

import json
from io import BytesIO

from flask import Blueprint, Response, abort, current_app, request, send_file
from sqlalchemy import select

from ..db import db
from ..models import Checkpoint
from .pages import local, show

SHOWN = 400  # a year, and the days after it in which somebody asks


def hang(face: Blueprint) -> None:
    face.add_url_rule("/checkpoints", "checkpoints", checkpoints)
    face.add_url_rule("/checkpoints/<uuid:checkpoint_id>.json", "checkpoint", checkpoint)


def checkpoints() -> Response:
    rows = db.session.scalars(select(Checkpoint).order_by(Checkpoint.at.desc()).limit(SHOWN)).all()
    return show("shared/checkpoints.html", rows=rows, key=current_app.extensions["signer"].public_key,
                base=f"/{request.blueprint}")  # fmt: skip


def checkpoint(checkpoint_id: object) -> Response:
    """As it was signed: the file that `wujin verify --against` reads."""
    row = db.session.get(Checkpoint, str(checkpoint_id)) or abort(404)
    body = BytesIO(json.dumps(row.body, ensure_ascii=False).encode())
    return send_file(
        body, "application/json", as_attachment=True, download_name=f"wujin-{local(row.at, '%Y%m%d')}.json"
    )
