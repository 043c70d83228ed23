"""/p/<code>: what the QR at the end of a printed report opens. It says that the report is ours, and nothing personal."""

from flask import Response
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ...db import db
from ...models import Report
from ...reports.paper import thawed
from ..pages import show
from . import public


@public.get("/p/<code>")
def paper_check(code: str) -> Response:
    rows = (
        select(Report).where(Report.code == code.upper(), Report.content.is_not(None)).options(joinedload(Report.unit))
    )
    report = db.session.scalar(rows)
    if report is None:
        return show("public/no_such_paper.html", status=404, code=code[:20])
    paper = thawed(report.content or {})
    same = Report.kind == report.kind, Report.unit_id == report.unit_id, Report.period == report.period
    newest = db.session.scalar(select(func.max(Report.version)).where(*same, Report.submitted_at.is_not(None)))
    return show("public/paper.html", report=report, paper=paper, counts=paper.counts(), newest=newest)
