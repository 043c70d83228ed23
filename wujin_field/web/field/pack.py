"""GET /sync/pack: what a phone needs to work a day with no signal."""

import hashlib
import json

from flask import Response, current_app, request
from sqlalchemy import select

from ...config import STATION_ZONE
from ...db import db, local_day, to_ms, utc_now
from ...domain import load_pack
from ...figures.service import own
from ...figures.week import this_week
from ...models import Instance
from ...sync.pack import contents
from .. import guard
from . import sync


@sync.get("/pack")
def pack() -> Response:
    """ETag over everything but the beacon, which is new each time."""
    unsent = request.headers.get("Wujin-Unsent", "")
    device = guard.device()
    guard.touch(device, int(unsent) if unsent.isascii() and unsent.isdigit() and len(unsent) < 6 else None)
    signer, today = current_app.extensions["signer"], local_day(utc_now())
    instance = db.session.scalars(select(Instance.id)).one()
    body = contents(db.session(), load_pack(), device, instance, signer.public_key, today)
    week = this_week(db.session(), load_pack(), device.person.unit, today)
    body["week"] = {"done": week.done, "wanted": week.wanted}
    body["hours"] = own(db.session(), device.person, today)
    body["shell"] = current_app.config["ASSETS"].version
    body["zone"] = STATION_ZONE.key
    response = Response(mimetype="application/json")
    response.set_etag(hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:24])
    body["beacon"] = signer.signed({"kind": "beacon", "at": to_ms(utc_now()), "instance": instance})
    response.set_data(json.dumps(body, ensure_ascii=False, separators=(",", ":")))
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response
