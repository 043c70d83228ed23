"""手机备份: the zip that a phone exported, handed in at the desk."""

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, cast

from flask import Response, current_app, request
from sqlalchemy import select

from ...db import db, from_ms
from ...domain import load_pack
from ...models import Area, Venue
from ...sync.backup_file import BACKUP_BYTES_MAX, FILES_MAX
from ...sync.envelope import ActivityClaim, Refused, VisitClaim
from ...sync.intake import Sender
from ...sync.rescue import Line, Rescue
from .. import guard, limits, problems
from ..pages import say, show
from . import station

FORM_OVERHEAD = 64 * 1024


@dataclass(frozen=True)
class Row:
    """One line of the table: a record, or all photos that fared alike. why: a sentence, for what was set aside."""

    kind: str
    outcome: str
    why: str = ""
    at: object = None
    place: str = ""
    count: int = 1


@station.get("/rescue")
def rescue() -> Response:
    return show("station/rescue.html")


@station.post("/rescue")
def take_in() -> Response:
    request.max_content_length = BACKUP_BYTES_MAX + FORM_OVERHEAD
    who = Sender(guard.caller().id, guard.caller().person_id)
    with current_app.extensions["uploads"].one_more(who.device_id):
        if limits.crowded(current_app.config["SETTINGS"]):
            raise Refused(507, "disk_full")
        file = request.files.get("backup")
        if not file:
            return show("station/rescue.html", status=422, wrong=say("请先选一个手机备份文件。"))
        try:
            lines = list(islice(_rescue().take(cast(BinaryIO, file.stream), who), FILES_MAX))
        except Refused as refused:
            return show("station/rescue.html", status=refused.status, wrong=sentence(refused.code))
    return show("station/rescue.html", rows=rows(lines), sums=Counter(line.outcome for line in lines))


def sentence(code: str) -> str:
    """Why something was set aside, in words; what the intake says of a record, it says here too."""
    ours = {
        "no_backup": say("这不是手机导出的备份。请选“导出备份”得到的那个 zip 文件，不要解开再压缩。"),
        "backup_cut": say("这个文件不完整。请在手机上重新导出一次再传。"),
        "backup_too_large": say("这个文件太大，不像是手机导出的备份。"),
        "repacked": say("这个文件被重新压缩过，请用手机导出的原文件。"),
        "file_missing": say("备份里没有这个文件。"),
        "file_damaged": say("备份里的这个文件坏了，请在手机上重新导出。"),
        "file_too_large": say("备份里的这个文件太大。"),
        "unknown_phone": say("记它的手机不是在这里开通的。"),
        "revoked_phone": say("记它的手机已经停用。请本人重新开通后在手机上交。"),
        "unsigned": say("没有手机签名，不能证明是谁记的。请在原来的手机上交。"),
        "foreign_signature": say("签名和它说的那部手机对不上。"),
        "nobody_lists_it": say("没有收下的记录提到这张照片。"),
    }
    return ours.get(code) or say(problems.SENTENCES[code][0])


def rows(lines: list[Line]) -> list[Row]:
    """Records one by one, then photos summed up: nobody reads sixty digests."""
    venues = _venues([line.claim for line in lines])
    records = [_row(line, venues) for line in lines if line.kind != "photo"]
    alike = Counter((line.outcome, line.reason) for line in lines if line.kind == "photo")
    return records + [Row("photo", outcome, _why(reason), count=count) for (outcome, reason), count in alike.items()]


def _row(line: Line, venues: dict[str, str]) -> Row:
    claim, place = line.claim, ""
    if isinstance(claim, VisitClaim):
        place = venues.get(claim.venue or "", claim.place_text)
    return Row(line.kind, line.outcome, _why(line.reason), from_ms(claim.started_at) if claim else None, place)


def _why(reason: str) -> str:
    return sentence(reason) if reason else ""


def _venues(claims: list[VisitClaim | ActivityClaim | None]) -> dict[str, str]:
    """Names of the places that the clerk may see."""
    listed = {claim.venue for claim in claims if isinstance(claim, VisitClaim) and claim.venue}
    seen = select(Venue.id, Venue.zh).join(Area).where(Venue.id.in_(listed), guard.within_scope(guard.person()))
    return {found.id: found.zh for found in db.session.execute(seen)}


def _rescue() -> Rescue:
    held = current_app.extensions
    return Rescue(db.engine, held["intake"], held["vault"], load_pack())
