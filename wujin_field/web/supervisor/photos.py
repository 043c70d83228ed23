"""Pictures of one visit, for those who may see that visit: re-encoded copies, never the original."""

from flask import Response, abort, current_app, send_file
from sqlalchemy import select

from ...db import db
from ...evidence.pictures import SIZES, Unreadable
from ...models import Photo
from . import supervisor
from .visits import find


@supervisor.get("/visits/<uuid:visit_id>/photos/<sha256>/<size>.jpg")
def photo(visit_id: object, sha256: str, size: str) -> Response:
    subject = find(str(visit_id))
    known = sha256 in {photo.sha256 for photo in subject.photos}
    if size not in SIZES or not known or db.session.scalar(select(Photo.fault).where(Photo.sha256 == sha256)):
        abort(404)
    try:
        path = current_app.extensions["pictures"].copy(sha256, size)
    except (FileNotFoundError, Unreadable):
        abort(404)
    response = send_file(path, mimetype="image/jpeg", max_age=86400)
    response.headers["Cache-Control"] = "private, max-age=86400"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
