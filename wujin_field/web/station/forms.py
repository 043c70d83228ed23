"""The superior's own forms: upload one, see what it would print and which names nobody knows, choose it for a kind."""

import re
from tempfile import TemporaryFile

from flask import Response, abort, redirect, request, send_file
from sqlalchemy import select, update
from werkzeug.wrappers import Response as AnyResponse

from ...db import db, local_day, utc_now, writing
from ...domain import load_pack
from ...models import Area, PaperForm, Unit
from ...periods import fitting
from ...reports import form_gate, superior
from ...reports.form_gate import BadForm
from ...reports.handing_in import current
from ...reports.kinds import KINDS, Ask, NothingToPrint
from ...reports.paper import Paper
from .. import guard
from ..pages import say, show
from . import station
from .papers import asked, form_for, settings
from .table_file import TYPES, named


@station.get("/forms")
@guard.only("station_clerk")
def forms() -> Response:
    return _page()


def _page(refused: str = "", unknown: list[str] | None = None, status: int = 200) -> Response:
    names = sorted(superior.fields_of(_sample("half_year_table")))
    rows = _mine().order_by(PaperForm.kind, PaperForm.uploaded_at.desc())
    return show("station/papers/forms.html", forms=db.session.scalars(rows).all(), kinds=KINDS, refused=refused,
                unknown=unknown or [], names=names, status=status)  # fmt: skip


def _mine():
    rows = select(PaperForm).join(Unit, PaperForm.unit_id == Unit.id).join(Area, Unit.area_id == Area.id)
    return rows.where(guard.within_scope(guard.person()))


def _sample(kind: str) -> Paper:
    """A paper of the clerk's own unit, to try a form with."""
    pack, unit = load_pack(), guard.person().unit
    period = fitting("", pack["report"][kind]["period"], local_day(utc_now()))
    try:
        return current(Ask(db.session(), pack, kind, unit, period), settings())
    except NothingToPrint:
        return Paper(kind, (pack.name("report", kind),), (), unit.zh, "2026-01-01")


@station.post("/forms")
@guard.only("station_clerk")
def upload_form() -> AnyResponse:
    """The dry run comes first: a form with a fault is not kept, and the sentence names it."""
    file, kind = request.files.get("file"), request.form.get("kind", "")
    if kind not in KINDS or file is None or not file.filename:
        return _page(say("请选一种材料和一个 .docx 或 .xlsx 文件。"), status=422)
    body = file.read(form_gate.BYTES_MAX + 1)
    try:
        suffix = form_gate.check(file.filename, body)
        unknown = form_gate.unknown_names(suffix, body, superior.fields_of(_sample(kind)))
    except BadForm as error:
        return _page(why(error), status=422)
    if unknown and "anyway" not in request.form:
        return _page(say("有%(n)s个名字程序不认识，没有保存。", n=len(unknown)), unknown, status=422)
    name = re.split(r"[/\\]", file.filename)[-1][-120:]
    with writing() as session:
        session.add(PaperForm(unit_id=guard.person().unit_id, kind=kind, name=name, suffix=suffix, body=body,
                              uploaded_by_id=guard.person().id))  # fmt: skip
    return redirect("/station/forms", 303)


def why(error: BadForm) -> str:
    return {
        "macro": say("文件里带宏或嵌入的程序，不收。请另存为不带宏的 .docx 或 .xlsx。"),
        "kind": say("只收 .docx 和 .xlsx。旧的 .doc、.xls 请先另存为新格式。"),
        "big": say("文件超过 3 MB。请把里面的大图去掉再传。"),
        "bomb": say("文件展开以后太大，不收。"),
        "cells": say("表里的格子太多，不收。请删去下面和右边用不到的行和列，再传。"),
        "broken": say("这个文件打不开，可能没有传完整，或者不是 Word、Excel 文件。"),
        "outside": say("文件引用了外面的内容（外部链接或外部数据），不收。请断开链接后再传。"),
        "syntax": say("花括号没有写对：%(what)s", what=error.what),
        "nested": say("循环里面不能再套循环。"),
        "not_allowed": say("模板里只能写名字、循环和条件，不能写计算或函数。"),
        "loop": say("循环“%(what)s”没有对应的数据；能循环的是：条目、行。", what=error.what),
    }[error.code]


@station.post("/forms/<uuid:form_id>/choice")
@guard.only("station_clerk")
def choose_form(form_id: object) -> AnyResponse:
    """From now on this kind is filled into this form; chosen once more, it no longer is."""
    form = _find(str(form_id))
    with writing() as session:
        wanted = not form.chosen
        same = (PaperForm.unit_id == form.unit_id, PaperForm.kind == form.kind)
        session.execute(update(PaperForm).where(*same).values(chosen=False))
        session.execute(update(PaperForm).where(PaperForm.id == str(form_id)).values(chosen=wanted))
    return redirect("/station/forms", 303)


@station.post("/forms/<uuid:form_id>/removal")
@guard.only("station_clerk")
def remove_form(form_id: object) -> AnyResponse:
    with writing() as session:
        session.delete(_find(str(form_id)))
    return redirect("/station/forms", 303)


@station.get("/forms/<uuid:form_id>/trial")
@guard.only("station_clerk")
def try_form(form_id: object) -> AnyResponse:
    """The form filled in with this period's figures of the clerk's own unit."""
    form = _find(str(form_id))
    return _filled(form, _sample(form.kind), f"form.{form.suffix}", form.name)


@station.get("/reports/<unit_code>/<period>/<kind>/own.<form>")
def filled_form(unit_code: str, period: str, kind: str, form: str) -> AnyResponse:
    """A paper in the form that was chosen for its kind."""
    ask = asked(unit_code, period, kind, request.args.get("about", ""))
    own = form_for(kind)
    if own is None or own.suffix != form:
        abort(404)
    try:
        paper = current(ask, settings())
    except NothingToPrint:
        abort(404)
    return _filled(own, paper, f"{kind}-{unit_code}-{period}.{form}", f"{ask.unit.zh}{period}{ask.layout['zh']}.{form}")


def _filled(form: PaperForm, paper: Paper, plain: str, title: str) -> AnyResponse:
    out = TemporaryFile()  # noqa: SIM115  # send_file closes it
    try:
        superior.fill(form.suffix, form.body, paper, out)
    except BadForm as error:  # kept before a rule was added, or grown too large with this period's lines
        then = say("请改好模板再传，或者先不用它。")
        return show("shared/problem.html", status=422, what=why(error), then=then, code="bad_form")
    out.seek(0)
    return named(send_file(out, mimetype=TYPES[form.suffix]), plain, title)


def _find(form_id: str) -> PaperForm:
    return db.session.scalar(_mine().where(PaperForm.id == form_id)) or abort(404)
