"""The three cookies of a browser that somebody signed in with: its device, whose it is, and who has signed in here before."""

import secrets
from contextlib import suppress
from datetime import timedelta

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

COOKIE = "wujin_device"
KNOWN = "wujin_known"  # who has signed in here before: their own tries, which no stranger can use up
WHO = "wujin_who"  # the person's id, readable: the phone's page must know whose cookie it sends, with no signal too
KNOWN_MAX = 8


def sign_in(response: Response, token: str, person_id: str) -> Response:
    """Bind this browser: the cookie is the device's secret, the database keeps its hash."""
    days = timedelta(days=400)  # the server's own rule (90 days since last contact) decides; browsers cap at 400
    # Asked of the settings, not of the request: behind a proxy that ends HTTPS every request looks like plain http.
    secure = current_app.config["SETTINGS"].public_url.startswith("https://")
    response.set_cookie(COOKIE, token, max_age=days, httponly=True, samesite="Lax", secure=secure)
    response.set_cookie(WHO, person_id, max_age=days, samesite="Lax", secure=secure)
    browser = known_here()
    browser["people"] = [*(one for one in browser["people"] if one != person_id), person_id][-KNOWN_MAX:]
    response.set_cookie(KNOWN, _seal().dumps(browser), max_age=days, httponly=True, samesite="Lax", secure=secure)
    return response


def known_here() -> dict:
    """{id, people}: a name of this browser, and the ids of those who have signed in here, as we sealed it."""
    with suppress(BadSignature):
        found = _seal().loads(request.cookies.get(KNOWN, ""))
        return {"id": str(found["id"]), "people": [str(one) for one in found["people"]]}
    return {"id": secrets.token_hex(8), "people": []}


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SETTINGS"].secret_key, "known browser")
