"""五进现场 · Wujin Field: from a poster on a door to the paper on the 28th, with or without signal."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from .config import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """The app, ready to serve; `wujin upgrade` has made the tables. Raises ConfigError, PackError.

    It is loaded when it is made: whoever only looks at photos lives without it.
    """
    from flask import Flask

    from .config import read_settings, shipped
    from .db import init_db
    from .web import init_web

    settings = settings or read_settings()
    app = Flask(__name__, static_folder=None, template_folder=str(shipped("templates")))
    app.config.update(SETTINGS=settings, SECRET_KEY=settings.secret_key, MAX_CONTENT_LENGTH=1024 * 1024)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # an operator reads /healthz with curl
    init_db(app, settings)
    init_river(app, settings)
    init_web(app)
    return app


def init_river(app: "Flask", settings: "Settings") -> None:
    """The one way in for field data, hung where every face finds it."""
    from .db import db
    from .domain import load_pack
    from .evidence.pictures import Pictures
    from .models.amendments import LivingPack
    from .sync.intake import Intake
    from .sync.receipt import Signer
    from .sync.vault import vault_for
    from .sync.writer import Writer

    with app.app_context():
        writer = Writer(db.engine)
        app.extensions["living_pack"] = LivingPack(db.engine)
    signer, vault = Signer(settings.data_dir / "signing-key.pem"), vault_for(settings)
    app.extensions.update(
        signer=signer, vault=vault, intake=Intake(writer, signer, load_pack),
        pictures=Pictures(vault, settings.data_dir / "copies"),
    )  # fmt: skip
