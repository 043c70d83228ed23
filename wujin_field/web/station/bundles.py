"""The same paper of every unit in one zip, one tap: written unit after unit, so that eleven need no more memory than one."""

from tempfile import TemporaryFile
from typing import BinaryIO
from zipfile import ZipFile

from flask import Response, abort, current_app, request, send_file

from ...reports.handing_in import current
from ...reports.kinds import KINDS, WRITERS, NothingToPrint, write
from ...reports.printing import printed
from . import station
from .papers import asked, settings, units_for
from .report import file_title, named


@station.get("/reports/<period>/<kind>.zip")
def download_all(period: str, kind: str) -> Response:
    """In administrative order, one file each."""
    form = request.args.get("form", "docx")
    if kind not in KINDS or form not in WRITERS:
        abort(404)
    out = TemporaryFile()  # noqa: SIM115  # send_file closes it
    if not bundle(period, kind, form, out):
        abort(404)
    out.seek(0)
    response = send_file(out, mimetype="application/zip")
    return named(response, f"{kind}-{period}.zip", f"{period}{kind}.zip")


def bundle(period: str, kind: str, form: str, out: BinaryIO) -> int:
    """How many papers were written; a unit that has none for this period is passed over."""
    written, picture = 0, printed(current_app.extensions["pictures"])
    with ZipFile(out, "w") as papers:  # a .docx is a zip already: nothing is gained by packing it twice
        for unit in units_for(kind):
            ask = asked(unit.code, period, kind)
            try:
                paper = current(ask, settings())
            except NothingToPrint:
                continue
            with papers.open(file_title(ask, form), "w", force_zip64=True) as entry:
                write(paper, form, picture, entry)  # type: ignore[arg-type]
            written += 1
    return written
