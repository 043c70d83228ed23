"""The same paper of every unit in one zip, one tap: written unit after unit, so that eleven need no more memory than one."""

from collections.abc import Callable, Sequence
from tempfile import TemporaryFile
from typing import BinaryIO
from zipfile import ZipFile

from flask import Response, abort, current_app, request, send_file
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from ...db import db
from ...domain import load_pack
from ...figures.tallies import up_to_date
from ...models import Unit
from ...periods import kind_of
from ...reports.ask import Ask
from ...reports.handing_in import current
from ...reports.kinds import KINDS, WRITERS, NothingToPrint, write
from ...reports.printing import printed
from ..pages import name_of, say
from . import station
from .jobs import Tell, start
from .papers import settings, units_for
from .report_files import file_title
from .table_file import named

NOBODY: Tell = lambda done, total: None  # noqa: E731


@station.post("/reports/<period>/<kind>/bundle")
def make_bundle(period: str, kind: str) -> AnyResponse:
    """As a job with its progress; it can be ended while it runs."""
    form = request.form.get("form", "docx")
    units = [unit.id for unit in _units(period, kind, form)]
    title = say("%(kind)s：%(n)s个单位的压缩包", kind=name_of("report", kind), n=len(units))
    return start("papers", title, _work(period, kind, form, units))


def _work(period: str, kind: str, form: str, units: Sequence[str]) -> Callable[[Tell], dict]:
    def work(tell: Tell) -> dict:
        out = TemporaryFile()  # noqa: SIM115  # whoever keeps it reads it to its end
        if not bundle(period, kind, form, units, out, tell):
            raise NothingToPrint("no unit has such a paper")
        out.seek(0)
        return {"file": (out, f"{period}{load_pack().name('report', kind)}.zip", "application/zip")}

    return work


@station.get("/reports/<period>/<kind>.zip")
def download_all(period: str, kind: str) -> Response:
    """The same at once, in administrative order, one file each."""
    form, out = request.args.get("form", "docx"), TemporaryFile()  # noqa: SIM115  # send_file closes it
    if not bundle(period, kind, form, [unit.id for unit in _units(period, kind, form)], out):
        abort(404)
    out.seek(0)
    title = f"{period}{load_pack().name('report', kind)}.zip"
    return named(send_file(out, mimetype="application/zip"), f"{kind}-{period}.zip", title)


def _units(period: str, kind: str, form: str) -> list[Unit]:
    try:
        fits = kind in KINDS and form in WRITERS and bool(kind_of(period))
    except ValueError:
        fits = False
    return units_for(kind) if fits else abort(404)


def bundle(period: str, kind: str, form: str, units: Sequence[str], out: BinaryIO, tell: Tell = NOBODY) -> int:
    """How many papers were written; a unit that has none for this period is passed over."""
    pack, written, picture = load_pack(), 0, printed(current_app.extensions["pictures"])
    up_to_date(pack)
    with ZipFile(out, "w") as papers:  # a .docx is a zip already: nothing is gained by packing it twice
        for number, unit_id in enumerate(units):
            tell(number, len(units))
            unit = db.session.get_one(Unit, unit_id, options=[joinedload(Unit.area)])
            ask = Ask(db.session(), pack, kind, unit, period)
            try:
                paper = current(ask, settings())
            except NothingToPrint:
                continue
            with papers.open(file_title(ask, form), "w", force_zip64=True) as entry:
                write(paper, form, picture, entry)  # type: ignore[arg-type]
            written += 1
    return written
