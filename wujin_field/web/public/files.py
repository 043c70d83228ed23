"""What browsers ask for at the root: the service worker, the manifest, static files, the offline page."""

import json

from flask import Response, current_app, render_template

from .. import assets
from ..pages import language, say
from . import public

# What an installing browser shows; made by tests/journeys/help_pictures.py, like those of the manual.
SCREENSHOTS = ("1-begin", "2-look", "3-photos")


@public.get("/static/<version>/<path:name>")
def static_file(version: str, name: str) -> Response:
    return assets.serve(version, name)


@public.get("/sw.js")
def service_worker() -> Response:
    """worker.js with the list of what it keeps written above it: one new byte anywhere makes a new worker."""
    kept = current_app.config["ASSETS"]
    if not current_app.config["SETTINGS"].worker:
        return _worker(kept["worker-off.js"].body.decode())
    head = f"const VERSION = {json.dumps(kept.version)};\nconst SHELL = {json.dumps(['/field/', '/offline', *kept.shell()])};\n"
    return _worker(head + kept["worker.js"].body.decode())


def _worker(script: str) -> Response:
    response = Response(script, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@public.get("/manifest.webmanifest")
def manifest() -> Response:
    """In the reader's language: the link that asks for it sends the cookie along (crossorigin)."""
    english, named = language() == "en", {"name": say("五进现场"), "short_name": say("五进现场")}
    kept = current_app.config["ASSETS"]
    icons = [
        ("icon-192.png", "192x192", "any"),
        ("icon-512.png", "512x512", "any"),
        ("icon-maskable-512.png", "512x512", "maskable"),
    ]
    body = {
        "id": "/field/", **named, "description": say("安全宣传“五进”：扫码走访，没有信号也能记"),
        "lang": "en" if english else "zh-CN", "start_url": "/field/", "scope": "/", "display": "standalone",
        "background_color": "#fbf9f5", "theme_color": "#fbf9f5",
        "icons": [
            {"src": f"{kept.base}/icons/{name}", "sizes": size, "type": "image/png", "purpose": purpose}
            for name, size, purpose in icons
        ],
        "screenshots": [
            {"src": f"{kept.base}/help/{'en' if english else 'zh'}-{step}.webp", "sizes": "320x560", "type": "image/webp",
             "form_factor": "narrow", "label": label}
            for step, label in zip(SCREENSHOTS, (say("今天"), say("看一看"), say("拍照片")), strict=True)
        ],
        "shortcuts": [{"name": say("扫码开始"), "url": "/field/scan"}, {"name": say("待交"), "url": "/field/outbox"}],
    }  # fmt: skip
    response = Response(json.dumps(body, ensure_ascii=False), mimetype="application/manifest+json")
    response.vary.add("Cookie")
    return response


@public.get("/favicon.ico")
def favicon() -> Response:
    return assets.respond(current_app.config["ASSETS"]["icons/favicon-32.png"], "public, max-age=86400")


@public.get("/offline")
def offline() -> Response:
    response = Response(render_template("public/offline.html"))
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
