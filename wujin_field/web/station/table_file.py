"""Files to keep: what kind a browser takes them for, their name; a table of a page as Excel or CSV, no cell of it a formula."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from flask import Response, abort, send_file

from ...db import local_day, utc_now
from ...reports.exports import csv_lines, xlsx_file

TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def table_file(form: str, name: str, zh: str, heads: list[str], rows: Iterable[Iterable[Any]]) -> Response:
    """form: csv or xlsx, or 404. name: for file systems without Chinese."""
    if form not in ("csv", "xlsx"):
        abort(404)
    today = local_day(utc_now()).isoformat()
    if form == "xlsx":
        answer = send_file(xlsx_file(zh[:20], today, heads, rows), mimetype=TYPES["xlsx"])
    else:
        answer = Response(csv_lines(heads, rows), content_type="text/csv; charset=utf-8")
    return named(answer, f"{name}-{today}.{form}", f"{zh}{today}.{form}")


def named(response: Response, plain: str, title: str) -> Response:
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(title)}"
    response.headers["Content-Disposition"] = disposition
    return response
