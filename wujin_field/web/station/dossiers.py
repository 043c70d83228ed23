"""A demonstration site's dossier: its standard, demand by demand, beside what was seen there."""

from flask import Response, abort

from ...db import db, local_day, utc_now
from ...domain import load_pack
from ...figures.dossier import dossier
from ...models import RegisterEntry
from .. import guard
from ..pages import show
from . import station
from .register_entry import find
from .registers import lifecycle_of

SITE = "demonstration_site"


@station.get(f"/registers/{SITE}/<uuid:entry_id>/dossier")
@guard.also(*guard.UNIT_PAPERS)
def site_dossier(entry_id: object) -> Response:
    site: RegisterEntry = find(SITE, entry_id)
    if site.venue is None:
        abort(404)
    pack = load_pack()
    return show(
        "station/registers/dossier.html", site=site, kind=SITE, lifecycle=lifecycle_of(pack["register"][SITE]),
        dossier=dossier(db.session(), pack, site, local_day(utc_now())),
    )  # fmt: skip
