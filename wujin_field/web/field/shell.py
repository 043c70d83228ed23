"""The page that the phone keeps. The same bytes for everybody: whose it is, the phone's own store knows."""

from flask import Response, render_template, request

from . import field

# Fresh for a day: where a browser has no service worker (WeChat on iOS), this is what starts with no signal.
KEPT = "private, max-age=86400"


@field.get("/")
@field.get("/<path:screen>")
def shell(screen: str = "") -> Response:
    """Today, visit, finish, outbox: the screen is chosen on the phone."""
    response = Response(render_template("field/shell.html"))
    response.headers["Cache-Control"] = "no-cache" if request.headers.get("Sec-Fetch-Dest") == "empty" else KEPT
    return response
