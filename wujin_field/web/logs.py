"""One line of JSON on stderr for each request that went wrong or took long; the rest is silence.

A line names routes, not addresses, and a mark for the phone instead of a person: no names, tokens, queries, bodies or
words of an exception (they quote values) ever get here.
"""

import hashlib
import json
import logging
import sys
import time
import traceback

from flask import Flask, Response, g, request

from ..db import utc_now
from .limits import Body

SLOW_MS = 2000  # our own time; what the phone needed to send its body does not count


def init(app: Flask) -> None:
    app.logger.handlers[:] = [HANDLER]
    app.logger.setLevel(logging.WARNING)
    app.after_request(_note)


def route() -> str:
    """The rule that matched, such as /sync/visits/<uuid:subject>; '-' when none did."""
    return request.url_rule.rule if request.url_rule else "-"


def _note(response: Response) -> Response:
    if request.endpoint == "public.static_file" and response.status_code < 400:
        return response
    if response.status_code >= 400 or _own_ms() >= SLOW_MS:
        line, level = _line(response), logging.ERROR if response.status_code >= 500 else logging.WARNING
        logging.getLogger("wujin_field").log(level, "request", extra={"line": line})
    return response


def _line(response: Response) -> dict:
    line = {"method": request.method, "route": route(), "status": response.status_code, "code": g.get("refusal"),
            "ms": _ms(time.perf_counter() - g.get("began", time.perf_counter())), "out": response.content_length,
            "device": mark(g.caller.id) if "caller" in g else None}  # fmt: skip
    body = request.environ.get("wsgi.input")
    if isinstance(body, Body):
        line |= {"in": body.received, "waited_ms": _ms(body.waited)}
    return {key: value for key, value in (line | g.get("trouble", {})).items() if value is not None}


def _own_ms() -> int:
    """Since the request came, without the waiting for its body."""
    body = request.environ.get("wsgi.input")
    waited = body.waited if isinstance(body, Body) else 0
    return _ms(time.perf_counter() - g.get("began", time.perf_counter()) - waited)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def mark(device_id: str) -> str:
    """Eight characters that tell one phone's lines from another's, and nobody whose phone it is."""
    return hashlib.sha256(device_id.encode()).hexdigest()[:8]


class _Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(json.dumps(_told(record), ensure_ascii=False) + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            self.handleError(record)


def _told(record: logging.LogRecord) -> dict:
    # record.msg is the sentence as we wrote it, without the values that it was given.
    told = {"at": utc_now().isoformat(timespec="milliseconds"), "level": record.levelname.lower(), "what": record.msg}
    if record.exc_info and record.exc_info[1]:
        told |= place_of(record.exc_info[1])
    return told | getattr(record, "line", {})


def place_of(error: BaseException) -> dict:
    """What kind of error, and where in the code; its words are left out."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    where = [f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno} {frame.name}" for frame in frames]
    return {"fault": type(error).__name__, "where": where}


HANDLER = _Lines()
