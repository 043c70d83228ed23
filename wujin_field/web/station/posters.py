"""The A4 page for a door: a page that prints, and the same as PDF."""

from flask import Response, abort, current_app

from ...db import db
from ...models import Venue
from ...models.organisation import station_above
from ...reports.poster import RESIDENTS, VOLUNTEERS, Poster, address, qr_svg, write_pdf
from ..pages import show
from . import station
from .venues import find


@station.get("/venues/<uuid:venue_id>/poster")
def poster(venue_id: object) -> Response:
    venue = find(str(venue_id))
    sheet = _sheet(venue)
    qr = qr_svg(sheet.address)
    return show("station/poster.html", venue=venue, sheet=sheet, qr=qr, residents=RESIDENTS, volunteers=VOLUNTEERS)


@station.get("/venues/<uuid:venue_id>/poster.pdf")
def poster_pdf(venue_id: object) -> Response:
    sheet = _sheet(find(str(venue_id)))
    response = Response(write_pdf(sheet), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="poster-{sheet.code}.pdf"'
    return response


def _sheet(venue: Venue) -> Poster:
    if venue.code is None:
        abort(404)
    settings, above = current_app.config["SETTINGS"], station_above(db.session(), venue.area)
    return Poster(
        above.zh if above else settings.station,
        venue.zh,
        venue.area.zh,
        venue.code,
        address(settings.public_url, venue.code),
    )
