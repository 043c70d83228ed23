"""A report as a file to keep, any version of it; and the small pictures beside its words."""

from io import BytesIO
from tempfile import TemporaryFile

from flask import Response, abort, current_app, request, send_file
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from ...db import db
from ...evidence.pictures import Unreadable
from ...models import Area, Report, Visit, VisitPhoto
from ...models.reports import newest_report
from ...reports.ask import Ask
from ...reports.handing_in import shown
from ...reports.kinds import WRITERS, NothingToPrint, write
from ...reports.printing import printed
from . import station
from .papers import asked, settings
from .report import ADDRESS
from .table_file import TYPES, named


@station.get(ADDRESS + ".<form>")
def download(unit_code: str, period: str, kind: str, form: str) -> AnyResponse:
    """The newest version, or the one that `version` names."""
    if form not in WRITERS:
        abort(404)
    ask = asked(unit_code, period, kind, request.args.get("about", ""))
    try:
        paper = shown(ask, _version(ask), settings())
    except NothingToPrint:
        abort(404)
    out = TemporaryFile()  # noqa: SIM115  # send_file closes it
    write(paper, form, printed(current_app.extensions["pictures"]), out)
    out.seek(0)
    response = send_file(out, mimetype=TYPES[form])
    return named(response, f"{kind}-{unit_code}-{period}.{form}", file_title(ask, form))


def _version(ask: Ask) -> Report | None:
    wanted = request.args.get("version", type=int)
    if wanted is None:
        return newest_report(ask.session, ask.kind, ask.unit.id, ask.period, ask.about)
    rows = select(Report).where(Report.kind == ask.kind, Report.unit_id == ask.unit.id, Report.period == ask.period)
    return ask.session.scalar(rows.where(Report.about == ask.about, Report.version == wanted)) or abort(404)


def file_title(ask: Ask, form: str) -> str:
    return f"{ask.unit.zh}{ask.period}{ask.layout['zh']}.{form}"


@station.get(ADDRESS + "/photos/<sha256>.jpg")
def report_photo(unit_code: str, period: str, kind: str, sha256: str) -> Response:
    """A small copy, of a picture of this unit's own visits alone."""
    ask = asked(unit_code, period, kind)
    rows = select(VisitPhoto.sha256).join(Visit).join(Area).where(VisitPhoto.sha256 == sha256)
    if not db.session.scalar(rows.where(Area.path.startswith(ask.path, autoescape=True)).limit(1)):
        abort(404)
    try:
        body = current_app.extensions["pictures"].copy(sha256, "thumb").read_bytes()
    except (FileNotFoundError, Unreadable):
        abort(404)
    response = send_file(BytesIO(body), mimetype="image/jpeg")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
