"""The start page of whoever is signed in; for a stranger, what this is and the way in."""

from flask import Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from ...config import LANGUAGES
from .. import guard
from ..pages import show
from . import public
from .points import stations_to_call

# How to install, per platform: what a browser says of itself there. The first that fits; the maker's own browsers say
# Chrome too, and whatever says nothing of a phone is a computer.
PLATFORMS = {
    "in_app": ("MicroMessenger", "DingTalk", "AlipayClient", "Weibo", " QQ/", "BytedanceWebview", "aweme"),
    "makers": (
        "HuaweiBrowser",
        "MiuiBrowser",
        "HeyTapBrowser",
        "VivoBrowser",
        "HonorBrowser",
        "MQQBrowser",
        "UCBrowser",
    ),
    "iphone": ("iPhone", "iPad"),
    "android": ("Android",),
    "computer": ("",),
}


@public.get("/")
def home() -> AnyResponse:
    who = guard.person()
    if who is None:
        return show("public/welcome.html", stations=stations_to_call())
    target = guard.home_of(who)
    return redirect(target) if target != "/" else show("public/nothing_yet.html", who=who)


@public.get("/help")
def manual() -> Response:
    """The manual: a part for each person, and what a web page cannot prove."""
    return show("public/help.html", install=_own_first(request.user_agent.string))


def _own_first(agent: str) -> list[str]:
    """The platforms of PLATFORMS, the reader's own one first: a guess, so the others follow."""
    own = next(name for name, marks in PLATFORMS.items() if any(mark in agent for mark in marks))
    rest = ("android", "makers", "iphone", "in_app", "computer")
    return [own, *(name for name in rest if name != own)]


@public.post("/language")
def choose_language() -> AnyResponse:
    chosen = request.form.get("lang", "")
    if chosen not in LANGUAGES:
        abort(400)
    response = redirect(_back())
    response.set_cookie("lang", chosen, max_age=31536000, samesite="Lax")
    return response


def _back() -> str:
    """Where the form stood: a path of ours, never an address (an open redirect is a phisher's gift)."""
    path = request.form.get("back", "/")
    ours = path.startswith("/") and path.isascii() and path.isprintable() and not path.startswith(("//", "/\\"))
    return path if ours and "\\" not in path else "/"
