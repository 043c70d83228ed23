"""Anyone: what this is, the way in, the page behind a scanned code, and the files a browser needs, the operator's doors."""

from flask import Blueprint

public = Blueprint("public", __name__)

from . import code, enrol, feed, files, hazards, health, home, join, paper, points, sign_in  # noqa: E402, F401  # routes hang themselves on the face above
