"""The static tree under one address that names its content: /static/<version>/…

Every file keeps its relative place, so ES modules import each other unchanged, and one new byte anywhere moves the
whole shell to a new address: a phone never runs half of one version and half of another.
"""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import brotli
from flask import Flask, Response, abort, current_app, request

from ..config import shipped

mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("text/javascript", ".js")
FOREVER = "public, max-age=31536000, immutable"
# What a phone must hold to work with no signal; everything else is fetched when a desk asks for it.
SHELL = ("js/", "css/", "icons/sprite.svg", "icons/mark.svg", "icons/icon-192.png", "vendor/qr-")
NOT_SHELL = (
    "js/desk/",
    "js/enrol.js",
    "css/desk.css",
    "css/print.css",
    "css/pages.css",
    "css/papers.css",
    "css/review.css",
)
LATER = ("-worker.js", "/rescue.js", "/qr.js", "/press.js", "/sharpness.js", "/canvas.js", "/bare.js", "/pixelate.js",
         "wujin-blur.js", "wujin-activity.js", "wujin-activity-form.js", "activity-asks.js", "wujin-again.js", "wujin-me.js",
         "wujin-finish.js", "/missing.js", "/hours.js", "wujin-rescue.js", "wujin-sent.js", "wujin-stopped.js", "/asked.js",
         "words/en.js", "qr-0.7.0.min.js")  # fmt: skip


@dataclass(frozen=True)
class Asset:
    body: bytes
    media_type: str

    @cached_property
    def packed(self) -> dict[str, bytes]:
        """The body by content coding, best first; compressed hard, once, when somebody first asks."""
        if not (self.media_type.startswith("text/") or self.media_type == "image/svg+xml"):
            return {}
        return {"br": brotli.compress(self.body), "gzip": gzip.compress(self.body, 9, mtime=0)}


class Assets:
    """Every static file, read once at start; about half a megabyte."""

    def __init__(self, root: Path):
        self._root = root
        self._read()

    def _read(self) -> None:
        files = sorted(path for path in self._root.rglob("*") if path.is_file() and not path.name.startswith("."))
        self._files = {path.relative_to(self._root).as_posix(): _asset(path) for path in files}
        digest = hashlib.sha256()
        for name, asset in self._files.items():
            digest.update(name.encode() + b"\0" + hashlib.sha256(asset.body).digest())
        self.version = digest.hexdigest()[:12]

    @property
    def base(self) -> str:
        return f"/static/{self.version}"

    def __getitem__(self, name: str) -> Asset:
        return self._files[name]

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def shell(self) -> list[str]:
        """The addresses a phone needs to start with no signal."""
        names = (name for name in self._files if name.startswith(SHELL) and not name.startswith(NOT_SHELL))
        return [f"{self.base}/{name}" for name in names]

    def modules(self) -> list[str]:
        """The scripts that a phone runs at once, so that it asks for all of them together and not one behind the other."""
        return [path for path in self.shell() if path.endswith(".js") and not path.endswith(LATER)]


def init(app: Flask) -> None:
    assets = Assets(shipped("static"))
    app.config["ASSETS"] = assets
    app.jinja_env.globals.update(asset=lambda name: f"{assets.base}/{name}", modules=assets.modules)


def serve(version: str, name: str) -> Response:
    """An old version's address gets today's file, unkept: better a newer script than none."""
    assets = current_app.config["ASSETS"]
    if name not in assets:
        abort(404)
    kept = FOREVER if version == assets.version else "no-cache"
    return respond(assets[name], kept)


def respond(asset: Asset, kept: str) -> Response:
    accepted = request.headers.get("Accept-Encoding", "")
    coding = next((coding for coding in asset.packed if coding in accepted), None)
    response = Response(asset.packed[coding] if coding else asset.body, mimetype=asset.media_type)
    response.headers["Cache-Control"] = kept
    response.vary.add("Accept-Encoding")
    if coding:
        response.headers["Content-Encoding"] = coding
    return response


def _asset(path: Path) -> Asset:
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    ours = media_type in ("text/javascript", "text/css") and "vendor" not in path.parts  # theirs carry a licence
    return Asset(without_comments(path.read_bytes()) if ours else path.read_bytes(), media_type)


COMMENT = re.compile(rb"^[ \t]*(?://[^\n]*|/\*(?:[^*]|\*(?!/))*\*/[ \t]*)$", re.MULTILINE)
# Behind code: no quotation mark follows on its line, so no string is open where it begins.
BESIDE = re.compile(rb"(?<=\S)[ \t]+//[^'\"`\n]*$", re.MULTILINE)
INDENT = re.compile(rb"^[ \t]+", re.MULTILINE)


def without_comments(source: bytes) -> bytes:
    """Comments are for us: an eighth of what a phone would load over 2G. Lines keep their numbers."""
    return INDENT.sub(b"", BESIDE.sub(b"", COMMENT.sub(lambda found: b"\n" * found[0].count(b"\n"), source)))
