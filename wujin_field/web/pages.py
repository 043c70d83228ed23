"""A page, or the fragment of it that htmx asked for; the language; compression; how long it took."""

import gzip
import time
from datetime import date, datetime
from typing import Any

from flask import Flask, Response, current_app, g, make_response, render_template, request
from markupsafe import Markup

from .. import ledger, words
from ..config import LANGUAGES, STATION_ZONE
from ..db import db, local_day, utc_now
from ..domain import load_pack
from . import guard
from .browsers import browser_name, inside_another_app

SHRINKS = ("text/", "application/json", "application/problem+json", "application/manifest+json", "image/svg")


def init(app: Flask) -> None:
    app.jinja_env.globals.update(_=say, language=language, name_of=name_of, icon=icon, faces_of=guard.faces_of)
    app.jinja_env.globals.update(caller=guard.caller, person=guard.person, serious_hazards=serious_hazards)
    app.jinja_env.filters.update(
        local=local, dated=dated, dialled=dialled, number=number, many=many, browser=browser_name
    )
    app.jinja_env.globals.update(inside_another_app=inside_another_app)
    app.before_request(_start_clock)
    app.after_request(_shrink)
    app.after_request(_server_timing)


def show(page: str, fragment: str | None = None, /, *, status: int = 200, **values: Any) -> Response:
    """Render `page`, or only the partial `fragment` when htmx asked: one partial, two roads."""
    partial = fragment if fragment and request.headers.get("HX-Request") else None
    response = make_response(render_template(partial or page, **values), status)
    response.vary.add("HX-Request")
    response.vary.add("Cookie")
    return response


def language() -> str:
    """The reader's: their choice (cookie), else the station's. Machines' Accept-Language is not asked."""
    chosen = request.cookies.get("lang")
    return chosen if chosen in LANGUAGES else current_app.config["SETTINGS"].lang


def say(text: str, /, **values: object) -> str:
    """A value may bear any name, `text` and `lang` too."""
    return words.say(text, language(), **values)


def name_of(table: str, code: str | None) -> str:
    """A domain code's name in the reader's language."""
    return load_pack().name(table, code, language())


def local(moment: datetime, form: str = "%m-%d %H:%M") -> str:
    """A UTC moment as the station's wall clock shows it."""
    return moment.astimezone(STATION_ZONE).strftime(form)


def dated(when: date) -> str:
    """A local day, or a UTC moment as day and local clock; with its year unless that is this one."""
    clock = f" {local(when, '%H:%M')}" if isinstance(when, datetime) else ""
    day = local_day(when) if isinstance(when, datetime) else when
    form = say("%m月%d日") if day.year == local_day(utc_now()).year else say("%Y年%m月%d日")
    return day.strftime(form) + clock


def serious_hazards() -> int:
    """How many serious ones stand in the reader's scope: the badge on every desk page."""
    return ledger.serious_standing(db.session(), guard.within_scope(guard.person()))


def dialled(phone: str) -> str:
    """What a phone dials; an extension (转8001) is asked for by whoever calls."""
    return "".join(char for char in phone.partition("转")[0] if char in "0123456789+")


def number(value: int) -> str:
    return f"{value:,}"


def many(count: int) -> str:
    """A count that goes no further than ledger.MANY."""
    return number(count) if count <= ledger.MANY else f"{ledger.MANY}+"


def icon(name: str) -> Markup:
    """One of our drawn icons; always beside a word, so it says nothing to a screen reader."""
    source = f"{current_app.config['ASSETS'].base}/icons/sprite.svg#i-{name}"
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>').format(source)


def _start_clock() -> None:
    g.began = time.perf_counter()


def _server_timing(response: Response) -> Response:
    if request.endpoint == "public.static_file":
        return response
    spent = (time.perf_counter() - g.get("began", time.perf_counter())) * 1000
    response.headers["Server-Timing"] = f"app;dur={spent:.1f}"
    return response


def _shrink(response: Response) -> Response:
    kind = response.mimetype or ""
    wanted = "gzip" in request.headers.get("Accept-Encoding", "") and kind.startswith(SHRINKS)
    if (
        wanted
        and not response.is_streamed
        and "Content-Encoding" not in response.headers
        and response.status_code == 200
    ):
        body = response.get_data()
        if len(body) > 500:
            response.set_data(gzip.compress(body, 6, mtime=0))
            response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
    return response
