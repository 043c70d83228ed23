"""What every request and every answer goes through: no other site speaks with our cookie, and browsers are told the rules."""

from string import printable
from urllib.parse import quote, urlsplit

from flask import Flask, Response, abort, current_app, request

SAFE = {"GET", "HEAD", "OPTIONS"}
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def init(app: Flask) -> None:
    app.before_request(_plain_query)
    app.before_request(_same_origin_only)
    app.after_request(_headers)


def _plain_query() -> None:
    """Raw bytes where only percent signs belong: Werkzeug breaks on what is no UTF-8, and every page of ours with it."""
    if not request.query_string.isascii():
        request.query_string = quote(request.query_string, safe=printable).encode()


def _same_origin_only() -> None:
    """Another site may not speak with our cookie: Fetch Metadata where the browser sends it, Origin otherwise."""
    if request.method in SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        foreign = site not in ("same-origin", "none")
    else:
        ours = {request.host, urlsplit(current_app.config["SETTINGS"].public_url).netloc}
        foreign = origin is not None and _host_of(origin) not in ours
    if foreign:
        abort(403)


def _host_of(origin: str) -> str | None:
    """None for what is no address at all, such as `http://[`."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.endpoint == "public.static_file" and response.status_code < 400:
        return response  # forty small files on a slow line: their headers would weigh a third
    response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(self), geolocation=(self), microphone=()"
    response.headers.setdefault("Cache-Control", "no-store")
    if current_app.config["SETTINGS"].public_url.startswith("https://"):
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
