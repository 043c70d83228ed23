"""One report: a live preview beside the clerk's words; handed in, returned, received; numbers stay the records'."""

from datetime import date
from urllib.parse import quote

from flask import Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from ...db import writing
from ...models import Report
from ...models.reports import newest_report
from ...periods import in_words
from ...reports import handing_in
from ...reports.ask import Ask
from ...reports.handing_in import Refused, due_of, is_late, shown, words_of
from ...reports.kinds import WRITERS, NothingToPrint
from ...reports.kinds.entries import entries_of
from ...reports.kinds.sentences import sentences, with_our_counts
from .. import guard
from ..pages import say, show
from . import station
from .papers import asked, form_for, may_receive, may_write, settings
from .report_words import read_words
from .reports import gaps_in, next_to_do

ADDRESS = "/reports/<unit_code>/<period>/<kind>"


@station.get(ADDRESS)
def report(unit_code: str, period: str, kind: str) -> Response:
    ask = asked(unit_code, period, kind, request.args.get("about", ""))
    return page(ask)


def page(
    ask: Ask, refused: str = "", status: int = 200, fragment: str | None = None, seen: int | None = None
) -> Response:
    """The whole page, or its preview alone; `refused`: why the last act was not done; `seen`: the edit that it stays at."""
    row = newest_report(ask.session, ask.kind, ask.unit.id, ask.period, ask.about)
    seen = (row.edits if row else 0) if seen is None else seen
    paper, nothing = None, ""
    try:
        paper = shown(ask, row, settings())
    except NothingToPrint as error:
        nothing = str(error)
    open_now = row is None or row.state == "begun"
    words = words_of(row)
    return show(
        "station/papers/report.html", fragment, status=status, ask=ask, report=row, paper=paper, nothing=nothing,
        words=words, seen=seen, refused=refused, alone=bool(fragment), overtaken=status == 409,
        open_now=open_now and may_write(), may_write=may_write(), may_receive=may_receive(),
        entries=entries_of(ask, words) if open_now and paper else [], sentences=sentences(paper) if open_now and paper else [],
        gaps=gaps_in(paper, ask) if paper else [], due=due_of(ask.pack, ask.kind, ask.period), title=in_words(ask.period),
        late=bool(row and is_late(ask.session, ask.pack, row)), here=here(ask), forms=list(WRITERS), today=ask.today,
        onward=next_to_do(ask) if may_write() else None, own=form_for(ask.kind),
        since=handing_in.changed_since(ask, row) if row and row.content and paper else [],
    )  # fmt: skip


def why(refused: Refused) -> str:
    """What stands in the way, and what to do."""
    return {
        "overtaken": say("%(name)s刚刚改过这份报告，请先看一看再改。", name=refused.name),
        "handed_in": say("%(name)s已经报送了这一版，没有再报一次。", name=refused.name),
        "undecided": say("请先定下这份报告是否公开发布，再报送。"),
        "not_handed_in": say("这份报告现在不在“已报”状态，不能退回。"),
        "no_reason": say("请写明退回的原因，对方才知道改哪里。"),
        "too_early": say("报送以后才能登记收到。"),
        "no_day": say("请至少填一个收到的日期。"),
    }[refused.code]


def here(ask: Ask) -> str:
    return f"/station/reports/{ask.unit.code}/{ask.period}/{ask.kind}"


@station.post(ADDRESS + "/words")
def write_words(unit_code: str, period: str, kind: str) -> AnyResponse:
    """Every change in the form comes here; htmx takes the preview back, a browser without script the page."""
    ask = _writing(unit_code, period, kind)
    seen = request.form.get("seen", 0, type=int)
    beside = "station/papers/_beside.html" if request.headers.get("HX-Request") else None
    try:
        with writing():
            foreign = _keep(ask, handing_in.open_one(ask, guard.person()), seen)
    except Refused as error:
        return page(ask, why(error), 409, beside, seen if beside else None)
    if foreign:
        return page(ask, _not_ours(foreign), 422, beside)
    return page(ask, fragment=beside) if beside else _back(ask)


def _keep(ask: Ask, row: Report, seen: int) -> list[str]:
    """The words of the form; → counts in them that are not the records', whose sentences stay as they were."""
    words, foreign = with_our_counts(ask, words_of(row), read_words(ask, words_of(row)))
    handing_in.save(ask, row, guard.person(), words, seen)
    return foreign


def _not_ours(counts: list[str]) -> str:
    return say("“%(counts)s”不是记录填进来的数，这一句没有改。记录错了，请更正那次走访。", counts="、".join(counts))


@station.post(ADDRESS + "/submission")
def submit_report(unit_code: str, period: str, kind: str) -> AnyResponse:
    ask = _writing(unit_code, period, kind)
    try:
        with writing():
            row = newest_report(ask.session, ask.kind, ask.unit.id, ask.period, ask.about)
            row = row or handing_in.draft(ask, guard.person())
            foreign = _last_words(ask, row)
            if not foreign:
                handing_in.hand_in(ask, row, guard.person())
    except Refused as error:
        return page(ask, why(error), 409)
    except NothingToPrint as error:
        return page(ask, str(error), 409)
    return page(ask, _not_ours(foreign), 422) if foreign else _back(ask)


def _last_words(ask: Ask, row: Report) -> list[str]:
    """The press brings the form along: what was typed in the last second is not kept yet, or just now, behind its back."""
    seen = request.form.get("seen", type=int)
    if seen is None or row.state != "begun":
        return []
    return _keep(ask, row, row.edits if row.edited_by_id == guard.person().id else seen)


@station.post(ADDRESS + "/version")
def next_report_version(unit_code: str, period: str, kind: str) -> AnyResponse:
    """A correction is the next version; the one that was handed in stays as it is."""
    ask = _writing(unit_code, period, kind)
    with writing():
        handing_in.draft(ask, guard.person())
    return _back(ask)


@station.post(ADDRESS + "/return")
def return_report(unit_code: str, period: str, kind: str) -> AnyResponse:
    return _receiving(unit_code, period, kind, lambda ask, row, who: handing_in.send_back(
        ask.session, row, who, request.form.get("reason", "")))  # fmt: skip


@station.post(ADDRESS + "/receipt")
def receive_report(unit_code: str, period: str, kind: str) -> AnyResponse:
    return _receiving(unit_code, period, kind, lambda ask, row, who: handing_in.receive(
        ask, row, who, _day("paper_at"), _day("electronic_at")))  # fmt: skip


def _receiving(unit_code: str, period: str, kind: str, act) -> AnyResponse:
    if not may_receive():
        abort(403)
    ask = asked(unit_code, period, kind, request.args.get("about", ""))
    try:
        with writing():
            row = newest_report(ask.session, ask.kind, ask.unit.id, ask.period, ask.about)
            if row is None:
                abort(404)
            act(ask, row, guard.person())
    except Refused as error:
        return page(ask, why(error), 409)
    return _back(ask)


def _day(name: str) -> date | None:
    """A day that a browser's date field sent; none for anything else."""
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None


def _writing(unit_code: str, period: str, kind: str) -> Ask:
    if not may_write():
        abort(403)
    return asked(unit_code, period, kind, request.args.get("about", ""))


def _back(ask: Ask) -> AnyResponse:
    return redirect(here(ask) + (f"?about={quote(ask.about)}" if ask.about else ""), 303)
