"""PEOPLE. Thin: find, ask the model, answer. One folder per face; the faces never import each other."""

from flask import Flask
from flask.sessions import NullSession, SessionInterface

from . import assets, desks, guard, limits, logs, metrics, pages, problems
from .account import account
from .api import api
from .county import county
from .field import field, sync
from .public import public
from .station import station
from .supervisor import supervisor


class NoSessions(SessionInterface):
    """Who somebody is stands in the device's cookie; Flask's own is never read, signed or sent."""

    def open_session(self, _app: Flask, _request: object) -> NullSession:
        return NullSession()


def init_web(app: Flask) -> None:
    app.session_interface = NoSessions()
    app.ensure_sync = lambda func: func  # type: ignore[method-assign]  # none is a coroutine; Flask asks 13 times a request
    assets.init(app)
    limits.init(app)
    logs.init(app)
    metrics.init(app)
    guard.init(app)
    desks.init(app)
    pages.init(app)
    problems.init(app)
    for face in (public, account, field, sync, supervisor, station, county, api):
        app.register_blueprint(face)
