"""Files of a register entry: added, handed out as a download and nothing else, removed from sight."""

from typing import BinaryIO, cast
from urllib.parse import quote

from flask import Response, abort, current_app, redirect, request

from ...db import db, utc_now, writing
from ...models import Photo, RegisterFile
from ...sync import attachments
from ...sync.envelope import Refused
from .. import guard, limits
from ..pages import say
from . import station
from .register_entry import find, may_edit, page_of
from .registers import find_kind

FILES_MAX, FORM_OVERHEAD = 20, 64 * 1024


@station.post("/registers/<kind>/<uuid:entry_id>/files")
@guard.also(*guard.UNIT_PAPERS)
def add_file(kind: str, entry_id: object) -> Response:
    found = find(kind, entry_id)
    if not may_edit(find_kind(kind), found) or not find_kind(kind)["files"]:
        abort(403)
    request.max_content_length = attachments.BYTES_MAX + FORM_OVERHEAD
    wrong = _taken(found.id, len([file for file in found.files if not file.removed_at]))
    if wrong:
        return page_of(found, status=422, wrong_file=wrong)
    return redirect(f"/station/registers/{kind}/{entry_id}", 303)  # type: ignore[return-value]


@station.get("/registers/<kind>/<uuid:entry_id>/files/<uuid:file_id>")
@guard.also(*guard.UNIT_PAPERS)
def file(kind: str, entry_id: object, file_id: object) -> Response:
    """Always as a download: what somebody uploaded never runs on our address."""
    held = _file(kind, entry_id, file_id)
    media_type = db.session.get_one(Photo, held.sha256).media_type
    try:
        body = current_app.extensions["vault"].open(held.sha256)
    except FileNotFoundError:
        abort(404)
    with writing() as session:
        session.get_one(RegisterFile, held.id).downloads += 1
    response = Response(body, mimetype=media_type, direct_passthrough=True)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(held.name)}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@station.post("/registers/<kind>/<uuid:entry_id>/files/<uuid:file_id>/remove")
@guard.also(*guard.UNIT_PAPERS)
def remove_file(kind: str, entry_id: object, file_id: object) -> Response:
    """Out of sight, and back again by the same button: nothing is lost."""
    held = _file(kind, entry_id, file_id)
    if not may_edit(find_kind(kind), find(kind, entry_id)):
        abort(403)
    with writing() as session:
        row = session.get_one(RegisterFile, held.id)
        row.removed_at = None if row.removed_at else utc_now()
    return redirect(f"/station/registers/{kind}/{entry_id}", 303)  # type: ignore[return-value]


def _file(kind: str, entry_id: object, file_id: object) -> RegisterFile:
    files = {file.id: file for file in find(kind, entry_id).files}
    return files.get(str(file_id)) or abort(404)


def _taken(entry_id: str, there: int) -> str:
    """Keeps the file; a sentence when it cannot."""
    sent = request.files.get("file")
    if not sent or not sent.filename:
        return say("请先选一个文件。")
    if there >= FILES_MAX:
        return say("附件已经有 20 个，请先移除用不上的。")
    if limits.crowded(current_app.config["SETTINGS"]):
        raise Refused(507, "disk_full")
    try:
        kept = attachments.keep(current_app.extensions["vault"], cast(BinaryIO, sent.stream), sent.filename)
    except Refused as refused:
        too_large = refused.status == 413
        return say("文件太大，最多 20 MB。") if too_large else say("只收照片、PDF、Word、Excel、PPT、MP3 和 MP4 文件。")
    with writing() as session:
        attachments.know(session, *kept)
        session.flush()
        session.add(
            RegisterFile(
                entry_id=entry_id, sha256=kept[0], name=_name(sent.filename), added_by_id=guard.caller().person_id
            )
        )
    return ""


def _name(told: str) -> str:
    """The last part of whatever path a browser sends, without what could turn a line around."""
    last = told.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable())[-120:] or "file"
